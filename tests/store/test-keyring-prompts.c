/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Locked keyrings, prompts, and services that do not answer.
 */

#include <string.h>

#include "store/keyring-fixture.h"

static void
test_locked_and_nobody_asked (KeyringFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (keyring_store (fixture, "ONE", "key", FALSE, NULL));
  keyring_control ("locked", "1");
  g_assert_cmpint (keyring_probe (fixture->keyring), ==, KS_KEYRING_LOCKED);
  keyring_assert_lookup_fails (fixture, "ONE", FALSE, KS_KEYRING_ERROR_LOCKED);
  /* A locked keyring is not taken for an empty one. */
  keyring_assert_lookup_fails (fixture, "TWO", FALSE, KS_KEYRING_ERROR_LOCKED);
  keyring_assert_store_fails (fixture, FALSE, KS_KEYRING_ERROR_LOCKED);
  g_assert_false (keyring_clear (fixture, "ONE", FALSE, &error));
  g_assert_error (error, KS_KEYRING_ERROR, KS_KEYRING_ERROR_LOCKED);
  g_assert_cmpint (ks_keyring_get_state (fixture->keyring), ==, KS_KEYRING_LOCKED);
  keyring_assert_mock ("prompts", "0");
  keyring_assert_mock ("items", "1");
}

