/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/restore/ks-unlock-page.h"

#include "engine/key-file/ks-key-file-kind.h"
#include "engine/recovery/ks-recovery-unlock.h"
#include "engine/secrets/ks-key-text-file.h"
#include "engine/secrets/ks-recovery-error.h"
#include "ui/ks-choose-file.h"
#include "ui/ks-error-text.h"
#include "ui/restore/ks-unlock-text.h"
#include "ui/steps/ks-note.h"

#include <glib/gi18n.h>
#include <string.h>

/* Where what is to be tried is from. */
typedef enum
{
  FROM_ENTRY,
  FROM_FILE,
  FROM_KEYRING,
} Origin;

struct _KsUnlockPage
{
  KsStepPage parent;

  GtkListBox *keyring_list;
  AdwPasswordEntryRow *entry;
  GtkLabel *hint;
  KsNote *problem;
  GtkListBox *import_list;
  GtkListBox *help_list;
  GtkListBox *repair_list;
  GtkListBox *keep_list;
  AdwActionRow *keep_row;
  GtkSwitch *keep_switch;

  GCancellable *cancellable; /* owned: ends with the page */
  Origin origin;
  KsSecret *content; /* owned: of the file; NULL: none was read */
  GFile *file;       /* owned; NULL: none was opened */
};

G_DEFINE_FINAL_TYPE (KsUnlockPage, ks_unlock_page, KS_TYPE_STEP_PAGE)

/* @problem, with the name of the file that it is about. */
static char *
with_file_name (KsUnlockPage *self, const char *problem)
{
  g_autofree char *path = g_file_get_basename (self->file);
  g_autofree char *name = g_filename_display_name (path);

  /* Translators: the name of a file, and what is wrong with it. */
  return g_strdup_printf (_ ("%s: %s"), name, problem);
}

void
ks_unlock_page_set_problem (KsUnlockPage *self, const char *problem)
{
  gboolean wrong = problem != NULL && self->origin == FROM_ENTRY;
  gboolean of_file = problem != NULL && self->origin == FROM_FILE && self->file != NULL;
  g_autofree char *named = of_file ? with_file_name (self, problem) : NULL;

  ks_note_set_text (self->problem, of_file ? named : problem);
  gtk_widget_set_visible (GTK_WIDGET (self->import_list), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->help_list), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->repair_list), FALSE);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_STATE_INVALID,
                               wrong ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
  if (!wrong)
    return;
  /* It was insensitive, and lost the focus by that. All of it selected would be gone with the next key. */
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
}

void
ks_unlock_page_offer_import (KsUnlockPage *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->import_list), TRUE);
}

void
ks_unlock_page_offer_help (KsUnlockPage *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->help_list), TRUE);
}

void
ks_unlock_page_offer_repair (KsUnlockPage *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->repair_list), TRUE);
}

GFile *
ks_unlock_page_get_file (KsUnlockPage *self)
{
  return self->origin == FROM_FILE ? self->file : NULL;
}

/* The entry. */

static KsSecret *
typed (KsUnlockPage *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));

  return ks_secret_new_copy (text, strlen (text));
}

static void
show_hint (KsUnlockPage *self, const char *text)
{
  gtk_label_set_label (self->hint, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->hint), text != NULL);
}

void
ks_unlock_page_set_progress (KsUnlockPage *self, const char *text)
{
  show_hint (self, text);
}

static void
on_entry_changed (AdwPasswordEntryRow *entry, KsUnlockPage *self)
{
  g_autoptr (KsSecret) text = typed (self);
  g_autofree char *hint = ks_unlock_text_hint (text);

  show_hint (self, hint);
  ks_step_page_set_complete (KS_STEP_PAGE (self), hint != NULL);
  self->origin = FROM_ENTRY;
  ks_unlock_page_set_problem (self, NULL);
}

static void
on_entry_activated (AdwPasswordEntryRow *entry, KsUnlockPage *self)
{
  ks_step_page_forward (KS_STEP_PAGE (self));
}

