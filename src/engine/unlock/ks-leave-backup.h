/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Before the private key of a backup that is here gives way to that of the current one: what only it
 * opens comes into the key store.
 */
#pragma once

#include "matrix/ks-api-backup.h"
#include "store/ks-key-store.h"
#include "store/ks-secret-store.h"

G_BEGIN_DECLS

typedef struct
{
  KsHttp *http;
  KsSecretStore *secret_store;
  KsKeyStore *keys;
  const char *known; /* the version that the key here is of, as this session knew it; NULL: none */
  const KsBackupVersion *current;
  const KsSecret *key; /* of @current, which is about to be kept here */
} KsBackupToLeave;     /* all borrowed; current to the callback */

/* Nothing is to be done where no other key is here. Errors: those of ks_bring_back_async(); KS_STORE_ERROR;
 * KS_RECOVERY_ERROR_UNSUPPORTED: nobody knows what the key here opens. */
void ks_leave_backup_async (const KsBackupToLeave *leave,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean ks_leave_backup_finish (GAsyncResult *result, GError **error);

G_END_DECLS
