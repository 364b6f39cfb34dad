/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Phrases to the byte, and what a server may say of how they become keys.
 */

#include "engine/unlock-fixture.h"

#include "crypto/ks-kdf.h"
#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-json.h"

#include <string.h>

#define PHRASE "caf\u00e9 lanterns over the \ufb01rst harbour"
#define PHRASE_WITH_BLANKS " lanterns over the first harbour\t "

static JsonObject *
passphrase_of (JsonObject *description)
{
  JsonObject *passphrase;

  g_assert_true (ks_json_get_object (description, "passphrase", &passphrase));
  return passphrase;
}

/* Faults F34 and F35: other clients know nothing of forms or blanks: what they make of the
 * same bytes is the key. */
static void
test_phrase_is_taken_to_the_byte (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) description = unlock_read_description (f);
  g_autoptr (KsSecret) phrase = ks_secret_new_copy (data, strlen (data));
  g_autofree char *trimmed = g_strstrip (g_strdup (data));
  g_autoptr (KsSecret) key = NULL;
  g_autoptr (KsUnlockResult) result = NULL;
  const char *salt;
  gint64 rounds;

  g_assert_true (ks_json_get_string (passphrase_of (description), "salt", &salt));
  g_assert_true (ks_json_get_integer (passphrase_of (description), "iterations", &rounds));
  g_assert_cmpint (ks_phrase_to_storage_key (phrase, salt, strlen (salt), rounds, 256, &key), ==,
                   KS_PBKDF2_OK);
  g_assert_true (ks_secret_equal (key, f->key));
  if (!g_str_equal (trimmed, data))
    unlock_assert_refused (f, trimmed, KS_RECOVERY_ERROR_WRONG_PHRASE);
  result = unlock_whole (f, data);
  g_assert_cmpint (result->found->form, ==, KS_PHRASE_AS_GIVEN);
  g_assert_false (result->found->trimmed);
}

/* Fault F33: nobody writes such keys, but a server that wants to be told the phrase in parts, or
 * the work that it takes made less. The key itself still opens. */
static void
test_other_sizes_and_salts_are_refused (UnlockFixture *f, gconstpointer data)
{
  static const gint64 bits[] = { 0, -256, 128, 257, 512 };
  g_autoptr (JsonObject) honest = unlock_read_description (f);
  g_autofree char *long_salt = g_strnfill (1025, 's');
  g_autoptr (JsonObject) without_salt = ks_json_copy_object (honest);
  g_autoptr (JsonObject) with_long_salt = ks_json_copy_object (honest);
  g_autoptr (KsUnlockResult) result = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (bits); i++)
    {
      g_autoptr (JsonObject) description = ks_json_copy_object (honest);

      json_object_set_int_member (passphrase_of (description), "bits", bits[i]);
      unlock_write_description (f, description);
      unlock_assert_refused (f, data, KS_RECOVERY_ERROR_HARD_PHRASE);
    }
  json_object_set_string_member (passphrase_of (without_salt), "salt", "");
  unlock_write_description (f, without_salt);
  unlock_assert_refused (f, data, KS_RECOVERY_ERROR_HARD_PHRASE);
  json_object_set_string_member (passphrase_of (with_long_salt), "salt", long_salt);
  unlock_write_description (f, with_long_salt);
  unlock_assert_refused (f, data, KS_RECOVERY_ERROR_UNSUPPORTED);

  unlock_write_description (f, without_salt);
  result = unlock_whole (f, f->text);
  g_assert_false (result->found->by_phrase);
}

/* Stores all secrets under the key that comes from @bytes, as an old client hashed a phrase. */
static void
derive_from (UnlockFixture *f, const void *bytes, gsize size)
{
  g_autoptr (KsSecret) phrase = ks_secret_new_copy (bytes, size);
  g_autoptr (KsSecret) key = NULL;
  g_autoptr (JsonObject) description = NULL;

  g_assert_cmpint (ks_phrase_to_storage_key (phrase, "salt", 4, 100000, 256, &key), ==, KS_PBKDF2_OK);
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autoptr (KsSecret) value = unlock_open (f, (KsSecretName) i);

      unlock_put (f, (KsSecretName) i, f->key_id, key, value);
    }
  description = ks_secret_storage_describe (key, "salt", 100000);
  unlock_write_description (f, description);
}

/* libQuotient hashed Latin-1 until 2026. */
static void
test_phrase_that_was_set_as_latin_1 (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;

  derive_from (f,
               "caf\xe9 \xdc"
               "ber",
               9);
  result = unlock_whole (f, "caf\u00e9 \u00dcber");
  g_assert_cmpint (result->found->form, ==, KS_PHRASE_LATIN_1);
  g_assert_false (result->weak_phrase);
}

/* And where a letter has no byte there, anybody's phrase with one there is the same. */
static void
test_phrase_that_lost_letters_is_told_as_weak (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;

  derive_from (f, "??? ??", 6);
  result = unlock_whole (f, "\u5929\u5730\u7384 \u9ec3\u5b87");
  g_assert_cmpint (result->found->form, ==, KS_PHRASE_LATIN_1);
  g_assert_true (result->weak_phrase);
}

#define ADD(name, phrase, func) \
  g_test_add ("/unlock-phrases/" name, UnlockFixture, phrase, unlock_set_up, func, unlock_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("other-forms-are-taken-to-the-byte", PHRASE, test_phrase_is_taken_to_the_byte);
  ADD ("blanks-are-taken-to-the-byte", PHRASE_WITH_BLANKS, test_phrase_is_taken_to_the_byte);
  ADD ("other-sizes-and-salts-are-refused", PHRASE, test_other_sizes_and_salts_are_refused);
  ADD ("set-as-latin-1", NULL, test_phrase_that_was_set_as_latin_1);
  ADD ("lost-letters-are-told-as-weak", NULL, test_phrase_that_lost_letters_is_told_as_weak);
  return g_test_run ();
}