void
ks_unlock_page_enter (KsUnlockPage *self, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

/* Going on. */

static void
go_on (KsUnlockPage *self, Origin origin)
{
  self->origin = origin;
  ks_unlock_page_set_problem (self, NULL);
  ks_step_page_go_on (KS_STEP_PAGE (self));
}

static void
ks_unlock_page_forward (KsStepPage *page)
{
  go_on (KS_UNLOCK_PAGE (page), FROM_ENTRY);
}

void
ks_unlock_page_use_keyring (KsUnlockPage *self)
{
  go_on (self, FROM_KEYRING);
}

KsSecret *
ks_unlock_page_get_text (KsUnlockPage *self, KsKeyEntrySource *source)
{
  *source = self->origin == FROM_FILE ? KS_KEY_ENTRY_FILE : KS_KEY_ENTRY_TYPED;
  switch (self->origin)
    {
    case FROM_FILE:
      return ks_secret_ref (self->content);
    case FROM_KEYRING:
      return NULL;
    case FROM_ENTRY:
    default:
      return typed (self);
    }
}

gboolean
ks_unlock_page_wants_to_keep (KsUnlockPage *self)
{
  return self->origin != FROM_KEYRING && gtk_widget_get_visible (GTK_WIDGET (self->keep_list))
         && gtk_switch_get_active (self->keep_switch);
}

/* The file. */

/* Too large for a key: most files of room keys are. */
static void
on_looked (GObject *file, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsUnlockPage) self = data;
  g_autoptr (GError) error = NULL;
  KsKeyFileKind kind = KS_KEY_FILE_KIND_OTHER;
  gboolean room_keys;
  g_autofree char *text = NULL;

  room_keys = ks_key_file_look_finish (result, &kind, NULL) && kind == KS_KEY_FILE_KIND_ROOM_KEYS;
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  ks_step_page_set_busy (KS_STEP_PAGE (self), FALSE);
  if (room_keys)
    error = g_error_new_literal (KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_ROOM_KEY_FILE, "room keys");
  else
    error = g_error_new_literal (KS_KEY_TEXT_FILE_ERROR, KS_KEY_TEXT_FILE_ERROR_TOO_LARGE, "no key");
  text = ks_error_text_unlock (error);
  ks_unlock_page_set_problem (self, text);
  if (room_keys)
    ks_unlock_page_offer_import (self);
}

static void
on_file_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsUnlockPage) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) content = ks_key_text_file_read_finish (result, &error);
  g_autofree char *text = NULL;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  self->origin = FROM_FILE;
  if (g_error_matches (error, KS_KEY_TEXT_FILE_ERROR, KS_KEY_TEXT_FILE_ERROR_TOO_LARGE))
    {
      ks_key_file_look_async (self->file, self->cancellable, on_looked, g_object_ref (self));
      return;
    }
  ks_step_page_set_busy (KS_STEP_PAGE (self), FALSE);
  if (content != NULL)
    {
      g_clear_pointer (&self->content, ks_secret_unref);
      self->content = g_steal_pointer (&content);
      go_on (self, FROM_FILE);
      return;
    }
  g_message ("the file cannot be read: %s", error->message);
  text = ks_error_text_unlock (error);
  ks_unlock_page_set_problem (self, text);
}

void
ks_unlock_page_open_file (KsUnlockPage *self, GFile *file)
{
  if (ks_step_page_get_busy (KS_STEP_PAGE (self)))
    return;
  ks_step_page_set_busy (KS_STEP_PAGE (self), TRUE);
  g_set_object (&self->file, file);
  ks_key_text_file_read_async (file, self->cancellable, on_file_read, g_object_ref (self));
}

static void
on_file_chosen (GObject *window, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsUnlockPage) self = data;
  g_autoptr (GFile) file = ks_choose_file_to_open_finish (result);

  if (file != NULL && !g_cancellable_is_cancelled (self->cancellable))
    ks_unlock_page_open_file (self, file);
}

