/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-secret-store.h"

#include "store/account-fixture.h"

#define MASTER "m.cross_signing.master"
#define SELF_SIGNING "m.cross_signing.self_signing"
#define BACKUP "m.megolm_backup.v1"

/* Stores @names, each with the value of the same place in @values. */
static gboolean
put (KsDatabase *database,
     const KsAccountRecord *account,
     const char *const *names,
     const char *const *values,
     GError **error)
{
  g_autoptr (KsSecretStore) store = ks_secret_store_new (database, account);
  guint n = g_strv_length ((char **) names);
  g_autofree KsNamedSecret *secrets = g_new0 (KsNamedSecret, n + 1);
  g_autoptr (GAsyncResult) result = NULL;

  for (guint i = 0; i < n; i++)
    secrets[i] = (KsNamedSecret){ names[i], secret_from_text (values[i]) };
  ks_secret_store_put_async (store, secrets, n, NULL, store_on_ready, &result);
  for (guint i = 0; i < n; i++)
    ks_secret_unref (secrets[i].value);
  return ks_secret_store_put_finish (store, store_wait (&result), error);
}

#define TEXTS(...) ((const char *const[]){ __VA_ARGS__, NULL })
static const char *const none[] = { NULL };

static KsSecret *
get (KsDatabase *database, const KsAccountRecord *account, const char *name, GError **error)
{
  g_autoptr (KsSecretStore) store = ks_secret_store_new (database, account);
  g_autoptr (GAsyncResult) result = NULL;

  ks_secret_store_get_async (store, name, NULL, store_on_ready, &result);
  return ks_secret_store_get_finish (store, store_wait (&result), error);
}

static void
assert_value (KsDatabase *database, const KsAccountRecord *account, const char *name, const char *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) found = get (database, account, name, &error);

  g_assert_no_error (error);
  assert_secret (found, value);
}

static void
assert_no_value (KsDatabase *database,
                 const KsAccountRecord *account,
                 const char *name,
                 KsStoreErrorCode code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) found = get (database, account, name, &error);

  g_assert_null (found);
  g_assert_error (error, KS_STORE_ERROR, (int) code);
}

static void
assert_names (KsDatabase *database, const KsAccountRecord *account, const char *const *names)
{
  g_autoptr (KsSecretStore) store = ks_secret_store_new (database, account);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) found = NULL;

  ks_secret_store_list_names_async (store, NULL, store_on_ready, &result);
  found = ks_secret_store_list_names_finish (store, store_wait (&result), &error);
  g_assert_no_error (error);
  g_assert_true (g_strv_equal ((const char *const *) found, names));
}

static gboolean
remove_all (KsDatabase *database, const KsAccountRecord *account, GError **error)
{
  g_autoptr (KsSecretStore) store = ks_secret_store_new (database, account);
  g_autoptr (GAsyncResult) result = NULL;

  ks_secret_store_remove_all_async (store, NULL, store_on_ready, &result);
  return ks_secret_store_remove_all_finish (store, store_wait (&result), error);
}

static void
test_put_and_got (AccountFixture *fixture, gconstpointer data)
{
  assert_names (fixture->database, fixture->alice, none);
  assert_no_value (fixture->database, fixture->alice, MASTER, KS_STORE_ERROR_NOT_FOUND);
  g_assert_true (
      put (fixture->database, fixture->alice, TEXTS (SELF_SIGNING, MASTER), TEXTS ("s", "m"), NULL));
  g_assert_true (put (fixture->database, fixture->bob, TEXTS (MASTER), TEXTS ("bob's"), NULL));
  g_assert_true (put (fixture->database, fixture->alice, none, none, NULL));
  account_fixture_reopen (fixture, NULL, KS_DATABASE_READ_WRITE, TRUE);
  assert_value (fixture->database, fixture->alice, MASTER, "m");
  assert_value (fixture->database, fixture->alice, SELF_SIGNING, "s");
  assert_value (fixture->database, fixture->bob, MASTER, "bob's");
  assert_names (fixture->database, fixture->alice, TEXTS (MASTER, SELF_SIGNING));
}

static void
test_put_replaces_those_named (AccountFixture *fixture, gconstpointer data)
{
  g_assert_true (put (fixture->database, fixture->alice, TEXTS (MASTER, BACKUP), TEXTS ("m", "b"), NULL));
  g_assert_true (
      put (fixture->database, fixture->alice, TEXTS (SELF_SIGNING, BACKUP), TEXTS ("s", "new"), NULL));
  assert_value (fixture->database, fixture->alice, MASTER, "m");
  assert_value (fixture->database, fixture->alice, BACKUP, "new");
  assert_names (fixture->database, fixture->alice, TEXTS (MASTER, SELF_SIGNING, BACKUP));
}

