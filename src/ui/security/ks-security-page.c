/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/security/ks-security-page.h"

#include "engine/account/ks-account-life.h"
#include "engine/recovery/ks-recovery-repair.h"
#include "engine/recovery/ks-recovery.h"
#include "engine/set-up/ks-set-up.h"
#include "ui/repair/ks-repair-dialog.h"
#include "ui/repair/ks-repair-due.h"
#include "ui/restore/ks-restore-notice.h"
#include "ui/restore/ks-restore-row.h"
#include "ui/security/ks-cross-signing-group.h"
#include "ui/security/ks-cryptography-group.h"
#include "ui/security/ks-found-text.h"
#include "ui/security/ks-key-row.h"
#include "ui/security/ks-state-text.h"
#include "ui/set-up/ks-set-up-notice.h"

#include <glib/gi18n.h>

struct _KsSecurityPage
{
  AdwBin parent;

  GtkListBoxRow *quiet_row;
  GtkLabel *quiet_text;
  GtkListBoxRow *state_row;
  GtkImage *state_icon;
  GtkLabel *state_title;
  GtkLabel *state_text;
  GtkSpinner *state_spinner;
  GtkButton *set_up_button;
  GtkLabel *set_up_label;
  GtkButton *unlock_button;
  GtkButton *repair_button;
  GtkLabel *repair_label;
  GtkButton *retry_button;
  AdwActionRow *parts_row;
  AdwActionRow *missing_row;
  AdwActionRow *backup_row;
  KsKeyRow *key_row;
  KsRestoreRow *restore_row;
  AdwActionRow *other_key_row;
  KsCrossSigningGroup *cross_signing;
  KsCryptographyGroup *cryptography;

  KsAccount *account;     /* owned; NULL: nobody is signed in */
  KsRecovery *recovery;   /* owned; the account's, or NULL with it */
  KsAccountLife *life;    /* owned; the account's, or NULL with it */
  KsTimeLeft upload_left; /* of what the keeper uploads */
};

G_DEFINE_FINAL_TYPE (KsSecurityPage, ks_security_page, ADW_TYPE_BIN)

/* The keyboard arrives at the state first, and a screen reader says it. */
static void
name_row (GtkListBoxRow *row, const KsStateText *text)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, text->title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text->text, -1);
}

static void
show_text (KsSecurityPage *self, const KsStateText *text)
{
  const char *classes[] = { "ks-medallion", text->look, NULL };
  g_autofree char *quiet = g_markup_printf_escaped ("<b>%s</b> %s", text->title, text->text);

  name_row (self->quiet_row, text);
  name_row (self->state_row, text);
  gtk_widget_set_visible (GTK_WIDGET (self->quiet_row), text->quiet);
  gtk_widget_set_visible (GTK_WIDGET (self->state_row), !text->quiet);
  gtk_label_set_markup (self->quiet_text, text->quiet ? quiet : "");
  gtk_image_set_from_icon_name (self->state_icon, text->icon);
  gtk_widget_set_css_classes (GTK_WIDGET (self->state_icon), classes);
  gtk_label_set_label (self->state_title, text->title);
  gtk_label_set_label (self->state_text, text->text);
  gtk_widget_set_visible (GTK_WIDGET (self->state_text), text->text[0] != '\0');
}

/* Takes @text; NULL: there is nothing to say. */
static void
show_found (AdwActionRow *row, char *text)
{
  gtk_widget_set_visible (GTK_WIDGET (row), text != NULL);
  adw_action_row_set_subtitle (row, text != NULL ? text : "");
  g_free (text);
}

/* Where all is as this session made or opened it, its parts are no news. */
static gboolean
is_worth_telling (KsRecoveryState state)
{
  return state == KS_RECOVERY_LOCKED || state == KS_RECOVERY_INCOMPLETE || state == KS_RECOVERY_UNTRUSTED
         || state == KS_RECOVERY_CONFLICT;
}

