/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signatures in JSON (Appendices, "Signing JSON"): of cross-signing keys, device keys
 * and backup versions. Who is to be believed is for those who ask.
 */
#pragma once

#include "crypto/ks-signing.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* "ed25519:" and a device ID, or a public key where that is the key's name. */
#define KS_ED25519_PREFIX "ed25519:"

/* Signs @object with @seed (32 bytes) and adds the signature as that of @user_id's key
 * @name (without prefix), beside those that are there. */
gboolean ks_signed_json_sign (
    JsonObject *object, const char *user_id, const char *name, const KsSecret *seed, GError **error);

/* Adds a signature that was made elsewhere (by an Olm account). */
void ks_signed_json_add (JsonObject *object,
                         const char *user_id,
                         const char *name,
                         const uint8_t signature[KS_SIGNATURE_SIZE]);

/* TRUE: @user_id's key @name has signed @object, and the signature is good under
 * @public_key. @object may be NULL. */
gboolean ks_signed_json_verify (JsonObject *object,
                                const char *user_id,
                                const char *name,
                                const uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE])
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
