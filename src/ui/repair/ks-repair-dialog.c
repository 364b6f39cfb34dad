/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/repair/ks-repair-dialog.h"

#include "engine/recovery/ks-recovery-repair.h"
#include "engine/recovery/ks-recovery-unlock.h"
#include "engine/secrets/ks-recovery-error.h"
#include "matrix/ks-matrix-error.h"
#include "ui/ks-error-text.h"
#include "ui/repair/ks-repair-notice.h"
#include "ui/repair/ks-repair-due.h"
#include "ui/repair/ks-repair-plan-page.h"
#include "ui/repair/ks-repair-text.h"
#include "ui/repair/ks-repaired-page.h"
#include "ui/repair/ks-repairing-page.h"
#include "ui/repair/ks-unrepairable-page.h"
#include "ui/restore/ks-unlock-drop.h"
#include "ui/restore/ks-unlock-page.h"
#include "ui/restore/ks-unlocked-text.h"
#include "ui/steps/ks-forward-button.h"
#include "ui/steps/ks-identify-page.h"

#include <glib/gi18n.h>

/* The way through:
 *
 *   plan → repairing → repaired
 *   plan → key → repairing → repaired     where the Security Key is needed
 *
 * from key back to plan if the key shows that there is more to do, and from repairing to identify
 * and back, whenever the server asks. Where nothing can be done, it is the page that says so. */
struct _KsRepairDialog
{
  AdwWindow parent;

  GtkButton *cancel;
  GtkLabel *cancel_label;
  GtkStack *pages;
  KsRepairPlanPage *plan_page;
  KsUnlockPage *key_page;
  KsIdentifyPage *identify_page;
  KsRepairingPage *repairing_page;
  KsRepairedPage *repaired_page;
  KsUnrepairablePage *unrepairable_page;
  KsForwardButton *forward;

  KsAccount *account;        /* owned */
  KsRecovery *recovery;      /* owned */
  GCancellable *cancellable; /* owned: of what is being checked; NULL: nothing is */
  KsSecret *text;          /* owned: the key that was given, while the account has no note of it; else NULL */
  KsKeyEntrySource source; /* of it */
  gboolean closed;
};

G_DEFINE_FINAL_TYPE (KsRepairDialog, ks_repair_dialog, ADW_TYPE_WINDOW)

/* Pages and buttons. */

static KsStepPage *
page_of (KsRepairDialog *self)
{
  return KS_STEP_PAGE (gtk_stack_get_visible_child (self->pages));
}

static gboolean
is_shown (KsRepairDialog *self, gpointer page)
{
  return (gpointer) page_of (self) == page;
}

static gboolean
is_running (KsRepairDialog *self)
{
  return is_shown (self, self->repairing_page) && !ks_repairing_page_has_failed (self->repairing_page);
}

static void
show (KsRepairDialog *self, gpointer page)
{
  gboolean asks;

  gtk_stack_set_visible_child (self->pages, GTK_WIDGET (page));
  ks_forward_button_set_page (self->forward, page);
  asks = !is_shown (self, self->repairing_page) && !is_shown (self, self->unrepairable_page);
  gtk_label_set_label (self->cancel_label, asks ? _ ("_Cancel") : _ ("_Close"));
  gtk_widget_set_visible (GTK_WIDGET (self->cancel),
                          !is_running (self) && !is_shown (self, self->repaired_page));
  gtk_window_set_title (GTK_WINDOW (self), ks_step_page_get_title (page));
  gtk_widget_grab_focus (ks_forward_button_get_button (self->forward));
  ks_step_page_shown (page);
}

static void
show_what_helps (KsRepairDialog *self)
{
  ks_unrepairable_page_show (self->unrepairable_page, self->recovery);
  show (self, self->unrepairable_page);
}

static void
show_plan (KsRepairDialog *self)
{
  if (ks_recovery_get_next_step (self->recovery) == KS_NEXT_STEP_REPAIR)
    {
      ks_repair_plan_page_show (self->plan_page, self->recovery);
      show (self, self->plan_page);
    }
  else if (ks_repair_is_stuck (self->recovery))
    show_what_helps (self);
  else if (ks_recovery_get_next_step (self->recovery) == KS_NEXT_STEP_NONE)
    {
      ks_repaired_page_show (self->repaired_page, self->recovery, NULL);
      show (self, self->repaired_page);
    }
  else
    /* Security & Privacy has what leads on. */
    gtk_window_close (GTK_WINDOW (self));
}

