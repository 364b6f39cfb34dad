/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves that a Security Key opens the whole of an account's Secure Backup, as it is on the
 * server. Changes nothing, and needs none of the secrets here.
 */
#pragma once

#include "matrix/ks-http.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

/* @key: the Security Key (32 bytes). @keys: room keys to compare some of the backup with.
 * Errors: KS_RECOVERY_ERROR_NOT_SET_UP: there is no secret storage, or no backup;
 * _WRONG_KEY: it opens none of the secrets; _CORRUPT: it does not open all, or a secret is
 * not the private half of what is published, or the drill found an entry that is not what
 * is here; KS_MATRIX_ERROR, KS_STORE_ERROR. */
void ks_check_key_async (KsHttp *http,
                         KsKeyStore *keys,
                         const char *user_id,
                         const char *device_id,
                         KsSecret *key,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
/* @checked: entries of the backup that were opened; 0: none was there to check. */
gboolean ks_check_key_finish (KsHttp *http, GAsyncResult *result, guint *checked, GError **error);

G_END_DECLS
