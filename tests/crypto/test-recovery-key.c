/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-encoding.h"
#include "crypto/ks-recovery-key.h"
#include "vectors.h"

#include <string.h>

#define ROUNDS 10000

static const char base58[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
static const char alice[] = "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d";

/* Texts of others and the bytes they stand for. RFC 7748's Alice is in the tests of many
 * clients; the last is base58_parsing of matrix-rust-sdk, secret_storage.rs. */
static const struct
{
  const char *name;
  const char *text;
  const char *hex;
} vectors[] = {
  { "matrix-rust-sdk/decryption/base58_decoding/1", "EsTcLW2KPGiFwKEA3As5g5c4BXwkqeeJZJV8Q9fugUMNUE4d",
    "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a" },
  { "matrix-rust-sdk/decryption/base58_decoding/2", alice,
    "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a" },
  { "matrix-js-sdk/crypto-test-data/bob", "EsT5 Sd5m mEXs NQYE ibRe 3q9E 4aXW rHih 5f9J 6rU6 AfwY mASR",
    "0f076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a" },
  { "matrix-js-sdk-43/setup", "EsTH JM5x JXqE FFpj und6 hjBi RrKo TkiV F3WB hfgQ msAF iq8Q",
    "36f1bc8f052e2aba6bdf95ffd8abf3074d2c9154e249c5fcd301f78b197f3a8d" },
  { "matrix-rust-sdk/secret_storage/base58_parsing",
    "EsT           pRvZTnjck8    YrhRAtw XLS84Nr2r9S9LGAWDaExVAPBvLRK   ",
    "9fbd46bb345171c6f6022c9a25d5681ba54eec6a6c4953f3adc0b96e9d91ada3" },
};

/* Texts of others that are refused, and how. */
static const struct
{
  const char *name;
  const char *text;
  KsRecoveryKeyFault fault;
} refused[] = {
  { "matrix-rust-sdk/secret_storage/base58_parsing/parity",
    "EsTpRvZTnjck8YrhRAtwXLS84Nr2r9S9LGAWDaExVAPBvLRk", KS_RECOVERY_KEY_BAD_PARITY },
  { "matrix-rust-sdk/secret_storage/base58_parsing/prefix",
    "AATpRvZTnjck8YrhRAtwXLS84Nr2r9S9LGAWDaExVAPBvLRk", KS_RECOVERY_KEY_BAD_PREFIX },
  { "matrix-rust-sdk/secret_storage/base58_parsing/length", "AATpRvZTnjck8YrhRAtwXLS84Nr2r9S9",
    KS_RECOVERY_KEY_TOO_SHORT },
  { "matrix-rust-sdk/secret_storage/base58_parsing/alphabet", "AATpRvZTnjck8YrhRAtwXLS84Nr0OIl",
    KS_RECOVERY_KEY_BAD_CHARACTER },
  { "matrix-rust-sdk/decryption/base58_decoding/parity",
    "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4e", KS_RECOVERY_KEY_BAD_PARITY },
  { "mautrix-go/ssss/meta_test/VerifyRecoveryKey_Invalid", "foo", KS_RECOVERY_KEY_TOO_SHORT },
};

static KsRecoveryKeyReading
read_text (const char *text)
{
  KsRecoveryKeyReading reading;
  g_autoptr (KsSecret) key = ks_recovery_key_parse (text, strlen (text), &reading);

  g_assert_true ((key != NULL) == (reading.fault == KS_RECOVERY_KEY_OK));
  g_assert_true ((reading.group != 0) == (reading.fault == KS_RECOVERY_KEY_BAD_CHARACTER));
  return reading;
}

static char *
without_spaces (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, " ", -1);

  return g_strjoinv ("", parts);
}

