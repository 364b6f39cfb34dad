/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opens a dump of every schema version there ever was. tests/data/store/README
 * says how a dump is made.
 */

#include "store/ks-schema.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "store/sample.h"

/* The mode of a child, before the number of steps. */
#define LAY_OUT "lay-out-"

#define SCHEMA_SQL                                                                  \
  "SELECT group_concat (type || ' ' || name || ' ' || ifnull (sql, ''), char (10))" \
  " FROM (SELECT * FROM sqlite_schema WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name)"

static void
load_dump (const char *directory, gint64 version)
{
  g_autofree char *name = g_strdup_printf ("schema-%03" G_GINT64_FORMAT ".sql", version);
  g_autofree char *path =
      g_build_filename (g_getenv ("KS_SOURCE_ROOT"), "tests", "data", "store", name, NULL);
  g_autofree char *dump = NULL;

  g_test_message ("%s", name);
  g_assert_true (g_file_get_contents (path, &dump, NULL, NULL));
  store_sql (directory, dump);
}

static int
die (void *data)
{
  kill (getpid (), SIGKILL);
  return 0;
}

static int
die_after_commit (void *data, sqlite3 *handle, const char *name, int pages)
{
  return die (data);
}

/* Makes the database that a dump is taken of; or migrates version 1 to 2 and kills itself: after some steps of SQLite's machine, just
 * before the commit, or right after it; or while the migrated file is laid out anew. */
static void
child (const char *directory, const char *mode)
{
  g_autofree char *path = g_build_filename (directory, "keepsake.db", NULL);
  KsConnection *connection;

  if (g_str_equal (mode, "sample"))
    {
      sample_make (directory);
      return;
    }
  connection = ks_connection_open (path, KS_CONNECTION_USE, NULL);
  g_assert_true (ks_connection_make_durable (connection, NULL));
  if (g_str_equal (mode, "commit"))
    sqlite3_commit_hook (connection->handle, die, NULL);
  else if (g_str_equal (mode, "committed"))
    sqlite3_wal_hook (connection->handle, die_after_commit, NULL);
  else if (!g_str_has_prefix (mode, LAY_OUT))
    sqlite3_progress_handler (connection->handle, (int) g_ascii_strtoll (mode, NULL, 10), die, NULL);
  g_assert_true (ks_schema_migrate (connection, 1, 2, NULL));
  if (g_str_has_prefix (mode, LAY_OUT))
    {
      int steps = (int) g_ascii_strtoll (mode + strlen (LAY_OUT), NULL, 10);

      sqlite3_progress_handler (connection->handle, steps, die, NULL);
      g_assert_true (ks_schema_lay_out (connection, NULL));
    }
  ks_connection_free (connection);
}

static void
test_every_dump_opens (void)
{
  char *fresh = store_directory_new ();
  g_autofree char *expected = NULL;

  store_close (store_open (fresh));
  expected = store_sql_text (fresh, SCHEMA_SQL);
  store_directory_free (fresh);

  for (gint64 version = 1; version <= ks_schema_version (); version++)
    {
      char *directory = store_directory_new ();
      g_autofree char *version_before = NULL;
      g_autofree char *schema = NULL;
      KsDatabase *database;

      load_dump (directory, version);
      version_before = store_sql_text (directory, "PRAGMA user_version");
      g_assert_cmpint (g_ascii_strtoll (version_before, NULL, 10), ==, version);
      database = store_open (directory);
      g_assert_null (ks_database_get_salvaged (database));
      sample_assert (database, version);
      store_close (database);
      schema = store_sql_text (directory, SCHEMA_SQL);
      g_assert_cmpstr (schema, ==, expected);
      store_directory_free (directory);
    }
}

/* Returns the version that was left, which must be whole. */
static gint64
play_kill (const char *mode, int *death)
{
  char *directory = store_directory_new ();
  g_autofree char *version = NULL;
  g_autofree char *check = NULL;
  KsDatabase *database;

  load_dump (directory, 1);
  *death = store_run_child (directory, mode, NULL);
  version = store_sql_text (directory, "PRAGMA user_version");
  check = store_sql_text (directory, "PRAGMA integrity_check");
  g_assert_cmpstr (check, ==, "ok");
  database = store_open (directory);
  g_assert_null (ks_database_get_salvaged (database));
  sample_assert (database, 1);
  store_close (database);
  store_directory_free (directory);
  return g_ascii_strtoll (version, NULL, 10);
}

