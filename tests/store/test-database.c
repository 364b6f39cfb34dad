/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-database.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "store/store-fixture.h"

static gboolean
execute (KsTransaction *transaction, const char *sql, GError **error)
{
  g_autoptr (KsStatement) statement = ks_transaction_prepare (transaction, sql, error);

  return statement != NULL && ks_statement_execute (statement, error);
}

static gboolean
add_one (KsTransaction *transaction, gpointer data, GError **error)
{
  return execute (transaction,
                  "INSERT INTO store_key_slots (kind, name, created) VALUES (1, hex (randomblob (8)), 0)",
                  error);
}

static gboolean
count (KsTransaction *transaction, gpointer data, GError **error)
{
  g_autoptr (KsStatement) statement =
      ks_transaction_prepare (transaction, "SELECT count (*) FROM store_key_slots", error);

  if (statement == NULL || ks_statement_step (statement, error) != KS_STATEMENT_ROW)
    return FALSE;
  *(gint64 *) data = ks_statement_get_int64 (statement, 0);
  return TRUE;
}

static gint64
count_rows (KsDatabase *database)
{
  g_autoptr (GError) error = NULL;
  gint64 rows = -1;

  store_run (database, count, &rows, &error);
  g_assert_no_error (error);
  return rows;
}

/* Writes rows and is killed before the commit of the second transaction. */
static gboolean
add_and_die (KsTransaction *transaction, gpointer data, GError **error)
{
  for (int i = 0; i < 5000; i++)
    if (!add_one (transaction, NULL, error))
      return FALSE;
  kill (getpid (), SIGKILL);
  return TRUE;
}

static void
child (const char *directory, const char *mode)
{
  KsDatabase *database = store_try_open (directory, KS_DATABASE_READ_WRITE, NULL);

  if (g_str_equal (mode, "hold"))
    {
      char byte;

      g_print ("open\n");
      fflush (stdout);
      g_assert_cmpint (read (STDIN_FILENO, &byte, 1), ==, 0);
      store_close (database);
      return;
    }
  g_assert_true (store_run (database, add_one, NULL, NULL));
  store_run (database, add_and_die, NULL, NULL);
}

static gboolean
read_settings (KsTransaction *transaction, gpointer data, GError **error)
{
  static const struct
  {
    const char *sql;
    const char *text;
    gint64 number;
  } settings[] = {
    { "PRAGMA journal_mode", "wal", 0 },  { "PRAGMA synchronous", NULL, 2 },
    { "PRAGMA foreign_keys", NULL, 1 },   { "PRAGMA secure_delete", NULL, 1 },
    { "PRAGMA trusted_schema", NULL, 0 }, { "PRAGMA busy_timeout", NULL, 5000 },
    { "PRAGMA page_size", NULL, 4096 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autoptr (KsStatement) statement = ks_transaction_prepare (transaction, settings[i].sql, error);

      g_test_message ("%s", settings[i].sql);
      g_assert_cmpint (ks_statement_step (statement, error), ==, KS_STATEMENT_ROW);
      g_assert_cmpstr (ks_statement_get_text (statement, 0), ==, settings[i].text);
      g_assert_cmpint (ks_statement_get_int64 (statement, 0), ==, settings[i].number);
    }
  return TRUE;
}

static void
test_settings (void)
{
  char *directory = store_directory_new ();
  KsDatabase *database = store_open (directory);

  g_assert_true (store_run (database, read_settings, NULL, NULL));
  store_close (database);
  store_directory_free (directory);
}

static gboolean
add_and_fail (KsTransaction *transaction, gpointer data, GError **error)
{
  g_assert_true (add_one (transaction, NULL, error));
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_EMPTY, "no");
  return FALSE;
}

