/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/restore/ks-restore-dialog.h"

#include "engine/recovery/ks-recovery-unlock.h"
#include "engine/secrets/ks-recovery-error.h"
#include "ui/ks-ask.h"
#include "ui/ks-backing-up-text.h"
#include "ui/ks-error-text.h"
#include "ui/restore/ks-restored-page.h"
#include "ui/restore/ks-restoring-page.h"
#include "ui/restore/ks-unlock-drop.h"
#include "ui/restore/ks-unlock-page.h"
#include "ui/restore/ks-unlock-text.h"
#include "ui/restore/ks-unlocked-text.h"
#include "ui/steps/ks-forward-button.h"

#include <glib/gi18n.h>

/* The way through:
 *
 *   unlock → restoring → restored
 *
 * from the second on where it is unlocked. The job decides between the last two. */
struct _KsRestoreDialog
{
  AdwWindow parent;

  GtkButton *cancel;
  GtkLabel *cancel_label;
  GtkStack *pages;
  KsUnlockPage *unlock_page;
  KsRestoringPage *restoring_page;
  KsRestoredPage *restored_page;
  KsForwardButton *forward;

  KsRecovery *recovery;      /* owned */
  KsRestoreJob *job;         /* owned */
  KsTimeLeft upload_left;    /* of what goes into the backup after unlocking */
  GCancellable *cancellable; /* owned: of what is being checked; NULL: nothing is */
  gboolean closed;
};

G_DEFINE_FINAL_TYPE (KsRestoreDialog, ks_restore_dialog, ADW_TYPE_WINDOW)

/* Pages and buttons. */

static KsStepPage *
page_of (KsRestoreDialog *self)
{
  return KS_STEP_PAGE (gtk_stack_get_visible_child (self->pages));
}

static gboolean
is_shown (KsRestoreDialog *self, gpointer page)
{
  return (gpointer) page_of (self) == page;
}

static gboolean
is_running (KsRestoreDialog *self)
{
  return ks_restore_job_get_state (self->job) == KS_RESTORE_JOB_RUNNING;
}

static void
update_buttons (KsRestoreDialog *self)
{
  const char *label = _ ("_Cancel");

  if (is_shown (self, self->restoring_page))
    label = is_running (self) ? _ ("_Stop") : _ ("_Close");
  gtk_label_set_label (self->cancel_label, label);
  gtk_widget_set_visible (GTK_WIDGET (self->cancel), !is_shown (self, self->restored_page));
}

static void
show (KsRestoreDialog *self, gpointer page)
{
  gtk_stack_set_visible_child (self->pages, GTK_WIDGET (page));
  ks_forward_button_set_page (self->forward, page);
  update_buttons (self);
  gtk_window_set_title (GTK_WINDOW (self), ks_step_page_get_title (page));
  ks_step_page_shown (page);
}

/* Restoring. */

/* The backup is not open here, or it is another one by now: trying again would end as this did. */
static gboolean
has_to_unlock (KsRestoreDialog *self)
{
  const GError *failure = ks_restore_job_get_failure (self->job);

  return g_error_matches (failure, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_LOCKED)
         || g_error_matches (failure, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_MISMATCH);
}

static void
ask_for_key (KsRestoreDialog *self)
{
  g_autofree char *text = ks_error_text_restore (ks_restore_job_get_failure (self->job));

  show (self, self->unlock_page);
  ks_unlock_page_set_problem (self->unlock_page, text);
  ks_restore_job_reset (self->job);
}

static void
follow_job (KsRestoreDialog *self)
{
  switch (ks_restore_job_get_state (self->job))
    {
    case KS_RESTORE_JOB_FAILED:
      if (has_to_unlock (self))
        ask_for_key (self);
      else
        show (self, self->restoring_page);
      break;
    case KS_RESTORE_JOB_RUNNING:
      show (self, self->restoring_page);
      break;
    case KS_RESTORE_JOB_DONE:
    case KS_RESTORE_JOB_STOPPED:
      ks_restored_page_show (self->restored_page, self->job);
      show (self, self->restored_page);
      break;
    case KS_RESTORE_JOB_IDLE:
    default:
      break;
    }
}

/* Unlocking. */

