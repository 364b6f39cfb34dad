/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-account-store.h"

#include <string.h>

#include "store/store-fixture.h"

#define ALICE "@alice:example.org"
#define HOSTILE "'; DROP TABLE accounts; --\"\\%_\xf0\x9f\x92\xa9"

static KsAccountRecord *
get (KsDatabase *database, gint64 id, GError **error)
{
  g_autoptr (KsAccountStore) store = ks_account_store_new (database);
  g_autoptr (GAsyncResult) result = NULL;

  ks_account_store_get_async (store, id, NULL, store_on_ready, &result);
  return ks_account_store_get_finish (store, store_wait (&result), error);
}

static GPtrArray *
list (KsDatabase *database)
{
  g_autoptr (KsAccountStore) store = ks_account_store_new (database);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *records;

  ks_account_store_list_async (store, NULL, store_on_ready, &result);
  records = ks_account_store_list_finish (store, store_wait (&result), &error);
  g_assert_no_error (error);
  return records;
}

static gboolean
remove_account (KsDatabase *database, gint64 id, GError **error)
{
  g_autoptr (KsAccountStore) store = ks_account_store_new (database);
  g_autoptr (GAsyncResult) result = NULL;

  ks_account_store_remove_async (store, id, NULL, store_on_ready, &result);
  return ks_account_store_remove_finish (store, store_wait (&result), error);
}

static void
assert_token (const KsAccountRecord *record, const char *token)
{
  g_assert_nonnull (record->access_token);
  g_assert_cmpmem (ks_secret_bytes (record->access_token), ks_secret_size (record->access_token), token,
                   strlen (token));
}

static void
test_survives_reopening (void)
{
  char *directory = store_directory_new ();
  KsDatabase *database = store_open (directory);
  g_autoptr (KsAccountRecord) added = store_add_account (database, ALICE, "DEVICE");
  g_autoptr (KsAccountRecord) found = NULL;
  g_autoptr (GError) error = NULL;

  assert_token (added, "token of " ALICE);
  store_close (database);
  database = store_open (directory);
  found = get (database, added->id, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found->user_id, ==, ALICE);
  g_assert_cmpstr (found->device_id, ==, "DEVICE");
  g_assert_cmpstr (found->device_name, ==, "Keepsake");
  g_assert_cmpstr (found->homeserver, ==, "https://matrix.example.org");
  g_assert_cmpint (found->created, ==, added->created);
  g_assert_cmpint (found->created, >, G_GINT64_CONSTANT (1600000000000));
  g_assert_true (found->current);
  assert_token (found, "token of " ALICE);
  store_close (database);
  store_directory_free (directory);
}

