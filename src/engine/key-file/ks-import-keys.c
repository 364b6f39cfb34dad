/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/key-file/ks-import-keys.h"

#include "base/ks-steps.h"
#include "engine/key-file/ks-key-file-error.h"
#include "engine/key-file/ks-key-file-kind.h"
#include "engine/key-file/ks-key-file-reader.h"
#include "engine/keys/ks-better-key.h"
#include "engine/keys/ks-key-origin.h"
#include "engine/keys/ks-room-key-json.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Imports.
 *
 *   1. prove   the phrase fits and the file is whole
 *   2. store   read once more, key by key, into one transaction
 *
 * A stop anywhere changes nothing. Once 2 has committed it is done, so from there on nobody is
 * told that it was cancelled; it looks at the cancellable itself until then. */

/* Keys that are in memory at a time, or a few more; fewer of such as say much of themselves. */
#define BATCH_SIZE 1000
#define BATCH_BYTES (BATCH_SIZE * 1024)

/* The file and what is known of it. Counts references: whoever gives up does not wait for the
 * thread that has one. */
typedef struct
{
  char *path;            /* owned */
  KsSecret *phrase;      /* owned */
  int fd;                /* owned; -1: not open */
  KsKeyFileProof *proof; /* owned */
  KsKeyFileCounter counter;
  guint64 size; /* bytes */
} Source;

static void
source_clear (gpointer data)
{
  Source *source = data;

  if (source->fd >= 0)
    close (source->fd);
  ks_key_file_proof_free (source->proof);
  ks_secret_unref (source->phrase);
  g_free (source->path);
}

static void
source_unref (gpointer source)
{
  g_atomic_rc_box_release_full (source, source_clear);
}

typedef struct
{
  KsKeyStore *keys; /* owned */
  KsImportFlags flags;
  KsImportFunc on_progress;
  gpointer progress_data;
  GCancellable *cancellable; /* owned; NULL: none */
  GMainContext *context;     /* owned */
  GTask *task;               /* borrowed: the operation's own */
  Source *source;            /* owned */

  /* Of the writer thread while it stores. */
  KsKeyFileReader *reader; /* owned */
  gboolean more;
  GPtrArray *batch;          /* owned: read and not given to the store yet */
  gsize batch_bytes;         /* what is said in them */
  GPtrArray *given;          /* owned: what it has been given last; NULL: nothing */
  KsBetterKeyCounts *merged; /* owned: what became of them */
  KsKeyStorePut before;      /* of what was given before them */
  KsKeyReport *report;       /* owned; NULL once it was given away */

  gint telling;   /* atomic: a progress is on its way to the main context */
  gboolean ended; /* of the main context */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_key_file_reader_free (op->reader);
  source_unref (op->source);
  g_ptr_array_unref (op->batch);
  g_clear_pointer (&op->given, g_ptr_array_unref);
  ks_better_key_counts_free (op->merged);
  ks_key_report_free (op->report);
  g_clear_object (&op->cancellable);
  g_main_context_unref (op->context);
  g_object_unref (op->keys);
  g_free (op);
}

/* --- prove --- */

static void
prove_in_thread (GTask *task, gpointer source_object, gpointer data, GCancellable *cancellable)
{
  Source *source = data;
  GError *error = NULL;
  struct stat info;

  source->fd = ks_key_file_open (source->path, &error);
  if (source->fd >= 0 && fstat (source->fd, &info) == 0)
    source->size = (guint64) info.st_size;
  if (source->fd >= 0)
    source->proof =
        ks_key_file_prove (source->fd, source->path, source->phrase, &source->counter, cancellable, &error);
  /* Where it was cancelled the end has been told. */
  if (!g_task_set_return_on_cancel (task, FALSE))
    g_clear_error (&error);
  else if (source->proof != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
prove (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, ready, run);

  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, g_atomic_rc_box_acquire (op->source), source_unref);
  /* Making keys of a phrase cannot be stopped. */
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, prove_in_thread);
}

/* --- store --- */

/* On its way from the writer thread to the main context. */
typedef struct
{
  GTask *task; /* owned: the operation's */
  guint64 keys;
  guint64 done;
} Progress;

static void
progress_free (gpointer data)
{
  Progress *progress = data;

  g_object_unref (progress->task);
  g_free (progress);
}

static gboolean
deliver (gpointer data)
{
  Progress *progress = data;
  Op *op = g_task_get_task_data (progress->task);

  g_atomic_int_set (&op->telling, 0);
  if (!op->ended)
    op->on_progress (progress->keys, progress->done, op->source->size, op->progress_data);
  return G_SOURCE_REMOVE;
}

/* One at a time: a busy window gets the latest, not all. */
static void
tell (Op *op)
{
  g_autoptr (GSource) source = NULL;
  Progress *progress;

  if (op->on_progress == NULL || !g_atomic_int_compare_and_exchange (&op->telling, 0, 1))
    return;
  progress = g_new0 (Progress, 1);
  progress->task = g_object_ref (op->task);
  progress->keys = op->report->total;
  progress->done = ks_key_file_reader_get_position (op->reader);
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver, progress, progress_free);
  g_source_attach (source, op->context);
}