static void
open_backup (KsRestoreDialog *self, const KsUnlockResult *unlocked)
{
  char *notes = ks_unlocked_text_notes (unlocked, self->recovery);

  ks_step_page_wipe (KS_STEP_PAGE (self->unlock_page));
  ks_restoring_page_set_notes (self->restoring_page, notes);
  ks_restored_page_set_notes (self->restored_page, notes);
  ks_wipe_free_string (notes);
  if (unlocked->backup_version != NULL)
    ks_restore_job_run (self->job);
  else if (unlocked->older != NULL)
    {
      ks_restored_page_show_older (self->restored_page, unlocked->older,
                                   ks_unlocked_text_older (unlocked,
                                                           ks_recovery_is_backup_open (self->recovery)));
      show (self, self->restored_page);
    }
  else
    {
      g_autofree char *sentence = ks_unlocked_text_without_backup (unlocked, self->recovery);

      ks_restored_page_show_unlocked (self->restored_page, sentence);
      show (self, self->restored_page);
    }
}

static void unlock (KsRestoreDialog *self, KsUnlockFlags flags);

/* It is unlocked, and what was only here goes into the backup first. */
static void
on_uploading (KsRecovery *recovery, guint64 done, guint64 total, KsRestoreDialog *self)
{
  g_autofree char *text = ks_backing_up_text (&self->upload_left, done, total);

  ks_unlock_page_set_progress (self->unlock_page, text);
}

/* Whether it is of a key that is the right one. */
static gboolean
opens_nothing (const GError *error)
{
  return g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NOTHING_STORED)
         || g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_DAMAGED_SECRET)
         || g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_MISMATCH);
}

/* Whether it is of a key that is not the right one. */
static gboolean
fits_nothing (const GError *error)
{
  return g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_WRONG_KEY)
         || g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_WRONG_PHRASE)
         || g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NO_PHRASE)
         || g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_OLD_KEY);
}

static void
tell (KsRestoreDialog *self, const GError *error)
{
  g_autofree char *text = ks_error_text_unlock (error);
  g_autofree char *unfinished = NULL;

  g_message ("Secure Backup was not opened: %s", error->message);
  if (g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_WRONG_PHRASE)
      || g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NO_PHRASE))
    {
      KsKeyEntrySource source;
      g_autoptr (KsSecret) typed = ks_unlock_page_get_text (self->unlock_page, &source);

      unfinished = typed != NULL && source == KS_KEY_ENTRY_TYPED ? ks_unlock_text_unfinished (typed) : NULL;
    }
  ks_unlock_page_set_problem (self->unlock_page, unfinished != NULL ? unfinished : text);
  if (g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_ROOM_KEY_FILE))
    ks_unlock_page_offer_import (self->unlock_page);
  if (fits_nothing (error))
    ks_unlock_page_offer_help (self->unlock_page);
  if (opens_nothing (error) && ks_recovery_get_next_step (self->recovery) == KS_NEXT_STEP_REPAIR)
    ks_unlock_page_offer_repair (self->unlock_page);
}

static void
on_identity_answered (GObject *window, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsRestoreDialog) self = data;
  gboolean take = ks_ask_finish (result);
  g_autoptr (GError) error = NULL;

  if (self->closed || self->cancellable != NULL || !is_shown (self, self->unlock_page))
    return;
  if (take)
    {
      unlock (self, KS_UNLOCK_TAKE_OTHER_IDENTITY);
      return;
    }
  error =
      g_error_new_literal (KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CHANGED, "the other identity is not wanted");
  tell (self, error);
}

/* The account has another identity than this session knew. Only the person knows whether
 * that is as it should be (threat A22). */
static void
ask_for_identity (KsRestoreDialog *self)
{
  ks_ask_async (GTK_WINDOW (self), _ ("Did You Reset Secure Backup?"),
                _ ("Your account's identity is not the one that this session knew. That is so after you "
                   "have reset it in another app. If you haven't, somebody else has, and could read what "
                   "you write from now on."),
                _ ("Use the _New One"), TRUE, on_identity_answered, g_object_ref (self));
}

static void
on_unlocked (GObject *recovery, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsRestoreDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsUnlockResult) unlocked = ks_recovery_unlock_finish (KS_RECOVERY (recovery), result, &error);

  g_clear_object (&self->cancellable);
  if (self->closed)
    return;
  ks_step_page_set_busy (KS_STEP_PAGE (self->unlock_page), FALSE);
  ks_step_page_set_forward_label (KS_STEP_PAGE (self->unlock_page), _ ("_Unlock"));
  if (unlocked != NULL && unlocked->identity_changed)
    {
      ask_for_identity (self);
      return;
    }
  if (unlocked != NULL)
    {
      open_backup (self, unlocked);
      return;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CHANGED))
    ask_for_identity (self);
  else
    tell (self, error);
}

