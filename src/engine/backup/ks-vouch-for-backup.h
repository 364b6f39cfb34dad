/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signs the current backup in the person's name, where nobody has: for clients that have
 * not its private key and go by the master key's signature.
 */
#pragma once

#include "engine/backup/ks-backup-signers.h"
#include "matrix/ks-http.h"

G_BEGIN_DECLS

/* Adds the signatures of master key and session to those that are there, unless the master
 * key's is. A backup that is not of @signers' key any more is left alone, which is no error: nothing
 * is written that was not looked at right before. So is one with more in it than its public
 * key: nothing that a server puts beside it is signed. Can be repeated. */
void ks_vouch_for_backup_async (KsHttp *http,
                                const KsBackupSigners *signers,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean ks_vouch_for_backup_finish (KsHttp *http, GAsyncResult *result, GError **error);

G_END_DECLS
