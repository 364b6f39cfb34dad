/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-key-description.h"

#include "matrix/ks-json.h"

#include <string.h>

static JsonObject *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonObject *object = ks_json_parse_object (text, strlen (text), &error);

  g_assert_no_error (error);
  return object;
}

/* As matrix-js-sdk 43 wrote it on Synapse 1.160. */
static void
test_js_sdk_with_phrase (void)
{
  g_autoptr (JsonObject) content = parse (
      "{\"algorithm\":\"m.secret_storage.v1.aes-hmac-sha2\",\"passphrase\":{\"algorithm\":\"m.pbkdf2\","
      "\"iterations\":500000,\"salt\":\"cmJoDmHQ1TRRvU52tK4SEJy2zghIb9ce\"},\"iv\":\"gdvRI2liJqhDdZLiiGNQcA=="
      "\","
      "\"mac\":\"kyqv9zTLc1gQm9dcyNpw+ggNToBoaKQqhiJ/7oOYcwk=\"}");
  g_autoptr (KsKeyDescription) description = NULL;

  g_assert_cmpint (ks_key_description_read (content, &description), ==, KS_KEY_DESCRIPTION_OK);
  g_assert_true (description->has_check);
  g_assert_cmpuint (description->iv_size, ==, 16);
  g_assert_cmphex (description->iv[0], ==, 0x81);
  g_assert_cmphex (description->mac[0], ==, 0x93);
  g_assert_cmpstr (description->salt, ==, "cmJoDmHQ1TRRvU52tK4SEJy2zghIb9ce");
  g_assert_cmpint (description->iterations, ==, 500000);
  g_assert_cmpint (description->bits, ==, 256);
  g_assert_null (description->name);
}

typedef struct
{
  const char *name;
  const char *text;
  KsKeyDescriptionResult result;
} Case;

#define ALGORITHM "\"algorithm\":\"m.secret_storage.v1.aes-hmac-sha2\""
#define IV "\"iv\":\"gdvRI2liJqhDdZLiiGNQcA\""
#define MAC "\"mac\":\"kyqv9zTLc1gQm9dcyNpw+ggNToBoaKQqhiJ/7oOYcwk\""
#define LONG_IV "\"iv\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\""

static const Case descriptions[] = {
  { "emptied", "{}", KS_KEY_DESCRIPTION_ABSENT },
  { "without-check", "{" ALGORITHM "}", KS_KEY_DESCRIPTION_OK },
  { "null-check", "{" ALGORITHM ",\"iv\":null,\"mac\":null}", KS_KEY_DESCRIPTION_OK },
  { "unpadded", "{" ALGORITHM "," IV "," MAC "}", KS_KEY_DESCRIPTION_OK },
  { "long-iv", "{" ALGORITHM "," LONG_IV "," MAC "}", KS_KEY_DESCRIPTION_OK },
  { "named", "{" ALGORITHM ",\"name\":\"My key\"}", KS_KEY_DESCRIPTION_OK },
  { "extra-members", "{" ALGORITHM ",\"x\":[1,{}]}", KS_KEY_DESCRIPTION_OK },
  { "other-algorithm", "{\"algorithm\":\"m.secret_storage.v2\"}", KS_KEY_DESCRIPTION_UNKNOWN_ALGORITHM },
  { "no-algorithm", "{" IV "}", KS_KEY_DESCRIPTION_BAD },
  { "algorithm-type", "{\"algorithm\":1}", KS_KEY_DESCRIPTION_BAD },
  { "iv-alone", "{" ALGORITHM "," IV "}", KS_KEY_DESCRIPTION_BAD },
  { "mac-alone", "{" ALGORITHM "," MAC "}", KS_KEY_DESCRIPTION_BAD },
  { "short-iv", "{" ALGORITHM ",\"iv\":\"AAAA\"," MAC "}", KS_KEY_DESCRIPTION_BAD },
  { "short-mac", "{" ALGORITHM "," IV ",\"mac\":\"AAAA\"}", KS_KEY_DESCRIPTION_BAD },
  { "mac-type", "{" ALGORITHM "," IV ",\"mac\":7}", KS_KEY_DESCRIPTION_BAD },
  { "name-type", "{" ALGORITHM ",\"name\":{}}", KS_KEY_DESCRIPTION_BAD },
  { "passphrase-type", "{" ALGORITHM ",\"passphrase\":\"m.pbkdf2\"}", KS_KEY_DESCRIPTION_BAD },
  { "empty-passphrase", "{" ALGORITHM ",\"passphrase\":{}}", KS_KEY_DESCRIPTION_BAD },
  { "no-salt", "{" ALGORITHM ",\"passphrase\":{\"algorithm\":\"m.pbkdf2\",\"iterations\":1}}",
    KS_KEY_DESCRIPTION_BAD },
  { "no-iterations", "{" ALGORITHM ",\"passphrase\":{\"algorithm\":\"m.pbkdf2\",\"salt\":\"s\"}}",
    KS_KEY_DESCRIPTION_BAD },
};

