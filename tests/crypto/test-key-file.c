/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "key-file-text.h"
#include "vectors.h"

#include <string.h>

#define ROUNDS 10000

static const uint8_t iv[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
static const char json[] = "[{\"algorithm\":\"m.megolm.v1.aes-sha2\",\"room_id\":\"!room:example.org\"}]";

#define PASSWORD_9 "passwordpasswordpasswordpasswordpasswordpasswordpasswordpasswordpassword"
#define ALPHANUMERIC "alphanumericallyalphanumericallyalphanumericallyalphanumerically"

/* matrix-react-sdk, test/utils/MegolmExportEncryption-test.ts; matrix-rust-sdk,
 * file_encryption/key_export.rs, of whose plaintext a part is compared. */
static const struct
{
  const char *file;
  const char *phrase;
  const char *plain;
  KsKeyFileCounter counter;
  uint32_t iterations;
} vectors[] = {
  { "matrix-react-sdk-1", "password", "plain", KS_KEY_FILE_COUNTER_128, 10 },
  { "matrix-react-sdk-2", "betterpassword", "Hello, World", KS_KEY_FILE_COUNTER_128, 1000 },
  { "matrix-react-sdk-3", "SWORDFISH", ALPHANUMERIC, KS_KEY_FILE_COUNTER_128, 1000 },
  { "matrix-react-sdk-4", PASSWORD_9 PASSWORD_9 PASSWORD_9 "passwordpasswordpasswordpasswordpassword",
    ALPHANUMERIC, KS_KEY_FILE_COUNTER_64, 1000 },
  { "matrix-rust-sdk", "1234", "[{\"algorithm\":\"m.megolm.v1.aes-sha2\",\"room_id\":\"!",
    KS_KEY_FILE_COUNTER_128, 1 },
};

static void
test_vector (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data), size;
  g_autofree char *name = g_strdup_printf ("key-files/%s.txt", vectors[i].file);
  g_autofree char *text = vector_file (name, &size);
  KsKeyFileCounter other =
      vectors[i].counter == KS_KEY_FILE_COUNTER_64 ? KS_KEY_FILE_COUNTER_128 : KS_KEY_FILE_COUNTER_64;
  gsize length = strlen (vectors[i].plain);

  for (gsize piece = 1; piece < size + 50; piece += 7)
    {
      g_autoptr (GByteArray) plain = g_byte_array_new (), garbled = g_byte_array_new ();
      g_autoptr (KsKeyFileProof) proof = NULL;

      g_assert_cmpint (key_file_read (text, size, piece, vectors[i].phrase, vectors[i].counter, plain), ==,
                       KS_KEY_FILE_OK);
      g_assert_cmpmem (plain->data, length, vectors[i].plain, length);
      g_assert_cmpint (key_file_verify (text, size, piece, vectors[i].phrase, &proof), ==, KS_KEY_FILE_OK);
      g_assert_cmpint (ks_key_file_proof_get_iterations (proof), ==, vectors[i].iterations);
      /* The other counter makes a difference just where it is said to. */
      g_assert_cmpint (key_file_read (text, size, piece, vectors[i].phrase, other, garbled), ==,
                       KS_KEY_FILE_OK);
      g_assert_true (ks_key_file_proof_counter_matters (proof)
                     == (memcmp (plain->data, garbled->data, plain->len) != 0));
      g_assert_true (ks_key_file_proof_counter_matters (proof)
                     == (vectors[i].counter == KS_KEY_FILE_COUNTER_64));
    }
}

