/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Damages databases in every way that comes to mind and asserts, each time, that
 * the damaged bytes are kept, that what could be read is in the new database, and
 * that the next opening finds nothing wrong.
 */

#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/ks-key-store.h"
#include "store/ks-schema.h"
#include "store/sample.h"

#define PAGE 4096
#define KEYS 2000

static gboolean
put_keys (KsDatabase *database, const KsAccountRecord *account)
{
  g_autoptr (KsKeyStore) store = ks_key_store_new (database, account);
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
  g_autoptr (GAsyncResult) result = NULL;

  for (int i = 0; i < KEYS; i++)
    {
      KsStoredRoomKey *key = g_new0 (KsStoredRoomKey, 1);

      key->room_id = g_strdup_printf ("!room%d:example.org", i % 10);
      key->session_id = g_strdup_printf ("session-%d", i);
      key->sender_key = g_strdup ("sender");
      key->provenance = KS_ROOM_KEY_BACKUP;
      key->session_key_size = 165;
      key->session_key = g_malloc (key->session_key_size);
      memset (key->session_key, i & 0xff, key->session_key_size);
      g_ptr_array_add (keys, key);
    }
  ks_key_store_put_async (store, keys, NULL, NULL, NULL, NULL, store_on_ready, &result);
  return ks_key_store_put_finish (store, store_wait (&result), NULL, NULL);
}

/* Fills a database and dies with all of it still in the -wal file. */
static void
child (const char *directory, const char *mode)
{
  KsDatabase *database = store_open (directory);
  g_autoptr (KsAccountRecord) account = store_add_account (database, "@alice:example.org", "ONE");

  g_assert_true (put_keys (database, account));
  kill (getpid (), SIGKILL);
}

typedef struct
{
  char *directory;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  KsDatabase *database;
  g_autoptr (KsAccountRecord) account = NULL;

  fixture->directory = store_directory_new ();
  fixture->path = g_build_filename (fixture->directory, "keepsake.db", NULL);
  database = store_open (fixture->directory);
  account = store_add_account (database, "@alice:example.org", "ONE");
  g_assert_true (put_keys (database, account));
  store_close (database);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  store_directory_free (fixture->directory);
  g_free (fixture->path);
}

static void
overwrite (const char *path, gsize offset, const void *bytes, gsize size)
{
  FILE *file = fopen (path, "r+b");

  g_assert_cmpint (fseek (file, (long) offset, SEEK_SET), ==, 0);
  g_assert_cmpuint (fwrite (bytes, 1, size, file), ==, size);
  fclose (file);
}

static gsize
get_size (const char *path)
{
  struct stat info;

  g_assert_cmpint (stat (path, &info), ==, 0);
  return (gsize) info.st_size;
}

/* How many keys can be listed, that is: read and opened. */
static guint
count_keys (KsDatabase *database, gint64 account_id)
{
  KsAccountRecord account = { .id = account_id,
                              .user_id = (char *) "@alice:example.org",
                              .device_id = (char *) "ONE" };
  g_autoptr (KsKeyStore) store = ks_key_store_new (database, &account);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) keys = NULL;

  ks_key_store_list_pending_async (store, NULL, 0, KEYS, NULL, store_on_ready, &result);
  keys = ks_key_store_list_pending_finish (store, store_wait (&result), NULL, &error);
  g_assert_no_error (error);
  return keys->len;
}