static void
on_file_activated (AdwActionRow *row, KsUnlockPage *self)
{
  ks_choose_file_to_open_async (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), _ ("Open Key File"),
                                NULL, on_file_chosen, g_object_ref (self));
}

/* The keyring. */

static void
on_keyring_known (GObject *recovery, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsUnlockPage) self = data;
  g_autoptr (GError) error = NULL;
  gboolean has_key = FALSE;

  if (!ks_recovery_has_key_in_keyring_finish (KS_RECOVERY (recovery), result, &has_key, &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
      g_message ("whether the keyring has the key is not known: %s", error->message);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->keyring_list), has_key);
  /* A keyring that cannot tell is not offered; and what is there already is replaced only where the person
   * says so, for it may be the only copy of a key from before. */
  gtk_widget_set_visible (GTK_WIDGET (self->keep_list), error == NULL);
  gtk_switch_set_active (self->keep_switch, !has_key);
  adw_action_row_set_subtitle (self->keep_row,
                               has_key ? _ ("Takes the place of the key that is there")
                                       : _ ("Keepsake can then open your backup on this computer by itself"));
}

void
ks_unlock_page_set_recovery (KsUnlockPage *self, KsRecovery *recovery)
{
  ks_recovery_has_key_in_keyring_async (recovery, self->cancellable, on_keyring_known, g_object_ref (self));
}

static void
ks_unlock_page_shown (KsStepPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (KS_UNLOCK_PAGE (page)->entry));
}

static void
ks_unlock_page_wipe (KsStepPage *page)
{
  KsUnlockPage *self = KS_UNLOCK_PAGE (page);

  g_clear_pointer (&self->content, ks_secret_unref);
  self->origin = FROM_ENTRY;
  /* The entry's buffer is of the kind that wipes what it lets go. */
  if (self->entry != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
}

static void
ks_unlock_page_dispose (GObject *object)
{
  g_cancellable_cancel (KS_UNLOCK_PAGE (object)->cancellable);
  G_OBJECT_CLASS (ks_unlock_page_parent_class)->dispose (object);
}

static void
ks_unlock_page_finalize (GObject *object)
{
  g_object_unref (KS_UNLOCK_PAGE (object)->cancellable);
  g_clear_object (&KS_UNLOCK_PAGE (object)->file);
  G_OBJECT_CLASS (ks_unlock_page_parent_class)->finalize (object);
}

static void
ks_unlock_page_class_init (KsUnlockPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_unlock_page_dispose;
  G_OBJECT_CLASS (class)->finalize = ks_unlock_page_finalize;
  KS_STEP_PAGE_CLASS (class)->shown = ks_unlock_page_shown;
  KS_STEP_PAGE_CLASS (class)->forward = ks_unlock_page_forward;
  KS_STEP_PAGE_CLASS (class)->wipe = ks_unlock_page_wipe;

  g_type_ensure (KS_TYPE_NOTE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/restore/ks-unlock-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsUnlockPage, keyring_list);
  gtk_widget_class_bind_template_child (widget_class, KsUnlockPage, entry);
  gtk_widget_class_bind_template_child (widget_class, KsUnlockPage, hint);
  gtk_widget_class_bind_template_child (widget_class, KsUnlockPage, problem);
  gtk_widget_class_bind_template_child (widget_class, KsUnlockPage, import_list);
  gtk_widget_class_bind_template_child (widget_class, KsUnlockPage, help_list);
  gtk_widget_class_bind_template_child (widget_class, KsUnlockPage, repair_list);
  gtk_widget_class_bind_template_child (widget_class, KsUnlockPage, keep_list);
  gtk_widget_class_bind_template_child (widget_class, KsUnlockPage, keep_row);
  gtk_widget_class_bind_template_child (widget_class, KsUnlockPage, keep_switch);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_activated);
  gtk_widget_class_bind_template_callback (widget_class, ks_unlock_page_use_keyring);
  gtk_widget_class_bind_template_callback (widget_class, on_file_activated);
}

static void
ks_unlock_page_init (KsUnlockPage *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
