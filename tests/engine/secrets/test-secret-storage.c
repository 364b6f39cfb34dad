/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-secret-storage.h"

#include "crypto/ks-encoding.h"
#include "crypto/ks-recovery-key.h"
#include "crypto/ks-signing.h"
#include "engine/secrets/ks-key-description.h"
#include "matrix/ks-json.h"

#include <string.h>

/* An account that matrix-js-sdk 43.0.0 set up with a phrase on Synapse 1.160: the
 * Security Key that it gave out, the account data that it wrote, and the public master
 * key that it published. Made for these tests. */
#define JS_KEY "EsTH JM5x JXqE FFpj und6 hjBi RrKo TkiV F3WB hfgQ msAF iq8Q"
#define JS_KEY_ID "XZxgC9Ej5aQW3fihNxZPKxPsTIN7qbvo"
#define JS_MASTER "m.cross_signing.master"
#define JS_SECRET                                                                    \
  "{\"encrypted\":{\"" JS_KEY_ID "\":{\"iv\":\"Szyz03wj7j0L4QNyWuycmw==\","          \
  "\"ciphertext\":\"xWlPLGOxXV8yCYK75DwjFrSWOVlf0pYiSuJEMHrdXQ/+8lMxfUckjBLmyw==\"," \
  "\"mac\":\"nPnyWLaL3bkzu3f6LNd3i7AkjEjM1M1HLeYJX+w3kG8=\"}}}"
#define JS_MASTER_PUBLIC "5YtZdgRYVFGxabYLlQ/Jvvj5D602ZUVb5Uln3R3d/WA"

static JsonObject *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonObject *object = ks_json_parse_object (text, strlen (text), &error);

  g_assert_no_error (error);
  return object;
}

static KsSecret *
js_key (void)
{
  KsSecret *key = ks_recovery_key_parse (JS_KEY, strlen (JS_KEY), NULL);

  g_assert_nonnull (key);
  return key;
}

static void
test_opens_what_js_sdk_wrote (void)
{
  g_autoptr (KsSecret) key = js_key ();
  g_autoptr (JsonObject) content = parse (JS_SECRET);
  g_autoptr (KsSecret) value = NULL;
  uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE];
  g_autofree char *text = NULL;

  g_assert_cmpint (ks_secret_storage_open (content, JS_MASTER, JS_KEY_ID, key, &value), ==,
                   KS_STORED_SECRET_OK);
  g_assert_true (ks_signing_public_key (value, public_key));
  text = ks_base64_encode (public_key, sizeof public_key, KS_BASE64_UNPADDED);
  g_assert_cmpstr (text, ==, JS_MASTER_PUBLIC);
}

/* Threat A21: what a server moves to another name or another key's ID does not open. */
static void
test_moved_secret_does_not_open (void)
{
  g_autoptr (KsSecret) key = js_key ();
  g_autoptr (JsonObject) content = parse (JS_SECRET);
  g_autoptr (KsSecret) value = NULL;
  g_autoptr (KsSecret) other = ks_secret_new_random (KS_STORED_SECRET_SIZE);

  g_assert_cmpint (ks_secret_storage_open (content, "m.cross_signing.self_signing", JS_KEY_ID, key, &value),
                   ==, KS_STORED_SECRET_WRONG_KEY);
  g_assert_null (value);
  g_assert_cmpint (ks_secret_storage_open (content, JS_MASTER, JS_KEY_ID, other, &value), ==,
                   KS_STORED_SECRET_WRONG_KEY);
  g_assert_cmpint (ks_secret_storage_open (content, JS_MASTER, "another", key, &value), ==,
                   KS_STORED_SECRET_ABSENT);
  g_assert_cmpint (ks_secret_storage_open (NULL, JS_MASTER, JS_KEY_ID, key, &value), ==,
                   KS_STORED_SECRET_ABSENT);
  g_assert_null (value);
}

