/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-signing.h"
#include "vectors.h"
#include "weak-points.h"

#include <olm/olm.h>
#include <olm/pk.h>
#include <string.h>

#define ROUNDS 10000

/* The order of the main subgroup, little-endian. */
static const uint8_t group_order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                         0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                         0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10 };

static void
test_vector (const Vector *vector)
{
  g_autofree char *message = vector_text (vector, "message");
  g_autoptr (GBytes) signature = vector_bytes (vector, "signature");
  const uint8_t *expected = g_bytes_get_data (signature, NULL);
  uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE], made[KS_SIGNATURE_SIZE];

  g_assert_cmpint (g_bytes_get_size (signature), ==, KS_SIGNATURE_SIZE);
  g_assert_true (vector_has (vector, "seed") || vector_has (vector, "public_key"));
  if (vector_has (vector, "public_key"))
    {
      g_autoptr (GBytes) key = vector_bytes (vector, "public_key");

      g_assert_cmpint (g_bytes_get_size (key), ==, sizeof public_key);
      memcpy (public_key, g_bytes_get_data (key, NULL), sizeof public_key);
    }
  if (vector_has (vector, "seed"))
    {
      g_autoptr (KsSecret) seed = vector_secret (vector, "seed");
      uint8_t of_seed[KS_SIGNING_PUBLIC_KEY_SIZE];

      g_assert_true (ks_signing_public_key (seed, of_seed));
      if (vector_has (vector, "public_key"))
        g_assert_cmpmem (of_seed, sizeof of_seed, public_key, sizeof public_key);
      memcpy (public_key, of_seed, sizeof public_key);
      g_assert_true (ks_sign (seed, message, strlen (message), made));
      g_assert_cmpmem (made, sizeof made, expected, KS_SIGNATURE_SIZE);
    }
  g_assert_true (ks_signing_public_key_valid (public_key));
  g_assert_true (ks_signature_verify (public_key, message, strlen (message), expected));
  g_assert_false (ks_signature_verify (public_key, message, strlen (message) - 1, expected));
}

/* olm, tests/test_pk.cpp, "Public Key Signing". */
static void
test_olm_pk_signing (void)
{
  static const char message[] =
      "We hold these truths to be self-evident, that all men are created equal, that they "
      "are endowed by their Creator with certain unalienable Rights, that among these are "
      "Life, Liberty and the pursuit of Happiness.";
  g_autoptr (KsSecret) seed = secret_of_base64 ("dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo");
  g_autofree OlmPkSigning *olm = olm_pk_signing (g_malloc (olm_pk_signing_size ()));
  char olm_key[64] = { 0 };
  uint8_t olm_signature[128] = { 0 }, key[32], signature[64];
  g_autoptr (GBytes) expected_key = NULL, expected = NULL;

  olm_pk_signing_key_from_seed (olm, olm_key, olm_pk_signing_public_key_length (), ks_secret_bytes (seed),
                                32);
  olm_pk_sign (olm, (const uint8_t *) message, strlen (message), olm_signature, olm_pk_signature_length ());
  olm_clear_pk_signing (olm);
  expected_key = bytes_of_base64 (olm_key);
  expected = bytes_of_base64 ((const char *) olm_signature);
  g_assert_true (ks_signing_public_key (seed, key));
  g_assert_true (ks_sign (seed, message, strlen (message), signature));
  g_assert_cmpmem (key, 32, g_bytes_get_data (expected_key, NULL), g_bytes_get_size (expected_key));
  g_assert_cmpmem (signature, 64, g_bytes_get_data (expected, NULL), g_bytes_get_size (expected));
}

