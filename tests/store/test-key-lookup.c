/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-key-lookup.h"

#include "store/account-fixture.h"

#include <string.h>

#define ROOM "!room:example.org"
#define OTHER_ROOM "!other:example.org"

static KsStoredRoomKey *
make_key (const char *room_id, const char *session_id)
{
  KsStoredRoomKey *key = g_new0 (KsStoredRoomKey, 1);

  key->room_id = g_strdup (room_id);
  key->session_id = g_strdup (session_id);
  key->sender_key = g_strdup ("a sender");
  key->provenance = KS_ROOM_KEY_BACKUP;
  key->session_key_size = 165;
  key->session_key = g_malloc0 (key->session_key_size);
  return key;
}

static void
put (AccountFixture *f, const KsAccountRecord *account, const char *room_id, const char *session_id)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
  g_autoptr (KsKeyStore) store = ks_key_store_new (f->database, account);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (keys, make_key (room_id, session_id));
  ks_key_store_put_async (store, keys, NULL, NULL, NULL, NULL, store_on_ready, &result);
  ks_key_store_put_finish (store, store_wait (&result), NULL, &error);
  g_assert_no_error (error);
}

static GPtrArray *
look (AccountFixture *f, const char *room_id, const char *const *session_ids, GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GAsyncResult) result = NULL;

  for (gsize i = 0; session_ids[i] != NULL; i++)
    g_ptr_array_add (ids, g_strdup (session_ids[i]));
  ks_key_lookup_async (f->database, f->alice, room_id, ids, NULL, store_on_ready, &result);
  return ks_key_lookup_finish (f->database, store_wait (&result), error);
}

static void
test_finds_them_in_order (AccountFixture *f, gconstpointer data)
{
  const char *const wanted[] = { "two", "none", "one", "two", NULL };
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GError) error = NULL;

  put (f, f->alice, ROOM, "one");
  put (f, f->alice, ROOM, "two");
  found = look (f, ROOM, wanted, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found->len, ==, 4);
  for (guint i = 0; i < found->len; i++)
    {
      const KsLookedUpKey *one = found->pdata[i];

      g_assert_cmpstr (one->session_id, ==, wanted[i]);
      g_assert_false (one->damaged || one->elsewhere);
      if (i == 1)
        g_assert_null (one->key);
      else
        g_assert_cmpstr (one->key->session_id, ==, wanted[i]);
    }
}

static void
test_key_of_another_room_is_said_and_not_given (AccountFixture *f, gconstpointer data)
{
  const char *const wanted[] = { "one", NULL };
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GError) error = NULL;

  put (f, f->alice, OTHER_ROOM, "one");
  found = look (f, ROOM, wanted, &error);
  g_assert_no_error (error);
  g_assert_null (((KsLookedUpKey *) found->pdata[0])->key);
  g_assert_true (((KsLookedUpKey *) found->pdata[0])->elsewhere);
}

static void
test_keys_of_other_accounts_are_not_seen (AccountFixture *f, gconstpointer data)
{
  const char *const wanted[] = { "one", NULL };
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GError) error = NULL;

  put (f, f->bob, ROOM, "one");
  put (f, f->bob, OTHER_ROOM, "one");
  found = look (f, ROOM, wanted, &error);
  g_assert_no_error (error);
  g_assert_null (((KsLookedUpKey *) found->pdata[0])->key);
  g_assert_false (((KsLookedUpKey *) found->pdata[0])->elsewhere);
}

static void
test_damaged_one_does_not_hide_the_others (AccountFixture *f, gconstpointer data)
{
  const char *const wanted[] = { "one", "two", NULL };
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GError) error = NULL;

  put (f, f->alice, ROOM, "one");
  put (f, f->alice, ROOM, "two");
  account_fixture_reopen (f,
                          "UPDATE room_keys SET session_key_sealed = (SELECT session_key_sealed FROM"
                          " room_keys WHERE session_id = 'two') WHERE session_id = 'one'",
                          KS_DATABASE_READ_WRITE, TRUE);
  found = look (f, ROOM, wanted, &error);
  g_assert_no_error (error);
  g_assert_true (((KsLookedUpKey *) found->pdata[0])->damaged);
  g_assert_null (((KsLookedUpKey *) found->pdata[0])->key);
  g_assert_nonnull (((KsLookedUpKey *) found->pdata[1])->key);
}

static void
test_locked_store_is_an_error (AccountFixture *f, gconstpointer data)
{
  const char *const wanted[] = { "one", NULL };
  g_autoptr (GError) error = NULL;

  put (f, f->alice, ROOM, "one");
  account_fixture_reopen (f, NULL, KS_DATABASE_READ_WRITE, FALSE);
  g_assert_null (look (f, ROOM, wanted, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED);
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                \
  g_test_add ("/key-lookup/" name, AccountFixture, NULL, account_fixture_set_up, function, \
              account_fixture_tear_down)
  ADD ("found", test_finds_them_in_order);
  ADD ("elsewhere", test_key_of_another_room_is_said_and_not_given);
  ADD ("accounts", test_keys_of_other_accounts_are_not_seen);
  ADD ("damaged", test_damaged_one_does_not_hide_the_others);
  ADD ("locked", test_locked_store_is_an_error);
#undef ADD
  return g_test_run ();
}
