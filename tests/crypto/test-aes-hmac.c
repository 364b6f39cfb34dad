/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-aes-hmac.h"
#include "crypto/ks-encoding.h"
#include "crypto/ks-kdf.h"
#include "crypto/ks-recovery-key.h"
#include "crypto/ks-signing.h"
#include "vectors.h"

#include <string.h>

#define ROUNDS 10000

static const char name[] = "m.cross_signing.master";
static const char plain[] = "aPl/0ZIu7Pa4K7iQ0k0GUphOeh1wO56Ge3669/65W28=";

typedef struct
{
  uint8_t iv[KS_AES_HMAC_IV_SIZE];
  uint8_t mac[KS_AES_HMAC_MAC_SIZE];
  uint8_t ciphertext[sizeof plain];
} Sealed;

static void
encrypt (const KsSecret *key, Sealed *sealed)
{
  g_assert_cmpint (ks_aes_hmac_encrypt (key, name, plain, sizeof plain, sealed->iv, sealed->ciphertext,
                                        sealed->mac),
                   ==, KS_AES_HMAC_OK);
}

static KsAesHmacResult
decrypt (const KsSecret *key, const char *for_name, const Sealed *sealed, KsSecret **decrypted)
{
  return ks_aes_hmac_decrypt (key, for_name, sealed->iv, sizeof sealed->iv, sealed->ciphertext,
                              sizeof sealed->ciphertext, sealed->mac, sizeof sealed->mac, decrypted);
}

static KsSecret *
vector_key (const Vector *vector)
{
  g_autofree char *text = vector_text (vector, "recovery_key");
  KsSecret *key = ks_recovery_key_parse (text, strlen (text), NULL);

  g_assert_nonnull (key);
  return key;
}

static KsAesHmacResult
open_vector (const Vector *vector, const KsSecret *key, const char *for_name, KsSecret **secret)
{
  g_autoptr (GBytes) iv = vector_bytes (vector, "iv"), mac = vector_bytes (vector, "mac"), ciphertext = NULL;

  if (!vector_has (vector, "name"))
    return ks_aes_hmac_check_key (key, g_bytes_get_data (iv, NULL), g_bytes_get_size (iv),
                                  g_bytes_get_data (mac, NULL), g_bytes_get_size (mac));
  ciphertext = vector_bytes (vector, "ciphertext");
  return ks_aes_hmac_decrypt (key, for_name, g_bytes_get_data (iv, NULL), g_bytes_get_size (iv),
                              g_bytes_get_data (ciphertext, NULL), g_bytes_get_size (ciphertext),
                              g_bytes_get_data (mac, NULL), g_bytes_get_size (mac), secret);
}

static void
test_vector (const Vector *vector)
{
  g_autoptr (KsSecret) key = vector_key (vector);
  g_autoptr (KsSecret) wrong = ks_secret_new_random (KS_AES_HMAC_KEY_SIZE);
  g_autoptr (KsSecret) secret = NULL;
  g_autoptr (KsSecret) none = NULL;
  g_autofree char *event = vector_has (vector, "name") ? vector_text (vector, "name") : NULL;
  g_autofree char *text = NULL;

  g_assert_cmpint (open_vector (vector, key, event, &secret), ==, KS_AES_HMAC_OK);
  g_assert_cmpint (open_vector (vector, wrong, event, &none), ==, KS_AES_HMAC_BAD_MAC);
  g_assert_null (none);
  if (event == NULL)
    return;
  g_assert_cmpint (open_vector (vector, key, "m.cross_signing.other", &none), ==, KS_AES_HMAC_BAD_MAC);
  g_assert_cmpint (open_vector (vector, key, "", &none), ==, KS_AES_HMAC_BAD_MAC);
  text = g_strndup ((const char *) ks_secret_bytes (secret), ks_secret_size (secret));
  g_assert_cmpint (strlen (text), ==, vector_has (vector, "plain") && strchr (text, '=') != NULL ? 44 : 43);
  if (vector_has (vector, "plain"))
    {
      g_autofree char *expected = vector_text (vector, "plain");

      g_assert_cmpstr (text, ==, expected);
    }
  if (vector_has (vector, "signing_key"))
    {
      g_autoptr (KsSecret) seed = secret_of_base64 (text);
      g_autoptr (GBytes) expected = vector_bytes (vector, "signing_key");
      uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE];

      g_assert_true (ks_signing_public_key (seed, public_key));
      g_assert_cmpmem (public_key, sizeof public_key, g_bytes_get_data (expected, NULL), 32);
    }
}

