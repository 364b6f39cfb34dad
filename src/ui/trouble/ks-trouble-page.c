/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/trouble/ks-trouble-page.h"

#include "store/ks-store-error.h"
#include "ui/ks-ask.h"
#include "ui/ks-error-text.h"

#include <glib/gi18n.h>

struct _KsTroublePage
{
  AdwBin parent;

  GtkImage *icon;
  GtkLabel *heading;
  GtkLabel *message;
  GtkButton *retry_button;
  GtkLabel *retry_label;
  GtkButton *without_button;
  GtkButton *start_over_button;

  gboolean key_missing; /* the data is whole, as far as anybody knows */
};

G_DEFINE_FINAL_TYPE (KsTroublePage, ks_trouble_page, ADW_TYPE_BIN)

static guint open_signal;

static void
show (KsTroublePage *self, const char *icon, const char *heading, const char *message, const char *retry)
{
  gtk_image_set_from_icon_name (self->icon, icon);
  gtk_label_set_label (self->heading, heading);
  gtk_label_set_label (self->message, message);
  gtk_label_set_label (self->retry_label, retry);
}

/* Whether it can be left out for once. */
static gboolean
is_of_keyring (KsProfileState state)
{
  return state == KS_PROFILE_KEYRING_LOCKED || state == KS_PROFILE_KEYRING_ABSENT
         || state == KS_PROFILE_KEYRING_DENIED || state == KS_PROFILE_KEYRING_NO_ANSWER;
}

/* Only where trying again may never help, and where starting over would: a file that is
 * no key stays one, and a full disk stays full. */
static gboolean
can_start_over (KsProfileState state, const GError *error)
{
  if (state == KS_PROFILE_KEY_FILE_FAILED)
    return g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED)
           || g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY);
  if (state == KS_PROFILE_FAILED)
    return g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED)
           || g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_NEWER);
  return state == KS_PROFILE_KEY_LOST;
}

void
ks_trouble_page_set_profile (KsTroublePage *self, KsProfile *profile)
{
  KsProfileState state = ks_profile_get_state (profile);
  const GError *error = ks_profile_get_error (profile);
  g_autofree char *text = NULL;

  switch (state)
    {
    case KS_PROFILE_KEYRING_LOCKED:
      show (self, "changes-prevent-symbolic", _ ("Keyring Is Locked"),
            _ ("Keepsake keeps your sign-in and your keys in the desktop keyring. Unlock it to go on; its "
               "own "
               "window asks for the password."),
            _ ("_Unlock"));
      break;
    case KS_PROFILE_KEYRING_DENIED:
      show (self, "changes-prevent-symbolic", _ ("Keyring Stayed Locked"),
            _ ("The desktop keyring was not unlocked, so Keepsake can't reach your sign-in and your keys. "
               "They "
               "are still there."),
            _ ("_Try Again"));
      break;
    case KS_PROFILE_KEYRING_ABSENT:
      show (self, "dialog-password-symbolic", _ ("No Desktop Keyring"),
            _ ("Keepsake keeps your sign-in and your keys in the desktop keyring, and none is running."),
            _ ("_Try Again"));
      break;
    case KS_PROFILE_KEYRING_NO_ANSWER:
      show (self, "dialog-password-symbolic", _ ("Keyring Doesn't Answer"),
            _ ("Keepsake keeps your sign-in and your keys in the desktop keyring. It is there, but it "
               "doesn't "
               "answer."),
            _ ("_Try Again"));
      break;
    case KS_PROFILE_KEY_LOST:
      show (self, "dialog-password-symbolic", _ ("The Key to Keepsake's Data Is Missing"),
            _ ("The desktop keyring doesn't hold it any more. If you moved to another keyring, bring the old "
               "one "
               "back and try again. If it is gone, start over: sign in again, and restore from your backup."),
            _ ("_Try Again"));
      break;
    case KS_PROFILE_KEY_FILE_FAILED:
      text = ks_error_text_key_file (error, ks_profile_get_store_key_file (profile));
      show (self, "dialog-password-symbolic", _ ("The Key File Can't Be Used"), text, _ ("_Try Again"));
      break;
    case KS_PROFILE_FAILED:
      text = ks_error_text (error);
      show (self, "drive-harddisk-symbolic", _ ("Keepsake Can't Open Its Data"), text, _ ("_Try Again"));
      break;
    case KS_PROFILE_CLOSED:
    case KS_PROFILE_READY:
    default:
      return;
    }
  self->key_missing = state != KS_PROFILE_FAILED;
  gtk_widget_set_visible (GTK_WIDGET (self->without_button), is_of_keyring (state));
  gtk_widget_set_visible (GTK_WIDGET (self->start_over_button), can_start_over (state, error));
}

static void
on_retry_clicked (GtkButton *button, KsTroublePage *self)
{
  g_signal_emit (self, open_signal, 0, (guint) KS_PROFILE_OPEN_INTERACTIVE);
}

static void
on_without_clicked (GtkButton *button, KsTroublePage *self)
{
  g_signal_emit (self, open_signal, 0, (guint) KS_PROFILE_OPEN_IN_MEMORY);
}

static void
on_start_over_answered (GObject *window, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsTroublePage) self = data;

  if (ks_ask_finish (result))
    g_signal_emit (self, open_signal, 0,
                   (guint) (KS_PROFILE_OPEN_INTERACTIVE | KS_PROFILE_OPEN_START_AFRESH));
}

static void
on_start_over_clicked (GtkButton *button, KsTroublePage *self)
{
  const char *lost =
      _ ("Keepsake's data on this computer is set aside, not deleted. You sign in again as a new "
         "session. Room keys that are only in that data stay out of reach without its key; your backup "
         "on the homeserver is not affected.");

  if (!self->key_missing)
    lost = _ ("Keepsake's data on this computer is set aside, not deleted. You sign in again as a new "
              "session. You can then import the room keys that can still be read from it. Your backup on "
              "the homeserver is not affected.");
  ks_ask_async (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), _ ("Start Over?"), lost,
                _ ("_Start Over"), TRUE, on_start_over_answered, g_object_ref (self));
}

static gboolean
ks_trouble_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (KS_TROUBLE_PAGE (widget)->retry_button));
}

static void
ks_trouble_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_TROUBLE_PAGE);
  G_OBJECT_CLASS (ks_trouble_page_parent_class)->dispose (object);
}

static void
ks_trouble_page_class_init (KsTroublePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_trouble_page_dispose;
  widget_class->grab_focus = ks_trouble_page_grab_focus;

  open_signal = g_signal_new ("open", KS_TYPE_TROUBLE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 1, G_TYPE_UINT);

  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/trouble/ks-trouble-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsTroublePage, icon);
  gtk_widget_class_bind_template_child (widget_class, KsTroublePage, heading);
  gtk_widget_class_bind_template_child (widget_class, KsTroublePage, message);
  gtk_widget_class_bind_template_child (widget_class, KsTroublePage, retry_button);
  gtk_widget_class_bind_template_child (widget_class, KsTroublePage, retry_label);
  gtk_widget_class_bind_template_child (widget_class, KsTroublePage, without_button);
  gtk_widget_class_bind_template_child (widget_class, KsTroublePage, start_over_button);
  gtk_widget_class_bind_template_callback (widget_class, on_retry_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_without_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_start_over_clicked);
}

static void
ks_trouble_page_init (KsTroublePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
