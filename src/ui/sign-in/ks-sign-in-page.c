/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/sign-in/ks-sign-in-page.h"

#include "engine/account/ks-sign-in.h"
#include "matrix/ks-matrix-error.h"
#include "ui/ks-error-text.h"
#include "ui/sign-in/ks-homeserver-chooser.h"

#include <glib/gi18n.h>
#include <string.h>

struct _KsSignInPage
{
  AdwBin parent;

  GtkListBox *entries;
  AdwEntryRow *user_entry;
  AdwEntryRow *name_entry;
  AdwPasswordEntryRow *password_entry;
  KsHomeserverChooser *chooser;
  GtkLabel *note;
  GtkBox *error_box;
  GtkLabel *error_label;
  GtkLabel *wait_label;
  GtkButton *sign_in_button;
  GtkSpinner *sign_in_spinner;

  KsProfile *profile;        /* owned */
  GCancellable *signing_in;  /* owned; NULL unless signing in */
  char *failure;             /* owned; why the last try failed, as a sentence; else NULL */
  gboolean offer_when_found; /* Enter was pressed while the homeserver was looked for */
  guint countdown_timeout;
  gint64 wait_until; /* monotonic time before which the server wants no further try; 0: none */
};

G_DEFINE_FINAL_TYPE (KsSignInPage, ks_sign_in_page, ADW_TYPE_BIN)

static const char *
text_of (gpointer entry)
{
  return gtk_editable_get_text (GTK_EDITABLE (entry));
}

/* A homeserver was typed where a user ID could stand: who is it, then? */
static gboolean
needs_name (KsSignInPage *self, const KsHomeserver *homeserver)
{
  return homeserver != NULL && homeserver->user_id == NULL && text_of (self->user_entry)[0] != '@';
}

static const char *
note_text (KsSignInPage *self, const KsHomeserver *homeserver)
{
  if (homeserver == NULL)
    return _ ("Your password is sent to no one until the homeserver is found.");
  if (!homeserver->password)
    return _ ("This homeserver doesn't let you sign in with a password.");
  if (ks_homeserver_chooser_is_own_address (self->chooser))
    return _ ("Your password is sent only there.");
  if (homeserver->user_id != NULL)
    return _ ("Found from your user ID. Your password is sent only there.");
  return _ ("Found from the server's name. Your password is sent only there.");
}

/* What the page shows follows from its fields; called after each change of them. */
static void
update (KsSignInPage *self)
{
  const KsHomeserver *homeserver = ks_homeserver_chooser_get_homeserver (self->chooser);
  const char *problem =
      self->failure != NULL ? self->failure : ks_homeserver_chooser_get_problem (self->chooser);
  gboolean busy = self->signing_in != NULL;
  gboolean need_name = needs_name (self, homeserver);
  gboolean ready = homeserver != NULL && homeserver->password && text_of (self->password_entry)[0] != '\0'
                   && (!need_name || text_of (self->name_entry)[0] != '\0');

  gtk_widget_set_visible (GTK_WIDGET (self->name_entry), need_name);
  gtk_label_set_label (self->note, note_text (self, homeserver));
  gtk_label_set_label (self->error_label, problem != NULL ? problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->error_box), problem != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->wait_label), self->wait_until != 0);
  gtk_widget_set_visible (GTK_WIDGET (self->sign_in_spinner), busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->entries), !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->chooser), !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->sign_in_button), ready && !busy && self->wait_until == 0);
}

static void
set_failure (KsSignInPage *self, char *failure)
{
  g_free (self->failure);
  self->failure = failure;
  update (self);
}

/* Waiting as long as the server asks for. The alert is said at the beginning and at the
 * end; the seconds between, which change all the time, stand beside it. */

static void
stop_countdown (KsSignInPage *self)
{
  g_clear_handle_id (&self->countdown_timeout, g_source_remove);
  self->wait_until = 0;
}

