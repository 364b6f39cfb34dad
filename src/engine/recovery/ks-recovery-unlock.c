/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/recovery/ks-recovery-unlock.h"

#include "base/ks-steps.h"
#include "engine/backup/ks-upload.h"
#include "engine/recovery/ks-recovery-turn.h"
#include "engine/secrets/ks-kept-key.h"
#include "engine/secrets/ks-recovery-error.h"
#include "engine/secrets/ks-respell.h"
#include "engine/unlock/ks-unlock-note-store.h"
#include "engine/unlock/ks-unlock.h"

#include <string.h>

/* Unlocks, and goes on with what was waiting for that.
 *
 *   1. key      from the keyring; only where it is to come from there
 *   2. unlock   whatever opens
 *   3. look     only with another key than the one that other clients ask for, and where nothing opened
 *   4. note     what did not open, with the key, for a repair; wiped where all did. Left as it is by such
 *               another key where nothing is to be repaired, or where it opens an older backup alone
 *   5. look     only where no note was made, and where the right key opened nothing, which ends here:
 *               what leads on now
 *   6. keyring  the key, if the person wants that and other clients ask for this one: an older
 *               key must not take the place of theirs. What fails is told with the result
 *   7. respell  what an earlier version of Keepsake stored in a spelling that not every client
 *               reads; left out if it did not. It opens either way, so that a failure is no
 *               more than a word in the log
 *   8. upload   the room keys that the backup lacks; left out if it is not open. Not asked
 *               is the account's m.key_backup: a server can say "disabled" there by itself
 *               (threat A24), while a backup that nobody wants is not there any more
 *   9. refresh  so that the state tells what is now
 *
 * After 2 it is unlocked, whatever the rest does. So from there on nobody is told that it
 * was cancelled; the steps are given the cancellable themselves. */

typedef struct
{
  KsRecoveryTurn turn;
  KsRecovery *recovery; /* owned */
  KsSecret *text;       /* owned; NULL before the keyring gave it */
  KsKeyEntrySource source;
  KsUnlockFlags flags;
  GCancellable *cancellable; /* owned; NULL: none */
  KsUnlockResult *result;    /* owned; NULL before it is unlocked */
  KsUnlockNote *note;        /* owned: of a right key that opened nothing; NULL otherwise */
  GError *failure;           /* owned: why it did not; NULL otherwise */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  g_clear_error (&op->failure);
  ks_unlock_note_free (op->note);
  ks_unlock_result_free (op->result);
  g_clear_object (&op->cancellable);
  ks_secret_unref (op->text);
  ks_recovery_turn_end (&op->turn);
  g_object_unref (op->recovery);
  g_free (op);
}

static void
look_up_key (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsRecovery *self = ((Op *) data)->recovery;

  ks_keyring_lookup_async (self->keyring, KS_KEYRING_SECURITY_KEY, self->user_id, NULL, TRUE, cancellable,
                           ready, run);
}

static KsStepVerdict
key_looked_up (gpointer data, GObject *keyring, GAsyncResult *result, GError **error)
{
  Op *op = data;

  op->text = ks_keyring_lookup_finish (KS_KEYRING (keyring), result, error);
  return op->text != NULL ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
unlock (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  KsRecovery *self = op->recovery;
  const KsUnlockPlace place = { .http = self->http,
                                .user_id = self->user_id,
                                .device_id = self->device_id,
                                .olm_store = self->olm_store,
                                .recovery_store = self->recovery_store,
                                .secret_store = self->secret_store,
                                .keys = self->keys };

  ks_unlock_async (&place, op->text, op->source, op->flags, op->cancellable, ready, run);
}

static KsStepVerdict
unlocked (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;

  op->result = ks_unlock_finish (result, &op->note, &op->failure);
  if (op->result != NULL || op->note != NULL)
    return op->result != NULL && op->result->is_default_key ? KS_STEP_SKIP /* "look" */ : KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&op->failure));
  return KS_STEP_FAIL;
}

static void
load_note (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_unlock_note_load_async (((Op *) data)->recovery->journal, cancellable, ready, run);
}

/* What is whole by the key that other clients ask for is not repaired with another one. */
static gboolean
is_whole_without (const Op *op)
{
  return op->result->only_older || (!op->result->is_default_key && op->recovery->state == KS_RECOVERY_READY);
}

/* A key that opens nothing never takes the place of one that opened something, or that keys were
 * made under. */
