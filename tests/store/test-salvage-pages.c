/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every page of a database lost in turn: only what that page alone held is missing, and the store opens.
 */

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "store/ks-key-store.h"
#include "store/ks-schema.h"
#include "store/sample.h"

#define PAGE 4096
#define KEYS 60

/* What everything else hangs on: none of it is on one page alone. */
static const char *const kept_twice[] = { "store_key", "store_key_slots", "accounts", "olm_accounts",
                                          "secrets",   "journal",         "recovery", NULL };

static const char *const tables[] = { "store_key", "store_key_slots", "accounts",       "room_keys",
                                      "journal",   "olm_accounts",    "sync_positions", "to_device",
                                      "secrets",   "recovery",        "room_key_twins", NULL };

static void
put_keys (const char *directory)
{
  KsDatabase *database = store_open (directory);
  KsAccountRecord account = { .id = 1,
                              .user_id = (char *) "@alice:example.org",
                              .device_id = (char *) "ONE" };
  g_autoptr (KsKeyStore) store = ks_key_store_new (database, &account);
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
      key->session_key = g_malloc0 (key->session_key_size);
      g_ptr_array_add (keys, key);
    }
  ks_key_store_put_async (store, keys, NULL, NULL, NULL, NULL, store_on_ready, &result);
  g_assert_true (ks_key_store_put_finish (store, store_wait (&result), NULL, NULL));
  g_clear_object (&result);
  g_clear_object (&store);
  store_close (database);
}

static gint64
count (const char *directory, const char *table)
{
  g_autofree char *sql = g_strdup_printf ("SELECT count (*) FROM \"%s\" NOT INDEXED", table);
  g_autofree char *text = store_sql_text (directory, sql);

  return g_ascii_strtoll (text, NULL, 10);
}

/* The table that a page is of; NULL: of an index, or of none. */
static char *
owner (const char *directory, guint page)
{
  g_autofree char *sql =
      g_strdup_printf ("SELECT max (d.name) FROM dbstat d JOIN sqlite_schema s ON s.name = d.name"
                       " AND s.type = 'table' WHERE d.pageno = %u",
                       page);

  return store_sql_text (directory, sql);
}

