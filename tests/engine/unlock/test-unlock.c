/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Unlocking what Keepsake itself has set up: keys and phrases, right and wrong ones.
 */

#include "engine/unlock-fixture.h"

#include "crypto/ks-encoding.h"
#include "crypto/ks-kdf.h"
#include "engine/identity/ks-signed-json.h"
#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-json.h"
#include "store/ks-keyring-error.h"

#include <string.h>

#define PHRASE "caf\u00e9 lanterns over the \ufb01rst harbour"

/* Another client of the same user sees this session as signed by the self-signing key. */
static void
assert_signed_for_others (UnlockFixture *f)
{
  g_autofree char *answer =
      hs_fixture_request (f->engine.server, "POST", "/_matrix/client/v3/keys/query", f->engine.observer,
                          "{\"device_keys\":{\"" ENGINE_USER "\":[]}}", NULL);
  g_autoptr (JsonObject) object = ks_json_parse_object (answer, strlen (answer), NULL);
  g_autoptr (KsSecret) seed = unlock_open (f, KS_SECRET_SELF_SIGNING);
  JsonObject *of_user;
  JsonObject *device;
  uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE];
  g_autofree char *name = NULL;

  g_assert_true (ks_signing_public_key (seed, public_key));
  name = ks_base64_encode (public_key, sizeof public_key, KS_BASE64_UNPADDED);
  g_assert_true (
      ks_json_get_object (json_object_get_object_member (object, "device_keys"), ENGINE_USER, &of_user));
  g_assert_true (ks_json_get_object (of_user, f->engine.device_id, &device));
  g_assert_true (ks_signed_json_verify (device, ENGINE_USER, name, public_key));
}

static void
test_key (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;

  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_LOCKED);
  result = unlock_whole (f, f->text);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_READY);
  g_assert_cmpstr (result->key_id, ==, f->key_id);
  g_assert_true (result->is_default_key);
  g_assert_true (ks_secret_equal (result->found->key, f->key));
  g_assert_false (result->found->by_phrase);
  g_assert_cmpint (result->found->mistake.kind, ==, KS_KEY_MISTAKE_NONE);
  assert_signed_for_others (f);
  /* Nothing of the account was made anew. */
  g_assert_cmpuint (hs_fixture_count (f->engine.server, "^POST .*device_signing/upload"), ==, 1);
  g_assert_cmpuint (hs_fixture_count (f->engine.server, "^POST .*room_keys/version"), ==, 1);

  /* And it stays so. */
  engine_restart (&f->engine);
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
}

static void
test_key_twice (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) first G_GNUC_UNUSED = unlock_whole (f, f->text);
  g_autoptr (KsUnlockResult) second G_GNUC_UNUSED = unlock_whole (f, f->text);

  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_READY);
}

#define LETTERS "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

/* Whether the parity finds no mistake in it. */
static gboolean
is_whole_key (const char *text)
{
  KsSecret *key = ks_recovery_key_parse (text, strlen (text), NULL);

  ks_secret_unref (key);
  return key != NULL;
}

/* Every place in turn would take long: one of each kind, the first and the last. */
static void
test_key_with_one_mistake_is_put_right (UnlockFixture *f, gconstpointer data)
{
  const guint places[] = { 0, 21, KS_RECOVERY_KEY_LENGTH - 1 };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *text = g_strdup (f->text);
      g_autoptr (KsUnlockResult) result = NULL;

      text[places[i]] = text[places[i]] == 'x' ? 'y' : 'x';
      result = unlock_whole (f, text);
      g_assert_true (ks_secret_equal (result->found->key, f->key));
      g_assert_cmpint (result->found->mistake.kind, ==, KS_KEY_MISTAKE_MISTYPED);
      g_assert_cmpuint (KS_KEY_MISTAKE_GROUP (&result->found->mistake), ==, places[i] / 5 + 1);
    }
}

