/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-database-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READY_PREFIX "keepsake-ready-"
#define READY_SUFFIX ".db"

static const char *const suffixes[] = { "", "-wal", "-shm" };

static KsStoreErrorCode
file_error_code (int number)
{
  switch (number)
    {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: /* RLIMIT_FSIZE */
      return KS_STORE_ERROR_FULL;
    case ENOENT:
      return KS_STORE_ERROR_NOT_FOUND;
    case EEXIST:
      return KS_STORE_ERROR_EXISTS;
    default:
      return KS_STORE_ERROR_FAILED;
    }
}

void
ks_set_file_error (const char *path, GError **error)
{
  int number = errno;

  g_set_error (error, KS_STORE_ERROR, file_error_code (number), "%s: %s", path, g_strerror (number));
}

KsDatabaseFiles *
ks_database_files_new (const char *directory, GError **error)
{
  KsDatabaseFiles *files;
  char *resolved = realpath (directory, NULL);

  if (resolved == NULL)
    {
      ks_set_file_error (directory, error);
      return NULL;
    }
  files = g_new0 (KsDatabaseFiles, 1);
  files->directory = g_strdup (resolved);
  free (resolved);
  files->database = g_build_filename (files->directory, "keepsake.db", NULL);
  files->lock = g_build_filename (files->directory, "keepsake.db.lock", NULL);
  files->building = g_build_filename (files->directory, "keepsake-building.db", NULL);
  files->copy = g_build_filename (files->directory, "keepsake-salvage.db", NULL);
  return files;
}

void
ks_database_files_free (KsDatabaseFiles *files)
{
  g_free (files->directory);
  g_free (files->database);
  g_free (files->lock);
  g_free (files->building);
  g_free (files->copy);
  g_free (files);
}

gboolean
ks_sync_path (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  gboolean synced = fd >= 0 && fsync (fd) == 0;

  if (!synced)
    ks_set_file_error (path, error);
  if (fd >= 0)
    close (fd);
  return synced;
}

gboolean
ks_rename_exclusive (const char *from, const char *to, GError **error)
{
  struct stat info;

  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return TRUE;
  /* Some file systems cannot; there the caller's lock has to do. */
  if ((errno == EINVAL || errno == ENOSYS) && lstat (to, &info) != 0 && errno == ENOENT
      && rename (from, to) == 0)
    return TRUE;
  ks_set_file_error (to, error);
  return FALSE;
}

gboolean
ks_database_files_look (KsDatabaseFiles *files, gboolean *found, GError **error)
{
  struct stat info;

  *found = FALSE;
  /* lstat(), not open(): closing any descriptor of the file would drop the locks that SQLite has on
   * it in this process. SQLite itself refuses symbolic links (SQLITE_OPEN_NOFOLLOW). */
  if (lstat (files->database, &info) != 0)
    {
      if (errno == ENOENT)
        return TRUE;
      ks_set_file_error (files->database, error);
      return FALSE;
    }
  if (!S_ISREG (info.st_mode) || info.st_uid != geteuid ())
    {
      g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED, "%s is not a regular file of this user",
                   files->database);
      return FALSE;
    }
  *found = TRUE;
  if ((info.st_mode & 07777) == 0600 || chmod (files->database, 0600) == 0)
    return TRUE;
  ks_set_file_error (files->database, error);
  return FALSE;
}

static void
remove_with_suffixes (const char *path)
{
  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *name = g_strconcat (path, suffixes[i], NULL);

      unlink (name);
    }
  {
    g_autofree char *journal = g_strconcat (path, "-journal", NULL);

    unlink (journal);
  }
}

void
ks_database_files_tidy (KsDatabaseFiles *files)
{
  remove_with_suffixes (files->building);
  remove_with_suffixes (files->copy);
}

static int
create_file (const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd < 0)
    ks_set_file_error (path, error);
  return fd;
}

gboolean
ks_database_files_begin (KsDatabaseFiles *files, GError **error)
{
  int fd;

  remove_with_suffixes (files->building);
  fd = create_file (files->building, error);
  if (fd < 0)
    return FALSE;
  close (fd);
  return TRUE;
}

static gboolean
write_all (int fd, const guint8 *bytes, gsize size)
{
  while (size > 0)
    {
      gssize written = write (fd, bytes, size);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return FALSE;
      bytes += written;
      size -= (gsize) written;
    }
  return TRUE;
}

/* A failing disk may give up some blocks only: what it does not read is left as
 * zeros, and reading goes on behind it. */
static gboolean
copy_blocks (int from, int to)
{
  g_autofree guint8 *block = g_malloc (4096);
  off_t size = lseek (from, 0, SEEK_END);

  for (off_t at = 0; at < size; at += 4096)
    {
      gssize got = pread (from, block, 4096, at);

      if (got < 0)
        {
          got = (gssize) MIN (4096, size - at);
          memset (block, 0, 4096);
        }
      if (!write_all (to, block, (gsize) got))
        return FALSE;
      if (got < 4096)
        break;
    }
  return size >= 0;
}

