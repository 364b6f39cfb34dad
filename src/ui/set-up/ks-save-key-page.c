/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/set-up/ks-save-key-page.h"

#include "crypto/ks-recovery-key.h"
#include "engine/account/ks-keyring-look.h"
#include "engine/secrets/ks-key-text-file.h"
#include "ui/ks-choose-file.h"
#include "ui/ks-error-text.h"
#include "ui/set-up/ks-own-paste.h"
#include "ui/steps/ks-key-card.h"
#include "ui/steps/ks-note.h"
#include "ui/steps/ks-scroll-to.h"
#include "ui/steps/ks-secret-clipboard.h"

#include <glib/gi18n.h>
#include <string.h>

struct _KsSaveKeyPage
{
  KsStepPage parent;

  KsKeyCard *card;
  GtkButton *save_button;
  GtkButton *copy_button;
  GtkBox *paste_box;
  AdwEntryRow *paste_entry;
  AdwActionRow *keyring_row;
  GtkSwitch *keyring_switch;
  GtkBox *status_box;
  GtkImage *status_icon;
  GtkLabel *status;
  KsNote *problem;

  KsSecret *key;      /* owned; NULL before it is made */
  KsSecret *as_saved; /* owned; NULL until the person has it */
  char *user_id;      /* owned */
  GFile *file;        /* owned: that has it; NULL: none */
  char *file_name;    /* owned: of that */
  GFile *saving;      /* owned: that it is being saved to; NULL: none */
  gboolean given_back;
  char *kept_in;                /* owned: the file that it was saved to last; NULL: none */
  gboolean kept_elsewhere;      /* it was copied, or is in other files too */
  KsSecretClipboard *clipboard; /* owned; NULL before something was copied */
  GCancellable *cancellable;    /* owned */
};

G_DEFINE_FINAL_TYPE (KsSaveKeyPage, ks_save_key_page, KS_TYPE_STEP_PAGE)

KsSecret *
ks_save_key_page_get_as_saved (KsSaveKeyPage *self)
{
  return self->as_saved;
}

const char *
ks_save_key_page_get_file_name (KsSaveKeyPage *self)
{
  return self->file_name;
}

KsKeySaved
ks_save_key_page_get_saved (KsSaveKeyPage *self)
{
  KsKeySaved saved = 0;

  if (self->file_name != NULL)
    saved |= KS_KEY_SAVED_FILE;
  if (self->given_back)
    saved |= KS_KEY_SAVED_COPY;
  if (gtk_switch_get_active (self->keyring_switch))
    saved |= KS_KEY_SAVED_KEYRING;
  return saved;
}

const char *
ks_save_key_page_get_kept_in (KsSaveKeyPage *self)
{
  return self->kept_in;
}

gboolean
ks_save_key_page_is_kept_elsewhere (KsSaveKeyPage *self)
{
  return self->kept_elsewhere;
}

void
ks_save_key_page_set_problem (KsSaveKeyPage *self, const char *problem)
{
  ks_note_set_text (self->problem, problem);
}

static void
set_suggested (GtkButton *button, gboolean suggested)
{
  if (suggested)
    gtk_widget_add_css_class (GTK_WIDGET (button), "suggested-action");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (button), "suggested-action");
}

/* What the page shows follows from what was done; called after each step. */
static void
update (KsSaveKeyPage *self)
{
  gboolean saved = self->as_saved != NULL;
  gboolean pasting = gtk_widget_get_visible (GTK_WIDGET (self->paste_box));
  g_autofree char *text = NULL;

  if (self->file_name != NULL)
    /* Translators: %s is the name of a file. */
    text = g_strdup_printf (_ ("Saved and read back: %s"), self->file_name);
  else
    text = g_strdup (saved ? _ ("Complete: it is the key above") : _ ("Save or copy the key to continue"));
  gtk_label_set_label (self->status, text);
  gtk_widget_set_visible (GTK_WIDGET (self->status_icon), saved);
  gtk_widget_set_visible (GTK_WIDGET (self->status_box), saved || !pasting);
  set_suggested (self->save_button, !saved && !pasting);
  ks_step_page_set_forward_suggested (KS_STEP_PAGE (self), saved);
  ks_step_page_set_complete (KS_STEP_PAGE (self), saved);
}