/* matrix-react-sdk's three files that are none. */
static void
test_react_sdk_refused (void)
{
  static const struct
  {
    const char *text;
    KsKeyFileResult result;
  } cases[] = {
    { "-----", KS_KEY_FILE_NO_HEADER },
    { KEY_FILE_FIRST_LINE "\n-----", KS_KEY_FILE_DAMAGED },
    { KEY_FILE_FIRST_LINE "\n"
                          "AXNhbHRzYWx0c2FsdHNhbHSIiIiIiIiIiIiIiIiIiIiIAAAACmIRUW2OjZ3L2l6j9h0lHlV3M2dx\n"
                          "cissyYBxjsfsAn\n" KEY_FILE_END_LINE "\n",
      KS_KEY_FILE_DAMAGED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (KsKeyFileProof) proof = NULL;

      g_assert_cmpint (key_file_verify (cases[i].text, strlen (cases[i].text), 1000, "", &proof), ==,
                       cases[i].result);
    }
}

static void
assert_reads (const char *text, const char *expected)
{
  for (gsize piece = 1; piece <= 64; piece *= 4)
    {
      g_autoptr (GByteArray) plain = g_byte_array_new ();

      g_assert_cmpint (key_file_read (text, strlen (text), piece, "phrase", KS_KEY_FILE_COUNTER_128, plain),
                       ==, KS_KEY_FILE_OK);
      g_assert_cmpmem (plain->data, plain->len, expected, strlen (expected));
    }
}

static void
test_every_wrapping (void)
{
  static const char *const newlines[] = { "\n", "\r\n", "\r", " ", "\t\n", "\n\n  ", "\v", "" };

  /* Lengths that need no padding, one and two characters of it. */
  for (gsize cut = 0; cut < 3; cut++)
    {
      g_autofree char *plain = g_strndup (json, sizeof json - 1 - cut);
      g_autoptr (GByteArray) bytes = key_file_bytes ("phrase", iv, 1, plain, strlen (plain));

      for (gsize n = 0; n < G_N_ELEMENTS (newlines); n++)
        for (gsize width = 0; width < 140; width += width < 5 ? 1 : 19)
          {
            g_autofree char *padded = key_file_armour (bytes, width, newlines[n], true);
            g_autofree char *unpadded = key_file_armour (bytes, width, newlines[n], false);

            assert_reads (padded, plain);
            assert_reads (unpadded, plain);
          }
    }
}

static void
test_text_around (void)
{
  static const char *const before[] = { "",
                                        "\xef\xbb\xbf",
                                        "\n\n",
                                        "Here are my keys:\r\n\r\n",
                                        "-",
                                        "------\n",
                                        "-----BEGIN ",
                                        "-----BEGIN MEGOLM SESSION DATA----\n",
                                        "-----BEGIN PGP MESSAGE-----\n",
                                        "-----END MEGOLM SESSION DATA-----\n" };
  static const char *const after[] = {
    "",      "\n",   "\r\n",     "\n\n-- \nAlice\n",
    "-----", "AAAA", "\xff\xfe", "\n-----BEGIN MEGOLM SESSION DATA-----\n!"
  };
  g_autoptr (GByteArray) bytes = key_file_bytes ("phrase", iv, 1, json, strlen (json));
  g_autofree char *file = key_file_armour (bytes, 96, "\n", true);

  for (gsize b = 0; b < G_N_ELEMENTS (before); b++)
    for (gsize a = 0; a < G_N_ELEMENTS (after); a++)
      {
        g_autofree char *text = g_strconcat (before[b], file, after[a], NULL);

        assert_reads (text, json);
      }
}

static KsKeyFileResult
verdict (const char *text)
{
  g_autoptr (KsKeyFileProof) proof = NULL;

  return key_file_verify (text, strlen (text), 37, "phrase", &proof);
}

static void
test_wrong_phrase (void)
{
  g_autoptr (GByteArray) bytes = key_file_bytes ("another phrase", iv, 1, json, strlen (json));
  g_autofree char *text = key_file_armour (bytes, 96, "\n", true);

  g_assert_cmpint (verdict (text), ==, KS_KEY_FILE_WRONG_PHRASE);
}

/* White space before the list is no other beginning; a plaintext that is no list proves
 * nothing. */
static void
test_damage_is_told_from_a_wrong_phrase (void)
{
  static const struct
  {
    const char *plain;
    KsKeyFileResult changed;
  } cases[] = {
    { " \n [ { \"algorithm\":\"m.megolm.v1.aes-sha2\"}]", KS_KEY_FILE_DAMAGED },
    { "[{\"", KS_KEY_FILE_DAMAGED },
    { "[]", KS_KEY_FILE_WRONG_PHRASE },
    { "{\"rooms\":{}}", KS_KEY_FILE_WRONG_PHRASE },
    { "                [{\"a\":1}]", KS_KEY_FILE_WRONG_PHRASE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes =
          key_file_bytes ("phrase", iv, 1, cases[i].plain, strlen (cases[i].plain));
      g_autofree char *whole = key_file_armour (bytes, 96, "\n", true);
      g_autofree char *changed = NULL;

      g_assert_cmpint (verdict (whole), ==, KS_KEY_FILE_OK);
      bytes->data[bytes->len - 1] ^= 1;
      changed = key_file_armour (bytes, 96, "\n", true);
      g_assert_cmpint (verdict (changed), ==, cases[i].changed);
    }
}

/* Fault F40. */
static void
test_versions (void)
{
  g_autoptr (GByteArray) bytes = key_file_bytes ("phrase", iv, 1, json, strlen (json));

  for (int version = 0; version < 256; version++)
    {
      g_autofree char *text = NULL;

      bytes->data[0] = (guint8) version;
      text = key_file_armour (bytes, 96, "\n", true);
      g_assert_cmpint (verdict (text), ==, version == 1 ? KS_KEY_FILE_OK : KS_KEY_FILE_UNKNOWN_VERSION);
    }
}

/* Fault F29. */
static void
test_iterations (void)
{
  static const uint32_t refused[] = { 0, KS_PBKDF2_MAX_ITERATIONS + 1, 0x80000000, G_MAXUINT32 };
  g_autoptr (KsSecret) phrase = secret_of_text ("phrase");
  g_autoptr (GByteArray) nothing = g_byte_array_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GByteArray) bytes = key_file_bytes ("phrase", iv, refused[i], json, strlen (json));
      g_autofree char *text = key_file_armour (bytes, 96, "\n", true);

      g_assert_cmpint (verdict (text), ==, KS_KEY_FILE_BAD_ITERATIONS);
      g_assert_null (ks_key_file_encryptor_new (phrase, refused[i], key_file_append, nothing));
    }
  g_assert_null (ks_key_file_encryptor_new (phrase, -1, key_file_append, nothing));
  g_assert_null (ks_key_file_encryptor_new (phrase, (int64_t) G_MAXUINT32 + 2, key_file_append, nothing));
}

