/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What of secret storage was proven: a digest of the default key's description, and of what is stored
 * under it of each secret, as they were when the key was seen to open them. What is well-formed may be
 * anything; what is as it was then opens with the same key, to the same secret. No I/O.
 *
 * Public facts. How base64 is padded, and what is stored under other keys, makes no difference.
 */
#pragma once

#include "engine/secrets/ks-key-description.h"
#include "engine/secrets/ks-secret-name.h"

G_BEGIN_DECLS

/* The four secrets by KsSecretName, and the description behind them. */
#define KS_N_STORAGE_PARTS (KS_N_SECRETS + 1)
#define KS_STORAGE_DIGEST_SIZE 32

typedef struct
{
  gboolean known;                      /* FALSE: nobody has noted yet what was proven of this key */
  gboolean proven[KS_N_STORAGE_PARTS]; /* FALSE: it was not there, or did not open */
  uint8_t digests[KS_N_STORAGE_PARTS][KS_STORAGE_DIGEST_SIZE];
} KsStorageProof;

/* What is known of the key @key_id: @text is of the key @of_key_id (each may be NULL), and says
 * nothing about any other. A text that cannot be read proves nothing. */
void
ks_storage_proof_read (KsStorageProof *proof, const char *key_id, const char *of_key_id, const char *text);
char *ks_storage_proof_write (const KsStorageProof *proof) G_GNUC_WARN_UNUSED_RESULT;

/* Proves, or takes back, that @key opens the entry of @key_id in @content, the account data of the
 * secret @name (NULL: none), to @value. */
void ks_storage_proof_take_secret (KsStorageProof *proof,
                                   KsSecretName name,
                                   JsonObject *content,
                                   const char *key_id,
                                   const KsSecret *key,
                                   const KsSecret *value);

/* The same of the description that @content is (NULL: none): no other key than @key is described. */
void ks_storage_proof_take_description (KsStorageProof *proof, JsonObject *content, const KsSecret *key);

/* What @other proves, in the place of what @proof does. */
void ks_storage_proof_add (KsStorageProof *proof, const KsStorageProof *other);

/* Whether what is there now is what was proven; TRUE also where nothing is known. */
gboolean ks_storage_proof_has_secret (const KsStorageProof *proof,
                                      KsSecretName name,
                                      JsonObject *content,
                                      const char *key_id) G_GNUC_WARN_UNUSED_RESULT;
gboolean ks_storage_proof_has_description (const KsStorageProof *proof, JsonObject *content)
    G_GNUC_WARN_UNUSED_RESULT;

/* Whether @content is known to describe @key: it is what was proven, and does so. */
gboolean ks_storage_proof_describes (const KsStorageProof *proof, JsonObject *content, const KsSecret *key)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
