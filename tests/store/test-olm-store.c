/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-olm-store.h"

#include <signal.h>
#include <unistd.h>

#include "store/account-fixture.h"

static gboolean
save (KsDatabase *database,
      const KsAccountRecord *account,
      const char *pickle,
      gboolean published,
      GError **error)
{
  g_autoptr (KsOlmStore) store = ks_olm_store_new (database, account);
  g_autoptr (KsSecret) secret = secret_from_text (pickle);
  g_autoptr (GAsyncResult) result = NULL;

  ks_olm_store_save_async (store, secret, published, NULL, store_on_ready, &result);
  return ks_olm_store_save_finish (store, store_wait (&result), error);
}

static KsSecret *
load (KsDatabase *database, const KsAccountRecord *account, gboolean *published, GError **error)
{
  g_autoptr (KsOlmStore) store = ks_olm_store_new (database, account);
  g_autoptr (GAsyncResult) result = NULL;

  ks_olm_store_load_async (store, NULL, store_on_ready, &result);
  return ks_olm_store_load_finish (store, store_wait (&result), published, error);
}

static void
assert_saved (KsDatabase *database, const KsAccountRecord *account, const char *pickle, gboolean published)
{
  g_autoptr (GError) error = NULL;
  gboolean found_published = !published;
  g_autoptr (KsSecret) found = load (database, account, &found_published, &error);

  g_assert_no_error (error);
  assert_secret (found, pickle);
  g_assert_cmpint (found_published, ==, published);
}

static void
assert_no_load (KsDatabase *database, const KsAccountRecord *account, KsStoreErrorCode code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) found = load (database, account, NULL, &error);

  g_assert_null (found);
  g_assert_error (error, KS_STORE_ERROR, (int) code);
}

/* Dies right after an acknowledgement. */
static void
child (const char *directory, const char *mode)
{
  KsDatabase *database = store_open (directory);
  KsAccountRecord account = { .id = 1,
                              .user_id = (char *) "@alice:example.org",
                              .device_id = (char *) "ONE" };

  for (int i = 0; i < 10; i++)
    {
      g_autofree char *pickle = g_strdup_printf ("pickle %d", i);

      g_assert_true (save (database, &account, pickle, i > 0, NULL));
    }
  kill (getpid (), SIGKILL);
}

static void
test_saved_and_loaded (AccountFixture *fixture, gconstpointer data)
{
  assert_no_load (fixture->database, fixture->alice, KS_STORE_ERROR_NOT_FOUND);
  g_assert_true (save (fixture->database, fixture->alice, "first", FALSE, NULL));
  assert_saved (fixture->database, fixture->alice, "first", FALSE);
  assert_no_load (fixture->database, fixture->bob, KS_STORE_ERROR_NOT_FOUND);
  g_assert_true (save (fixture->database, fixture->bob, "bob's", FALSE, NULL));
  g_assert_true (save (fixture->database, fixture->alice, "second", TRUE, NULL));
  account_fixture_reopen (fixture, NULL, KS_DATABASE_READ_WRITE, TRUE);
  assert_saved (fixture->database, fixture->alice, "second", TRUE);
  assert_saved (fixture->database, fixture->bob, "bob's", FALSE);
}

static void
test_killed_after_an_acknowledgement (AccountFixture *fixture, gconstpointer data)
{
  store_close (fixture->database);
  g_assert_cmpint (store_run_child (fixture->directory, "save", NULL), ==, SIGKILL);
  fixture->database = store_open (fixture->directory);
  assert_saved (fixture->database, fixture->alice, "pickle 9", TRUE);
}

static void
test_locked (AccountFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (save (fixture->database, fixture->alice, "pickle", TRUE, NULL));
  account_fixture_reopen (fixture, NULL, KS_DATABASE_READ_WRITE, FALSE);
  assert_no_load (fixture->database, fixture->alice, KS_STORE_ERROR_LOCKED);
  assert_no_load (fixture->database, fixture->bob, KS_STORE_ERROR_NOT_FOUND);
  g_assert_false (save (fixture->database, fixture->alice, "new", TRUE, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED);
  account_fixture_reopen (fixture, NULL, KS_DATABASE_READ_WRITE, TRUE);
  assert_saved (fixture->database, fixture->alice, "pickle", TRUE);
}

static void
test_pickle_of_another_account (AccountFixture *fixture, gconstpointer data)
{
  g_assert_true (save (fixture->database, fixture->alice, "alice's", TRUE, NULL));
  g_assert_true (save (fixture->database, fixture->bob, "bob's", TRUE, NULL));
  account_fixture_reopen (fixture,
                          "UPDATE olm_accounts SET pickle_sealed ="
                          " (SELECT pickle_sealed FROM olm_accounts WHERE account_id = 1)",
                          KS_DATABASE_READ_WRITE, TRUE);
  assert_saved (fixture->database, fixture->alice, "alice's", TRUE);
  assert_no_load (fixture->database, fixture->bob, KS_STORE_ERROR_DAMAGED);
}

static void
test_pickle_is_not_in_the_files (AccountFixture *fixture, gconstpointer data)
{
  g_assert_true (save (fixture->database, fixture->alice, "canary pickle", TRUE, NULL));
  account_fixture_assert_not_in_files (fixture, "canary");
}

static void
test_account_removed (AccountFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (save (fixture->database, fixture->alice, "alice's", TRUE, NULL));
  g_assert_true (save (fixture->database, fixture->bob, "bob's", TRUE, NULL));
  account_fixture_remove_alice (fixture, "olm_accounts", "1");
  assert_no_load (fixture->database, fixture->alice, KS_STORE_ERROR_NOT_FOUND);
  assert_saved (fixture->database, fixture->bob, "bob's", TRUE);
  g_assert_false (save (fixture->database, fixture->alice, "late", TRUE, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND);
}

static void
test_read_only (AccountFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (save (fixture->database, fixture->alice, "pickle", TRUE, NULL));
  account_fixture_reopen (fixture, NULL, KS_DATABASE_READ_ONLY, TRUE);
  assert_saved (fixture->database, fixture->alice, "pickle", TRUE);
  g_assert_false (save (fixture->database, fixture->alice, "new", TRUE, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  assert_saved (fixture->database, fixture->alice, "pickle", TRUE);
}

static void
test_in_memory (void)
{
  KsDatabase *database = store_open (NULL);
  g_autoptr (KsAccountRecord) account = store_add_account (database, "@alice:example.org", "ONE");

  g_assert_true (save (database, account, "pickle", FALSE, NULL));
  assert_saved (database, account, "pickle", FALSE);
  store_close (database);
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, child);
#define ADD(name, func)                                                               \
  g_test_add ("/olm-store/" name, AccountFixture, NULL, account_fixture_set_up, func, \
              account_fixture_tear_down)
  ADD ("saved-and-loaded", test_saved_and_loaded);
  ADD ("killed-after-an-acknowledgement", test_killed_after_an_acknowledgement);
  ADD ("locked", test_locked);
  ADD ("pickle-of-another-account", test_pickle_of_another_account);
  ADD ("pickle-is-not-in-the-files", test_pickle_is_not_in_the_files);
  ADD ("account-removed", test_account_removed);
  ADD ("read-only", test_read_only);
#undef ADD
  g_test_add_func ("/olm-store/in-memory", test_in_memory);
  return g_test_run ();
}