static void
show_rows (KsSecurityPage *self, KsRecoveryState state)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (self->recovery);
  gboolean tell = seen != NULL && is_worth_telling (state);

  show_found (self->parts_row, tell ? ks_found_text_parts (seen) : NULL);
  show_found (self->missing_row, tell ? ks_found_text_missing (seen) : NULL);
  show_found (self->backup_row, tell ? ks_found_text_backup (seen) : NULL);
  /* One that is under way, or has something to say, is not hidden. */
  gtk_widget_set_visible (GTK_WIDGET (self->restore_row),
                          ks_recovery_is_backup_open (self->recovery)
                              || ks_restore_job_get_state (ks_account_life_get_restore (self->life))
                                     != KS_RESTORE_JOB_IDLE);
  /* Where something of the current backup is locked, the button leads there. */
  gtk_widget_set_visible (GTK_WIDGET (self->other_key_row),
                          seen != NULL && seen->older_backup && ks_recovery_is_backup_open (self->recovery));
  ks_cross_signing_group_show (self->cross_signing, seen);
  ks_cryptography_group_show (self->cryptography, ks_account_get_device_id (self->account),
                              seen != NULL ? seen->device_key : NULL);
}

/* The one button that leads on; none while the server is being asked. @failure: why it did not
 * answer, or NULL. */
static void
show_button (KsSecurityPage *self, KsRecoveryState state, const GError *failure)
{
  gboolean setting_up = state == KS_RECOVERY_SETTING_UP;
  KsNextStep step = setting_up ? KS_NEXT_STEP_SET_UP : ks_recovery_get_next_step (self->recovery);
  gboolean asking = ks_account_life_is_looking (self->life);
  gboolean retry = failure != NULL || step == KS_NEXT_STEP_RETRY;
  gboolean repair = !setting_up && ks_repair_is_due (self->recovery);

  gtk_widget_set_visible (GTK_WIDGET (self->retry_button), !asking && retry);
  gtk_widget_set_visible (GTK_WIDGET (self->set_up_button), !retry && step == KS_NEXT_STEP_SET_UP);
  gtk_widget_set_visible (GTK_WIDGET (self->repair_button), !retry && repair);
  /* Unlocking asks about another identity, too. */
  gtk_widget_set_visible (GTK_WIDGET (self->unlock_button),
                          !retry && !repair
                              && (step == KS_NEXT_STEP_UNLOCK || step == KS_NEXT_STEP_ACCEPT_IDENTITY));
  /* Translators: the first opens the set-up that is under way. */
  gtk_label_set_label (self->set_up_label, setting_up ? _ ("Continue Setting _Up") : _ ("Set _Up"));
  gtk_label_set_label (self->repair_label, repair && ks_repair_is_stuck (self->recovery)
                                               ? _ ("See What _Helps…")
                                               : _ ("_Repair…"));
}

static void
show_state (KsSecurityPage *self)
{
  KsRecoveryState state = ks_recovery_get_state (self->recovery);
  KsSetUp *set_up = ks_recovery_get_set_up (self->recovery);
  KsBackupKeeper *keeper = ks_account_life_get_keeper (self->life);
  gboolean asking = ks_account_life_is_looking (self->life);
  const GError *failure = ks_account_life_get_failure (self->life);
  guint64 done;
  guint64 total;
  g_auto (KsStateText) text = { 0 };

  /* The keeper may have found out that the server is away. */
  if (failure == NULL && !asking && state == KS_RECOVERY_OFFLINE)
    failure = ks_backup_keeper_get_failure (keeper);
  gtk_widget_set_visible (GTK_WIDGET (self->state_spinner), asking);
  show_button (self, state, failure);
  if (failure != NULL)
    ks_state_text_describe_failure (state, failure, &text);
  else if (state == KS_RECOVERY_SETTING_UP)
    ks_state_text_describe_set_up (ks_set_up_get_stage (set_up) == KS_SET_UP_RUNNING,
                                   ks_account_life_get_stopped (self->life), &text);
  else if (state == KS_RECOVERY_READY && ks_backup_keeper_is_uploading (keeper, &done, &total))
    ks_state_text_describe_upload (&self->upload_left, done, total, &text);
  else if (ks_repair_is_due (self->recovery))
    ks_state_text_describe_repair (state, ks_recovery_get_snapshot (self->recovery),
                                   ks_recovery_get_plan (self->recovery), &text);
  else
    ks_state_text_describe (state, ks_recovery_get_snapshot (self->recovery),
                            ks_backup_keeper_get_failure (keeper), &text);
  show_text (self, &text);
  show_rows (self, state);
}

