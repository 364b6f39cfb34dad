/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fields of an encrypted secret and of a key description, decoded. The first byte
 * says what to do, the next two how long IV and MAC are; then come IV, MAC, ciphertext.
 */

#include "crypto/ks-aes-hmac.h"
#include "fuzz/fuzz-target.h"

#include <string.h>

#define NAME "m.megolm_backup.v1"

/* What was never encrypted under the key is never taken. */
static void
try_as_is (const KsSecret *key, const uint8_t *data, size_t size)
{
  size_t iv_size = size > 1 ? data[0] : 0, mac_size = size > 1 ? data[1] : 0;
  const uint8_t *iv = data + 2, *mac = iv + iv_size, *ciphertext = mac + mac_size;
  KsSecret *plain;

  if (size < 2 + iv_size + mac_size)
    return;
  g_assert_cmpint (ks_aes_hmac_decrypt (key, NAME, iv, iv_size, ciphertext, size - 2 - iv_size - mac_size,
                                        mac, mac_size, &plain),
                   !=, KS_AES_HMAC_OK);
  g_assert_null (plain);
  g_assert_cmpint (ks_aes_hmac_check_key (key, iv, iv_size, mac, mac_size), !=, KS_AES_HMAC_OK);
}

/* @data is the plaintext; its first byte and size choose a byte of the result to change. */
static void
try_changed (const KsSecret *key, const uint8_t *data, size_t size)
{
  g_autofree uint8_t *ciphertext = g_malloc (size + 1);
  g_autoptr (KsSecret) plain = NULL;
  g_autoptr (KsSecret) none = NULL;
  uint8_t iv[KS_AES_HMAC_IV_SIZE], mac[KS_AES_HMAC_MAC_SIZE];

  g_assert_cmpint (ks_aes_hmac_encrypt (key, NAME, data, size, iv, ciphertext, mac), ==, KS_AES_HMAC_OK);
  g_assert_cmpint (ks_aes_hmac_decrypt (key, NAME, iv, sizeof iv, ciphertext, size, mac, sizeof mac, &plain),
                   ==, KS_AES_HMAC_OK);
  g_assert_cmpmem (ks_secret_bytes (plain), ks_secret_size (plain), data, size);
  if (size == 0)
    return;
  ciphertext[data[0] % size] ^= data[size - 1] | 1;
  g_assert_cmpint (ks_aes_hmac_decrypt (key, NAME, iv, sizeof iv, ciphertext, size, mac, sizeof mac, &none),
                   ==, KS_AES_HMAC_BAD_MAC);
  g_assert_null (none);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static KsSecret *key;

  if (key == NULL)
    key = ks_secret_new_random (KS_AES_HMAC_KEY_SIZE);
  if (size == 0)
    return 0;
  if (data[0] % 2 == 0)
    try_as_is (key, data + 1, size - 1);
  else
    try_changed (key, data + 1, size - 1);
  return 0;
}