static void
test_all_or_none (AccountFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (put (fixture->database, fixture->alice, TEXTS (MASTER), TEXTS ("old"), NULL));
  /* A secret without a name is refused, after the one before it was written. */
  g_assert_false (put (fixture->database, fixture->alice, TEXTS (MASTER, ""), TEXTS ("new", "x"), &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  assert_value (fixture->database, fixture->alice, MASTER, "old");
  assert_names (fixture->database, fixture->alice, TEXTS (MASTER));
}

static void
test_remove_all (AccountFixture *fixture, gconstpointer data)
{
  g_assert_true (put (fixture->database, fixture->alice, TEXTS (MASTER, BACKUP), TEXTS ("m", "b"), NULL));
  g_assert_true (put (fixture->database, fixture->bob, TEXTS (MASTER), TEXTS ("bob's"), NULL));
  g_assert_true (remove_all (fixture->database, fixture->alice, NULL));
  g_assert_true (remove_all (fixture->database, fixture->alice, NULL));
  assert_names (fixture->database, fixture->alice, none);
  assert_no_value (fixture->database, fixture->alice, MASTER, KS_STORE_ERROR_NOT_FOUND);
  assert_value (fixture->database, fixture->bob, MASTER, "bob's");
}

static void
test_locked (AccountFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (put (fixture->database, fixture->alice, TEXTS (MASTER), TEXTS ("m"), NULL));
  account_fixture_reopen (fixture, NULL, KS_DATABASE_READ_WRITE, FALSE);
  assert_names (fixture->database, fixture->alice, TEXTS (MASTER));
  assert_no_value (fixture->database, fixture->alice, MASTER, KS_STORE_ERROR_LOCKED);
  g_assert_false (put (fixture->database, fixture->alice, TEXTS (BACKUP), TEXTS ("b"), &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED);
  assert_names (fixture->database, fixture->alice, TEXTS (MASTER));
}

/* A secret under another name, or another account's under the same. */
static void
test_secrets_swapped (AccountFixture *fixture, gconstpointer data)
{
  g_assert_true (put (fixture->database, fixture->alice, TEXTS (MASTER, BACKUP), TEXTS ("m", "b"), NULL));
  g_assert_true (put (fixture->database, fixture->bob, TEXTS (MASTER), TEXTS ("bob's"), NULL));
  account_fixture_reopen (fixture,
                          "UPDATE secrets SET value_sealed ="
                          " (SELECT value_sealed FROM secrets WHERE account_id = 1 AND name = '" MASTER "')",
                          KS_DATABASE_READ_WRITE, TRUE);
  assert_value (fixture->database, fixture->alice, MASTER, "m");
  assert_no_value (fixture->database, fixture->alice, BACKUP, KS_STORE_ERROR_DAMAGED);
  assert_no_value (fixture->database, fixture->bob, MASTER, KS_STORE_ERROR_DAMAGED);
}

static void
test_secrets_are_not_in_the_files (AccountFixture *fixture, gconstpointer data)
{
  g_assert_true (put (fixture->database, fixture->alice, TEXTS (MASTER), TEXTS ("canary secret"), NULL));
  account_fixture_assert_not_in_files (fixture, "canary");
}

static void
test_account_removed (AccountFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (put (fixture->database, fixture->alice, TEXTS (MASTER, BACKUP), TEXTS ("m", "b"), NULL));
  g_assert_true (put (fixture->database, fixture->bob, TEXTS (MASTER), TEXTS ("bob's"), NULL));
  account_fixture_remove_alice (fixture, "secrets", "1");
  assert_no_value (fixture->database, fixture->alice, MASTER, KS_STORE_ERROR_NOT_FOUND);
  assert_value (fixture->database, fixture->bob, MASTER, "bob's");
  g_assert_false (put (fixture->database, fixture->alice, TEXTS (MASTER), TEXTS ("late"), &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND);
}

static void
test_read_only (AccountFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (put (fixture->database, fixture->alice, TEXTS (MASTER), TEXTS ("m"), NULL));
  account_fixture_reopen (fixture, NULL, KS_DATABASE_READ_ONLY, TRUE);
  g_assert_false (put (fixture->database, fixture->alice, TEXTS (MASTER), TEXTS ("new"), &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (remove_all (fixture->database, fixture->alice, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  assert_value (fixture->database, fixture->alice, MASTER, "m");
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, NULL);
#define ADD(name, func)                                                                  \
  g_test_add ("/secret-store/" name, AccountFixture, NULL, account_fixture_set_up, func, \
              account_fixture_tear_down)
  ADD ("put-and-got", test_put_and_got);
  ADD ("put-replaces-those-named", test_put_replaces_those_named);
  ADD ("all-or-none", test_all_or_none);
  ADD ("remove-all", test_remove_all);
  ADD ("locked", test_locked);
  ADD ("secrets-swapped", test_secrets_swapped);
  ADD ("secrets-are-not-in-the-files", test_secrets_are_not_in_the_files);
  ADD ("account-removed", test_account_removed);
  ADD ("read-only", test_read_only);
#undef ADD
  return g_test_run ();
}
