/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/key-file/ks-key-file-dialog.h"

#include "engine/account/ks-account.h"
#include "engine/account/ks-bring-in.h"
#include "engine/key-file/ks-key-file-error.h"
#include "engine/recovery/ks-recovery-key-file.h"
#include "ui/key-file/ks-export-page.h"
#include "ui/key-file/ks-exported-page.h"
#include "ui/key-file/ks-import-page.h"
#include "ui/key-file/ks-imported-page.h"
#include "ui/key-file/ks-key-file-working-page.h"
#include "ui/ks-error-text.h"
#include "ui/ks-number-text.h"
#include "ui/steps/ks-forward-button.h"

#include <glib/gi18n.h>

/* The way through:
 *
 *   export → working → exported
 *   import → working → imported, which can lead to working once more
 *
 * Cancelling leads from working back to the form. A database that was set aside goes the way of an
 * import, without a phrase. */
struct _KsKeyFileDialog
{
  AdwWindow parent;

  GtkButton *cancel;
  GtkStack *pages;
  KsExportPage *export_page;
  KsImportPage *import_page;
  KsKeyFileWorkingPage *working_page;
  KsExportedPage *exported_page;
  KsImportedPage *imported_page;
  KsForwardButton *forward;

  KsProfile *profile;        /* owned */
  KsRecovery *recovery;      /* owned: of its account */
  GCancellable *cancellable; /* owned: of what runs; NULL: nothing does */
  KsKeyReport *report;       /* owned: of what was brought in and is not told yet; else NULL */
  guint secrets;             /* with it */
  KsSecret *phrase;          /* owned: of an import that the rest can be had of; NULL: there is none */
  gboolean closed;
};

G_DEFINE_FINAL_TYPE (KsKeyFileDialog, ks_key_file_dialog, ADW_TYPE_WINDOW)

static void
show (KsKeyFileDialog *self, gpointer page)
{
  gboolean ended = page == self->exported_page || (page == self->imported_page && self->phrase == NULL);

  gtk_stack_set_visible_child (self->pages, GTK_WIDGET (page));
  ks_forward_button_set_page (self->forward, page);
  gtk_widget_set_visible (GTK_WIDGET (self->forward), page != self->working_page);
  gtk_widget_set_visible (GTK_WIDGET (self->cancel), !ended);
  gtk_window_set_title (GTK_WINDOW (self), ks_step_page_get_title (page));
  ks_step_page_shown (page);
}

static gboolean
is_shown (KsKeyFileDialog *self, gpointer page)
{
  return gtk_stack_get_visible_child (self->pages) == GTK_WIDGET (page);
}

static void
begin (KsKeyFileDialog *self, const char *title, const char *description, const char *step)
{
  KsStepPage *page = KS_STEP_PAGE (self->working_page);

  self->cancellable = g_cancellable_new ();
  ks_step_page_set_title (page, title);
  ks_step_page_set_description (page, description);
  ks_key_file_working_page_show (self->working_page, step, -1);
  show (self, self->working_page);
  gtk_widget_grab_focus (GTK_WIDGET (self->cancel));
}

/* FALSE: nobody looks any more. */
static gboolean
end (KsKeyFileDialog *self)
{
  g_clear_object (&self->cancellable);
  return !self->closed;
}

static char *
describe (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return NULL;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PENDING))
    return g_strdup (_ ("Another export or import is under way. Wait a moment, then try again."));
  g_message ("the room-key file failed: %s", error->message);
  return ks_error_text (error);
}

/* Exporting. */

static void
on_exporting (KsRecovery *recovery, guint64 keys, guint64 expected, KsKeyFileDialog *self)
{
  g_autofree char *done = ks_number_text (keys);
  g_autofree char *total = ks_number_text (expected);
  g_autofree char *text = NULL;

  if (self->closed || !is_shown (self, self->working_page))
    return;
  if (keys >= expected)
    text = g_strdup (_ ("Reading the file back"));
  else
    /* Translators: numbers of room keys. */
    text = g_strdup_printf (g_dngettext (NULL, "Exporting %s of %s room key", "Exporting %s of %s room keys",
                                         (gulong) expected),
                            done, total);
  ks_key_file_working_page_show (self->working_page, text,
                                 keys >= expected ? -1 : (double) keys / (double) expected);
}

