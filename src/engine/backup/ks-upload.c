/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/backup/ks-upload.h"

#include "base/ks-steps.h"
#include "engine/backup/ks-upload-batch.h"
#include "engine/secrets/ks-recovery-error.h"

#include <string.h>

/* Uploads.
 *
 *   1. count   what is pending
 *   2. batch   one after another, until a look from the first key on finds none
 *   3. forget  only if the version is not the current one any more: what is marked as
 *              being in it
 *
 * What a stop leaves is told beside the batch. */

typedef struct
{
  KsUploadState state;
  KsUploadFunc on_progress;
  gpointer progress_data;
  guint64 pending;
  GError *gone; /* owned: why the version cannot be used; NULL: it can */
} Upload;

static void
upload_free (gpointer data)
{
  Upload *upload = data;

  g_clear_error (&upload->gone);
  g_object_unref (upload->state.http);
  g_object_unref (upload->state.keys);
  g_free (upload->state.version);
  g_free (upload);
}

static void
tell (Upload *upload)
{
  guint64 done = upload->state.sum.uploaded + upload->state.sum.refused;

  if (upload->on_progress != NULL)
    upload->on_progress (done, MAX (upload->pending, done), upload->progress_data);
}

static void
count (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Upload *upload = data;

  ks_key_store_count_async (upload->state.keys, upload->state.version, cancellable, ready, run);
}

static KsStepVerdict
counted (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Upload *upload = data;

  if (!ks_key_store_count_finish (KS_KEY_STORE (store), result, NULL, &upload->pending, NULL, error))
    return KS_STEP_FAIL;
  tell (upload);
  return KS_STEP_NEXT;
}

static void
send_batch (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_upload_batch_async (&((Upload *) data)->state, cancellable, ready, run);
}

static KsStepVerdict
batch_sent (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Upload *upload = data;
  g_autoptr (GError) failure = NULL;

  if (ks_upload_batch_finish (result, &failure))
    {
      tell (upload);
      return upload->state.exhausted ? KS_STEP_DONE : KS_STEP_AGAIN;
    }
  if (g_error_matches (failure, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_UNTRUSTED))
    {
      upload->gone = g_steal_pointer (&failure);
      return KS_STEP_NEXT;
    }
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static void
forget (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Upload *upload = data;

  ks_key_store_reset_marks_async (upload->state.keys, upload->state.version, cancellable, ready, run);
}

static KsStepVerdict
forgotten (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Upload *upload = data;

  if (ks_key_store_reset_marks_finish (KS_KEY_STORE (store), result, error))
    g_propagate_error (error, g_steal_pointer (&upload->gone));
  return KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "count", .begin = count, .end = counted },
  { .name = "batch", .begin = send_batch, .end = batch_sent },
  { .name = "forget", .begin = forget, .end = forgotten },
  { 0 },
};

void
ks_upload_async (KsHttp *http,
                 KsKeyStore *keys,
                 const char *version,
                 const uint8_t public_key[KS_BACKUP_KEY_SIZE],
                 KsUploadFunc on_progress,
                 gpointer progress_data,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  Upload *upload = g_new0 (Upload, 1);

  upload->state.http = g_object_ref (http);
  upload->state.keys = g_object_ref (keys);
  upload->state.version = g_strdup (version);
  memcpy (upload->state.public_key, public_key, KS_BACKUP_KEY_SIZE);
  upload->state.size = KS_UPLOAD_FIRST_BATCH;
  upload->state.count = -1;
  upload->on_progress = on_progress;
  upload->progress_data = progress_data;
  ks_steps_start (steps, upload, upload_free, http, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_upload_finish (KsHttp *http, GAsyncResult *result, KsUploaded *uploaded, GError **error)
{
  Upload *upload = g_task_get_task_data (G_TASK (result));

  if (uploaded != NULL)
    *uploaded = upload->state.sum;
  return g_task_propagate_boolean (G_TASK (result), error);
}
