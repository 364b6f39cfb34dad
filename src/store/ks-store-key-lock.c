/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-store-key-lock.h"

#include <unistd.h>

#include "store/ks-file-lock.h"

struct KsStoreKeyLock
{
  int fd;
};

KsStoreKeyLock *
ks_store_key_lock_take (const char *directory, GError **error)
{
  g_autofree char *path = g_build_filename (directory, "store-key.lock", NULL);
  g_autoptr (KsStoreKeyLock) lock = g_new0 (KsStoreKeyLock, 1);

  lock->fd = ks_file_lock_open (path, error);
  if (lock->fd < 0 || !ks_file_lock_set (lock->fd, KS_FILE_LOCK_EXCLUSIVE, error))
    return NULL;
  return g_steal_pointer (&lock);
}

void
ks_store_key_lock_free (KsStoreKeyLock *lock)
{
  if (lock == NULL)
    return;
  /* The file stays: somebody may have it open already. */
  if (lock->fd >= 0)
    close (lock->fd);
  g_free (lock);
}
