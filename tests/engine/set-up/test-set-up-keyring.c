/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A set-up whose Security Key is to be kept in the desktop keyring. The set-up is done
 * whatever the keyring does; where the key is, is told as it is.
 */

#include "engine/engine-fixture.h"

#include "crypto/ks-recovery-key.h"
#include "store/keyring-fixture.h"

#include <string.h>

typedef struct
{
  EngineFixture engine;
  KeyringFixture desktop;
  char text[KS_RECOVERY_KEY_LENGTH + 1]; /* of the key that is set up with */
} Fixture;

/* @data: NULL for the mock, else no service at all. */
static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  if (data == NULL)
    keyring_set_up_mock (&f->desktop, NULL);
  else
    keyring_set_up_nothing (&f->desktop, NULL);
  engine_set_up (&f->engine, data);
  engine_make_security_key (&f->engine, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (ks_recovery_key_format (ks_set_up_get_key (f->engine.set_up), f->text));
  ks_set_up_note_saved_async (f->engine.set_up, ks_set_up_get_key (f->engine.set_up),
                              KS_KEY_SAVED_FILE | KS_KEY_SAVED_KEYRING, "key.txt", NULL, engine_done,
                              &result);
  ks_set_up_note_saved_finish (f->engine.set_up, engine_wait (&result), &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  engine_tear_down (&f->engine, data);
  keyring_tear_down (&f->desktop, data);
}

static void
run (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  engine_run (&f->engine, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ks_set_up_get_stage (f->engine.set_up), ==, KS_SET_UP_DONE);
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
}

/* The key as a person would find it in the keyring. */
static void
assert_in_keyring (Fixture *f)
{
  const KsSetUpOutcome *outcome = ks_set_up_get_outcome (f->engine.set_up);
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) found =
      keyring_lookup (ks_profile_get_keyring (f->engine.profile), KS_KEYRING_SECURITY_KEY, ENGINE_USER,
                      f->engine.device_id, FALSE, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (ks_secret_bytes (found), ks_secret_size (found), f->text, strlen (f->text));
  g_assert_true (outcome->in_keyring);
  g_assert_null (outcome->keyring);
}

static void
assert_not_in_keyring (Fixture *f, KsKeyringErrorCode code)
{
  const KsSetUpOutcome *outcome = ks_set_up_get_outcome (f->engine.set_up);

  g_assert_false (outcome->in_keyring);
  g_assert_error (outcome->keyring, KS_KEYRING_ERROR, (int) code);
}

static void
test_kept (Fixture *f, gconstpointer data)
{
  run (f);
  assert_in_keyring (f);
}

static void
test_no_keyring (Fixture *f, gconstpointer data)
{
  run (f);
  assert_not_in_keyring (f, KS_KEYRING_ERROR_ABSENT);
}

static void
test_unlocking_refused (Fixture *f, gconstpointer data)
{
  keyring_control ("locked", "1");
  keyring_control ("prompt", "dismiss");
  run (f);
  assert_not_in_keyring (f, KS_KEYRING_ERROR_DENIED);
}

static void
test_no_answer (Fixture *f, gconstpointer data)
{
  ks_keyring_set_timeout (ks_profile_get_keyring (f->engine.profile), IMPATIENT);
  keyring_control ("mute", "1");
  run (f);
  assert_not_in_keyring (f, KS_KEYRING_ERROR_NO_ANSWER);
}

/* What does not read back is not called kept. */
static void
test_forged (Fixture *f, gconstpointer data)
{
  keyring_control ("forge", "1");
  run (f);
  assert_not_in_keyring (f, KS_KEYRING_ERROR_FAILED);
}

static void
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

/* Stopped while it waits for the person: that is no outcome, and the next run asks again. */
static void
test_stopped_while_it_is_locked (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  keyring_control ("locked", "1");
  keyring_control ("prompt", "silent");
  engine_at_step ("keyring", 1, cancel, cancellable);
  g_assert_false (engine_run (&f->engine, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (ks_set_up_get_stage (f->engine.set_up), ==, KS_SET_UP_KEY_SAVED);
  g_assert_null (ks_set_up_get_outcome (f->engine.set_up));
  keyring_control ("prompt", "accept");
  engine_restart (&f->engine);
  engine_refresh (&f->engine);
  g_assert_cmpint (ks_set_up_get_saved (f->engine.set_up), ==, KS_KEY_SAVED_FILE | KS_KEY_SAVED_KEYRING);
  run (f);
  assert_in_keyring (f);
}

#define ADD(name, data, test) g_test_add ("/set-up-keyring/" name, Fixture, data, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("kept", NULL, test_kept);
  ADD ("no-keyring", "nothing", test_no_keyring);
  ADD ("unlocking-refused", NULL, test_unlocking_refused);
  ADD ("no-answer", NULL, test_no_answer);
  ADD ("forged", NULL, test_forged);
  ADD ("stopped-while-it-is-locked", NULL, test_stopped_while_it_is_locked);
  return keyring_run_tests ();
}
