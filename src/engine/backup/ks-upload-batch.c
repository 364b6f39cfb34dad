/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/backup/ks-upload-batch.h"

#include "base/ks-steps.h"
#include "engine/backup/ks-seal-batch.h"
#include "engine/secrets/ks-recovery-error.h"
#include "matrix/ks-api-backup.h"
#include "matrix/ks-matrix-error.h"

/* A batch that took longer is not made larger. In microseconds. */
#define UNHURRIED (8 * G_TIME_SPAN_SECOND)

/* How often in a row a server may ask to wait, and refuse the same key, before it is
 * believed. */
#define MAX_WAITS 10
#define MAX_REFUSALS 2

/* Sends a batch.
 *
 *   1. take     the next pending keys from the store
 *   2. seal     them, in threads
 *   3. damaged  keys that cannot be sealed are put aside; left out if there are none
 *   4. put      the others on the server
 *   5. probe    only if that went wrong and it may be the batch's fault: does the server
 *               answer, and is the version still there? Then the next batch is half as
 *               large; a batch of one key is the key's fault
 *   6. mark     what the server has said it has; what it will never take is put aside
 *   7. audit    only if the server has fewer keys than before: all are offered once more
 *
 * A stop before 6 sends the batch again, which changes nothing on the server. */

typedef struct
{
  KsUploadState *state; /* borrowed */
  GPtrArray *keys;      /* owned */
  GPtrArray *good;      /* owned; elements borrowed from keys */
  GPtrArray *damaged;   /* owned; elements borrowed from keys */
  GBytes *body;         /* owned */
  GError *refused;      /* owned: why the server did not take it; NULL: it did */
  gint64 begun;
  gint64 last;        /* the place of the last key */
  gboolean set_aside; /* its one key is never taken */
  gboolean lost;      /* the server has fewer keys than before */
} Batch;

static void
batch_free (gpointer data)
{
  Batch *batch = data;

  g_clear_error (&batch->refused);
  g_clear_pointer (&batch->body, g_bytes_unref);
  g_clear_pointer (&batch->damaged, g_ptr_array_unref);
  g_clear_pointer (&batch->good, g_ptr_array_unref);
  g_clear_pointer (&batch->keys, g_ptr_array_unref);
  g_free (batch);
}

static void
take (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsUploadState *state = ((Batch *) data)->state;

  ks_key_store_list_pending_async (state->keys, state->version, state->after, state->size, cancellable, ready,
                                   run);
}

static KsStepVerdict
taken (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Batch *batch = data;
  KsUploadState *state = batch->state;
  KsKeyStoreList list;

  batch->keys = ks_key_store_list_pending_finish (KS_KEY_STORE (store), result, &list, error);
  if (batch->keys == NULL)
    return KS_STEP_FAIL;
  batch->last = list.last;
  if (batch->keys->len > 0)
    return KS_STEP_NEXT;
  if (list.damaged > 0)
    {
      /* They stay pending, and are seen as such; what lies behind them goes up. */
      state->after = list.last;
      return KS_STEP_DONE;
    }
  /* Keys that came or became better meanwhile lie before the place. */
  state->exhausted = !state->moved;
  state->moved = FALSE;
  state->after = 0;
  return KS_STEP_DONE;
}

static void
seal (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Batch *batch = data;

  ks_seal_batch_async (batch->keys, batch->state->public_key, cancellable, ready, run);
}

static KsStepVerdict
sealed (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Batch *batch = data;

  batch->body = ks_seal_batch_finish (result, &batch->good, &batch->damaged, error);
  if (batch->body == NULL)
    return KS_STEP_FAIL;
  return batch->damaged->len > 0 ? KS_STEP_NEXT : KS_STEP_SKIP;
}

static void
put_damaged_aside (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Batch *batch = data;

  ks_key_store_mark_refused_async (batch->state->keys, batch->state->version, batch->damaged, cancellable,
                                   ready, run);
}

static KsStepVerdict
damaged_aside (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Batch *batch = data;

  if (!ks_key_store_mark_refused_finish (KS_KEY_STORE (store), result, error))
    return KS_STEP_FAIL;
  g_message ("%u room keys are damaged and stay out of the backup", batch->damaged->len);
  batch->state->sum.refused += batch->damaged->len;
  batch->state->moved = TRUE;
  if (batch->good->len > 0)
    return KS_STEP_NEXT;
  batch->state->after = batch->last;
  return KS_STEP_DONE;
}

static void
put (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Batch *batch = data;

  batch->begun = g_get_monotonic_time ();
  ks_api_backup_put_batch_async (batch->state->http, batch->state->version, batch->body, cancellable, ready,
                                 run);
}

/* The version is not the one to write to any more; what was marked for it tells nothing
 * about another. */
static KsStepVerdict
fail_untrusted (const KsUploadState *state, GError **error)
{
  g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_UNTRUSTED,
               "the backup version is not the current one any more");
  return KS_STEP_FAIL;
}

static gboolean
is_gone (const GError *error)
{
  return g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_FOUND)
         || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_WRONG_VERSION);
}

