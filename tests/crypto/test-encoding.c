/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-encoding.h"
#include "vectors.h"

#include <string.h>

#define ROUNDS 10000

/* matrix-spec, appendices, "Unpadded Base64". */
static const struct
{
  const char *plain;
  const char *text;
} spec_base64[] = {
  { "", "" },           { "f", "Zg" },          { "fo", "Zm8" },          { "foo", "Zm9v" },
  { "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" },
};

static KsDecodeResult
decode (const char *text)
{
  g_autofree uint8_t *bytes = g_malloc (KS_BASE64_BYTES (strlen (text)));
  g_autoptr (KsSecret) secret = NULL;
  size_t size = 99;
  KsDecodeResult result = ks_base64_decode (text, strlen (text), bytes, &size);

  /* The two decoders are of one mind. */
  g_assert_cmpint (ks_base64_decode_secret (text, strlen (text), &secret), ==, result);
  g_assert_true ((secret != NULL) == (result == KS_DECODE_OK));
  if (result == KS_DECODE_OK)
    g_assert_cmpmem (ks_secret_bytes (secret), ks_secret_size (secret), bytes, size);
  else
    g_assert_cmpint (size, ==, 0);
  return result;
}

static void
test_spec_base64 (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data), length = strlen (spec_base64[i].plain);
  g_autofree char *text = ks_base64_encode (spec_base64[i].plain, length, KS_BASE64_UNPADDED);
  g_autofree char *padded = ks_base64_encode (spec_base64[i].plain, length, KS_BASE64_PADDED);
  uint8_t bytes[KS_BASE64_BYTES (12)];
  size_t size;

  g_assert_cmpstr (text, ==, spec_base64[i].text);
  g_assert_cmpint (strlen (padded) % 4, ==, 0);
  g_assert_true (g_str_has_prefix (padded, text));
  g_assert_cmpint (ks_base64_decode (text, strlen (text), bytes, &size), ==, KS_DECODE_OK);
  g_assert_cmpmem (bytes, size, spec_base64[i].plain, length);
  g_assert_cmpint (ks_base64_decode (padded, strlen (padded), bytes, &size), ==, KS_DECODE_OK);
  g_assert_cmpmem (bytes, size, spec_base64[i].plain, length);
}

/* olm, tests/test_base64.cpp. */
static void
test_olm_base64 (void)
{
  g_autofree char *text = ks_base64_encode ("Hello World", 11, KS_BASE64_UNPADDED);

  g_assert_cmpstr (text, ==, "SGVsbG8gV29ybGQ");
  g_assert_cmpint (decode ("SGVsbG8gV29ybGQ"), ==, KS_DECODE_OK);
  g_assert_cmpint (decode ("SGVsbG8gV29ybGQab"), ==, KS_DECODE_BAD_LENGTH);
}

/* Fault F30. */
static void
test_base64_malformed (void)
{
  static const struct
  {
    const char *text;
    KsDecodeResult result;
  } cases[] = {
    { "A", KS_DECODE_BAD_LENGTH },
    { "AAAAA", KS_DECODE_BAD_LENGTH },
    { "=", KS_DECODE_BAD_LENGTH },
    { "==", KS_DECODE_BAD_LENGTH },
    { "====", KS_DECODE_BAD_LENGTH },
    { "A===", KS_DECODE_BAD_LENGTH },
    { "AA=", KS_DECODE_BAD_LENGTH },
    { "AAA==", KS_DECODE_BAD_LENGTH },
    { "AAAA=", KS_DECODE_BAD_LENGTH },
    { "AAAA==", KS_DECODE_BAD_LENGTH },
    { "AAAAA===", KS_DECODE_BAD_LENGTH },
    { "AA=A", KS_DECODE_BAD_CHARACTER },
    { "A=AA", KS_DECODE_BAD_CHARACTER },
    { "=AAA", KS_DECODE_BAD_CHARACTER },
    { "AA==AAAA", KS_DECODE_BAD_CHARACTER },
    { "AAAA AAAA", KS_DECODE_BAD_CHARACTER },
    { " AAAA", KS_DECODE_BAD_CHARACTER },
    { "AAAA\n", KS_DECODE_BAD_CHARACTER },
    { "AAA\r\n", KS_DECODE_BAD_CHARACTER },
    { "AA\t", KS_DECODE_BAD_CHARACTER },
    { "AA-_", KS_DECODE_BAD_CHARACTER },
    { "AA_", KS_DECODE_BAD_CHARACTER },
    { "AA-", KS_DECODE_BAD_CHARACTER },
    { "AAA.", KS_DECODE_BAD_CHARACTER },
    { "AAA\x80", KS_DECODE_BAD_CHARACTER },
    { "\xc3\xa9\xc3\xa9", KS_DECODE_BAD_CHARACTER },
    { "AB", KS_DECODE_TRAILING_BITS },
    { "AB==", KS_DECODE_TRAILING_BITS },
    { "AAB", KS_DECODE_TRAILING_BITS },
    { "AAB=", KS_DECODE_TRAILING_BITS },
    { "Zh", KS_DECODE_TRAILING_BITS },
    { "Zm9=", KS_DECODE_TRAILING_BITS },
    { "AA==", KS_DECODE_OK },
    { "AAA=", KS_DECODE_OK },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %zu", i);
      g_assert_cmpint (decode (cases[i].text), ==, cases[i].result);
    }
}

