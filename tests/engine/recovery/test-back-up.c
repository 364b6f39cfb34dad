/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Room keys that come to exist only here after all was set up: by one call, and by themselves.
 */

#include "engine/key-file-fixture.h"
#include "engine/recovery/ks-backup-keeper.h"
#include "engine/recovery/ks-recovery-back-up.h"
#include "matrix/ks-matrix-error.h"
#include "store/ks-store-error.h"

#define KEYS 4
#define BATCHES "^PUT .*room_keys/keys([?]|$)"
#define ALL_KEYS "/_matrix/client/v3/room_keys/keys?version=1"

typedef struct
{
  EngineFixture engine;
  KsBackupKeeper *keeper; /* owned; NULL: none yet */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) key = NULL;

  engine_set_up (&f->engine, data);
  engine_add_keys (&f->engine, KEYS, NULL);
  key = engine_set_up_whole (&f->engine);
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_object (&f->keeper);
  engine_tear_down (&f->engine, data);
}

static gboolean
back_up (Fixture *f, KsUploaded *sum, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_recovery_back_up_async (f->engine.recovery, NULL, engine_done, &result);
  return ks_recovery_back_up_finish (f->engine.recovery, engine_wait (&result), sum, error);
}

static void
lose_all (Fixture *f)
{
  g_free (hs_fixture_request (f->engine.server, "DELETE", ALL_KEYS, f->engine.observer, NULL, NULL));
}

/* What the last look found. */
static void
assert_counts (Fixture *f, gint64 on_server, guint64 pending, guint64 lost)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (f->engine.recovery);

  g_assert_cmpint (seen->backup_count, ==, on_server);
  g_assert_cmpuint (seen->pending_upload, ==, pending);
  g_assert_cmpuint (seen->lost_upload, ==, lost);
}

static guint
count_puts (Fixture *f)
{
  return hs_fixture_count (f->engine.server, BATCHES);
}

