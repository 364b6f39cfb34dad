/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who may read the files, and whose files are taken for ours.
 */

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/ks-database.h"
#include "store/store-fixture.h"

static int
get_mode (const char *directory, const char *name)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  struct stat info;

  return lstat (path, &info) == 0 ? (int) (info.st_mode & 07777) : -1;
}

static void
test_files_are_private (void)
{
  mode_t before = umask (0);
  char *directory = store_directory_new ();
  g_autofree char *profile = g_build_filename (directory, "a", "b", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *prepared = ks_database_prepare_directory (profile, &error);
  KsDatabase *database;

  g_assert_no_error (error);
  g_assert_cmpint (get_mode (prepared, ""), ==, 0700);
  database = store_open (prepared);
  g_assert_cmpint (get_mode (prepared, "keepsake.db"), ==, 0600);
  g_assert_cmpint (get_mode (prepared, "keepsake.db-wal"), ==, 0600);
  g_assert_cmpint (get_mode (prepared, "keepsake.db-shm"), ==, 0600);
  g_assert_cmpint (get_mode (prepared, "keepsake.db.lock"), ==, 0600);
  store_close (database);

  g_assert_cmpint (get_mode (prepared, "keepsake.db-wal"), ==, -1);
  {
    g_autofree char *path = g_build_filename (prepared, "keepsake.db", NULL);

    g_assert_cmpint (g_chmod (path, 0644), ==, 0);
  }
  store_close (store_open (prepared));
  g_assert_cmpint (get_mode (prepared, "keepsake.db"), ==, 0600);
  store_directory_free (directory);
  umask (before);
}

static void
test_directory_of_others (void)
{
  char *directory = store_directory_new ();
  g_autofree char *shared = g_build_filename (directory, "shared", NULL);
  g_autofree char *file = g_build_filename (shared, "file", NULL);
  g_autofree char *link = g_build_filename (directory, "link", NULL);
  g_autofree char *prepared = NULL;
  g_autoptr (GError) error = NULL;

  /* Empty: nobody loses anything. */
  g_assert_cmpint (g_mkdir (shared, 0755), ==, 0);
  g_assert_cmpint (symlink (shared, link), ==, 0);
  prepared = ks_database_prepare_directory (link, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (prepared, ==, shared);
  g_assert_cmpint (get_mode (shared, ""), ==, 0700);

  /* In use by others: hands off. */
  g_assert_cmpint (g_chmod (shared, 0755), ==, 0);
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_clear_pointer (&prepared, g_free);
  prepared = ks_database_prepare_directory (shared, &error);
  g_assert_null (prepared);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  g_assert_cmpint (get_mode (shared, ""), ==, 0755);
  g_clear_error (&error);

  /* Not a directory at all. */
  g_assert_cmpint (g_chmod (shared, 0700), ==, 0);
  prepared = ks_database_prepare_directory (file, &error);
  g_assert_null (prepared);
  g_assert_nonnull (error);
  store_directory_free (directory);
}

static void
test_foreign_owner (void)
{
  char *directory;
  g_autofree char *path = NULL;
  g_autofree char *prepared = NULL;
  g_autoptr (GError) error = NULL;
  KsDatabase *database;

  if (geteuid () != 0)
    {
      g_test_skip ("needs root to make a file of another user");
      return;
    }
  directory = store_directory_new ();
  store_close (store_open (directory));
  path = g_build_filename (directory, "keepsake.db", NULL);
  g_assert_cmpint (chown (path, 65534, 65534), ==, 0);
  database = store_try_open (directory, KS_DATABASE_READ_WRITE, &error);
  g_assert_null (database);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_cmpint (chown (directory, 65534, 65534), ==, 0);
  prepared = ks_database_prepare_directory (directory, &error);
  g_assert_null (prepared);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  store_directory_free (directory);
}

static void
test_symbolic_link_is_refused (void)
{
  char *directory = store_directory_new ();
  g_autofree char *path = g_build_filename (directory, "keepsake.db", NULL);
  g_autofree char *target = g_build_filename (directory, "target", NULL);
  g_autoptr (GError) error = NULL;
  KsDatabase *database;

  store_close (store_open (directory));
  g_assert_cmpint (g_rename (path, target), ==, 0);
  g_assert_cmpint (symlink (target, path), ==, 0);
  database = store_try_open (directory, KS_DATABASE_READ_WRITE, &error);
  g_assert_null (database);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  store_directory_free (directory);
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, NULL);
  g_test_add_func ("/database-directory/files-are-private", test_files_are_private);
  g_test_add_func ("/database-directory/directory-of-others", test_directory_of_others);
  g_test_add_func ("/database-directory/foreign-owner", test_foreign_owner);
  g_test_add_func ("/database-directory/symbolic-link-is-refused", test_symbolic_link_is_refused);
  return g_test_run ();
}