static void
test_description (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (JsonObject) content = parse (c->text);
  g_autoptr (KsKeyDescription) description = NULL;

  g_assert_cmpint (ks_key_description_read (content, &description), ==, c->result);
  g_assert_true ((description != NULL) == (c->result == KS_KEY_DESCRIPTION_OK));
}

/* What its numbers say. 0: how the key comes from the phrase is not known here, and all else is. */
typedef struct
{
  const char *name;
  const char *passphrase;
  gint64 iterations;
  gint64 bits;
  gboolean common;
} PhraseCase;

#define PBKDF2 "\"algorithm\":\"m.pbkdf2\",\"salt\":\"s\""

static const PhraseCase phrases[] = {
  { "plain", PBKDF2 ",\"iterations\":500000", 500000, 256, TRUE },
  { "null-bits", PBKDF2 ",\"iterations\":500000,\"bits\":null", 500000, 256, TRUE },
  { "other-bits", PBKDF2 ",\"iterations\":500000,\"bits\":512", 500000, 512, TRUE },
  { "real-iterations", PBKDF2 ",\"iterations\":500000.0", 500000, 256, FALSE },
  { "text-iterations", PBKDF2 ",\"iterations\":\"500000\"", 500000, 256, FALSE },
  { "real-bits", PBKDF2 ",\"iterations\":1,\"bits\":256.0", 1, 256, FALSE },
  { "text-bits", PBKDF2 ",\"iterations\":1,\"bits\":\"256\"", 1, 256, FALSE },
  { "other-algorithm", "\"algorithm\":\"m.argon2\"", 0, 0, TRUE },
  { "no-algorithm", "\"salt\":\"s\",\"iterations\":1", 0, 0, TRUE },
  { "salt-type", "\"algorithm\":\"m.pbkdf2\",\"salt\":5,\"iterations\":1", 0, 0, TRUE },
  { "zero", PBKDF2 ",\"iterations\":0", 0, 0, TRUE },
  { "negative", PBKDF2 ",\"iterations\":-1", 0, 0, TRUE },
  { "negative-real", PBKDF2 ",\"iterations\":-1.0", 0, 0, TRUE },
  { "negative-text", PBKDF2 ",\"iterations\":\"-1\"", 0, 0, TRUE },
  { "fraction", PBKDF2 ",\"iterations\":1.5", 0, 0, TRUE },
  { "words", PBKDF2 ",\"iterations\":\"many\"", 0, 0, TRUE },
  { "empty-text", PBKDF2 ",\"iterations\":\"\"", 0, 0, TRUE },
  { "large-real", PBKDF2 ",\"iterations\":9007199254740992.0", 0, 0, TRUE },
  { "large-text", PBKDF2 ",\"iterations\":\"9007199254740992\"", 0, 0, TRUE },
  { "huge-real", PBKDF2 ",\"iterations\":1.0e300", 0, 0, TRUE },
  { "huge-text", PBKDF2 ",\"iterations\":\"99999999999999999999\"", 0, 0, TRUE },
  /* As is what no JSON of Matrix may hold, where answers are read. */
  { "null", PBKDF2 ",\"iterations\":null", 0, 0, TRUE },
  { "bits-list", PBKDF2 ",\"iterations\":1,\"bits\":[256]", 0, 0, TRUE },
};