static void
test_several_accounts_and_the_current_one (void)
{
  char *directory = store_directory_new ();
  KsDatabase *database = store_open (directory);
  g_autoptr (KsAccountRecord) alice = store_add_account (database, ALICE, "ONE");
  g_autoptr (KsAccountRecord) again = store_add_account (database, ALICE, "TWO");
  g_autoptr (KsAccountRecord) hostile = store_add_account (database, HOSTILE, HOSTILE);
  g_autoptr (KsAccountStore) store = ks_account_store_new (database);
  g_autoptr (KsAccountRecord) current = get (database, 0, NULL);
  g_autoptr (GPtrArray) records = list (database);
  g_autoptr (GAsyncResult) set = NULL;
  g_autoptr (GAsyncResult) missing = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (records->len, ==, 3);
  g_assert_cmpint (((KsAccountRecord *) records->pdata[0])->id, ==, alice->id);
  g_assert_null (((KsAccountRecord *) records->pdata[0])->access_token);
  g_assert_cmpstr (((KsAccountRecord *) records->pdata[2])->user_id, ==, HOSTILE);
  g_assert_cmpint (current->id, ==, hostile->id);
  assert_token (current, "token of " HOSTILE);

  ks_account_store_set_current_async (store, again->id, NULL, store_on_ready, &set);
  g_assert_true (ks_account_store_set_current_finish (store, store_wait (&set), &error));
  g_clear_pointer (&current, ks_account_record_free);
  current = get (database, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (current->device_id, ==, "TWO");

  ks_account_store_set_current_async (store, 4711, NULL, store_on_ready, &missing);
  g_assert_false (ks_account_store_set_current_finish (store, store_wait (&missing), &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND);
  g_clear_pointer (&current, ks_account_record_free);
  current = get (database, 0, NULL);
  g_assert_cmpstr (current->device_id, ==, "TWO");
  g_clear_object (&store);
  g_clear_object (&set);
  g_clear_object (&missing);
  store_close (database);
  store_directory_free (directory);
}

static void
test_same_device_twice (void)
{
  char *directory = store_directory_new ();
  KsDatabase *database = store_open (directory);
  g_autoptr (KsAccountRecord) alice = store_add_account (database, ALICE, "ONE");
  g_autoptr (KsAccountStore) store = ks_account_store_new (database);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ks_account_store_add_async (store, alice, NULL, store_on_ready, &result);
  g_assert_null (ks_account_store_add_finish (store, store_wait (&result), &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_EXISTS);
  g_clear_object (&store);
  g_clear_object (&result);
  store_close (database);
  store_directory_free (directory);
}

static void
test_token_replaced (void)
{
  char *directory = store_directory_new ();
  KsDatabase *database = store_open (directory);
  g_autoptr (KsAccountRecord) alice = store_add_account (database, ALICE, "ONE");
  g_autoptr (KsAccountRecord) found = NULL;
  g_autoptr (KsAccountStore) store = ks_account_store_new (database);
  g_autoptr (KsSecret) token = ks_secret_new_copy ("another", 7);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ks_account_store_set_access_token_async (store, alice->id, token, NULL, store_on_ready, &result);
  ks_account_store_set_access_token_finish (store, store_wait (&result), &error);
  g_assert_no_error (error);
  found = get (database, alice->id, &error);
  g_assert_no_error (error);
  assert_token (found, "another");
  g_clear_object (&store);
  g_clear_object (&result);
  store_close (database);
  store_directory_free (directory);
}

static void
test_removal_takes_all_rows_and_nothing_else (void)
{
  char *directory = store_directory_new ();
  KsDatabase *database = store_open (directory);
  g_autoptr (KsAccountRecord) alice = store_add_account (database, ALICE, "ONE");
  g_autoptr (KsAccountRecord) bob = store_add_account (database, "@bob:example.org", "TWO");
  g_autofree char *rows = NULL;
  g_autofree char *left = NULL;
  g_autoptr (KsAccountRecord) none = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (alice->id, !=, bob->id);
  store_close (database);
  store_sql (directory,
             "INSERT INTO journal SELECT 1, id, 'set-up', 'J', access_token_sealed, 1, 1 FROM accounts"
             " WHERE device_id = 'TWO';"
             "INSERT INTO journal SELECT 2, id, 'set-up', 'J', access_token_sealed, 1, 1 FROM accounts"
             " WHERE device_id = 'ONE';"
             "INSERT INTO room_keys (account_id, room_id, session_id, sender_key, shared_history,"
             " first_index, provenance, session_key_sealed)"
             " SELECT id, '!r', 's', 'k', 0, 0, 1, access_token_sealed FROM accounts WHERE device_id = "
             "'TWO'");
  database = store_open (directory);
  g_assert_true (remove_account (database, bob->id, &error));
  g_assert_false (remove_account (database, bob->id, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  none = get (database, 0, &error);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND);
  store_close (database);

  rows = store_sql_text (directory,
                         "SELECT (SELECT count (*) FROM journal) || ' ' || (SELECT count (*) FROM room_keys)"
                         " || ' ' || (SELECT count (*) FROM accounts)");
  g_assert_cmpstr (rows, ==, "1 0 1");
  left =
      store_sql_text (directory, "SELECT device_id FROM journal JOIN accounts ON account_id = accounts.id");
  g_assert_cmpstr (left, ==, "ONE");
  store_directory_free (directory);
}

static void
test_locked_store_lists_but_gives_no_token (void)
{
  char *directory = store_directory_new ();
  KsDatabase *database = store_open (directory);
  g_autoptr (KsAccountRecord) alice = store_add_account (database, ALICE, "ONE");
  g_autoptr (KsAccountRecord) found = NULL;
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GError) error = NULL;

  store_close (database);
  database = store_try_open (directory, KS_DATABASE_READ_WRITE, &error);
  g_assert_no_error (error);
  records = list (database);
  g_assert_cmpuint (records->len, ==, 1);
  found = get (database, alice->id, &error);
  g_assert_null (found);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED);
  store_close (database);
  store_directory_free (directory);
}

static void
test_token_moved_to_another_account (void)
{
  char *directory = store_directory_new ();
  KsDatabase *database = store_open (directory);
  g_autoptr (KsAccountRecord) alice = store_add_account (database, ALICE, "ONE");
  g_autoptr (KsAccountRecord) bob = store_add_account (database, "@bob:example.org", "ONE");
  g_autoptr (KsAccountRecord) found = NULL;
  g_autoptr (GError) error = NULL;

  store_close (database);
  store_sql (directory, "UPDATE accounts SET access_token_sealed ="
                        " (SELECT access_token_sealed FROM accounts WHERE user_id = '" ALICE "')");
  database = store_open (directory);
  found = get (database, alice->id, &error);
  g_assert_no_error (error);
  g_clear_pointer (&found, ks_account_record_free);
  found = get (database, bob->id, &error);
  g_assert_null (found);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED);
  store_close (database);
  store_directory_free (directory);
}

static void
test_token_is_not_in_the_files (void)
{
  char *directory = store_directory_new ();
  KsDatabase *database = store_open (directory);
  g_autoptr (KsAccountRecord) alice = store_add_account (database, ALICE, "ONE");
  g_autoptr (GPtrArray) files = store_list_files (directory, "", "");

  g_assert_nonnull (alice);
  g_assert_cmpuint (files->len, >=, 3); /* with the -wal */
  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *content = NULL;
      gsize size;

      g_assert_true (g_file_get_contents (files->pdata[i], &content, &size, NULL));
      g_assert_null (memmem (content, size, "token of", 8));
    }
  store_close (database);
  store_directory_free (directory);
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, NULL);
  g_test_add_func ("/account-store/survives-reopening", test_survives_reopening);
  g_test_add_func ("/account-store/several-accounts-and-the-current-one",
                   test_several_accounts_and_the_current_one);
  g_test_add_func ("/account-store/same-device-twice", test_same_device_twice);
  g_test_add_func ("/account-store/token-replaced", test_token_replaced);
  g_test_add_func ("/account-store/removal-takes-all-rows-and-nothing-else",
                   test_removal_takes_all_rows_and_nothing_else);
  g_test_add_func ("/account-store/locked-store-lists-but-gives-no-token",
                   test_locked_store_lists_but_gives_no_token);
  g_test_add_func ("/account-store/token-moved-to-another-account", test_token_moved_to_another_account);
  g_test_add_func ("/account-store/token-is-not-in-the-files", test_token_is_not_in_the_files);
  return g_test_run ();
}
