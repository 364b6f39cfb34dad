/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cipher of secret storage, m.secret_storage.v1.aes-hmac-sha2 (Client-Server API,
 * "Secrets"), and the check whether a key fits a key description. AES-256-CTR and
 * HMAC-SHA-256 under keys that HKDF binds to the secret's name.
 *
 * The MAC covers the ciphertext and not the IV: a flipped IV decrypts to other bytes
 * without an error. Who decrypts a secret must prove it: derive the public key and
 * compare. It knows no base64: ks-encoding reads the fields.
 *
 * All functions may be called from any thread.
 */
#pragma once

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

#define KS_AES_HMAC_KEY_SIZE 32
#define KS_AES_HMAC_IV_SIZE 16
#define KS_AES_HMAC_MAC_SIZE 32

/* Old versions of nheko wrote 32 bytes of IV and used the first 16. */
#define KS_AES_HMAC_LONG_IV_SIZE 32

/* More than fits in an account data event. */
#define KS_AES_HMAC_MAX_SIZE (1024 * 1024)

typedef enum
{
  KS_AES_HMAC_OK,
  KS_AES_HMAC_BAD_KEY, /* the key is not of KS_AES_HMAC_KEY_SIZE bytes */
  KS_AES_HMAC_BAD_IV,  /* neither 16 nor 32 bytes */
  KS_AES_HMAC_BAD_MAC, /* another key, another name, or a changed ciphertext or MAC */
  KS_AES_HMAC_TOO_BIG, /* above KS_AES_HMAC_MAX_SIZE */
  KS_AES_HMAC_FAILED,  /* the library failed */
} KsAesHmacResult;

/* Encrypts @size bytes for the secret @name (its event type, such as
 * "m.cross_signing.master") under a fresh IV with bit 63 clear. @ciphertext must hold
 * @size bytes. After an error all three outputs are wiped. */
KsAesHmacResult ks_aes_hmac_encrypt (const KsSecret *key,
                                     const char *name,
                                     const void *plain,
                                     size_t size,
                                     uint8_t iv[KS_AES_HMAC_IV_SIZE],
                                     uint8_t *ciphertext,
                                     uint8_t mac[KS_AES_HMAC_MAC_SIZE]) G_GNUC_WARN_UNUSED_RESULT;

/* Checks the MAC, in constant time, then decrypts. @plain is set to NULL after an
 * error; a MAC of another size than KS_AES_HMAC_MAC_SIZE is a bad one. Bit 63 of the IV
 * may be set: others do not clear it. */
KsAesHmacResult ks_aes_hmac_decrypt (const KsSecret *key,
                                     const char *name,
                                     const uint8_t *iv,
                                     size_t iv_size,
                                     const uint8_t *ciphertext,
                                     size_t size,
                                     const uint8_t *mac,
                                     size_t mac_size,
                                     KsSecret **plain) G_GNUC_WARN_UNUSED_RESULT;

/* Makes the check values of a key description for a new key. */
KsAesHmacResult ks_aes_hmac_make_check (const KsSecret *key,
                                        uint8_t iv[KS_AES_HMAC_IV_SIZE],
                                        uint8_t mac[KS_AES_HMAC_MAC_SIZE]) G_GNUC_WARN_UNUSED_RESULT;

/* Does @key fit the check values of a key description? KS_AES_HMAC_BAD_MAC: no. A
 * description without them proves nothing; that is for the caller to handle. */
KsAesHmacResult ks_aes_hmac_check_key (const KsSecret *key,
                                       const uint8_t *iv,
                                       size_t iv_size,
                                       const uint8_t *mac,
                                       size_t mac_size) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