static void
on_exported (GObject *recovery, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsKeyFileDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *problem = NULL;
  KsExportReport report;
  gboolean done = ks_recovery_export_keys_finish (KS_RECOVERY (recovery), result, &report, &error);

  if (!end (self))
    return;
  if (done)
    {
      ks_exported_page_show (self->exported_page, &report, ks_export_page_get_file (self->export_page));
      ks_step_page_wipe (KS_STEP_PAGE (self->export_page));
      show (self, self->exported_page);
      return;
    }
  problem = describe (error);
  show (self, self->export_page);
  ks_export_page_set_problem (self->export_page, problem);
}

static void
run_export (KsKeyFileDialog *self)
{
  g_autoptr (KsSecret) phrase = ks_export_page_get_phrase (self->export_page);

  begin (self, _ ("Exporting Room Keys"), _ ("The file is there once it was written and read back."),
         _ ("Checking the phrase"));
  /* The chooser has asked whether to replace what is there. */
  ks_recovery_export_keys_async (self->recovery, NULL, ks_export_page_get_file (self->export_page), phrase,
                                 KS_EXPORT_REPLACE, self->cancellable, on_exported, g_object_ref (self));
}

/* Importing. */

static void
show_read (KsKeyFileDialog *self, guint64 keys, double fraction)
{
  g_autofree char *number = ks_number_text (keys);
  g_autofree char *text = NULL;

  if (self->closed || !is_shown (self, self->working_page))
    return;
  /* Translators: %s is a number of room keys. */
  text = g_strdup_printf (g_dngettext (NULL, "%s room key read", "%s room keys read", (gulong) keys), number);
  ks_key_file_working_page_show (self->working_page, text, fraction);
}

static void
on_importing (KsRecovery *recovery, guint64 keys, guint64 done, guint64 size, KsKeyFileDialog *self)
{
  show_read (self, keys, size > 0 ? (double) done / (double) size : -1);
}

static void
on_imported (GObject *recovery, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsKeyFileDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsKeyReport) report = NULL;
  g_autofree char *problem = NULL;
  gboolean done = ks_recovery_import_keys_finish (KS_RECOVERY (recovery), result, &report, &error);

  if (!end (self))
    return;
  if (report != NULL)
    {
      if (done || ks_key_report_get_failed (report) == report->total)
        g_clear_pointer (&self->phrase, ks_secret_unref);
      ks_imported_page_show (self->imported_page, report, done);
      ks_step_page_wipe (KS_STEP_PAGE (self->import_page));
      show (self, self->imported_page);
      return;
    }
  g_clear_pointer (&self->phrase, ks_secret_unref);
  problem = describe (error);
  show (self, self->import_page);
  ks_import_page_set_problem (self->import_page, problem,
                              g_error_matches (error, KS_KEY_FILE_ERROR, KS_KEY_FILE_ERROR_WRONG_PHRASE));
}

/* The phrase is kept until it is known whether the rest is wanted. */
static void
run_import (KsKeyFileDialog *self)
{
  gboolean rest = self->phrase != NULL;

  if (!rest)
    self->phrase = ks_import_page_get_phrase (self->import_page);
  begin (self, _ ("Importing Room Keys"), _ ("All of the file comes in, or nothing."),
         _ ("Checking the phrase"));
  ks_recovery_import_keys_async (self->recovery, ks_import_page_get_file (self->import_page), self->phrase,
                                 rest ? KS_IMPORT_ACCEPT_FAILURES : KS_IMPORT_ALL_OR_NOTHING,
                                 self->cancellable, on_imported, g_object_ref (self));
}

/* Bringing in what a database that was set aside still holds. */

static void
on_bringing_in (guint64 keys, gpointer dialog)
{
  show_read (dialog, keys, -1);
}

/* One that was called off may take a while to end, and nobody waits for it. */
static gboolean
is_called_off (KsKeyFileDialog *self, GAsyncResult *result)
{
  return g_task_get_cancellable (G_TASK (result)) != self->cancellable;
}