/* Every byte at every place of a group. */
static void
test_base64_every_character (void)
{
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  for (int place = 0; place < 8; place++)
    for (int c = 1; c < 256; c++)
      {
        char text[] = "AAAAAAAA";
        bool good = strchr (alphabet, c) != NULL || (c == '=' && place == 7);

        text[place] = (char) c;
        g_assert_cmpint (decode (text), ==, good ? KS_DECODE_OK : KS_DECODE_BAD_CHARACTER);
      }
}

static void
test_base64_zero_within (void)
{
  uint8_t bytes[KS_BASE64_BYTES (8)];
  size_t size;

  g_assert_cmpint (ks_base64_decode ("AAAA\0AAA", 8, bytes, &size), ==, KS_DECODE_BAD_CHARACTER);
  g_assert_cmpint (ks_base64_decode_secret_exact ("AAAA\0AAA", 8, bytes, 6), ==, KS_DECODE_BAD_CHARACTER);
}

/* Fault F30: of all texts of two and three characters, just those decode that GLib would write. */
static void
test_base64_one_spelling (void)
{
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  gsize good = 0;

  for (int a = 0; a < 64; a++)
    for (int b = 0; b < 256; b++)
      {
        const char text[] = { 'A', alphabet[a], (char) b };
        uint8_t bytes[KS_BASE64_BYTES (3)];
        size_t size;

        if (ks_base64_decode (text, 3, bytes, &size) == KS_DECODE_OK)
          {
            g_autofree char *again =
                ks_base64_encode (bytes, size, b == '=' ? KS_BASE64_PADDED : KS_BASE64_UNPADDED);

            g_assert_true (g_str_has_prefix (again, "A"));
            g_assert_cmpmem (again, strlen (again), text, 3);
            good++;
          }
      }
  g_assert_cmpint (good, ==, 64 * 16);
}

/* Fault F30. */
static void
test_base64_exact (void)
{
  uint8_t bytes[8];

  g_assert_cmpint (ks_base64_decode_exact ("Zm9vYg", 6, bytes, 4), ==, KS_DECODE_OK);
  g_assert_cmpmem (bytes, 4, "foob", 4);
  g_assert_cmpint (ks_base64_decode_exact ("Zm9vYg==", 8, bytes, 4), ==, KS_DECODE_OK);
  g_assert_cmpint (ks_base64_decode_exact ("Zm9vYg", 6, bytes, 3), ==, KS_DECODE_WRONG_SIZE);
  g_assert_cmpint (ks_base64_decode_exact ("Zm9vYg", 6, bytes, 5), ==, KS_DECODE_WRONG_SIZE);
  g_assert_cmpint (ks_base64_decode_exact ("", 0, bytes, 4), ==, KS_DECODE_WRONG_SIZE);
  g_assert_cmpint (ks_base64_decode_exact ("Zm9v g", 6, bytes, 4), ==, KS_DECODE_BAD_CHARACTER);
  g_assert_cmpint (ks_base64_decode_exact ("Zm9v g", 6, bytes, 8), ==, KS_DECODE_BAD_CHARACTER);
  g_assert_cmpint (ks_base64_decode_exact ("Zm9vY", 5, bytes, 4), ==, KS_DECODE_BAD_LENGTH);
  g_assert_cmpint (ks_base64_decode_exact ("Zm9vYh", 6, bytes, 4), ==, KS_DECODE_TRAILING_BITS);
}