static void
assert_token_opens (KsDatabase *database)
{
  g_autoptr (KsAccountStore) store = ks_account_store_new (database);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsAccountRecord) record = NULL;

  ks_account_store_get_async (store, 0, NULL, store_on_ready, &result);
  record = ks_account_store_get_finish (store, store_wait (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (record->user_id, ==, "@alice:example.org");
}

/* Opens the damaged database and returns how many keys have come through. */
static guint
salvage (Fixture *fixture, KsSalvaged *salvaged)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *aside = NULL;
  g_autoptr (GPtrArray) left = NULL;
  gsize size_before, size_after;
  KsDatabase *database;
  const KsSalvaged *found;
  struct stat info;
  guint keys = 0;

  g_assert_true (g_file_get_contents (fixture->path, &before, &size_before, NULL));
  g_assert_null (store_try_open (fixture->directory, KS_DATABASE_READ_ONLY, NULL));
  database = store_open (fixture->directory);
  found = ks_database_get_salvaged (database);
  g_assert_nonnull (found);
  g_test_message ("rows %" G_GUINT64_FORMAT " lost %" G_GUINT64_FORMAT " gaps %" G_GUINT64_FORMAT,
                  found->rows, found->lost, found->gaps);
  *salvaged = *found;
  aside = g_strdup (found->path);
  salvaged->path = NULL;
  if (found->rows > 0)
    keys = count_keys (database, 1);
  store_close (database);

  g_assert_true (g_file_get_contents (aside, &after, &size_after, NULL));
  g_assert_cmpmem (after, size_after, before, size_before);
  g_assert_cmpint (stat (aside, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 07777, ==, 0400);

  database = store_open (fixture->directory);
  g_assert_null (ks_database_get_salvaged (database));
  if (keys > 0)
    {
      assert_token_opens (database);
      g_assert_cmpuint (count_keys (database, 1), ==, keys);
    }
  store_close (database);
  left = store_list_files (fixture->directory, "keepsake-salvage", "");
  g_assert_cmpuint (left->len, ==, 0);
  return keys;
}

static void
test_truncated (Fixture *fixture, gconstpointer data)
{
  gsize size = get_size (fixture->path);
  KsSalvaged salvaged;
  guint keys;

  g_assert_cmpint (truncate (fixture->path, (off_t) (size * 6 / 10 / PAGE * PAGE + 1000)), ==, 0);
  keys = salvage (fixture, &salvaged);
  g_assert_cmpuint (keys, >, KEYS / 4);
  g_assert_cmpuint (keys, <, KEYS);
  g_assert_cmpuint (salvaged.gaps, >, 0);
}

static void
test_truncated_to_nothing (Fixture *fixture, gconstpointer data)
{
  KsSalvaged salvaged;

  g_assert_cmpint (truncate (fixture->path, 0), ==, 0);
  g_assert_cmpuint (salvage (fixture, &salvaged), ==, 0);
  g_assert_cmpuint (salvaged.rows, ==, 0);
}

static void
test_random_bytes_within_pages (Fixture *fixture, gconstpointer data)
{
  gsize pages = get_size (fixture->path) / PAGE;
  KsSalvaged salvaged;
  guint keys;

  /* Far from the first pages, which hold the schema and the account. */
  for (gsize page = 40; page + 1 < pages; page += 25)
    {
      guint8 noise[64];

      for (gsize i = 0; i < sizeof noise; i++)
        noise[i] = (guint8) g_test_rand_int ();
      overwrite (fixture->path, page * PAGE, noise, sizeof noise);
    }
  keys = salvage (fixture, &salvaged);
  g_assert_cmpuint (keys, >, KEYS / 2);
}

static void
test_zeroed_pages (Fixture *fixture, gconstpointer data)
{
  static const guint8 zeros[PAGE];
  gsize pages = get_size (fixture->path) / PAGE;
  KsSalvaged salvaged;
  guint keys;

  for (gsize page = 40; page + 1 < pages; page += 25)
    overwrite (fixture->path, page * PAGE, zeros, PAGE);
  keys = salvage (fixture, &salvaged);
  g_assert_cmpuint (keys, >, KEYS / 2);
}

static void
test_zeroed_header (Fixture *fixture, gconstpointer data)
{
  static const guint8 zeros[100];
  KsSalvaged salvaged;

  overwrite (fixture->path, 0, zeros, sizeof zeros);
  g_assert_cmpuint (salvage (fixture, &salvaged), ==, KEYS);
  g_assert_cmpuint (salvaged.lost + salvaged.gaps, ==, 0);
}

static void
test_zeroed_first_page (Fixture *fixture, gconstpointer data)
{
  static const guint8 zeros[PAGE];
  KsSalvaged salvaged;

  overwrite (fixture->path, 0, zeros, sizeof zeros);
  g_assert_cmpuint (salvage (fixture, &salvaged), ==, KEYS);
}

/* A database with rows is migrated, and then loses its schema. */
static void
test_zeroed_first_page_after_a_migration (Fixture *fixture, gconstpointer data)
{
  static const guint8 zeros[PAGE];
  KsSalvaged salvaged;

  store_sql (fixture->directory, "DROP TABLE room_key_twins; DROP TABLE recovery; DROP TABLE secrets;"
                                 "DROP TABLE to_device;"
                                 "DROP TABLE sync_positions; DROP TABLE olm_accounts;"
                                 "DROP INDEX store_key_copy; DROP INDEX store_key_slots_copy;"
                                 "DROP INDEX accounts_copy; DROP INDEX journal_copy;"
                                 "DROP INDEX room_keys_backed_up; DROP INDEX room_keys_session;"
                                 "ALTER TABLE room_keys DROP COLUMN refused_version;"
                                 "ALTER TABLE room_keys DROP COLUMN room_claim;"
                                 "CREATE INDEX room_keys_backed_up"
                                 " ON room_keys (account_id, id, backed_up_version);"
                                 "PRAGMA user_version = 1; VACUUM");
  store_close (store_open (fixture->directory));
  overwrite (fixture->path, 0, zeros, sizeof zeros);
  g_assert_cmpuint (salvage (fixture, &salvaged), ==, KEYS);
  g_assert_cmpuint (salvaged.lost + salvaged.gaps, ==, 0);
}

static void
test_all_noise (Fixture *fixture, gconstpointer data)
{
  gsize size = get_size (fixture->path);
  g_autofree guint8 *noise = g_malloc (size);
  KsSalvaged salvaged;

  for (gsize i = 0; i < size; i++)
    noise[i] = (guint8) g_test_rand_int ();
  overwrite (fixture->path, 0, noise, size);
  g_assert_cmpuint (salvage (fixture, &salvaged), ==, 0);
  g_assert_cmpuint (salvaged.rows, ==, 0);
}

static void
test_version_lost (Fixture *fixture, gconstpointer data)
{
  KsSalvaged salvaged;

  store_sql (fixture->directory, "PRAGMA user_version = 0");
  g_assert_cmpuint (salvage (fixture, &salvaged), ==, KEYS);
}

static void
test_garbage_rows_are_left_behind (Fixture *fixture, gconstpointer data)
{
  static const guint8 zeros[16];
  KsSalvaged salvaged;

  /* Rows of an account that is gone: the new database does not take them. */
  store_sql (fixture->directory, "PRAGMA foreign_keys = OFF;"
                                 "UPDATE room_keys SET account_id = 99 WHERE id % 10 = 0");
  overwrite (fixture->path, 0, zeros, sizeof zeros);
  g_assert_cmpuint (salvage (fixture, &salvaged), ==, KEYS - KEYS / 10);
  g_assert_cmpuint (salvaged.lost, ==, KEYS / 10);
}

static void
test_every_table_is_carried_over (void)
{
  static const guint8 zeros[100];
  char *directory = store_directory_new ();
  g_autofree char *path = g_build_filename (directory, "keepsake.db", NULL);
  KsDatabase *database;

  sample_make (directory);
  overwrite (path, 0, zeros, sizeof zeros);
  database = store_open (directory);
  g_assert_nonnull (ks_database_get_salvaged (database));
  g_assert_cmpuint (ks_database_get_salvaged (database)->lost, ==, 0);
  g_assert_cmpuint (ks_database_get_salvaged (database)->gaps, ==, 0);
  sample_assert (database, ks_schema_version ());
  store_close (database);
  store_directory_free (directory);
}

static void
test_what_is_in_the_wal_counts (Fixture *fixture, gconstpointer data)
{
  char *directory = store_directory_new ();
  Fixture killed = { directory, g_build_filename (directory, "keepsake.db", NULL) };
  static const guint8 noise[3000] = { 1 };

  g_assert_cmpint (store_run_child (directory, "fill", NULL), ==, SIGKILL);
  {
    g_autofree char *wal = g_strconcat (killed.path, "-wal", NULL);

    g_assert_cmpuint (get_size (wal), >, get_size (killed.path));
  }
  /* All of the file: what was written since is in the -wal, what was not is lost. */
  for (gsize at = 0; at < get_size (killed.path); at += PAGE)
    overwrite (killed.path, at, noise, sizeof noise);
  {
    KsDatabase *database = store_open (directory);

    g_assert_nonnull (ks_database_get_salvaged (database));
    g_assert_cmpuint (count_keys (database, 1), ==, KEYS);
    assert_token_opens (database);
    {
      g_autofree char *aside_wal = g_strconcat (ks_database_get_salvaged (database)->path, "-wal", NULL);

      g_assert_true (g_file_test (aside_wal, G_FILE_TEST_IS_REGULAR));
    }
    store_close (database);
  }
  tear_down (&killed, NULL);
}

static void
test_set_aside_beside_an_earlier_one (Fixture *fixture, gconstpointer data)
{
  static const guint8 zeros[100];
  g_autoptr (GPtrArray) files = NULL;
  KsSalvaged salvaged;

  for (int i = 0; i < 3; i++)
    {
      overwrite (fixture->path, 0, zeros, sizeof zeros);
      g_assert_cmpuint (salvage (fixture, &salvaged), ==, KEYS);
    }
  files = store_list_files (fixture->directory, "keepsake-set-aside-", ".db");
  g_assert_cmpuint (files->len, ==, 3);
}

/* Kills between the steps of a replacement, played by hand: the new database is
 * complete under its other name, and the old one is wholly, partly or not at all
 * out of the way. */
static void
play_interrupted (Fixture *fixture, int moved)
{
  g_autofree char *ready = g_build_filename (fixture->directory, "keepsake-ready-20200101T000000Z.db", NULL);
  g_autofree char *aside =
      g_build_filename (fixture->directory, "keepsake-set-aside-20200101T000000Z.db", NULL);
  g_autofree char *wal = g_strconcat (fixture->path, "-wal", NULL);
  g_autofree char *aside_wal = g_strconcat (aside, "-wal", NULL);
  g_autofree char *content = NULL;
  gsize size;
  KsDatabase *database;

  g_assert_true (g_file_get_contents (fixture->path, &content, &size, NULL));
  g_assert_true (g_file_set_contents (ready, content, (gssize) size, NULL));
  g_assert_true (g_file_set_contents (fixture->path, "damaged", 7, NULL));
  g_assert_true (g_file_set_contents (wal, "old wal", 7, NULL));
  if (moved > 0)
    g_assert_cmpint (g_rename (fixture->path, aside), ==, 0);
  if (moved > 1)
    g_assert_cmpint (g_rename (wal, aside_wal), ==, 0);

  database = store_open (fixture->directory);
  g_assert_nonnull (ks_database_get_salvaged (database));
  g_assert_cmpstr (ks_database_get_salvaged (database)->path, ==, aside);
  g_assert_cmpuint (count_keys (database, 1), ==, KEYS);
  store_close (database);
  g_clear_pointer (&content, g_free);
  g_assert_true (g_file_get_contents (aside, &content, &size, NULL));
  g_assert_cmpmem (content, size, "damaged", 7);
  g_clear_pointer (&content, g_free);
  g_assert_true (g_file_get_contents (aside_wal, &content, &size, NULL));
  g_assert_cmpmem (content, size, "old wal", 7);
  g_assert_false (g_file_test (ready, G_FILE_TEST_EXISTS));
}

static void
test_killed_before_the_old_is_moved (Fixture *fixture, gconstpointer data)
{
  play_interrupted (fixture, 0);
}

static void
test_killed_while_the_old_is_moved (Fixture *fixture, gconstpointer data)
{
  play_interrupted (fixture, 1);
}

static void
test_killed_before_the_new_is_named (Fixture *fixture, gconstpointer data)
{
  play_interrupted (fixture, 2);
}

static void
test_start_afresh (Fixture *fixture, gconstpointer data)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  gsize size_before, size_after;
  KsDatabase *database;

  g_assert_true (g_file_get_contents (fixture->path, &before, &size_before, NULL));
  database = store_try_open (fixture->directory, KS_DATABASE_START_AFRESH, &error);
  g_assert_no_error (error);
  g_assert_nonnull (ks_database_get_salvaged (database));
  g_assert_true (g_file_get_contents (ks_database_get_salvaged (database)->path, &after, &size_after, NULL));
  g_assert_cmpmem (after, size_after, before, size_before);
  g_assert_cmpuint (count_keys (database, 1), ==, 0);
  store_close (database);
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, child);
#define ADD(name, func) g_test_add ("/salvage/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("truncated", test_truncated);
  ADD ("truncated-to-nothing", test_truncated_to_nothing);
  ADD ("random-bytes-within-pages", test_random_bytes_within_pages);
  ADD ("zeroed-pages", test_zeroed_pages);
  ADD ("zeroed-header", test_zeroed_header);
  ADD ("zeroed-first-page", test_zeroed_first_page);
  ADD ("zeroed-first-page-after-a-migration", test_zeroed_first_page_after_a_migration);
  ADD ("all-noise", test_all_noise);
  ADD ("version-lost", test_version_lost);
  ADD ("garbage-rows-are-left-behind", test_garbage_rows_are_left_behind);
  ADD ("what-is-in-the-wal-counts", test_what_is_in_the_wal_counts);
  ADD ("set-aside-beside-an-earlier-one", test_set_aside_beside_an_earlier_one);
  ADD ("killed-before-the-old-is-moved", test_killed_before_the_old_is_moved);
  ADD ("killed-while-the-old-is-moved", test_killed_while_the_old_is_moved);
  ADD ("killed-before-the-new-is-named", test_killed_before_the_new_is_named);
  ADD ("start-afresh", test_start_afresh);
#undef ADD
  g_test_add_func ("/salvage/every-table-is-carried-over", test_every_table_is_carried_over);
  return g_test_run ();
}