/* What goes on by itself, whichever page is shown: a word when it ends. */

static void
on_set_up_ended (KsAccountLife *life, KsSetUp *set_up, const GError *error)
{
  ks_set_up_notice_send (set_up, error);
}

static void
on_restore_state_changed (KsSecurityPage *self)
{
  KsRestoreJob *restore = ks_account_life_get_restore (self->life);
  KsRestoreJobState state = ks_restore_job_get_state (restore);

  if ((state == KS_RESTORE_JOB_DONE || state == KS_RESTORE_JOB_FAILED)
      && !ks_restore_job_get_watched (restore))
    ks_restore_notice_send (restore);
  show_state (self);
}

static void
on_keeper_changed (KsSecurityPage *self)
{
  if (!ks_backup_keeper_is_uploading (ks_account_life_get_keeper (self->life), NULL, NULL))
    self->upload_left = (KsTimeLeft){ 0 };
  show_state (self);
}

static void
on_looked (KsSecurityPage *self)
{
  ks_key_row_update (self->key_row);
}

void
ks_security_page_refresh (KsSecurityPage *self)
{
  if (self->life != NULL)
    ks_account_life_look (self->life);
}

static void
forget_account (KsSecurityPage *self)
{
  if (self->life != NULL)
    {
      g_signal_handlers_disconnect_by_data (ks_account_life_get_restore (self->life), self);
      g_signal_handlers_disconnect_by_data (ks_account_life_get_keeper (self->life), self);
      g_signal_handlers_disconnect_by_data (self->life, self);
    }
  g_clear_object (&self->life);
  g_clear_object (&self->recovery);
  g_clear_object (&self->account);
}

void
ks_security_page_set_account (KsSecurityPage *self, KsProfile *profile, KsAccount *account)
{
  forget_account (self);
  ks_restore_row_set_job (self->restore_row, NULL);
  ks_key_row_set_account (self->key_row, profile, account);
  if (account == NULL)
    return;
  self->account = g_object_ref (account);
  self->recovery = g_object_ref (ks_account_get_recovery (account));
  self->life = g_object_ref (ks_account_get_life (account));
  g_signal_connect_swapped (self->life, "changed", G_CALLBACK (show_state), self);
  g_signal_connect_swapped (self->life, "looked", G_CALLBACK (on_looked), self);
  g_signal_connect (self->life, "set-up-ended", G_CALLBACK (on_set_up_ended), self);
  g_signal_connect_swapped (ks_account_life_get_restore (self->life), "notify::state",
                            G_CALLBACK (on_restore_state_changed), self);
  g_signal_connect_swapped (ks_account_life_get_keeper (self->life), "changed",
                            G_CALLBACK (on_keeper_changed), self);
  ks_restore_row_set_job (self->restore_row, ks_account_life_get_restore (self->life));
  show_state (self);
}

static void
ks_security_page_dispose (GObject *object)
{
  forget_account (KS_SECURITY_PAGE (object));
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_SECURITY_PAGE);
  G_OBJECT_CLASS (ks_security_page_parent_class)->dispose (object);
}

static void
ks_security_page_class_init (KsSecurityPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_security_page_dispose;

  g_type_ensure (KS_TYPE_CROSS_SIGNING_GROUP);
  g_type_ensure (KS_TYPE_CRYPTOGRAPHY_GROUP);
  g_type_ensure (KS_TYPE_KEY_ROW);
  g_type_ensure (KS_TYPE_RESTORE_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/security/ks-security-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, quiet_row);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, quiet_text);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, state_row);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, state_icon);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, state_title);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, state_text);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, state_spinner);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, set_up_button);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, set_up_label);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, unlock_button);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, repair_button);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, repair_label);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, retry_button);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, parts_row);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, missing_row);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, backup_row);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, key_row);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, restore_row);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, other_key_row);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, cross_signing);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, cryptography);
}

static void
ks_security_page_init (KsSecurityPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