/* matrix-rust-sdk, secret_storage.rs, from_account_data_and_passphrase. */
static void
test_rust_sdk_phrase (void)
{
  g_autoptr (KsSecret) phrase = secret_of_text ("It's a secret to everybody");
  g_autoptr (GBytes) iv = bytes_of_base64 ("gH2iNpiETFhApvW6/FFEJQ");
  g_autoptr (GBytes) mac = bytes_of_base64 ("9Lw12m5SKDipNghdQXKjgpfdj1/K7HFI2brO+UWAGoM");
  g_autoptr (KsSecret) key = NULL;

  g_assert_cmpint (ks_phrase_to_storage_key (phrase, "IuLnH7S85YtZmkkBJKwNUKxWF42g9O1H", 32, 10, 256, &key),
                   ==, KS_PBKDF2_OK);
  g_assert_cmpint (ks_aes_hmac_check_key (key, g_bytes_get_data (iv, NULL), 16, g_bytes_get_data (mac, NULL),
                                          32),
                   ==, KS_AES_HMAC_OK);
}

/* matrix-rust-sdk, secret_storage.rs, invalid_key_info and encrypted_data_decoding. */
static void
test_wrong_sizes (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_AES_HMAC_KEY_SIZE);
  g_autoptr (KsSecret) decrypted = NULL;
  uint8_t bytes[64] = { 0 };
  Sealed sealed;

  encrypt (key, &sealed);
  for (gsize size = 0; size <= sizeof bytes; size++)
    {
      bool iv_taken = size == KS_AES_HMAC_IV_SIZE || size == KS_AES_HMAC_LONG_IV_SIZE;
      KsAesHmacResult expected = iv_taken ? KS_AES_HMAC_BAD_MAC : KS_AES_HMAC_BAD_IV;

      g_assert_cmpint (ks_aes_hmac_check_key (key, bytes, size, bytes, 32), ==, expected);
      g_assert_cmpint (ks_aes_hmac_decrypt (key, name, bytes, size, bytes, 1, bytes, 32, &decrypted), ==,
                       expected);
      memcpy (bytes, sealed.mac, 32);
      if (size != KS_AES_HMAC_MAC_SIZE)
        g_assert_cmpint (ks_aes_hmac_decrypt (key, name, sealed.iv, 16, sealed.ciphertext, sizeof plain,
                                              bytes, size, &decrypted),
                         ==, KS_AES_HMAC_BAD_MAC);
      memset (bytes, 0, sizeof bytes);
    }
  g_assert_null (decrypted);
}

static void
test_wrong_key_size (void)
{
  for (gsize size = 0; size < 64; size += 8)
    {
      g_autoptr (KsSecret) key = ks_secret_new_random (size);
      g_autoptr (KsSecret) decrypted = NULL;
      const Sealed zero = { 0 };
      Sealed sealed;

      if (size == KS_AES_HMAC_KEY_SIZE)
        continue;
      memset (&sealed, 'x', sizeof sealed);
      g_assert_cmpint (ks_aes_hmac_encrypt (key, name, plain, sizeof plain, sealed.iv, sealed.ciphertext,
                                            sealed.mac),
                       ==, KS_AES_HMAC_BAD_KEY);
      g_assert_cmpmem (&sealed, sizeof sealed, &zero, sizeof zero);
      g_assert_cmpint (decrypt (key, name, &sealed, &decrypted), ==, KS_AES_HMAC_BAD_KEY);
      g_assert_cmpint (ks_aes_hmac_make_check (key, sealed.iv, sealed.mac), ==, KS_AES_HMAC_BAD_KEY);
      g_assert_cmpint (ks_aes_hmac_check_key (key, sealed.iv, 16, sealed.mac, 32), ==, KS_AES_HMAC_BAD_KEY);
      g_assert_null (decrypted);
    }
}

