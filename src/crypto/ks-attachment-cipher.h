/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cipher of encrypted attachments (Client-Server API, "Sending encrypted attachments"):
 * AES-256 in counter mode, by pieces. It proves nothing: whoever can change the file can
 * change what comes out. The caller compares the SHA-256 of the file first, and only then
 * gives out what was decrypted.
 */
#pragma once

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

#define KS_ATTACHMENT_KEY_SIZE 32
#define KS_ATTACHMENT_IV_SIZE 16

/* Decodes "k" of the JSON Web Key: unpadded base64url, of exactly one key. false: it is
 * none, and @key is wiped. The caller wipes @key otherwise. */
bool ks_attachment_key_parse (const char *text, uint8_t key[KS_ATTACHMENT_KEY_SIZE])
    G_GNUC_WARN_UNUSED_RESULT;

/* One thread at a time. */
typedef struct KsAttachmentCipher KsAttachmentCipher;

/* At the beginning of the file. NULL: the library failed. The key is copied. */
KsAttachmentCipher *ks_attachment_cipher_new (const uint8_t key[KS_ATTACHMENT_KEY_SIZE],
                                              const uint8_t iv[KS_ATTACHMENT_IV_SIZE])
    G_GNUC_WARN_UNUSED_RESULT;
void ks_attachment_cipher_free (KsAttachmentCipher *cipher); /* NULL is allowed; wipes the key */

/* The next @size bytes of the file, decrypted, or encrypted, which is the same. @to may be
 * @from. At most INT_MAX bytes at a time. */
bool ks_attachment_cipher_run (KsAttachmentCipher *cipher, const uint8_t *from, size_t size, uint8_t *to)
    G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsAttachmentCipher, ks_attachment_cipher_free)

G_END_DECLS
