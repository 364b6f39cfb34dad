/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-seal.h"

#include <limits.h>
#include <openssl/evp.h>
#include <string.h>

#define NONCE_SIZE 12
#define TAG_SIZE 16

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)

/* Both directions: @encrypt as for EVP_CipherInit_ex(). */
static bool
run_gcm (bool encrypt,
         const KsSecret *key,
         const void *context,
         size_t context_size,
         const uint8_t *nonce,
         const uint8_t *from,
         size_t size,
         uint8_t *to,
         uint8_t *tag)
{
  g_autoptr (EVP_CIPHER_CTX) evp = EVP_CIPHER_CTX_new ();
  uint8_t none = 0;
  int n;

  if (evp == NULL || ks_secret_size (key) != KS_SEAL_KEY_SIZE || size > INT_MAX || context_size > INT_MAX)
    return false;
  if (EVP_CipherInit_ex (evp, EVP_aes_256_gcm (), NULL, ks_secret_bytes (key), nonce, encrypt) != 1
      || EVP_CipherUpdate (evp, NULL, &n, context, (int) context_size) != 1)
    return false;
  if (size > 0 && EVP_CipherUpdate (evp, to, &n, from, (int) size) != 1)
    return false;
  if (!encrypt && EVP_CIPHER_CTX_ctrl (evp, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, tag) != 1)
    return false;
  if (EVP_CipherFinal_ex (evp, &none, &n) != 1)
    return false;
  return !encrypt || EVP_CIPHER_CTX_ctrl (evp, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, tag) == 1;
}

bool
ks_seal (const KsSecret *key,
         const void *context,
         size_t context_size,
         const void *plain,
         size_t size,
         uint8_t *sealed)
{
  ks_random (sealed, NONCE_SIZE);
  if (run_gcm (true, key, context, context_size, sealed, plain, size, sealed + NONCE_SIZE,
               sealed + NONCE_SIZE + size))
    return true;
  ks_wipe (sealed, size + KS_SEAL_OVERHEAD);
  return false;
}

bool
ks_unseal (const KsSecret *key,
           const void *context,
           size_t context_size,
           const uint8_t *sealed,
           size_t sealed_size,
           void *plain)
{
  uint8_t tag[TAG_SIZE];
  size_t size;

  if (sealed_size < KS_SEAL_OVERHEAD)
    return false;
  size = sealed_size - KS_SEAL_OVERHEAD;
  memcpy (tag, sealed + NONCE_SIZE + size, TAG_SIZE);
  if (run_gcm (false, key, context, context_size, sealed, sealed + NONCE_SIZE, size, plain, tag))
    return true;
  ks_wipe (plain, size);
  return false;
}
