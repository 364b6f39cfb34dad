/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/key-file/ks-export-keys.h"

#include "base/ks-steps.h"
#include "engine/key-file/ks-key-file-error.h"
#include "engine/key-file/ks-key-file-writer.h"

/* Exports.
 *
 *   1. count   how many there are; left out for a room
 *   2. keys    listed and written in turn, a batch at a time, the file begun with the first
 *   3. check   the end of the file; on the disk, and read back
 *   4. name    the file has it now
 *
 * A stop before 4 leaves nothing. Rows that come or go meanwhile are in it or not; none is in it
 * twice. */

/* The keys of one batch: some milliseconds for each thread that works on them. */
#define BATCH_SIZE 1000

typedef struct
{
  KsKeyStore *keys; /* owned */
  char *room_id;    /* owned; NULL: all */
  char *path;       /* owned */
  KsSecret *phrase; /* owned */
  KsExportFlags flags;
  KsExportFunc on_progress;
  gpointer progress_data;
  KsKeyFileWriter *writer; /* owned; NULL: not begun, or lent to a thread */
  GPtrArray *batch;        /* owned: listed and not written yet; NULL: none */
  gint64 last;             /* id of the last key listed */
  guint64 expected;        /* 0: not known */
  KsExportReport report;
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_key_file_writer_free (op->writer);
  g_clear_pointer (&op->batch, g_ptr_array_unref);
  ks_secret_unref (op->phrase);
  g_free (op->path);
  g_free (op->room_id);
  g_object_unref (op->keys);
  g_free (op);
}

/* A thread has the writer while it works. Who is told of the cancelling at once does not wait
 * for it: then the writer, and what it has written, goes with the work. */
typedef struct
{
  char *path;              /* owned */
  KsSecret *phrase;        /* owned */
  KsKeyFileWriter *writer; /* owned; NULL: to be begun */
  GPtrArray *batch;        /* owned; NULL: the end */
  gboolean replace;
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  ks_key_file_writer_free (work->writer);
  g_clear_pointer (&work->batch, g_ptr_array_unref);
  ks_secret_unref (work->phrase);
  g_free (work->path);
  g_free (work);
}

static void
work (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  GError *error = NULL;
  gboolean ok;

  if (work->writer == NULL)
    work->writer = ks_key_file_writer_new (work->path, work->replace, work->phrase, &error);
  ok = work->writer != NULL
       && (work->batch != NULL ? ks_key_file_writer_add (work->writer, work->batch, &error)
                               : ks_key_file_writer_finish (work->writer, cancellable, &error));
  /* Where it was cancelled the end has been told. */
  if (!g_task_set_return_on_cancel (task, FALSE))
    g_clear_error (&error);
  else if (ok)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
begin_work (Op *op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, ready, run);
  Work *lent = g_new0 (Work, 1);

  lent->path = g_strdup (op->path);
  lent->phrase = ks_secret_ref (op->phrase);
  lent->writer = g_steal_pointer (&op->writer);
  lent->batch = g_steal_pointer (&op->batch);
  lent->replace = (op->flags & KS_EXPORT_REPLACE) != 0;
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, lent, work_free);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, work);
}

static gboolean
end_work (Op *op, GAsyncResult *result, GError **error)
{
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  op->writer = g_steal_pointer (&((Work *) g_task_get_task_data (G_TASK (result)))->writer);
  op->report.keys = ks_key_file_writer_get_written (op->writer);
  return TRUE;
}

static void
count (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_key_store_count_async (((Op *) data)->keys, NULL, cancellable, ready, run);
}

static KsStepVerdict
counted (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Op *op = data;

  if (!ks_key_store_count_finish (KS_KEY_STORE (store), result, &op->expected, NULL, NULL, error))
    return KS_STEP_FAIL;
  if (op->room_id != NULL)
    op->expected = 0;
  return KS_STEP_NEXT;
}

