/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an account does by itself, without anybody who shows it: it goes on with what an earlier start of
 * the program began, and keeps the backup full.
 */

#include "engine/account/ks-account-life.h"

#include "crypto/ks-recovery-key.h"
#include "engine/engine-fixture.h"
#include "engine/recovery/ks-recovery-private.h"
#include "engine/recovery/ks-recovery-restore.h"
#include "engine/recovery/ks-recovery-unlock.h"
#include "matrix/ks-matrix-error.h"

#include <string.h>

#define KEYS 5
#define BATCHES "room_keys/keys?version="

typedef struct
{
  EngineFixture engine;
  KsAccountLife *life; /* borrowed: of the account that has started */
  guint looks;
  guint set_ups;   /* that have ended by themselves */
  GError *failure; /* owned: of the last of them */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  engine_set_up (&f->engine, data);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  KsAccountLife *left = ks_account_get_life (ks_profile_get_account (f->engine.profile));

  g_object_add_weak_pointer (G_OBJECT (left), (gpointer *) &left);
  engine_tear_down (&f->engine, data);
  /* What was under way ends by itself, and holds nothing any more. */
  while (left != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_clear_error (&f->failure);
}

static void
on_looked (Fixture *f)
{
  f->looks++;
}

static void
on_set_up_ended (KsAccountLife *life, KsSetUp *set_up, const GError *error, Fixture *f)
{
  f->set_ups++;
  g_clear_error (&f->failure);
  f->failure = error != NULL ? g_error_copy (error) : NULL;
}

static void
start (Fixture *f)
{
  KsAccount *account = ks_profile_get_account (f->engine.profile);

  g_assert_null (ks_account_get_life (account));
  ks_account_start (account);
  f->life = ks_account_get_life (account);
  g_signal_connect_swapped (f->life, "looked", G_CALLBACK (on_looked), f);
  g_signal_connect (f->life, "set-up-ended", G_CALLBACK (on_set_up_ended), f);
}

static void
until_looked (Fixture *f)
{
  guint before = f->looks;

  while (f->looks == before)
    g_main_context_iteration (NULL, TRUE);
}

static const KsRecoverySnapshot *
seen (Fixture *f)
{
  return ks_recovery_get_snapshot (f->engine.recovery);
}

/* Until the backup is whole, as the server tells, and has @keys. */
static void
until_full (Fixture *f, gint64 keys)
{
  while (ks_recovery_get_state (f->engine.recovery) != KS_RECOVERY_READY || seen (f)->backup_count != keys
         || seen (f)->pending_upload > 0
         || ks_backup_keeper_is_uploading (ks_account_life_get_keeper (f->life), NULL, NULL))
    g_main_context_iteration (NULL, TRUE);
}

static void
until_restored (Fixture *f)
{
  while (ks_restore_job_get_state (ks_account_life_get_restore (f->life)) != KS_RESTORE_JOB_DONE)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
has_unfinished_restore (Fixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean unfinished;

  ks_recovery_has_unfinished_restore_async (f->engine.recovery, NULL, engine_done, &result);
  ks_recovery_has_unfinished_restore_finish (f->engine.recovery, engine_wait (&result), &unfinished, &error);
  g_assert_no_error (error);
  return unfinished;
}

/* A set-up of which the person has the key, and nothing is on the server. */
static void
begin_set_up (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  engine_make_security_key (&f->engine, NULL, &error);
  g_assert_no_error (error);
  engine_note_saved (&f->engine, &error);
  g_assert_no_error (error);
}

/* A restore of the backup that was there before. */
static void
note_restore (Fixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (KsSecret) nothing = ks_secret_new_copy ("{}", 2);
  g_autoptr (GError) error = NULL;

  ks_journal_begin_async (f->engine.recovery->journal, "restore", "keys", nothing, NULL, engine_done,
                          &result);
  ks_journal_begin_finish (f->engine.recovery->journal, engine_wait (&result), &error);
  g_assert_no_error (error);
}

static void
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

/* A whole account on a new session that is unlocked, and that was stopped before the first key came. */
static void
stop_restore (Fixture *f)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) unlocked = NULL;
  g_autoptr (GAsyncResult) restored = NULL;
  g_autoptr (KsSecret) key = NULL;
  char text[KS_RECOVERY_KEY_LENGTH + 1];
  g_autoptr (KsSecret) typed = NULL;
  g_autoptr (GError) error = NULL;

  engine_add_keys (&f->engine, KEYS, NULL);
  key = engine_set_up_whole (&f->engine);
  g_assert_true (ks_recovery_key_format (key, text));
  typed = ks_secret_new_copy (text, KS_RECOVERY_KEY_LENGTH);
  engine_reinstall (&f->engine);
  ks_recovery_unlock_async (f->engine.recovery, typed, KS_KEY_ENTRY_TYPED, KS_UNLOCK_DEFAULT, NULL,
                            engine_done, &unlocked);
  ks_unlock_result_free (ks_recovery_unlock_finish (f->engine.recovery, engine_wait (&unlocked), &error));
  g_assert_no_error (error);
  engine_at_step ("keys", 1, cancel, cancellable);
  ks_recovery_restore_async (f->engine.recovery, NULL, cancellable, engine_done, &restored);
  g_assert_false (ks_recovery_restore_finish (f->engine.recovery, engine_wait (&restored), NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static guint64
keys_here (Fixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint64 keys;

  ks_recovery_count_keys_async (f->engine.recovery, NULL, engine_done, &result);
  ks_recovery_count_keys_finish (f->engine.recovery, engine_wait (&result), &keys, &error);
  g_assert_no_error (error);
  return keys;
}

static void
test_set_up_restore_and_pending_keys_all_finish (Fixture *f, gconstpointer data)
{
  engine_add_keys (&f->engine, KEYS, NULL);
  begin_set_up (f);
  note_restore (f);
  engine_restart (&f->engine);
  start (f);
  until_restored (f);
  until_full (f, KEYS);
  g_assert_cmpuint (f->set_ups, ==, 1);
  g_assert_no_error (f->failure);
  g_assert_null (ks_account_life_get_stopped (f->life));
  g_assert_cmpint (ks_set_up_get_stage (f->engine.set_up), ==, KS_SET_UP_NONE);
  g_assert_false (has_unfinished_restore (f));
}

static void
test_restore_goes_on_beside_keys_that_go_up (Fixture *f, gconstpointer data)
{
  stop_restore (f);
  engine_restart (&f->engine);
  engine_add_keys (&f->engine, 2, NULL);
  g_assert_cmpuint (keys_here (f), ==, 2);
  start (f);
  until_restored (f);
  until_full (f, KEYS + 2);
  g_assert_cmpuint (keys_here (f), ==, KEYS + 2);
  g_assert_false (has_unfinished_restore (f));
}

/* The homeserver wants a password, which nobody is there to give. */
static void
test_set_up_that_stops_again_is_told_and_not_tried_for_ever (Fixture *f, gconstpointer data)
{
  begin_set_up (f);
  engine_restart (&f->engine);
  hs_fixture_persona (f->engine.server,
                      "{\"name\":\"always-authenticates\",\"path\":\"device_signing/upload$\"}");
  start (f);
  while (f->set_ups == 0)
    g_main_context_iteration (NULL, TRUE);
  until_looked (f);
  g_assert_error (f->failure, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_AUTH_NEEDED);
  g_assert_error (ks_account_life_get_stopped (f->life), KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_AUTH_NEEDED);
  g_assert_cmpint (ks_set_up_get_stage (f->engine.set_up), ==, KS_SET_UP_KEY_SAVED);
  ks_account_life_look (f->life);
  until_looked (f);
  g_assert_cmpuint (f->set_ups, ==, 1);
  g_assert_cmpint (ks_set_up_get_stage (f->engine.set_up), ==, KS_SET_UP_KEY_SAVED);
}

/* What cannot be looked at is not gone on with; a look that has an answer does it. */
static void
test_offline_it_waits_for_the_next_look (Fixture *f, gconstpointer data)
{
  begin_set_up (f);
  engine_restart (&f->engine);
  hs_fixture_rule (f->engine.server,
                   "{\"path\":\"_matrix\",\"times\":0,\"action\":\"answer\",\"status\":502}");
  start (f);
  until_looked (f);
  g_assert_error (ks_account_life_get_failure (f->life), KS_MATRIX_ERROR, KS_MATRIX_ERROR_SERVER);
  g_assert_cmpint (ks_set_up_get_stage (f->engine.set_up), ==, KS_SET_UP_KEY_SAVED);
  engine_no_rules (&f->engine);
  ks_account_life_look (f->life);
  g_assert_true (ks_account_life_is_looking (f->life));
  g_assert_null (ks_account_life_get_failure (f->life));
  while (f->set_ups == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_no_error (f->failure);
  until_full (f, 0);
}

/* What others have sent is taken, and acknowledged nowhere but here. */
static void
test_inbox_is_asked_for_once (Fixture *f, gconstpointer data)
{
  guint before = hs_fixture_count (f->engine.server, "/sync?");

  start (f);
  until_looked (f);
  while (hs_fixture_count (f->engine.server, "/sync?") == before)
    g_main_context_iteration (NULL, TRUE);
  ks_account_start (ks_profile_get_account (f->engine.profile));
  g_assert_true (ks_account_get_life (ks_profile_get_account (f->engine.profile)) == f->life);
  g_assert_cmpuint (hs_fixture_count (f->engine.server, "/sync?"), ==, before + 1);
}

/* Let go of, while all of it is under way: nothing is sent any more, and nobody is told. */
static void
test_account_that_is_let_go_of_stops (Fixture *f, gconstpointer data)
{
  g_autoptr (KsAccount) account = NULL;
  g_autoptr (KsAccountLife) life = NULL;
  guint puts;
  guint looks;

  ks_secret_unref (engine_set_up_whole (&f->engine));
  engine_restart (&f->engine);
  engine_add_keys (&f->engine, KEYS, NULL);
  account = g_object_ref (ks_profile_get_account (f->engine.profile));
  start (f);
  life = g_object_ref (f->life);
  while (!ks_backup_keeper_is_uploading (ks_account_life_get_keeper (life), NULL, NULL))
    g_main_context_iteration (NULL, TRUE);
  puts = hs_fixture_count (f->engine.server, BATCHES);
  looks = f->looks;
  ks_account_stop (account);
  ks_account_life_look (life);
  g_assert_false (ks_account_life_is_looking (life));
  g_assert_false (ks_backup_keeper_is_uploading (ks_account_life_get_keeper (life), NULL, NULL));
  engine_refresh (&f->engine);
  g_signal_emit_by_name (f->engine.recovery, "keys-changed");
  engine_refresh (&f->engine);
  g_assert_cmpuint (seen (f)->pending_upload, ==, KEYS);
  g_assert_cmpuint (hs_fixture_count (f->engine.server, BATCHES), ==, puts);
  g_assert_cmpuint (f->looks, ==, looks);
}

#define ADD(name, test) g_test_add ("/account-life/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("set-up-restore-and-pending-keys-all-finish", test_set_up_restore_and_pending_keys_all_finish);
  ADD ("restore-goes-on-beside-keys-that-go-up", test_restore_goes_on_beside_keys_that_go_up);
  ADD ("set-up-that-stops-again-is-told-and-not-tried-for-ever",
       test_set_up_that_stops_again_is_told_and_not_tried_for_ever);
  ADD ("offline-it-waits-for-the-next-look", test_offline_it_waits_for_the_next_look);
  ADD ("inbox-is-asked-for-once", test_inbox_is_asked_for_once);
  ADD ("account-that-is-let-go-of-stops", test_account_that_is_let_go_of_stops);

  return g_test_run ();
}