static void
test_killed_at_any_step_of_a_migration (void)
{
  int death = SIGKILL, kills = 0;

  for (int steps = 1; death == SIGKILL; steps += 1 + steps / 4)
    {
      g_autofree char *mode = g_strdup_printf ("%d", steps);
      gint64 version = play_kill (mode, &death);

      g_assert_cmpint (version, ==, death == SIGKILL ? 1 : 2);
      kills += death == SIGKILL;
    }
  g_assert_cmpint (death, ==, 0);
  g_assert_cmpint (kills, >, 10);
}

static void
test_killed_while_laying_out (void)
{
  int death = SIGKILL, kills = 0;

  for (int steps = 1; death == SIGKILL; steps += 1 + steps / 4)
    {
      g_autofree char *mode = g_strdup_printf (LAY_OUT "%d", steps);

      g_assert_cmpint (play_kill (mode, &death), ==, 2);
      kills += death == SIGKILL;
    }
  g_assert_cmpint (death, ==, 0);
  g_assert_cmpint (kills, >, 10);
}

static void
test_killed_around_the_commit_of_a_migration (void)
{
  int death;

  g_assert_cmpint (play_kill ("commit", &death), ==, 1);
  g_assert_cmpint (death, ==, SIGKILL);
  g_assert_cmpint (play_kill ("committed", &death), ==, 2);
  g_assert_cmpint (death, ==, SIGKILL);
}

static KsConnection *
open_empty (const char *directory)
{
  g_autofree char *path = g_build_filename (directory, "keepsake.db", NULL);
  g_autoptr (GError) error = NULL;
  KsConnection *connection;

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  connection = ks_connection_open (path, KS_CONNECTION_USE, &error);
  g_assert_no_error (error);
  return connection;
}

static gint64
query (KsConnection *connection, const char *sql)
{
  gint64 value = -1;

  g_assert_true (ks_connection_query_int64 (connection, sql, &value, NULL));
  return value;
}

static void
test_scripts_run_in_order (void)
{
  static const char *const scripts[] = { "CREATE TABLE a (x)",
                                         "INSERT INTO a VALUES (1); ALTER TABLE a ADD COLUMN y DEFAULT 7",
                                         "UPDATE a SET x = y", NULL };
  char *directory = store_directory_new ();
  KsConnection *connection = open_empty (directory);

  g_assert_true (ks_schema_run_scripts (connection, scripts, 0, 1, NULL));
  g_assert_cmpint (query (connection, "PRAGMA user_version"), ==, 1);
  g_assert_true (ks_schema_run_scripts (connection, scripts, 1, 3, NULL));
  g_assert_cmpint (query (connection, "PRAGMA user_version"), ==, 3);
  g_assert_cmpint (query (connection, "SELECT x FROM a"), ==, 7);
  ks_connection_free (connection);
  store_directory_free (directory);
}

static void
test_failed_script_leaves_the_version_before (void)
{
  static const char *const scripts[] = { "CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (x)",
                                         "CREATE TABLE c (x)", NULL };
  char *directory = store_directory_new ();
  KsConnection *connection = open_empty (directory);
  g_autoptr (GError) error = NULL;

  g_assert_false (ks_schema_run_scripts (connection, scripts, 0, 3, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  g_assert_cmpint (query (connection, "PRAGMA user_version"), ==, 1);
  g_assert_cmpint (query (connection, "SELECT count (*) FROM sqlite_schema WHERE name = 'b'"), ==, 0);
  g_assert_cmpint (query (connection, "SELECT count (*) FROM sqlite_schema WHERE name = 'c'"), ==, 0);
  ks_connection_free (connection);
  store_directory_free (directory);
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, child);
  g_test_add_func ("/schema/every-dump-opens", test_every_dump_opens);
  g_test_add_func ("/schema/scripts-run-in-order", test_scripts_run_in_order);
  g_test_add_func ("/schema/failed-script-leaves-the-version-before",
                   test_failed_script_leaves_the_version_before);
  g_test_add_func ("/schema/killed-at-any-step-of-a-migration", test_killed_at_any_step_of_a_migration);
  g_test_add_func ("/schema/killed-around-the-commit-of-a-migration",
                   test_killed_around_the_commit_of_a_migration);
  g_test_add_func ("/schema/killed-while-laying-out", test_killed_while_laying_out);
  return g_test_run ();
}