static void
list_or_write (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  if (op->batch != NULL)
    begin_work (op, cancellable, ready, run);
  else if (op->room_id == NULL)
    ks_key_store_list_pending_async (op->keys, NULL, op->last, BATCH_SIZE, cancellable, ready, run);
  else
    ks_key_store_list_room_async (op->keys, op->room_id, op->last, BATCH_SIZE, cancellable, ready, run);
}

static KsStepVerdict
written (Op *op, GAsyncResult *result, GError **error)
{
  if (!end_work (op, result, error))
    return KS_STEP_FAIL;
  if (op->on_progress != NULL)
    op->on_progress (op->report.keys, MAX (op->expected, op->expected > 0 ? op->report.keys : 0),
                     op->progress_data);
  return KS_STEP_AGAIN;
}

static KsStepVerdict
listed_or_written (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;
  KsKeyStoreList list = { 0 };

  if (source == NULL)
    return written (op, result, error);
  /* Both lists end alike. */
  op->batch = ks_key_store_list_pending_finish (op->keys, result, &list, error);
  if (op->batch == NULL)
    return KS_STEP_FAIL;
  op->report.left_out += list.damaged;
  if (list.last > 0)
    {
      op->last = list.last;
      if (op->batch->len == 0)
        g_clear_pointer (&op->batch, g_ptr_array_unref);
      return KS_STEP_AGAIN;
    }
  g_clear_pointer (&op->batch, g_ptr_array_unref);
  if (op->report.keys > 0)
    return KS_STEP_NEXT;
  if (op->report.left_out > 0 || op->writer != NULL)
    g_set_error_literal (error, KS_KEY_FILE_ERROR, KS_KEY_FILE_ERROR_NONE_WRITABLE,
                         "no room key can be written to a file");
  else
    g_set_error_literal (error, KS_KEY_FILE_ERROR, KS_KEY_FILE_ERROR_NOTHING,
                         "there is no room key to export");
  return KS_STEP_FAIL;
}

static void
check (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  begin_work (data, cancellable, ready, run);
}

static KsStepVerdict
checked (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;

  if (!end_work (op, result, error))
    return KS_STEP_FAIL;
  op->report.left_out += ks_key_file_writer_get_left_out (op->writer);
  return KS_STEP_NEXT;
}

static void
commit (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (ks_key_file_writer_commit (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
name (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, ready, run);

  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, ((Op *) data)->writer, NULL);
  g_task_run_in_thread (task, commit);
}

static KsStepVerdict
named (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "count", .begin = count, .end = counted },
  { .name = "keys", .begin = list_or_write, .end = listed_or_written },
  { .name = "check", .begin = check, .end = checked },
  { .name = "name", .begin = name, .end = named, .committed = TRUE },
  { 0 },
};

void
ks_export_keys_async (KsKeyStore *keys,
                      const char *room_id,
                      GFile *file,
                      KsSecret *phrase,
                      KsExportFlags flags,
                      KsExportFunc on_progress,
                      gpointer progress_data,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task = g_task_new (keys, cancellable, callback, user_data);
  Op *op = g_new0 (Op, 1);

  op->keys = g_object_ref (keys);
  op->room_id = g_strdup (room_id);
  op->path = g_file_get_path (file);
  op->phrase = ks_secret_ref (phrase);
  op->flags = flags;
  op->on_progress = on_progress;
  op->progress_data = progress_data;
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, op, op_free);
  if (op->path != NULL)
    ks_steps_run (task, steps);
  else
    {
      g_task_return_new_error (task, KS_KEY_FILE_ERROR, KS_KEY_FILE_ERROR_NOT_LOCAL,
                               "not a file of this computer");
      g_object_unref (task);
    }
}

gboolean
ks_export_keys_finish (KsKeyStore *keys, GAsyncResult *result, KsExportReport *report, GError **error)
{
  const Op *op = g_task_get_task_data (G_TASK (result));

  if (report != NULL)
    *report = op->report;
  return g_task_propagate_boolean (G_TASK (result), error);
}
