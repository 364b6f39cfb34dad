/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/key-file/ks-key-file-kind.h"

#include "crypto/ks-key-file.h"
#include "engine/key-file/ks-key-file-error.h"
#include "engine/unlock/ks-key-entry.h"
#include "store/ks-database-kind.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A piece, and before it the end of the one before, in which the line may begin. */
#define OVERLAP (sizeof KS_KEY_FILE_FIRST_LINE - 2)
#define PIECE_SIZE 65536

/* Other kinds are known by their beginning, if at all. */
#define HEAD_SIZE PIECE_SIZE

/* Returns the size, less than @room only at the end of the file; or -1. */
static gssize
read_at (int fd, guint8 *to, gsize room, goffset at)
{
  gsize size = 0;

  while (size < room)
    {
      gssize got = pread (fd, to + size, room - size, at + (goffset) size);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        return -1;
      if (got == 0)
        break;
      size += (gsize) got;
    }
  return (gssize) size;
}

static gboolean
contains (const guint8 *bytes, gsize size, const char *what)
{
  return memmem (bytes, size, what, strlen (what)) != NULL;
}

/* Whether the first line of a room-key file is anywhere behind the head. 1, 0, or -1: errno. */
static int
has_line_behind (int fd)
{
  g_autofree guint8 *piece = g_malloc (OVERLAP + PIECE_SIZE);
  goffset at = HEAD_SIZE - (goffset) OVERLAP;
  gssize size;

  while ((size = read_at (fd, piece, OVERLAP + PIECE_SIZE, at)) > (gssize) OVERLAP)
    {
      if (contains (piece, (gsize) size, KS_KEY_FILE_FIRST_LINE))
        return 1;
      at += size - (goffset) OVERLAP;
    }
  return size < 0 ? -1 : 0;
}

static KsKeyFileKind
kind_of_json (const guint8 *head, gsize size)
{
  gsize at = size >= 3 && memcmp (head, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

  while (at < size && g_ascii_isspace (head[at]))
    at++;
  if (at == size)
    return KS_KEY_FILE_KIND_EMPTY;
  if (head[at] != '[' && head[at] != '{')
    return KS_KEY_FILE_KIND_OTHER;
  if (contains (head, size, "\"session_key\""))
    return KS_KEY_FILE_KIND_NOT_ENCRYPTED;
  if (head[at] == '{' && (contains (head, size, "\"session_data\"") || contains (head, size, "\"sessions\"")))
    return KS_KEY_FILE_KIND_BACKUP;
  return KS_KEY_FILE_KIND_OTHER;
}

static gboolean
holds_security_key (const guint8 *head, gsize size)
{
  g_autoptr (KsSecret) text = ks_secret_new_copy (head, size);
  g_autoptr (KsKeyEntry) entry = ks_key_entry_read (text, KS_KEY_ENTRY_FILE);

  return entry->kind == KS_KEY_ENTRY_KEY || entry->kind == KS_KEY_ENTRY_NEARLY_KEY
         || entry->kind == KS_KEY_ENTRY_BROKEN_KEY;
}

static int
kind_of_head (int fd, const guint8 *head, gsize size)
{
  int behind;

  if (contains (head, size, KS_KEY_FILE_FIRST_LINE))
    return KS_KEY_FILE_KIND_ROOM_KEYS;
  if (size == HEAD_SIZE && (behind = has_line_behind (fd)) != 0)
    return behind > 0 ? KS_KEY_FILE_KIND_ROOM_KEYS : -1;
  if (size > 0 && size < HEAD_SIZE && holds_security_key (head, size))
    return KS_KEY_FILE_KIND_SECURITY_KEY;
  return (int) kind_of_json (head, size);
}

/* KS_KEY_FILE_KIND_OTHER: it is none. Asked first, since what is in a database may look like anything. */
static int
kind_of_database (int fd)
{
  switch (ks_database_kind_of (fd))
    {
    case KS_DATABASE_KIND_OURS:
      return KS_KEY_FILE_KIND_SET_ASIDE;
    case KS_DATABASE_KIND_FOREIGN:
      return KS_KEY_FILE_KIND_DATABASE;
    case KS_DATABASE_KIND_NONE:
    default:
      return KS_KEY_FILE_KIND_OTHER;
    }
}

int
ks_key_file_kind_of (int fd)
{
  guint8 *head = g_malloc (HEAD_SIZE);
  gssize size = read_at (fd, head, HEAD_SIZE, 0);
  int kind = size >= 0 ? kind_of_database (fd) : -1;
  int reason;

  if (kind == KS_KEY_FILE_KIND_OTHER)
    kind = kind_of_head (fd, head, (gsize) size);
  reason = errno;
  ks_wipe (head, HEAD_SIZE); /* it may be a Security Key */
  g_free (head);
  errno = reason;
  return kind;
}

int
ks_key_file_open (const char *path, GError **error)
{
  /* O_NONBLOCK: a FIFO must not make us wait before it is refused. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat info;

  if (fd < 0 || fstat (fd, &info) != 0)
    ks_key_file_error_set_errno (path, error);
  else if (!S_ISREG (info.st_mode))
    g_set_error (error, KS_KEY_FILE_ERROR, KS_KEY_FILE_ERROR_NOT_A_FILE, "%s: not a regular file", path);
  else
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

static void
look (GTask *task, gpointer file, gpointer data, GCancellable *cancellable)
{
  g_autofree char *path = g_file_get_path (file);
  GError *error = NULL;
  int fd = -1;
  int kind = -1;

  if (path == NULL)
    g_set_error_literal (&error, KS_KEY_FILE_ERROR, KS_KEY_FILE_ERROR_NOT_LOCAL,
                         "not a file of this computer");
  else
    fd = ks_key_file_open (path, &error);
  if (fd >= 0)
    {
      kind = ks_key_file_kind_of (fd);
      if (kind < 0)
        ks_key_file_error_set_errno (path, &error);
      close (fd);
    }
  if (kind >= 0)
    g_task_return_int (task, kind);
  else
    g_task_return_error (task, error);
}

void
ks_key_file_look_async (GFile *file,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (file, cancellable, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  g_task_run_in_thread (task, look);
}

gboolean
ks_key_file_look_finish (GAsyncResult *result, KsKeyFileKind *kind, GError **error)
{
  gssize found = g_task_propagate_int (G_TASK (result), error);

  if (found >= 0)
    *kind = (KsKeyFileKind) found;
  return found >= 0;
}
