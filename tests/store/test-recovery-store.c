/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-recovery-store.h"

#include "store/account-fixture.h"

static gboolean
put (KsDatabase *database, const KsAccountRecord *account, const KsRecoveryRecord *record, GError **error)
{
  g_autoptr (KsRecoveryStore) store = ks_recovery_store_new (database, account);
  g_autoptr (GAsyncResult) result = NULL;

  ks_recovery_store_put_async (store, record, NULL, store_on_ready, &result);
  return ks_recovery_store_put_finish (store, store_wait (&result), error);
}

static KsRecoveryRecord *
get (KsDatabase *database, const KsAccountRecord *account, GError **error)
{
  g_autoptr (KsRecoveryStore) store = ks_recovery_store_new (database, account);
  g_autoptr (GAsyncResult) result = NULL;

  ks_recovery_store_get_async (store, NULL, store_on_ready, &result);
  return ks_recovery_store_get_finish (store, store_wait (&result), error);
}

static void
assert_record (KsDatabase *database, const KsAccountRecord *account, const KsRecoveryRecord *record)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsRecoveryRecord) found = get (database, account, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (found->master_key, ==, record->master_key);
  g_assert_cmpstr (found->default_key_id, ==, record->default_key_id);
  g_assert_cmpstr (found->key_file, ==, record->key_file);
  g_assert_cmpstr (found->storage_proof, ==, record->storage_proof);
  g_assert_cmpstr (found->backup_version, ==, record->backup_version);
  g_assert_cmpstr (found->backup_public_key, ==, record->backup_public_key);
  g_assert_cmpint (found->last_check, ==, record->last_check);
  g_assert_cmpint (found->last_check_result, ==, record->last_check_result);
  g_assert_cmpint (found->updated, >, 0);
}

static void
assert_nothing_known (KsDatabase *database, const KsAccountRecord *account)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsRecoveryRecord) found = get (database, account, &error);

  g_assert_null (found);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND);
}

static const KsRecoveryRecord full = {
  .master_key = (char *) "master",
  .default_key_id = (char *) "key/with+signs",
  .key_file = (char *) "security-key.txt",
  .storage_proof = (char *) "- digest",
  .backup_version = (char *) "'; DROP TABLE recovery; --",
  .backup_public_key = (char *) "public",
  .last_check = G_GINT64_CONSTANT (1795320005371),
  .last_check_result = 3,
};
static const KsRecoveryRecord empty = { .last_check = 0 };

static void
test_put_and_got (AccountFixture *fixture, gconstpointer data)
{
  assert_nothing_known (fixture->database, fixture->alice);
  g_assert_true (put (fixture->database, fixture->alice, &full, NULL));
  assert_nothing_known (fixture->database, fixture->bob);
  g_assert_true (put (fixture->database, fixture->bob, &empty, NULL));
  account_fixture_reopen (fixture, NULL, KS_DATABASE_READ_WRITE, TRUE);
  assert_record (fixture->database, fixture->alice, &full);
  assert_record (fixture->database, fixture->bob, &empty);
}

static void
test_put_replaces_all (AccountFixture *fixture, gconstpointer data)
{
  g_assert_true (put (fixture->database, fixture->alice, &full, NULL));
  g_assert_true (put (fixture->database, fixture->alice, &empty, NULL));
  assert_record (fixture->database, fixture->alice, &empty);
  g_assert_true (put (fixture->database, fixture->alice, &full, NULL));
  assert_record (fixture->database, fixture->alice, &full);
}

static void
test_copy_is_whole (void)
{
  KsRecoveryRecord record = full;
  g_autoptr (KsRecoveryRecord) copy = NULL;

  record.updated = 7;
  copy = ks_recovery_record_copy (&record);
  g_assert_cmpstr (copy->master_key, ==, record.master_key);
  g_assert_true (copy->master_key != record.master_key);
  g_assert_cmpstr (copy->default_key_id, ==, record.default_key_id);
  g_assert_cmpstr (copy->key_file, ==, record.key_file);
  g_assert_true (copy->key_file != record.key_file);
  g_assert_cmpstr (copy->storage_proof, ==, record.storage_proof);
  g_assert_true (copy->storage_proof != record.storage_proof);
  g_assert_cmpstr (copy->backup_version, ==, record.backup_version);
  g_assert_cmpstr (copy->backup_public_key, ==, record.backup_public_key);
  g_assert_cmpint (copy->last_check, ==, record.last_check);
  g_assert_cmpint (copy->last_check_result, ==, record.last_check_result);
  g_assert_cmpint (copy->updated, ==, record.updated);
}

