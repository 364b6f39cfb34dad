/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/key-file/ks-import-page.h"

#include "engine/key-file/ks-key-file-error.h"
#include "engine/key-file/ks-key-file-kind.h"
#include "ui/key-file/ks-key-file-text.h"
#include "ui/ks-choose-file.h"
#include "ui/ks-error-text.h"
#include "ui/steps/ks-note.h"

#include <glib/gi18n.h>
#include <string.h>

struct _KsImportPage
{
  KsStepPage parent;

  AdwActionRow *file_row;
  GtkButton *choose;
  GtkWidget *phrase_list;
  AdwPasswordEntryRow *phrase;
  KsNote *problem;

  GCancellable *cancellable; /* owned: ends with the page */
  GFile *file;               /* owned; NULL: none that could be imported */
  gboolean set_aside;        /* it is a database */
  GFile *folder;             /* owned; NULL: as ks_choose_file_to_open_async() has it */
};

G_DEFINE_FINAL_TYPE (KsImportPage, ks_import_page, KS_TYPE_STEP_PAGE)

static void
update (KsImportPage *self)
{
  const char *phrase = gtk_editable_get_text (GTK_EDITABLE (self->phrase));

  gtk_widget_set_visible (self->phrase_list, !self->set_aside);
  ks_step_page_set_complete (KS_STEP_PAGE (self),
                             self->file != NULL && (self->set_aside || phrase[0] != '\0'));
}

void
ks_import_page_set_problem (KsImportPage *self, const char *problem, gboolean of_phrase)
{
  ks_note_set_text (self->problem, problem);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->phrase), GTK_ACCESSIBLE_STATE_INVALID,
                               of_phrase ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
  if (!of_phrase)
    return;
  /* All of it selected would be gone with the next key. */
  gtk_widget_grab_focus (GTK_WIDGET (self->phrase));
  gtk_editable_set_position (GTK_EDITABLE (self->phrase), -1);
}

static void
on_changed (AdwPasswordEntryRow *entry, KsImportPage *self)
{
  if (self->file != NULL)
    ks_import_page_set_problem (self, NULL, FALSE);
  update (self);
}

static void
on_entry_activated (AdwPasswordEntryRow *entry, KsImportPage *self)
{
  ks_step_page_forward (KS_STEP_PAGE (self));
}

/* The file. */

static KsKeyFileError
error_of (KsKeyFileKind kind)
{
  switch (kind)
    {
    case KS_KEY_FILE_KIND_SECURITY_KEY:
      return KS_KEY_FILE_ERROR_SECURITY_KEY;
    case KS_KEY_FILE_KIND_NOT_ENCRYPTED:
      return KS_KEY_FILE_ERROR_NOT_ENCRYPTED;
    case KS_KEY_FILE_KIND_BACKUP:
      return KS_KEY_FILE_ERROR_BACKUP;
    case KS_KEY_FILE_KIND_DATABASE:
      return KS_KEY_FILE_ERROR_DATABASE;
    case KS_KEY_FILE_KIND_EMPTY:
      return KS_KEY_FILE_ERROR_EMPTY;
    case KS_KEY_FILE_KIND_ROOM_KEYS:
    case KS_KEY_FILE_KIND_SET_ASIDE:
    case KS_KEY_FILE_KIND_OTHER:
    default:
      return KS_KEY_FILE_ERROR_OTHER;
    }
}

static void
on_looked (GObject *file, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsImportPage) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *place = ks_key_file_text_place (G_FILE (file));
  KsKeyFileKind kind = KS_KEY_FILE_KIND_OTHER;
  gboolean looked = ks_key_file_look_finish (result, &kind, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  ks_step_page_set_busy (KS_STEP_PAGE (self), FALSE);
  adw_action_row_set_subtitle (self->file_row, place);
  g_clear_object (&self->file);
  self->set_aside = looked && kind == KS_KEY_FILE_KIND_SET_ASIDE;
  if (looked && (self->set_aside || kind == KS_KEY_FILE_KIND_ROOM_KEYS))
    {
      self->file = g_object_ref (G_FILE (file));
      gtk_widget_grab_focus (self->set_aside ? GTK_WIDGET (self->choose) : GTK_WIDGET (self->phrase));
    }
  else
    {
      if (looked)
        g_set_error_literal (&error, KS_KEY_FILE_ERROR, error_of (kind), "no room-key file");
      g_message ("the file can't be imported: %s", error->message);
      text = ks_error_text (error);
    }
  ks_import_page_set_problem (self, text, FALSE);
  update (self);
  if (self->set_aside)
    ks_step_page_forward (KS_STEP_PAGE (self));
}

