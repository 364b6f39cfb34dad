/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-account-lock.h"

#include <string.h>
#include <unistd.h>

#include "store/ks-file-lock.h"

struct KsAccountLock
{
  int fd;
};

/* User and device IDs may hold any character, a file name may not. */
static char *
lock_path (const char *directory, const char *user_id, const char *device_id)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *name = NULL;

  g_checksum_update (checksum, (const guchar *) user_id, (gssize) strlen (user_id) + 1);
  g_checksum_update (checksum, (const guchar *) device_id, (gssize) strlen (device_id) + 1);
  name = g_strdup_printf ("account-%.32s.lock", g_checksum_get_string (checksum));
  return g_build_filename (directory, name, NULL);
}

KsAccountLock *
ks_account_lock_take (const char *directory, const char *user_id, const char *device_id, GError **error)
{
  g_autofree char *path = lock_path (directory, user_id, device_id);
  g_autoptr (KsAccountLock) lock = g_new0 (KsAccountLock, 1);

  lock->fd = ks_file_lock_open (path, error);
  if (lock->fd < 0 || !ks_file_lock_set (lock->fd, KS_FILE_LOCK_EXCLUSIVE, error))
    return NULL;
  return g_steal_pointer (&lock);
}

gboolean
ks_account_lock_is_taken (const char *directory, const char *user_id, const char *device_id)
{
  g_autofree char *path = lock_path (directory, user_id, device_id);
  int fd = ks_file_lock_open (path, NULL);
  gboolean held;

  if (fd < 0)
    return FALSE;
  held = ks_file_lock_is_held (fd);
  close (fd);
  return held;
}

void
ks_account_lock_free (KsAccountLock *lock)
{
  if (lock == NULL)
    return;
  /* The file is not removed: somebody may have it open already and wait on an
   * inode that nobody else would find. */
  if (lock->fd >= 0)
    close (lock->fd);
  g_free (lock);
}