static void
test_too_big (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_AES_HMAC_KEY_SIZE);
  g_autofree uint8_t *big = g_malloc0 (KS_AES_HMAC_MAX_SIZE + 1);
  g_autofree uint8_t *ciphertext = g_malloc (KS_AES_HMAC_MAX_SIZE + 1);
  g_autoptr (KsSecret) decrypted = NULL;
  uint8_t iv[16], mac[32];

  g_assert_cmpint (ks_aes_hmac_encrypt (key, name, big, KS_AES_HMAC_MAX_SIZE + 1, iv, ciphertext, mac), ==,
                   KS_AES_HMAC_TOO_BIG);
  g_assert_cmpint (ks_aes_hmac_decrypt (key, name, iv, 16, ciphertext, KS_AES_HMAC_MAX_SIZE + 1, mac, 32,
                                        &decrypted),
                   ==, KS_AES_HMAC_TOO_BIG);
  g_assert_cmpint (ks_aes_hmac_encrypt (key, name, big, KS_AES_HMAC_MAX_SIZE, iv, ciphertext, mac), ==,
                   KS_AES_HMAC_OK);
  g_assert_cmpint (ks_aes_hmac_decrypt (key, name, iv, 16, ciphertext, KS_AES_HMAC_MAX_SIZE, mac, 32,
                                        &decrypted),
                   ==, KS_AES_HMAC_OK);
  g_assert_cmpmem (ks_secret_bytes (decrypted), ks_secret_size (decrypted), big, KS_AES_HMAC_MAX_SIZE);
}

static void
test_each_byte_flipped (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_AES_HMAC_KEY_SIZE);
  Sealed sealed;

  encrypt (key, &sealed);
  for (gsize i = 0; i < sizeof plain + sizeof sealed.mac; i++)
    for (int bit = 0; bit < 8; bit++)
      {
        uint8_t *byte = i < sizeof plain ? sealed.ciphertext + i : sealed.mac + (i - sizeof plain);
        KsSecret *decrypted = key;

        *byte ^= 1 << bit;
        g_assert_cmpint (decrypt (key, name, &sealed, &decrypted), ==, KS_AES_HMAC_BAD_MAC);
        g_assert_null (decrypted);
        *byte ^= 1 << bit;
      }
}

/* Threat A20: the MAC does not cover the IV: what the header warns of. */
static void
test_flipped_iv_gives_other_bytes (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_AES_HMAC_KEY_SIZE);
  Sealed sealed;

  encrypt (key, &sealed);
  for (gsize i = 0; i < sizeof sealed.iv; i++)
    {
      g_autoptr (KsSecret) decrypted = NULL;

      sealed.iv[i] ^= 1;
      g_assert_cmpint (decrypt (key, name, &sealed, &decrypted), ==, KS_AES_HMAC_OK);
      g_assert_cmpint (ks_secret_size (decrypted), ==, sizeof plain);
      g_assert_false (ks_bytes_equal (ks_secret_bytes (decrypted), plain, sizeof plain));
      sealed.iv[i] ^= 1;
    }
}

static void
test_shortened_and_lengthened (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_AES_HMAC_KEY_SIZE);
  uint8_t longer[sizeof plain + 1] = { 0 };
  Sealed sealed;

  encrypt (key, &sealed);
  memcpy (longer, sealed.ciphertext, sizeof plain);
  for (gsize size = 0; size <= sizeof longer; size++)
    {
      g_autoptr (KsSecret) decrypted = NULL;

      g_assert_cmpint (ks_aes_hmac_decrypt (key, name, sealed.iv, 16, longer, size, sealed.mac, 32,
                                            &decrypted),
                       ==, size == sizeof plain ? KS_AES_HMAC_OK : KS_AES_HMAC_BAD_MAC);
    }
}

static void
test_bound_to_its_name (void)
{
  static const char *const names[] = { "m.cross_signing.master", "m.cross_signing.self_signing",
                                       "m.cross_signing.user_signing", "m.megolm_backup.v1", "" };
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_AES_HMAC_KEY_SIZE);
  g_autoptr (KsSecret) other = ks_secret_new_random (KS_AES_HMAC_KEY_SIZE);
  Sealed sealed;

  encrypt (key, &sealed);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (KsSecret) decrypted = NULL;
      g_autoptr (KsSecret) none = NULL;

      g_assert_cmpint (decrypt (key, names[i], &sealed, &decrypted), ==,
                       i == 0 ? KS_AES_HMAC_OK : KS_AES_HMAC_BAD_MAC);
      g_assert_cmpint (decrypt (other, names[i], &sealed, &none), ==, KS_AES_HMAC_BAD_MAC);
    }
}