static void
test_vector (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GBytes) expected = bytes_of_hex (vectors[i].hex);
  g_autoptr (KsSecret) key = ks_recovery_key_parse (vectors[i].text, strlen (vectors[i].text), NULL);
  g_autofree char *expected_text = without_spaces (vectors[i].text);
  g_autofree char *formatted = NULL;
  char text[KS_RECOVERY_KEY_LENGTH + 1];

  g_assert_nonnull (key);
  g_assert_cmpmem (ks_secret_bytes (key), ks_secret_size (key), g_bytes_get_data (expected, NULL), 32);
  g_assert_true (ks_recovery_key_format (key, text));
  formatted = without_spaces (text);
  g_assert_cmpstr (formatted, ==, expected_text);
}

static void
test_refused_vector (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);

  g_assert_cmpint (read_text (refused[i].text).fault, ==, refused[i].fault);
}

/* matrix-js-sdk, spec/unit/crypto-api/recovery-key.spec.ts: the bytes 0 to 31, and one
 * letter in the wrong case. */
static void
test_js_sdk_counting_bytes (void)
{
  uint8_t bytes[32];
  g_autoptr (KsSecret) key = NULL;
  g_autoptr (KsSecret) back = NULL;
  char text[KS_RECOVERY_KEY_LENGTH + 1];

  for (uint8_t i = 0; i < 32; i++)
    bytes[i] = i;
  key = ks_secret_new_copy (bytes, sizeof bytes);
  g_assert_true (ks_recovery_key_format (key, text));
  g_assert_true (g_str_has_prefix (text, "EsSz"));
  back = ks_recovery_key_parse (text, strlen (text), NULL);
  g_assert_true (ks_secret_equal (back, key));
  text[3] = 'Z';
  g_assert_cmpint (read_text (text).fault, ==, KS_RECOVERY_KEY_BAD_PARITY);
}

/* Fault F36. */
static void
test_white_space (void)
{
  static const char *const spaces[] = {
    "\t",
    "\n",
    "\r\n",
    "\v",
    "\f",
    " ",
    "\xc2\x85",
    "\xc2\xa0",
    "\xe1\x9a\x80",
    "\xe2\x80\x80",
    "\xe2\x80\x83",
    "\xe2\x80\x89",
    "\xe2\x80\xa8",
    "\xe2\x80\xa9",
    "\xe2\x80\xaf",
    "\xe2\x81\x9f",
    "\xe3\x80\x80",
    /* unseen: zero-width space, marks, isolates, joiner, soft hyphen, byte order mark */
    "\xe2\x80\x8b",
    "\xe2\x80\x8e",
    "\xe2\x80\x8f",
    "\xe2\x81\xa6",
    "\xe2\x81\xa9",
    "\xe2\x81\xa0",
    "\xc2\xad",
    "\xef\xbb\xbf",
  };
  g_auto (GStrv) groups = g_strsplit (alice, " ", -1);

  for (gsize i = 0; i < G_N_ELEMENTS (spaces); i++)
    {
      g_autofree char *middle = g_strjoinv (spaces[i], groups);
      g_autofree char *text = g_strconcat (spaces[i], spaces[i], middle, spaces[i], NULL);
      KsRecoveryKeyReading reading = read_text (text);

      g_assert_cmpint (reading.fault, ==, KS_RECOVERY_KEY_OK);
      g_assert_cmpint (reading.characters, ==, KS_RECOVERY_KEY_CHARACTERS);
    }
}

static void
test_empty (void)
{
  g_assert_cmpint (read_text ("").fault, ==, KS_RECOVERY_KEY_EMPTY);
  g_assert_cmpint (read_text (" \n\xc2\xa0\xef\xbb\xbf").fault, ==, KS_RECOVERY_KEY_EMPTY);
}