static void
test_failure_rolls_back (void)
{
  char *directory = store_directory_new ();
  KsDatabase *database = store_open (directory);
  gint64 rows = count_rows (database);
  g_autoptr (GError) error = NULL;

  g_assert_false (store_run (database, add_and_fail, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_EMPTY);
  g_assert_cmpint (count_rows (database), ==, rows);
  g_assert_true (store_run (database, add_one, NULL, NULL));
  g_assert_cmpint (count_rows (database), ==, rows + 1);
  store_close (database);
  store_directory_free (directory);
}

typedef struct
{
  GThread *main_thread;
  GString *trace;
  gboolean destroyed;
} Trace;

static gboolean
trace_run (KsTransaction *transaction, gpointer data, GError **error)
{
  Trace *trace = data;

  g_assert_true (g_thread_self () != trace->main_thread);
  g_string_append_c (trace->trace, 'r');
  return TRUE;
}

static void
trace_destroy (gpointer data)
{
  Trace *trace = data;

  g_assert_true (g_thread_self () == trace->main_thread);
  trace->destroyed = TRUE;
}

static void
test_runs_on_its_thread_and_frees_on_ours (void)
{
  char *directory = store_directory_new ();
  KsDatabase *database = store_open (directory);
  Trace trace = { g_thread_self (), g_string_new (NULL), FALSE };
  GAsyncResult *results[10] = { NULL };
  gpointer data = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (results); i++)
    ks_database_run_async (database, trace_run, &trace, i == 9 ? trace_destroy : NULL, NULL, store_on_ready,
                           &results[i]);
  /* The last one done means that all are: they run in order. */
  g_assert_true (ks_database_run_finish (database, store_wait (&results[9]), &data, NULL));
  g_assert_true (data == &trace);
  g_assert_cmpstr (trace.trace->str, ==, "rrrrrrrrrr");
  g_assert_false (trace.destroyed);
  for (gsize i = 0; i < G_N_ELEMENTS (results); i++)
    g_object_unref (results[i]);
  while (!trace.destroyed)
    g_main_context_iteration (NULL, FALSE);
  g_string_free (trace.trace, TRUE);
  store_close (database);
  store_directory_free (directory);
}

static gboolean
add_and_cancel (KsTransaction *transaction, gpointer data, GError **error)
{
  g_assert_true (add_one (transaction, NULL, error));
  g_cancellable_cancel (data);
  return TRUE;
}