static void
test_base64_secret_wiped (void)
{
  const uint8_t zero[8] = { 0 };
  uint8_t bytes[8];

  memset (bytes, 'x', sizeof bytes);
  g_assert_cmpint (ks_base64_decode_secret_exact ("Zm9vYmFyZm-", 11, bytes, 8), ==, KS_DECODE_BAD_CHARACTER);
  g_assert_cmpmem (bytes, 8, zero, 8);
  memset (bytes, 'x', sizeof bytes);
  g_assert_cmpint (ks_base64_decode_secret_exact ("Zm9v", 4, bytes, 8), ==, KS_DECODE_WRONG_SIZE);
  g_assert_cmpmem (bytes, 8, zero, 8);
  g_assert_cmpint (ks_base64_decode_secret_exact ("Zm9vYmFyZm8=", 12, bytes, 8), ==, KS_DECODE_OK);
  g_assert_cmpmem (bytes, 8, "foobarfo", 8);
}

/* Against GLib's codec: bytes of every small size there and back, in both spellings, by
 * both decoders; and with one character changed at random. */
static void
test_base64_round_trips (void)
{
  for (int round = 0; round < ROUNDS; round++)
    {
      uint8_t bytes[200];
      gsize size = (gsize) g_test_rand_int_range (0, sizeof bytes + 1);
      KsBase64Padding padding = round % 2 == 0 ? KS_BASE64_PADDED : KS_BASE64_UNPADDED;
      g_autofree char *text = NULL, *expected = NULL;
      char secret_text[KS_BASE64_LENGTH (sizeof bytes) + 1];
      g_autofree uint8_t *decoded = g_malloc (KS_BASE64_BYTES (KS_BASE64_LENGTH (sizeof bytes)));
      size_t n;

      ks_random (bytes, size);
      text = ks_base64_encode (bytes, size, padding);
      expected = g_base64_encode (bytes, size);
      g_assert_true (g_str_has_prefix (expected, text));
      g_assert_cmpint (ks_base64_encode_secret_to (bytes, size, padding, secret_text), ==, strlen (text));
      g_assert_cmpstr (secret_text, ==, text);
      g_assert_cmpint (ks_base64_decode (text, strlen (text), decoded, &n), ==, KS_DECODE_OK);
      g_assert_cmpmem (decoded, n, bytes, size);
      g_assert_cmpint (ks_base64_decode_exact (text, strlen (text), decoded, size), ==, KS_DECODE_OK);
      g_assert_cmpint (ks_base64_decode_secret_exact (text, strlen (text), decoded, size), ==, KS_DECODE_OK);
      g_assert_cmpmem (decoded, size, bytes, size);
      if (size > 0)
        text[g_test_rand_int_range (0, (gint32) strlen (text))] = (char) g_test_rand_int_range (1, 256);
      if (size > 0 && round % 8 == 0)
        g_assert_cmpint (decode (text), <=, KS_DECODE_TRAILING_BITS);
    }
}

static void
test_base64_secret_round_trip (void)
{
  for (gsize size = 0; size < 70; size++)
    {
      g_autoptr (KsSecret) secret = ks_secret_new_random (size);
      g_autoptr (KsSecret) padded = ks_base64_encode_secret (secret, KS_BASE64_PADDED);
      g_autoptr (KsSecret) unpadded = ks_base64_encode_secret (secret, KS_BASE64_UNPADDED);
      g_autoptr (KsSecret) back = NULL;

      g_assert_cmpint (ks_secret_size (padded), ==, KS_BASE64_LENGTH (size));
      g_assert_cmpint (ks_secret_size (unpadded), ==, (size * 4 + 2) / 3);
      g_assert_cmpint (ks_base64_decode_secret ((const char *) ks_secret_bytes (padded),
                                                ks_secret_size (padded), &back),
                       ==, KS_DECODE_OK);
      g_assert_true (ks_secret_equal (back, secret));
    }
}