static void
test_phrase (gconstpointer data)
{
  const PhraseCase *c = data;
  g_autofree char *text =
      g_strdup_printf ("{" ALGORITHM "," IV "," MAC ",\"passphrase\":{%s}}", c->passphrase);
  g_autoptr (JsonObject) content = parse (text);
  g_autoptr (KsKeyDescription) description = NULL;

  g_assert_cmpint (ks_key_description_read (content, &description), ==, KS_KEY_DESCRIPTION_OK);
  g_assert_true (description->has_check);
  g_assert_cmpint (description->iterations, ==, c->iterations);
  g_assert_cmpint (description->bits, ==, c->bits);
  g_assert_true ((description->salt != NULL) == (c->iterations > 0));
  g_assert_true (description->other_phrase == (c->iterations == 0));
  g_assert_true (ks_key_description_is_common (description) == c->common);
}

static void
test_long_salt_is_not_read (void)
{
  g_autofree char *salt = g_strnfill (KS_KEY_DESCRIPTION_MAX_SALT + 1, 's');
  g_autofree char *text =
      g_strdup_printf ("{" ALGORITHM
                       ",\"passphrase\":{\"algorithm\":\"m.pbkdf2\",\"salt\":\"%s\",\"iterations\":1}}",
                       salt);
  g_autoptr (JsonObject) content = parse (text);
  g_autoptr (KsKeyDescription) description = NULL;

  g_assert_cmpint (ks_key_description_read (content, &description), ==, KS_KEY_DESCRIPTION_OK);
  g_assert_null (description->salt);
  g_assert_true (description->other_phrase);
}

/* Where nothing is damaged but the spelling, and other clients would not read it. */
static void
test_odd_base64_is_read (void)
{
  const char *const spellings[] = {
    "\"iv\":\"gdvRI2liJqhDdZLiiGNQcA\\n\"," MAC,
    "\"iv\":\" gdvRI2liJqhD\\r\\ndZLiiGNQcA==\"," MAC,
    "\"iv\":\"gdvRI2liJqhDdZLiiGNQcA=\"," MAC,
    "\"iv\":\"gdvRI2liJqhDdZLiiGNQcB\"," MAC,
    IV ",\"mac\":\"kyqv9zTLc1gQm9dcyNpw-ggNToBoaKQqhiJ_7oOYcwk\"",
    IV ",\"mac\":\"kyqv9zTLc1gQm9dcyNpw+ggNToBoaKQqhiJ/7oOYcwk=\\n\"",
  };
  g_autoptr (JsonObject) plain = parse ("{" ALGORITHM "," IV "," MAC "}");
  g_autoptr (KsKeyDescription) expected = NULL;

  g_assert_cmpint (ks_key_description_read (plain, &expected), ==, KS_KEY_DESCRIPTION_OK);
  g_assert_true (ks_key_description_is_common (expected));
  for (gsize i = 0; i < G_N_ELEMENTS (spellings); i++)
    {
      g_autofree char *text = g_strdup_printf ("{" ALGORITHM ",%s}", spellings[i]);
      g_autoptr (JsonObject) content = parse (text);
      g_autoptr (KsKeyDescription) description = NULL;

      g_assert_cmpint (ks_key_description_read (content, &description), ==, KS_KEY_DESCRIPTION_OK);
      g_assert_cmpmem (description->iv, description->iv_size, expected->iv, expected->iv_size);
      g_assert_cmpmem (description->mac, sizeof description->mac, expected->mac, sizeof expected->mac);
      g_assert_false (ks_key_description_is_common (description));
    }
}

static void
test_no_content (void)
{
  g_autoptr (KsKeyDescription) description = NULL;
  g_autoptr (KsEncryptedSecret) secret = NULL;

  g_assert_cmpint (ks_key_description_read (NULL, &description), ==, KS_KEY_DESCRIPTION_ABSENT);
  g_assert_cmpint (ks_encrypted_secret_read (NULL, "key", &secret), ==, KS_KEY_DESCRIPTION_ABSENT);
}

#define SECRET(iv, mac, ciphertext) \
  "{\"encrypted\":{\"key\":{\"iv\":\"" iv "\",\"mac\":\"" mac "\",\"ciphertext\":\"" ciphertext "\"}}}"
