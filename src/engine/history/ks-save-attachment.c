/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/history/ks-save-attachment.h"

#include "base/ks-steps.h"
#include "engine/history/ks-attachment-private.h"
#include "engine/secrets/ks-whole-file.h"
#include "matrix/ks-api-media.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_SIZE 65536

/* Saves.
 *
 *   1. fetch  the file as the server has it, into one that has no name
 *   2. save   once its hash is right: decrypted, as the file that the person chose
 *
 * A stop in 1 leaves nothing; in 2, all or nothing. */

typedef struct
{
  KsHttp *http;             /* owned */
  KsAttachment *attachment; /* owned */
  char *path;               /* owned */
  gboolean replace;
  KsAttachmentFunc on_progress;
  gpointer progress_data;
  int fetched;    /* owned: the file without a name; -1: none yet */
  GChecksum *sum; /* owned: of what is in it */
  guint64 size;
} Save;

static void
save_free (gpointer data)
{
  Save *save = data;

  if (save->fetched >= 0)
    close (save->fetched);
  g_checksum_free (save->sum);
  ks_attachment_unref (save->attachment);
  g_object_unref (save->http);
  g_free (save->path);
  g_free (save);
}

static gboolean
fail (GError **error, int reason, const char *what)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (reason), "%s: %s", what, g_strerror (reason));
  return FALSE;
}

static gboolean
write_all (int fd, const void *bytes, gsize size)
{
  for (const char *at = bytes; size > 0;)
    {
      gssize n = write (fd, at, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      at += n;
      size -= (gsize) n;
    }
  return TRUE;
}

/* --- fetch --- */

static gboolean
on_chunk (const void *bytes, gsize size, gpointer data, GError **error)
{
  Save *save = data;

  save->size += size;
  if (save->size > (guint64) KS_ATTACHMENT_MAX_SIZE)
    {
      g_set_error_literal (error, KS_ATTACHMENT_ERROR, KS_ATTACHMENT_ERROR_TOO_LARGE, "the file has no end");
      return FALSE;
    }
  g_checksum_update (save->sum, bytes, (gssize) size);
  if (!write_all (save->fetched, bytes, size))
    return fail (error, errno, "keeping what was fetched");
  if (save->on_progress != NULL)
    save->on_progress (save->size, save->progress_data);
  return TRUE;
}

static void
fetch (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Save *save = data;

  ks_api_media_download_async (save->http, save->attachment->uri, on_chunk, save, cancellable, ready, run);
}

static KsStepVerdict
fetched (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Save *save = data;
  guint8 hash[KS_ATTACHMENT_HASH_SIZE];
  gsize size = sizeof hash;

  if (!ks_api_media_download_finish (KS_HTTP (http), result, error))
    return KS_STEP_FAIL;
  g_checksum_get_digest (save->sum, hash, &size);
  if (!save->attachment->encrypted || ks_bytes_equal (hash, save->attachment->hash, sizeof hash))
    return KS_STEP_NEXT;
  g_set_error_literal (error, KS_ATTACHMENT_ERROR, KS_ATTACHMENT_ERROR_CHANGED, "the file's hash is another");
  return KS_STEP_FAIL;
}

/* --- save, in a thread --- */

/* What was fetched, decrypted, into @fd. */
static gboolean
copy (int fd, const Save *save)
{
  const KsAttachment *attachment = save->attachment;
  g_autoptr (KsAttachmentCipher) cipher = NULL;
  g_autofree guint8 *chunk = g_malloc (CHUNK_SIZE);
  gboolean ok = TRUE;
  gssize n;

  if (attachment->encrypted
      && (cipher = ks_attachment_cipher_new (attachment->key, attachment->iv, attachment->counter)) == NULL)
    {
      errno = EIO;
      return FALSE;
    }
  if (lseek (save->fetched, 0, SEEK_SET) != 0)
    return FALSE;
  while (ok && (n = read (save->fetched, chunk, CHUNK_SIZE)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      ok = n > 0 && (cipher == NULL || ks_attachment_cipher_run (cipher, chunk, (gsize) n, chunk))
           && write_all (fd, chunk, (gsize) n);
    }
  ks_wipe (chunk, CHUNK_SIZE);
  return ok;
}

static gboolean
write_whole (int fd, gconstpointer data)
{
  return copy (fd, data) && fsync (fd) == 0;
}

/* What the document portal shows is one file in a directory made for it, of no other name. */
static gboolean
is_of_portal (const char *path)
{
  g_autofree char *documents = g_build_filename (g_get_user_runtime_dir (), "doc", "", NULL);

  return g_str_has_prefix (path, documents);
}

static gboolean
write_in_place (const Save *save)
{
  int fd = open (save->path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0600);
  gboolean written;
  int reason;

  if (fd < 0)
    return FALSE;
  written = write_whole (fd, save);
  reason = errno;
  if (close (fd) != 0 && written)
    return FALSE;
  errno = reason;
  return written;
}

static void
save_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Save *save = data;
  GError *error = NULL;

  if (is_of_portal (save->path) ? write_in_place (save)
                                : ks_whole_file_write (save->path, save->replace, write_whole, save))
    g_task_return_boolean (task, TRUE);
  else
    {
      fail (&error, errno, "saving the file");
      g_task_return_error (task, error);
    }
}

static void
save_file (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, ready, run);

  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, data, NULL);
  g_task_run_in_thread (task, save_in_thread);
}

static KsStepVerdict
saved (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "fetch", .begin = fetch, .end = fetched },
  { .name = "save", .begin = save_file, .end = saved, .committed = TRUE },
  { 0 },
};

/* A file for what is fetched, on the disk and not in memory, where there is a choice. */
static int
open_nameless (GError **error)
{
  g_autofree char *name = g_build_filename (g_get_user_cache_dir (), "keepsake-XXXXXX", NULL);
  int fd;

  g_mkdir_with_parents (g_get_user_cache_dir (), 0700);
  fd = g_mkstemp_full (name, O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    fail (error, errno, "a file for what is fetched");
  else
    g_unlink (name);
  return fd;
}

static gboolean
prepare (Save *save, GError **error)
{
  if (!ks_attachment_get_usable (save->attachment))
    {
      g_set_error_literal (error, KS_ATTACHMENT_ERROR, KS_ATTACHMENT_ERROR_UNUSABLE,
                           "the message does not tell how to get the file");
      return FALSE;
    }
  if (save->attachment->size > KS_ATTACHMENT_MAX_SIZE)
    {
      g_set_error_literal (error, KS_ATTACHMENT_ERROR, KS_ATTACHMENT_ERROR_TOO_LARGE,
                           "the message says that the file is too large");
      return FALSE;
    }
  save->fetched = open_nameless (error);
  return save->fetched >= 0;
}

void
ks_save_attachment_async (KsHttp *http,
                          KsAttachment *attachment,
                          const char *path,
                          gboolean replace,
                          KsAttachmentFunc on_progress,
                          gpointer progress_data,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (http, cancellable, callback, user_data);
  Save *save = g_new0 (Save, 1);
  GError *error = NULL;

  save->http = g_object_ref (http);
  save->attachment = ks_attachment_ref (attachment);
  save->path = g_strdup (path);
  save->replace = replace;
  save->on_progress = on_progress;
  save->progress_data = progress_data;
  save->sum = g_checksum_new (G_CHECKSUM_SHA256);
  save->fetched = -1;
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, save, save_free);
  if (prepare (save, &error))
    {
      ks_steps_run (task, steps);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

gboolean
ks_save_attachment_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
