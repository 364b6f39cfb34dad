/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/security/ks-key-row.h"

#include "engine/account/ks-keyring-look.h"
#include "engine/recovery/ks-recovery.h"
#include "engine/secrets/ks-kept-key.h"
#include "engine/secrets/ks-key-text-file.h"
#include "ui/ks-choose-file.h"
#include "ui/ks-error-text.h"
#include "ui/ks-toast.h"
#include "ui/security/ks-key-place.h"
#include "ui/security/ks-show-key-dialog.h"
#include "ui/steps/ks-secret-clipboard.h"

#include <glib/gi18n.h>

/* What to do with the key once it is there. */
typedef void (*UseKey) (KsKeyRow *self, KsSecret *key);

struct _KsKeyRow
{
  AdwActionRow parent;

  GtkBox *buttons;

  KsProfile *profile;           /* owned; NULL: nobody is signed in */
  KsAccount *account;           /* owned */
  GCancellable *cancellable;    /* owned: of all that is under way for the account */
  UseKey use;                   /* what the key is being read for; NULL: it is not */
  GFile *file;                  /* owned; where it is to be saved, else NULL */
  KsSecretClipboard *clipboard; /* owned; NULL before something was copied */
};

G_DEFINE_FINAL_TYPE (KsKeyRow, ks_key_row, ADW_TYPE_ACTION_ROW)

/* Where it is. */

static const KsRecoverySnapshot *
get_snapshot (KsKeyRow *self)
{
  return self->account != NULL ? ks_recovery_get_snapshot (ks_account_get_recovery (self->account)) : NULL;
}

static void
show_place (KsKeyRow *self, KsProfileState keyring, gboolean in_keyring)
{
  const KsRecoverySnapshot *seen = get_snapshot (self);
  g_autofree char *text = ks_key_place_text (keyring, in_keyring, seen != NULL ? seen->key_file : NULL);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), text);
  gtk_widget_set_visible (GTK_WIDGET (self->buttons), ks_key_place_can_ask (keyring, in_keyring));
  gtk_widget_set_visible (GTK_WIDGET (self), seen != NULL && seen->default_key_id != NULL);
}

static void
on_keyring_seen (GObject *profile, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsKeyRow) self = data;
  g_autoptr (GError) error = NULL;
  KsProfileState keyring = KS_PROFILE_KEYRING_NO_ANSWER;
  gboolean in_keyring = FALSE;

  ks_keyring_look_finish (KS_PROFILE (profile), result, &keyring, &in_keyring, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  show_place (self, error != NULL ? KS_PROFILE_KEYRING_NO_ANSWER : keyring, in_keyring);
}

void
ks_key_row_update (KsKeyRow *self)
{
  const KsRecoverySnapshot *seen = get_snapshot (self);

  if (seen == NULL || seen->default_key_id == NULL)
    gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  else if (ks_profile_is_in_memory (self->profile))
    show_place (self, KS_PROFILE_KEYRING_ABSENT, FALSE);
  else
    ks_keyring_look_async (self->profile, ks_account_get_user_id (self->account), self->cancellable,
                           on_keyring_seen, g_object_ref (self));
}

/* Getting it out. */

static gboolean
is_other_key (KsKeyRow *self, const KsSecret *key)
{
  return ks_recovery_is_other_key (ks_account_get_recovery (self->account), key);
}

static void
tell_failure (KsKeyRow *self, const GError *error)
{
  g_autofree char *text = ks_error_text (error);

  g_message ("the Security Key could not be had or saved: %s", error->message);
  ks_toast (GTK_WIDGET (self), text);
}

static void
on_key_read (GObject *keyring, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsKeyRow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) key = ks_kept_key_read_finish (KS_KEYRING (keyring), result, &error);
  UseKey use;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->use == NULL)
    return;
  use = self->use;
  self->use = NULL;
  gtk_widget_set_sensitive (GTK_WIDGET (self->buttons), TRUE);
  if (key != NULL)
    use (self, key);
  else
    {
      tell_failure (self, error);
      ks_key_row_update (self);
    }
}

static void
read_key (KsKeyRow *self, UseKey use)
{
  self->use = use;
  gtk_widget_set_sensitive (GTK_WIDGET (self->buttons), FALSE);
  ks_kept_key_read_async (ks_profile_get_keyring (self->profile), ks_account_get_user_id (self->account),
                          self->cancellable, on_key_read, g_object_ref (self));
}

