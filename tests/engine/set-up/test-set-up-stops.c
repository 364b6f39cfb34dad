/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A set-up that is stopped from this side: cancelled, or let down by the disk.
 */

#include "engine/engine-fixture.h"

#include "store/ks-store-error.h"

#include <sqlite3.h>
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

/* How often others have changed the database since @database was opened. */
static int
count_commits (sqlite3 *database)
{
  sqlite3_stmt *statement = NULL;
  int count;

  g_assert_cmpint (sqlite3_prepare_v2 (database, "PRAGMA data_version", -1, &statement, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  count = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  return count;
}

typedef struct
{
  sqlite3 *database;
  int commits; /* as the step was entered, and nothing done yet; 0: it was not */
} Journal;

static void
on_journal (gpointer data)
{
  Journal *journal = data;

  journal->commits = count_commits (journal->database);
}

/* Makes the key, and cancels when the secrets are on the disk and nobody has been told. */
static void
make_and_cancel_behind_the_commit (EngineFixture *f, const char *phrase)
{
  g_autofree char *path = g_build_filename (f->top, "profile", "keepsake.db", NULL);
  g_autoptr (KsSecret) secret = phrase != NULL ? ks_secret_new_copy (phrase, strlen (phrase)) : NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Journal journal = { 0 };

  g_assert_cmpint (sqlite3_open (path, &journal.database), ==, SQLITE_OK);
  engine_at_step ("journal", 1, on_journal, &journal);
  ks_set_up_make_key_async (f->set_up, secret, cancellable, engine_done, &result);
  while (journal.commits == 0)
    g_main_context_iteration (NULL, TRUE);
  while (count_commits (journal.database) == journal.commits)
    g_thread_yield ();
  g_cancellable_cancel (cancellable);
  g_assert_false (ks_set_up_make_key_finish (f->set_up, engine_wait (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  sqlite3_close (journal.database);
}

/* Cancelled when the secrets are on the disk already: they are the ones, here as there, and
 * whatever is called next goes on with them. */
static void
test_key_is_made_once_it_is_written_down (EngineFixture *f, gconstpointer data)
{
  const char *phrase = data;
  g_autoptr (KsSecret) key = NULL;
  g_autoptr (GError) error = NULL;

  if (phrase != NULL)
    {
      /* Over a key that was made before. */
      engine_make_security_key (f, NULL, &error);
      g_assert_no_error (error);
    }
  make_and_cancel_behind_the_commit (f, phrase);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_KEY_MADE);
  g_assert_nonnull (ks_set_up_get_key (f->set_up));
  key = ks_secret_ref (ks_set_up_get_key (f->set_up));
  g_assert_cmpint (ks_set_up_has_phrase (f->set_up), ==, phrase != NULL);

  engine_make_security_key (f, phrase, &error);
  g_assert_no_error (error);
  g_assert_true (ks_secret_equal (ks_set_up_get_key (f->set_up), key));
  engine_restart (f);
  engine_refresh (f);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_KEY_MADE);
  g_assert_true (ks_secret_equal (ks_set_up_get_key (f->set_up), key));
  prepare (f);
  engine_run (f, NULL, &error);
  g_assert_no_error (error);
  assert_one_of_each (f);
}

/* Wherever the making of a key is stopped, the next call makes one that can be used. */
static void
test_making_cancelled_at_every_step (EngineFixture *f, gconstpointer data)
{
  gboolean made = FALSE;

  for (guint at = 1; !made; at++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;

      engine_at_step (NULL, at, cancel, cancellable);
      ks_set_up_make_key_async (f->set_up, NULL, cancellable, engine_done, &result);
      made = ks_set_up_make_key_finish (f->set_up, engine_wait (&result), &error);
      engine_at_step (NULL, 0, NULL, NULL);
      if (!made)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpint (ks_set_up_get_stage (f->set_up) == KS_SET_UP_KEY_MADE, ==,
                       ks_set_up_get_key (f->set_up) != NULL);
    }
  prepare (f);
}

/* The same for taking it back: what is off the disk is gone here too, and can be made anew. */
static void
test_key_is_gone_once_its_row_is (EngineFixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->top, "profile", "keepsake.db", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  sqlite3 *database = NULL;
  int commits;

  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  commits = count_commits (database);
  ks_set_up_discard_async (f->set_up, cancellable, engine_done, &result);
  while (count_commits (database) == commits)
    g_thread_yield ();
  g_cancellable_cancel (cancellable);
  sqlite3_close (database);
  g_assert_false (ks_set_up_discard_finish (f->set_up, engine_wait (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_NONE);
  g_assert_null (ks_set_up_get_key (f->set_up));
  prepare (f);
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

/* File systems know bytes, not characters: whatever the person's file is called, what is
 * journalled with its name can be read again. */
static void
test_file_name_in_any_encoding (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) key = NULL;

  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  key = ks_secret_ref (ks_set_up_get_key (f->set_up));
  ks_set_up_note_saved_async (f->set_up, key, KS_KEY_SAVED_FILE, "Schl\xfcssel.txt", NULL, engine_done,
                              &result);
  ks_set_up_note_saved_finish (f->set_up, engine_wait (&result), &error);
  g_assert_no_error (error);
  engine_restart (f);
  load (f, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_KEY_SAVED);
  g_assert_true (ks_secret_equal (ks_set_up_get_key (f->set_up), key));
  g_assert_true (g_str_has_prefix (ks_set_up_get_file_name (f->set_up), "Schl"));
  g_assert_true (g_str_has_suffix (ks_set_up_get_file_name (f->set_up), "ssel.txt"));
  g_assert_true (g_utf8_validate (ks_set_up_get_file_name (f->set_up), -1, NULL));
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
  g_test_add ("/set-up-stops/key-is-made-once-it-is-written-down/generated", EngineFixture, NULL,
              engine_set_up, test_key_is_made_once_it_is_written_down, engine_tear_down);
  g_test_add ("/set-up-stops/key-is-made-once-it-is-written-down/from-a-phrase", EngineFixture, "a phrase",
              engine_set_up, test_key_is_made_once_it_is_written_down, engine_tear_down);
  ADD ("making-cancelled-at-every-step", test_making_cancelled_at_every_step);
  ADD ("key-is-gone-once-its-row-is", test_key_is_gone_once_its_row_is);
  ADD ("damaged-journal", test_damaged_journal);
  ADD ("file-name-in-any-encoding", test_file_name_in_any_encoding);
  ADD ("late-load-leaves-a-run-alone", test_late_load_leaves_a_run_alone);
  return g_test_run ();
}