static void
test_what_is_put_opens_and_the_rest_is_carried_over (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_STORED_SECRET_SIZE);
  g_autoptr (KsSecret) value = ks_secret_new_random (KS_STORED_SECRET_SIZE);
  g_autoptr (JsonObject) before = parse ("{\"encrypted\":{\"other\":{\"x\":[1]}},\"of a newer client\":7}");
  g_autoptr (JsonObject) after = ks_secret_storage_put (before, JS_MASTER, "mine", key, value);
  g_autoptr (KsSecret) opened = NULL;
  g_autofree char *kept = ks_json_to_canonical (before, NULL, NULL);
  JsonObject *encrypted;

  g_assert_cmpstr (kept, ==, "{\"encrypted\":{\"other\":{\"x\":[1]}},\"of a newer client\":7}");
  g_assert_cmpint (ks_secret_storage_open (after, JS_MASTER, "mine", key, &opened), ==, KS_STORED_SECRET_OK);
  g_assert_true (ks_secret_equal (opened, value));
  json_object_remove_member (json_object_get_object_member (after, "encrypted"), "mine");
  g_assert_true (ks_json_get_object (after, "encrypted", &encrypted));
  {
    g_autofree char *rest = ks_json_to_canonical (after, NULL, NULL);

    g_assert_cmpstr (rest, ==, kept);
  }
}

/* 44 characters, padded: gomuks 0.3.0 refuses the other form. */
static void
test_plaintext_is_padded_base64 (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_STORED_SECRET_SIZE);
  g_autoptr (KsSecret) value = ks_secret_new_random (KS_STORED_SECRET_SIZE);
  g_autoptr (JsonObject) content = ks_secret_storage_put (NULL, JS_MASTER, "mine", key, value);
  g_autoptr (KsEncryptedSecret) secret = NULL;

  g_assert_cmpint (ks_encrypted_secret_read (content, "mine", &secret), ==, KS_KEY_DESCRIPTION_OK);
  g_assert_cmpuint (secret->size, ==, 44);
  g_assert_cmpuint (secret->iv_size, ==, KS_AES_HMAC_IV_SIZE);
}

static void
assert_padded (JsonObject *object, const char *name)
{
  const char *text;

  g_assert_true (ks_json_get_string (object, name, &text));
  g_assert_cmpuint (strlen (text) % 4, ==, 0);
}

/* NeoChat compares the text of "mac" with one that it pads; gomuks 0.3.1 reads nothing
 * unpadded. */
static void
test_all_that_is_written_is_padded (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_STORED_SECRET_SIZE);
  g_autoptr (KsSecret) value = ks_secret_new_random (KS_STORED_SECRET_SIZE);
  g_autoptr (JsonObject) content = ks_secret_storage_put (NULL, JS_MASTER, "mine", key, value);
  g_autoptr (JsonObject) description = ks_secret_storage_describe (key, NULL, 0);
  JsonObject *entry =
      json_object_get_object_member (json_object_get_object_member (content, "encrypted"), "mine");

  assert_padded (entry, "iv");
  assert_padded (entry, "mac");
  assert_padded (entry, "ciphertext");
  assert_padded (description, "iv");
  assert_padded (description, "mac");
}

/* Threat A20: the MAC leaves the IV out, so a flipped one opens to something else. */
static void
test_flipped_iv_gives_another_value_or_none (void)
{
  g_autoptr (KsSecret) key = js_key ();
  g_autoptr (KsSecret) right = NULL;
  g_autoptr (JsonObject) content = parse (JS_SECRET);

  g_assert_cmpint (ks_secret_storage_open (content, JS_MASTER, JS_KEY_ID, key, &right), ==,
                   KS_STORED_SECRET_OK);
  for (int bit = 0; bit < 128; bit++)
    {
      g_autoptr (KsSecret) value = NULL;
      JsonObject *entry =
          json_object_get_object_member (json_object_get_object_member (content, "encrypted"), JS_KEY_ID);
      uint8_t iv[16];
      g_autofree char *text = NULL;

      g_assert_cmpint (ks_base64_decode_exact ("Szyz03wj7j0L4QNyWuycmw==", 24, iv, sizeof iv), ==,
                       KS_DECODE_OK);
      iv[bit / 8] ^= (uint8_t) (1 << bit % 8);
      text = ks_base64_encode (iv, sizeof iv, KS_BASE64_PADDED);
      json_object_set_string_member (entry, "iv", text);
      switch (ks_secret_storage_open (content, JS_MASTER, JS_KEY_ID, key, &value))
        {
        case KS_STORED_SECRET_OK:
        case KS_STORED_SECRET_ODD:
          g_assert_false (ks_secret_equal (value, right));
          break;
        case KS_STORED_SECRET_NO_KEY:
          g_assert_null (value);
          break;
        case KS_STORED_SECRET_ABSENT:
        case KS_STORED_SECRET_BAD:
        case KS_STORED_SECRET_WRONG_KEY:
        default:
          g_assert_not_reached ();
        }
    }
}