static void
test_swapped_neighbours_are_put_right (UnlockFixture *f, gconstpointer data)
{
  g_autofree char *text = g_strdup (f->text);
  g_autoptr (KsUnlockResult) result = NULL;
  guint at = 10;

  while (text[at] == ' ' || text[at + 1] == ' ' || text[at] == text[at + 1])
    at++;
  text[at] = f->text[at + 1];
  text[at + 1] = f->text[at];
  result = unlock_whole (f, text);
  g_assert_true (ks_secret_equal (result->found->key, f->key));
  g_assert_cmpint (result->found->mistake.kind, ==, KS_KEY_MISTAKE_SWAPPED);
  g_assert_cmpuint (KS_KEY_MISTAKE_GROUP (&result->found->mistake), ==, at / 5 + 1);
}

/* After one mistake in 256 the parity is right, and the key another one. */
static void
test_mistake_that_the_parity_misses_is_put_right (UnlockFixture *f, gconstpointer data)
{
  g_autofree char *text = g_strdup (f->text);
  g_autoptr (KsUnlockResult) result = NULL;
  const char *letter;
  guint place = 0;
  gboolean is_key = FALSE;

  while (!is_key)
    {
      text[place] = f->text[place];
      g_assert_cmpuint (++place, <, KS_RECOVERY_KEY_LENGTH);
      for (letter = LETTERS; !is_key && f->text[place] != ' ' && *letter != '\0'; letter++)
        {
          text[place] = *letter;
          is_key = *letter != f->text[place] && is_whole_key (text);
        }
    }
  result = unlock_whole (f, text);
  g_assert_true (ks_secret_equal (result->found->key, f->key));
  g_assert_cmpint (result->found->mistake.kind, ==, KS_KEY_MISTAKE_MISTYPED);
  g_assert_cmpuint (KS_KEY_MISTAKE_GROUP (&result->found->mistake), ==, place / 5 + 1);
}

static void
test_file_with_a_key_of_another_account_beside_it (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (32);
  g_autofree char *other_text = unlock_format (other);
  g_autofree char *file = g_strdup_printf ("work: %s\nat home: %s\n", other_text, f->text);
  g_autoptr (GError) error = NULL;
  g_autoptr (KsUnlockResult) result = unlock_with (f, file, KS_KEY_ENTRY_FILE, &error);

  g_assert_no_error (error);
  g_assert_true (ks_secret_equal (result->found->key, f->key));
}

static void
test_wrong_entries_are_told_apart (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (32);
  g_autofree char *other_text = unlock_format (other);
  g_autofree char *two_mistakes = g_strdup (f->text);
  g_autofree char *shorter = g_strndup (f->text, KS_RECOVERY_KEY_LENGTH - 1);
  g_autoptr (GError) error = NULL;

  two_mistakes[6] = two_mistakes[6] == 'x' ? 'y' : 'x';
  for (const char *letter = "xyz"; two_mistakes[41] == f->text[41] || is_whole_key (two_mistakes); letter++)
    two_mistakes[41] = *letter;
  unlock_assert_refused (f, other_text, KS_RECOVERY_ERROR_WRONG_KEY);
  unlock_assert_refused (f, two_mistakes, KS_RECOVERY_ERROR_BROKEN_KEY);
  unlock_assert_refused (f, shorter, KS_RECOVERY_ERROR_BROKEN_KEY);
  unlock_assert_refused (f, "correct horse battery staple", KS_RECOVERY_ERROR_NO_PHRASE);
  unlock_assert_refused (f, " \n", KS_RECOVERY_ERROR_NOT_A_KEY);
  unlock_assert_refused (f, "-----BEGIN MEGOLM SESSION DATA-----\n", KS_RECOVERY_ERROR_ROOM_KEY_FILE);
  g_assert_null (unlock_with (f, "milk and eggs", KS_KEY_ENTRY_FILE, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NOT_A_KEY);
}

/* The key that comes from a phrase opens by itself, and a wrong one is told as such. */
static void
test_phrase_and_its_key (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) by_phrase = NULL;
  g_autoptr (KsUnlockResult) by_key = NULL;

  unlock_assert_refused (f, "another phrase", KS_RECOVERY_ERROR_WRONG_PHRASE);
  by_phrase = unlock_whole (f, PHRASE);
  g_assert_true (by_phrase->found->by_phrase);
  g_assert_false (by_phrase->weak_phrase);
  g_assert_cmpint (by_phrase->found->form, ==, KS_PHRASE_AS_GIVEN);
  g_assert_true (ks_secret_equal (by_phrase->found->key, f->key));
  by_key = unlock_whole (f, f->text);
  g_assert_false (by_key->found->by_phrase);
}