static gboolean
on_second_passed (gpointer data)
{
  KsSignInPage *self = data;
  gint64 left = self->wait_until - g_get_monotonic_time ();
  g_autofree char *wait = NULL;
  g_autofree char *text = NULL;

  if (left <= 0)
    {
      self->countdown_timeout = 0;
      self->wait_until = 0;
      set_failure (self, g_strdup (_ ("The wait is over. You can sign in now.")));
      return G_SOURCE_REMOVE;
    }
  wait = ks_error_text_wait ((guint) ((left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC));
  /* Translators: %s is a time such as "20 seconds". */
  text = g_strdup_printf (_ ("You can sign in again in %s."), wait);
  gtk_label_set_label (self->wait_label, text);
  return G_SOURCE_CONTINUE;
}

static void
start_countdown (KsSignInPage *self, guint seconds)
{
  self->wait_until = g_get_monotonic_time () + MAX (seconds, 1) * G_USEC_PER_SEC;
  g_clear_handle_id (&self->countdown_timeout, g_source_remove);
  self->countdown_timeout = g_timeout_add_seconds (1, on_second_passed, self);
  set_failure (self, g_strdup (_ ("Too many tries. The homeserver asks you to wait.")));
  on_second_passed (self);
}

/* Signing in. */

static void
on_signed_in (GObject *profile, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsSignInPage) self = data;
  g_autoptr (GError) error = NULL;
  gboolean done = ks_sign_in_finish (KS_PROFILE (profile), result, &error);

  if (done || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the window goes on by itself */
  g_clear_object (&self->signing_in);
  if (g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_RATE_LIMITED))
    start_countdown (self, ks_matrix_error_get_retry_after (error));
  else
    set_failure (self, ks_error_text_sign_in (error));
  if (g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_FORBIDDEN))
    gtk_widget_grab_focus (GTK_WIDGET (self->password_entry));
}

static void
sign_in (KsSignInPage *self)
{
  const KsHomeserver *homeserver = ks_homeserver_chooser_get_homeserver (self->chooser);
  const char *password = text_of (self->password_entry);
  const char *user = text_of (self->user_entry);
  g_autoptr (KsSecret) secret = NULL;
  g_autofree char *session_name = NULL;
  g_autofree char *stripped = NULL;

  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->sign_in_button)))
    return;
  if (needs_name (self, homeserver))
    user = text_of (self->name_entry);
  else if (homeserver->user_id != NULL)
    user = homeserver->user_id;
  stripped = g_strstrip (g_strdup (user));
  /* "@alice" beside an address of one's own: a name, in the way that chat apps write it. */
  if (stripped[0] == '@' && strchr (stripped, ':') == NULL)
    memmove (stripped, stripped + 1, strlen (stripped));
  secret = ks_secret_new_copy (password, strlen (password));
  /* Translators: what other clients call this session; %s is the computer's name. */
  session_name = g_strdup_printf (_ ("Keepsake on %s"), g_get_host_name ());

  self->signing_in = g_cancellable_new ();
  set_failure (self, NULL);
  ks_sign_in_async (self->profile, homeserver, stripped, secret, session_name, self->signing_in, on_signed_in,
                    g_object_ref (self));
}

static void
on_sign_in_clicked (GtkButton *button, KsSignInPage *self)
{
  sign_in (self);
}

static void
on_homeserver_changed (KsHomeserverChooser *chooser, KsSignInPage *self)
{
  /* Another homeserver may be asked, whatever this one wants. */
  if (ks_homeserver_chooser_get_homeserver (chooser) == NULL)
    stop_countdown (self);
  if (self->wait_until == 0)
    g_clear_pointer (&self->failure, g_free);
  update (self);
  if (!self->offer_when_found || ks_homeserver_chooser_is_looking (chooser))
    return;
  self->offer_when_found = FALSE;
  if (gtk_widget_get_visible (GTK_WIDGET (self->name_entry)) && text_of (self->name_entry)[0] == '\0')
    gtk_widget_grab_focus (GTK_WIDGET (self->name_entry));
  else
    gtk_widget_grab_focus (GTK_WIDGET (self->sign_in_button));
}