static void
unlock (KsRestoreDialog *self, KsUnlockFlags flags)
{
  KsKeyEntrySource source;
  g_autoptr (KsSecret) text = ks_unlock_page_get_text (self->unlock_page, &source);

  if (ks_unlock_page_wants_to_keep (self->unlock_page))
    flags |= KS_UNLOCK_KEEP_KEY;
  self->cancellable = g_cancellable_new ();
  self->upload_left = (KsTimeLeft){ 0 };
  ks_step_page_set_busy (KS_STEP_PAGE (self->unlock_page), TRUE);
  ks_step_page_set_forward_label (KS_STEP_PAGE (self->unlock_page), _ ("Checking"));
  if (text != NULL)
    ks_recovery_unlock_async (self->recovery, text, source, flags, self->cancellable, on_unlocked,
                              g_object_ref (self));
  else
    ks_recovery_unlock_from_keyring_async (self->recovery, flags, self->cancellable, on_unlocked,
                                           g_object_ref (self));
}

/* Going on, and leaving. */

static void
on_page_went_on (KsStepPage *page, KsRestoreDialog *self)
{
  if (is_shown (self, self->unlock_page))
    unlock (self, KS_UNLOCK_DEFAULT);
  else if (is_shown (self, self->restoring_page) && !is_running (self))
    ks_restore_job_run (self->job);
  else
    gtk_window_close (GTK_WINDOW (self));
}

/* What is being checked is called off, and the page stays; what is restored is stopped. */
static void
activate_cancel (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsRestoreDialog *self = KS_RESTORE_DIALOG (widget);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  else if (is_shown (self, self->restoring_page) && is_running (self))
    ks_restore_job_stop (self->job);
  else
    gtk_window_close (GTK_WINDOW (self));
}

/* Escape stops nothing that is wanted: a restore goes on in the background. */
static void
activate_leave (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsRestoreDialog *self = KS_RESTORE_DIALOG (widget);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  else
    gtk_window_close (GTK_WINDOW (self));
}

/* Another dialog takes over. */
static void
activate_import_keys (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsRestoreDialog *self = KS_RESTORE_DIALOG (widget);
  g_autoptr (GtkWindow) window = g_object_ref (gtk_window_get_transient_for (GTK_WINDOW (self)));
  GFile *file = ks_unlock_page_get_file (self->unlock_page);
  g_autofree char *uri = file != NULL ? g_file_get_uri (file) : g_strdup ("");

  gtk_window_close (GTK_WINDOW (self));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.import-keys", "s", uri);
}

static void
hand_over (GtkWidget *widget, const char *action)
{
  g_autoptr (GtkWindow) window = g_object_ref (gtk_window_get_transient_for (GTK_WINDOW (widget)));

  gtk_window_close (GTK_WINDOW (widget));
  gtk_widget_activate_action (GTK_WIDGET (window), action, NULL);
}

static void
activate_repair (GtkWidget *widget, const char *name, GVariant *parameter)
{
  hand_over (widget, "win.repair");
}

static void
activate_without_key (GtkWidget *widget, const char *name, GVariant *parameter)
{
  hand_over (widget, "win.without-key");
}

/* It was closed. What runs may keep it longer, and GTK disposes of it only after that; and
 * longer than its parent lives, for which GTK 4.8 reaches. */
static void
ks_restore_dialog_unrealize (GtkWidget *widget)
{
  KsRestoreDialog *self = KS_RESTORE_DIALOG (widget);

  self->closed = TRUE;
  g_cancellable_cancel (self->cancellable);
  ks_step_page_wipe (KS_STEP_PAGE (self->unlock_page));
  g_signal_handlers_disconnect_by_data (self->job, self);
  ks_restore_job_set_watched (self->job, FALSE);
  ks_restore_job_reset (self->job);
  GTK_WIDGET_CLASS (ks_restore_dialog_parent_class)->unrealize (widget);
  gtk_window_set_transient_for (GTK_WINDOW (self), NULL);
}

static void
ks_restore_dialog_finalize (GObject *object)
{
  KsRestoreDialog *self = KS_RESTORE_DIALOG (object);

  g_clear_object (&self->recovery);
  g_clear_object (&self->job);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (ks_restore_dialog_parent_class)->finalize (object);
}