/* Faults F34 and F35. */
static void
test_phrase_in_other_spellings (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) decomposed = unlock_whole (f, "cafe\u0301 lanterns over the \ufb01rst harbour");
  g_autoptr (KsUnlockResult) blanks = unlock_whole (f, "\u00a0" PHRASE " \n");

  g_assert_cmpint (decomposed->found->form, ==, KS_PHRASE_NFC);
  g_assert_false (decomposed->found->trimmed);
  g_assert_cmpint (blanks->found->form, ==, KS_PHRASE_AS_GIVEN);
  g_assert_true (blanks->found->trimmed);
}

static void
set_rounds (UnlockFixture *f, gint64 rounds)
{
  g_autoptr (JsonObject) description = unlock_read_description (f);

  json_object_set_int_member (json_object_get_object_member (description, "passphrase"), "iterations",
                              rounds);
  unlock_write_description (f, description);
}

/* Fault F29: a server that asks for hours of work gets none; the key itself still opens. */
static void
test_rounds_are_bounded (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;

  set_rounds (f, KS_PBKDF2_MAX_ITERATIONS + 1);
  unlock_assert_refused (f, PHRASE, KS_RECOVERY_ERROR_HARD_PHRASE);
  set_rounds (f, G_GINT64_CONSTANT (9007199254740991));
  unlock_assert_refused (f, PHRASE, KS_RECOVERY_ERROR_HARD_PHRASE);
  result = unlock_whole (f, f->text);
}

static gboolean
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

static void
cancel_soon (gpointer cancellable)
{
  g_timeout_add (200, cancel, cancellable);
}

/* Fault F29: while ten million rounds are under way the main loop goes on, and cancelling is heard at
 * once: it does not wait for the thread. */
static void
test_derivation_is_cancelled_at_once (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (KsSecret) phrase = ks_secret_new_copy ("wrong", 5);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gint64 cancelled;

  set_rounds (f, KS_PBKDF2_MAX_ITERATIONS);
  engine_at_step ("find", 1, cancel_soon, cancellable);
  ks_recovery_unlock_async (f->engine.recovery, phrase, KS_KEY_ENTRY_TYPED, KS_UNLOCK_DEFAULT, cancellable,
                            engine_done, &result);
  while (!g_cancellable_is_cancelled (cancellable))
    g_main_context_iteration (NULL, TRUE);
  cancelled = g_get_monotonic_time ();
  g_assert_null (ks_recovery_unlock_finish (f->engine.recovery, engine_wait (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - cancelled, <, G_USEC_PER_SEC);
  unlock_assert_locked (f);
}

/* Fault F29: a phrase of few rounds opens, and that it is weak is told. */
static void
test_weak_phrase_is_told (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;
  g_autoptr (KsSecret) phrase = ks_secret_new_copy ("few", 3);
  g_autoptr (KsSecret) weak = NULL;
  g_autoptr (JsonObject) description = NULL;

  g_assert_cmpint (ks_phrase_to_storage_key (phrase, "salt", 4, 1000, 256, &weak), ==, KS_PBKDF2_OK);
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autoptr (KsSecret) value = unlock_open (f, (KsSecretName) i);

      unlock_put (f, (KsSecretName) i, f->key_id, weak, value);
    }
  description = ks_secret_storage_describe (weak, "salt", 1000);
  unlock_write_description (f, description);
  result = unlock_whole (f, "few");
  g_assert_true (result->weak_phrase);
}

static void
test_room_keys_go_up_after_it (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;
  guint64 pending;

  engine_add_keys (&f->engine, 5, NULL);
  result = unlock_whole (f, f->text);
  g_assert_cmpuint (result->uploaded, ==, 5);
  engine_count (&f->engine, result->backup_version, &pending, NULL);
  g_assert_cmpuint (pending, ==, 0);
  g_assert_cmpint (ks_recovery_get_snapshot (f->engine.recovery)->backup_count, ==, 5);
}

/* What cannot go up makes nobody enter the key again. */
static void
test_unlocked_though_nothing_goes_up (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;
  g_autoptr (GError) error = NULL;

  engine_add_keys (&f->engine, 5, NULL);
  hs_fixture_rule (f->engine.server, "{\"method\":\"PUT\",\"path\":\"room_keys/keys\",\"times\":0,"
                                     "\"action\":\"answer\",\"kind\":\"html\"}");
  result = unlock_with (f, f->text, KS_KEY_ENTRY_TYPED, &error);
  g_assert_no_error (error);
  g_assert_nonnull (result->upload);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_READY);
}

