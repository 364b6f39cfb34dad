/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-store-key-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/ks-database-file.h"
#include "store/ks-store-key-text.h"

typedef struct
{
  char *path; /* owned */
  gboolean create;
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  g_free (op->path);
  g_free (op);
}

static gboolean
check_file (int fd, const char *path, GError **error)
{
  struct stat info;

  if (fstat (fd, &info) != 0)
    {
      ks_set_file_error (path, error);
      return FALSE;
    }
  if (S_ISREG (info.st_mode) && info.st_uid == geteuid () && (info.st_mode & 077) == 0)
    return TRUE;
  g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED, "%s is not a file that only this user can read",
               path);
  return FALSE;
}

static KsSecret *
read_key (int fd, const char *path, GError **error)
{
  /* One more than a key file may hold, to see that it ends. */
  char text[KS_STORE_KEY_TEXT_SIZE + 2];
  gsize size = 0;
  gssize got = 1;
  KsSecret *key = NULL;

  while (size < sizeof text && got != 0)
    {
      got = read (fd, text + size, sizeof text - size);
      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        break;
      size += (gsize) got;
    }
  if (got < 0)
    ks_set_file_error (path, error);
  else
    key = ks_store_key_from_text (text, size);
  if (got >= 0 && key == NULL)
    g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED, "%s is not a store-key file", path);
  ks_wipe (text, sizeof text);
  return key;
}

static KsSecret *
load (const char *path, GError **error)
{
  /* O_NONBLOCK: a FIFO must not make us wait before it is refused. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  KsSecret *key = NULL;

  if (fd < 0)
    {
      ks_set_file_error (path, error);
      return NULL;
    }
  if (check_file (fd, path, error))
    key = read_key (fd, path, error);
  close (fd);
  return key;
}

static gboolean
write_text (int fd, const KsSecret *text)
{
  const guint8 *bytes = ks_secret_bytes (text);
  gsize size = ks_secret_size (text);

  return fchmod (fd, 0600) == 0 && write (fd, bytes, size) == (gssize) size && write (fd, "\n", 1) == 1
         && fsync (fd) == 0;
}

/* Under another name first, so that @path is never half a key. Nothing else has the
 * key yet: a failure before the end loses nothing. */
static gboolean
write_new (const char *path, const KsSecret *key, GError **error)
{
  g_autofree char *temporary = g_strconcat (path, ".XXXXXX", NULL);
  g_autofree char *directory = g_path_get_dirname (path);
  g_autoptr (KsSecret) text = ks_store_key_to_text (key);
  int fd = mkostemp (temporary, O_CLOEXEC);
  gboolean written;

  if (fd < 0)
    {
      ks_set_file_error (path, error);
      return FALSE;
    }
  written = write_text (fd, text);
  if (!written)
    ks_set_file_error (path, error);
  close (fd);
  written = written && ks_rename_exclusive (temporary, path, error);
  if (!written)
    unlink (temporary);
  return written && ks_sync_path (directory, error);
}

static KsSecret *
create (const char *path, GError **error)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (32);
  g_autoptr (KsSecret) read_back = NULL;
  g_autoptr (GError) local = NULL;

  if (!write_new (path, key, &local))
    {
      /* Somebody was faster: theirs is the one. */
      if (g_error_matches (local, KS_STORE_ERROR, KS_STORE_ERROR_EXISTS))
        return load (path, error);
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  read_back = load (path, error);
  if (read_back == NULL || ks_secret_equal (key, read_back))
    return g_steal_pointer (&read_back);
  g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED, "%s does not hold what was written to it", path);
  return NULL;
}

static void
run (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Op *op = data;
  g_autoptr (GError) error = NULL;
  KsSecret *key = load (op->path, &error);

  if (key == NULL && op->create && g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND))
    {
      g_clear_error (&error);
      key = create (op->path, &error);
    }
  if (key != NULL)
    g_task_return_pointer (task, key, (GDestroyNotify) ks_secret_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
ks_store_key_file_load_async (const char *path,
                              gboolean create_it,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Op *op = g_new0 (Op, 1);

  op->path = g_strdup (path);
  op->create = create_it;
  g_task_set_source_tag (task, __extension__(gpointer) ks_store_key_file_load_async);
  g_task_set_task_data (task, op, op_free);
  g_task_run_in_thread (task, run);
}

KsSecret *
ks_store_key_file_load_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