/* Repairing. It is the account's, and goes on without the dialog. */

static void
ask_who (KsRepairDialog *self, KsUia *challenge, gboolean wrong)
{
  ks_identify_page_set_challenge (self->identify_page, challenge, ks_account_get_user_id (self->account),
                                  ks_account_get_homeserver (self->account), wrong);
  show (self, self->identify_page);
}

static char *
what_went_wrong (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PENDING))
    return g_strdup (_ ("Repairing is under way already. Wait a moment, then try again."));
  /* Not that nothing was changed: what is ticked is done. */
  if (g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_SERVER))
    return g_strdup (_ ("The homeserver has a problem of its own. Try again later."));
  return ks_error_text_unlock (error);
}

static void
tell_of_key (KsRepairDialog *self, const GError *error)
{
  g_autofree char *text = what_went_wrong (error);

  g_message ("the key is not taken: %s", error->message);
  ks_unlock_page_set_problem (self->key_page, text);
}

static void
show_end (KsRepairDialog *self, const KsRepairOutcome *outcome, const GError *error)
{
  g_autofree char *text = error != NULL ? what_went_wrong (error) : NULL;

  if (error == NULL)
    {
      ks_repaired_page_show (self->repaired_page, self->recovery, outcome);
      show (self, self->repaired_page);
      return;
    }
  g_message ("the repair stopped: %s", error->message);
  /* Of the key that was given, as long as nothing was done with it. */
  if (self->text != NULL && error->domain == KS_RECOVERY_ERROR
      && !ks_repairing_page_has_begun (self->repairing_page))
    {
      show (self, self->key_page);
      tell_of_key (self, error);
      return;
    }
  ks_repairing_page_stop (self->repairing_page, text);
  show (self, self->repairing_page);
}

static void
on_repaired (GObject *recovery, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsRepairDialog) self = data;
  g_autoptr (GError) error = NULL;
  KsUia *challenge = NULL;
  g_autoptr (KsRepairOutcome) outcome =
      ks_recovery_repair_finish (KS_RECOVERY (recovery), result, &challenge, &error);

  if (self->closed)
    ks_repair_notice_send (self->recovery, outcome, error);
  else if (challenge != NULL)
    ask_who (self, challenge, g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_AUTH_WRONG));
  else
    show_end (self, outcome, error);
  /* From the server's question on the key is in the account's own note. */
  if (challenge != NULL || error == NULL)
    g_clear_pointer (&self->text, ks_secret_unref);
  ks_uia_unref (challenge);
}

static void
repair (KsRepairDialog *self, KsUiaAnswer *answer)
{
  ks_repairing_page_begin (self->repairing_page, self->recovery);
  show (self, self->repairing_page);
  ks_recovery_repair_async (self->recovery, self->text, self->source, answer, NULL, on_repaired,
                            g_object_ref (self));
}

/* The Security Key. */

/* Whether the right key opened nothing, and what can be made anew under it is to be shown now. */
static gboolean
has_noted_key (KsRepairDialog *self)
{
  return ks_recovery_get_snapshot (self->recovery)->opened_before
         && ks_recovery_get_next_step (self->recovery) == KS_NEXT_STEP_REPAIR
         && !ks_recovery_get_plan (self->recovery)->needs_key;
}

static void
on_unlocked (GObject *recovery, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsRepairDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsUnlockResult) unlocked = ks_recovery_unlock_finish (KS_RECOVERY (recovery), result, &error);

  g_clear_object (&self->cancellable);
  if (self->closed)
    return;
  ks_step_page_set_busy (KS_STEP_PAGE (self->key_page), FALSE);
  if (unlocked == NULL && !has_noted_key (self))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        ks_step_page_shown (KS_STEP_PAGE (self->key_page));
      else
        tell_of_key (self, error);
      return;
    }
  if (unlocked != NULL && unlocked->only_older)
    {
      gboolean is_open = ks_recovery_is_backup_open (self->recovery);

      ks_unlock_page_set_problem (self->key_page, ks_unlocked_text_older (unlocked, is_open));
      return;
    }
  ks_step_page_wipe (KS_STEP_PAGE (self->key_page));
  if (!ks_recovery_get_plan (self->recovery)->needs_key)
    g_clear_pointer (&self->text, ks_secret_unref);
  /* Nothing is done that was not shown. */
  if (ks_recovery_get_next_step (self->recovery) == KS_NEXT_STEP_REPAIR
      && ks_repair_plan_page_is_of (self->plan_page, self->recovery))
    repair (self, NULL);
  else
    show_plan (self);
}

