/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Locks of the kernel on files of ours (F_OFD_SETLK): they belong to the open file,
 * not to the process, so that two in one process exclude each other too, and they
 * end with the process. Internal to the store.
 */
#pragma once

#include <glib.h>

#include "store/ks-store-error.h"

G_BEGIN_DECLS

typedef enum
{
  KS_FILE_LOCK_SHARED,
  KS_FILE_LOCK_EXCLUSIVE,
} KsFileLockMode;

/* Opens (makes) the lock file @path, 0600. The file descriptor, or -1. */
int ks_file_lock_open (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes the lock or changes its mode, without waiting. KS_STORE_ERROR_HELD:
 * somebody else has it; what was held before is still held. */
gboolean ks_file_lock_set (int fd, KsFileLockMode mode, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether taking it exclusively would fail now. */
gboolean ks_file_lock_is_held (int fd);

G_END_DECLS