/* The entry of the secret @name with @text as what is encrypted. */
static JsonObject *
put_text (const char *name, const KsSecret *key, const char *text)
{
  g_autoptr (JsonObject) content = json_object_new ();
  gsize size = strlen (text);
  g_autofree uint8_t *ciphertext = g_malloc (size + 1);
  uint8_t iv[KS_AES_HMAC_IV_SIZE];
  uint8_t mac[KS_AES_HMAC_MAC_SIZE];
  g_autofree char *iv_text = NULL;
  g_autofree char *mac_text = NULL;
  g_autofree char *ciphertext_text = NULL;

  g_assert_cmpint (ks_aes_hmac_encrypt (key, name, text, size, iv, ciphertext, mac), ==, KS_AES_HMAC_OK);
  iv_text = ks_base64_encode (iv, sizeof iv, KS_BASE64_PADDED);
  mac_text = ks_base64_encode (mac, sizeof mac, KS_BASE64_PADDED);
  ciphertext_text = ks_base64_encode (ciphertext, size, KS_BASE64_PADDED);
  ks_json_set_strings (ks_json_add_object (ks_json_add_object (content, "encrypted"), "mine"), "iv", iv_text,
                       "mac", mac_text, "ciphertext", ciphertext_text, NULL);
  return g_steal_pointer (&content);
}

typedef struct
{
  const char *name;
  const char *text;
  KsStoredSecretResult result;
  KsStoredSecretResult of_master;
} Spelling;

/* The bytes 200 to 231, which have every sign of base64 that can be odd. */
#define PLAIN "yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5uc"
#define TWICE "eU1uS3k4ek56cy9RMGRMVDFOWFcxOWpaMnR2YzNkN2Y0T0hpNCtUbDV1Yw"
#define NUMBERS(between)                                                                            \
  "200" between "201" between "202" between "203" between "204" between "205" between "206" between \
  "207" between "208" between "209" between "210" between "211" between "212" between "213" between \
  "214" between "215" between "216" between "217" between "218" between "219" between "220" between \
  "221" between "222" between "223" between "224" between "225" between "226" between "227" between \
  "228" between "229" between "230" between "231"
#define OK KS_STORED_SECRET_OK
#define ODD KS_STORED_SECRET_ODD
#define NO_KEY KS_STORED_SECRET_NO_KEY

static const Spelling spellings[] = {
  { "plain", PLAIN, OK, OK },
  { "padded", PLAIN "=", OK, OK },
  { "newline", PLAIN "\n", ODD, ODD },
  { "white-space", " \t" PLAIN "=\r\n", ODD, ODD },
  { "broken-lines", "yMnKy8zNzs/Q0dLT1NXW\n19jZ2tvc3d7f4OHi4+Tl5uc=\n", ODD, ODD },
  { "url-safe", "yMnKy8zNzs_Q0dLT1NXW19jZ2tvc3d7f4OHi4-Tl5uc", ODD, ODD },
  { "much-padding", PLAIN "==", ODD, ODD },
  { "trailing-bits", "yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5ud", ODD, ODD },
  { "twice", TWICE, ODD, ODD },
  { "twice-and-newline", TWICE "\n", ODD, ODD },
  { "thrice", "ZVUxdVMzazRlazU2Y3k5Uk1HUk1WREZPV0ZjeE9XcGFNblIyWXpOa04yWTBUMGhwTkN0VWJEVjFZdw", ODD, ODD },
  { "numbers", NUMBERS (","), ODD, NO_KEY },
  { "list", "[" NUMBERS (",") "]", ODD, NO_KEY },
  { "list-of-json", " [" NUMBERS (", ") "]\n", ODD, NO_KEY },
  { "no-commas", NUMBERS (" "), NO_KEY, NO_KEY },
  { "half-a-list", "[" NUMBERS (","), NO_KEY, NO_KEY },
  { "one-too-many", NUMBERS (",") ",1", NO_KEY, NO_KEY },
  { "empty-list", "[]", NO_KEY, NO_KEY },
  { "nothing", "", NO_KEY, NO_KEY },
  { "spaces", "  \n", NO_KEY, NO_KEY },
  { "words", "not a key at all", NO_KEY, NO_KEY },
};