static gboolean
copy_file (const char *from_path, const char *to_path, gboolean optional, GError **error)
{
  int from = open (from_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  gboolean copied;
  int to;

  if (from < 0)
    {
      if (optional && errno == ENOENT)
        return TRUE;
      ks_set_file_error (from_path, error);
      return FALSE;
    }
  to = create_file (to_path, error);
  copied = to >= 0 && copy_blocks (from, to);
  if (to >= 0 && !copied)
    ks_set_file_error (to_path, error);
  if (to >= 0)
    close (to);
  close (from);
  return copied;
}

gboolean
ks_database_files_copy (KsDatabaseFiles *files, GError **error)
{
  g_autofree char *wal = g_strconcat (files->database, "-wal", NULL);
  g_autofree char *copied_wal = g_strconcat (files->copy, "-wal", NULL);

  remove_with_suffixes (files->copy);
  return copy_file (files->database, files->copy, FALSE, error) && copy_file (wal, copied_wal, TRUE, error);
}

gboolean
ks_database_files_patch_copy (
    KsDatabaseFiles *files, gsize offset, const guint8 *bytes, gsize size, GError **error)
{
  int fd = open (files->copy, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  gboolean written = fd >= 0 && lseek (fd, (off_t) offset, SEEK_SET) >= 0 && write_all (fd, bytes, size);

  if (!written)
    ks_set_file_error (files->copy, error);
  if (fd >= 0)
    close (fd);
  return written;
}

/* Step 2 of the header's comment. */
static gboolean
move_aside (KsDatabaseFiles *files, const char *stamp, char **set_aside, GError **error)
{
  g_autofree char *name = g_strdup_printf ("keepsake-set-aside-%s.db", stamp);
  g_autofree char *base = g_build_filename (files->directory, name, NULL);
  struct stat info;

  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *from = g_strconcat (files->database, suffixes[i], NULL);
      g_autofree char *to = g_strconcat (base, suffixes[i], NULL);

      if (lstat (from, &info) != 0)
        continue;
      if (!ks_rename_exclusive (from, to, error))
        return FALSE;
      if (chmod (to, 0400) != 0)
        g_message ("%s could not be made read-only: %s", to, g_strerror (errno));
    }
  if (set_aside != NULL && lstat (base, &info) == 0)
    {
      g_free (*set_aside);
      *set_aside = g_steal_pointer (&base);
    }
  return ks_sync_path (files->directory, error);
}

/* Steps 2 and 3. */
static gboolean
put_in_place (KsDatabaseFiles *files, const char *ready, const char *stamp, char **set_aside, GError **error)
{
  return move_aside (files, stamp, set_aside, error) && ks_rename_exclusive (ready, files->database, error)
         && ks_sync_path (files->directory, error);
}

/* A name that no earlier replacement of the same second has taken. */
static char *
choose_stamp (KsDatabaseFiles *files)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *second = g_date_time_format (now, "%Y%m%dT%H%M%SZ");

  for (int i = 1;; i++)
    {
      g_autofree char *stamp = i == 1 ? g_strdup (second) : g_strdup_printf ("%s-%d", second, i);
      g_autofree char *name = g_strdup_printf ("keepsake-set-aside-%s.db", stamp);
      g_autofree char *path = g_build_filename (files->directory, name, NULL);
      struct stat info;

      if (lstat (path, &info) != 0)
        return g_steal_pointer (&stamp);
    }
}

gboolean
ks_database_files_replace (KsDatabaseFiles *files, char **set_aside, GError **error)
{
  g_autofree char *stamp = choose_stamp (files);
  g_autofree char *name = g_strconcat (READY_PREFIX, stamp, READY_SUFFIX, NULL);
  g_autofree char *ready = g_build_filename (files->directory, name, NULL);

  return ks_sync_path (files->building, error) && ks_rename_exclusive (files->building, ready, error)
         && ks_sync_path (files->directory, error) && put_in_place (files, ready, stamp, set_aside, error);
}

gboolean
ks_database_files_resume (KsDatabaseFiles *files, char **set_aside, GError **error)
{
  g_autoptr (GDir) directory = g_dir_open (files->directory, 0, error);
  const char *name;

  if (directory == NULL)
    return FALSE;
  while ((name = g_dir_read_name (directory)) != NULL)
    if (g_str_has_prefix (name, READY_PREFIX) && g_str_has_suffix (name, READY_SUFFIX))
      {
        g_autofree char *ready = g_build_filename (files->directory, name, NULL);
        g_autofree char *stamp = g_strndup (name + strlen (READY_PREFIX),
                                            strlen (name) - strlen (READY_PREFIX) - strlen (READY_SUFFIX));

        return put_in_place (files, ready, stamp, set_aside, error);
      }
  return TRUE;
}
