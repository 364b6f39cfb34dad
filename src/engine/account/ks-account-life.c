/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-account-life.h"

#include "engine/recovery/ks-recovery.h"
#include "engine/set-up/ks-set-up.h"

struct _KsAccountLife
{
  GObject parent;

  KsAccount *account;        /* borrowed; NULL once it has ended */
  KsRecovery *recovery;      /* owned */
  KsSetUp *set_up;           /* owned: the recovery's */
  KsBackupKeeper *keeper;    /* owned */
  KsRestoreJob *restore;     /* owned */
  GCancellable *cancellable; /* owned: ends with it */
  gboolean looking;          /* the server is being asked */
  GError *failure;           /* owned: why the last look had no answer; NULL: it had */
  GError *stopped;           /* owned: why a set-up that went on stopped again; NULL: none did */
  gboolean set_up_went_on;   /* or there was none, at the first look */
  gboolean restore_looked_for;
};

G_DEFINE_FINAL_TYPE (KsAccountLife, ks_account_life, G_TYPE_OBJECT)

enum
{
  CHANGED,
  LOOKED,
  SET_UP_ENDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
tell (KsAccountLife *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

/* Going on, without asking anything that was answered before. */

static void
on_set_up_ended (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsAccountLife) self = data;
  g_autoptr (GError) error = NULL;

  ks_set_up_run_finish (KS_SET_UP (object), result, &error);
  if (self->account == NULL)
    return;
  g_signal_emit (self, signals[SET_UP_ENDED], 0, object, error);
  if (error == NULL)
    ks_set_up_forget (self->set_up);
  else
    g_message ("the set-up stopped again: %s", error->message);
  self->stopped = g_steal_pointer (&error);
  ks_account_life_look (self);
}

static void
go_on (KsAccountLife *self)
{
  KsSetUpStage stage = ks_set_up_get_stage (self->set_up);

  if (!self->set_up_went_on && stage == KS_SET_UP_KEY_SAVED)
    ks_set_up_run_async (self->set_up, NULL, on_set_up_ended, g_object_ref (self));
  else if (!self->restore_looked_for && stage != KS_SET_UP_RUNNING)
    {
      self->restore_looked_for = TRUE;
      ks_restore_job_resume (self->restore);
    }
  self->set_up_went_on = TRUE;
}

/* Looking. */

static void
on_refreshed (GObject *recovery, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsAccountLife) self = data;
  g_autoptr (GError) error = NULL;

  ks_recovery_refresh_finish (KS_RECOVERY (recovery), result, &error);
  if (self->account == NULL)
    return;
  self->looking = FALSE;
  self->failure = g_steal_pointer (&error);
  if (self->failure == NULL)
    go_on (self);
  tell (self);
  g_signal_emit (self, signals[LOOKED], 0, self->failure == NULL);
}

void
ks_account_life_look (KsAccountLife *self)
{
  g_return_if_fail (KS_IS_ACCOUNT_LIFE (self));

  if (self->account == NULL || self->looking)
    return;
  self->looking = TRUE;
  g_clear_error (&self->failure);
  ks_recovery_refresh_async (self->recovery, self->cancellable, on_refreshed, g_object_ref (self));
  tell (self);
}

static void
on_set_up_stage_changed (KsAccountLife *self)
{
  KsSetUpStage stage = ks_set_up_get_stage (self->set_up);

  if (stage == KS_SET_UP_RUNNING)
    g_clear_error (&self->stopped);
  tell (self);
  if (stage == KS_SET_UP_DONE || stage == KS_SET_UP_NONE)
    ks_account_life_look (self);
}

/* What is known. */

gboolean
ks_account_life_is_looking (KsAccountLife *self)
{
  g_return_val_if_fail (KS_IS_ACCOUNT_LIFE (self), FALSE);

  return self->looking;
}

const GError *
ks_account_life_get_failure (KsAccountLife *self)
{
  g_return_val_if_fail (KS_IS_ACCOUNT_LIFE (self), NULL);

  return self->failure;
}

const GError *
ks_account_life_get_stopped (KsAccountLife *self)
{
  g_return_val_if_fail (KS_IS_ACCOUNT_LIFE (self), NULL);

  return self->stopped;
}

KsBackupKeeper *
ks_account_life_get_keeper (KsAccountLife *self)
{
  g_return_val_if_fail (KS_IS_ACCOUNT_LIFE (self), NULL);

  return self->keeper;
}

KsRestoreJob *
ks_account_life_get_restore (KsAccountLife *self)
{
  g_return_val_if_fail (KS_IS_ACCOUNT_LIFE (self), NULL);

  return self->restore;
}

/* From its beginning to its end. */

void
ks_account_life_end (KsAccountLife *self)
{
  if (self->account == NULL)
    return;
  self->account = NULL;
  g_cancellable_cancel (self->cancellable);
  g_signal_handlers_disconnect_by_data (self->set_up, self);
  ks_restore_job_abandon (self->restore);
  ks_backup_keeper_stop (self->keeper);
}

static void
ks_account_life_finalize (GObject *object)
{
  KsAccountLife *self = KS_ACCOUNT_LIFE (object);

  ks_account_life_end (self);
  g_object_unref (self->keeper);
  g_object_unref (self->restore);
  g_object_unref (self->set_up);
  g_object_unref (self->recovery);
  g_object_unref (self->cancellable);
  g_clear_error (&self->failure);
  g_clear_error (&self->stopped);
  G_OBJECT_CLASS (ks_account_life_parent_class)->finalize (object);
}

static void
ks_account_life_class_init (KsAccountLifeClass *class)
{
  G_OBJECT_CLASS (class)->finalize = ks_account_life_finalize;
  signals[CHANGED] =
      g_signal_new ("changed", KS_TYPE_ACCOUNT_LIFE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[LOOKED] = g_signal_new ("looked", KS_TYPE_ACCOUNT_LIFE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  signals[SET_UP_ENDED] = g_signal_new ("set-up-ended", KS_TYPE_ACCOUNT_LIFE, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 2, KS_TYPE_SET_UP, G_TYPE_ERROR);
}

static void
ks_account_life_init (KsAccountLife *self)
{
  self->cancellable = g_cancellable_new ();
}

static void
on_account_refreshed (GObject *account, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  /* The names stay as they were known before. */
  if (!ks_account_refresh_finish (KS_ACCOUNT (account), result, &error)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_info ("the account's names are not known: %s", error->message);
}

KsAccountLife *
ks_account_life_new (KsAccount *account)
{
  KsAccountLife *self = g_object_new (KS_TYPE_ACCOUNT_LIFE, NULL);

  self->account = account;
  self->recovery = g_object_ref (ks_account_get_recovery (account));
  self->set_up = g_object_ref (ks_recovery_get_set_up (self->recovery));
  self->keeper = ks_backup_keeper_new (self->recovery);
  self->restore = ks_restore_job_new (self->recovery);
  g_signal_connect_object (self->set_up, "notify::stage", G_CALLBACK (on_set_up_stage_changed), self,
                           G_CONNECT_SWAPPED);
  ks_account_refresh_async (account, self->cancellable, on_account_refreshed, NULL);
  ks_account_life_look (self);
  return self;
}