static void
assert_opens_as (const char *name, const char *text, const KsSecret *expected, KsStoredSecretResult result)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_STORED_SECRET_SIZE);
  g_autoptr (JsonObject) content = put_text (name, key, text);
  g_autoptr (KsSecret) value = NULL;

  g_assert_cmpint (ks_secret_storage_open (content, name, "mine", key, &value), ==, result);
  g_assert_true ((value != NULL) == (result == OK || result == ODD));
  if (value != NULL)
    g_assert_true (ks_secret_equal (value, expected));
}

static KsSecret *
spelled_key (void)
{
  KsSecret *expected = ks_secret_new (KS_STORED_SECRET_SIZE);

  for (guint i = 0; i < KS_STORED_SECRET_SIZE; i++)
    ks_secret_writable (expected)[i] = (uint8_t) (200 + i);
  return expected;
}

static void
test_spelling (gconstpointer data)
{
  const Spelling *spelling = data;
  g_autoptr (KsSecret) expected = spelled_key ();

  assert_opens_as ("m.megolm_backup.v1", spelling->text, expected, spelling->result);
  assert_opens_as (JS_MASTER, spelling->text, expected, spelling->of_master);
}

/* As a person has it, with its spaces and without. */
static void
test_text_of_a_security_key_opens (void)
{
  g_autoptr (KsSecret) expected = spelled_key ();
  char text[KS_RECOVERY_KEY_LENGTH + 1];
  g_auto (GStrv) groups = NULL;
  g_autofree char *close = NULL;

  g_assert_true (ks_recovery_key_format (expected, text));
  assert_opens_as ("m.megolm_backup.v1", text, expected, ODD);
  groups = g_strsplit (text, " ", -1);
  close = g_strjoinv ("", groups);
  assert_opens_as ("m.megolm_backup.v1", close, expected, ODD);
  assert_opens_as (JS_MASTER, close, expected, ODD);
  close[20] = close[20] == 'x' ? 'y' : 'x';
  assert_opens_as ("m.megolm_backup.v1", close, expected, NO_KEY);
}

/* What is around the ciphertext is as odd as what is in it; as is Element's word for the key itself. */
static void
test_odd_entries_open_as_odd (void)
{
  g_autoptr (KsSecret) key = js_key ();
  g_autoptr (JsonObject) content = parse (JS_SECRET);
  g_autoptr (JsonObject) passed = parse ("{\"encrypted\":{\"mine\":{\"passthrough\":true}}}");
  g_autoptr (KsSecret) value = NULL;
  g_autoptr (KsSecret) itself = NULL;
  JsonObject *entry =
      json_object_get_object_member (json_object_get_object_member (content, "encrypted"), JS_KEY_ID);

  json_object_set_string_member (entry, "iv", "Szyz03wj7j0L4QNyWuycmw==\n");
  g_assert_cmpint (ks_secret_storage_open (content, JS_MASTER, JS_KEY_ID, key, &value), ==, ODD);
  g_assert_nonnull (value);
  g_assert_cmpint (ks_secret_storage_open (passed, "m.megolm_backup.v1", "mine", key, &itself), ==, ODD);
  g_assert_true (ks_secret_equal (itself, key));
}

static void
test_more_keys_than_are_listed (void)
{
  for (int more = 0; more < 2; more++)
    {
      g_autoptr (JsonObject) content = json_object_new ();
      JsonObject *encrypted = ks_json_add_object (content, "encrypted");
      g_auto (GStrv) ids = NULL;
      gboolean cut = !more;

      ks_json_add_object (encrypted, "but");
      ks_json_add_object (encrypted, "");
      for (int i = 1; i < KS_SECRET_STORAGE_MAX_KEYS + more; i++)
        {
          g_autofree char *id = g_strdup_printf ("key %d", i);

          ks_json_add_object (encrypted, id);
        }
      ids = ks_secret_storage_list_keys (&content, 1, "but", &cut);
      g_assert_cmpuint (g_strv_length (ids), ==, KS_SECRET_STORAGE_MAX_KEYS);
      g_assert_true (g_strv_contains ((const char *const *) ids, ""));
      g_assert_true (cut == more);
    }
}

