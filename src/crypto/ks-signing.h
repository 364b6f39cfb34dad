/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ed25519 (RFC 8032) with a strict verification: one signature of one message under one
 * key has one spelling. Bytes only: canonical JSON and the "signatures" object are for
 * the layers above.
 *
 * All functions may be called from any thread.
 */
#pragma once

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

#define KS_SIGNING_SEED_SIZE 32
#define KS_SIGNING_PUBLIC_KEY_SIZE 32
#define KS_SIGNATURE_SIZE 64

/* The public key of the private key @seed, as the secrets m.cross_signing.* hold it.
 * false: @seed is not of KS_SIGNING_SEED_SIZE bytes. */
bool ks_signing_public_key (const KsSecret *seed, uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE])
    G_GNUC_WARN_UNUSED_RESULT;

/* Signs @size bytes. false: @seed is not of KS_SIGNING_SEED_SIZE bytes. */
bool ks_sign (const KsSecret *seed, const void *message, size_t size, uint8_t signature[KS_SIGNATURE_SIZE])
    G_GNUC_WARN_UNUSED_RESULT;

/* true: @signature is that of @message under @public_key. Refused besides what is wrong:
 * public keys and R of small order or not in canonical form, S not below the order. */
bool ks_signature_verify (const uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE],
                          const void *message,
                          size_t size,
                          const uint8_t signature[KS_SIGNATURE_SIZE]) G_GNUC_WARN_UNUSED_RESULT;

/* Is this a key that an honest client can have made: on the curve, in canonical form, in
 * the main subgroup? As dear as a signature. For keys that are about to be trusted. */
bool ks_signing_public_key_valid (const uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE])
    G_GNUC_WARN_UNUSED_RESULT;

/* Is this a key under which forgeries are easy (small order), or one of two spellings
 * (not canonical)? Costs next to nothing. For keys by the hundred thousand. */
bool ks_signing_public_key_weak (const uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE])
    G_GNUC_WARN_UNUSED_RESULT;

/* Are both of these points of the curve at all? Of any 32 bytes, half are none. Others' strict
 * decoders ask no more. Two at a time, since that costs the same: a third of a signature. */
bool ks_signing_public_keys_on_curve (const uint8_t one[KS_SIGNING_PUBLIC_KEY_SIZE],
                                      const uint8_t other[KS_SIGNING_PUBLIC_KEY_SIZE])
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