/* N_REASONS: it can be used. */
static KsKeyReason
take (const KsSession *session, KsStoredRoomKey *key)
{
  if (strcmp (session->algorithm, KS_ROOM_KEY_ALGORITHM) != 0)
    return KS_KEY_OTHER_KIND;
  switch (
      ks_room_key_json_take_key (key, session->session_key, session->session_key_length, session->session_id))
    {
    case KS_ROOM_KEY_OK:
      break;
    case KS_ROOM_KEY_WRONG_ID:
      return KS_KEY_WRONG_ID;
    case KS_ROOM_KEY_MALFORMED:
    case KS_ROOM_KEY_WEAK:
    case KS_ROOM_KEY_BAD_SIGNATURE:
    case KS_ROOM_KEY_FAILED:
    default:
      return KS_KEY_NO_KEY;
    }
  key->room_id = g_strdup (session->room_id);
  key->session_id = g_strdup (session->session_id);
  ks_key_origin_take (key, session->sender_key, session->claimed_ed25519);
  key->forwarding_chain = ks_key_origin_chain_text (session->forwarding_chain, NULL);
  key->shared_history = session->shared_history;
  key->provenance = KS_ROOM_KEY_FILE;
  return KS_KEY_N_REASONS;
}

static gboolean
on_session (const KsSession *session, const char *problem, gpointer data, GError **error)
{
  Op *op = data;
  g_autoptr (KsStoredRoomKey) key = g_new0 (KsStoredRoomKey, 1);
  KsKeyReason reason = problem != NULL ? KS_KEY_MALFORMED : take (session, key);

  op->report->total++;
  if (reason == KS_KEY_N_REASONS)
    {
      op->batch_bytes += ks_stored_room_key_get_size (key);
      g_ptr_array_add (op->batch, g_steal_pointer (&key));
    }
  else
    ks_key_report_add_failure (op->report, session->room_id, session->session_id, reason);
  return TRUE;
}

/* What became of the keys that the store was given last. */
static void
count_given (Op *op, const KsKeyStorePut *put)
{
  const KsKeyStorePut last = { .added = put->added - op->before.added,
                               .replaced = put->replaced - op->before.replaced,
                               .kept = put->kept - op->before.kept,
                               .elsewhere = put->elsewhere - op->before.elsewhere };

  if (op->given == NULL)
    return;
  ks_better_key_counts_report (op->merged, &last, op->given, op->report);
  op->merged->better = op->merged->here = 0;
  g_ptr_array_set_size (op->merged->conflict, 0);
  op->before = *put;
  g_clear_pointer (&op->given, g_ptr_array_unref);
}

/* On the writer thread. */
static gboolean
next_keys (const KsKeyStorePut *put, GPtrArray **keys, gpointer data, GError **error)
{
  Op *op = data;
  guint64 failed;

  count_given (op, put);
  tell (op);
  while (op->more && op->batch->len < BATCH_SIZE && op->batch_bytes < BATCH_BYTES)
    if (g_cancellable_set_error_if_cancelled (op->cancellable, error)
        || !ks_key_file_reader_step (op->reader, &op->more, error))
      return FALSE;
  if (op->batch->len > 0)
    {
      op->given = g_ptr_array_ref (op->batch);
      *keys = g_steal_pointer (&op->batch);
      op->batch_bytes = 0;
      op->batch = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
      return TRUE;
    }
  failed = ks_key_report_get_failed (op->report);
  if (failed == 0 || (op->flags & KS_IMPORT_ACCEPT_FAILURES) != 0)
    return TRUE;
  g_set_error (error, KS_KEY_FILE_ERROR, KS_KEY_FILE_ERROR_UNUSABLE,
               "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " room keys cannot be used", failed,
               op->report->total);
  return FALSE;
}

static KsStepVerdict
proven (gpointer data, GObject *nothing, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
store (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  op->reader =
      ks_key_file_reader_new (op->source->fd, op->source->proof, op->source->counter, on_session, op);
  op->more = TRUE;
  ks_key_store_put_all_async (op->keys, next_keys, op, ks_better_key_merge, op->merged, op->cancellable,
                              ready, run);
}

static KsStepVerdict
stored (gpointer data, GObject *keys, GAsyncResult *result, GError **error)
{
  return ks_key_store_put_all_finish (KS_KEY_STORE (keys), result, NULL, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "prove", .begin = prove, .end = proven },
  { .name = "store", .begin = store, .end = stored, .committed = TRUE },
  { 0 },
};

void
ks_import_keys_async (KsKeyStore *keys,
                      GFile *file,
                      KsSecret *phrase,
                      KsImportFlags flags,
                      KsImportFunc on_progress,
                      gpointer progress_data,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task = g_task_new (keys, cancellable, callback, user_data);
  Op *op = g_new0 (Op, 1);

  op->keys = g_object_ref (keys);
  op->flags = flags;
  op->on_progress = on_progress;
  op->progress_data = progress_data;
  op->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  op->context = g_main_context_ref_thread_default ();
  op->task = task;
  op->source = g_atomic_rc_box_new0 (Source);
  op->source->path = g_file_get_path (file);
  op->source->phrase = ks_secret_ref (phrase);
  op->source->fd = -1;
  op->batch = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
  op->merged = ks_better_key_counts_new ();
  op->report = ks_key_report_new ();
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, op, op_free);
  if (op->source->path != NULL)
    ks_steps_run (task, steps);
  else
    {
      g_task_return_new_error (task, KS_KEY_FILE_ERROR, KS_KEY_FILE_ERROR_NOT_LOCAL,
                               "not a file of this computer");
      g_object_unref (task);
    }
}

gboolean
ks_import_keys_finish (KsKeyStore *keys, GAsyncResult *result, KsKeyReport **report, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) failure = NULL;
  gboolean imported = g_task_propagate_boolean (G_TASK (result), &failure);

  op->ended = TRUE;
  if (report != NULL)
    *report = imported || g_error_matches (failure, KS_KEY_FILE_ERROR, KS_KEY_FILE_ERROR_UNUSABLE)
                  ? g_steal_pointer (&op->report)
                  : NULL;
  if (imported)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