static KsStepVerdict
note_loaded (gpointer data, GObject *journal, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (KsUnlockNote) before = NULL;

  if (!ks_unlock_note_load_finish (KS_JOURNAL (journal), result, &before, error))
    return KS_STEP_FAIL;
  if (op->result != NULL)
    return is_whole_without (op) ? KS_STEP_SKIP /* "note" */ : KS_STEP_NEXT;
  return before != NULL
                 && (ks_unlock_note_has_made (before)
                     || memcmp (before->digest, op->note->digest, sizeof before->digest) == 0)
             ? KS_STEP_SKIP /* "note" */
             : KS_STEP_NEXT;
}

static void
note (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_unlock_note_save_async (op->recovery->journal, op->result != NULL ? op->result->note : op->note,
                             cancellable, ready, run);
}

/* Without it the key has to be entered again for a repair. */
static KsStepVerdict
noted (gpointer data, GObject *journal, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (!ks_unlock_note_save_finish (KS_JOURNAL (journal), result, &failure))
    g_message ("what did not open is not noted: %s", failure->message);
  return ((Op *) data)->failure != NULL ? KS_STEP_NEXT : KS_STEP_SKIP; /* "look" */
}

static gboolean
is_to_be_kept (gpointer data)
{
  Op *op = data;
  const KsRecoverySnapshot *seen = op->recovery->snapshot;
  /* Where the account names no key, this one is what a repair makes the default. */
  gboolean no_default = seen != NULL && seen->default_key_id == NULL && !seen->key_unread;
  gboolean wanted = (op->flags & KS_UNLOCK_KEEP_KEY) != 0 && !op->result->only_older
                    && (op->result->is_default_key || no_default);

  return wanted && op->recovery->keyring != NULL;
}

static void
keep_key (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  KsRecovery *self = op->recovery;

  ks_kept_key_store_async (self->keyring, self->user_id, self->device_id, op->result->found->key,
                           op->cancellable, ready, run);
}

static KsStepVerdict
key_kept (gpointer data, GObject *keyring, GAsyncResult *result, GError **error)
{
  ks_keyring_store_finish (KS_KEYRING (keyring), result, &((Op *) data)->result->keyring);
  return KS_STEP_NEXT;
}

static gboolean
is_ill_spelled (gpointer data)
{
  return ((Op *) data)->result->ill_spelled;
}

static void
respell (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  KsRecovery *self = op->recovery;

  ks_respell_storage_async (self->http, self->user_id, op->result->key_id, op->result->found->key,
                            op->cancellable, ready, run);
}

static KsStepVerdict
respelled (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (!ks_respell_storage_finish (KS_HTTP (http), result, &failure))
    g_message ("secret storage is not padded yet: %s", failure->message);
  return KS_STEP_NEXT;
}

static gboolean
has_backup (gpointer data)
{
  const KsUnlockResult *unlocked = ((Op *) data)->result;
  const KsRecoverySnapshot *seen = ((Op *) data)->recovery->snapshot;

  if (unlocked->only_older)
    return seen != NULL && seen->backup_trust == KS_BACKUP_TRUST_KEY && !seen->master_changed
           && !seen->identity_unread;
  /* Where the identity was exchanged, nothing goes up before the person knows (threat A8). */
  return unlocked->backup_version != NULL && unlocked->backup_writable && !unlocked->identity_changed;
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
  const KsUnlockResult *unlocked = op->result;

  ks_upload_async (self->http, self->keys,
                   unlocked->only_older ? self->snapshot->backup_version : unlocked->backup_version,
                   unlocked->only_older ? self->snapshot->backup_key : unlocked->backup_key, on_progress, op,
                   op->cancellable, ready, run);
}

static KsStepVerdict
uploaded (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  KsUnlockResult *unlocked = ((Op *) data)->result;
  KsUploaded sum = { 0 };

  ks_upload_finish (KS_HTTP (http), result, &sum, &unlocked->upload);
  unlocked->uploaded = sum.uploaded;
  unlocked->refused = sum.refused;
  return KS_STEP_NEXT;
}

static void
refresh (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_recovery_refresh_async (op->recovery, op->cancellable, ready, run);
}

static KsStepVerdict
refreshed (gpointer data, GObject *recovery, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (!ks_recovery_refresh_finish (KS_RECOVERY (recovery), result, &failure))
    g_message ("the state after unlocking is not known: %s", failure->message);
  return KS_STEP_NEXT;
}

static KsStepVerdict
looked_before (gpointer data, GObject *recovery, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (!ks_recovery_refresh_finish (KS_RECOVERY (recovery), result, &failure))
    g_message ("the state with another key is not known: %s", failure->message);
  return KS_STEP_NEXT;
}