static void
show_key (KsKeyRow *self, KsSecret *key)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  const char *note = NULL;
  KsShowKeyDialog *dialog;

  if (is_other_key (self, key))
    note = _ ("Your account's Secure Backup asks for another key now. This one is from before; keep it until "
              "you know that nothing needs it.");
  dialog = ks_show_key_dialog_new (GTK_WINDOW (root), key, note);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
copy_key (KsKeyRow *self, KsSecret *key)
{
  if (self->clipboard == NULL)
    self->clipboard = ks_secret_clipboard_new (gtk_widget_get_clipboard (GTK_WIDGET (self)));
  ks_secret_clipboard_copy_key (self->clipboard, key);
  ks_toast (GTK_WIDGET (self), is_other_key (self, key)
                                   ? _ ("Copied, but your account's Secure Backup asks for another key now")
                                   : _ ("Copied for one minute"));
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsKeyRow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) read_back = ks_key_text_file_save_finish (result, &error);
  g_autoptr (GFile) file = g_steal_pointer (&self->file);
  g_autofree char *path = NULL;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || file == NULL || self->account == NULL)
    return;
  gtk_widget_set_sensitive (GTK_WIDGET (self->buttons), TRUE);
  if (read_back == NULL)
    {
      tell_failure (self, error);
      return;
    }
  path = g_file_get_basename (file);
  name = g_filename_display_name (path);
  text = g_strdup_printf (is_other_key (self, read_back)
                              /* Translators: %s is the name of a file. */
                              ? _ ("Saved to %s, but your account's Secure Backup asks for another key now")
                              /* Translators: %s is the name of a file. */
                              : _ ("Saved and read back: %s"),
                          name);
  ks_toast (GTK_WIDGET (self), text);
}

static void
save_key (KsKeyRow *self, KsSecret *key)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->buttons), FALSE);
  ks_key_text_file_save_async (self->file, key, KS_KEY_TEXT_FILE_REPLACE, self->cancellable, on_saved,
                               g_object_ref (self));
}

static void
on_file_chosen (GObject *window, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsKeyRow) self = data;
  g_autoptr (GFile) file = ks_choose_file_to_save_finish (result);

  if (file == NULL || self->account == NULL || self->use != NULL || self->file != NULL)
    return;
  self->file = g_steal_pointer (&file);
  read_key (self, save_key);
}

static void
on_show_clicked (GtkButton *button, KsKeyRow *self)
{
  read_key (self, show_key);
}

/* The place first, and then the key: it is here for as short as can be. */
static void
on_save_clicked (GtkButton *button, KsKeyRow *self)
{
  g_autofree char *name = ks_key_text_file_name (ks_account_get_user_id (self->account));
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  ks_choose_file_to_save_async (GTK_WINDOW (root), _ ("Save Your Security Key"), name, on_file_chosen,
                                g_object_ref (self));
}

static void
on_copy_clicked (GtkButton *button, KsKeyRow *self)
{
  read_key (self, copy_key);
}

/* The account. */

static void
forget_account (KsKeyRow *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->account);
  g_clear_object (&self->profile);
  g_clear_object (&self->file);
  g_clear_pointer (&self->clipboard, ks_secret_clipboard_free);
  self->use = NULL;
}

void
ks_key_row_set_account (KsKeyRow *self, KsProfile *profile, KsAccount *account)
{
  forget_account (self);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  gtk_widget_set_sensitive (GTK_WIDGET (self->buttons), TRUE);
  if (account == NULL)
    return;
  self->profile = g_object_ref (profile);
  self->account = g_object_ref (account);
  self->cancellable = g_cancellable_new ();
}

static void
ks_key_row_dispose (GObject *object)
{
  /* The template stays: what is in it hangs in AdwActionRow's own. */
  forget_account (KS_KEY_ROW (object));
  G_OBJECT_CLASS (ks_key_row_parent_class)->dispose (object);
}

static void
ks_key_row_class_init (KsKeyRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_key_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/security/ks-key-row.ui");
  gtk_widget_class_bind_template_child (widget_class, KsKeyRow, buttons);
  gtk_widget_class_bind_template_callback (widget_class, on_show_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_save_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked);
}

static void
ks_key_row_init (KsKeyRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
