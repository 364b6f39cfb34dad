/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/recovery/ks-recovery-back-up.h"

#include "base/ks-steps.h"
#include "engine/recovery/ks-recovery-turn.h"
#include "engine/secrets/ks-recovery-error.h"
#include "store/ks-store-error.h"

#include <string.h>

/* Backs up what exists only here.
 *
 *   1. look     at the server, and judge anew whether its backup may be written to; done if
 *               nothing is to go there
 *   2. forget   what the backup is said to have; only where the server has lost keys (fault F13).
 *               Which ones it does not tell, and sending one that is there changes nothing
 *   3. upload   sealed to the public key whose private half is here
 *   4. look     so that the state tells what is now, also where the backup has been replaced; what
 *               went up must be there
 *
 * A stop after 2 leaves all keys pending, and the next one uploads them. */

typedef struct
{
  KsRecoveryTurn turn;
  KsRecovery *recovery; /* owned */
  char *version;        /* owned: as judged; NULL before */
  uint8_t public_key[KS_BACKUP_KEY_SIZE];
  KsUploaded sum;
  GError *failure; /* owned: the backup is none to write to any more; NULL: it is */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  g_clear_error (&op->failure);
  g_free (op->version);
  ks_recovery_turn_end (&op->turn);
  g_object_unref (op->recovery);
  g_free (op);
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_recovery_refresh_async (((Op *) data)->recovery, cancellable, ready, run);
}

static KsStepVerdict
looked (gpointer data, GObject *recovery, GAsyncResult *result, GError **error)
{
  Op *op = data;
  KsRecovery *self = op->recovery;
  const KsRecoverySnapshot *seen;

  if (!ks_recovery_refresh_finish (KS_RECOVERY (recovery), result, error))
    return KS_STEP_FAIL;
  seen = ks_recovery_get_snapshot (self);
  if (ks_recovery_is_setting_up (self))
    {
      g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_EXISTS, "a set-up is under way");
      return KS_STEP_FAIL;
    }
  /* Whatever else it is, a person has to look at it first (threat A8). */
  if (ks_recovery_get_state (self) != KS_RECOVERY_READY)
    {
      g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_LOCKED, "no backup is whole and open here");
      return KS_STEP_FAIL;
    }
  op->version = g_strdup (seen->backup_version);
  memcpy (op->public_key, seen->backup_key, sizeof op->public_key);
  /* A server that loses keys again and again is not filled for ever. */
  if (seen->lost_upload > 0 && !self->brought_back && !self->unlocking)
    {
      g_message ("the backup has lost %" G_GUINT64_FORMAT " room keys", seen->lost_upload);
      return KS_STEP_NEXT;
    }
  return seen->pending_upload > 0 ? KS_STEP_SKIP /* "forget" */ : KS_STEP_DONE;
}

static void
forget (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_key_store_reset_marks_async (op->recovery->keys, op->version, cancellable, ready, run);
}

static KsStepVerdict
forgotten (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  if (!ks_key_store_reset_marks_finish (KS_KEY_STORE (store), result, error))
    return KS_STEP_FAIL;
  ((Op *) data)->recovery->brought_back = TRUE;
  return KS_STEP_NEXT;
}

static void
on_progress (guint64 done, guint64 total, gpointer data)
{
  g_signal_emit_by_name (((Op *) data)->recovery, "uploading", done, total);
}

static void
upload (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_upload_async (op->recovery->http, op->recovery->keys, op->version, op->public_key, on_progress, op,
                   cancellable, ready, run);
}

static KsStepVerdict
uploaded (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  GError *failure = NULL;

  ks_upload_finish (KS_HTTP (http), result, &op->sum, &failure);
  if (failure == NULL)
    return KS_STEP_NEXT;
  if (g_error_matches (failure, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_UNTRUSTED))
    {
      op->failure = failure;
      return KS_STEP_NEXT;
    }
  g_propagate_error (error, failure);
  return KS_STEP_FAIL;
}

/* What was sent and answered for must be there, and what is still pending must have a chance. */
static KsStepVerdict
judge (Op *op, GError **error)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (op->recovery);

  if (seen->lost_upload > 0)
    {
      g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT,
                   "the backup lacks %" G_GUINT64_FORMAT " room keys that went up", seen->lost_upload);
      return KS_STEP_FAIL;
    }
  if (seen->pending_upload > 0 && op->sum.uploaded == 0 && op->sum.refused == 0)
    {
      g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED,
                   "%" G_GUINT64_FORMAT " room keys cannot be read", seen->pending_upload);
      return KS_STEP_FAIL;
    }
  return KS_STEP_NEXT;
}

static KsStepVerdict
looked_again (gpointer data, GObject *recovery, GAsyncResult *result, GError **error)
{
  Op *op = data;
  gboolean seen =
      ks_recovery_refresh_finish (KS_RECOVERY (recovery), result, op->failure == NULL ? error : NULL);

  if (op->failure == NULL)
    return seen ? judge (op, error) : KS_STEP_FAIL;
  g_propagate_error (error, g_steal_pointer (&op->failure));
  return KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "look", .begin = look, .end = looked },
  { .name = "forget", .begin = forget, .end = forgotten },
  { .name = "upload", .begin = upload, .end = uploaded },
  { .name = "look again", .begin = look, .end = looked_again },
  { 0 },
};

void
ks_recovery_back_up_async (KsRecovery *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Op *op = g_new0 (Op, 1);

  op->recovery = g_object_ref (self);
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, op, op_free);
  if (ks_recovery_turn_take (&op->turn, &self->backing_up, task))
    ks_steps_run (g_steal_pointer (&task), steps);
}

gboolean
ks_recovery_back_up_finish (KsRecovery *self, GAsyncResult *result, KsUploaded *sum, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  ks_recovery_turn_end (&op->turn);
  if (sum != NULL)
    *sum = op->sum;
  return g_task_propagate_boolean (G_TASK (result), error);
}
