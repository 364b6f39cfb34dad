/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-store-key.h"

#include "store/store-fixture.h"

typedef struct
{
  char *directory;
  KsDatabase *database;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = store_directory_new ();
  fixture->database = store_try_open (fixture->directory, KS_DATABASE_READ_WRITE, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  store_close (fixture->database);
  store_directory_free (fixture->directory);
}

static void
reopen (Fixture *fixture)
{
  store_close (fixture->database);
  fixture->database = store_try_open (fixture->directory, KS_DATABASE_READ_WRITE, NULL);
}

typedef void (*Begin) (KsDatabase *database,
                       KsStoreKeySlotKind kind,
                       const char *name,
                       KsSecret *secret,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
typedef gboolean (*End) (KsDatabase *database, GAsyncResult *result, GError **error);

static gboolean
call (Fixture *fixture,
      Begin begin,
      End end,
      KsStoreKeySlotKind kind,
      const char *name,
      KsSecret *secret,
      GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  begin (fixture->database, kind, name, secret, NULL, store_on_ready, &result);
  return end (fixture->database, store_wait (&result), error);
}

#define CREATE ks_store_key_create_async, ks_store_key_create_finish
#define OPEN ks_store_key_open_async, ks_store_key_open_finish
#define ADD_SLOT ks_store_key_add_slot_async, ks_store_key_add_slot_finish

static gboolean
remove_slot (Fixture *fixture, KsStoreKeySlotKind kind, const char *name, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_store_key_remove_slot_async (fixture->database, kind, name, NULL, store_on_ready, &result);
  return ks_store_key_remove_slot_finish (fixture->database, store_wait (&result), error);
}

static GPtrArray *
list (Fixture *fixture)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *slots;

  ks_store_key_list_slots_async (fixture->database, NULL, store_on_ready, &result);
  slots = ks_store_key_list_slots_finish (fixture->database, store_wait (&result), &error);
  g_assert_no_error (error);
  return slots;
}

static void
assert_key_is (Fixture *fixture, const KsSecret *expected)
{
  g_autoptr (KsSecret) key = ks_store_key_ref (fixture->database);

  g_assert_nonnull (key);
  g_assert_true (ks_secret_equal (key, expected));
}

static void
test_keyring_slot (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (32);
  g_autoptr (KsSecret) other = ks_secret_new_random (32);
  g_autoptr (KsSecret) none = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (call (fixture, CREATE, KS_STORE_KEY_SLOT_KEYRING, "", key, &error));
  assert_key_is (fixture, key);
  reopen (fixture);
  none = ks_store_key_ref (fixture->database);
  g_assert_null (none);
  g_assert_false (call (fixture, OPEN, KS_STORE_KEY_SLOT_KEYRING, "", other, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY);
  g_clear_error (&error);
  none = ks_store_key_ref (fixture->database);
  g_assert_null (none);
  g_assert_true (call (fixture, OPEN, KS_STORE_KEY_SLOT_KEYRING, "", key, &error));
  assert_key_is (fixture, key);

  /* A wrong key does not close what is open. */
  g_assert_false (call (fixture, OPEN, KS_STORE_KEY_SLOT_KEYRING, "", other, &error));
  assert_key_is (fixture, key);
}

static void
test_any_slot_opens (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KsSecret) file = ks_secret_new_random (32);
  g_autoptr (KsSecret) security_key = ks_secret_new_random (32);
  g_autoptr (KsSecret) store_key = NULL;
  g_autoptr (GPtrArray) slots = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (call (fixture, CREATE, KS_STORE_KEY_SLOT_FILE, "", file, &error));
  store_key = ks_store_key_ref (fixture->database);
  g_assert_false (ks_secret_equal (store_key, file));
  g_assert_true (call (fixture, ADD_SLOT, KS_STORE_KEY_SLOT_SECURITY_KEY, "KEYID", security_key, &error));
  g_assert_false (call (fixture, ADD_SLOT, KS_STORE_KEY_SLOT_KEYRING, "", file, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY);
  g_clear_error (&error);
  g_assert_true (call (fixture, ADD_SLOT, KS_STORE_KEY_SLOT_KEYRING, "", store_key, &error));
  g_assert_true (call (fixture, ADD_SLOT, KS_STORE_KEY_SLOT_KEYRING, "", store_key, &error));
  slots = list (fixture);
  g_assert_cmpuint (slots->len, ==, 3);
  g_assert_cmpint (((KsStoreKeySlot *) slots->pdata[1])->kind, ==, KS_STORE_KEY_SLOT_SECURITY_KEY);
  g_assert_cmpstr (((KsStoreKeySlot *) slots->pdata[1])->name, ==, "KEYID");
  g_assert_cmpint (((KsStoreKeySlot *) slots->pdata[1])->created, >, 0);

  reopen (fixture);
  g_assert_true (call (fixture, OPEN, KS_STORE_KEY_SLOT_SECURITY_KEY, "KEYID", security_key, &error));
  assert_key_is (fixture, store_key);
  reopen (fixture);
  g_assert_true (call (fixture, OPEN, KS_STORE_KEY_SLOT_FILE, "", file, &error));
  assert_key_is (fixture, store_key);
  reopen (fixture);
  g_assert_true (call (fixture, OPEN, KS_STORE_KEY_SLOT_KEYRING, "", store_key, &error));
  reopen (fixture);
  g_assert_false (call (fixture, OPEN, KS_STORE_KEY_SLOT_FILE, "", security_key, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY);
  g_clear_error (&error);
  g_assert_false (call (fixture, OPEN, KS_STORE_KEY_SLOT_SECURITY_KEY, "OTHER", security_key, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND);
}

static void
test_slot_gets_a_new_secret (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KsSecret) old = ks_secret_new_random (32);
  g_autoptr (KsSecret) new = ks_secret_new_random (32);
  g_autoptr (GError) error = NULL;

  g_assert_true (call (fixture, CREATE, KS_STORE_KEY_SLOT_FILE, "", old, NULL));
  g_assert_true (call (fixture, ADD_SLOT, KS_STORE_KEY_SLOT_FILE, "", new, NULL));
  reopen (fixture);
  g_assert_false (call (fixture, OPEN, KS_STORE_KEY_SLOT_FILE, "", old, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY);
  g_assert_true (call (fixture, OPEN, KS_STORE_KEY_SLOT_FILE, "", new, NULL));
}

static void
test_last_slot_stays (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KsSecret) file = ks_secret_new_random (32);
  g_autoptr (KsSecret) other = ks_secret_new_random (32);
  g_autoptr (GError) error = NULL;

  g_assert_true (call (fixture, CREATE, KS_STORE_KEY_SLOT_FILE, "", file, NULL));
  g_assert_true (call (fixture, ADD_SLOT, KS_STORE_KEY_SLOT_SECURITY_KEY, "K", other, NULL));
  g_assert_false (remove_slot (fixture, KS_STORE_KEY_SLOT_KEYRING, "", &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (remove_slot (fixture, KS_STORE_KEY_SLOT_FILE, "", &error));
  g_assert_false (remove_slot (fixture, KS_STORE_KEY_SLOT_SECURITY_KEY, "K", &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_LAST_SLOT);
  reopen (fixture);
  g_assert_true (call (fixture, OPEN, KS_STORE_KEY_SLOT_SECURITY_KEY, "K", other, NULL));
}

static void
test_second_key_is_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KsSecret) first = ks_secret_new_random (32);
  g_autoptr (KsSecret) second = ks_secret_new_random (32);
  g_autoptr (GError) error = NULL;

  g_assert_true (call (fixture, CREATE, KS_STORE_KEY_SLOT_KEYRING, "", first, NULL));
  g_assert_false (call (fixture, CREATE, KS_STORE_KEY_SLOT_FILE, "", second, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_EXISTS);
  assert_key_is (fixture, first);
}

static void
test_locked_and_wrong_sizes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (32);
  g_autoptr (KsSecret) short_key = ks_secret_new_random (31);
  g_autoptr (GPtrArray) slots = list (fixture);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (slots->len, ==, 0);
  g_assert_false (call (fixture, OPEN, KS_STORE_KEY_SLOT_KEYRING, "", key, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (call (fixture, ADD_SLOT, KS_STORE_KEY_SLOT_FILE, "", key, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED);
  g_clear_error (&error);
  g_assert_false (call (fixture, CREATE, KS_STORE_KEY_SLOT_FILE, "", short_key, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY);
  g_clear_error (&error);
  g_assert_true (call (fixture, CREATE, KS_STORE_KEY_SLOT_FILE, "", key, &error));
  g_assert_false (call (fixture, OPEN, KS_STORE_KEY_SLOT_FILE, "", short_key, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY);
}

static void
test_forgotten (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (32);
  g_autoptr (KsSecret) none = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (call (fixture, CREATE, KS_STORE_KEY_SLOT_KEYRING, "", key, NULL));
  ks_store_key_forget_async (fixture->database, NULL, store_on_ready, &result);
  g_assert_true (ks_store_key_forget_finish (fixture->database, store_wait (&result), &error));
  none = ks_store_key_ref (fixture->database);
  g_assert_null (none);
  g_assert_false (call (fixture, ADD_SLOT, KS_STORE_KEY_SLOT_KEYRING, "", key, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED);
}

static void
test_wrap_moved_to_another_slot (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KsSecret) secret = ks_secret_new_random (32);
  g_autoptr (KsSecret) other = ks_secret_new_random (32);
  g_autoptr (GError) error = NULL;

  g_assert_true (call (fixture, CREATE, KS_STORE_KEY_SLOT_FILE, "", secret, NULL));
  g_assert_true (call (fixture, ADD_SLOT, KS_STORE_KEY_SLOT_SECURITY_KEY, "K", other, NULL));
  store_close (fixture->database);
  store_sql (fixture->directory, "UPDATE store_key_slots SET wrap_sealed ="
                                 " (SELECT wrap_sealed FROM store_key_slots WHERE kind = 3)");
  fixture->database = store_try_open (fixture->directory, KS_DATABASE_READ_WRITE, NULL);
  g_assert_false (call (fixture, OPEN, KS_STORE_KEY_SLOT_SECURITY_KEY, "K", secret, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY);
  g_assert_true (call (fixture, OPEN, KS_STORE_KEY_SLOT_FILE, "", secret, NULL));
}

static void
test_check_row_lost (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KsSecret) secret = ks_secret_new_random (32);
  g_autoptr (KsSecret) store_key = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (call (fixture, CREATE, KS_STORE_KEY_SLOT_FILE, "", secret, NULL));
  store_key = ks_store_key_ref (fixture->database);
  g_assert_true (call (fixture, ADD_SLOT, KS_STORE_KEY_SLOT_KEYRING, "", store_key, NULL));
  store_close (fixture->database);
  store_sql (fixture->directory, "DELETE FROM store_key");
  fixture->database = store_try_open (fixture->directory, KS_DATABASE_READ_WRITE, NULL);

  /* Nothing to hold the keyring's key against; and no new key either. */
  g_assert_false (call (fixture, OPEN, KS_STORE_KEY_SLOT_KEYRING, "", secret, &error));
  g_clear_error (&error);
  g_assert_false (call (fixture, CREATE, KS_STORE_KEY_SLOT_KEYRING, "", secret, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_true (call (fixture, OPEN, KS_STORE_KEY_SLOT_FILE, "", secret, &error));
  assert_key_is (fixture, store_key);
  reopen (fixture);
  g_assert_true (call (fixture, OPEN, KS_STORE_KEY_SLOT_KEYRING, "", store_key, &error));
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/store-key/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("keyring-slot", test_keyring_slot);
  ADD ("any-slot-opens", test_any_slot_opens);
  ADD ("slot-gets-a-new-secret", test_slot_gets_a_new_secret);
  ADD ("last-slot-stays", test_last_slot_stays);
  ADD ("second-key-is-refused", test_second_key_is_refused);
  ADD ("locked-and-wrong-sizes", test_locked_and_wrong_sizes);
  ADD ("forgotten", test_forgotten);
  ADD ("wrap-moved-to-another-slot", test_wrap_moved_to_another_slot);
  ADD ("check-row-lost", test_check_row_lost);
#undef ADD
  return g_test_run ();
}