static void
test_secret_of_another_size_is_no_key (void)
{
  const gsize sizes[] = { 0, 1, 31, 33, 64 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (KsSecret) key = ks_secret_new_random (KS_STORED_SECRET_SIZE);
      g_autoptr (KsSecret) value = ks_secret_new_random (sizes[i]);
      g_autoptr (JsonObject) content = ks_secret_storage_put (NULL, JS_MASTER, "mine", key, value);
      g_autoptr (KsSecret) opened = NULL;

      g_assert_cmpint (ks_secret_storage_open (content, JS_MASTER, "mine", key, &opened), ==,
                       KS_STORED_SECRET_NO_KEY);
      g_assert_null (opened);
    }
}

static void
test_description_can_be_read_again (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_STORED_SECRET_SIZE);
  g_autoptr (KsSecret) other = ks_secret_new_random (KS_STORED_SECRET_SIZE);
  g_autoptr (JsonObject) generated = ks_secret_storage_describe (key, NULL, 0);
  g_autoptr (JsonObject) derived = ks_secret_storage_describe (key, "salt", 500000);
  g_autoptr (KsKeyDescription) description = NULL;
  g_autoptr (KsKeyDescription) with_salt = NULL;

  g_assert_cmpint (ks_key_description_read (generated, &description), ==, KS_KEY_DESCRIPTION_OK);
  g_assert_null (description->salt);
  g_assert_cmphex (description->iv[8] & 0x80, ==, 0);
  g_assert_cmpint (ks_aes_hmac_check_key (key, description->iv, description->iv_size, description->mac,
                                          sizeof description->mac),
                   ==, KS_AES_HMAC_OK);
  g_assert_cmpint (ks_aes_hmac_check_key (other, description->iv, description->iv_size, description->mac,
                                          sizeof description->mac),
                   ==, KS_AES_HMAC_BAD_MAC);
  g_assert_cmpint (ks_key_description_read (derived, &with_salt), ==, KS_KEY_DESCRIPTION_OK);
  g_assert_cmpstr (with_salt->salt, ==, "salt");
  g_assert_cmpint (with_salt->iterations, ==, 500000);
}

static void
test_key_ids_are_new_and_plain (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int i = 0; i < 100; i++)
    {
      char *id = ks_secret_storage_new_key_id ();

      g_assert_cmpuint (strlen (id), ==, 32);
      for (const char *c = id; *c != '\0'; c++)
        g_assert_true (g_ascii_isalnum (*c));
      g_assert_true (g_hash_table_add (seen, id));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/secret-storage/opens-what-js-sdk-wrote", test_opens_what_js_sdk_wrote);
  g_test_add_func ("/secret-storage/moved-secret-does-not-open", test_moved_secret_does_not_open);
  g_test_add_func ("/secret-storage/put-opens-and-carries-over",
                   test_what_is_put_opens_and_the_rest_is_carried_over);
  g_test_add_func ("/secret-storage/plaintext-is-padded", test_plaintext_is_padded_base64);
  g_test_add_func ("/secret-storage/all-that-is-written-is-padded", test_all_that_is_written_is_padded);
  g_test_add_func ("/secret-storage/flipped-iv", test_flipped_iv_gives_another_value_or_none);
  for (gsize i = 0; i < G_N_ELEMENTS (spellings); i++)
    {
      g_autofree char *path = g_strconcat ("/secret-storage/spelling/", spellings[i].name, NULL);

      g_test_add_data_func (path, &spellings[i], test_spelling);
    }
  g_test_add_func ("/secret-storage/text-of-a-security-key", test_text_of_a_security_key_opens);
  g_test_add_func ("/secret-storage/odd-entries", test_odd_entries_open_as_odd);
  g_test_add_func ("/secret-storage/more-keys-than-are-listed", test_more_keys_than_are_listed);
  g_test_add_func ("/secret-storage/another-size-is-no-key", test_secret_of_another_size_is_no_key);
  g_test_add_func ("/secret-storage/description-can-be-read-again", test_description_can_be_read_again);
  g_test_add_func ("/secret-storage/key-ids", test_key_ids_are_new_and_plain);
  return g_test_run ();
}
