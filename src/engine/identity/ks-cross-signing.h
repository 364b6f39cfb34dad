/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cross-signing keys of a user as JSON (Client-Server API, "Cross-signing"): made
 * from private keys, and read from what a server published. No I/O.
 */
#pragma once

#include "crypto/ks-signing.h"
#include "engine/secrets/ks-secret-name.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The three cross-signing keys; the first three of KsSecretName. */
#define KS_N_CROSS_SIGNING_KEYS 3

/* "master", "self_signing", "user_signing". Static. */
const char *ks_cross_signing_usage (KsSecretName name);

/* The key object of @name for POST /keys/device_signing/upload, made from its seed of
 * 32 bytes. @master signs it unless @name is KS_SECRET_MASTER, where @master is NULL. */
JsonObject *ks_cross_signing_make (KsSecretName name,
                                   const char *user_id,
                                   const KsSecret *seed,
                                   const KsSecret *master,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same without any signature, made from the public half. */
JsonObject *ks_cross_signing_describe (KsSecretName name,
                                       const char *user_id,
                                       const uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE])
    G_GNUC_WARN_UNUSED_RESULT;

/* A published key object: the public key in it, if it is well-formed, of this user and
 * usage. @object may be NULL. The signature of the master key is not looked at. */
gboolean ks_cross_signing_read (JsonObject *object,
                                KsSecretName name,
                                const char *user_id,
                                uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE]) G_GNUC_WARN_UNUSED_RESULT;

/* What a server publishes as one user's identity. */
typedef struct
{
  gboolean any; /* there is a key of any kind, readable or not */
  gboolean published[KS_N_CROSS_SIGNING_KEYS];
  uint8_t keys[KS_N_CROSS_SIGNING_KEYS][KS_SIGNING_PUBLIC_KEY_SIZE]; /* where published */
} KsIdentity;

/* @keys: the key objects by KsSecretName, each may be NULL. A self-signing or
 * user-signing key counts as published only with the master key's signature. */
void
ks_identity_read (KsIdentity *identity, JsonObject *const keys[KS_N_CROSS_SIGNING_KEYS], const char *user_id);

G_END_DECLS