/* Takes @as_saved: the person has the key now. */
static void
take_saved (KsSaveKeyPage *self, KsSecret *as_saved)
{
  g_clear_pointer (&self->as_saved, ks_secret_unref);
  self->as_saved = as_saved;
  ks_save_key_page_set_problem (self, NULL);
  update (self);
  ks_scroll_to (GTK_WIDGET (self->status_box));
}

/* Saving to a file. */

/* Whether it has the key is not known any more. */
static void
forget_file (KsSaveKeyPage *self)
{
  g_clear_object (&self->file);
  g_clear_pointer (&self->file_name, g_free);
  if (!self->given_back)
    g_clear_pointer (&self->as_saved, ks_secret_unref);
}

static void
close_paste_box (KsSaveKeyPage *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->paste_box), FALSE);
  gtk_editable_set_text (GTK_EDITABLE (self->paste_entry), "");
}

/* It is in @file now. */
static void
note_kept (KsSaveKeyPage *self, GFile *file)
{
  g_autofree char *name = g_file_get_basename (file);

  if (self->kept_in != NULL && (self->file == NULL || !g_file_equal (self->file, file)))
    self->kept_elsewhere = TRUE;
  g_free (self->kept_in);
  self->kept_in = g_steal_pointer (&name);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsSaveKeyPage) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) read_back = ks_key_text_file_save_finish (result, &error);
  g_autoptr (GFile) saving = g_steal_pointer (&self->saving);
  g_autofree char *text = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->key == NULL)
    return;
  ks_step_page_set_busy (KS_STEP_PAGE (self), FALSE);
  if (read_back == NULL)
    {
      g_message ("the Security Key was not saved: %s", error->message);
      text = ks_error_text (error);
      if (self->file != NULL && g_file_equal (self->file, saving))
        forget_file (self);
      ks_save_key_page_set_problem (self, text);
      update (self);
      gtk_widget_grab_focus (GTK_WIDGET (self->save_button));
      return;
    }
  note_kept (self, saving);
  g_set_object (&self->file, saving);
  g_free (self->file_name);
  self->file_name = g_file_get_basename (saving);
  take_saved (self, g_steal_pointer (&read_back));
  /* Nothing has to be given back any more. */
  close_paste_box (self);
  gtk_widget_activate_action (GTK_WIDGET (self), "set-up.focus-forward", NULL);
}

static void
on_file_chosen (GObject *window, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsSaveKeyPage) self = data;
  g_autoptr (GFile) file = ks_choose_file_to_save_finish (result);

  if (file == NULL || self->key == NULL)
    return;
  g_set_object (&self->saving, file);
  ks_save_key_page_set_problem (self, NULL);
  ks_step_page_set_busy (KS_STEP_PAGE (self), TRUE);
  ks_key_text_file_save_async (file, self->key, KS_KEY_TEXT_FILE_REPLACE, self->cancellable, on_saved,
                               g_object_ref (self));
}

static void
on_save_clicked (GtkButton *button, KsSaveKeyPage *self)
{
  g_autofree char *name = ks_key_text_file_name (self->user_id);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  ks_choose_file_to_save_async (GTK_WINDOW (root), _ ("Save Your Security Key"), name, on_file_chosen,
                                g_object_ref (self));
}

/* Copying, and giving back. */

static void
on_copy_clicked (GtkButton *button, KsSaveKeyPage *self)
{
  if (self->clipboard == NULL)
    self->clipboard = ks_secret_clipboard_new (gtk_widget_get_clipboard (GTK_WIDGET (self)));
  ks_secret_clipboard_copy_key (self->clipboard, self->key);
  self->kept_elsewhere = TRUE;
  if (self->as_saved != NULL)
    return;
  gtk_widget_set_visible (GTK_WIDGET (self->paste_box), TRUE);
  update (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->paste_entry));
}

static void
on_own_paste (gpointer data)
{
  KsSaveKeyPage *self = data;

  if (self->as_saved == NULL)
    ks_save_key_page_set_problem (self, _ ("That is what Keepsake has copied itself. Paste it first where "
                                           "you keep it, such as a password "
                                           "manager or a note. Then copy it from there, or type it."));
}