/* Every bit of the bytes inside but those of the rounds between 2^14 and 2^24, which take
 * too long to try. */
static void
test_each_byte_flipped (void)
{
  g_autoptr (GByteArray) bytes = key_file_bytes ("phrase", iv, 1, json, strlen (json));

  for (gsize i = 0; i < bytes->len; i++)
    for (int bit = 0; bit < 8; bit++)
      {
        g_autofree char *text = NULL;
        KsKeyFileResult expected = KS_KEY_FILE_WRONG_PHRASE;

        if (i == 34 || (i == 35 && bit >= 6))
          continue;
        if (i == 0)
          expected = KS_KEY_FILE_UNKNOWN_VERSION;
        /* Behind the three characters by which a list is known, the phrase is proven right. */
        if (i >= 40)
          expected = KS_KEY_FILE_DAMAGED;
        if (i == 33 || (i == 36 && bit == 0))
          expected = KS_KEY_FILE_BAD_ITERATIONS;
        bytes->data[i] ^= 1 << bit;
        text = key_file_armour (bytes, 96, "\n", true);
        bytes->data[i] ^= 1 << bit;
        g_assert_cmpint (verdict (text), ==, expected);
      }
}

/* Every bit of the text: refused, or still the same file to those who ignore white space. */
static void
test_each_character_flipped (void)
{
  g_autoptr (GByteArray) bytes = key_file_bytes ("phrase", iv, 1, json, strlen (json));
  g_autofree char *text = key_file_armour (bytes, 40, "\n", true);

  for (gsize i = 0; text[i] != '\0'; i++)
    for (int bit = 0; bit < 8; bit++)
      {
        g_autoptr (GByteArray) plain = g_byte_array_new ();
        gsize offset = i < strlen (KEY_FILE_FIRST_LINE) + 1 ? 0 : (i - strlen (KEY_FILE_FIRST_LINE) - 1);
        KsKeyFileResult result;

        /* The characters of the rounds; see above. */
        if (offset >= 45 && offset <= 49)
          continue;
        text[i] ^= (char) (1 << bit);
        result = key_file_read (text, strlen (text), 64, "phrase", KS_KEY_FILE_COUNTER_128, plain);
        text[i] ^= (char) (1 << bit);
        if (result == KS_KEY_FILE_OK)
          {
            g_assert_cmpint (text[i], ==, '\n');
            g_assert_cmpmem (plain->data, plain->len, json, strlen (json));
          }
        if (i < strlen (KEY_FILE_FIRST_LINE))
          g_assert_cmpint (result, ==, KS_KEY_FILE_NO_HEADER);
      }
}

