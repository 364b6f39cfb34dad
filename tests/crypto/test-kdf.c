/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-kdf.h"
#include "crypto/ks-recovery-key.h"
#include "vectors.h"

#include <string.h>

/* RFC 4231, sections 4.2 to 4.8, without the truncated one; olm, tests/test_crypto.cpp. */
static const struct
{
  const char *name;
  const char *key;
  const char *data;
  const char *mac;
} hmac_vectors[] = {
  { "rfc4231/1", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
  { "rfc4231/2", "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
  { "rfc4231/3", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
  { "rfc4231/4", "0102030405060708090a0b0c0d0e0f10111213141516171819",
    "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
  { "olm/test_crypto/HMAC", "", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad" },
};

/* RFC 5869, appendix A; olm's HKDF test is the first of them. */
static const struct
{
  const char *name;
  const char *key;
  const char *salt;
  const char *info;
  const char *output;
} hkdf_vectors[] = {
  { "rfc5869/A.1", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
    "f0f1f2f3f4f5f6f7f8f9",
    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865" },
  { "rfc5869/A.2",
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
    "303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
    "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f"
    "909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
    "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
    "e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
    "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
    "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87" },
  { "rfc5869/A.3", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8" },
};

/* The parameters of RFC 6070 with SHA-512, as many implementations test them; of the
 * first 512 bits. */
static const struct
{
  const char *name;
  int iterations;
  const char *key;
} pbkdf2_vectors[] = {
  { "rfc6070-sha512/1", 1,
    "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252"
    "c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce" },
  { "rfc6070-sha512/2", 2,
    "e1d9c16aa681708a45f5c7c4e215ceb66e011a2e9f0040713f18aefdb866d53c"
    "f76cab2868a39b9f7840edce4fef5a82be67335c77a6068e04112754f27ccf4e" },
  { "rfc6070-sha512/3", 4096,
    "d197b1b33db0143e018b12f3d1d1479e6cdebdcc97c5c0f87f6902e072f457b5"
    "143f30602641b3d55cd335988cb36b84376060ecd532e039b742a239434af2d5" },
};

static void
test_hmac_vector (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data), key_size, size, mac_size;
  g_autoptr (GBytes) key = bytes_of_hex (hmac_vectors[i].key);
  g_autoptr (GBytes) plain = bytes_of_hex (hmac_vectors[i].data);
  g_autoptr (GBytes) expected = bytes_of_hex (hmac_vectors[i].mac);
  g_autoptr (KsHmac) hmac = ks_hmac_new ();
  const uint8_t *key_bytes = g_bytes_get_data (key, &key_size);
  const uint8_t *bytes = g_bytes_get_data (plain, &size);
  const uint8_t *mac_bytes = g_bytes_get_data (expected, &mac_size);
  uint8_t mac[KS_HMAC_SIZE];

  g_assert_true (ks_hmac (hmac, key_bytes, key_size, bytes, size, mac));
  g_assert_cmpmem (mac, sizeof mac, mac_bytes, mac_size);
}

static void
test_hmac_context_is_reusable (void)
{
  g_autoptr (KsHmac) hmac = ks_hmac_new ();
  g_autoptr (KsHmac) fresh = ks_hmac_new ();
  uint8_t a[KS_HMAC_SIZE], b[KS_HMAC_SIZE];

  /* An unfinished MAC leaves nothing behind, and an empty key is no "key of last time". */
  g_assert_true (ks_hmac_start (hmac, (const uint8_t *) "key", 3));
  g_assert_true (ks_hmac_update (hmac, "data", 4));
  g_assert_true (ks_hmac (hmac, NULL, 0, "x", 1, a));
  g_assert_true (ks_hmac (fresh, NULL, 0, "x", 1, b));
  g_assert_cmpmem (a, sizeof a, b, sizeof b);
  /* In pieces it is the same as at once. */
  g_assert_true (ks_hmac (fresh, (const uint8_t *) "key", 3, "data", 4, b));
  g_assert_true (ks_hmac_start (hmac, (const uint8_t *) "key", 3));
  g_assert_true (ks_hmac_update (hmac, "da", 2) && ks_hmac_update (hmac, NULL, 0)
                 && ks_hmac_update (hmac, "ta", 2));
  g_assert_true (ks_hmac_finish (hmac, a));
  g_assert_cmpmem (a, sizeof a, b, sizeof b);
}

static void
test_hkdf_vector (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GBytes) key = bytes_of_hex (hkdf_vectors[i].key), salt = bytes_of_hex (hkdf_vectors[i].salt);
  g_autoptr (GBytes) info = bytes_of_hex (hkdf_vectors[i].info),
                     expected = bytes_of_hex (hkdf_vectors[i].output);
  gsize size = g_bytes_get_size (expected);
  g_autofree uint8_t *output = g_malloc (size);

  g_assert_true (ks_hkdf_sha256 (NULL, g_bytes_get_data (key, NULL), g_bytes_get_size (key),
                                 g_bytes_get_data (salt, NULL), g_bytes_get_size (salt),
                                 g_bytes_get_data (info, NULL), g_bytes_get_size (info), output, size));
  g_assert_cmpmem (output, size, g_bytes_get_data (expected, NULL), size);
}

static void
test_hkdf_no_salt_is_zero_salt (void)
{
  const uint8_t zero[32] = { 0 };
  uint8_t a[80], b[80], c[80];

  g_assert_true (ks_hkdf_sha256 (NULL, (const uint8_t *) "key", 3, NULL, 0, "info", 4, a, sizeof a));
  g_assert_true (
      ks_hkdf_sha256 (NULL, (const uint8_t *) "key", 3, zero, sizeof zero, "info", 4, b, sizeof b));
  g_assert_true (ks_hkdf_sha256 (NULL, (const uint8_t *) "key", 3, zero, 8, "info", 4, c, sizeof c));
  g_assert_cmpmem (a, sizeof a, b, sizeof b);
  g_assert_cmpmem (a, sizeof a, c, sizeof c);
}

static void
test_hkdf_limits (void)
{
  g_autofree uint8_t *output = g_malloc (KS_HKDF_MAX_SIZE + 1);

  memset (output, 'x', KS_HKDF_MAX_SIZE + 1);
  g_assert_false (ks_hkdf_sha256 (NULL, (const uint8_t *) "key", 3, NULL, 0, NULL, 0, output, 0));
  g_assert_false (
      ks_hkdf_sha256 (NULL, (const uint8_t *) "key", 3, NULL, 0, NULL, 0, output, KS_HKDF_MAX_SIZE + 1));
  g_assert_true (
      ks_hkdf_sha256 (NULL, (const uint8_t *) "key", 3, NULL, 0, NULL, 0, output, KS_HKDF_MAX_SIZE));
  g_assert_cmpint (output[KS_HKDF_MAX_SIZE], ==, 'x');
}

static void
test_pbkdf2_vector (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (KsSecret) phrase = secret_of_text ("password");
  g_autoptr (GBytes) expected = bytes_of_hex (pbkdf2_vectors[i].key);
  g_autoptr (KsSecret) key = NULL;
  g_autoptr (KsSecret) half = NULL;

  g_assert_cmpint (ks_pbkdf2_sha512 (phrase, "salt", 4, pbkdf2_vectors[i].iterations, 512, &key), ==,
                   KS_PBKDF2_OK);
  g_assert_cmpmem (ks_secret_bytes (key), 64, g_bytes_get_data (expected, NULL), g_bytes_get_size (expected));
  g_assert_cmpint (ks_pbkdf2_sha512 (phrase, "salt", 4, pbkdf2_vectors[i].iterations, 256, &half), ==,
                   KS_PBKDF2_OK);
  g_assert_cmpmem (ks_secret_bytes (half), ks_secret_size (half), g_bytes_get_data (expected, NULL), 32);
}

/* mautrix/go, crypto/ssss/meta_test.go, VerifyPassphrase_Correct. */
static void
test_mautrix_passphrase (void)
{
  const char salt[] = "y863BOoqOadgDp8S3FtHXikDJEalsQ7d";
  g_autoptr (KsSecret) phrase = secret_of_text ("correct horse battery staple");
  g_autoptr (KsSecret) key = NULL;
  char text[KS_RECOVERY_KEY_LENGTH + 1];

  g_assert_cmpint (ks_phrase_to_storage_key (phrase, salt, strlen (salt), 500000, 256, &key), ==,
                   KS_PBKDF2_OK);
  g_assert_true (ks_recovery_key_format (key, text));
  g_assert_cmpstr (text, ==, "EsTE s92N EtaX s2h6 VQYF 9Kao tHYL mkyL GKMh isZb KJ4E tvoC");
}

/* Fault F29. */
static void
test_bad_iterations (void)
{
  static const int64_t bad[] = { 0, -1, G_MININT64, KS_PBKDF2_MAX_ITERATIONS + 1, G_MAXUINT32, G_MAXINT64 };
  g_autoptr (KsSecret) phrase = secret_of_text ("phrase");

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      KsSecret *key = phrase;

      g_assert_cmpint (ks_pbkdf2_sha512 (phrase, "salt", 4, bad[i], 256, &key), ==, KS_PBKDF2_BAD_ITERATIONS);
      g_assert_null (key);
      key = phrase;
      g_assert_cmpint (ks_phrase_to_storage_key (phrase, "salt", 4, bad[i], 256, &key), ==,
                       KS_PBKDF2_BAD_ITERATIONS);
      g_assert_null (key);
    }
}

/* Fault F33. */
static void
test_bad_salt (void)
{
  g_autoptr (KsSecret) phrase = secret_of_text ("phrase");
  g_autoptr (KsSecret) key = NULL;
  char salt[KS_PBKDF2_MAX_SALT_SIZE + 1];

  memset (salt, 's', sizeof salt);
  g_assert_cmpint (ks_phrase_to_storage_key (phrase, "", 0, 1, 256, &key), ==, KS_PBKDF2_BAD_SALT);
  g_assert_cmpint (ks_phrase_to_storage_key (phrase, salt, sizeof salt, 1, 256, &key), ==,
                   KS_PBKDF2_BAD_SALT);
  g_assert_null (key);
  g_assert_cmpint (ks_phrase_to_storage_key (phrase, salt, sizeof salt - 1, 1, 256, &key), ==, KS_PBKDF2_OK);
  g_assert_cmpint (ks_secret_size (key), ==, 32);
}

/* Fault F33. */
static void
test_bad_bits (void)
{
  static const int64_t bad[] = { 0, -256, 8, 128, 255, 257, 1024, G_MAXINT64 };
  g_autoptr (KsSecret) phrase = secret_of_text ("phrase");
  KsSecret *key = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_cmpint (ks_phrase_to_storage_key (phrase, "salt", 4, 1, bad[i], &key), ==, KS_PBKDF2_BAD_BITS);
      g_assert_cmpint (ks_pbkdf2_sha512 (phrase, "salt", 4, 1, bad[i], &key), ==, KS_PBKDF2_BAD_BITS);
      g_assert_null (key);
    }
  g_assert_cmpint (ks_phrase_to_storage_key (phrase, "salt", 4, 1, 512, &key), ==, KS_PBKDF2_BAD_BITS);
  g_assert_null (key);
}

static void
test_empty_phrase (void)
{
  g_autoptr (KsSecret) phrase = ks_secret_new (0);
  g_autoptr (KsSecret) key = NULL;
  /* Python: hashlib.pbkdf2_hmac ('sha512', b'', b'salt', 1, 32).hex() */
  g_autoptr (GBytes) expected =
      bytes_of_hex ("00ef42cdbfc98d29db20976608e455567fdddf141f6eb03b5a85addd25974f5d");

  g_assert_cmpint (ks_phrase_to_storage_key (phrase, "salt", 4, 1, 256, &key), ==, KS_PBKDF2_OK);
  g_assert_cmpmem (ks_secret_bytes (key), 32, g_bytes_get_data (expected, NULL), 32);
}

static void
add_each (const char *path, const char *name, gsize i, GTestDataFunc test)
{
  g_autofree char *full = g_strdup_printf ("%s/%s", path, name);

  g_test_add_data_func (full, GSIZE_TO_POINTER (i), test);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (hmac_vectors); i++)
    add_each ("/hmac/vectors", hmac_vectors[i].name, i, test_hmac_vector);
  g_test_add_func ("/hmac/context-is-reusable", test_hmac_context_is_reusable);
  for (gsize i = 0; i < G_N_ELEMENTS (hkdf_vectors); i++)
    add_each ("/hkdf/vectors", hkdf_vectors[i].name, i, test_hkdf_vector);
  g_test_add_func ("/hkdf/no-salt-is-zero-salt", test_hkdf_no_salt_is_zero_salt);
  g_test_add_func ("/hkdf/limits", test_hkdf_limits);
  for (gsize i = 0; i < G_N_ELEMENTS (pbkdf2_vectors); i++)
    add_each ("/pbkdf2/vectors", pbkdf2_vectors[i].name, i, test_pbkdf2_vector);
  g_test_add_func ("/pbkdf2/vectors/mautrix-go/ssss/meta_test/passphrase", test_mautrix_passphrase);
  g_test_add_func ("/pbkdf2/bad-iterations", test_bad_iterations);
  g_test_add_func ("/pbkdf2/bad-salt", test_bad_salt);
  g_test_add_func ("/pbkdf2/bad-bits", test_bad_bits);
  g_test_add_func ("/pbkdf2/empty-phrase", test_empty_phrase);
  return g_test_run ();
}
