/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cipher of encrypted attachments (Client-Server API, "Sending encrypted attachments"):
 * AES-256 in counter mode, by pieces. Its counter is of 64 bits, and of 128 in what was sent
 * before the descriptions of files had a version. It proves nothing: whoever can change the file can
 * change what comes out. The caller compares the SHA-256 of the file first, and only then
 * gives out what was decrypted.
 */
#pragma once

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

#define KS_ATTACHMENT_KEY_SIZE 32
#define KS_ATTACHMENT_IV_SIZE 16

/* Decodes "k" of the JSON Web Key, of exactly one key: base64url without padding, as it should
 * be, or padded, or plain base64, which are not to be mistaken for anything else. false: it is
 * no key, and @key is wiped. The caller wipes @key otherwise. */
bool ks_attachment_key_parse (const char *text, uint8_t key[KS_ATTACHMENT_KEY_SIZE])
    G_GNUC_WARN_UNUSED_RESULT;

/* What becomes of the upper half of the counter block when the lower one is at its end. */
typedef enum
{
  KS_ATTACHMENT_COUNTER_64,  /* nothing: "v1" and "v2" */
  KS_ATTACHMENT_COUNTER_128, /* one more: no version */
} KsAttachmentCounter;

/* One thread at a time. */
typedef struct KsAttachmentCipher KsAttachmentCipher;

/* At the beginning of the file. NULL: the library failed. The key is copied. */
KsAttachmentCipher *ks_attachment_cipher_new (const uint8_t key[KS_ATTACHMENT_KEY_SIZE],
                                              const uint8_t iv[KS_ATTACHMENT_IV_SIZE],
                                              KsAttachmentCounter counter) G_GNUC_WARN_UNUSED_RESULT;
void ks_attachment_cipher_free (KsAttachmentCipher *cipher); /* NULL is allowed; wipes the key */

/* The next @size bytes of the file, decrypted, or encrypted, which is the same. @to may be
 * @from. At most INT_MAX bytes at a time. */
bool ks_attachment_cipher_run (KsAttachmentCipher *cipher, const uint8_t *from, size_t size, uint8_t *to)
    G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsAttachmentCipher, ks_attachment_cipher_free)

G_END_DECLS
