/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What goes from the first pass over a key file to the second. For ks-key-file.h.
 */
#pragma once

#include "crypto/ks-key-file-frame.h"

G_BEGIN_DECLS

#define KS_KEY_FILE_DIGEST_SIZE 32

struct KsKeyFileProof
{
  uint8_t header[KS_KEY_FILE_HEADER_SIZE];
  uint8_t mac[KS_KEY_FILE_MAC_SIZE];
  uint64_t size;       /* of the ciphertext */
  GByteArray *digests; /* owned: SHA-256 of each block of ciphertext, one after the other */
  KsSecret *keys;      /* owned */
};

/* SHA-256. */
bool ks_key_file_digest (const uint8_t *bytes, size_t size, uint8_t digest[KS_KEY_FILE_DIGEST_SIZE])
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
