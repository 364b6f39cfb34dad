/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-whole-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/ks-secret.h"

struct KsWholeFile
{
  char *path;      /* owned */
  char *directory; /* owned: of path */
  char *temporary; /* owned: what it is called now; NULL: nothing */
  int fd;          /* owned */
};

static gboolean
rename_to (const char *temporary, const char *path, gboolean replace)
{
  struct stat info;

  if (replace)
    return rename (temporary, path) == 0;
  if (renameat2 (AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
    return TRUE;
  /* Some file systems cannot; there a look has to do. */
  if (errno != EINVAL && errno != ENOSYS)
    return FALSE;
  if (lstat (path, &info) != 0)
    return errno == ENOENT && rename (temporary, path) == 0;
  errno = EEXIST;
  return FALSE;
}

/* A rename is on the disk once its directory is. Some file systems do not sync a
 * directory, some directories may be written but not read: theirs has to do. */
static gboolean
sync_directory (const char *directory)
{
  int fd = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean synced;
  int reason;

  if (fd < 0)
    return errno == EACCES;
  synced = fsync (fd) == 0 || errno == EINVAL || errno == ENOTSUP;
  reason = errno;
  close (fd);
  errno = reason;
  return synced;
}

/* What a file is called until it has its own name. A kill can leave one behind. */
#define TEMPORARY_PREFIX ".security-key-"
#define TEMPORARY_SUFFIX ".part"
#define TEMPORARY_DIGITS 16

static char *
new_temporary (const char *directory)
{
  guint64 random;

  ks_random (&random, sizeof random);
  return g_strdup_printf ("%s/" TEMPORARY_PREFIX "%016" G_GINT64_MODIFIER "x" TEMPORARY_SUFFIX, directory,
                          random);
}

static gboolean
is_temporary (const char *name)
{
  gsize digits;

  if (!g_str_has_prefix (name, TEMPORARY_PREFIX))
    return FALSE;
  name += strlen (TEMPORARY_PREFIX);
  digits = strspn (name, "0123456789abcdef");
  return digits == TEMPORARY_DIGITS && strcmp (name + digits, TEMPORARY_SUFFIX) == 0;
}

/* Removes what earlier runs left in @directory: regular files of ours of that very name,
 * which nobody holds, for a save that goes on elsewhere has its own locked. What cannot be
 * looked at or removed is left: nothing depends on it. */
static void
sweep (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = NULL;
      struct stat info;
      int fd;

      if (!is_temporary (name))
        continue;
      path = g_build_filename (directory, name, NULL);
      fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
      if (fd < 0)
        continue;
      if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_uid == geteuid ()
          && flock (fd, LOCK_EX | LOCK_NB) == 0 && unlink (path) == 0)
        g_message ("removed %s, which an earlier run had left", name);
      close (fd);
    }
}

/* A file without a name, which a kill takes along; or one of the name that *@temporary is
 * set to. -1: errno says why. */