static void
show_brought_in (KsKeyFileDialog *self)
{
  /* Where the backup is open, ks-backup-keeper.h sees to it. */
  ks_imported_page_show_set_aside (self->imported_page, self->report, self->secrets,
                                   ks_recovery_get_state (self->recovery) == KS_RECOVERY_READY);
  show (self, self->imported_page);
}

static void
on_refreshed (GObject *recovery, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsKeyFileDialog) self = data;

  /* Whatever came of it is the state. */
  ks_recovery_refresh_finish (KS_RECOVERY (recovery), result, NULL);
  if (!is_called_off (self, result) && end (self))
    show_brought_in (self);
}

static void
on_brought_in (GObject *profile, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsKeyFileDialog) self = data;
  g_autoptr (KsKeyReport) report = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *problem = NULL;
  gboolean done = ks_bring_in_finish (KS_PROFILE (profile), result, &report, &self->secrets, &error);

  if (is_called_off (self, result))
    return;
  g_clear_pointer (&self->report, ks_key_report_free);
  self->report = g_steal_pointer (&report);
  /* Private keys that have come may have opened the backup. */
  if (done && self->secrets > 0 && !self->closed)
    {
      ks_key_file_working_page_show (self->working_page, _ ("Asking your homeserver"), -1);
      ks_recovery_refresh_async (self->recovery, self->cancellable, on_refreshed, g_object_ref (self));
      return;
    }
  if (!end (self))
    return;
  if (done)
    {
      show_brought_in (self);
      return;
    }
  g_message ("the database that was set aside did not come in: %s", error->message);
  problem = ks_error_text_set_aside (error);
  show (self, self->import_page);
  ks_import_page_set_problem (self->import_page, problem, FALSE);
}

static void
run_bring_in (KsKeyFileDialog *self)
{
  begin (self, _ ("Reading the Set-Aside Data"), _ ("The file itself stays as it is."),
         _ ("Opening the file"));
  ks_bring_in_async (self->profile, ks_import_page_get_file (self->import_page), on_bringing_in, self,
                     self->cancellable, on_brought_in, g_object_ref (self));
}

/* Going on, and leaving. */

static void
on_page_went_on (KsStepPage *page, KsKeyFileDialog *self)
{
  if (is_shown (self, self->export_page))
    run_export (self);
  else if (is_shown (self, self->import_page) && ks_import_page_is_set_aside (self->import_page))
    run_bring_in (self);
  else if (is_shown (self, self->import_page)
           || (is_shown (self, self->imported_page) && self->phrase != NULL))
    run_import (self);
  else
    gtk_window_close (GTK_WINDOW (self));
}

/* What runs is called off, and its form comes back. */
static void
activate_cancel (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsKeyFileDialog *self = KS_KEY_FILE_DIALOG (widget);

  if (self->cancellable == NULL)
    {
      gtk_window_close (GTK_WINDOW (self));
      return;
    }
  g_cancellable_cancel (self->cancellable);
  if (ks_import_page_is_set_aside (self->import_page))
    {
      g_clear_object (&self->cancellable);
      show (self, self->import_page);
    }
}

static gboolean
on_dropped (GtkDropTarget *target, const GValue *value, double x, double y, KsKeyFileDialog *self)
{
  if (!is_shown (self, self->import_page))
    return FALSE;
  ks_import_page_open_file (self->import_page, g_value_get_object (value));
  return TRUE;
}

/* Closed: what runs holds the dialog until it has ended, and does not go on for nobody. */
static void
ks_key_file_dialog_unrealize (GtkWidget *widget)
{
  KsKeyFileDialog *self = KS_KEY_FILE_DIALOG (widget);

  self->closed = TRUE;
  g_cancellable_cancel (self->cancellable);
  GTK_WIDGET_CLASS (ks_key_file_dialog_parent_class)->unrealize (widget);
  /* It may outlive its parent: GTK 4.8 reaches for that one. */
  gtk_window_set_transient_for (GTK_WINDOW (self), NULL);
}

static void
ks_key_file_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_KEY_FILE_DIALOG);
  G_OBJECT_CLASS (ks_key_file_dialog_parent_class)->dispose (object);
}

