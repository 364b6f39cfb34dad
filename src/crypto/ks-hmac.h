/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HMAC-SHA-256 (RFC 2104) with a context that is kept: setting one up costs more than
 * a short MAC. Key derivation and the ciphers of this layer stand on it.
 */
#pragma once

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

#define KS_HMAC_SIZE 32

/* Usable for any number of MACs, one after the other, by one thread at a time. */
typedef struct KsHmac KsHmac;

/* Aborts when the library has no HMAC-SHA-256. */
KsHmac *ks_hmac_new (void) G_GNUC_WARN_UNUSED_RESULT;

/* Forgets key and state. NULL is allowed. */
void ks_hmac_free (KsHmac *hmac);

/* A MAC of data that comes in pieces: start, update as often as needed, finish. An
 * earlier MAC that was not finished is dropped by the next start. */
bool ks_hmac_start (KsHmac *hmac, const uint8_t *key, size_t key_size) G_GNUC_WARN_UNUSED_RESULT;
bool ks_hmac_update (KsHmac *hmac, const void *bytes, size_t size) G_GNUC_WARN_UNUSED_RESULT;
bool ks_hmac_finish (KsHmac *hmac, uint8_t mac[KS_HMAC_SIZE]) G_GNUC_WARN_UNUSED_RESULT;

/* The three in one. */
bool ks_hmac (KsHmac *hmac,
              const uint8_t *key,
              size_t key_size,
              const void *bytes,
              size_t size,
              uint8_t mac[KS_HMAC_SIZE]) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsHmac, ks_hmac_free)

G_END_DECLS
