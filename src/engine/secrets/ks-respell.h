/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Puts right how earlier versions of Keepsake spelled secret storage: without padding, which
 * NeoChat and gomuks do not read. The bytes stay the same, only their spelling changes.
 *
 * What other clients wrote is left as it is. Keepsake's own entries are told by a spelling
 * that no other client has: "iv", "mac" and "ciphertext" unpadded, around a secret of 44
 * characters, which is padded.
 */
#pragma once

#include "engine/secrets/ks-secret-name.h"
#include "matrix/ks-http.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* @content, the account data of the secret @name, with the entry under @key_id padded. NULL:
 * there is nothing to put right, or @key (32 bytes) does not open it. */
JsonObject *ks_respell_secret (JsonObject *content, const char *name, const char *key_id, const KsSecret *key)
    G_GNUC_WARN_UNUSED_RESULT;

/* Whether one of the four @secrets is to be put right. */
gboolean ks_respell_is_needed (JsonObject *const secrets[KS_N_SECRETS],
                               const char *key_id,
                               const KsSecret *key) G_GNUC_WARN_UNUSED_RESULT;

/* @content, the description of a key, with its check values padded. NULL: they are. Whether the
 * description is Keepsake's own, only the secrets under its key can tell. */
JsonObject *ks_respell_description (JsonObject *content) G_GNUC_WARN_UNUSED_RESULT;

/* Puts right what is stored under @key_id, which @key opens. Everything is read anew right before
 * it is written. Can be repeated; a stop anywhere leaves storage that opens. KS_MATRIX_ERROR. */
void ks_respell_storage_async (KsHttp *http,
                               const char *user_id,
                               const char *key_id,
                               KsSecret *key,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean ks_respell_storage_finish (KsHttp *http, GAsyncResult *result, GError **error);

G_END_DECLS
