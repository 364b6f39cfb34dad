/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Seals what is kept on this disk: AES-256-GCM with a random nonce, as
 * NIST SP 800-38D has it. Not for anything that other clients read.
 */
#pragma once

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

#define KS_SEAL_KEY_SIZE 32
/* A sealed text is nonce (12), ciphertext, tag (16). */
#define KS_SEAL_OVERHEAD 28

/* Seals @size bytes of @plain under @key (KS_SEAL_KEY_SIZE bytes), bound to
 * @context: what the text is and where it belongs, so that a sealed text cannot
 * be moved to another place. @sealed must hold @size + KS_SEAL_OVERHEAD bytes.
 *
 * false: the key has the wrong size or the library failed; @sealed is wiped. */
bool ks_seal (const KsSecret *key,
              const void *context,
              size_t context_size,
              const void *plain,
              size_t size,
              uint8_t *sealed) G_GNUC_WARN_UNUSED_RESULT;

/* Opens what ks_seal() made. @plain must hold @sealed_size - KS_SEAL_OVERHEAD
 * bytes; it may be NULL when that is 0.
 *
 * false: another key or context, or a single bit was changed; @plain is wiped. */
bool ks_unseal (const KsSecret *key,
                const void *context,
                size_t context_size,
                const uint8_t *sealed,
                size_t sealed_size,
                void *plain) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
