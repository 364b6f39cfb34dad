/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Brings the room keys of the backup before into the key store, so that the new one gets them: of the
 * current version, or of an older one. A client that makes a new version and stops before it has stored
 * the new key leaves the key of the version before.
 */
#pragma once

#include "crypto/ks-secret.h"
#include "engine/keys/ks-key-report.h"
#include "matrix/ks-api-backup.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

/* @current: the current version, to the callback. @known: the one that this session knew; NULL: none. @key (32
 * bytes): the private half that the new version is made with. Looks through the versions before @current, where
 * @key is not of that one: see ks-older-version.h. That nothing is found is no error. KS_MATRIX_ERROR,
 * KS_STORE_ERROR. */
void ks_bring_back_async (KsHttp *http,
                          KsKeyStore *keys,
                          const KsBackupVersion *current,
                          const char *known,
                          KsSecret *key,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);

/* @report, if it is not NULL, is set with TRUE, and NULL where nothing was found; the caller frees it. @cut:
 * there may be more than what came, so that the key must not be lost. */
gboolean ks_bring_back_finish (
    KsHttp *http, GAsyncResult *result, KsKeyReport **report, gboolean *cut, GError **error);

G_END_DECLS