static char *
what_is_wrong (const KsRecoveryKeyReading *reading)
{
  if (reading->group != 0)
    /* Translators: the key is shown as 12 groups of 4 characters. */
    return g_strdup_printf (_ ("Group %u has a character that no Security Key has."), reading->group);
  return g_strdup (_ ("This is not the key above. Compare it group by group."));
}

/* @whole: the person says that it is all. */
static void
check_given_back (KsSaveKeyPage *self, gboolean whole)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->paste_entry));
  KsRecoveryKeyReading reading;
  g_autoptr (KsSecret) key = ks_recovery_key_parse (text, strlen (text), &reading);
  gboolean right = key != NULL && self->key != NULL && ks_secret_equal (key, self->key);
  gboolean wrong = !right && text[0] != '\0' && (whole || reading.characters >= KS_RECOVERY_KEY_CHARACTERS);
  g_autofree char *problem = wrong ? what_is_wrong (&reading) : NULL;

  ks_save_key_page_set_problem (self, problem);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->paste_entry), GTK_ACCESSIBLE_STATE_INVALID,
                               wrong ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
  if (right)
    {
      self->given_back = TRUE;
      take_saved (self, g_steal_pointer (&key));
    }
}

static void
on_paste_changed (AdwEntryRow *entry, KsSaveKeyPage *self)
{
  if (self->as_saved == NULL)
    check_given_back (self, FALSE);
}

static void
on_paste_activated (AdwEntryRow *entry, KsSaveKeyPage *self)
{
  if (self->as_saved == NULL)
    check_given_back (self, TRUE);
  ks_step_page_forward (KS_STEP_PAGE (self));
}

/* The keyring. */

static void
tell_keyring (KsSaveKeyPage *self, const char *subtitle, gboolean possible)
{
  adw_action_row_set_subtitle (self->keyring_row, subtitle);
  gtk_switch_set_active (self->keyring_switch, possible);
  gtk_widget_set_sensitive (GTK_WIDGET (self->keyring_row), possible);
}

static void
on_keyring_seen (GObject *profile, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsSaveKeyPage) self = data;
  g_autoptr (GError) error = NULL;
  KsProfileState state = KS_PROFILE_KEYRING_NO_ANSWER;
  gboolean has_key = FALSE;

  if (!ks_keyring_look_finish (KS_PROFILE (profile), result, &state, &has_key, &error)
      && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error != NULL)
    state = KS_PROFILE_KEYRING_NO_ANSWER;
  switch (state)
    {
    case KS_PROFILE_READY:
      break;
    case KS_PROFILE_KEYRING_LOCKED:
      adw_action_row_set_subtitle (self->keyring_row,
                                   _ ("The desktop keyring is locked: unlock it, or the key won't "
                                      "be kept there"));
      break;
    case KS_PROFILE_KEYRING_ABSENT:
      tell_keyring (self, _ ("No desktop keyring is running"), FALSE);
      break;
    case KS_PROFILE_KEYRING_DENIED:
      tell_keyring (self, _ ("The desktop keyring didn't let Keepsake in"), FALSE);
      break;
    case KS_PROFILE_CLOSED:
    case KS_PROFILE_KEYRING_NO_ANSWER:
    case KS_PROFILE_KEY_LOST:
    case KS_PROFILE_FAILED:
    default:
      tell_keyring (self, _ ("The desktop keyring doesn't answer"), FALSE);
      break;
    }
}

void
ks_save_key_page_look_at_keyring (KsSaveKeyPage *self, KsProfile *profile, const char *user_id)
{
  if (ks_profile_is_in_memory (profile))
    tell_keyring (self, _ ("Nothing is kept on this computer while Keepsake runs without a keyring"), FALSE);
  else
    ks_keyring_look_async (profile, user_id, self->cancellable, on_keyring_seen, g_object_ref (self));
}

/* The page. */