static void
test_cancelled_before_the_commit (void)
{
  char *directory = store_directory_new ();
  KsDatabase *database = store_open (directory);
  gint64 rows = count_rows (database);
  g_autoptr (GCancellable) within = g_cancellable_new ();
  g_autoptr (GCancellable) late = g_cancellable_new ();
  g_autoptr (GAsyncResult) cancelled = NULL;
  g_autoptr (GAsyncResult) at_once = NULL;
  g_autoptr (GAsyncResult) committed = NULL;
  g_autoptr (GError) error = NULL;

  ks_database_run_async (database, add_and_cancel, within, NULL, within, store_on_ready, &cancelled);
  g_assert_false (ks_database_run_finish (database, store_wait (&cancelled), NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  ks_database_run_async (database, add_one, NULL, NULL, within, store_on_ready, &at_once);
  g_assert_false (ks_database_run_finish (database, store_wait (&at_once), NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpint (count_rows (database), ==, rows);

  ks_database_run_async (database, add_one, NULL, NULL, late, store_on_ready, &committed);
  store_wait (&committed);
  g_cancellable_cancel (late);
  g_assert_true (ks_database_run_finish (database, committed, NULL, &error));
  g_assert_cmpint (count_rows (database), ==, rows + 1);
  g_clear_object (&cancelled);
  g_clear_object (&at_once);
  g_clear_object (&committed);
  store_close (database);
  store_directory_free (directory);
}

static void
test_closed (void)
{
  char *directory = store_directory_new ();
  KsDatabase *database = store_open (directory);
  g_autoptr (GAsyncResult) closed = NULL;
  g_autoptr (GError) error = NULL;

  ks_database_close_async (database, NULL, store_on_ready, &closed);
  g_assert_true (ks_database_close_finish (database, store_wait (&closed), &error));
  g_assert_null (ks_store_key_ref (database));
  g_assert_false (store_run (database, add_one, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_object (&closed);
  store_close (database);
  store_directory_free (directory);
}

static gboolean
fill (KsTransaction *transaction, gpointer data, GError **error)
{
  for (int i = 0; i < 100000; i++)
    if (!add_one (transaction, NULL, error))
      return FALSE;
  return TRUE;
}

static gboolean
limit_pages (KsTransaction *transaction, gpointer data, GError **error)
{
  g_autoptr (KsStatement) statement =
      ks_transaction_prepare (transaction, "PRAGMA max_page_count = 60", error);

  return statement != NULL && ks_statement_step (statement, error) == KS_STATEMENT_ROW;
}

static gboolean
unlimit_pages (KsTransaction *transaction, gpointer data, GError **error)
{
  g_autoptr (KsStatement) statement =
      ks_transaction_prepare (transaction, "PRAGMA max_page_count = 100000", error);

  return statement != NULL && ks_statement_step (statement, error) == KS_STATEMENT_ROW;
}

static void
test_disk_full (void)
{
  char *directory = store_directory_new ();
  KsDatabase *database = store_open (directory);
  gint64 rows = count_rows (database);
  g_autoptr (GError) error = NULL;

  g_assert_true (store_run (database, limit_pages, NULL, NULL));
  g_assert_false (store_run (database, fill, NULL, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FULL);
  g_assert_cmpint (count_rows (database), ==, rows);
  g_assert_true (store_run (database, unlimit_pages, NULL, NULL));
  g_assert_true (store_run (database, add_one, NULL, NULL));
  store_close (database);
  database = store_open (directory);
  g_assert_null (ks_database_get_salvaged (database));
  g_assert_cmpint (count_rows (database), ==, rows + 1);
  store_close (database);
  store_directory_free (directory);
}

static void
test_killed_within_a_transaction (void)
{
  char *directory = store_directory_new ();
  KsDatabase *database;

  g_assert_cmpint (store_run_child (directory, "fill", NULL), ==, SIGKILL);
  database = store_try_open (directory, KS_DATABASE_READ_WRITE, NULL);
  g_assert_nonnull (database);
  g_assert_null (ks_database_get_salvaged (database));
  g_assert_cmpint (count_rows (database), ==, 1);
  store_close (database);
  store_directory_free (directory);
}

static void
test_newer_version_is_left_alone (void)
{
  char *directory = store_directory_new ();
  g_autofree char *path = g_build_filename (directory, "keepsake.db", NULL);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize size_before, size_after;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GError) error = NULL;

  store_close (store_open (directory));
  store_sql (directory, "PRAGMA user_version = 1000; CREATE TABLE later (x)");
  g_assert_true (g_file_get_contents (path, &before, &size_before, NULL));
  g_assert_null (store_try_open (directory, KS_DATABASE_READ_WRITE, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NEWER);
  g_clear_error (&error);
  g_assert_null (store_try_open (directory, KS_DATABASE_READ_ONLY, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NEWER);
  g_assert_true (g_file_get_contents (path, &after, &size_after, NULL));
  g_assert_cmpmem (after, size_after, before, size_before);
  files = store_list_files (directory, "keepsake-", "");
  g_assert_cmpuint (files->len, ==, 0);
  store_directory_free (directory);
}

static gboolean
read_version (KsTransaction *transaction, gpointer data, GError **error)
{
  return execute (transaction, "SELECT 1", error);
}

static void
test_migrated_by_a_newer_version_meanwhile (void)
{
  char *directory = store_directory_new ();
  KsDatabase *database = store_open (directory);
  g_autoptr (GError) error = NULL;

  store_sql (directory, "PRAGMA user_version = 1000");
  g_assert_false (store_run (database, read_version, NULL, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NEWER);
  store_close (database);
  store_directory_free (directory);
}

static void
test_read_only (void)
{
  char *directory = store_directory_new ();
  g_autoptr (GError) error = NULL;
  KsDatabase *writer, *reader;

  g_assert_null (store_try_open (directory, KS_DATABASE_READ_ONLY, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);

  writer = store_open (directory);
  reader = store_try_open (directory, KS_DATABASE_READ_ONLY, &error);
  g_assert_no_error (error);
  g_assert_cmpint (count_rows (reader), ==, 1);
  g_assert_true (store_run (writer, add_one, NULL, NULL));
  g_assert_cmpint (count_rows (reader), ==, 2);
  g_assert_false (store_run (reader, add_one, NULL, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  g_assert_cmpint (count_rows (writer), ==, 2);
  store_close (reader);
  store_close (writer);
  store_directory_free (directory);
}

static GSubprocess *
start_holder (const char *directory)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (GError) error = NULL;
  GSubprocess *process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                           &error, self, "--child", directory, "hold", NULL);
  char line[5];

  g_assert_no_error (error);
  g_input_stream_read_all (g_subprocess_get_stdout_pipe (process), line, sizeof line, NULL, NULL, &error);
  g_assert_no_error (error);
  return process;
}

/* Without a directory nothing is written anywhere, and two of them share nothing. */
static void
test_in_memory (void)
{
  KsDatabase *database = store_open (NULL);
  KsDatabase *other = store_open (NULL);
  g_autoptr (KsAccountRecord) record = store_add_account (database, "@alice:example.org", "ONE");
  g_autoptr (GError) error = NULL;

  g_assert_null (ks_database_get_directory (database));
  g_assert_null (ks_database_get_salvaged (database));
  g_assert_nonnull (record->access_token);
  store_run (database, add_one, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (count_rows (database), ==, 2);
  g_assert_cmpint (count_rows (other), ==, 1);
  store_close (database);
  store_close (other);
}

static void
test_in_use_by_another_process (void)
{
  char *directory = store_directory_new ();
  g_autoptr (GSubprocess) process = start_holder (directory);
  g_autofree char *path = g_build_filename (directory, "keepsake.db", NULL);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  KsDatabase *database = store_try_open (directory, KS_DATABASE_READ_WRITE, &error);
  gsize size;
  FILE *file;

  /* Beside the other, everything that needs no mending works. */
  g_assert_no_error (error);
  g_assert_true (store_run (database, add_one, NULL, NULL));
  g_assert_cmpint (count_rows (database), ==, 1);
  store_close (database);

  g_assert_null (store_try_open (directory, KS_DATABASE_START_AFRESH, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_HELD);
  g_clear_error (&error);

  /* Damaged under its hands: it is not ours to mend while the other has it open. */
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  file = fopen (path, "r+b");
  g_assert_cmpint (fwrite ("damaged", 1, 7, file), ==, 7);
  fclose (file);
  g_clear_pointer (&content, g_free);
  {
    g_autoptr (GPtrArray) wal = store_list_files (directory, "keepsake.db-", "");

    for (guint i = 0; i < wal->len; i++)
      g_unlink (wal->pdata[i]);
  }
  g_assert_null (store_try_open (directory, KS_DATABASE_READ_WRITE, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_HELD);

  g_output_stream_close (g_subprocess_get_stdin_pipe (process), NULL, NULL);
  g_assert_true (g_subprocess_wait (process, NULL, NULL));
  store_directory_free (directory);
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, child);
  g_test_add_func ("/database/settings", test_settings);
  g_test_add_func ("/database/failure-rolls-back", test_failure_rolls_back);
  g_test_add_func ("/database/runs-on-its-thread-and-frees-on-ours",
                   test_runs_on_its_thread_and_frees_on_ours);
  g_test_add_func ("/database/cancelled-before-the-commit", test_cancelled_before_the_commit);
  g_test_add_func ("/database/closed", test_closed);
  g_test_add_func ("/database/disk-full", test_disk_full);
  g_test_add_func ("/database/killed-within-a-transaction", test_killed_within_a_transaction);
  g_test_add_func ("/database/newer-version-is-left-alone", test_newer_version_is_left_alone);
  g_test_add_func ("/database/migrated-by-a-newer-version-meanwhile",
                   test_migrated_by_a_newer_version_meanwhile);
  g_test_add_func ("/database/read-only", test_read_only);
  g_test_add_func ("/database/in-memory", test_in_memory);
  g_test_add_func ("/database/in-use-by-another-process", test_in_use_by_another_process);
  return g_test_run ();
}