static void
ks_restore_dialog_class_init (KsRestoreDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = ks_restore_dialog_finalize;
  widget_class->unrealize = ks_restore_dialog_unrealize;

  g_type_ensure (KS_TYPE_FORWARD_BUTTON);
  g_type_ensure (KS_TYPE_RESTORED_PAGE);
  g_type_ensure (KS_TYPE_RESTORING_PAGE);
  g_type_ensure (KS_TYPE_UNLOCK_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/restore/ks-restore-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, KsRestoreDialog, cancel);
  gtk_widget_class_bind_template_child (widget_class, KsRestoreDialog, cancel_label);
  gtk_widget_class_bind_template_child (widget_class, KsRestoreDialog, pages);
  gtk_widget_class_bind_template_child (widget_class, KsRestoreDialog, unlock_page);
  gtk_widget_class_bind_template_child (widget_class, KsRestoreDialog, restoring_page);
  gtk_widget_class_bind_template_child (widget_class, KsRestoreDialog, restored_page);
  gtk_widget_class_bind_template_child (widget_class, KsRestoreDialog, forward);
  gtk_widget_class_bind_template_callback (widget_class, on_page_went_on);
  gtk_widget_class_install_action (widget_class, "restore.cancel", NULL, activate_cancel);
  gtk_widget_class_install_action (widget_class, "restore.leave", NULL, activate_leave);
  gtk_widget_class_install_action (widget_class, "restore.import-keys", NULL, activate_import_keys);
  gtk_widget_class_install_action (widget_class, "restore.repair", NULL, activate_repair);
  gtk_widget_class_install_action (widget_class, "restore.without-key", NULL, activate_without_key);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "restore.leave", NULL);
}

static void
ks_restore_dialog_init (KsRestoreDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ks_forward_button_take_enter (self->forward, GTK_WINDOW (self));
  ks_unlock_drop_take (GTK_WIDGET (self), self->unlock_page);
}

gboolean
ks_restore_dialog_unlocks (KsRecovery *recovery)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (recovery);

  switch (ks_recovery_get_state (recovery))
    {
    case KS_RECOVERY_CONFLICT:
    case KS_RECOVERY_UNTRUSTED:
      return TRUE;
    case KS_RECOVERY_LOCKED:
    case KS_RECOVERY_INCOMPLETE:
      return seen != NULL && seen->to_unlock && !ks_recovery_is_backup_open (recovery);
    case KS_RECOVERY_UNKNOWN:
    case KS_RECOVERY_OFFLINE:
    case KS_RECOVERY_NOT_SET_UP:
    case KS_RECOVERY_SETTING_UP:
    case KS_RECOVERY_READY:
    default:
      return FALSE;
    }
}

/* @unlock: with unlocking first. How an earlier restore ended is no news to whoever has to do that. */
static KsRestoreDialog *
dialog_new (GtkWindow *parent, KsAccount *account, KsRestoreJob *job, gboolean unlock)
{
  KsRestoreDialog *self = g_object_new (KS_TYPE_RESTORE_DIALOG, "transient-for", parent, NULL);

  self->recovery = g_object_ref (ks_account_get_recovery (account));
  self->job = g_object_ref (job);
  ks_restore_job_set_watched (job, TRUE);
  if (unlock)
    ks_restore_job_reset (job);
  else if (ks_restore_job_get_state (job) == KS_RESTORE_JOB_IDLE)
    ks_restore_job_run (job);
  ks_restoring_page_set_job (self->restoring_page, job);
  g_signal_connect_swapped (job, "notify::state", G_CALLBACK (follow_job), self);
  g_signal_connect_object (self->recovery, "uploading", G_CALLBACK (on_uploading), self, 0);
  ks_unlock_page_set_recovery (self->unlock_page, self->recovery);
  show (self, self->unlock_page);
  follow_job (self);
  return self;
}

KsRestoreDialog *
ks_restore_dialog_new (GtkWindow *parent, KsAccount *account, KsRestoreJob *job)
{
  return dialog_new (parent, account, job, ks_restore_dialog_unlocks (ks_account_get_recovery (account)));
}

KsRestoreDialog *
ks_restore_dialog_new_unlock (GtkWindow *parent, KsAccount *account, KsRestoreJob *job)
{
  return dialog_new (parent, account, job, TRUE);
}

void
ks_restore_dialog_use_keyring (KsRestoreDialog *self)
{
  if (is_shown (self, self->unlock_page))
    ks_unlock_page_use_keyring (self->unlock_page);
}