/* Bitcoin, src/test/data/base58_encode_decode.json (MIT), and draft-msporny-base58-03. */
static void
test_base58_vectors (void)
{
  static const struct
  {
    const char *hex;
    const char *text;
  } cases[] = {
    { "", "" },
    { "61", "2g" },
    { "626262", "a3gV" },
    { "636363", "aPEr" },
    { "73696d706c792061206c6f6e6720737472696e67", "2cFupjhnEsSn59qHXstmK2ffpLv2" },
    { "00eb15231dfceb60925886b67d065299925915aeb172c06647", "1NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9L" },
    { "516b6fcd0f", "ABnLTmg" },
    { "bf4f89001e670274dd", "3SEo3LWLoPntC" },
    { "572e4794", "3EFU7m" },
    { "ecac89cad93923c02321", "EJDM8drfXA6uyA" },
    { "10c8511e", "Rt5zm" },
    { "00000000000000000000", "1111111111" },
    { "48656c6c6f20576f726c6421", "2NEpo7TZRRrLZSi2U" },
    { "54686520717569636b2062726f776e20666f78206a756d7073206f76657220746865206c617a7920646f672e",
      "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z" },
    { "0000287fb4cd", "11233QC4" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = bytes_of_hex (cases[i].hex);
      gsize size;
      const uint8_t *expected = g_bytes_get_data (bytes, &size);
      char text[KS_BASE58_MAX_LENGTH + 1];
      uint8_t decoded[KS_BASE58_MAX_SIZE];
      size_t n;

      g_assert_cmpint (ks_base58_encode (expected, size, text), ==, strlen (cases[i].text));
      g_assert_cmpstr (text, ==, cases[i].text);
      g_assert_cmpint (ks_base58_decode (text, strlen (text), decoded, &n), ==, KS_DECODE_OK);
      g_assert_cmpmem (decoded, n, expected, size);
    }
}

static void
test_base58_round_trips (void)
{
  for (int round = 0; round < ROUNDS; round++)
    {
      uint8_t bytes[KS_BASE58_MAX_SIZE], decoded[KS_BASE58_MAX_SIZE];
      gsize size = (gsize) g_test_rand_int_range (0, KS_BASE58_MAX_SIZE + 1);
      char text[KS_BASE58_MAX_LENGTH + 1];
      size_t length, n;

      ks_random (bytes, size);
      memset (bytes, 0, MIN (size, (gsize) g_test_rand_int_range (0, 4)));
      length = ks_base58_encode (bytes, size, text);
      g_assert_cmpint (length, ==, strlen (text));
      g_assert_cmpint (strspn (text, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"), ==,
                       length);
      g_assert_cmpint (ks_base58_decode (text, length, decoded, &n), ==, KS_DECODE_OK);
      g_assert_cmpmem (decoded, n, bytes, size);
    }
}

/* Fault F30. */
static void
test_base58_malformed (void)
{
  const uint8_t zero[KS_BASE58_MAX_SIZE] = { 0 };
  uint8_t bytes[KS_BASE58_MAX_SIZE];
  char text[KS_BASE58_MAX_LENGTH + 1];
  size_t size;

  for (int c = 0; c < 256; c++)
    {
      char three[3] = { 'z', (char) c, 'z' };
      bool good = c != 0 && strchr ("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", c) != NULL;

      memset (bytes, 'x', sizeof bytes);
      g_assert_cmpint (ks_base58_decode (three, 3, bytes, &size), ==,
                       good ? KS_DECODE_OK : KS_DECODE_BAD_CHARACTER);
      if (!good)
        g_assert_cmpmem (bytes, sizeof bytes, zero, sizeof zero);
    }
  memset (text, 'z', sizeof text);
  g_assert_cmpint (ks_base58_decode (text, KS_BASE58_MAX_LENGTH + 1, bytes, &size), ==, KS_DECODE_WRONG_SIZE);
  g_assert_cmpint (ks_base58_decode (text, KS_BASE58_MAX_LENGTH, bytes, &size), ==, KS_DECODE_WRONG_SIZE);
  g_assert_cmpint (ks_base58_decode (text, 88, bytes, &size), ==, KS_DECODE_WRONG_SIZE);
  g_assert_cmpint (ks_base58_decode (text, 87, bytes, &size), ==, KS_DECODE_OK);
  g_assert_cmpint (size, ==, 64);
  memset (text, '1', sizeof text);
  g_assert_cmpint (ks_base58_decode (text, 64, bytes, &size), ==, KS_DECODE_OK);
  g_assert_cmpint (size, ==, 64);
  g_assert_cmpint (ks_base58_decode (text, 65, bytes, &size), ==, KS_DECODE_WRONG_SIZE);
  g_assert_cmpint (size, ==, 0);
}

static void
test_hex (void)
{
  g_autofree char *text = ks_hex_encode ("\x00\x7f\xab\xff", 4);
  g_autofree char *none = ks_hex_encode (NULL, 0);
  uint8_t bytes[4];

  g_assert_cmpstr (text, ==, "007fabff");
  g_assert_cmpstr (none, ==, "");
  g_assert_cmpint (ks_hex_decode_exact ("007FabfF", 8, bytes, 4), ==, KS_DECODE_OK);
  g_assert_cmpmem (bytes, 4, "\x00\x7f\xab\xff", 4);
  g_assert_cmpint (ks_hex_decode_exact ("007fabf", 7, bytes, 4), ==, KS_DECODE_BAD_LENGTH);
  g_assert_cmpint (ks_hex_decode_exact ("007fab", 6, bytes, 4), ==, KS_DECODE_WRONG_SIZE);
  g_assert_cmpint (ks_hex_decode_exact ("007fabff00", 10, bytes, 4), ==, KS_DECODE_WRONG_SIZE);
  for (int c = 0; c < 256; c++)
    {
      char eight[] = { '0', '0', '0', (char) c, '0', '0', '0', '0' };

      g_assert_cmpint (ks_hex_decode_exact (eight, 8, bytes, 4), ==,
                       g_ascii_isxdigit ((char) c) ? KS_DECODE_OK : KS_DECODE_BAD_CHARACTER);
    }
}

static void
test_hex_round_trips (void)
{
  for (int round = 0; round < ROUNDS; round++)
    {
      uint8_t bytes[64], decoded[64];
      gsize size = (gsize) g_test_rand_int_range (0, sizeof bytes + 1);
      g_autofree char *text = NULL;

      ks_random (bytes, size);
      text = ks_hex_encode (bytes, size);
      g_assert_cmpint (ks_hex_decode_exact (text, strlen (text), decoded, size), ==, KS_DECODE_OK);
      g_assert_cmpmem (decoded, size, bytes, size);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (spec_base64); i++)
    {
      g_autofree char *path = g_strdup_printf ("/encoding/vectors/matrix-spec/appendices/base64/%zu", i + 1);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_spec_base64);
    }
  g_test_add_func ("/encoding/vectors/olm/test_base64", test_olm_base64);
  g_test_add_func ("/encoding/vectors/bitcoin/base58_encode_decode", test_base58_vectors);
  g_test_add_func ("/encoding/base64/malformed", test_base64_malformed);
  g_test_add_func ("/encoding/base64/every-character", test_base64_every_character);
  g_test_add_func ("/encoding/base64/zero-within", test_base64_zero_within);
  g_test_add_func ("/encoding/base64/one-spelling", test_base64_one_spelling);
  g_test_add_func ("/encoding/base64/exact", test_base64_exact);
  g_test_add_func ("/encoding/base64/secret-wiped", test_base64_secret_wiped);
  g_test_add_func ("/encoding/base64/secret-round-trip", test_base64_secret_round_trip);
  g_test_add_func ("/encoding/base64/round-trips", test_base64_round_trips);
  g_test_add_func ("/encoding/base58/round-trips", test_base58_round_trips);
  g_test_add_func ("/encoding/base58/malformed", test_base58_malformed);
  g_test_add_func ("/encoding/hex/strict", test_hex);
  g_test_add_func ("/encoding/hex/round-trips", test_hex_round_trips);
  return g_test_run ();
}