/* Old nheko: 32 bytes of IV, of which the first 16 count (mtxclient, commit f5766cb). */
static void
test_long_iv (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_AES_HMAC_KEY_SIZE);
  g_autoptr (KsSecret) decrypted = NULL;
  uint8_t iv[KS_AES_HMAC_LONG_IV_SIZE], check_iv[16], mac[32];
  Sealed sealed;

  encrypt (key, &sealed);
  ks_random (iv, sizeof iv);
  memcpy (iv, sealed.iv, 16);
  g_assert_cmpint (ks_aes_hmac_decrypt (key, name, iv, sizeof iv, sealed.ciphertext, sizeof plain, sealed.mac,
                                        32, &decrypted),
                   ==, KS_AES_HMAC_OK);
  g_assert_cmpmem (ks_secret_bytes (decrypted), ks_secret_size (decrypted), plain, sizeof plain);
  g_assert_cmpint (ks_aes_hmac_make_check (key, check_iv, mac), ==, KS_AES_HMAC_OK);
  memcpy (iv, check_iv, 16);
  g_assert_cmpint (ks_aes_hmac_check_key (key, iv, sizeof iv, mac, 32), ==, KS_AES_HMAC_OK);
}

static void
test_check_each_byte_flipped (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_AES_HMAC_KEY_SIZE);
  g_autoptr (KsSecret) other = ks_secret_new_random (KS_AES_HMAC_KEY_SIZE);
  uint8_t values[KS_AES_HMAC_IV_SIZE + KS_AES_HMAC_MAC_SIZE], *mac = values + KS_AES_HMAC_IV_SIZE;

  g_assert_cmpint (ks_aes_hmac_make_check (key, values, mac), ==, KS_AES_HMAC_OK);
  g_assert_cmpint (ks_aes_hmac_check_key (key, values, 16, mac, 32), ==, KS_AES_HMAC_OK);
  g_assert_cmpint (ks_aes_hmac_check_key (other, values, 16, mac, 32), ==, KS_AES_HMAC_BAD_MAC);
  for (gsize i = 0; i < sizeof values; i++)
    {
      values[i] ^= 0x10;
      g_assert_cmpint (ks_aes_hmac_check_key (key, values, 16, mac, 32), ==, KS_AES_HMAC_BAD_MAC);
      values[i] ^= 0x10;
    }
  for (gsize size = 0; size < 32; size++)
    g_assert_cmpint (ks_aes_hmac_check_key (key, values, 16, mac, size), ==, KS_AES_HMAC_BAD_MAC);
}

static void
test_empty_secret (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_AES_HMAC_KEY_SIZE);
  g_autoptr (KsSecret) decrypted = NULL;
  uint8_t iv[16], mac[32];

  g_assert_cmpint (ks_aes_hmac_encrypt (key, name, NULL, 0, iv, NULL, mac), ==, KS_AES_HMAC_OK);
  g_assert_cmpint (ks_aes_hmac_decrypt (key, name, iv, 16, NULL, 0, mac, 32, &decrypted), ==, KS_AES_HMAC_OK);
  g_assert_cmpint (ks_secret_size (decrypted), ==, 0);
}

/* Fault F32: other clients may have left bit 63 of an IV as it came; it is taken as it is. Made
 * with Python's cryptography. */