static void
test_new_keys_go_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint before = count_puts (f);
  KsUploaded sum;

  g_assert_true (back_up (f, &sum, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (sum.uploaded, ==, 0);
  g_assert_cmpuint (count_puts (f), ==, before);

  engine_add_keys (&f->engine, 3, NULL);
  g_assert_true (back_up (f, &sum, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (sum.uploaded, ==, 3);
  assert_counts (f, KEYS + 3, 0, 0);
}

/* Fault F13. */
static void
test_lost_keys_go_up_again (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KsUploaded sum;

  lose_all (f);
  engine_refresh (&f->engine);
  assert_counts (f, 0, 0, KEYS);
  g_assert_true (back_up (f, &sum, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (sum.uploaded, ==, KEYS);
  assert_counts (f, KEYS, 0, 0);
}

static void
test_server_that_loses_all_again_is_not_filled_for_ever (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint puts;

  lose_all (f);
  g_assert_true (back_up (f, NULL, &error));
  puts = count_puts (f);
  lose_all (f);
  g_assert_true (back_up (f, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_puts (f), ==, puts);
  assert_counts (f, 0, 0, KEYS);
}

/* Stopped between forgetting and uploading, as by a kill there: the next one goes on. */
static void
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
test_stopped_before_the_upload_all_is_pending (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  lose_all (f);
  engine_at_step ("upload", 1, cancel, cancellable);
  ks_recovery_back_up_async (f->engine.recovery, cancellable, engine_done, &result);
  g_assert_false (ks_recovery_back_up_finish (f->engine.recovery, engine_wait (&result), NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  engine_restart (&f->engine);
  engine_refresh (&f->engine);
  assert_counts (f, 0, KEYS, 0);
  g_assert_true (back_up (f, NULL, &error));
  assert_counts (f, KEYS, 0, 0);
}

/* A new session, which has not opened the backup, has no business in it. */
static void
test_locked_session_uploads_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint before = count_puts (f);

  engine_reinstall (&f->engine);
  engine_add_keys (&f->engine, 2, NULL);
  g_assert_false (back_up (f, NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_LOCKED);
  g_assert_cmpuint (count_puts (f), ==, before);
}

/* Another client's version, which comes to be current after this one was looked at. */
static void
replace_version (gpointer data)
{
  Fixture *f = data;

  g_free (hs_fixture_request (f->engine.server, "POST", ENGINE_BACKUP, f->engine.observer,
                              "{\"algorithm\":\"m.megolm_backup.v1.curve25519-aes-sha2\","
                              "\"auth_data\":{\"public_key\":\"hSDwCYkwp1R0i33ctD73Wg2/"
                              "Og0mOBr066SpjqqbTmo\",\"signatures\":{}}}",
                              NULL));
}

static void
test_replaced_backup_gets_nothing_and_is_told (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) current = NULL;

  engine_add_keys (&f->engine, 2, NULL);
  engine_at_step ("upload", 1, replace_version, f);
  g_assert_false (back_up (f, NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_UNTRUSTED);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_UNTRUSTED);
  current = engine_read_object (&f->engine, ENGINE_BACKUP);
  g_assert_cmpint (json_object_get_int_member (current, "count"), ==, 0);
}

static void
keep (Fixture *f)
{
  f->keeper = ks_backup_keeper_new (f->engine.recovery);
}

/* Until it has nothing to do. */
static void
wait_until_kept (Fixture *f, gint64 on_server)
{
  while (ks_backup_keeper_is_uploading (f->keeper, NULL, NULL)
         || ks_recovery_get_snapshot (f->engine.recovery)->backup_count < on_server)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_keeper_uploads_what_a_look_finds (Fixture *f, gconstpointer data)
{
  keep (f);
  engine_add_keys (&f->engine, 3, NULL);
  lose_all (f);
  engine_refresh (&f->engine);
  wait_until_kept (f, KEYS + 3);
  assert_counts (f, KEYS + 3, 0, 0);
  g_assert_null (ks_backup_keeper_get_failure (f->keeper));
}

static void
test_keeper_uploads_what_was_imported (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made = key_file_make_keys (5);
  g_autofree char *list = key_file_list (made);
  g_autofree char *path = key_file_save_plain (&f->engine, "keys.txt", list);
  g_autoptr (GError) error = NULL;
  g_autoptr (KsKeyReport) report = NULL;

  keep (f);
  report = key_file_import (&f->engine, path, KEY_FILE_PHRASE, KS_IMPORT_ALL_OR_NOTHING, NULL, &error);
  g_assert_no_error (error);
  wait_until_kept (f, KEYS + 5);
  assert_counts (f, KEYS + 5, 0, 0);
}

/* It waits before it tries again by itself; a look in between is a new chance. */
static void
test_keeper_tells_a_failure_and_tries_again (Fixture *f, gconstpointer data)
{
  guint puts;

  keep (f);
  engine_add_keys (&f->engine, 3, NULL);
  hs_fixture_rule (f->engine.server, "{\"method\":\"PUT\",\"path\":\"room_keys/keys\",\"times\":0,"
                                     "\"action\":\"answer\",\"status\":403,"
                                     "\"body\":\"{\\\"errcode\\\":\\\"M_FORBIDDEN\\\"}\"}");
  engine_refresh (&f->engine);
  while (ks_backup_keeper_get_failure (f->keeper) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (ks_backup_keeper_get_failure (f->keeper), KS_MATRIX_ERROR, KS_MATRIX_ERROR_FORBIDDEN);
  g_assert_false (ks_backup_keeper_is_uploading (f->keeper, NULL, NULL));
  engine_no_rules (&f->engine);
  puts = count_puts (f);
  engine_refresh (&f->engine);
  wait_until_kept (f, KEYS + 3);
  g_assert_cmpuint (count_puts (f), ==, puts + 1);
  g_assert_null (ks_backup_keeper_get_failure (f->keeper));
}

static void
test_keeper_lets_a_locked_session_be (Fixture *f, gconstpointer data)
{
  guint before = count_puts (f);

  engine_reinstall (&f->engine);
  keep (f);
  engine_add_keys (&f->engine, 2, NULL);
  engine_refresh (&f->engine);
  g_signal_emit_by_name (f->engine.recovery, "keys-changed");
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_false (ks_backup_keeper_is_uploading (f->keeper, NULL, NULL));
  g_assert_cmpuint (count_puts (f), ==, before);
}

static void
test_keeper_that_goes_in_the_middle_stops (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  keep (f);
  engine_add_keys (&f->engine, 3, NULL);
  engine_refresh (&f->engine);
  while (!ks_backup_keeper_is_uploading (f->keeper, NULL, NULL))
    g_main_context_iteration (NULL, TRUE);
  g_clear_object (&f->keeper);
  /* Its turn is given back once it has ended. */
  while (!back_up (f, NULL, &error))
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
      g_clear_error (&error);
    }
  assert_counts (f, KEYS + 3, 0, 0);
}

/* Threat A8: what another client, or somebody else, has changed halts the upload. */
static void
test_conflict_gets_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint before = count_puts (f);

  engine_add_keys (&f->engine, 2, NULL);
  engine_write (&f->engine, ENGINE_DEFAULT_KEY, "{\"key\":\"elsewhere\"}");
  g_assert_false (back_up (f, NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_LOCKED);
  g_assert_cmpuint (count_puts (f), ==, before);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_CONFLICT);
}

/* A backup whose private key is stored nowhere saves nothing. */
static void
test_incomplete_gets_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint before = count_puts (f);

  engine_add_keys (&f->engine, 2, NULL);
  engine_write (&f->engine, ENGINE_DATA "m.megolm_backup.v1", "{}");
  g_assert_false (back_up (f, NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_LOCKED);
  g_assert_cmpuint (count_puts (f), ==, before);
}

static void
test_server_that_says_it_has_them_is_not_believed (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  engine_add_keys (&f->engine, 3, NULL);
  hs_fixture_rule (f->engine.server, "{\"method\":\"PUT\",\"path\":\"room_keys/keys\",\"times\":0,"
                                     "\"action\":\"answer\",\"status\":200,"
                                     "\"body\":\"{\\\"etag\\\":\\\"9\\\",\\\"count\\\":7}\"}");
  g_assert_false (back_up (f, NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT);
  assert_counts (f, KEYS, 0, 3);
}

static void
test_keys_that_cannot_be_read_are_not_called_backed_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  engine_add_keys (&f->engine, 1, NULL);
  engine_sql (&f->engine,
              "UPDATE room_keys SET session_key_sealed = (SELECT session_key_sealed FROM room_keys"
              " WHERE backed_up_version IS NOT NULL LIMIT 1) WHERE backed_up_version IS NULL");
  g_assert_false (back_up (f, NULL, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED);
}

/* What was not even forgotten is not given up for the rest of the run. */
static void
test_stopped_before_forgetting_it_is_done_later (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  lose_all (f);
  engine_at_step ("forget", 1, cancel, cancellable);
  ks_recovery_back_up_async (f->engine.recovery, cancellable, engine_done, &result);
  g_assert_false (ks_recovery_back_up_finish (f->engine.recovery, engine_wait (&result), NULL, &error));
  g_clear_error (&error);
  g_assert_true (back_up (f, NULL, &error));
  assert_counts (f, KEYS, 0, 0);
}

static void
note (gpointer reached)
{
  *(gboolean *) reached = TRUE;
}

/* What began before an upload, and ends after it, has nothing new to tell. */
static void
test_look_from_before_an_upload_does_not_count (Fixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean has_asked = FALSE;

  engine_add_keys (&f->engine, 3, NULL);
  engine_at_step ("record", 1, note, &has_asked);
  ks_recovery_refresh_async (f->engine.recovery, NULL, engine_done, &result);
  while (!has_asked)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (back_up (f, NULL, &error));
  g_assert_true (ks_recovery_refresh_finish (f->engine.recovery, engine_wait (&result), &error));
  assert_counts (f, KEYS + 3, 0, 0);
}

#define ADD(name, test) g_test_add ("/back-up/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("new-keys", test_new_keys_go_up);
  ADD ("lost-keys", test_lost_keys_go_up_again);
  ADD ("lost-again-and-again", test_server_that_loses_all_again_is_not_filled_for_ever);
  ADD ("stopped", test_stopped_before_the_upload_all_is_pending);
  ADD ("locked", test_locked_session_uploads_nothing);
  ADD ("replaced", test_replaced_backup_gets_nothing_and_is_told);
  ADD ("conflict", test_conflict_gets_nothing);
  ADD ("incomplete", test_incomplete_gets_nothing);
  ADD ("lying-server", test_server_that_says_it_has_them_is_not_believed);
  ADD ("damaged-keys", test_keys_that_cannot_be_read_are_not_called_backed_up);
  ADD ("stopped-early", test_stopped_before_forgetting_it_is_done_later);
  ADD ("overlap", test_look_from_before_an_upload_does_not_count);
  ADD ("keeper/look", test_keeper_uploads_what_a_look_finds);
  ADD ("keeper/import", test_keeper_uploads_what_was_imported);
  ADD ("keeper/failure", test_keeper_tells_a_failure_and_tries_again);
  ADD ("keeper/locked", test_keeper_lets_a_locked_session_be);
  ADD ("keeper/gone", test_keeper_that_goes_in_the_middle_stops);
  return g_test_run ();
}
