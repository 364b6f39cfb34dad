/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/recovery/ks-recovery-restore.h"

#include "base/ks-steps.h"
#include "engine/backup/ks-backup-auth.h"
#include "engine/recovery/ks-recovery-turn.h"
#include "engine/restore/ks-restore.h"
#include "engine/secrets/ks-recovery-error.h"
#include "matrix/ks-api-backup.h"
#include "matrix/ks-matrix-error.h"
#include "store/ks-store-error.h"

#include <string.h>

/* The journal's kind of operation, and its only step. */
#define KIND "restore"
#define STEP "keys"

/* Restores.
 *
 *   1. secret    the backup's private key, as it is here
 *   2. version   the current one; our key must be its
 *   3. remember  that all are wanted; left out for a room
 *   4. keys      all there are (below)
 *   5. forget    it is done; left out for a room
 *   6. refresh   so that the state tells what is now
 *
 * A stop in 4 leaves the row of 3, by which the next start goes on. */

/* How often a backup may be made anew elsewhere while its keys are asked for. */
#define MAX_VERSIONS 3

typedef struct
{
  KsRecoveryTurn turn;
  KsRecovery *recovery; /* owned */
  char *room_id;        /* owned; NULL: all */
  KsSecret *secret;     /* owned; NULL: it is not here */
  char *version;        /* owned */
  guint64 expected;     /* keys, as the server says; 0: not known */
  KsKeyReport *report;  /* owned; NULL before keys were asked for */
  GError *refusal;      /* owned: the server has no such keys, or no such version */
  guint versions;       /* that were gone when their keys were asked for */
  gboolean again;       /* there is another version, and our key is its */
  guint64 told;         /* keys that have come, as told last */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  g_clear_error (&op->refusal);
  ks_key_report_free (op->report);
  g_free (op->version);
  ks_secret_unref (op->secret);
  g_free (op->room_id);
  ks_recovery_turn_end (&op->turn);
  g_object_unref (op->recovery);
  g_free (op);
}

static void
get_secret (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_secret_store_get_async (op->recovery->secret_store, ks_secret_name_to_string (KS_SECRET_BACKUP),
                             cancellable, ready, run);
}

static KsStepVerdict
got_secret (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) failure = NULL;

  op->secret = ks_secret_store_get_finish (KS_SECRET_STORE (store), result, &failure);
  /* Without it there may be no backup either, which is what the person has to know first. */
  if (op->secret != NULL || g_error_matches (failure, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND))
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static void
get_version (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_api_backup_get_version_async (((Op *) data)->recovery->http, NULL, cancellable, ready, run);
}

static gboolean
fail (GError **error, KsRecoveryError code, const char *message)
{
  g_set_error_literal (error, KS_RECOVERY_ERROR, (int) code, message);
  return FALSE;
}

/* FALSE: there is no backup that the key here opens. */
static gboolean
take_version (Op *op, GObject *http, GAsyncResult *result, GError **error)
{
  g_autoptr (KsBackupVersion) version = NULL;
  uint8_t public_key[KS_BACKUP_KEY_SIZE];

  if (!ks_api_backup_get_version_finish (KS_HTTP (http), result, &version, error))
    return FALSE;
  if (version == NULL)
    return fail (error, KS_RECOVERY_ERROR_NOT_SET_UP, "there is no backup");
  if (op->secret == NULL)
    return fail (error, KS_RECOVERY_ERROR_LOCKED, "the backup's key is not here");
  if (!ks_backup_auth_read (version, public_key) && !ks_backup_auth_read_twice (version, public_key))
    return fail (error, KS_RECOVERY_ERROR_UNSUPPORTED, "the backup's public key cannot be read");
  if (!ks_backup_auth_fits (version, op->secret))
    return fail (error, KS_RECOVERY_ERROR_MISMATCH, ks_secret_name_to_string (KS_SECRET_BACKUP));
  g_free (op->version);
  op->version = g_strdup (version->version);
  op->expected = op->room_id == NULL ? (guint64) MAX (version->count, 0) : 0;
  return TRUE;
}

static KsStepVerdict
got_version (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;

  if (!take_version (op, http, result, error))
    return KS_STEP_FAIL;
  return op->room_id == NULL ? KS_STEP_NEXT : KS_STEP_SKIP; /* "remember" */
}

static void
remember (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (KsSecret) payload = ks_secret_new_copy (op->version, strlen (op->version));

  ks_journal_begin_async (op->recovery->journal, KIND, STEP, payload, cancellable, ready, run);
}

static KsStepVerdict
remembered (gpointer data, GObject *journal, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;

  /* There is one that was stopped: this goes on with it. */
  if (ks_journal_begin_finish (KS_JOURNAL (journal), result, &failure)
      || g_error_matches (failure, KS_STORE_ERROR, KS_STORE_ERROR_EXISTS))
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static void
on_progress (const KsKeyReport *report, gpointer data)
{
  Op *op = data;
  guint64 come = report->added + report->better;

  if (op->room_id == NULL || !op->recovery->restoring)
    g_signal_emit_by_name (op->recovery, "restoring", report, op->expected);
  if (come > op->told)
    g_signal_emit_by_name (op->recovery, "keys-changed");
  op->told = come;
}

/* The keys.
 *
 *   1. fetch  them
 *   2. look   only if the server says that there is no such thing: of a backup that is there
 *             and empty some servers say so too, and so they do of one that was just replaced.
 *             A replaced one that our key opens begins anew
 */

static void
fetch (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_restore_async (op->recovery->http, op->recovery->keys, op->version, op->room_id, op->secret, on_progress,
                    op, cancellable, ready, run);
}

static KsStepVerdict
fetched (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) failure = NULL;

  g_clear_pointer (&op->report, ks_key_report_free);
  if (ks_restore_finish (KS_HTTP (http), result, &op->report, &failure))
    return KS_STEP_DONE;
  if (g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_FOUND)
      || g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_WRONG_VERSION))
    {
      op->refusal = g_steal_pointer (&failure);
      return KS_STEP_NEXT;
    }
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static KsStepVerdict
looked (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autofree char *before = g_strdup (op->version);
  g_autoptr (GError) refusal = g_steal_pointer (&op->refusal);

  if (!take_version (op, http, result, error))
    return KS_STEP_FAIL;
  op->again = g_strcmp0 (before, op->version) != 0 && ++op->versions < MAX_VERSIONS;
  /* A server that counts keys has them. */
  if (op->again
      || (g_strcmp0 (before, op->version) == 0 && op->expected == 0
          && g_error_matches (refusal, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_FOUND)))
    return KS_STEP_DONE;
  g_propagate_error (error, g_steal_pointer (&refusal));
  return KS_STEP_FAIL;
}