/* Can the batch be what the server, or the line, does not bear? Synapse cuts the line for
 * a body that is too large, and answers 500 to an entry that it cannot read. */
static gboolean
may_be_the_batch (const GError *error)
{
  return g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_TOO_LARGE)
         || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK)
         || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_SERVER)
         || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_REFUSED);
}

static void
note_success (Batch *batch, gint64 count)
{
  KsUploadState *state = batch->state;

  state->waits = 0;
  state->refusals = 0;
  batch->lost = count < state->count && !state->audited;
  state->count = count;
  if (batch->good->len == state->size && g_get_monotonic_time () - batch->begun < UNHURRIED)
    state->size = MIN (state->size * 2, KS_UPLOAD_MAX_BATCH);
}

static KsStepVerdict
was_put (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Batch *batch = data;
  KsUploadState *state = batch->state;
  gint64 count;

  if (ks_api_backup_put_keys_finish (KS_HTTP (http), result, NULL, &count, &batch->refused))
    {
      note_success (batch, count);
      return KS_STEP_SKIP; /* "probe" */
    }
  if (is_gone (batch->refused))
    return fail_untrusted (state, error);
  /* The next request waits by itself. */
  if (g_error_matches (batch->refused, KS_MATRIX_ERROR, KS_MATRIX_ERROR_RATE_LIMITED)
      && ++state->waits < MAX_WAITS)
    return KS_STEP_DONE;
  if (may_be_the_batch (batch->refused))
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&batch->refused));
  return KS_STEP_FAIL;
}

static void
probe (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsUploadState *state = ((Batch *) data)->state;

  ks_api_backup_probe_version_async (state->http, state->version, cancellable, ready, run);
}

static KsStepVerdict
probed (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Batch *batch = data;
  KsUploadState *state = batch->state;
  g_autoptr (KsBackupVersion) version = NULL;
  g_autoptr (GError) failure = NULL;

  if (!ks_api_backup_get_version_finish (KS_HTTP (http), result, &version, &failure))
    {
      if (is_gone (failure))
        return fail_untrusted (state, error);
      g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  if (batch->keys->len > 1)
    {
      g_info ("a batch of %u room keys was not taken: %s", batch->keys->len, batch->refused->message);
      state->size = batch->keys->len / 2;
      return KS_STEP_DONE;
    }
  if (++state->refusals < MAX_REFUSALS)
    return KS_STEP_DONE;
  /* A line that is cut twice says nothing about the key. */
  if (g_error_matches (batch->refused, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK))
    {
      g_propagate_error (error, g_steal_pointer (&batch->refused));
      return KS_STEP_FAIL;
    }
  g_message ("the server does not take a room key: %s", batch->refused->message);
  batch->set_aside = TRUE;
  return KS_STEP_NEXT;
}

static void
mark (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Batch *batch = data;
  KsUploadState *state = batch->state;

  if (batch->set_aside)
    ks_key_store_mark_refused_async (state->keys, state->version, batch->good, cancellable, ready, run);
  else
    ks_key_store_mark_backed_up_async (state->keys, state->version, batch->good, cancellable, ready, run);
}

static KsStepVerdict
marked (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Batch *batch = data;
  KsUploadState *state = batch->state;

  if (batch->set_aside ? !ks_key_store_mark_refused_finish (KS_KEY_STORE (store), result, error)
                       : !ks_key_store_mark_backed_up_finish (KS_KEY_STORE (store), result, error))
    return KS_STEP_FAIL;
  if (batch->set_aside)
    {
      state->sum.refused += batch->good->len;
      state->refusals = 0;
    }
  else
    state->sum.uploaded += batch->good->len;
  state->moved = TRUE;
  state->after = batch->last;
  return batch->lost ? KS_STEP_NEXT : KS_STEP_DONE;
}

static void
forget_marks (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Batch *batch = data;

  g_message ("the backup has fewer keys than before: all are offered again");
  ks_key_store_reset_marks_async (batch->state->keys, batch->state->version, cancellable, ready, run);
}

static KsStepVerdict
marks_forgotten (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Batch *batch = data;

  if (!ks_key_store_reset_marks_finish (KS_KEY_STORE (store), result, error))
    return KS_STEP_FAIL;
  batch->state->audited = TRUE;
  batch->state->after = 0;
  return KS_STEP_DONE;
}

static const KsStep steps[] = {
  { .name = "take", .begin = take, .end = taken },
  { .name = "seal", .begin = seal, .end = sealed },
  { .name = "damaged", .begin = put_damaged_aside, .end = damaged_aside },
  { .name = "put", .begin = put, .end = was_put },
  { .name = "probe", .begin = probe, .end = probed },
  { .name = "mark", .begin = mark, .end = marked },
  { .name = "audit", .begin = forget_marks, .end = marks_forgotten },
  { 0 },
};

void
ks_upload_batch_async (KsUploadState *state,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  Batch *batch = g_new0 (Batch, 1);

  batch->state = state;
  ks_steps_start (steps, batch, batch_free, NULL, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_upload_batch_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
