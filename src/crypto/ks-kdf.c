/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-kdf.h"

#include <limits.h>
#include <openssl/evp.h>
#include <string.h>

/* RFC 5869, section 2.3: T(i) = HMAC (PRK, T(i-1) | info | i). */
static bool
expand (KsHmac *hmac,
        const uint8_t prk[KS_HMAC_SIZE],
        const void *info,
        size_t info_size,
        uint8_t block[KS_HMAC_SIZE],
        uint8_t *output,
        size_t output_size)
{
  uint8_t counter = 1;

  for (size_t done = 0; done < output_size; done += KS_HMAC_SIZE, counter++)
    {
      if (!ks_hmac_start (hmac, prk, KS_HMAC_SIZE)
          || !ks_hmac_update (hmac, block, counter > 1 ? KS_HMAC_SIZE : 0)
          || !ks_hmac_update (hmac, info, info_size) || !ks_hmac_update (hmac, &counter, 1)
          || !ks_hmac_finish (hmac, block))
        return false;
      memcpy (output + done, block, MIN (KS_HMAC_SIZE, output_size - done));
    }
  return true;
}

bool
ks_hkdf_sha256 (KsHmac *hmac,
                const uint8_t *key,
                size_t key_size,
                const uint8_t *salt,
                size_t salt_size,
                const void *info,
                size_t info_size,
                uint8_t *output,
                size_t output_size)
{
  g_autoptr (KsHmac) own = NULL;
  uint8_t prk[KS_HMAC_SIZE], block[KS_HMAC_SIZE];
  bool done;

  if (output_size == 0 || output_size > KS_HKDF_MAX_SIZE)
    return false;
  if (hmac == NULL)
    hmac = own = ks_hmac_new ();
  done = ks_hmac (hmac, salt, salt_size, key, key_size, prk)
         && expand (hmac, prk, info, info_size, block, output, output_size);
  ks_wipe (prk, sizeof prk);
  ks_wipe (block, sizeof block);
  if (!done)
    ks_wipe (output, output_size);
  return done;
}

KsPbkdf2Result
ks_pbkdf2_sha512 (const KsSecret *phrase,
                  const void *salt,
                  size_t salt_size,
                  int64_t iterations,
                  int64_t bits,
                  KsSecret **key)
{
  g_autoptr (KsSecret) derived = NULL;

  *key = NULL;
  if (iterations < 1 || iterations > KS_PBKDF2_MAX_ITERATIONS)
    return KS_PBKDF2_BAD_ITERATIONS;
  if (salt_size == 0 || salt_size > KS_PBKDF2_MAX_SALT_SIZE)
    return KS_PBKDF2_BAD_SALT;
  if (bits != 256 && bits != 512)
    return KS_PBKDF2_BAD_BITS;
  if (ks_secret_size (phrase) > INT_MAX)
    return KS_PBKDF2_FAILED;
  derived = ks_secret_new ((size_t) bits / 8);
  if (PKCS5_PBKDF2_HMAC ((const char *) ks_secret_bytes (phrase), (int) ks_secret_size (phrase), salt,
                         (int) salt_size, (int) iterations, EVP_sha512 (), (int) ks_secret_size (derived),
                         ks_secret_writable (derived))
      != 1)
    return KS_PBKDF2_FAILED;
  *key = g_steal_pointer (&derived);
  return KS_PBKDF2_OK;
}

KsPbkdf2Result
ks_phrase_to_storage_key (const KsSecret *phrase,
                          const char *salt,
                          size_t salt_size,
                          int64_t iterations,
                          int64_t bits,
                          KsSecret **key)
{
  *key = NULL;
  if (bits != 256)
    return KS_PBKDF2_BAD_BITS;
  return ks_pbkdf2_sha512 (phrase, salt, salt_size, iterations, bits, key);
}
