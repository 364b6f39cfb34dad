/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-profile-private.h"

#include "engine/account/ks-set-aside.h"
#include "engine/engine-fixture.h"
#include "matrix/ks-matrix-error.h"
#include "store/ks-store-error.h"

#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *top;       /* owned */
  char *directory; /* owned */
  char *key_file;  /* owned */
} Fixture;

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static KsProfileState
open_profile (KsProfile *profile, KsProfileOpenFlags flags, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_profile_open_async (profile, flags, NULL, on_done, &result);
  ks_profile_open_finish (profile, wait_for (&result), error);
  return ks_profile_get_state (profile);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->top = g_dir_make_tmp ("keepsake-profile.XXXXXX", NULL);
  f->directory = g_build_filename (f->top, "profile", NULL);
  f->key_file = g_build_filename (f->top, "key", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  const char *argv[] = { "rm", "-r", f->top, NULL };

  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_free (f->top);
  g_free (f->directory);
  g_free (f->key_file);
}

/* Two first starts at once: one makes the key, and the other one either waits for
 * another try or uses that key; it never makes one of its own. */
static void
test_two_first_starts (Fixture *f, gconstpointer data)
{
  for (int round = 0; round < 20; round++)
    {
      g_autofree char *directory = g_strdup_printf ("%s/%d", f->top, round);
      g_autofree char *key_file = g_strdup_printf ("%s.key", directory);
      KsProfile *profiles[2];
      GAsyncResult *results[2] = { NULL, NULL };
      int ready = 0;

      for (int i = 0; i < 2; i++)
        {
          profiles[i] = ks_profile_new (directory, key_file);
          ks_profile_open_async (profiles[i], KS_PROFILE_OPEN_QUIETLY, NULL, on_done, &results[i]);
        }
      for (int i = 0; i < 2; i++)
        {
          g_autoptr (GError) error = NULL;

          if (ks_profile_open_finish (profiles[i], wait_for (&results[i]), &error))
            ready++;
          else
            g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_HELD);
        }
      g_assert_cmpint (ready, >=, 1);
      for (int i = 0; i < 2; i++)
        {
          g_autoptr (GError) error = NULL;

          g_assert_cmpint (open_profile (profiles[i], KS_PROFILE_OPEN_QUIETLY, &error), ==, KS_PROFILE_READY);
          g_assert_no_error (error);
          g_object_unref (results[i]);
          g_object_unref (profiles[i]);
        }
    }
}

/* A profile in memory has a key of its own, which has sealed no file, and no directory for a copy. */
static void
test_in_memory_no_file_that_was_set_aside_opens (Fixture *f, gconstpointer data)
{
  g_autoptr (KsProfile) on_disk = ks_profile_new (f->directory, f->key_file);
  g_autoptr (KsProfile) profile = ks_profile_new (NULL, NULL);
  g_autofree char *path = g_build_filename (f->directory, "keepsake.db", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (open_profile (on_disk, KS_PROFILE_OPEN_QUIETLY, NULL), ==, KS_PROFILE_READY);
  g_assert_cmpint (open_profile (profile, KS_PROFILE_OPEN_IN_MEMORY, NULL), ==, KS_PROFILE_READY);
  ks_set_aside_open_async (profile, file, NULL, on_done, &result);
  g_assert_null (ks_set_aside_open_finish (profile, wait_for (&result), &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY);
}

/* A first start was killed before there was a key: looking on makes none. */
static void
test_looking_makes_no_key (Fixture *f, gconstpointer data)
{
  g_autoptr (KsProfile) profile = ks_profile_new (f->directory, f->key_file);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (f->directory, "keepsake.db", NULL);
  g_autofree char *other = g_build_filename (f->top, "other key", NULL);
  g_autoptr (KsProfile) onlooker = ks_profile_new (f->directory, other);
  sqlite3 *database = NULL;

  g_assert_cmpint (open_profile (profile, KS_PROFILE_OPEN_QUIETLY, &error), ==, KS_PROFILE_READY);
  g_assert_no_error (error);
  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, "DELETE FROM store_key; DELETE FROM store_key_slots", NULL, NULL,
                                 NULL),
                   ==, SQLITE_OK);
  sqlite3_close (database);

  open_profile (onlooker, KS_PROFILE_OPEN_READ_ONLY, &error);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND);
  g_assert_false (g_file_test (other, G_FILE_TEST_EXISTS));
}