static void
on_user_changed (AdwEntryRow *entry, KsSignInPage *self)
{
  self->offer_when_found = FALSE;
  ks_homeserver_chooser_set_typed (self->chooser, text_of (entry), FALSE);
  update (self);
}

static void
on_user_activated (AdwEntryRow *entry, KsSignInPage *self)
{
  ks_homeserver_chooser_set_typed (self->chooser, text_of (entry), TRUE);
  if (ks_homeserver_chooser_get_problem (self->chooser) == NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->password_entry));
}

static void
on_credentials_changed (AdwEntryRow *entry, KsSignInPage *self)
{
  if (self->wait_until == 0)
    set_failure (self, NULL);
}

/* Enter in the last entry is "Sign In". Where the homeserver is not known yet, its
 * address must be seen before the password goes there: then a second Enter is. */
static void
on_entry_activated (AdwEntryRow *entry, KsSignInPage *self)
{
  if (ks_homeserver_chooser_get_homeserver (self->chooser) != NULL)
    {
      sign_in (self);
      return;
    }
  self->offer_when_found = text_of (self->password_entry)[0] != '\0';
  ks_homeserver_chooser_set_typed (self->chooser, text_of (self->user_entry), TRUE);
}

void
ks_sign_in_page_reset (KsSignInPage *self)
{
  g_cancellable_cancel (self->signing_in);
  g_clear_object (&self->signing_in);
  stop_countdown (self);
  self->offer_when_found = FALSE;
  gtk_editable_set_text (GTK_EDITABLE (self->password_entry), "");
  gtk_editable_set_text (GTK_EDITABLE (self->name_entry), "");
  gtk_editable_set_text (GTK_EDITABLE (self->user_entry), "");
  ks_homeserver_chooser_reset (self->chooser);
  set_failure (self, NULL);
}

void
ks_sign_in_page_set_profile (KsSignInPage *self, KsProfile *profile)
{
  g_set_object (&self->profile, profile);
}

static gboolean
ks_sign_in_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (KS_SIGN_IN_PAGE (widget)->user_entry));
}

static void
ks_sign_in_page_dispose (GObject *object)
{
  KsSignInPage *self = KS_SIGN_IN_PAGE (object);

  g_cancellable_cancel (self->signing_in);
  g_clear_object (&self->signing_in);
  g_clear_handle_id (&self->countdown_timeout, g_source_remove);
  g_clear_pointer (&self->failure, g_free);
  g_clear_object (&self->profile);
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_SIGN_IN_PAGE);
  G_OBJECT_CLASS (ks_sign_in_page_parent_class)->dispose (object);
}

static void
ks_sign_in_page_class_init (KsSignInPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_sign_in_page_dispose;
  widget_class->grab_focus = ks_sign_in_page_grab_focus;

  g_type_ensure (KS_TYPE_HOMESERVER_CHOOSER);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/sign-in/ks-sign-in-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsSignInPage, entries);
  gtk_widget_class_bind_template_child (widget_class, KsSignInPage, user_entry);
  gtk_widget_class_bind_template_child (widget_class, KsSignInPage, name_entry);
  gtk_widget_class_bind_template_child (widget_class, KsSignInPage, password_entry);
  gtk_widget_class_bind_template_child (widget_class, KsSignInPage, chooser);
  gtk_widget_class_bind_template_child (widget_class, KsSignInPage, note);
  gtk_widget_class_bind_template_child (widget_class, KsSignInPage, error_box);
  gtk_widget_class_bind_template_child (widget_class, KsSignInPage, error_label);
  gtk_widget_class_bind_template_child (widget_class, KsSignInPage, wait_label);
  gtk_widget_class_bind_template_child (widget_class, KsSignInPage, sign_in_button);
  gtk_widget_class_bind_template_child (widget_class, KsSignInPage, sign_in_spinner);
  gtk_widget_class_bind_template_callback (widget_class, on_homeserver_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_user_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_user_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_credentials_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_sign_in_clicked);
}

static void
ks_sign_in_page_init (KsSignInPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  update (self);
}