static void
test_too_short_and_too_long (void)
{
  char text[KS_RECOVERY_KEY_LENGTH + 3];

  for (gsize length = 1; length < KS_RECOVERY_KEY_LENGTH; length++)
    {
      KsRecoveryKeyReading reading;

      memcpy (text, alice, length);
      text[length] = '\0';
      reading = read_text (text);
      g_assert_cmpint (reading.fault, ==, KS_RECOVERY_KEY_TOO_SHORT);
      g_assert_cmpint (reading.characters, ==, length - length / 5);
    }
  g_snprintf (text, sizeof text, "%s2", alice);
  g_assert_cmpint (read_text (text).fault, ==, KS_RECOVERY_KEY_TOO_LONG);
  g_assert_cmpint (read_text (text).characters, ==, 49);
}

/* Fault F36: in every group, every byte that no key holds is found there. */
static void
test_bad_character_names_its_group (void)
{
  for (unsigned group = 1; group <= KS_RECOVERY_KEY_GROUPS; group++)
    for (int c = 1; c < 256; c++)
      {
        g_autofree char *text = g_strdup (alice);
        KsRecoveryKeyReading reading;

        if (strchr (base58, c) != NULL || strchr (" \t\n\v\f\r", c) != NULL)
          continue;
        text[(group - 1) * 5 + c % 4] = (char) c;
        reading = read_text (text);
        g_assert_cmpint (reading.fault, ==, KS_RECOVERY_KEY_BAD_CHARACTER);
        g_assert_cmpint (reading.group, ==, group);
      }
}

static void
test_bad_character_first_and_far (void)
{
  g_autofree char *two = g_strdup (alice);
  g_autofree char *far = g_strconcat (alice, " 222l", NULL);
  KsRecoveryKeyReading reading;

  two[5] = 'O';
  two[40] = '0';
  g_assert_cmpint (read_text (two).group, ==, 2);
  g_assert_cmpint (read_text (far).group, ==, KS_RECOVERY_KEY_GROUPS);
  /* A letter that looks like one of the alphabet, and is none: Cyrillic. */
  reading = read_text ("EsTc LW2K PGiF w\xd0\x9a"
                       "EA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d");
  g_assert_cmpint (reading.fault, ==, KS_RECOVERY_KEY_BAD_CHARACTER);
  g_assert_cmpint (reading.group, ==, 4);
  g_assert_cmpint (reading.characters, ==, 48);
}

static void
test_zero_within (void)
{
  char text[sizeof alice];
  KsRecoveryKeyReading reading;

  memcpy (text, alice, sizeof alice);
  text[11] = '\0';
  g_assert_null (ks_recovery_key_parse (text, strlen (alice), &reading));
  g_assert_cmpint (reading.fault, ==, KS_RECOVERY_KEY_BAD_CHARACTER);
  g_assert_cmpint (reading.group, ==, 3);
}

/* Any other prefix is refused, although the parity is right: as such, or as a mistake
 * somewhere where the text begins like a key. */
static void
test_bad_prefix (void)
{
  gsize as_prefix = 0, as_mistake = 0;

  for (int prefix = 0; prefix < 0x10000; prefix++)
    {
      uint8_t raw[35] = { (uint8_t) (prefix >> 8), (uint8_t) prefix };
      char text[KS_BASE58_MAX_LENGTH + 1];
      KsRecoveryKeyFault fault;

      raw[34] = raw[0] ^ raw[1];
      if (prefix == 0x8b01 || ks_base58_encode (raw, sizeof raw, text) != KS_RECOVERY_KEY_CHARACTERS)
        continue;
      fault = read_text (text).fault;
      g_assert_cmpint (fault, ==,
                       g_str_has_prefix (text, "Es") ? KS_RECOVERY_KEY_BAD_PARITY
                                                     : KS_RECOVERY_KEY_BAD_PREFIX);
      as_prefix += fault == KS_RECOVERY_KEY_BAD_PREFIX;
      as_mistake += fault == KS_RECOVERY_KEY_BAD_PARITY;
    }
  g_assert_cmpint (as_prefix, >, 10000);
  g_assert_cmpint (as_mistake, >, 0);
  g_assert_cmpint (read_text ("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz").fault, ==,
                   KS_RECOVERY_KEY_BAD_PREFIX);
  g_assert_cmpint (read_text ("111111111111111111111111111111111111111111111111").fault, ==,
                   KS_RECOVERY_KEY_BAD_PREFIX);
}