/* The keyring knows a profile by its directory: by one name, before there is one and
 * after, and through whatever link. */
static void
test_one_name_for_a_directory (Fixture *f, gconstpointer data)
{
  g_autofree char *link = g_build_filename (f->top, "link", NULL);
  g_autofree char *through = g_build_filename (link, "deep", "profile", NULL);
  g_autofree char *straight = g_build_filename (f->top, "deep", ".", "profile", NULL);
  g_autoptr (KsProfile) before = NULL;
  g_autoptr (KsProfile) after = NULL;
  g_autoptr (KsProfile) other = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink (f->top, link), ==, 0);
  before = ks_profile_new (through, f->key_file);
  g_assert_cmpint (open_profile (before, KS_PROFILE_OPEN_QUIETLY, &error), ==, KS_PROFILE_READY);
  g_assert_no_error (error);
  after = ks_profile_new (through, f->key_file);
  other = ks_profile_new (straight, f->key_file);
  g_assert_cmpstr (ks_profile_get_directory (before), ==, ks_profile_get_directory (after));
  g_assert_cmpstr (ks_profile_get_directory (before), ==, ks_profile_get_directory (other));
}

static void
check_key_file_state (Fixture *f, KsStoreErrorCode code)
{
  g_autoptr (KsProfile) profile = ks_profile_new (f->directory, f->key_file);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (open_profile (profile, KS_PROFILE_OPEN_QUIETLY, &error), ==, KS_PROFILE_KEY_FILE_FAILED);
  g_assert_error (error, KS_STORE_ERROR, (int) code);
  g_assert_error (ks_profile_get_error (profile), KS_STORE_ERROR, (int) code);
}

/* A file that is gone, another one's, open to others or no key at all is told apart from
 * a database that cannot be used; with the right file everything is there again. */
static void
test_trouble_with_the_key_file_is_told_as_such (Fixture *f, gconstpointer data)
{
  g_autoptr (KsProfile) profile = ks_profile_new (f->directory, f->key_file);
  g_autofree char *away = g_build_filename (f->top, "away", NULL);
  g_autofree char *elsewhere = g_build_filename (f->top, "elsewhere", NULL);
  g_autofree char *other_file = g_build_filename (f->top, "other key", NULL);
  g_autoptr (KsProfile) other = ks_profile_new (elsewhere, other_file);
  g_autoptr (GError) error = NULL;

  open_profile (other, KS_PROFILE_OPEN_QUIETLY, &error);
  g_assert_no_error (error);
  open_profile (profile, KS_PROFILE_OPEN_QUIETLY, &error);
  g_assert_no_error (error);
  g_assert_cmpint (rename (f->key_file, away), ==, 0);

  check_key_file_state (f, KS_STORE_ERROR_LOCKED);
  g_assert_false (g_file_test (f->key_file, G_FILE_TEST_EXISTS));
  g_assert_true (
      g_file_set_contents_full (f->key_file, "nonsense", -1, G_FILE_SET_CONTENTS_NONE, 0600, &error));
  check_key_file_state (f, KS_STORE_ERROR_DAMAGED);
  g_assert_cmpint (chmod (f->key_file, 0644), ==, 0);
  check_key_file_state (f, KS_STORE_ERROR_FAILED);
  g_assert_cmpint (rename (other_file, f->key_file), ==, 0);
  check_key_file_state (f, KS_STORE_ERROR_WRONG_KEY);

  g_assert_cmpint (rename (away, f->key_file), ==, 0);
  g_assert_cmpint (open_profile (profile, KS_PROFILE_OPEN_QUIETLY, &error), ==, KS_PROFILE_READY);
  g_assert_no_error (error);
}

