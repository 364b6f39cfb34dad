/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-key-text-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/ks-recovery-key.h"
#include "engine/secrets/ks-whole-file.h"

G_DEFINE_QUARK (ks - key - text - file - error - quark, ks_key_text_file_error)

/* The text and its line feed. */
#define TEXT_SIZE (KS_RECOVERY_KEY_LENGTH + 1)

typedef struct
{
  GFile *file;   /* owned */
  KsSecret *key; /* owned; NULL when reading */
  KsKeyTextFileFlags flags;
  gboolean as_it_is; /* read, whatever it holds */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  g_object_unref (op->file);
  ks_secret_unref (op->key);
  g_free (op);
}

static GTask *
task_new (GFile *file, KsSecret *key, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Op *op = g_new0 (Op, 1);

  op->file = g_object_ref (file);
  op->key = key != NULL ? ks_secret_ref (key) : NULL;
  g_task_set_task_data (task, op, op_free);
  /* What is in the file is in the file, whoever has lost interest. */
  g_task_set_check_cancellable (task, FALSE);
  return task;
}

static KsKeyTextFileError
code_of (int reason)
{
  switch (reason)
    {
    case EEXIST:
      return KS_KEY_TEXT_FILE_ERROR_EXISTS;
    case ELOOP: /* of O_NOFOLLOW */
      return KS_KEY_TEXT_FILE_ERROR_LINK;
    case EISDIR:
      return KS_KEY_TEXT_FILE_ERROR_NOT_A_FILE;
    case ENOENT:
    case ENOTDIR:
      return KS_KEY_TEXT_FILE_ERROR_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
      return KS_KEY_TEXT_FILE_ERROR_DENIED;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return KS_KEY_TEXT_FILE_ERROR_FULL;
    default:
      return KS_KEY_TEXT_FILE_ERROR_FAILED;
    }
}

/* Sets @error to what errno says of @path. */
static void
set_error (const char *path, GError **error)
{
  int reason = errno;

  g_set_error (error, KS_KEY_TEXT_FILE_ERROR, code_of (reason), "%s: %s", path, g_strerror (reason));
}

static void
set_error_code (const char *path, KsKeyTextFileError code, const char *what, GError **error)
{
  g_set_error (error, KS_KEY_TEXT_FILE_ERROR, code, "%s: %s", path, what);
}

/* Reading. */

