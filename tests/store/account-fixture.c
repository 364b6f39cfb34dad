/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/account-fixture.h"

#include <string.h>

void
account_fixture_set_up (AccountFixture *fixture, gconstpointer data)
{
  fixture->directory = store_directory_new ();
  fixture->database = store_open (fixture->directory);
  fixture->alice = store_add_account (fixture->database, "@alice:example.org", "ONE");
  fixture->bob = store_add_account (fixture->database, "@bob:example.org", "ONE");
}

void
account_fixture_tear_down (AccountFixture *fixture, gconstpointer data)
{
  store_close (fixture->database);
  ks_account_record_free (fixture->alice);
  ks_account_record_free (fixture->bob);
  store_directory_free (fixture->directory);
}

void
account_fixture_reopen (AccountFixture *fixture, const char *sql, KsDatabaseFlags flags, gboolean unlock)
{
  g_autoptr (KsSecret) key = store_key ();
  g_autoptr (GAsyncResult) opened = NULL;
  g_autoptr (GError) error = NULL;

  store_close (fixture->database);
  if (sql != NULL)
    store_sql (fixture->directory, sql);
  fixture->database = store_try_open (fixture->directory, flags, &error);
  g_assert_no_error (error);
  if (!unlock)
    return;
  ks_store_key_open_async (fixture->database, KS_STORE_KEY_SLOT_KEYRING, "", key, NULL, store_on_ready,
                           &opened);
  ks_store_key_open_finish (fixture->database, store_wait (&opened), &error);
  g_assert_no_error (error);
}

void
account_fixture_remove_alice (AccountFixture *fixture, const char *table, const char *left)
{
  g_autoptr (KsAccountStore) accounts = ks_account_store_new (fixture->database);
  g_autoptr (GAsyncResult) removed = NULL;
  g_autofree char *sql = g_strdup_printf ("SELECT count (*) FROM %s", table);
  g_autofree char *count = NULL;
  g_autoptr (GError) error = NULL;

  ks_account_store_remove_async (accounts, fixture->alice->id, NULL, store_on_ready, &removed);
  ks_account_store_remove_finish (accounts, store_wait (&removed), &error);
  g_assert_no_error (error);
  count = store_sql_text (fixture->directory, sql);
  g_assert_cmpstr (count, ==, left);
}

void
account_fixture_assert_not_in_files (AccountFixture *fixture, const char *text)
{
  g_autoptr (GPtrArray) files = store_list_files (fixture->directory, "", "");

  g_assert_cmpuint (files->len, >=, 3); /* with the -wal */
  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *content = NULL;
      gsize size;

      g_assert_true (g_file_get_contents (files->pdata[i], &content, &size, NULL));
      g_assert_null (memmem (content, size, text, strlen (text)));
    }
}

KsSecret *
secret_from_text (const char *text)
{
  return ks_secret_new_copy (text, strlen (text));
}

void
assert_secret (const KsSecret *secret, const char *text)
{
  g_assert_nonnull (secret);
  g_assert_cmpmem (ks_secret_bytes (secret), ks_secret_size (secret), text, strlen (text));
}