void
ks_import_page_open_file (KsImportPage *self, GFile *file)
{
  if (ks_step_page_get_busy (KS_STEP_PAGE (self)))
    return;
  ks_step_page_set_busy (KS_STEP_PAGE (self), TRUE);
  ks_key_file_look_async (file, self->cancellable, on_looked, g_object_ref (self));
}

static void
on_file_chosen (GObject *window, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsImportPage) self = data;
  g_autoptr (GFile) file = ks_choose_file_to_open_finish (result);

  if (file != NULL && !g_cancellable_is_cancelled (self->cancellable))
    ks_import_page_open_file (self, file);
}

static void
on_choose_clicked (GtkButton *button, KsImportPage *self)
{
  ks_choose_file_to_open_async (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                _ ("Import E2E Room Keys"), self->folder, on_file_chosen,
                                g_object_ref (self));
}

void
ks_import_page_set_folder (KsImportPage *self, GFile *folder)
{
  g_set_object (&self->folder, folder);
}

KsSecret *
ks_import_page_get_phrase (KsImportPage *self)
{
  const char *phrase = gtk_editable_get_text (GTK_EDITABLE (self->phrase));

  return ks_secret_new_copy (phrase, strlen (phrase));
}

GFile *
ks_import_page_get_file (KsImportPage *self)
{
  return self->file;
}

gboolean
ks_import_page_is_set_aside (KsImportPage *self)
{
  return self->set_aside;
}

static void
ks_import_page_shown (KsStepPage *page)
{
  KsImportPage *self = KS_IMPORT_PAGE (page);

  gtk_widget_grab_focus (self->file != NULL && !self->set_aside ? GTK_WIDGET (self->phrase)
                                                                : GTK_WIDGET (self->choose));
}

static void
ks_import_page_wipe (KsStepPage *page)
{
  KsImportPage *self = KS_IMPORT_PAGE (page);

  /* The entry's buffer is of the kind that wipes what it lets go. */
  if (self->phrase != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->phrase), "");
}

static void
ks_import_page_dispose (GObject *object)
{
  g_cancellable_cancel (KS_IMPORT_PAGE (object)->cancellable);
  G_OBJECT_CLASS (ks_import_page_parent_class)->dispose (object);
}

static void
ks_import_page_finalize (GObject *object)
{
  KsImportPage *self = KS_IMPORT_PAGE (object);

  g_object_unref (self->cancellable);
  g_clear_object (&self->file);
  g_clear_object (&self->folder);
  G_OBJECT_CLASS (ks_import_page_parent_class)->finalize (object);
}

static void
ks_import_page_class_init (KsImportPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_import_page_dispose;
  G_OBJECT_CLASS (class)->finalize = ks_import_page_finalize;
  KS_STEP_PAGE_CLASS (class)->shown = ks_import_page_shown;
  KS_STEP_PAGE_CLASS (class)->wipe = ks_import_page_wipe;

  g_type_ensure (KS_TYPE_NOTE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/key-file/ks-import-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsImportPage, file_row);
  gtk_widget_class_bind_template_child (widget_class, KsImportPage, choose);
  gtk_widget_class_bind_template_child (widget_class, KsImportPage, phrase);
  gtk_widget_class_bind_template_child (widget_class, KsImportPage, phrase_list);
  gtk_widget_class_bind_template_child (widget_class, KsImportPage, problem);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_choose_clicked);
}

static void
ks_import_page_init (KsImportPage *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
