/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an exported room-key file is made of, in a stream: header, blocks of ciphertext,
 * MAC. Both passes of reading stand on it, so that both see the same blocks, whatever
 * pieces they were fed. For ks-key-file.h; it has no keys.
 */
#pragma once

#include "crypto/ks-key-file-armour.h"

G_BEGIN_DECLS

/* Client-Server API, "Key export format": version, salt, IV, rounds (big-endian), then
 * ciphertext, then MAC over all before it. */
#define KS_KEY_FILE_VERSION 1
#define KS_KEY_FILE_SALT_SIZE 16
#define KS_KEY_FILE_IV_SIZE 16
#define KS_KEY_FILE_SALT_OFFSET 1
#define KS_KEY_FILE_IV_OFFSET (KS_KEY_FILE_SALT_OFFSET + KS_KEY_FILE_SALT_SIZE)
#define KS_KEY_FILE_ROUNDS_OFFSET (KS_KEY_FILE_IV_OFFSET + KS_KEY_FILE_IV_SIZE)
#define KS_KEY_FILE_HEADER_SIZE (KS_KEY_FILE_ROUNDS_OFFSET + 4)
#define KS_KEY_FILE_MAC_SIZE 32

/* The key that PBKDF2 gives: the first half for AES, the second for the MAC. */
#define KS_KEY_FILE_KEY_BITS 512
#define KS_KEY_FILE_HALF_KEY_SIZE 32

/* Ciphertext is handed on in blocks of this size; the last one may be shorter. */
#define KS_KEY_FILE_BLOCK_SIZE 65536

/* What a pass does with it. Anything but KS_KEY_FILE_OK ends the pass with that. */
typedef struct
{
  KsKeyFileResult (*on_header) (gpointer pass, const uint8_t header[KS_KEY_FILE_HEADER_SIZE]);
  KsKeyFileResult (*on_block) (gpointer pass, const uint8_t *bytes, size_t size);
} KsKeyFilePass;

/* All zero to begin with. */
typedef struct
{
  KsArmourReader armour;
  KsKeyFileResult result; /* the first error stays */
  uint8_t header[KS_KEY_FILE_HEADER_SIZE];
  size_t header_size;
  uint8_t block[KS_KEY_FILE_BLOCK_SIZE + KS_KEY_FILE_MAC_SIZE]; /* the MAC may be its end */
  size_t block_size;
} KsKeyFileFrame;

KsKeyFileResult ks_key_file_frame_feed (KsKeyFileFrame *frame,
                                        const KsKeyFilePass *pass,
                                        gpointer pass_data,
                                        const uint8_t *text,
                                        size_t size) G_GNUC_WARN_UNUSED_RESULT;

/* The end: hands on the last block and gives the MAC. */
KsKeyFileResult ks_key_file_frame_finish (KsKeyFileFrame *frame,
                                          const KsKeyFilePass *pass,
                                          gpointer pass_data,
                                          uint8_t mac[KS_KEY_FILE_MAC_SIZE]) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