static void
test_unlocked_by_the_person (KeyringFixture *fixture, gconstpointer data)
{
  g_autoptr (KsSecret) secret = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (keyring_store (fixture, "ONE", "key", FALSE, NULL));
  keyring_control ("locked", "1");
  secret = keyring_lookup (fixture->keyring, KS_KEYRING_SECURITY_KEY, ALICE, "ONE", TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (ks_secret_bytes (secret), ks_secret_size (secret), "key", 3);
  g_assert_cmpint (ks_keyring_get_state (fixture->keyring), ==, KS_KEYRING_READY);
  keyring_assert_mock ("prompts", "1");

  keyring_control ("locked", "1");
  g_assert_true (keyring_store (fixture, "ONE", "new", TRUE, &error));
  keyring_assert_mock ("prompts", "2");
  keyring_control ("locked", "1");
  g_assert_true (keyring_clear (fixture, "ONE", TRUE, &error));
  keyring_assert_mock ("prompts", "3");
  keyring_assert_mock ("items", "0");
}

static void
test_prompt_dismissed (KeyringFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (keyring_store (fixture, "ONE", "key", FALSE, NULL));
  keyring_control ("locked", "1");
  keyring_control ("prompt", "dismiss");
  keyring_assert_lookup_fails (fixture, "ONE", TRUE, KS_KEYRING_ERROR_DENIED);
  g_assert_cmpint (ks_keyring_get_state (fixture->keyring), ==, KS_KEYRING_DENIED);
  keyring_assert_store_fails (fixture, TRUE, KS_KEYRING_ERROR_DENIED);
  g_assert_false (keyring_clear (fixture, "ONE", TRUE, &error));
  g_assert_error (error, KS_KEYRING_ERROR, KS_KEYRING_ERROR_DENIED);
  keyring_assert_mock ("items", "1");

  /* And asked again, the person may think otherwise. */
  keyring_control ("prompt", "accept");
  g_assert_cmpint (keyring_probe (fixture->keyring), ==, KS_KEYRING_LOCKED);
  g_clear_error (&error);
  g_assert_true (keyring_store (fixture, "ONE", "new", TRUE, &error));
  keyring_assert_stored (fixture, "ONE", "new");
}

static void
test_first_keyring (KeyringFixture *fixture, gconstpointer data)
{
  keyring_control ("collection", "0");
  g_assert_cmpint (keyring_probe (fixture->keyring), ==, KS_KEYRING_LOCKED);
  keyring_assert_store_fails (fixture, FALSE, KS_KEYRING_ERROR_LOCKED);
  keyring_assert_lookup_fails (fixture, "ONE", FALSE, KS_KEYRING_ERROR_LOCKED);
  keyring_control ("prompt", "dismiss");
  keyring_assert_store_fails (fixture, TRUE, KS_KEYRING_ERROR_DENIED);
  keyring_control ("prompt", "accept");
  g_assert_true (keyring_store (fixture, "ONE", "key", TRUE, NULL));
  keyring_assert_stored (fixture, "ONE", "key");
}

static gboolean
on_tick (gpointer data)
{
  (*(guint *) data)++;
  return G_SOURCE_CONTINUE;
}

static void
test_nobody_answers_the_prompt (KeyringFixture *fixture, gconstpointer data)
{
  gint64 before;
  guint ticks = 0;
  guint ticker;

  keyring_control ("locked", "1");
  keyring_control ("prompt", "silent");
  ks_keyring_set_timeout (fixture->keyring, IMPATIENT);
  ticker = g_timeout_add (10, on_tick, &ticks);
  before = g_get_monotonic_time ();
  keyring_assert_lookup_fails (fixture, "ONE", TRUE, KS_KEYRING_ERROR_NO_ANSWER);
  g_assert_cmpint (g_get_monotonic_time () - before, >=, IMPATIENT * 1000);
  g_assert_cmpuint (ticks, >, 3);
  g_assert_cmpint (ks_keyring_get_state (fixture->keyring), ==, KS_KEYRING_NO_ANSWER);
  keyring_assert_store_fails (fixture, TRUE, KS_KEYRING_ERROR_NO_ANSWER);
  g_source_remove (ticker);
}

static void
test_service_does_not_answer (KeyringFixture *fixture, gconstpointer data)
{
  keyring_control ("mute", "1");
  ks_keyring_set_timeout (fixture->keyring, IMPATIENT);
  g_assert_cmpint (keyring_probe (fixture->keyring), ==, KS_KEYRING_NO_ANSWER);
  keyring_assert_lookup_fails (fixture, "ONE", FALSE, KS_KEYRING_ERROR_NO_ANSWER);
  keyring_control ("mute", "0");
  ks_keyring_set_timeout (fixture->keyring, PATIENT);
  g_assert_cmpint (keyring_probe (fixture->keyring), ==, KS_KEYRING_READY);
}

static gboolean
on_time_to_cancel (gpointer data)
{
  g_cancellable_cancel (data);
  return G_SOURCE_REMOVE;
}

static void
test_cancelled_at_once (KeyringFixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GError) error = NULL;

  keyring_control ("locked", "1");
  keyring_control ("prompt", "silent");
  ks_keyring_lookup_async (fixture->keyring, KS_KEYRING_SECURITY_KEY, ALICE, "ONE", TRUE, cancellable,
                           store_on_ready, &result);
  g_timeout_add (50, on_time_to_cancel, cancellable);
  g_assert_null (ks_keyring_lookup_finish (fixture->keyring, store_wait (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  g_cancellable_cancel (cancelled);
  ks_keyring_lookup_async (fixture->keyring, KS_KEYRING_SECURITY_KEY, ALICE, "ONE", TRUE, cancelled,
                           store_on_ready, &second);
  g_assert_null (ks_keyring_lookup_finish (fixture->keyring, store_wait (&second), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, NULL);
#define ADD(name, func) \
  g_test_add ("/keyring-prompts/" name, KeyringFixture, NULL, keyring_set_up_mock, func, keyring_tear_down)
  ADD ("locked-and-nobody-asked", test_locked_and_nobody_asked);
  ADD ("unlocked-by-the-person", test_unlocked_by_the_person);
  ADD ("prompt-dismissed", test_prompt_dismissed);
  ADD ("first-keyring", test_first_keyring);
  ADD ("nobody-answers-the-prompt", test_nobody_answers_the_prompt);
  ADD ("service-does-not-answer", test_service_does_not_answer);
  ADD ("cancelled-at-once", test_cancelled_at_once);
#undef ADD
  return keyring_run_tests ();
}