/* A storage that another client has emptied has no key that one could be compared with. */
static gboolean
takes_any_key (KsRepairDialog *self)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (self->recovery);

  return seen->default_key_id == NULL && !seen->stored_anywhere;
}

static void
ask_for_key (KsRepairDialog *self)
{
  KsStepPage *page = KS_STEP_PAGE (self->key_page);

  ks_step_page_set_title (page, _ ("Enter Your Security Key"));
  ks_step_page_set_forward_label (page, _ ("C_ontinue"));
  ks_step_page_set_description (page, ks_repair_text_ask_for_key (takes_any_key (self)));
  /* The key in the keyring cannot be tried on nothing. */
  if (!takes_any_key (self))
    ks_unlock_page_set_recovery (self->key_page, self->recovery);
  show (self, page);
}

static void
take_key (KsRepairDialog *self)
{
  KsUnlockFlags flags =
      ks_unlock_page_wants_to_keep (self->key_page) ? KS_UNLOCK_KEEP_KEY : KS_UNLOCK_DEFAULT;

  g_clear_pointer (&self->text, ks_secret_unref);
  self->text = ks_unlock_page_get_text (self->key_page, &self->source);
  if (self->text != NULL && takes_any_key (self))
    {
      repair (self, NULL);
      return;
    }
  self->cancellable = g_cancellable_new ();
  ks_step_page_set_busy (KS_STEP_PAGE (self->key_page), TRUE);
  if (self->text != NULL)
    ks_recovery_unlock_async (self->recovery, self->text, self->source, flags, self->cancellable, on_unlocked,
                              g_object_ref (self));
  else
    ks_recovery_unlock_from_keyring_async (self->recovery, flags, self->cancellable, on_unlocked,
                                           g_object_ref (self));
}

/* Looking once more. */

static void
on_refreshed (GObject *recovery, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsRepairDialog) self = data;
  g_autoptr (GError) error = NULL;

  ks_recovery_refresh_finish (KS_RECOVERY (recovery), result, &error);
  g_clear_object (&self->cancellable);
  if (self->closed)
    return;
  ks_step_page_set_busy (KS_STEP_PAGE (self->unrepairable_page), FALSE);
  /* Security & Privacy says why it could not be looked at. */
  if (error == NULL)
    show_plan (self);
  else
    gtk_window_close (GTK_WINDOW (self));
}

static void
look_again (KsRepairDialog *self)
{
  self->cancellable = g_cancellable_new ();
  ks_step_page_set_busy (KS_STEP_PAGE (self->unrepairable_page), TRUE);
  ks_recovery_refresh_async (self->recovery, self->cancellable, on_refreshed, g_object_ref (self));
}

/* Going on, and leaving. */

static void
on_page_went_on (KsStepPage *page, KsRepairDialog *self)
{
  if (is_shown (self, self->plan_page) && ks_recovery_get_plan (self->recovery)->needs_key)
    ask_for_key (self);
  else if (is_shown (self, self->plan_page))
    repair (self, NULL);
  else if (is_shown (self, self->key_page))
    take_key (self);
  else if (is_shown (self, self->identify_page))
    {
      g_autoptr (KsUiaAnswer) answer = ks_identify_page_take_answer (self->identify_page);

      repair (self, answer);
    }
  else if (is_shown (self, self->repairing_page) && !is_running (self))
    repair (self, NULL);
  else if (is_shown (self, self->unrepairable_page))
    look_again (self);
  else
    gtk_window_close (GTK_WINDOW (self));
}

/* What is being checked is called off, and the page stays. */
static void
activate_cancel (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsRepairDialog *self = KS_REPAIR_DIALOG (widget);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  else
    gtk_window_close (GTK_WINDOW (self));
}

/* Another dialog takes over. */
static void
hand_over (KsRepairDialog *self, const char *action)
{
  g_autoptr (GtkWindow) window = g_object_ref (gtk_window_get_transient_for (GTK_WINDOW (self)));

  gtk_window_close (GTK_WINDOW (self));
  gtk_widget_activate_action (GTK_WIDGET (window), action, NULL);
}

