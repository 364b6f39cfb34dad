/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/ks-profile-private.h"

#include "store/ks-store-error.h"

#include <sqlite3.h>
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
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/profile/two-first-starts", test_two_first_starts);
  add ("/profile/looking-makes-no-key", test_looking_makes_no_key);
  add ("/profile/one-name-for-a-directory", test_one_name_for_a_directory);
  return g_test_run ();
}