/* The thread of a database that was let go of closes it when it comes to it. */
static void
start_afresh (KsProfile *profile)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  KsProfileState state;

  do
    {
      g_autoptr (GError) error = NULL;

      state = open_profile (profile, KS_PROFILE_OPEN_START_AFRESH, &error);
      if (error != NULL)
        g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_HELD);
    }
  while (state != KS_PROFILE_READY && g_get_monotonic_time () < end);
  g_assert_cmpint (state, ==, KS_PROFILE_READY);
}

/* The file is gone for good, and the person has said so: a new one, and what was there
 * is set aside. */
static void
test_starting_afresh_without_the_key_file (Fixture *f, gconstpointer data)
{
  g_autoptr (KsProfile) profile = ks_profile_new (f->directory, f->key_file);
  g_autoptr (GError) error = NULL;

  open_profile (profile, KS_PROFILE_OPEN_QUIETLY, &error);
  g_assert_no_error (error);
  g_assert_cmpint (unlink (f->key_file), ==, 0);
  open_profile (profile, KS_PROFILE_OPEN_QUIETLY, &error);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED);
  g_clear_error (&error);

  start_afresh (profile);
  g_assert_true (g_file_test (f->key_file, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (ks_profile_get_set_aside (profile), G_FILE_TEST_EXISTS));
}

/* A database of a newer version is left alone until the person says otherwise, and even
 * then it is kept. */
static void
test_starting_afresh_beside_a_newer_version (Fixture *f, gconstpointer data)
{
  g_autoptr (KsProfile) profile = ks_profile_new (f->directory, f->key_file);
  g_autofree char *path = g_build_filename (f->directory, "keepsake.db", NULL);
  g_autoptr (GError) error = NULL;
  sqlite3 *database = NULL;

  open_profile (profile, KS_PROFILE_OPEN_QUIETLY, &error);
  g_assert_no_error (error);
  g_clear_object (&profile);
  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  sqlite3_busy_timeout (database, 10000); /* until it is closed */
  g_assert_cmpint (sqlite3_exec (database, "PRAGMA user_version = 999", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (database);

  profile = ks_profile_new (f->directory, f->key_file);
  g_assert_cmpint (open_profile (profile, KS_PROFILE_OPEN_QUIETLY, &error), ==, KS_PROFILE_FAILED);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NEWER);
  g_clear_error (&error);
  start_afresh (profile);
  g_assert_true (g_file_test (ks_profile_get_set_aside (profile), G_FILE_TEST_EXISTS));
}

/* A page of the database took it, and nothing else of the account. */
static void
test_account_whose_token_is_lost_is_here (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint64 pending;

  engine_add_keys (f, 5, NULL);
  engine_sql (f, "UPDATE accounts SET access_token_sealed = CAST (x'4b735331' || zeroblob (32) AS BLOB)");
  engine_restart (f);
  g_assert_cmpint (ks_profile_get_state (f->profile), ==, KS_PROFILE_READY);
  g_assert_nonnull (ks_profile_get_account (f->profile));
  engine_count (f, NULL, &pending, NULL);
  g_assert_cmpuint (pending, ==, 5);
  /* To the server the session has ended. */
  ks_recovery_refresh_async (f->recovery, NULL, engine_done, &result);
  g_assert_false (ks_recovery_refresh_finish (f->recovery, engine_wait (&result), &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_UNAUTHORIZED);
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/profile/two-first-starts", test_two_first_starts);
  add ("/profile/in-memory-no-file-that-was-set-aside-opens",
       test_in_memory_no_file_that_was_set_aside_opens);
  add ("/profile/looking-makes-no-key", test_looking_makes_no_key);
  add ("/profile/one-name-for-a-directory", test_one_name_for_a_directory);
  add ("/profile/trouble-with-the-key-file-is-told-as-such", test_trouble_with_the_key_file_is_told_as_such);
  add ("/profile/starting-afresh-without-the-key-file", test_starting_afresh_without_the_key_file);
  add ("/profile/starting-afresh-beside-a-newer-version", test_starting_afresh_beside_a_newer_version);
  g_test_add ("/profile/account-whose-token-is-lost-is-here", EngineFixture, NULL, engine_set_up,
              test_account_whose_token_is_lost_is_here, engine_tear_down);
  return g_test_run ();
}