static void
test_cut_short (void)
{
  g_autoptr (GByteArray) bytes = key_file_bytes ("phrase", iv, 1, json, strlen (json));
  g_autofree char *text = key_file_armour (bytes, 40, "\n", true);
  gsize whole = strlen (text);

  for (gsize length = 0; length < whole; length++)
    {
      text[length] = '\0';
      g_assert_cmpint (verdict (text), ==,
                       length < strlen (KEY_FILE_FIRST_LINE) ? KS_KEY_FILE_NO_HEADER : KS_KEY_FILE_DAMAGED);
      g_free (text);
      text = key_file_armour (bytes, 40, "\n", true);
    }
}

/* Whole lines, but too few bytes inside them. */
static void
test_too_few_bytes (void)
{
  g_autoptr (GByteArray) bytes = key_file_bytes ("phrase", iv, 1, "", 0);

  g_assert_cmpint (bytes->len, ==, 69);
  for (guint size = 0; size <= 69; size++)
    {
      g_autoptr (GByteArray) shorter = g_byte_array_new ();
      g_autofree char *text = NULL;

      g_byte_array_append (shorter, bytes->data, size);
      text = key_file_armour (shorter, 96, "\n", true);
      g_assert_cmpint (verdict (text), ==, size == 69 ? KS_KEY_FILE_OK : KS_KEY_FILE_DAMAGED);
    }
}

/* Fault F30. */
static void
test_bad_base64 (void)
{
  static const char *const wrong[] = { "A",    "AA=A", "AAA==",      "A===", "AB==",     "AAB=", "AA-A",
                                       "AA_A", "AA.A", "AA\xc2\xa0", "====", "AA==AAAA", "AAA=A" };
  g_autoptr (GByteArray) bytes = key_file_bytes ("phrase", iv, 1, "four", 4);
  g_autofree char *good = key_file_armour (bytes, 0, "\n", false);
  char *end = strstr (good, "\n-----END");

  while ((end - good - strlen (KEY_FILE_FIRST_LINE) - 1) % 4 != 0)
    end--;
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *whole_groups = g_strndup (good, (gsize) (end - good));
      g_autofree char *text = g_strconcat (whole_groups, wrong[i], "\n" KEY_FILE_END_LINE, NULL);
      g_autoptr (KsKeyFileProof) proof = NULL;

      for (gsize piece = 1; piece < 300; piece += 100)
        g_assert_cmpint (key_file_verify (text, strlen (text), piece, "phrase", &proof), ==,
                         KS_KEY_FILE_DAMAGED);
    }
}

static void
test_errors_stay (void)
{
  g_autoptr (KsSecret) phrase = secret_of_text ("phrase");
  g_autoptr (KsKeyFileVerifier) verifier = ks_key_file_verifier_new (phrase);
  g_autoptr (KsKeyFileProof) proof = NULL;
  g_autoptr (GByteArray) bytes = key_file_bytes ("phrase", iv, 1, json, strlen (json));
  g_autofree char *text = key_file_armour (bytes, 96, "\n", true);

  g_assert_cmpint (ks_key_file_verifier_update (verifier, KEY_FILE_FIRST_LINE "?AAA", 39), ==,
                   KS_KEY_FILE_DAMAGED);
  g_assert_cmpint (ks_key_file_verifier_update (verifier, text, strlen (text)), ==, KS_KEY_FILE_DAMAGED);
  g_assert_cmpint (ks_key_file_verifier_finish (verifier, &proof), ==, KS_KEY_FILE_DAMAGED);
  g_assert_null (proof);
  ks_key_file_verifier_free (verifier);
  verifier = ks_key_file_verifier_new (phrase);
  g_assert_cmpint (ks_key_file_verifier_update (verifier, text, strlen (text)), ==, KS_KEY_FILE_OK);
  g_assert_cmpint (ks_key_file_verifier_finish (verifier, &proof), ==, KS_KEY_FILE_OK);
  g_clear_pointer (&proof, ks_key_file_proof_free);
  g_assert_cmpint (ks_key_file_verifier_finish (verifier, &proof), ==, KS_KEY_FILE_FAILED);
  g_assert_null (proof);
}

