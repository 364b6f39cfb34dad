/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Unlocking with the Security Key that an earlier installation left in the keyring.
 */

#include "engine/unlock-fixture.h"
#include "store/keyring-fixture.h"

#include <string.h>

typedef struct
{
  KeyringFixture keyring;
  UnlockFixture unlock;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  keyring_set_up_mock (&f->keyring, NULL);
  unlock_set_up (&f->unlock, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  unlock_tear_down (&f->unlock, NULL);
  keyring_tear_down (&f->keyring, NULL);
}

static void
store (Fixture *f, const char *text)
{
  KsKeyring *keyring = ks_profile_get_keyring (f->unlock.engine.profile);
  g_autoptr (KsSecret) secret = ks_secret_new_copy (text, strlen (text));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ks_keyring_store_async (keyring, KS_KEYRING_SECURITY_KEY, ENGINE_USER, "BEFORE", secret, FALSE, NULL,
                          engine_done, &result);
  ks_keyring_store_finish (keyring, engine_wait (&result), &error);
  g_assert_no_error (error);
}

static gboolean
has_key (Fixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean has;

  ks_recovery_has_key_in_keyring_async (f->unlock.engine.recovery, NULL, engine_done, &result);
  ks_recovery_has_key_in_keyring_finish (f->unlock.engine.recovery, engine_wait (&result), &has, &error);
  g_assert_no_error (error);
  return has;
}

static KsUnlockResult *
unlock (Fixture *f, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_recovery_unlock_from_keyring_async (f->unlock.engine.recovery, KS_UNLOCK_DEFAULT, NULL, engine_done,
                                         &result);
  return ks_recovery_unlock_finish (f->unlock.engine.recovery, engine_wait (&result), error);
}

static void
test_key_of_an_earlier_installation (Fixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (has_key (f));
  g_assert_null (unlock (f, &error));
  g_assert_error (error, KS_KEYRING_ERROR, KS_KEYRING_ERROR_NOT_FOUND);
  g_clear_error (&error);
  store (f, f->unlock.text);
  g_assert_true (has_key (f));
  result = unlock (f, &error);
  g_assert_no_error (error);
  g_assert_true (result->device_verified);
  g_assert_cmpint (ks_recovery_get_state (f->unlock.engine.recovery), ==, KS_RECOVERY_READY);
}

/* Fault F44: a key that no longer fits is told as such, and stays where it is. */
static void
test_stale_key_is_told_and_kept (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (32);
  g_autofree char *text = unlock_format (other);
  g_autoptr (GError) error = NULL;

  store (f, text);
  g_assert_null (unlock (f, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_WRONG_KEY);
  unlock_assert_locked (&f->unlock);
  g_assert_true (has_key (f));
}

/* A keyring that is locked may hold the key: nobody says that it does not, and looking
 * asks nothing. */
static void
test_locked_keyring_cannot_tell (Fixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (KsUnlockResult) unlocked = NULL;
  g_autoptr (GError) error = NULL;
  gboolean has;

  store (f, f->unlock.text);
  keyring_control ("locked", "1");
  keyring_control ("prompt", "accept");
  ks_recovery_has_key_in_keyring_async (f->unlock.engine.recovery, NULL, engine_done, &result);
  g_assert_false (
      ks_recovery_has_key_in_keyring_finish (f->unlock.engine.recovery, engine_wait (&result), &has, &error));
  g_assert_error (error, KS_KEYRING_ERROR, KS_KEYRING_ERROR_LOCKED);
  g_clear_error (&error);
  /* Here the person is asked, and opens it. */
  unlocked = unlock (f, &error);
  g_assert_no_error (error);
}

static KsUnlockResult *
unlock_and_keep (Fixture *f)
{
  g_autoptr (GAsyncResult) waited = NULL;
  g_autoptr (KsSecret) text = ks_secret_new_copy (f->unlock.text, strlen (f->unlock.text));
  g_autoptr (GError) error = NULL;
  KsUnlockResult *result;

  ks_recovery_unlock_async (f->unlock.engine.recovery, text, KS_KEY_ENTRY_TYPED, KS_UNLOCK_KEEP_KEY, NULL,
                            engine_done, &waited);
  result = ks_recovery_unlock_finish (f->unlock.engine.recovery, engine_wait (&waited), &error);
  g_assert_no_error (error);
  return result;
}

/* What is kept opens the account's next session by itself. */
static void
test_typed_key_is_kept (Fixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = unlock_and_keep (f);
  g_autoptr (KsUnlockResult) again = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_no_error (result->keyring);
  g_assert_true (has_key (f));
  again = unlock (f, &error);
  g_assert_no_error (error);
  g_assert_true (ks_secret_equal (again->found->key, f->unlock.key));
}

/* Where other clients are told no key to ask for, this one is what a repair makes theirs. */
static void
test_key_is_kept_where_no_default_key_is_named (Fixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;

  engine_write (&f->unlock.engine, ENGINE_DEFAULT_KEY, "{}");
  engine_refresh (&f->unlock.engine);
  result = unlock_and_keep (f);
  g_assert_false (result->is_default_key);
  g_assert_true (has_key (f));
}

static void
test_nothing_is_kept_unasked (Fixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = unlock_whole (&f->unlock, f->unlock.text);

  g_assert_no_error (result->keyring);
  g_assert_false (has_key (f));
}

/* It is open all the same, and what became of the key is told. */
static void
test_keyring_that_refuses_stops_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;

  keyring_control ("locked", "1");
  keyring_control ("prompt", "dismiss");
  result = unlock_and_keep (f);
  g_assert_error (result->keyring, KS_KEYRING_ERROR, KS_KEYRING_ERROR_DENIED);
  g_assert_cmpint (ks_recovery_get_state (f->unlock.engine.recovery), ==, KS_RECOVERY_READY);
}

#define ADD(name, test) g_test_add ("/unlock-keyring/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("key-of-an-earlier-installation", test_key_of_an_earlier_installation);
  ADD ("stale-key-is-told-and-kept", test_stale_key_is_told_and_kept);
  ADD ("locked-keyring-cannot-tell", test_locked_keyring_cannot_tell);
  ADD ("typed-key-is-kept", test_typed_key_is_kept);
  ADD ("no-default-key", test_key_is_kept_where_no_default_key_is_named);
  ADD ("nothing-is-kept-unasked", test_nothing_is_kept_unasked);
  ADD ("keyring-that-refuses-stops-nothing", test_keyring_that_refuses_stops_nothing);
  return keyring_run_tests ();
}