/* RFC 8032, section 7.1, tests 1 to 3. */
static void
test_rfc8032 (void)
{
  static const struct
  {
    const char *seed;
    const char *key;
    const char *message;
    const char *signature;
  } cases[] = {
    { "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
      "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
    { "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
    { "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
      "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) seed_bytes = bytes_of_hex (cases[i].seed), key = bytes_of_hex (cases[i].key);
      g_autoptr (GBytes) message = bytes_of_hex (cases[i].message),
                         expected = bytes_of_hex (cases[i].signature);
      g_autoptr (KsSecret) seed = ks_secret_new_copy (g_bytes_get_data (seed_bytes, NULL), 32);
      uint8_t made_key[32], signature[64];

      g_assert_true (ks_signing_public_key (seed, made_key));
      g_assert_cmpmem (made_key, 32, g_bytes_get_data (key, NULL), g_bytes_get_size (key));
      g_assert_true (ks_sign (seed, g_bytes_get_data (message, NULL), g_bytes_get_size (message), signature));
      g_assert_cmpmem (signature, 64, g_bytes_get_data (expected, NULL), g_bytes_get_size (expected));
    }
}

static void
test_wrong_seed_size (void)
{
  uint8_t key[32], signature[64];

  for (gsize size = 0; size <= 64; size += 16)
    {
      g_autoptr (KsSecret) seed = ks_secret_new_random (size);

      g_assert_true (ks_signing_public_key (seed, key) == (size == 32));
      g_assert_true (ks_sign (seed, "x", 1, signature) == (size == 32));
    }
}

static void
test_each_byte_flipped (void)
{
  const char message[] = "{\"one\":1,\"two\":\"Two\"}";
  g_autoptr (KsSecret) seed = ks_secret_new_random (KS_SIGNING_SEED_SIZE);
  uint8_t all[KS_SIGNING_PUBLIC_KEY_SIZE + KS_SIGNATURE_SIZE + sizeof message];
  uint8_t *key = all, *signature = all + 32, *copy = all + 96;

  memcpy (copy, message, sizeof message);
  g_assert_true (ks_signing_public_key (seed, key));
  g_assert_true (ks_sign (seed, copy, sizeof message, signature));
  g_assert_true (ks_signature_verify (key, copy, sizeof message, signature));
  for (gsize i = 0; i < sizeof all; i++)
    for (int bit = 0; bit < 8; bit++)
      {
        all[i] ^= 1 << bit;
        g_assert_false (ks_signature_verify (key, copy, sizeof message, signature));
        all[i] ^= 1 << bit;
      }
}

/* libolm takes this for a signature of anything. */
static bool
olm_verifies (const uint8_t *key, const char *message, const uint8_t *signature)
{
  g_autofree OlmUtility *olm = olm_utility (g_malloc (olm_utility_size ()));
  g_autofree char *key_text = g_base64_encode (key, 32);
  g_autofree char *signature_text = g_base64_encode (signature, 64);

  return olm_ed25519_verify (olm, key_text, 43, message, strlen (message), signature_text, 86) == 0;
}

/* mautrix/go, crypto/goolm/pk/pk_test.go, TestStrictVerifyRejectsSmallOrderKey: key and R
 * are the identity, S is 0. */
static void
test_mautrix_small_order (void)
{
  const char message[] = "test message for small-order key check";
  const uint8_t key[32] = { 1 }, signature[64] = { 1 };

  g_assert_true (olm_verifies (key, message, signature));
  g_assert_false (ks_signature_verify (key, message, strlen (message), signature));
}

/* Threat A14, fault F31: every spelling of every point of small order, as key and as R, whatever is signed. */
static void
test_small_order_everywhere (void)
{
  g_autoptr (KsSecret) seed = ks_secret_new_random (KS_SIGNING_SEED_SIZE);
  uint8_t good[32];

  g_assert_true (ks_signing_public_key (seed, good));
  for (gsize i = 0; i < 2 * G_N_ELEMENTS (weak_ed25519); i++)
    {
      uint8_t key[32];

      memcpy (key, weak_ed25519[i / 2], sizeof key);
      key[31] |= i % 2 == 1 ? 0x80 : 0;
      g_assert_true (ks_signing_public_key_weak (key));
      g_assert_false (ks_signing_public_key_valid (key));
      for (gsize r = 0; r < 2 * G_N_ELEMENTS (weak_ed25519); r++)
        for (int number = 0; number < 8; number++)
          {
            g_autofree char *message = g_strdup_printf ("message %d", number);
            uint8_t signature[64] = { 0 };

            memcpy (signature, weak_ed25519[r / 2], 32);
            signature[31] |= r % 2 == 1 ? 0x80 : 0;
            g_assert_false (ks_signature_verify (key, message, strlen (message), signature));
            g_assert_false (ks_signature_verify (good, message, strlen (message), signature));
          }
    }
}

/* y of 2^255 - 19 and above, of either sign. */
static void
test_not_canonical (void)
{
  for (int low = 0xed; low <= 0xff; low++)
    for (int sign = 0; sign <= 0x80; sign += 0x80)
      {
        uint8_t key[32];

        memset (key, 0xff, sizeof key);
        key[0] = (uint8_t) low;
        key[31] = (uint8_t) (0x7f | sign);
        g_assert_true (ks_signing_public_key_weak (key));
        g_assert_false (ks_signing_public_key_valid (key));
        key[0] = 0xeb; /* p - 2: canonical */
        g_assert_false (ks_signing_public_key_weak (key));
      }
}

/* S + L satisfies the same equation; a second signature of the same message. */
static void
test_s_not_reduced (void)
{
  g_autoptr (KsSecret) seed = ks_secret_new_random (KS_SIGNING_SEED_SIZE);
  const char message[] = "message";
  uint8_t key[32], signature[64];
  unsigned carry = 0;

  g_assert_true (ks_signing_public_key (seed, key));
  g_assert_true (ks_sign (seed, message, strlen (message), signature));
  for (gsize i = 0; i < 32; i++)
    {
      carry += signature[32 + i] + group_order[i];
      signature[32 + i] = (uint8_t) carry;
      carry >>= 8;
    }
  g_assert_false (ks_signature_verify (key, message, strlen (message), signature));
}

/* A point that is not on the curve, and one of mixed order, are no keys to trust. */
static void
test_not_in_main_subgroup (void)
{
  uint8_t off_curve[32] = { 2 }; /* y = 2 has no x */
  gsize mixed = 0;

  g_assert_false (ks_signing_public_key_valid (off_curve));
  for (uint8_t y = 3; y < 60; y++)
    {
      uint8_t key[32] = { y };

      g_assert_false (ks_signing_public_key_weak (key));
      mixed += !ks_signing_public_key_valid (key);
    }
  /* Half of all y are off the curve, and only an eighth of the rest is in the subgroup. */
  g_assert_cmpint (mixed, >, 40);
}

/* Signed here, verified here and by libolm; another message is refused. */
static void
test_round_trips (void)
{
  for (int round = 0; round < ROUNDS; round++)
    {
      g_autoptr (KsSecret) seed = ks_secret_new_random (KS_SIGNING_SEED_SIZE);
      g_autofree char *message = g_strdup_printf ("{\"n\":%d}", g_test_rand_int ());
      uint8_t key[32], signature[64];

      g_assert_true (ks_signing_public_key (seed, key));
      g_assert_true (ks_sign (seed, message, strlen (message), signature));
      g_assert_true (ks_signature_verify (key, message, strlen (message), signature));
      if (round % 10 == 0)
        g_assert_true (olm_verifies (key, message, signature));
      message[1]++;
      g_assert_false (ks_signature_verify (key, message, strlen (message), signature));
    }
}

/* Of all 32 bytes half are no point; a claim can be any. */
static void
test_on_the_curve_or_not (void)
{
  uint8_t good[32], other[32], none[32] = { 2 };
  g_autoptr (KsSecret) seed = ks_secret_new_random (32);
  guint points = 0;

  g_assert_true (ks_signing_public_key (seed, good));
  g_assert_true (ks_signing_public_keys_on_curve (good, good));
  g_assert_false (ks_signing_public_keys_on_curve (good, none));
  g_assert_false (ks_signing_public_keys_on_curve (none, good));
  g_assert_false (ks_signing_public_keys_on_curve (none, none));
  for (guint i = 0; i < 1000; i++)
    {
      ks_random (other, sizeof other);
      points += ks_signing_public_keys_on_curve (good, other);
    }
  g_assert_cmpuint (points, >, 350);
  g_assert_cmpuint (points, <, 650);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  vectors_add ("/signing/vectors", "signatures.ini", test_vector);
  g_test_add_func ("/signing/vectors/olm/test_pk/signing", test_olm_pk_signing);
  g_test_add_func ("/signing/vectors/rfc8032/7.1", test_rfc8032);
  g_test_add_func ("/signing/vectors/mautrix-go/pk_test/small-order", test_mautrix_small_order);
  g_test_add_func ("/signing/wrong-seed-size", test_wrong_seed_size);
  g_test_add_func ("/signing/each-byte-flipped", test_each_byte_flipped);
  g_test_add_func ("/signing/small-order-everywhere", test_small_order_everywhere);
  g_test_add_func ("/signing/not-canonical", test_not_canonical);
  g_test_add_func ("/signing/s-not-reduced", test_s_not_reduced);
  g_test_add_func ("/signing/not-in-main-subgroup", test_not_in_main_subgroup);
  g_test_add_func ("/signing/on-the-curve-or-not", test_on_the_curve_or_not);
  g_test_add_func ("/signing/round-trips", test_round_trips);
  return g_test_run ();
}
