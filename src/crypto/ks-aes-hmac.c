/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-aes-hmac.h"
#include "crypto/ks-kdf.h"

#include <openssl/evp.h>
#include <string.h>

/* The key check is a secret of 32 zero bytes without a name. */
#define CHECK_SIZE 32
#define CHECK_NAME ""

typedef struct
{
  uint8_t aes[32];
  uint8_t mac[32];
} Keys;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)

static void
keys_clear (Keys *keys)
{
  ks_wipe (keys, sizeof *keys);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Keys, keys_clear)

/* No salt is the 32 zero bytes that the specification asks for, see ks-kdf.h. */
static KsAesHmacResult
derive_keys (const KsSecret *key, const char *name, Keys *keys)
{
  if (ks_secret_size (key) != KS_AES_HMAC_KEY_SIZE)
    return KS_AES_HMAC_BAD_KEY;
  if (!ks_hkdf_sha256 (NULL, ks_secret_bytes (key), KS_AES_HMAC_KEY_SIZE, NULL, 0, name, strlen (name),
                       (uint8_t *) keys, sizeof *keys))
    return KS_AES_HMAC_FAILED;
  return KS_AES_HMAC_OK;
}

/* Counter mode: encrypts what is plain and decrypts what is not. */
static bool
run_ctr (const Keys *keys, const uint8_t *iv, const uint8_t *from, size_t size, uint8_t *to)
{
  g_autoptr (EVP_CIPHER_CTX) evp = EVP_CIPHER_CTX_new ();
  int n;

  if (evp == NULL || EVP_EncryptInit_ex (evp, EVP_aes_256_ctr (), NULL, keys->aes, iv) != 1)
    return false;
  return size == 0 || EVP_EncryptUpdate (evp, to, &n, from, (int) size) == 1;
}

static bool
take_mac (const Keys *keys, const uint8_t *ciphertext, size_t size, uint8_t mac[KS_AES_HMAC_MAC_SIZE])
{
  g_autoptr (KsHmac) hmac = ks_hmac_new ();

  return ks_hmac (hmac, keys->mac, sizeof keys->mac, ciphertext, size, mac);
}

static KsAesHmacResult
encrypt_under_iv (const KsSecret *key,
                  const char *name,
                  const uint8_t iv[KS_AES_HMAC_IV_SIZE],
                  const uint8_t *plain,
                  size_t size,
                  uint8_t *ciphertext,
                  uint8_t mac[KS_AES_HMAC_MAC_SIZE])
{
  g_auto (Keys) keys = { 0 };
  KsAesHmacResult result = derive_keys (key, name, &keys);

  if (result != KS_AES_HMAC_OK)
    return result;
  if (!run_ctr (&keys, iv, plain, size, ciphertext) || !take_mac (&keys, ciphertext, size, mac))
    return KS_AES_HMAC_FAILED;
  return KS_AES_HMAC_OK;
}

KsAesHmacResult
ks_aes_hmac_encrypt (const KsSecret *key,
                     const char *name,
                     const void *plain,
                     size_t size,
                     uint8_t iv[KS_AES_HMAC_IV_SIZE],
                     uint8_t *ciphertext,
                     uint8_t mac[KS_AES_HMAC_MAC_SIZE])
{
  KsAesHmacResult result = KS_AES_HMAC_TOO_BIG;

  if (size <= KS_AES_HMAC_MAX_SIZE)
    {
      ks_random (iv, KS_AES_HMAC_IV_SIZE);
      iv[8] &= 0x7f; /* bit 63: implementations differ in how far they count */
      result = encrypt_under_iv (key, name, iv, plain, size, ciphertext, mac);
    }
  if (result != KS_AES_HMAC_OK)
    {
      ks_wipe (iv, KS_AES_HMAC_IV_SIZE);
      ks_wipe (ciphertext, size);
      ks_wipe (mac, KS_AES_HMAC_MAC_SIZE);
    }
  return result;
}

static bool
is_iv_size (size_t size)
{
  return size == KS_AES_HMAC_IV_SIZE || size == KS_AES_HMAC_LONG_IV_SIZE;
}

KsAesHmacResult
ks_aes_hmac_decrypt (const KsSecret *key,
                     const char *name,
                     const uint8_t *iv,
                     size_t iv_size,
                     const uint8_t *ciphertext,
                     size_t size,
                     const uint8_t *mac,
                     size_t mac_size,
                     KsSecret **plain)
{
  g_auto (Keys) keys = { 0 };
  g_autoptr (KsSecret) decrypted = NULL;
  uint8_t expected[KS_AES_HMAC_MAC_SIZE];
  KsAesHmacResult result;

  *plain = NULL;
  if (size > KS_AES_HMAC_MAX_SIZE)
    return KS_AES_HMAC_TOO_BIG;
  if (!is_iv_size (iv_size))
    return KS_AES_HMAC_BAD_IV;
  result = derive_keys (key, name, &keys);
  if (result != KS_AES_HMAC_OK)
    return result;
  if (!take_mac (&keys, ciphertext, size, expected))
    return KS_AES_HMAC_FAILED;
  if (mac_size != sizeof expected || !ks_bytes_equal (mac, expected, sizeof expected))
    return KS_AES_HMAC_BAD_MAC;
  decrypted = ks_secret_new (size);
  if (!run_ctr (&keys, iv, ciphertext, size, ks_secret_writable (decrypted)))
    return KS_AES_HMAC_FAILED;
  *plain = g_steal_pointer (&decrypted);
  return KS_AES_HMAC_OK;
}

KsAesHmacResult
ks_aes_hmac_make_check (const KsSecret *key,
                        uint8_t iv[KS_AES_HMAC_IV_SIZE],
                        uint8_t mac[KS_AES_HMAC_MAC_SIZE])
{
  const uint8_t zero[CHECK_SIZE] = { 0 };
  uint8_t ciphertext[CHECK_SIZE];

  return ks_aes_hmac_encrypt (key, CHECK_NAME, zero, sizeof zero, iv, ciphertext, mac);
}

KsAesHmacResult
ks_aes_hmac_check_key (
    const KsSecret *key, const uint8_t *iv, size_t iv_size, const uint8_t *mac, size_t mac_size)
{
  const uint8_t zero[CHECK_SIZE] = { 0 };
  uint8_t ciphertext[CHECK_SIZE], expected[KS_AES_HMAC_MAC_SIZE];
  KsAesHmacResult result;

  if (!is_iv_size (iv_size))
    return KS_AES_HMAC_BAD_IV;
  result = encrypt_under_iv (key, CHECK_NAME, iv, zero, sizeof zero, ciphertext, expected);
  if (result != KS_AES_HMAC_OK)
    return result;
  if (mac_size != sizeof expected || !ks_bytes_equal (mac, expected, sizeof expected))
    return KS_AES_HMAC_BAD_MAC;
  return KS_AES_HMAC_OK;
}