#define GOOD_IV "BpKP9nQJTE9jrsAssoxPqQ=="
#define GOOD_MAC "/gWGDGMyOLmbJp+aoSLh5JxCs0AdS6nAhjzpe+9G2Q0="
#define GOOD_CIPHERTEXT "fNRiiiidezjerTgV+G6pUtmeF3izzj5re/mVvY0hO2kM6kYGrxLuIu2ej80="

static const Case secrets[] = {
  { "good", SECRET (GOOD_IV, GOOD_MAC, GOOD_CIPHERTEXT), KS_KEY_DESCRIPTION_OK },
  { "emptied", "{}", KS_KEY_DESCRIPTION_ABSENT },
  { "other-key", "{\"encrypted\":{\"other\":{}}}", KS_KEY_DESCRIPTION_ABSENT },
  { "empty-entry", "{\"encrypted\":{\"key\":{}}}", KS_KEY_DESCRIPTION_BAD },
  { "encrypted-type", "{\"encrypted\":[]}", KS_KEY_DESCRIPTION_BAD },
  { "entry-type", "{\"encrypted\":{\"key\":\"x\"}}", KS_KEY_DESCRIPTION_BAD },
  { "bad-iv", SECRET ("AAAA", GOOD_MAC, GOOD_CIPHERTEXT), KS_KEY_DESCRIPTION_BAD },
  { "bad-mac", SECRET (GOOD_IV, "AAAA", GOOD_CIPHERTEXT), KS_KEY_DESCRIPTION_BAD },
  { "bad-ciphertext", SECRET (GOOD_IV, GOOD_MAC, "A.A="), KS_KEY_DESCRIPTION_BAD },
  { "padding-inside", SECRET (GOOD_IV, GOOD_MAC, "AA==AA=="), KS_KEY_DESCRIPTION_BAD },
  { "odd", SECRET (GOOD_IV "\\n", GOOD_MAC "\\n", " AA =\\n"), KS_KEY_DESCRIPTION_OK },
  { "trailing-bits", SECRET (GOOD_IV, GOOD_MAC, "AB"), KS_KEY_DESCRIPTION_OK },
};

static void
test_secret (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (JsonObject) content = parse (c->text);
  g_autoptr (KsEncryptedSecret) secret = NULL;

  g_assert_cmpint (ks_encrypted_secret_read (content, "key", &secret), ==, c->result);
  g_assert_true ((secret != NULL) == (c->result == KS_KEY_DESCRIPTION_OK));
  if (secret != NULL)
    g_assert_true (ks_encrypted_secret_is_common (secret) == g_str_equal (c->name, "good"));
}

static void
test_long_ciphertext_is_refused (void)
{
  g_autofree char *ciphertext = g_strnfill (65540, 'A');
  g_autofree char *text = g_strdup_printf (SECRET (GOOD_IV, GOOD_MAC, "%s"), ciphertext);
  g_autoptr (JsonObject) content = parse (text);
  g_autoptr (KsEncryptedSecret) secret = NULL;

  g_assert_cmpint (ks_encrypted_secret_read (content, "key", &secret), ==, KS_KEY_DESCRIPTION_BAD);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key-description/js-sdk-with-phrase", test_js_sdk_with_phrase);
  for (gsize i = 0; i < G_N_ELEMENTS (descriptions); i++)
    {
      g_autofree char *path = g_strconcat ("/key-description/", descriptions[i].name, NULL);

      g_test_add_data_func (path, &descriptions[i], test_description);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (phrases); i++)
    {
      g_autofree char *path = g_strconcat ("/key-description/phrase/", phrases[i].name, NULL);

      g_test_add_data_func (path, &phrases[i], test_phrase);
    }
  g_test_add_func ("/key-description/long-salt-is-not-read", test_long_salt_is_not_read);
  g_test_add_func ("/key-description/odd-base64-is-read", test_odd_base64_is_read);
  g_test_add_func ("/key-description/no-content", test_no_content);
  for (gsize i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      g_autofree char *path = g_strconcat ("/encrypted-secret/", secrets[i].name, NULL);

      g_test_add_data_func (path, &secrets[i], test_secret);
    }
  g_test_add_func ("/encrypted-secret/long-ciphertext-is-refused", test_long_ciphertext_is_refused);
  return g_test_run ();
}
