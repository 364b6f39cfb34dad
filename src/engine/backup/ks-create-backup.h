/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes the account's key backup with a private key that is stored safely already; never
 * replaces one that is there.
 */
#pragma once

#include "engine/backup/ks-backup-signers.h"
#include "matrix/ks-http.h"

G_BEGIN_DECLS

/* Can be repeated with the same @signers: a version of this key that is there already is
 * taken. Errors: KS_RECOVERY_ERROR_CONFLICT: another backup is there; _CORRUPT: the server
 * names another version than it made; KS_MATRIX_ERROR. */
void ks_create_backup_async (KsHttp *http,
                             const KsBackupSigners *signers,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
/* The version; the caller frees it. */
char *ks_create_backup_finish (KsHttp *http, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