/* What leads on is another step than before. */
static KsStepVerdict
looked (gpointer data, GObject *recovery, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (!ks_recovery_refresh_finish (KS_RECOVERY (recovery), result, &failure))
    g_message ("the state with a key that opens nothing is not known: %s", failure->message);
  if (((Op *) data)->failure == NULL)
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&((Op *) data)->failure));
  return KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "key", .begin = look_up_key, .end = key_looked_up },
  { .name = "unlock", .begin = unlock, .end = unlocked, .committed = TRUE },
  { .name = "look", .begin = refresh, .end = looked_before, .committed = TRUE },
  { .name = "before", .begin = load_note, .end = note_loaded, .committed = TRUE },
  { .name = "note", .begin = note, .end = noted, .committed = TRUE },
  { .name = "look", .begin = refresh, .end = looked, .committed = TRUE },
  { .name = "keyring", .when = is_to_be_kept, .begin = keep_key, .end = key_kept, .committed = TRUE },
  { .name = "respell", .when = is_ill_spelled, .begin = respell, .end = respelled, .committed = TRUE },
  { .name = "upload", .when = has_backup, .begin = upload, .end = uploaded, .committed = TRUE },
  { .name = "refresh", .begin = refresh, .end = refreshed, .committed = TRUE },
  { 0 },
};

static void
run_steps (KsRecovery *self,
           KsSecret *text,
           KsKeyEntrySource source,
           KsUnlockFlags flags,
           GCancellable *cancellable,
           GAsyncReadyCallback callback,
           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Op *op = g_new0 (Op, 1);

  op->recovery = g_object_ref (self);
  op->text = text != NULL ? ks_secret_ref (text) : NULL;
  op->source = source;
  op->flags = flags;
  if (cancellable != NULL)
    op->cancellable = g_object_ref (cancellable);
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, op, op_free);
  if (ks_recovery_is_setting_up (self))
    g_task_return_new_error (task, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_EXISTS, "a set-up is under way");
  else if (text == NULL && self->keyring == NULL)
    g_task_return_new_error (task, KS_KEYRING_ERROR, KS_KEYRING_ERROR_ABSENT, "there is no keyring");
  else if (ks_recovery_turn_take (&op->turn, &self->unlocking, task))
    {
      ks_steps_run (task, text == NULL ? steps : steps + 1);
      return;
    }
  g_object_unref (task);
}

void
ks_recovery_unlock_async (KsRecovery *self,
                          KsSecret *text,
                          KsKeyEntrySource source,
                          KsUnlockFlags flags,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_return_if_fail (KS_IS_RECOVERY (self));

  run_steps (self, text, source, flags, cancellable, callback, user_data);
}

void
ks_recovery_unlock_from_keyring_async (KsRecovery *self,
                                       KsUnlockFlags flags,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_return_if_fail (KS_IS_RECOVERY (self));

  run_steps (self, NULL, KS_KEY_ENTRY_FILE, flags, cancellable, callback, user_data);
}

KsUnlockResult *
ks_recovery_unlock_finish (KsRecovery *self, GAsyncResult *result, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  ks_recovery_turn_end (&op->turn);
  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&op->result) : NULL;
}

static void
on_looked_up (GObject *keyring, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  g_autoptr (KsSecret) key = ks_keyring_lookup_finish (KS_KEYRING (keyring), result, &error);

  if (key != NULL || g_error_matches (error, KS_KEYRING_ERROR, KS_KEYRING_ERROR_NOT_FOUND))
    {
      g_clear_error (&error);
      g_task_return_int (task, key != NULL);
    }
  else
    g_task_return_error (task, error);
}

void
ks_recovery_has_key_in_keyring_async (KsRecovery *self,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  if (self->keyring != NULL)
    {
      ks_keyring_lookup_async (self->keyring, KS_KEYRING_SECURITY_KEY, self->user_id, NULL, FALSE,
                               cancellable, on_looked_up, task);
      return;
    }
  g_task_return_new_error (task, KS_KEYRING_ERROR, KS_KEYRING_ERROR_ABSENT, "there is no keyring");
  g_object_unref (task);
}

gboolean
ks_recovery_has_key_in_keyring_finish (KsRecovery *self,
                                       GAsyncResult *result,
                                       gboolean *has_key,
                                       GError **error)
{
  gssize found = g_task_propagate_int (G_TASK (result), error);

  *has_key = found > 0;
  return found >= 0;
}
