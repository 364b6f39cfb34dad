/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/key-file/ks-key-file-error.h"

#include <errno.h>

G_DEFINE_QUARK (ks - key - file - error - quark, ks_key_file_error)

static KsKeyFileError
code_of (int reason)
{
  switch (reason)
    {
    case EEXIST:
      return KS_KEY_FILE_ERROR_EXISTS;
    case ELOOP: /* of O_NOFOLLOW */
      return KS_KEY_FILE_ERROR_LINK;
    case EISDIR:
    case ENXIO:
      return KS_KEY_FILE_ERROR_NOT_A_FILE;
    case ENOENT:
    case ENOTDIR:
      return KS_KEY_FILE_ERROR_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
      return KS_KEY_FILE_ERROR_DENIED;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return KS_KEY_FILE_ERROR_FULL;
    default:
      return KS_KEY_FILE_ERROR_FAILED;
    }
}

void
ks_key_file_error_set_errno (const char *path, GError **error)
{
  int reason = errno;

  g_set_error (error, KS_KEY_FILE_ERROR, code_of (reason), "%s: %s", path, g_strerror (reason));
}