/* They are public: a rollback is noticed before the store is unlocked, too. */
static void
test_needs_no_key (AccountFixture *fixture, gconstpointer data)
{
  account_fixture_reopen (fixture, NULL, KS_DATABASE_READ_WRITE, FALSE);
  g_assert_true (put (fixture->database, fixture->alice, &full, NULL));
  assert_record (fixture->database, fixture->alice, &full);
}

static gboolean
put_with_secret (AccountFixture *fixture, const KsRecoveryRecord *record, GError **error)
{
  g_autoptr (KsRecoveryStore) store = ks_recovery_store_new (fixture->database, fixture->alice);
  g_autoptr (KsSecret) value = secret_from_text ("b");
  const KsNamedSecret secret = { "m.megolm_backup.v1", value };
  g_autoptr (GAsyncResult) result = NULL;

  ks_recovery_store_put_with_secrets_async (store, record, &secret, 1, NULL, store_on_ready, &result);
  return ks_recovery_store_put_with_secrets_finish (store, store_wait (&result), error);
}

static KsSecret *
get_secret (AccountFixture *fixture)
{
  g_autoptr (KsSecretStore) store = ks_secret_store_new (fixture->database, fixture->alice);
  g_autoptr (GAsyncResult) result = NULL;

  ks_secret_store_get_async (store, "m.megolm_backup.v1", NULL, store_on_ready, &result);
  return ks_secret_store_get_finish (store, store_wait (&result), NULL);
}

/* What is known and the secrets it is known by come and stay away together. */
static void
test_record_and_secrets_both_or_neither (AccountFixture *fixture, gconstpointer data)
{
  g_autoptr (KsSecret) absent = NULL;
  g_autoptr (KsSecret) found = NULL;
  g_autoptr (GError) error = NULL;

  account_fixture_reopen (fixture, NULL, KS_DATABASE_READ_WRITE, FALSE);
  g_assert_false (put_with_secret (fixture, &full, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED);
  assert_nothing_known (fixture->database, fixture->alice);

  account_fixture_reopen (fixture, "ALTER TABLE recovery RENAME TO away", KS_DATABASE_READ_WRITE, TRUE);
  g_assert_false (put_with_secret (fixture, &full, NULL));
  account_fixture_reopen (fixture, "ALTER TABLE away RENAME TO recovery", KS_DATABASE_READ_WRITE, TRUE);
  absent = get_secret (fixture);
  g_assert_null (absent);

  g_assert_true (put_with_secret (fixture, &full, NULL));
  account_fixture_reopen (fixture, NULL, KS_DATABASE_READ_WRITE, TRUE);
  assert_record (fixture->database, fixture->alice, &full);
  found = get_secret (fixture);
  assert_secret (found, "b");
}

static void
test_account_removed (AccountFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (put (fixture->database, fixture->alice, &full, NULL));
  g_assert_true (put (fixture->database, fixture->bob, &full, NULL));
  account_fixture_remove_alice (fixture, "recovery", "1");
  assert_nothing_known (fixture->database, fixture->alice);
  assert_record (fixture->database, fixture->bob, &full);
  g_assert_false (put (fixture->database, fixture->alice, &full, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND);
}

static void
test_read_only (AccountFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (put (fixture->database, fixture->alice, &full, NULL));
  account_fixture_reopen (fixture, NULL, KS_DATABASE_READ_ONLY, FALSE);
  g_assert_false (put (fixture->database, fixture->alice, &empty, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  assert_record (fixture->database, fixture->alice, &full);
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, NULL);
#define ADD(name, func)                                                                    \
  g_test_add ("/recovery-store/" name, AccountFixture, NULL, account_fixture_set_up, func, \
              account_fixture_tear_down)
  ADD ("put-and-got", test_put_and_got);
  ADD ("put-replaces-all", test_put_replaces_all);
  ADD ("needs-no-key", test_needs_no_key);
  ADD ("record-and-secrets-both-or-neither", test_record_and_secrets_both_or_neither);
  ADD ("account-removed", test_account_removed);
  ADD ("read-only", test_read_only);
#undef ADD
  g_test_add_func ("/recovery-store/copy-is-whole", test_copy_is_whole);
  return g_test_run ();
}