/* Fault F32: what is written: lines as Element writes them, and nothing that needs tolerance. */
static void
test_written_form (void)
{
  for (gsize size = 0; size < 400; size += 13)
    {
      g_autofree uint8_t *plain = g_malloc (size + 1);
      g_autofree char *text = NULL;
      g_auto (GStrv) lines = NULL;
      g_autoptr (GByteArray) bytes = NULL;
      guint n;

      ks_random (plain, size);
      text = key_file_write ("phrase", 3, plain, size, 50);
      lines = g_strsplit (text, "\n", -1);
      n = g_strv_length (lines);
      g_assert_cmpstr (lines[0], ==, KEY_FILE_FIRST_LINE);
      g_assert_cmpstr (lines[n - 2], ==, KEY_FILE_END_LINE);
      g_assert_cmpstr (lines[n - 1], ==, "");
      for (guint i = 1; i < n - 3; i++)
        g_assert_cmpint (strlen (lines[i]), ==, 96);
      g_assert_cmpint (strlen (lines[n - 3]) % 4, ==, 0);
      bytes = key_file_unarmour (text);
      g_assert_cmpint (bytes->len, ==, 37 + size + 32);
      g_assert_cmpint (bytes->data[0], ==, 1);
      g_assert_cmpint (bytes->data[17 + 8] & 0x80, ==, 0);
      g_assert_cmpmem (bytes->data + 33, 4, "\0\0\0\3", 4);
    }
}

static void
test_round_trips (void)
{
  for (int round = 0; round < ROUNDS; round++)
    {
      gsize size = (gsize) g_test_rand_int_range (0, 600), piece = (gsize) g_test_rand_int_range (1, 700);
      uint8_t bytes[600];
      g_autoptr (GByteArray) plain = g_byte_array_new ();
      g_autofree char *text = NULL;

      ks_random (bytes, size);
      text = key_file_write ("phrase", 1, bytes, size, piece);
      g_assert_cmpint (key_file_read (text, strlen (text), piece, "phrase", KS_KEY_FILE_COUNTER_128, plain),
                       ==, KS_KEY_FILE_OK);
      g_assert_cmpmem (plain->data, plain->len, bytes, size);
      if (round % 100 == 0)
        g_assert_cmpint (verdict (text), ==, KS_KEY_FILE_OK);
    }
}

static void
add_each (const char *name, gsize i, GTestDataFunc test)
{
  g_autofree char *full = g_strdup_printf ("/key-file/vectors/%s", name);

  g_test_add_data_func (full, GSIZE_TO_POINTER (i), test);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (vectors); i++)
    add_each (vectors[i].file, i, test_vector);
  g_test_add_func ("/key-file/vectors/matrix-react-sdk-refused", test_react_sdk_refused);
  g_test_add_func ("/key-file/every-wrapping", test_every_wrapping);
  g_test_add_func ("/key-file/text-around", test_text_around);
  g_test_add_func ("/key-file/wrong-phrase", test_wrong_phrase);
  g_test_add_func ("/key-file/damage-is-told-from-a-wrong-phrase", test_damage_is_told_from_a_wrong_phrase);
  g_test_add_func ("/key-file/versions", test_versions);
  g_test_add_func ("/key-file/iterations", test_iterations);
  g_test_add_func ("/key-file/each-byte-flipped", test_each_byte_flipped);
  g_test_add_func ("/key-file/each-character-flipped", test_each_character_flipped);
  g_test_add_func ("/key-file/cut-short", test_cut_short);
  g_test_add_func ("/key-file/too-few-bytes", test_too_few_bytes);
  g_test_add_func ("/key-file/bad-base64", test_bad_base64);
  g_test_add_func ("/key-file/errors-stay", test_errors_stay);
  g_test_add_func ("/key-file/written-form", test_written_form);
  g_test_add_func ("/key-file/round-trips", test_round_trips);
  return g_test_run ();
}
