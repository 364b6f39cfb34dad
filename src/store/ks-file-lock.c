/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-file-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int
ks_file_lock_open (const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  struct stat info;

  if (fd < 0)
    {
      g_set_error (error, KS_STORE_ERROR,
                   errno == ENOSPC || errno == EDQUOT ? KS_STORE_ERROR_FULL : KS_STORE_ERROR_FAILED,
                   "the lock file %s cannot be opened: %s", path, g_strerror (errno));
      return -1;
    }
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_uid == geteuid ())
    return fd;
  g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED, "%s is not a file of this user", path);
  close (fd);
  return -1;
}

gboolean
ks_file_lock_set (int fd, KsFileLockMode mode, GError **error)
{
  struct flock lock = { .l_type = mode == KS_FILE_LOCK_SHARED ? F_RDLCK : F_WRLCK, .l_whence = SEEK_SET };

  while (fcntl (fd, F_OFD_SETLK, &lock) != 0)
    {
      if (errno == EINTR)
        continue;
      if (errno == EAGAIN || errno == EACCES)
        g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_HELD, "another process holds the lock");
      else
        g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED, "locking failed: %s", g_strerror (errno));
      return FALSE;
    }
  return TRUE;
}

gboolean
ks_file_lock_is_held (int fd)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

  return fcntl (fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}