static const KsStep keys_steps[] = {
  { .name = "fetch", .begin = fetch, .end = fetched },
  { .name = "look", .begin = get_version, .end = looked },
  { 0 },
};

static void
restore (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  GTask *task = g_task_new (NULL, cancellable, ready, run);

  ((Op *) data)->again = FALSE;
  g_task_set_name (task, G_STRFUNC);
  /* One that was cancelled when everything had come is a whole one. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, data, NULL);
  ks_steps_run (task, keys_steps);
}

static KsStepVerdict
restored (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return KS_STEP_FAIL;
  if (op->again)
    return KS_STEP_AGAIN;
  ks_restore_memory_note (op->recovery->restore_memory, op->room_id, op->report,
                          op->report->total >= op->expected);
  g_signal_emit_by_name (op->recovery, "keys-changed");
  if (op->room_id == NULL)
    return KS_STEP_NEXT;
  /* The end of the other one refreshes. */
  return op->recovery->restoring ? KS_STEP_DONE : KS_STEP_SKIP; /* "forget" */
}

static void
forget (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_journal_end_async (((Op *) data)->recovery->journal, KIND, cancellable, ready, run);
}

static KsStepVerdict
forgotten (gpointer data, GObject *journal, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;

  /* The keys are here; at worst the next start asks for them once more. */
  if (!ks_journal_end_finish (KS_JOURNAL (journal), result, &failure))
    g_message ("the end of the restore is not noted: %s", failure->message);
  return KS_STEP_NEXT;
}

static void
refresh (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_recovery_refresh_async (((Op *) data)->recovery, cancellable, ready, run);
}

static KsStepVerdict
refreshed (gpointer data, GObject *recovery, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (!ks_recovery_refresh_finish (KS_RECOVERY (recovery), result, &failure))
    g_message ("the state after the restore is not known: %s", failure->message);
  return KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { .name = "secret", .begin = get_secret, .end = got_secret },
  { .name = "version", .begin = get_version, .end = got_version },
  { .name = "remember", .begin = remember, .end = remembered },
  { .name = "keys", .begin = restore, .end = restored },
  { .name = "forget", .begin = forget, .end = forgotten, .committed = TRUE },
  { .name = "refresh", .begin = refresh, .end = refreshed, .committed = TRUE },
  { 0 },
};

void
ks_recovery_restore_async (KsRecovery *self,
                           const char *room_id,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Op *op = g_new0 (Op, 1);

  op->recovery = g_object_ref (self);
  op->room_id = g_strdup (room_id);
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, op, op_free);
  /* A room may overtake all the others. */
  if (room_id != NULL || ks_recovery_turn_take (&op->turn, &self->restoring, task))
    ks_steps_run (task, steps);
  else
    g_object_unref (task);
}

gboolean
ks_recovery_restore_finish (KsRecovery *self, GAsyncResult *result, KsKeyReport **report, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  ks_recovery_turn_end (&op->turn);
  if (report != NULL)
    *report = g_steal_pointer (&op->report);
  return g_task_propagate_boolean (G_TASK (result), error);
}

KsMissingKey
ks_recovery_explain_missing_key (KsRecovery *self, const char *room_id, const char *session_id)
{
  g_return_val_if_fail (KS_IS_RECOVERY (self), KS_MISSING_KEY_NOT_KNOWN);

  return ks_restore_memory_explain (self->restore_memory, room_id, session_id);
}

static void
on_listed (GObject *journal, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  g_autoptr (GPtrArray) entries = ks_journal_list_finish (KS_JOURNAL (journal), result, &error);
  gboolean found = FALSE;

  if (entries == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  for (guint i = 0; i < entries->len; i++)
    found |= g_str_equal (((KsJournalEntry *) entries->pdata[i])->kind, KIND);
  g_task_return_int (task, found);
}

void
ks_recovery_has_unfinished_restore_async (KsRecovery *self,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  ks_journal_list_async (self->journal, cancellable, on_listed, task);
}

gboolean
ks_recovery_has_unfinished_restore_finish (KsRecovery *self,
                                           GAsyncResult *result,
                                           gboolean *unfinished,
                                           GError **error)
{
  gssize found = g_task_propagate_int (G_TASK (result), error);

  *unfinished = found > 0;
  return found >= 0;
}

static void
on_forgotten (GObject *journal, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (ks_journal_end_finish (KS_JOURNAL (journal), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ks_recovery_forget_restore_async (KsRecovery *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  ks_journal_end_async (self->journal, KIND, cancellable, on_forgotten, task);
}

gboolean
ks_recovery_forget_restore_finish (KsRecovery *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
