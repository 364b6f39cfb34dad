/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/recovery/ks-backup-keeper.h"

#include "engine/recovery/ks-recovery-back-up.h"
#include "engine/recovery/ks-recovery-private.h"
#include "engine/secrets/ks-recovery-error.h"

/* How long the keys of one import, or of one room, are waited for, in milliseconds. */
#define SETTLE 1000

struct _KsBackupKeeper
{
  GObject parent;

  KsRecovery *recovery;      /* owned */
  GCancellable *cancellable; /* owned: of the upload under way; NULL: there is none */
  gboolean once_more;        /* keys have come in meanwhile */
  guint64 done;
  guint64 total;
  GError *failure; /* owned; NULL: none */
  guint wait;      /* milliseconds between the last two tries; 0: the last one went well */
  guint source;    /* of the next try; 0: none is planned */
  gboolean stopped;
};

G_DEFINE_FINAL_TYPE (KsBackupKeeper, ks_backup_keeper, G_TYPE_OBJECT)

static guint changed_signal;

static void plan (KsBackupKeeper *self, guint milliseconds);

static void
tell (KsBackupKeeper *self)
{
  g_signal_emit (self, changed_signal, 0);
}

static void
plan_after_failure (KsBackupKeeper *self, const GError *failure)
{
  /* The next look at the server tells when these are over. */
  if (g_error_matches (failure, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_LOCKED)
      || g_error_matches (failure, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_EXISTS))
    return;
  self->wait =
      self->wait == 0 ? KS_BACKUP_KEEPER_FIRST_WAIT : MIN (2 * self->wait, KS_BACKUP_KEEPER_LAST_WAIT);
  plan (self, self->wait);
}

static void
on_backed_up (GObject *recovery, GAsyncResult *result, gpointer data)
{
  KsBackupKeeper *self = data;
  g_autoptr (GError) error = NULL;
  gboolean done = ks_recovery_back_up_finish (KS_RECOVERY (recovery), result, NULL, &error);

  /* The keeper may be gone. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->cancellable);
  if (done)
    {
      self->wait = 0;
      /* Some came in meanwhile, or some cannot be read: the next try tells. */
      if (self->once_more || ks_recovery_get_snapshot (self->recovery)->pending_upload > 0)
        plan (self, SETTLE);
    }
  else
    {
      g_message ("room keys that are only here were not backed up: %s", error->message);
      plan_after_failure (self, error);
      self->failure = g_steal_pointer (&error);
    }
  tell (self);
}

static gboolean
begin (gpointer data)
{
  KsBackupKeeper *self = data;

  self->source = 0;
  self->once_more = FALSE;
  self->done = 0;
  self->total = 0;
  g_clear_error (&self->failure);
  self->cancellable = g_cancellable_new ();
  ks_recovery_back_up_async (self->recovery, self->cancellable, on_backed_up, self);
  tell (self);
  return G_SOURCE_REMOVE;
}

static void
plan (KsBackupKeeper *self, guint milliseconds)
{
  g_clear_handle_id (&self->source, g_source_remove);
  self->source = g_timeout_add (milliseconds, begin, self);
}

/* Something else is under way that uploads, or looks, by itself at its end. */
static gboolean
is_busy (KsBackupKeeper *self)
{
  return self->recovery->unlocking || self->recovery->restoring;
}

static void
on_refreshed (KsBackupKeeper *self)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (self->recovery);

  if (self->cancellable == NULL && !is_busy (self)
      && ks_recovery_get_state (self->recovery) == KS_RECOVERY_READY
      && (seen->pending_upload > 0 || seen->lost_upload > 0))
    plan (self, 0);
}

/* Most that come are the backup's own, and nothing has to be asked of the server for them. */

static void
on_counted (GObject *store, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsBackupKeeper) self = data;
  guint64 pending = 0;

  if (ks_key_store_count_finish (KS_KEY_STORE (store), result, NULL, &pending, NULL, NULL) && pending > 0
      && self->cancellable == NULL && self->source == 0 && !self->stopped)
    begin (self);
}

static gboolean
count (gpointer data)
{
  KsBackupKeeper *self = data;

  self->source = 0;
  ks_key_store_count_async (self->recovery->keys, ks_recovery_get_snapshot (self->recovery)->backup_version,
                            NULL, on_counted, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

static void
on_keys_changed (KsBackupKeeper *self)
{
  if (ks_recovery_get_state (self->recovery) != KS_RECOVERY_READY || is_busy (self))
    return;
  if (self->cancellable != NULL)
    self->once_more = TRUE;
  else if (self->source == 0)
    self->source = g_timeout_add (SETTLE, count, self);
}

static void
on_uploading (KsBackupKeeper *self, guint64 done, guint64 total)
{
  if (self->cancellable == NULL)
    return;
  self->done = done;
  self->total = total;
  tell (self);
}

gboolean
ks_backup_keeper_is_uploading (KsBackupKeeper *self, guint64 *done, guint64 *total)
{
  g_return_val_if_fail (KS_IS_BACKUP_KEEPER (self), FALSE);

  if (done != NULL)
    *done = self->done;
  if (total != NULL)
    *total = self->total;
  return self->cancellable != NULL;
}

const GError *
ks_backup_keeper_get_failure (KsBackupKeeper *self)
{
  g_return_val_if_fail (KS_IS_BACKUP_KEEPER (self), NULL);

  return self->failure;
}

void
ks_backup_keeper_stop (KsBackupKeeper *self)
{
  g_return_if_fail (KS_IS_BACKUP_KEEPER (self));

  self->stopped = TRUE;
  g_signal_handlers_disconnect_by_data (self->recovery, self);
  g_clear_handle_id (&self->source, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static void
ks_backup_keeper_finalize (GObject *object)
{
  KsBackupKeeper *self = KS_BACKUP_KEEPER (object);

  ks_backup_keeper_stop (self);
  g_clear_error (&self->failure);
  g_object_unref (self->recovery);
  G_OBJECT_CLASS (ks_backup_keeper_parent_class)->finalize (object);
}

static void
ks_backup_keeper_class_init (KsBackupKeeperClass *class)
{
  G_OBJECT_CLASS (class)->finalize = ks_backup_keeper_finalize;
  changed_signal =
      g_signal_new ("changed", KS_TYPE_BACKUP_KEEPER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ks_backup_keeper_init (KsBackupKeeper *self)
{
}

KsBackupKeeper *
ks_backup_keeper_new (KsRecovery *recovery)
{
  KsBackupKeeper *self = g_object_new (KS_TYPE_BACKUP_KEEPER, NULL);

  self->recovery = g_object_ref (recovery);
  g_signal_connect_object (recovery, "refreshed", G_CALLBACK (on_refreshed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (recovery, "keys-changed", G_CALLBACK (on_keys_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (recovery, "uploading", G_CALLBACK (on_uploading), self, G_CONNECT_SWAPPED);
  return self;
}
