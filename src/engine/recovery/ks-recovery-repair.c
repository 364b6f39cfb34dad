/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/recovery/ks-recovery-repair.h"

#include "base/ks-steps.h"
#include "engine/backup/ks-upload.h"
#include "engine/recovery/ks-adopt-key.h"
#include "engine/recovery/ks-recovery-turn.h"
#include "engine/recovery/ks-recovery-unlock.h"
#include "engine/repair/ks-repair.h"
#include "engine/secrets/ks-recovery-error.h"
#include "engine/unlock/ks-unlock-note-store.h"

#include <string.h>

/* Repairs, and goes on with what was waiting for that.
 *
 *   1. refresh  what there is
 *   2. unlock   with what the person gave; left out without. It leaves the key in its note
 *   3. adopt    only if that did not open anything: the key, for a storage that is empty
 *   4. note     read
 *   5. repair
 *   6. refresh  what there is now
 *   7. upload   the room keys that the backup lacks; left out if it may not be written to
 *   8. look     once more, with the new counts
 *   9. note     read again: the repair may have given the key an ID
 *  10. forget   the key, once all is well; else what was seen is noted with it
 *
 * A stop anywhere leaves what ks_repair_async() leaves; after 5 nothing is lost by one. */

typedef struct
{
  KsRecoveryTurn turn;
  KsRecovery *recovery; /* owned */
  KsSecret *text;       /* owned; NULL: none is given */
  KsKeyEntrySource source;
  KsUiaAnswer *answer;      /* owned; NULL: none */
  GError *locked;           /* owned: why the text opened nothing; NULL: it did, or there was none */
  KsUnlockNote *note;       /* owned; NULL: none */
  KsUia *challenge;         /* owned; NULL: none */
  KsRepairOutcome *outcome; /* owned */
} Op;

void
ks_repair_outcome_free (KsRepairOutcome *outcome)
{
  if (outcome == NULL)
    return;
  ks_repair_plan_free (outcome->done);
  g_clear_error (&outcome->upload);
  g_free (outcome);
}

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_repair_outcome_free (op->outcome);
  ks_uia_unref (op->challenge);
  ks_unlock_note_free (op->note);
  g_clear_error (&op->locked);
  ks_uia_answer_unref (op->answer);
  ks_secret_unref (op->text);
  ks_recovery_turn_end (&op->turn);
  g_object_unref (op->recovery);
  g_free (op);
}

static void
refresh (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_recovery_refresh_async (((Op *) data)->recovery, cancellable, ready, run);
}

static KsStepVerdict
seen (gpointer data, GObject *recovery, GAsyncResult *result, GError **error)
{
  if (!ks_recovery_refresh_finish (KS_RECOVERY (recovery), result, error))
    return KS_STEP_FAIL;
  return ((Op *) data)->text != NULL ? KS_STEP_NEXT : KS_STEP_SKIP; /* "unlock" */
}

static void
unlock (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_recovery_unlock_async (op->recovery, op->text, op->source, KS_UNLOCK_DEFAULT, cancellable, ready, run);
}

static KsStepVerdict
unlocked (gpointer data, GObject *recovery, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (KsUnlockResult) opened = ks_recovery_unlock_finish (KS_RECOVERY (recovery), result, &op->locked);

  if (opened == NULL && op->locked->domain != KS_RECOVERY_ERROR)
    {
      g_propagate_error (error, g_steal_pointer (&op->locked));
      return KS_STEP_FAIL;
    }
  return KS_STEP_NEXT;
}

/* The key is the right one, which is noted, and something can be made anew under it. */
static gboolean
goes_on (Op *op)
{
  const KsRecovery *self = op->recovery;

  return self->snapshot->opened_before && self->plan->any
         && (op->locked->code == KS_RECOVERY_ERROR_NOTHING_STORED
             || op->locked->code == KS_RECOVERY_ERROR_MISMATCH
             || op->locked->code == KS_RECOVERY_ERROR_DAMAGED_SECRET);
}

static KsStepVerdict
has_to_adopt (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;

  if (op->text == NULL || op->locked == NULL || goes_on (op))
    return KS_STEP_SKIP; /* "adopt" */
  op->note = ks_adopt_key (op->recovery->snapshot, op->text, op->source);
  if (op->note != NULL)
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&op->locked));
  return KS_STEP_FAIL;
}

static void
adopt (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_unlock_note_save_async (op->recovery->journal, op->note, cancellable, ready, run);
}