static void
ks_key_file_dialog_finalize (GObject *object)
{
  KsKeyFileDialog *self = KS_KEY_FILE_DIALOG (object);

  g_clear_object (&self->recovery);
  g_clear_object (&self->profile);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->phrase, ks_secret_unref);
  ks_key_report_free (self->report);
  G_OBJECT_CLASS (ks_key_file_dialog_parent_class)->finalize (object);
}

static void
ks_key_file_dialog_class_init (KsKeyFileDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_key_file_dialog_dispose;
  G_OBJECT_CLASS (class)->finalize = ks_key_file_dialog_finalize;
  widget_class->unrealize = ks_key_file_dialog_unrealize;

  g_type_ensure (KS_TYPE_EXPORTED_PAGE);
  g_type_ensure (KS_TYPE_EXPORT_PAGE);
  g_type_ensure (KS_TYPE_FORWARD_BUTTON);
  g_type_ensure (KS_TYPE_IMPORTED_PAGE);
  g_type_ensure (KS_TYPE_IMPORT_PAGE);
  g_type_ensure (KS_TYPE_KEY_FILE_WORKING_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/key-file/ks-key-file-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, KsKeyFileDialog, cancel);
  gtk_widget_class_bind_template_child (widget_class, KsKeyFileDialog, pages);
  gtk_widget_class_bind_template_child (widget_class, KsKeyFileDialog, export_page);
  gtk_widget_class_bind_template_child (widget_class, KsKeyFileDialog, import_page);
  gtk_widget_class_bind_template_child (widget_class, KsKeyFileDialog, working_page);
  gtk_widget_class_bind_template_child (widget_class, KsKeyFileDialog, exported_page);
  gtk_widget_class_bind_template_child (widget_class, KsKeyFileDialog, imported_page);
  gtk_widget_class_bind_template_child (widget_class, KsKeyFileDialog, forward);
  gtk_widget_class_bind_template_callback (widget_class, on_page_went_on);
  gtk_widget_class_install_action (widget_class, "key-file.cancel", NULL, activate_cancel);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "key-file.cancel", NULL);
}

static void
ks_key_file_dialog_init (KsKeyFileDialog *self)
{
  GtkDropTarget *target;

  gtk_widget_init_template (GTK_WIDGET (self));
  ks_forward_button_take_enter (self->forward, GTK_WINDOW (self));
  target = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);
  g_signal_connect (target, "drop", G_CALLBACK (on_dropped), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

static KsKeyFileDialog *
dialog_new (GtkWindow *parent, KsProfile *profile)
{
  KsKeyFileDialog *self = g_object_new (KS_TYPE_KEY_FILE_DIALOG, "transient-for", parent, NULL);

  self->profile = g_object_ref (profile);
  self->recovery = g_object_ref (ks_account_get_recovery (ks_profile_get_account (profile)));
  return self;
}

KsKeyFileDialog *
ks_key_file_dialog_new_export (GtkWindow *parent, KsProfile *profile)
{
  KsKeyFileDialog *self = dialog_new (parent, profile);

  ks_export_page_set_account (self->export_page, ks_profile_get_account (profile));
  g_signal_connect_object (self->recovery, "exporting", G_CALLBACK (on_exporting), self, 0);
  show (self, self->export_page);
  return self;
}

KsKeyFileDialog *
ks_key_file_dialog_new_import (GtkWindow *parent, KsProfile *profile, const char *uri)
{
  KsKeyFileDialog *self = dialog_new (parent, profile);
  g_autoptr (GFile) file = uri[0] != '\0' ? g_file_new_for_uri (uri) : NULL;
  const char *set_aside = ks_profile_get_set_aside (profile);
  g_autoptr (GFile) aside = set_aside != NULL ? g_file_new_for_path (set_aside) : NULL;
  g_autoptr (GFile) folder = aside != NULL ? g_file_get_parent (aside) : NULL;

  ks_import_page_set_folder (self->import_page, folder);
  g_signal_connect_object (self->recovery, "importing", G_CALLBACK (on_importing), self, 0);
  show (self, self->import_page);
  if (file != NULL)
    ks_import_page_open_file (self->import_page, file);
  return self;
}