static void
activate_enter_key (GtkWidget *widget, const char *name, GVariant *parameter)
{
  hand_over (KS_REPAIR_DIALOG (widget), "win.unlock");
}

/* What can be made anew, is shown first. */
static void
activate_without_key (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsRepairDialog *self = KS_REPAIR_DIALOG (widget);

  ks_repair_plan_page_show (self->plan_page, self->recovery);
  show (self, self->plan_page);
}

static void
activate_export_keys (GtkWidget *widget, const char *name, GVariant *parameter)
{
  hand_over (KS_REPAIR_DIALOG (widget), "win.export-keys");
}

/* It was closed. What runs may keep it longer, and GTK disposes of it only after that; and
 * longer than its parent lives, for which GTK 4.8 reaches. */
static void
ks_repair_dialog_unrealize (GtkWidget *widget)
{
  KsRepairDialog *self = KS_REPAIR_DIALOG (widget);

  self->closed = TRUE;
  g_cancellable_cancel (self->cancellable);
  ks_step_page_wipe (KS_STEP_PAGE (self->key_page));
  ks_step_page_wipe (KS_STEP_PAGE (self->identify_page));
  GTK_WIDGET_CLASS (ks_repair_dialog_parent_class)->unrealize (widget);
  gtk_window_set_transient_for (GTK_WINDOW (self), NULL);
}

static void
ks_repair_dialog_finalize (GObject *object)
{
  KsRepairDialog *self = KS_REPAIR_DIALOG (object);

  g_clear_pointer (&self->text, ks_secret_unref);
  g_clear_object (&self->account);
  g_clear_object (&self->recovery);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (ks_repair_dialog_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, KsRepairDialog, cancel);
  gtk_widget_class_bind_template_child (widget_class, KsRepairDialog, cancel_label);
  gtk_widget_class_bind_template_child (widget_class, KsRepairDialog, pages);
  gtk_widget_class_bind_template_child (widget_class, KsRepairDialog, plan_page);
  gtk_widget_class_bind_template_child (widget_class, KsRepairDialog, key_page);
  gtk_widget_class_bind_template_child (widget_class, KsRepairDialog, identify_page);
  gtk_widget_class_bind_template_child (widget_class, KsRepairDialog, repairing_page);
  gtk_widget_class_bind_template_child (widget_class, KsRepairDialog, repaired_page);
  gtk_widget_class_bind_template_child (widget_class, KsRepairDialog, unrepairable_page);
  gtk_widget_class_bind_template_child (widget_class, KsRepairDialog, forward);
}

static void
ks_repair_dialog_class_init (KsRepairDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  const GType parts[] = { KS_TYPE_REPAIR_PLAN_PAGE, KS_TYPE_UNLOCK_PAGE,   KS_TYPE_IDENTIFY_PAGE,
                          KS_TYPE_REPAIRING_PAGE,   KS_TYPE_REPAIRED_PAGE, KS_TYPE_UNREPAIRABLE_PAGE,
                          KS_TYPE_FORWARD_BUTTON };

  G_OBJECT_CLASS (class)->finalize = ks_repair_dialog_finalize;
  widget_class->unrealize = ks_repair_dialog_unrealize;

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    g_type_ensure (parts[i]);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/repair/ks-repair-dialog.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_page_went_on);
  gtk_widget_class_install_action (widget_class, "repair.cancel", NULL, activate_cancel);
  gtk_widget_class_install_action (widget_class, "repair.enter-key", NULL, activate_enter_key);
  gtk_widget_class_install_action (widget_class, "repair.without-key", NULL, activate_without_key);
  gtk_widget_class_install_action (widget_class, "repair.export-keys", NULL, activate_export_keys);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "repair.cancel", NULL);
}

static void
ks_repair_dialog_init (KsRepairDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ks_forward_button_take_enter (self->forward, GTK_WINDOW (self));
  ks_unlock_drop_take (GTK_WIDGET (self), self->key_page);
}

KsRepairDialog *
ks_repair_dialog_new (GtkWindow *parent, KsAccount *account, gboolean without_key)
{
  KsRepairDialog *self = g_object_new (KS_TYPE_REPAIR_DIALOG, "transient-for", parent, NULL);

  self->account = g_object_ref (account);
  self->recovery = g_object_ref (ks_account_get_recovery (account));
  if (without_key)
    show_what_helps (self);
  else
    show_plan (self);
  return self;
}