static KsStepVerdict
note_saved (gpointer data, GObject *journal, GAsyncResult *result, GError **error)
{
  return ks_unlock_note_save_finish (KS_JOURNAL (journal), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
load_note (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_unlock_note_load_async (((Op *) data)->recovery->journal, cancellable, ready, run);
}

static KsStepVerdict
note_loaded (gpointer data, GObject *journal, GAsyncResult *result, GError **error)
{
  Op *op = data;

  g_clear_pointer (&op->note, ks_unlock_note_free);
  return ks_unlock_note_load_finish (KS_JOURNAL (journal), result, &op->note, error) ? KS_STEP_NEXT
                                                                                     : KS_STEP_FAIL;
}

static void
on_action (KsRepairAction action, gpointer data)
{
  g_signal_emit_by_name (((Op *) data)->recovery, "repairing", (int) action);
}

static void
repair (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  KsRecovery *self = op->recovery;
  const KsRepairTools tools = { .http = self->http,
                                .user_id = self->user_id,
                                .device_id = self->device_id,
                                .journal = self->journal,
                                .olm_store = self->olm_store,
                                .secret_store = self->secret_store,
                                .recovery_store = self->recovery_store,
                                .keys = self->keys,
                                .note = op->note,
                                .device_verified = self->snapshot->device_verified,
                                .on_action = on_action,
                                .action_data = op };

  ks_repair_async (&tools, op->answer, cancellable, ready, run);
}

static KsStepVerdict
repaired (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;

  return ks_repair_finish (result, &op->outcome->done, &op->challenge, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static KsStepVerdict
seen_after (gpointer data, GObject *recovery, GAsyncResult *result, GError **error)
{
  Op *op = data;
  const KsRecoverySnapshot *now;

  if (!ks_recovery_refresh_finish (KS_RECOVERY (recovery), result, error))
    return KS_STEP_FAIL;
  now = op->recovery->snapshot;
  return now->backup_trust == KS_BACKUP_TRUST_KEY && !now->master_changed && !now->identity_unread
             ? KS_STEP_NEXT
             : KS_STEP_SKIP; /* "upload" */
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
  KsRecovery *self = op->recovery;

  ks_upload_async (self->http, self->keys, self->snapshot->backup_version, self->snapshot->backup_key,
                   on_progress, op, cancellable, ready, run);
}

/* What does not go up now goes up later: the repair is done. */
static KsStepVerdict
uploaded (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  KsUploaded sum = { 0 };

  ks_upload_finish (KS_HTTP (http), result, &sum, &op->outcome->upload);
  op->outcome->uploaded = sum.uploaded;
  op->outcome->refused = sum.refused;
  return KS_STEP_NEXT;
}

static KsStepVerdict
looked (gpointer data, GObject *recovery, GAsyncResult *result, GError **error)
{
  return ks_recovery_refresh_finish (KS_RECOVERY (recovery), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
forget (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  KsRecovery *self = op->recovery;
  gboolean needed = op->note != NULL && self->state != KS_RECOVERY_READY;

  if (needed)
    memcpy (op->note->digest, self->digest, sizeof op->note->digest);
  ks_unlock_note_save_async (self->journal, needed ? op->note : NULL, cancellable, ready, run);
}

static const KsStep steps[] = {
  { .name = "refresh", .begin = refresh, .end = seen },
  { .name = "unlock", .begin = unlock, .end = unlocked },
  { .name = "has to adopt", .end = has_to_adopt },
  { .name = "adopt", .begin = adopt, .end = note_saved },
  { .name = "load note", .begin = load_note, .end = note_loaded },
  { .name = "repair", .begin = repair, .end = repaired },
  { .name = "refresh", .begin = refresh, .end = seen_after, .committed = TRUE },
  { .name = "upload", .begin = upload, .end = uploaded, .committed = TRUE },
  { .name = "look", .begin = refresh, .end = looked, .committed = TRUE },
  { .name = "load note", .begin = load_note, .end = note_loaded, .committed = TRUE },
  { .name = "forget", .begin = forget, .end = note_saved, .committed = TRUE },
  { 0 },
};

const KsRepairPlan *
ks_recovery_get_plan (KsRecovery *self)
{
  g_return_val_if_fail (KS_IS_RECOVERY (self), NULL);

  return self->plan;
}

void
ks_recovery_repair_async (KsRecovery *self,
                          KsSecret *text,
                          KsKeyEntrySource source,
                          KsUiaAnswer *answer,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Op *op = g_new0 (Op, 1);

  g_return_if_fail (KS_IS_RECOVERY (self));

  op->recovery = g_object_ref (self);
  op->text = text != NULL ? ks_secret_ref (text) : NULL;
  op->source = source;
  op->answer = answer != NULL ? ks_uia_answer_ref (answer) : NULL;
  op->outcome = g_new0 (KsRepairOutcome, 1);
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, op, op_free);
  if (ks_recovery_is_setting_up (self))
    g_task_return_new_error (task, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_EXISTS, "a set-up is under way");
  else if (ks_recovery_turn_take (&op->turn, &self->repairing, task))
    {
      ks_steps_run (task, steps);
      return;
    }
  g_object_unref (task);
}

KsRepairOutcome *
ks_recovery_repair_finish (KsRecovery *self, GAsyncResult *result, KsUia **challenge, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  ks_recovery_turn_end (&op->turn);
  *challenge = g_steal_pointer (&op->challenge);
  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&op->outcome) : NULL;
}
