/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A set-up that is stopped from this side: cancelled, or let down by the disk.
 */

#include "engine/engine-fixture.h"

#include "store/ks-store-error.h"

#include <string.h>

static void
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
prepare (EngineFixture *f)
{
  g_autoptr (GError) error = NULL;

  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  engine_note_saved (f, &error);
  g_assert_no_error (error);
}

static void
assert_one_of_each (EngineFixture *f)
{
  g_autofree char *second = engine_read (f, ENGINE_BACKUP "/2");

  g_assert_null (second);
  g_assert_cmpuint (hs_fixture_count (f->server, "^POST .*room_keys/version"), ==, 1);
  g_assert_cmpint (engine_refresh (f), ==, KS_RECOVERY_READY);
}

/* Each step in its turn is cancelled as it begins; every run goes on where the one before
 * it stopped, with the same key. */
static void
test_cancelled_at_every_step (EngineFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) key = NULL;
  guint at = 0;
  gboolean done = FALSE;

  engine_add_keys (f, 3, NULL);
  prepare (f);
  key = ks_secret_ref (ks_set_up_get_key (f->set_up));
  while (!done)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;

      engine_at_step (NULL, ++at, cancel, cancellable);
      done = engine_run (f, cancellable, &error);
      engine_at_step (NULL, 0, NULL, NULL);
      g_assert_true (ks_secret_equal (ks_set_up_get_key (f->set_up), key));
      if (done)
        break;
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_KEY_SAVED);
    }
  g_test_message ("done after %u runs", at);
  g_assert_cmpuint (at, >, 50);
  assert_one_of_each (f);
}

/* Cancelling when all is done and only the journal is being wiped comes too late: the
 * end is told as it was. */
static void
test_cancelled_too_late_is_done (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  prepare (f);
  engine_at_step ("journal", 3, cancel, cancellable);
  engine_run (f, cancellable, &error);
  g_assert_no_error (error);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_DONE);
  g_assert_nonnull (ks_set_up_get_outcome (f->set_up));
  assert_one_of_each (f);
}

/* The disk refuses the new secrets: those that were made before, and that somebody may
 * have written down by now, stay the ones. */
static void
test_key_that_cannot_be_written_down_does_not_count (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) key = NULL;

  engine_sql (f, "ALTER TABLE journal RENAME TO out_of_the_way");
  g_assert_false (engine_make_security_key (f, NULL, &error));
  g_assert_cmpuint (error->domain, ==, KS_STORE_ERROR);
  g_clear_error (&error);
  g_assert_null (ks_set_up_get_key (f->set_up));
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_NONE);
  engine_sql (f, "ALTER TABLE out_of_the_way RENAME TO journal");

  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  key = ks_secret_ref (ks_set_up_get_key (f->set_up));
  engine_sql (f, "ALTER TABLE journal RENAME TO out_of_the_way");
  g_assert_false (engine_make_security_key (f, "a phrase", &error));
  g_assert_cmpuint (error->domain, ==, KS_STORE_ERROR);
  g_clear_error (&error);
  g_assert_nonnull (ks_set_up_get_key (f->set_up));
  g_assert_true (ks_secret_equal (ks_set_up_get_key (f->set_up), key));
  g_assert_false (ks_set_up_has_phrase (f->set_up));
  g_assert_false (engine_note_saved (f, &error));
  g_assert_cmpuint (error->domain, ==, KS_STORE_ERROR);
  g_clear_error (&error);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_KEY_MADE);
  engine_sql (f, "ALTER TABLE out_of_the_way RENAME TO journal");
  engine_note_saved (f, &error);
  g_assert_no_error (error);
  engine_run (f, NULL, &error);
  g_assert_no_error (error);
  assert_one_of_each (f);
}

static gboolean
load (EngineFixture *f, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_set_up_load_async (f->set_up, NULL, engine_done, &result);
  return ks_set_up_load_finish (f->set_up, engine_wait (&result), error);
}

/* It is told as such, and where the account has nothing yet it is no dead end. */
static void
test_damaged_journal (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  prepare (f);
  engine_sql (f, "UPDATE journal SET payload_sealed = substr (payload_sealed, 1, 60)");
  engine_restart (f);
  g_assert_false (load (f, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED);
  g_clear_error (&error);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_NONE);
  g_assert_null (ks_set_up_get_key (f->set_up));
  g_assert_cmpint (engine_refresh (f), ==, KS_RECOVERY_NOT_SET_UP);

  prepare (f);
  engine_run (f, NULL, &error);
  g_assert_no_error (error);
  assert_one_of_each (f);
}

static GAsyncResult *ran; /* of the run that run_at_once() begins */

static void
run_at_once (GObject *set_up, GAsyncResult *result, gpointer data)
{
  ks_set_up_run_async (KS_SET_UP (set_up), NULL, engine_done, &ran);
}

/* Two who look at once, of whom the faster one goes on at once. */
static void
test_late_load_leaves_a_run_alone (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GError) error = NULL;

  prepare (f);
  engine_restart (f);
  ks_set_up_load_async (f->set_up, NULL, run_at_once, NULL);
  ks_set_up_load_async (f->set_up, NULL, engine_done, &second);
  ks_set_up_load_finish (f->set_up, engine_wait (&second), &error);
  g_assert_no_error (error);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_RUNNING);
  ks_set_up_run_finish (f->set_up, engine_wait (&ran), &error);
  g_assert_no_error (error);
  g_clear_object (&ran);
  assert_one_of_each (f);
}

#define ADD(name, test) \
  g_test_add ("/set-up-stops/" name, EngineFixture, NULL, engine_set_up, test, engine_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("cancelled-at-every-step", test_cancelled_at_every_step);
  ADD ("cancelled-too-late-is-done", test_cancelled_too_late_is_done);
  ADD ("key-that-cannot-be-written-down-does-not-count", test_key_that_cannot_be_written_down_does_not_count);
  ADD ("damaged-journal", test_damaged_journal);
  ADD ("late-load-leaves-a-run-alone", test_late_load_leaves_a_run_alone);
  return g_test_run ();
}