static void
test_without_a_keyring (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) looked = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean has_key;

  ks_recovery_has_key_in_keyring_async (f->engine.recovery, NULL, engine_done, &looked);
  g_assert_false (
      ks_recovery_has_key_in_keyring_finish (f->engine.recovery, engine_wait (&looked), &has_key, &error));
  g_assert_error (error, KS_KEYRING_ERROR, KS_KEYRING_ERROR_ABSENT);
  g_clear_error (&error);
  ks_recovery_unlock_from_keyring_async (f->engine.recovery, KS_UNLOCK_DEFAULT, NULL, engine_done, &result);
  g_assert_null (ks_recovery_unlock_finish (f->engine.recovery, engine_wait (&result), &error));
  g_assert_error (error, KS_KEYRING_ERROR, KS_KEYRING_ERROR_ABSENT);
}

static void
test_one_at_a_time (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) text = ks_secret_new_copy (f->text, strlen (f->text));
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (KsUnlockResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ks_recovery_unlock_async (f->engine.recovery, text, KS_KEY_ENTRY_TYPED, KS_UNLOCK_DEFAULT, NULL,
                            engine_done, &first);
  ks_recovery_unlock_async (f->engine.recovery, text, KS_KEY_ENTRY_TYPED, KS_UNLOCK_DEFAULT, NULL,
                            engine_done, &second);
  g_assert_null (ks_recovery_unlock_finish (f->engine.recovery, engine_wait (&second), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&error);
  result = ks_recovery_unlock_finish (f->engine.recovery, engine_wait (&first), &error);
  g_assert_no_error (error);
}

#define ADD(name, phrase, test) \
  g_test_add ("/unlock/" name, UnlockFixture, phrase, unlock_set_up, test, unlock_tear_down)

int
main (int argc, char **argv)
{
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent", TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD ("key", NULL, test_key);
  ADD ("key-twice", NULL, test_key_twice);
  ADD ("key-with-one-mistake-is-put-right", NULL, test_key_with_one_mistake_is_put_right);
  ADD ("swapped-neighbours-are-put-right", NULL, test_swapped_neighbours_are_put_right);
  ADD ("mistake-that-the-parity-misses-is-put-right", NULL, test_mistake_that_the_parity_misses_is_put_right);
  ADD ("file-with-a-key-of-another-account-beside-it", NULL,
       test_file_with_a_key_of_another_account_beside_it);
  ADD ("wrong-entries-are-told-apart", NULL, test_wrong_entries_are_told_apart);
  ADD ("phrase-and-its-key", PHRASE, test_phrase_and_its_key);
  ADD ("phrase-in-other-spellings", PHRASE, test_phrase_in_other_spellings);
  ADD ("rounds-are-bounded", PHRASE, test_rounds_are_bounded);
  ADD ("derivation-is-cancelled-at-once", PHRASE, test_derivation_is_cancelled_at_once);
  ADD ("weak-phrase-is-told", PHRASE, test_weak_phrase_is_told);
  ADD ("room-keys-go-up-after-it", NULL, test_room_keys_go_up_after_it);
  ADD ("unlocked-though-nothing-goes-up", NULL, test_unlocked_though_nothing_goes_up);
  ADD ("without-a-keyring", NULL, test_without_a_keyring);
  ADD ("one-at-a-time", NULL, test_one_at_a_time);
  return g_test_run ();
}
