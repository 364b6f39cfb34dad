/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stores secrets on the server under a key, beside whatever is there; and proves that the key
 * opens them and that what was there still is. Under a new key nothing uses them before the
 * default key is set.
 */
#pragma once

#include "engine/secrets/ks-storage-proof.h"
#include "matrix/ks-http.h"

G_BEGIN_DECLS

typedef struct
{
  const char *user_id;
  const char *key_id;
  KsSecret *key;                   /* borrowed: 32 bytes */
  const char *salt;                /* NULL: the key was generated */
  gint64 rounds;                   /* with salt */
  gboolean describe;               /* the description of the key is written, too */
  JsonObject *before;              /* borrowed: the description that it replaces, of which every other member
                                      is carried over; NULL: none */
  KsSecret *secrets[KS_N_SECRETS]; /* borrowed: 32 bytes each; NULL: left as it is */
  JsonObject *const *seen;         /* borrowed: each one's account data as it was when it was decided to
                                      write over it; NULL: whatever is there is added to */
} KsSecretsToStore;

/* Can be repeated. Errors: KS_RECOVERY_ERROR_CORRUPT: what is read back is not what was
 * written; KS_RECOVERY_ERROR_CONFLICT: another client has written there in between; KS_MATRIX_ERROR. */
void ks_store_secrets_async (KsHttp *http,
                             const KsSecretsToStore *secrets,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean ks_store_secrets_finish (KsHttp *http, GAsyncResult *result, GError **error);

/* What was read back, and the key seen to open; borrowed from @result. */
const KsStorageProof *ks_store_secrets_get_proof (GAsyncResult *result);

G_END_DECLS