/* One wrong character is caught at every place: by the prefix or by parity. In rare cases
 * base58 turns one wrong character into bytes of the same parity; that is less than one
 * in a hundred. */
static void
test_mistyped_character (void)
{
  gsize missed = 0, tried = 0;

  for (gsize i = 0; i < KS_RECOVERY_KEY_LENGTH; i++)
    for (const char *c = base58; *c != '\0' && alice[i] != ' '; c++)
      {
        g_autofree char *text = g_strdup (alice);
        KsRecoveryKeyFault fault;

        if (*c == alice[i])
          continue;
        text[i] = *c;
        fault = read_text (text).fault;
        tried++;
        if (fault == KS_RECOVERY_KEY_OK)
          missed++;
        else
          g_assert_true (fault == KS_RECOVERY_KEY_BAD_PARITY || fault == KS_RECOVERY_KEY_BAD_PREFIX);
      }
  g_assert_cmpint (tried, ==, 48 * 57);
  g_assert_cmpint (missed * 100, <, tried);
}

static void
test_format_wrong_size (void)
{
  g_autoptr (KsSecret) shorter = ks_secret_new_random (31);
  g_autoptr (KsSecret) longer = ks_secret_new_random (33);
  char text[KS_RECOVERY_KEY_LENGTH + 1] = "x";

  g_assert_false (ks_recovery_key_format (shorter, text));
  g_assert_cmpstr (text, ==, "");
  g_assert_false (ks_recovery_key_format (longer, text));
}

static void
test_round_trips (void)
{
  for (int round = 0; round < ROUNDS; round++)
    {
      g_autoptr (KsSecret) key = ks_secret_new_random (KS_RECOVERY_KEY_SIZE);
      g_autoptr (KsSecret) back = NULL;
      char text[KS_RECOVERY_KEY_LENGTH + 1];

      g_assert_true (ks_recovery_key_format (key, text));
      g_assert_cmpint (strlen (text), ==, KS_RECOVERY_KEY_LENGTH);
      g_assert_true (g_str_has_prefix (text, "Es"));
      for (gsize i = 4; i < KS_RECOVERY_KEY_LENGTH; i += 5)
        g_assert_cmpint (text[i], ==, ' ');
      back = ks_recovery_key_parse (text, strlen (text), NULL);
      g_assert_true (ks_secret_equal (back, key));
    }
}

static void
add_each (const char *name, gsize i, GTestDataFunc test)
{
  g_autofree char *full = g_strdup_printf ("/recovery-key/vectors/%s", name);

  g_test_add_data_func (full, GSIZE_TO_POINTER (i), test);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (vectors); i++)
    add_each (vectors[i].name, i, test_vector);
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    add_each (refused[i].name, i, test_refused_vector);
  g_test_add_func ("/recovery-key/vectors/matrix-js-sdk/recovery-key", test_js_sdk_counting_bytes);
  g_test_add_func ("/recovery-key/white-space", test_white_space);
  g_test_add_func ("/recovery-key/empty", test_empty);
  g_test_add_func ("/recovery-key/too-short-and-too-long", test_too_short_and_too_long);
  g_test_add_func ("/recovery-key/bad-character-names-its-group", test_bad_character_names_its_group);
  g_test_add_func ("/recovery-key/bad-character-first-and-far", test_bad_character_first_and_far);
  g_test_add_func ("/recovery-key/zero-within", test_zero_within);
  g_test_add_func ("/recovery-key/bad-prefix", test_bad_prefix);
  g_test_add_func ("/recovery-key/mistyped-character", test_mistyped_character);
  g_test_add_func ("/recovery-key/format-wrong-size", test_format_wrong_size);
  g_test_add_func ("/recovery-key/round-trips", test_round_trips);
  return g_test_run ();
}