static int
open_temporary (const char *directory, gboolean nameless, char **temporary)
{
  int fd;

  if (nameless)
    return open (directory, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
  *temporary = new_temporary (directory);
  fd = open (*temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd >= 0)
    flock (fd, LOCK_EX | LOCK_NB);
  return fd;
}

/* Gives the file without a name the name @path. */
static gboolean
link_to (int fd, const char *path)
{
  g_autofree char *from = g_strdup_printf ("/proc/self/fd/%d", fd);

  return linkat (AT_FDCWD, from, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
}

/* Gives the file, written and synced, the name @path. A name that is taken can be given by
 * a rename alone, so that then the file has another one for that moment. */
static gboolean
publish (int fd, char **temporary, const char *directory, const char *path, gboolean replace)
{
  if (*temporary == NULL)
    {
      if (!replace)
        return link_to (fd, path);
      *temporary = new_temporary (directory);
      /* Locked before it has a name: no other save takes it for a leftover. */
      flock (fd, LOCK_EX | LOCK_NB);
      if (!link_to (fd, *temporary))
        return FALSE;
    }
  return rename_to (*temporary, path, replace);
}

/* What a file system over the network has to say may come as late as when it is closed. */
static gboolean
flush (int fd)
{
  int other = dup (fd);

  return other >= 0 && close (other) == 0;
}

/* Whether errno tells that a file without a name is the trouble, and one with a name may do. */
static gboolean
is_for_want_of_a_name (void)
{
  switch (errno)
    {
    case EOPNOTSUPP: /* file systems that know no file without a name */
    case EINVAL:
    case EISDIR: /* a kernel that knows none */
    case ENOENT: /* no /proc to name it by; or no such directory, which is said again */
    case EPERM:  /* it may have no name by what guards this process */
    case EXDEV:
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
open_as (KsWholeFile *self, gboolean nameless)
{
  self->fd = open_temporary (self->directory, nameless, &self->temporary);
  if (self->fd < 0)
    {
      g_clear_pointer (&self->temporary, g_free);
      return FALSE;
    }
  /* Whatever the umask. A medium without permissions cannot, and need not. */
  if (fchmod (self->fd, 0600) != 0)
    g_info ("%s has no permissions: %s", self->directory, g_strerror (errno));
  return TRUE;
}

#define COPY_SIZE 65536

static gboolean
copy (int from, int to)
{
  guint8 piece[COPY_SIZE];
  gssize size, written = 0;
  off_t at = 0;

  while ((size = pread (from, piece, sizeof piece, at)) != 0 && written >= 0)
    {
      if (size < 0 && errno == EINTR)
        continue;
      if (size < 0)
        break;
      for (gssize done = 0; done < size && written >= 0; done += MAX (written, 0))
        {
          written = write (to, piece + done, (gsize) (size - done));
          if (written < 0 && errno == EINTR)
            written = 0;
        }
      at += size;
    }
  ks_wipe (piece, sizeof piece);
  return size == 0 && written >= 0 && fsync (to) == 0;
}

/* Goes on with a copy that has a name. */
static gboolean
take_a_name (KsWholeFile *self)
{
  int nameless = self->fd;
  gboolean copied = open_as (self, FALSE) && copy (nameless, self->fd) && flush (self->fd);
  int reason = errno;

  close (nameless);
  errno = reason;
  return copied;
}

KsWholeFile *
ks_whole_file_begin (const char *path)
{
  KsWholeFile *self = g_new0 (KsWholeFile, 1);
  int reason;

  self->path = g_strdup (path);
  self->directory = g_path_get_dirname (path);
  sweep (self->directory);
  if (open_as (self, TRUE) || (is_for_want_of_a_name () && open_as (self, FALSE)))
    return self;
  reason = errno;
  ks_whole_file_free (self);
  errno = reason;
  return NULL;
}

int
ks_whole_file_get_fd (KsWholeFile *file)
{
  return file->fd;
}

gboolean
ks_whole_file_commit (KsWholeFile *file, gboolean replace)
{
  gboolean nameless = file->temporary == NULL;
  gboolean published =
      flush (file->fd) && publish (file->fd, &file->temporary, file->directory, file->path, replace);

  if (!published && nameless && is_for_want_of_a_name ())
    {
      g_clear_pointer (&file->temporary, g_free);
      published =
          take_a_name (file) && publish (file->fd, &file->temporary, file->directory, file->path, replace);
    }
  if (!published)
    return FALSE;
  g_clear_pointer (&file->temporary, g_free);
  return sync_directory (file->directory);
}

void
ks_whole_file_free (KsWholeFile *file)
{
  if (file == NULL)
    return;
  if (file->temporary != NULL)
    unlink (file->temporary);
  if (file->fd >= 0)
    close (file->fd);
  g_free (file->temporary);
  g_free (file->directory);
  g_free (file->path);
  g_free (file);
}

gboolean
ks_whole_file_write (const char *path, gboolean replace, KsWholeFileFunc write, gconstpointer data)
{
  KsWholeFile *file = ks_whole_file_begin (path);
  gboolean written;
  int reason;

  if (file == NULL)
    return FALSE;
  written = write (file->fd, data) && ks_whole_file_commit (file, replace);
  reason = errno;
  ks_whole_file_free (file);
  errno = reason;
  return written;
}

gboolean
ks_whole_file_sync (const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  gboolean synced;
  int reason;

  if (fd < 0)
    return FALSE;
  synced = fsync (fd) == 0;
  reason = errno;
  /* After a sync that failed the system takes the pages for written: without this, they
   * would be read as if they were. */
  if (synced)
    posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED);
  close (fd);
  errno = reason;
  return synced && sync_directory (directory);
}
