/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/store-fixture.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define CHILD_ARGUMENT "--child"

void
store_test_init (int *argc, char ***argv, StoreChildFunc child)
{
  if (*argc == 4 && g_str_equal ((*argv)[1], CHILD_ARGUMENT))
    {
      child ((*argv)[2], (*argv)[3]);
      exit (0);
    }
  g_test_init (argc, argv, NULL);
}

int
store_run_child (const char *directory, const char *mode, char **output)
{
  const char *argv[] = { "/proc/self/exe", CHILD_ARGUMENT, directory, mode, NULL };
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (GError) error = NULL;
  int status;

  argv[0] = self;
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, output, NULL, &status, &error);
  g_assert_no_error (error);
  return WIFSIGNALED (status) ? WTERMSIG (status) : 0;
}

char *
store_directory_new (void)
{
  g_autoptr (GError) error = NULL;
  char *directory = g_dir_make_tmp ("keepsake-store-XXXXXX", &error);

  g_assert_no_error (error);
  return directory;
}

void
store_directory_free (char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        store_directory_free (g_steal_pointer (&path));
      else
        g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (directory), ==, 0);
  g_free (directory);
}

void
store_on_ready (GObject *source, GAsyncResult *result, gpointer data)
{
  GAsyncResult **place = data;

  g_assert_null (*place);
  *place = g_object_ref (result);
}

GAsyncResult *
store_wait (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

KsDatabase *
store_try_open (const char *directory, KsDatabaseFlags flags, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_database_open_async (directory, flags, NULL, store_on_ready, &result);
  return ks_database_open_finish (store_wait (&result), error);
}

KsSecret *
store_key (void)
{
  KsSecret *key = ks_secret_new (KS_STORE_KEY_SIZE);

  memset (ks_secret_writable (key), 0x5a, KS_STORE_KEY_SIZE);
  return key;
}

KsDatabase *
store_open (const char *directory)
{
  g_autoptr (GError) error = NULL;
  KsDatabase *database = store_try_open (directory, KS_DATABASE_READ_WRITE, &error);
  g_autoptr (KsSecret) key = store_key ();
  g_autoptr (GAsyncResult) created = NULL;
  g_autoptr (GAsyncResult) opened = NULL;

  g_assert_no_error (error);
  ks_store_key_create_async (database, KS_STORE_KEY_SLOT_KEYRING, "", key, NULL, store_on_ready, &created);
  if (ks_store_key_create_finish (database, store_wait (&created), &error))
    return database;
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_EXISTS);
  g_clear_error (&error);
  ks_store_key_open_async (database, KS_STORE_KEY_SLOT_KEYRING, "", key, NULL, store_on_ready, &opened);
  ks_store_key_open_finish (database, store_wait (&opened), &error);
  g_assert_no_error (error);
  return database;
}

void
store_close (KsDatabase *database)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ks_database_close_async (database, NULL, store_on_ready, &result);
  ks_database_close_finish (database, store_wait (&result), &error);
  g_assert_no_error (error);
  g_clear_object (&result);
  g_assert_finalize_object (database);
}

gboolean
store_run (KsDatabase *database, KsDatabaseFunc func, gpointer data, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_database_run_async (database, func, data, NULL, NULL, store_on_ready, &result);
  return ks_database_run_finish (database, store_wait (&result), NULL, error);
}

KsAccountRecord *
store_add_account (KsDatabase *database, const char *user_id, const char *device_id)
{
  g_autoptr (KsAccountStore) store = ks_account_store_new (database);
  g_autofree char *token = g_strconcat ("token of ", user_id, NULL);
  KsAccountRecord record = {
    .user_id = (char *) user_id,
    .device_id = (char *) device_id,
    .device_name = (char *) "Keepsake",
    .homeserver = (char *) "https://matrix.example.org",
  };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  KsAccountRecord *added;

  record.access_token = ks_secret_new_copy (token, strlen (token));
  ks_account_store_add_async (store, &record, NULL, store_on_ready, &result);
  added = ks_account_store_add_finish (store, store_wait (&result), &error);
  g_assert_no_error (error);
  ks_secret_unref (record.access_token);
  return added;
}

static sqlite3 *
open_raw (const char *directory)
{
  g_autofree char *path = g_build_filename (directory, "keepsake.db", NULL);
  sqlite3 *handle = NULL;

  g_assert_cmpint (sqlite3_open (path, &handle), ==, SQLITE_OK);
  return handle;
}

void
store_sql (const char *directory, const char *sql)
{
  sqlite3 *handle = open_raw (directory);
  char *message = NULL;

  sqlite3_exec (handle, sql, NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
  sqlite3_close (handle);
}

char *
store_sql_text (const char *directory, const char *sql)
{
  sqlite3 *handle = open_raw (directory);
  sqlite3_stmt *statement = NULL;
  char *text;

  g_assert_cmpint (sqlite3_prepare_v2 (handle, sql, -1, &statement, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  text = g_strdup ((const char *) sqlite3_column_text (statement, 0));
  sqlite3_finalize (statement);
  sqlite3_close (handle);
  return text;
}

GPtrArray *
store_list_files (const char *directory, const char *prefix, const char *suffix)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, prefix) && g_str_has_suffix (name, suffix))
      g_ptr_array_add (names, g_build_filename (directory, name, NULL));
  return names;
}