static void
test_iv_with_bit_63 (void)
{
  static const uint8_t iv[16] = { 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10,
                                  0xff, 0x80, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06 };
  static const char expected[] = "77076d0a7318a57d3c16c17251b26645 and some more";
  g_autoptr (KsSecret) key = ks_secret_new (KS_AES_HMAC_KEY_SIZE);
  g_autoptr (KsSecret) decrypted = NULL;
  uint8_t ciphertext[sizeof expected - 1], mac[32];

  for (uint8_t i = 0; i < KS_AES_HMAC_KEY_SIZE; i++)
    ks_secret_writable (key)[i] = i;
  g_assert_cmpint (ks_hex_decode_exact ("876b646e1cdca70bacee05e330d103188ce9288a71aa6350a3c6675531ecfb6a1af8"
                                        "55ee"
                                        "1ce6dfe204b023c973bc",
                                        2 * sizeof ciphertext, ciphertext, sizeof ciphertext),
                   ==, KS_DECODE_OK);
  g_assert_cmpint (ks_hex_decode_exact ("17e6d30efe60f4a641f8e53daef66567c45d742037227e9354af17f631f8610c",
                                        64, mac, sizeof mac),
                   ==, KS_DECODE_OK);
  g_assert_cmpint (ks_aes_hmac_decrypt (key, "m.megolm_backup.v1", iv, sizeof iv, ciphertext,
                                        sizeof ciphertext, mac, sizeof mac, &decrypted),
                   ==, KS_AES_HMAC_OK);
  g_assert_cmpmem (ks_secret_bytes (decrypted), ks_secret_size (decrypted), expected, sizeof expected - 1);
  g_assert_cmpint (ks_hex_decode_exact ("17c4fe82c9bf1589b0046fadd015730e41742b8edc03dec53b9bd6bfb19deaf6",
                                        64, mac, sizeof mac),
                   ==, KS_DECODE_OK);
  g_assert_cmpint (ks_aes_hmac_check_key (key, iv, sizeof iv, mac, sizeof mac), ==, KS_AES_HMAC_OK);
}

/* Fault F32: there and back; no IV has bit 63 set, and none comes twice. */
static void
test_round_trips (void)
{
  g_autoptr (GHashTable) ivs =
      g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);

  for (int round = 0; round < ROUNDS; round++)
    {
      g_autoptr (KsSecret) key = ks_secret_new_random (KS_AES_HMAC_KEY_SIZE);
      g_autoptr (KsSecret) decrypted = NULL;
      g_autofree char *random_name = g_strdup_printf ("m.secret.%d", g_test_rand_int ());
      gsize size = (gsize) g_test_rand_int_range (0, 300);
      uint8_t bytes[300], ciphertext[300], iv[16], mac[32];

      ks_random (bytes, size);
      g_assert_cmpint (ks_aes_hmac_encrypt (key, random_name, bytes, size, iv, ciphertext, mac), ==,
                       KS_AES_HMAC_OK);
      g_assert_cmpint (iv[8] & 0x80, ==, 0);
      g_assert_true (g_hash_table_add (ivs, g_bytes_new (iv, sizeof iv)));
      g_assert_cmpint (ks_aes_hmac_decrypt (key, random_name, iv, 16, ciphertext, size, mac, 32, &decrypted),
                       ==, KS_AES_HMAC_OK);
      g_assert_cmpmem (ks_secret_bytes (decrypted), ks_secret_size (decrypted), bytes, size);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  vectors_add ("/aes-hmac/vectors", "secret-storage.ini", test_vector);
  g_test_add_func ("/aes-hmac/vectors/matrix-rust-sdk/secret_storage/from_account_data_and_passphrase",
                   test_rust_sdk_phrase);
  g_test_add_func ("/aes-hmac/wrong-sizes", test_wrong_sizes);
  g_test_add_func ("/aes-hmac/wrong-key-size", test_wrong_key_size);
  g_test_add_func ("/aes-hmac/too-big", test_too_big);
  g_test_add_func ("/aes-hmac/each-byte-flipped", test_each_byte_flipped);
  g_test_add_func ("/aes-hmac/flipped-iv-gives-other-bytes", test_flipped_iv_gives_other_bytes);
  g_test_add_func ("/aes-hmac/shortened-and-lengthened", test_shortened_and_lengthened);
  g_test_add_func ("/aes-hmac/bound-to-its-name", test_bound_to_its_name);
  g_test_add_func ("/aes-hmac/long-iv", test_long_iv);
  g_test_add_func ("/aes-hmac/iv-with-bit-63", test_iv_with_bit_63);
  g_test_add_func ("/aes-hmac/check-each-byte-flipped", test_check_each_byte_flipped);
  g_test_add_func ("/aes-hmac/empty-secret", test_empty_secret);
  g_test_add_func ("/aes-hmac/round-trips", test_round_trips);
  return g_test_run ();
}