/* A copy of @content with the page @page, from 1 on, lost. */
static char *
damage (const char *content, gsize size, guint page)
{
  char *directory = store_directory_new ();
  g_autofree char *path = g_build_filename (directory, "keepsake.db", NULL);
  g_autofree char *damaged = g_memdup2 (content, size);

  memset (damaged + (gsize) (page - 1) * PAGE, 0, PAGE);
  g_assert_true (
      g_file_set_contents_full (path, damaged, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  return directory;
}

static KsAccountRecord *
get_account (KsDatabase *database, GError **error)
{
  g_autoptr (KsAccountStore) accounts = ks_account_store_new (database);
  g_autoptr (GAsyncResult) result = NULL;

  ks_account_store_get_async (accounts, 0, NULL, store_on_ready, &result);
  return ks_account_store_get_finish (accounts, store_wait (&result), error);
}

/* Opens what is left, with the key in the keyring as nothing else knows it. */
static void
assert_opens (const char *directory, guint page)
{
  KsDatabase *database = store_open (directory);
  g_autoptr (GError) error = NULL;
  g_autoptr (KsAccountRecord) account = get_account (database, &error);

  g_test_message ("page %u", page);
  g_assert_no_error (error);
  g_assert_cmpstr (account->user_id, ==, "@alice:example.org");
  store_close (database);
}

static void
test_every_page_in_turn (void)
{
  char *whole = store_directory_new ();
  g_autofree char *path = g_build_filename (whole, "keepsake.db", NULL);
  g_autofree char *content = NULL;
  gint64 before[G_N_ELEMENTS (tables)];
  gsize size;
  guint seen = 0;

  sample_make (whole);
  put_keys (whole);
  for (guint i = 0; tables[i] != NULL; i++)
    {
      before[i] = count (whole, tables[i]);
      g_assert_cmpint (before[i], >, 0);
    }
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  for (guint page = 1; page <= size / PAGE; page++)
    {
      g_autofree char *lost = owner (whole, page);
      char *directory = damage (content, size, page);

      assert_opens (directory, page);
      for (guint i = 0; tables[i] != NULL; i++)
        {
          gboolean may_lack = g_strcmp0 (lost, tables[i]) == 0 && !g_strv_contains (kept_twice, lost);

          /* A second key hangs on the first. */
          may_lack =
              may_lack || (g_strcmp0 (lost, "room_keys") == 0 && g_str_equal (tables[i], "room_key_twins"));
          if (!may_lack)
            g_assert_cmpint (count (directory, tables[i]), ==, before[i]);
          seen += may_lack ? 1 : 0;
        }
      store_directory_free (directory);
    }
  g_assert_cmpuint (seen, >=, 4);
  store_directory_free (whole);
}

/* A database of before there were copies: what its indexes know of an account is enough for all that
 * is sealed for it. */
static void
test_lost_accounts_of_an_older_schema (void)
{
  char *whole = store_directory_new ();
  g_autofree char *path = g_build_filename (whole, "keepsake.db", NULL);
  g_autofree char *dump_path =
      g_build_filename (g_getenv ("KS_SOURCE_ROOT"), "tests", "data", "store", "schema-006.sql", NULL);
  g_autofree char *dump = NULL;
  g_autofree char *content = NULL;
  gint64 before[G_N_ELEMENTS (tables)];
  gsize size;

  g_assert_true (g_file_get_contents (dump_path, &dump, NULL, NULL));
  store_sql (whole, dump);
  for (guint i = 0; tables[i] != NULL; i++)
    before[i] = count (whole, tables[i]);
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  for (guint page = 2; page <= size / PAGE; page++)
    {
      g_autofree char *lost = owner (whole, page);
      char *directory;
      KsDatabase *database;
      g_autoptr (KsAccountRecord) account = NULL;
      g_autoptr (GError) error = NULL;

      if (g_strcmp0 (lost, "accounts") != 0 && g_strcmp0 (lost, "store_key_slots") != 0
          && g_strcmp0 (lost, "store_key") != 0)
        continue;
      directory = damage (content, size, page);
      database = store_open (directory);
      account = get_account (database, &error);
      if (g_str_equal (lost, "accounts"))
        {
          /* The token was on that page. */
          g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED);
          g_clear_error (&error);
        }
      g_assert_no_error (error);
      store_close (database);
      for (guint i = 0; tables[i] != NULL; i++)
        g_assert_cmpint (count (directory, tables[i]), ==, before[i]);
      store_directory_free (directory);
    }
  store_directory_free (whole);
}

static gboolean
create (KsDatabase *database, KsSecret *key, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_store_key_create_async (database, KS_STORE_KEY_SLOT_KEYRING, "", key, NULL, store_on_ready, &result);
  return ks_store_key_create_finish (database, store_wait (&result), error);
}

/* And no other key is. */
static void
test_key_of_lost_slots_is_taken_up (void)
{
  static const char *const losses[] = { "DELETE FROM store_key_slots",
                                        "DELETE FROM store_key_slots; DELETE FROM store_key" };

  for (gsize i = 0; i < G_N_ELEMENTS (losses); i++)
    {
      char *directory = store_directory_new ();
      KsDatabase *database;
      g_autoptr (KsSecret) other = ks_secret_new_random (KS_STORE_KEY_SIZE);
      g_autoptr (KsSecret) own = store_key ();
      g_autoptr (KsAccountRecord) account = NULL;
      g_autoptr (GError) error = NULL;

      sample_make (directory);
      store_sql (directory, losses[i]);
      database = store_try_open (directory, KS_DATABASE_READ_WRITE, NULL);
      g_assert_false (create (database, other, &error));
      g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_EXISTS);
      g_clear_error (&error);
      g_assert_true (create (database, own, &error));
      g_assert_no_error (error);
      account = get_account (database, &error);
      g_assert_no_error (error);
      store_close (database);
      g_assert_cmpint (count (directory, "store_key_slots"), ==, 1);
      g_assert_cmpint (count (directory, "store_key"), ==, 1);
      store_directory_free (directory);
    }
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, NULL);
  g_test_add_func ("/salvage-pages/every-page-in-turn", test_every_page_in_turn);
  g_test_add_func ("/salvage-pages/lost-accounts-of-an-older-schema", test_lost_accounts_of_an_older_schema);
  g_test_add_func ("/salvage-pages/key-of-lost-slots-is-taken-up", test_key_of_lost_slots_is_taken_up);
  return g_test_run ();
}