/* Returns the size, at most @room, or -1. */
static gssize
read_all (int fd, guint8 *to, gsize room)
{
  gsize size = 0;

  while (size < room)
    {
      gssize got = read (fd, to + size, room - size);

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

static KsSecret *
read_text (int fd, const char *path, GError **error)
{
  g_autoptr (KsSecret) text = ks_secret_new (KS_KEY_TEXT_FILE_LARGEST + 1);
  struct stat info;
  gssize size;

  if (fstat (fd, &info) == 0 && !S_ISREG (info.st_mode))
    {
      set_error_code (path, KS_KEY_TEXT_FILE_ERROR_NOT_A_FILE, "not a regular file", error);
      return NULL;
    }
  size = read_all (fd, ks_secret_writable (text), KS_KEY_TEXT_FILE_LARGEST + 1);
  if (size < 0)
    set_error (path, error);
  else if (size > KS_KEY_TEXT_FILE_LARGEST)
    set_error_code (path, KS_KEY_TEXT_FILE_ERROR_TOO_LARGE, "too large for a Security Key", error);
  else
    return ks_secret_new_copy (ks_secret_bytes (text), (gsize) size);
  return NULL;
}

static KsSecret *
load_text (const char *path, int flags, GError **error)
{
  /* O_NONBLOCK: a FIFO must not make us wait before it is refused. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);
  KsSecret *text;

  if (fd < 0)
    {
      set_error (path, error);
      return NULL;
    }
  text = read_text (fd, path, error);
  close (fd);
  return text;
}

static KsSecret *
load (const char *path, int flags, GError **error)
{
  g_autoptr (KsSecret) text = load_text (path, flags, error);
  KsSecret *key;

  if (text == NULL)
    return NULL;
  key = ks_recovery_key_parse ((const char *) ks_secret_bytes (text), ks_secret_size (text), NULL);
  if (key == NULL)
    set_error_code (path, KS_KEY_TEXT_FILE_ERROR_NOT_A_KEY, "holds no Security Key", error);
  return key;
}

/* Writing. */

static gboolean
write_text (int fd, gconstpointer key)
{
  char text[TEXT_SIZE + 1];
  gsize done = 0;
  gboolean written = ks_recovery_key_format (key, text);

  text[KS_RECOVERY_KEY_LENGTH] = '\n';
  while (written && done < TEXT_SIZE)
    {
      gssize n = write (fd, text + done, TEXT_SIZE - done);

      if (n < 0 && errno == EINTR)
        continue;
      written = n > 0;
      done += written ? (gsize) n : 0;
    }
  ks_wipe (text, sizeof text);
  /* In place, what is behind goes last: until then it has the key or what it had. */
  written = written && ftruncate (fd, TEXT_SIZE) == 0 && fsync (fd) == 0;
  /* Reading back is to see the medium, not the cache. */
  if (written)
    posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED);
  return written;
}

/* Closes @fd: what a file system over the network has to say may come as late as that. */
static gboolean
write_and_close (int fd, const KsSecret *key)
{
  gboolean written = write_text (fd, key);
  int reason = errno;

  if (close (fd) != 0 && written)
    return FALSE;
  errno = reason;
  return written;
}

/* Writes a file of no name, and gives it that of @path. */
static gboolean
write_beside (const char *path, const KsSecret *key, gboolean replace, GError **error)
{
  if (ks_whole_file_write (path, replace, write_text, key))
    return TRUE;
  set_error (path, error);
  return FALSE;
}

/* What the document portal shows is one file in a directory made for it. */
static gboolean
is_of_portal (const char *path)
{
  g_autofree char *documents = g_build_filename (g_get_user_runtime_dir (), "doc", "", NULL);

  return g_str_has_prefix (path, documents);
}

/* The file is its owner's before the key is in it, whoever could read it until then. A
 * portal's file system may know no modes, or have them changed by nobody: there the person
 * chose the place, and the file is as private as the place is. Anywhere else it is
 * somebody else's file, and no key goes into it, nor counts as saved there. */
static gboolean
make_private (int fd, const char *path)
{
  if (fchmod (fd, 0600) == 0)
    return TRUE;
  if (!is_of_portal (path) || (errno != EPERM && errno != ENOSYS && errno != EOPNOTSUPP))
    return FALSE;
  g_info ("the portal's file keeps its permissions: %s", g_strerror (errno));
  return TRUE;
}

static gboolean
write_in_place (const char *path, const KsSecret *key, GError **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
  gboolean private = fd >= 0 && make_private (fd, path);

  if (private && write_and_close (fd, key) && ks_whole_file_sync (path))
    return TRUE;
  set_error (path, error);
  if (fd >= 0 && !private)
    close (fd);
  return FALSE;
}

/* A file that had the key before may have been anybody's to read. */
static gboolean
make_found_private (const char *path)
{
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  gboolean private = fd >= 0 && make_private (fd, path);
  int reason = errno;

  if (fd >= 0)
    close (fd);
  errno = reason;
  return private;
}

/* What there is of that name. */
typedef enum
{
  FOUND_BAD, /* @error says what */
  FOUND_NOTHING,
  FOUND_THE_KEY,
  FOUND_OTHER, /* a regular file, which may be replaced */
} Found;

static Found
look (const char *path, const KsSecret *key, KsKeyTextFileFlags flags, GError **error)
{
  g_autoptr (KsSecret) there = NULL;
  struct stat info;

  if (lstat (path, &info) != 0)
    {
      if (errno == ENOENT)
        return FOUND_NOTHING;
      set_error (path, error);
      return FOUND_BAD;
    }
  if (S_ISLNK (info.st_mode))
    set_error_code (path, KS_KEY_TEXT_FILE_ERROR_LINK, "is a symbolic link", error);
  else if (!S_ISREG (info.st_mode))
    set_error_code (path, KS_KEY_TEXT_FILE_ERROR_NOT_A_FILE, "is not a regular file", error);
  else
    {
      there = load (path, O_NOFOLLOW, NULL);
      if (there != NULL && ks_secret_equal (there, key))
        return FOUND_THE_KEY;
      if (info.st_size == 0 || (flags & KS_KEY_TEXT_FILE_REPLACE) != 0)
        return FOUND_OTHER;
      set_error_code (path, KS_KEY_TEXT_FILE_ERROR_EXISTS, "holds something else", error);
    }
  return FOUND_BAD;
}

static gboolean
write_key (const char *path, const KsSecret *key, gboolean replace, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (is_of_portal (path))
    return write_in_place (path, key, error);
  if (write_beside (path, key, replace, &local))
    return TRUE;
  /* The directory is closed, but the file itself may be open. */
  if (replace && g_error_matches (local, KS_KEY_TEXT_FILE_ERROR, KS_KEY_TEXT_FILE_ERROR_DENIED))
    return write_in_place (path, key, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static KsSecret *
save (const char *path, const KsSecret *key, KsKeyTextFileFlags flags, GError **error)
{
  g_autoptr (KsSecret) read_back = NULL;
  g_autoptr (GError) local = NULL;
  Found found = look (path, key, flags, error);

  if (found == FOUND_BAD)
    return NULL;
  if (found != FOUND_THE_KEY && !write_key (path, key, found == FOUND_OTHER, error))
    return NULL;
  /* An earlier save may have ended before the key was on the disk: it is not enough that it
   * can be read. */
  if (found == FOUND_THE_KEY && (!make_found_private (path) || !ks_whole_file_sync (path)))
    {
      set_error (path, error);
      return NULL;
    }
  read_back = load (path, O_NOFOLLOW, &local);
  if (read_back != NULL && ks_secret_equal (key, read_back))
    return g_steal_pointer (&read_back);
  set_error_code (path, KS_KEY_TEXT_FILE_ERROR_DIFFERS,
                  local != NULL ? local->message : "does not hold what was written to it", error);
  return NULL;
}

static void
run (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Op *op = data;
  g_autofree char *path = g_file_get_path (op->file);
  g_autoptr (GError) error = NULL;
  KsSecret *key = NULL;

  if (g_task_return_error_if_cancelled (task))
    return;
  if (path == NULL)
    g_set_error (&error, KS_KEY_TEXT_FILE_ERROR, KS_KEY_TEXT_FILE_ERROR_NOT_LOCAL,
                 "not a file of this computer");
  else if (op->as_it_is)
    key = load_text (path, 0, &error);
  else
    key = op->key != NULL ? save (path, op->key, op->flags, &error) : load (path, 0, &error);
  if (key != NULL)
    g_task_return_pointer (task, key, (GDestroyNotify) ks_secret_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
ks_key_text_file_save_async (GFile *file,
                             KsSecret *key,
                             KsKeyTextFileFlags flags,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (ks_secret_size (key) == KS_RECOVERY_KEY_SIZE);

  task = task_new (file, key, cancellable, callback, user_data);
  ((Op *) g_task_get_task_data (task))->flags = flags;
  g_task_set_name (task, G_STRFUNC);
  g_task_run_in_thread (task, run);
}

KsSecret *
ks_key_text_file_save_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ks_key_text_file_load_async (GFile *file,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = task_new (file, NULL, cancellable, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  g_task_run_in_thread (task, run);
}

KsSecret *
ks_key_text_file_load_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ks_key_text_file_read_async (GFile *file,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = task_new (file, NULL, cancellable, callback, user_data);

  ((Op *) g_task_get_task_data (task))->as_it_is = TRUE;
  g_task_set_name (task, G_STRFUNC);
  g_task_run_in_thread (task, run);
}

KsSecret *
ks_key_text_file_read_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

char *
ks_key_text_file_name (const char *user_id)
{
  GString *name = g_string_new ("security-key-");

  if (user_id[0] == '@')
    user_id++;
  for (const char *at = user_id; *at != '\0' && name->len + strlen (".txt") < KS_KEY_TEXT_FILE_NAME_LENGTH;
       at++)
    {
      bool plain = g_ascii_isalnum (*at) || *at == '.' || *at == '_' || *at == '-';
      bool continues = ((guchar) *at & 0xc0) == 0x80; /* a character of UTF-8 */

      if (!continues)
        g_string_append_c (name, plain ? *at : *at == ':' ? '-' : '_');
    }
  g_string_append (name, ".txt");
  return g_string_free (name, FALSE);
}
