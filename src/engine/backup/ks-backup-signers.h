/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whose a key backup is, and by what that is shown: its key, and those that sign it.
 */
#pragma once

#include "crypto/ks-olm-account.h"
#include "crypto/ks-secret.h"

G_BEGIN_DECLS

typedef struct
{
  const char *user_id;
  const char *device_id;
  KsSecret *key;     /* borrowed: the backup's private key, 32 bytes */
  KsSecret *master;  /* borrowed: the private master key, 32 bytes; NULL: it is not here, in a repair */
  KsOlmAccount *olm; /* borrowed, until the callback: this session's */
  const char
      *instead_of; /* in a repair: the version that cannot be used, and is to be followed; NULL: none */
} KsBackupSigners;

G_END_DECLS