/* A copy of a key that the person has keeps its time: it may be on its way somewhere. */
static void
forget_key (KsSaveKeyPage *self)
{
  if (self->as_saved != NULL)
    g_clear_pointer (&self->clipboard, ks_secret_clipboard_leave);
  else
    g_clear_pointer (&self->clipboard, ks_secret_clipboard_free);
  self->given_back = FALSE;
  g_clear_pointer (&self->kept_in, g_free);
  self->kept_elsewhere = FALSE;
  forget_file (self);
  g_clear_pointer (&self->key, ks_secret_unref);
}

void
ks_save_key_page_set_key (KsSaveKeyPage *self, KsSecret *key, gboolean by_phrase, const char *user_id)
{
  if (self->key != NULL && ks_secret_equal (self->key, key))
    return;
  forget_key (self);
  self->key = ks_secret_ref (key);
  g_free (self->user_id);
  self->user_id = g_strdup (user_id);
  ks_key_card_set_key (self->card, key);
  ks_step_page_set_description (KS_STEP_PAGE (self),
                                by_phrase
                                    ? _ ("It opens Secure Backup, as your phrase does. Keep it where you "
                                         "will find it without this "
                                         "computer, for the day on which the phrase doesn't come to mind.")
                                    : _ ("Keep it where you will find it without this computer."));
  close_paste_box (self);
  ks_save_key_page_set_problem (self, NULL);
  update (self);
}

static void
ks_save_key_page_shown (KsStepPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (KS_SAVE_KEY_PAGE (page)->save_button));
}

static void
ks_save_key_page_wipe (KsStepPage *page)
{
  KsSaveKeyPage *self = KS_SAVE_KEY_PAGE (page);

  forget_key (self);
  if (self->card == NULL)
    return;
  ks_key_card_set_key (self->card, NULL);
  gtk_editable_set_text (GTK_EDITABLE (self->paste_entry), "");
}

static void
ks_save_key_page_dispose (GObject *object)
{
  KsSaveKeyPage *self = KS_SAVE_KEY_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  G_OBJECT_CLASS (ks_save_key_page_parent_class)->dispose (object);
}

static void
ks_save_key_page_finalize (GObject *object)
{
  KsSaveKeyPage *self = KS_SAVE_KEY_PAGE (object);

  g_object_unref (self->cancellable);
  g_free (self->user_id);
  G_OBJECT_CLASS (ks_save_key_page_parent_class)->finalize (object);
}

static void
ks_save_key_page_class_init (KsSaveKeyPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_save_key_page_dispose;
  G_OBJECT_CLASS (class)->finalize = ks_save_key_page_finalize;
  KS_STEP_PAGE_CLASS (class)->shown = ks_save_key_page_shown;
  KS_STEP_PAGE_CLASS (class)->wipe = ks_save_key_page_wipe;

  g_type_ensure (KS_TYPE_KEY_CARD);
  g_type_ensure (KS_TYPE_NOTE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/set-up/ks-save-key-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsSaveKeyPage, card);
  gtk_widget_class_bind_template_child (widget_class, KsSaveKeyPage, save_button);
  gtk_widget_class_bind_template_child (widget_class, KsSaveKeyPage, copy_button);
  gtk_widget_class_bind_template_child (widget_class, KsSaveKeyPage, paste_box);
  gtk_widget_class_bind_template_child (widget_class, KsSaveKeyPage, paste_entry);
  gtk_widget_class_bind_template_child (widget_class, KsSaveKeyPage, keyring_row);
  gtk_widget_class_bind_template_child (widget_class, KsSaveKeyPage, keyring_switch);
  gtk_widget_class_bind_template_child (widget_class, KsSaveKeyPage, status_box);
  gtk_widget_class_bind_template_child (widget_class, KsSaveKeyPage, status_icon);
  gtk_widget_class_bind_template_child (widget_class, KsSaveKeyPage, status);
  gtk_widget_class_bind_template_child (widget_class, KsSaveKeyPage, problem);
  gtk_widget_class_bind_template_callback (widget_class, on_save_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_paste_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_paste_activated);
}

static void
ks_save_key_page_init (KsSaveKeyPage *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  ks_own_paste_refuse (GTK_EDITABLE (self->paste_entry), on_own_paste, self);
  update (self);
}
