/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-key-store.h"

#include <string.h>

#include "store/store-fixture.h"

#define MANY 10000

typedef struct
{
  char *directory;
  KsDatabase *database;
  KsAccountRecord *account;
  KsKeyStore *store;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = store_directory_new ();
  fixture->database = store_open (fixture->directory);
  fixture->account = store_add_account (fixture->database, "@alice:example.org", "ONE");
  fixture->store = ks_key_store_new (fixture->database, fixture->account);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->store);
  store_close (fixture->database);
  ks_account_record_free (fixture->account);
  store_directory_free (fixture->directory);
}

static KsStoredRoomKey *
make_key (int number, guint32 first_index)
{
  KsStoredRoomKey *key = g_new0 (KsStoredRoomKey, 1);

  key->room_id = g_strdup_printf ("!room%d:example.org", number % 7);
  key->session_id = g_strdup_printf ("session %d", number);
  key->sender_key = g_strdup_printf ("sender %d", number);
  key->first_index = first_index;
  key->provenance = KS_ROOM_KEY_BACKUP;
  key->session_key_size = 165;
  key->session_key = g_malloc0 (key->session_key_size);
  memcpy (key->session_key, &number, sizeof number);
  memcpy (key->session_key + sizeof number, &first_index, sizeof first_index);
  return key;
}

static GPtrArray *
make_keys (int from, int to, guint32 first_index)
{
  GPtrArray *keys = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);

  for (int i = from; i < to; i++)
    g_ptr_array_add (keys, make_key (i, first_index));
  return keys;
}

static KsKeyStorePut
put (Fixture *fixture, GPtrArray *keys, KsRoomKeyMergeFunc merge, gpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  KsKeyStorePut counts = { 0 };

  ks_key_store_put_async (fixture->store, keys, merge, data, NULL, NULL, store_on_ready, &result);
  ks_key_store_put_finish (fixture->store, store_wait (&result), &counts, &error);
  g_assert_no_error (error);
  return counts;
}

static KsStoredRoomKey *
get (Fixture *fixture, int number, GError **error)
{
  g_autoptr (KsStoredRoomKey) wanted = make_key (number, 0);
  g_autoptr (GAsyncResult) result = NULL;

  ks_key_store_get_async (fixture->store, wanted->room_id, wanted->session_id, NULL, store_on_ready, &result);
  return ks_key_store_get_finish (fixture->store, store_wait (&result), error);
}

static void
assert_counts_with_refused (
    Fixture *fixture, const char *version, guint64 total, guint64 pending, guint64 refused)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint64 found_total, found_pending, found_refused;

  ks_key_store_count_async (fixture->store, version, NULL, store_on_ready, &result);
  ks_key_store_count_finish (fixture->store, store_wait (&result), &found_total, &found_pending,
                             &found_refused, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found_total, ==, total);
  g_assert_cmpuint (found_pending, ==, pending);
  g_assert_cmpuint (found_refused, ==, refused);
}

static void
assert_counts (Fixture *fixture, const char *version, guint64 total, guint64 pending)
{
  assert_counts_with_refused (fixture, version, total, pending, 0);
}

static GPtrArray *
list_pending (
    Fixture *fixture, const char *version, gint64 after, guint limit, KsKeyStoreList *list, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_key_store_list_pending_async (fixture->store, version, after, limit, NULL, store_on_ready, &result);
  return ks_key_store_list_pending_finish (fixture->store, store_wait (&result), list, error);
}

static void
mark (Fixture *fixture, const char *version, GPtrArray *keys)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_key_store_mark_backed_up_async (fixture->store, version, keys, NULL, store_on_ready, &result);
  g_assert_true (ks_key_store_mark_backed_up_finish (fixture->store, store_wait (&result), NULL));
}

static void
refuse (Fixture *fixture, const char *version, GPtrArray *keys)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_key_store_mark_refused_async (fixture->store, version, keys, NULL, store_on_ready, &result);
  g_assert_true (ks_key_store_mark_refused_finish (fixture->store, store_wait (&result), NULL));
}

static void
reset_marks (Fixture *fixture, const char *version)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_key_store_reset_marks_async (fixture->store, version, NULL, store_on_ready, &result);
  g_assert_true (ks_key_store_reset_marks_finish (fixture->store, store_wait (&result), NULL));
}

static void
test_all_fields (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
  KsStoredRoomKey *key = make_key (1, G_MAXUINT32);
  g_autoptr (KsStoredRoomKey) found = NULL;
  g_autoptr (KsStoredRoomKey) none = NULL;
  g_autoptr (GError) error = NULL;

  key->claimed_ed25519 = g_strdup ("claimed");
  key->forwarding_chain = g_strdup ("[\"a\"]");
  key->shared_history = TRUE;
  key->provenance = KS_ROOM_KEY_FORWARDED;
  key->backed_up_version = g_strdup ("3");
  g_ptr_array_add (keys, key);
  g_assert_cmpuint (put (fixture, keys, NULL, NULL).added, ==, 1);

  found = get (fixture, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (found->id, >, 0);
  g_assert_cmpstr (found->room_id, ==, key->room_id);
  g_assert_cmpstr (found->session_id, ==, key->session_id);
  g_assert_cmpstr (found->sender_key, ==, key->sender_key);
  g_assert_cmpstr (found->claimed_ed25519, ==, "claimed");
  g_assert_cmpstr (found->forwarding_chain, ==, "[\"a\"]");
  g_assert_true (found->shared_history);
  g_assert_cmpuint (found->first_index, ==, G_MAXUINT32);
  g_assert_cmpint (found->provenance, ==, KS_ROOM_KEY_FORWARDED);
  g_assert_cmpstr (found->backed_up_version, ==, "3");
  g_assert_null (found->refused_version);
  g_assert_cmpmem (found->session_key, found->session_key_size, key->session_key, key->session_key_size);

  none = get (fixture, 2, &error);
  g_assert_null (none);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND);
}

static void
test_ten_thousand_through_a_backup (Fixture *fixture, gconstpointer data)
{
  guint rounds = 0, seen = 0;
  gint64 after = 0;

  for (int i = 0; i < MANY; i += 1000)
    {
      g_autoptr (GPtrArray) keys = make_keys (i, i + 1000, 0);

      g_assert_cmpuint (put (fixture, keys, NULL, NULL).added, ==, 1000);
    }
  assert_counts (fixture, NULL, MANY, MANY);
  assert_counts (fixture, "1", MANY, MANY);

  /* As an upload does it, with a kind of key that stays pending in between. */
  for (;;)
    {
      g_autoptr (GPtrArray) keys = list_pending (fixture, "1", after, 777, NULL, NULL);

      rounds++;
      seen += keys->len;
      for (guint i = 0; i < keys->len; i++)
        {
          KsStoredRoomKey *key = keys->pdata[i];

          g_assert_cmpint (key->id, >, after);
          after = key->id;
        }
      if (keys->len == 0)
        break;
      if (rounds == 2)
        continue;
      mark (fixture, "1", keys);
      if (keys->len < 777)
        break;
    }
  g_assert_cmpuint (seen, ==, MANY);
  assert_counts (fixture, "1", MANY, 777);
  assert_counts (fixture, "2", MANY, MANY);
}

static void
test_lower_index_replaces_and_is_pending_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) five = make_keys (0, 3, 5);
  g_autoptr (GPtrArray) seven = make_keys (0, 3, 7);
  g_autoptr (GPtrArray) again = make_keys (0, 3, 5);
  g_autoptr (GPtrArray) two = make_keys (0, 3, 2);
  g_autoptr (KsStoredRoomKey) found = NULL;
  KsKeyStorePut counts;

  put (fixture, five, NULL, NULL);
  mark (fixture, "1", five);
  assert_counts (fixture, "1", 3, 0);
  counts = put (fixture, seven, NULL, NULL);
  g_assert_cmpuint (counts.kept, ==, 3);
  counts = put (fixture, again, NULL, NULL);
  g_assert_cmpuint (counts.kept, ==, 3);
  assert_counts (fixture, "1", 3, 0);
  counts = put (fixture, two, NULL, NULL);
  g_assert_cmpuint (counts.replaced, ==, 3);
  assert_counts (fixture, "1", 3, 3);
  found = get (fixture, 1, NULL);
  g_assert_cmpuint (found->first_index, ==, 2);
  g_assert_cmpint (found->session_key[4], ==, 2);

  /* An upload that began before the better keys came says nothing about them. */
  mark (fixture, "1", five);
  assert_counts (fixture, "1", 3, 3);
}

static KsRoomKeyMerge
merge_once (const KsStoredRoomKey *here, KsStoredRoomKey *offered, gpointer data)
{
  guint *calls = data;

  (*calls)++;
  g_assert_cmpstr (here->session_id, ==, offered->session_id);
  g_assert_cmpuint (here->session_key_size, ==, 165);
  if (*calls == 2)
    return KS_ROOM_KEY_KEEP;
  offered->provenance = KS_ROOM_KEY_DIRECT;
  return KS_ROOM_KEY_REPLACE;
}

static void
test_merge_decides (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) old = make_keys (0, 2, 5);
  g_autoptr (GPtrArray) new = make_keys (0, 3, 9);
  g_autoptr (KsStoredRoomKey) first = NULL;
  g_autoptr (KsStoredRoomKey) second = NULL;
  KsKeyStorePut counts;
  guint calls = 0;

  put (fixture, old, NULL, NULL);
  counts = put (fixture, new, merge_once, &calls);
  g_assert_cmpuint (calls, ==, 2);
  g_assert_cmpuint (counts.added, ==, 1);
  g_assert_cmpuint (counts.replaced, ==, 1);
  g_assert_cmpuint (counts.kept, ==, 1);
  first = get (fixture, 0, NULL);
  second = get (fixture, 1, NULL);
  g_assert_cmpuint (first->first_index, ==, 9);
  g_assert_cmpint (first->provenance, ==, KS_ROOM_KEY_DIRECT);
  g_assert_cmpuint (second->first_index, ==, 5);
}

static void
test_marks_are_reset_for_one_version (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) some = make_keys (0, 4, 0);
  g_autoptr (GPtrArray) others = make_keys (4, 10, 0);

  put (fixture, some, NULL, NULL);
  put (fixture, others, NULL, NULL);
  mark (fixture, "1", some);
  mark (fixture, "1'; DROP TABLE room_keys; --", others);
  assert_counts (fixture, "1", 10, 6);
  refuse (fixture, "1", others);
  refuse (fixture, "2", some);
  assert_counts_with_refused (fixture, "1", 10, 0, 6);
  reset_marks (fixture, "1");
  assert_counts (fixture, "1", 10, 10);
  assert_counts_with_refused (fixture, "2", 10, 6, 4);
  assert_counts (fixture, "1'; DROP TABLE room_keys; --", 10, 4);
}

/* Out of the way of the others, but neither backed up nor forgotten. */
static void
test_refused_keys_do_not_stop_the_others (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) all = make_keys (0, 10, 0);
  g_autoptr (GPtrArray) bad = make_keys (3, 5, 0);
  g_autoptr (GPtrArray) pending = NULL;
  g_autoptr (GPtrArray) every = NULL;
  g_autoptr (KsStoredRoomKey) found = NULL;

  put (fixture, all, NULL, NULL);
  refuse (fixture, "1", bad);
  assert_counts_with_refused (fixture, "1", 10, 8, 2);
  pending = list_pending (fixture, "1", 0, 100, NULL, NULL);
  g_assert_cmpuint (pending->len, ==, 8);
  for (guint i = 0; i < pending->len; i++)
    g_assert_null (((KsStoredRoomKey *) pending->pdata[i])->refused_version);
  mark (fixture, "1", pending);
  assert_counts_with_refused (fixture, "1", 10, 0, 2);

  found = get (fixture, 3, NULL);
  g_assert_cmpstr (found->refused_version, ==, "1");
  g_assert_null (found->backed_up_version);
  every = list_pending (fixture, NULL, 0, 100, NULL, NULL);
  g_assert_cmpuint (every->len, ==, 10);
  assert_counts (fixture, NULL, 10, 10);
  /* Another version may take them. */
  assert_counts (fixture, "2", 10, 10);
}

static void
test_better_key_is_no_longer_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) five = make_keys (0, 3, 5);
  g_autoptr (GPtrArray) seven = make_keys (0, 3, 7);
  g_autoptr (GPtrArray) two = make_keys (0, 2, 2);

  put (fixture, five, NULL, NULL);
  refuse (fixture, "1", five);
  put (fixture, seven, NULL, NULL);
  assert_counts_with_refused (fixture, "1", 3, 0, 3);
  put (fixture, two, NULL, NULL);
  assert_counts_with_refused (fixture, "1", 3, 2, 1);
  /* The answer to an upload that began before says nothing about the better ones. */
  refuse (fixture, "1", five);
  assert_counts_with_refused (fixture, "1", 3, 2, 1);
}

static void
test_backed_up_after_all (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) keys = make_keys (0, 3, 0);
  g_autoptr (KsStoredRoomKey) found = NULL;

  put (fixture, keys, NULL, NULL);
  refuse (fixture, "1", keys);
  mark (fixture, "2", keys);
  assert_counts_with_refused (fixture, "1", 3, 0, 3);
  assert_counts (fixture, "2", 3, 0);
  mark (fixture, "1", keys);
  assert_counts (fixture, "1", 3, 0);
  found = get (fixture, 1, NULL);
  g_assert_null (found->refused_version);
}

static void
test_accounts_are_apart (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KsAccountRecord) bob = store_add_account (fixture->database, "@bob:example.org", "ONE");
  g_autoptr (KsKeyStore) alices = g_steal_pointer (&fixture->store);
  g_autoptr (GPtrArray) keys = make_keys (0, 5, 0);
  g_autoptr (KsStoredRoomKey) found = NULL;

  fixture->store = ks_key_store_new (fixture->database, bob);
  put (fixture, keys, NULL, NULL);
  assert_counts (fixture, NULL, 5, 5);
  g_clear_object (&fixture->store);
  fixture->store = g_steal_pointer (&alices);
  assert_counts (fixture, NULL, 0, 0);
  found = get (fixture, 1, NULL);
  g_assert_null (found);
}

static void
test_moved_or_changed_key_is_counted_not_returned (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) keys = make_keys (0, 10, 3);
  g_autoptr (GPtrArray) better = make_keys (0, 1, 9);
  g_autoptr (GPtrArray) listed = NULL;
  g_autoptr (KsStoredRoomKey) found = NULL;
  g_autoptr (GError) error = NULL;
  KsKeyStoreList list;

  put (fixture, keys, NULL, NULL);
  g_assert_finalize_object (fixture->store);
  store_close (fixture->database);
  store_sql (fixture->directory,
             "UPDATE room_keys SET session_key_sealed = (SELECT session_key_sealed FROM room_keys WHERE id = "
             "5)"
             " WHERE id = 1;"
             "UPDATE room_keys SET session_id = 'another' WHERE id = 2;"
             "UPDATE room_keys SET session_key_sealed = substr (session_key_sealed, 1, 60) WHERE id = 3");
  fixture->database = store_open (fixture->directory);
  fixture->store = ks_key_store_new (fixture->database, fixture->account);

  listed = list_pending (fixture, NULL, 0, 100, &list, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (listed->len, ==, 7);
  g_assert_cmpuint (list.damaged, ==, 3);
  g_assert_cmpint (list.last, ==, 10);
  /* The first three are damaged: nothing is listed, and it is said that there is more. */
  {
    g_autoptr (GPtrArray) none = list_pending (fixture, NULL, 0, 3, &list, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (none->len, ==, 0);
    g_assert_cmpint (list.last, ==, 3);
  }
  found = get (fixture, 0, &error);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED);
  g_clear_error (&error);

  /* Anything that opens is better than what does not. */
  g_assert_cmpuint (put (fixture, better, NULL, NULL).replaced, ==, 1);
  found = get (fixture, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found->first_index, ==, 9);
}

static void
test_locked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) keys = make_keys (0, 3, 0);
  g_autoptr (GPtrArray) more = make_keys (3, 4, 0);
  g_autoptr (GPtrArray) listed = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  put (fixture, keys, NULL, NULL);
  g_assert_finalize_object (fixture->store);
  store_close (fixture->database);
  fixture->database = store_try_open (fixture->directory, KS_DATABASE_READ_WRITE, NULL);
  fixture->store = ks_key_store_new (fixture->database, fixture->account);
  assert_counts (fixture, NULL, 3, 3);
  listed = list_pending (fixture, NULL, 0, 10, NULL, &error);
  g_assert_null (listed);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED);
  g_clear_error (&error);
  ks_key_store_put_async (fixture->store, more, NULL, NULL, NULL, NULL, store_on_ready, &result);
  g_assert_false (ks_key_store_put_finish (fixture->store, store_wait (&result), NULL, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED);
}

static void
test_batch_is_all_or_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) keys = make_keys (0, 10, 0);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ((KsStoredRoomKey *) keys->pdata[9])->provenance = 99;
  ks_key_store_put_async (fixture->store, keys, NULL, NULL, NULL, NULL, store_on_ready, &result);
  g_assert_false (ks_key_store_put_finish (fixture->store, store_wait (&result), NULL, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  assert_counts (fixture, NULL, 0, 0);
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/key-store/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("all-fields", test_all_fields);
  ADD ("ten-thousand-through-a-backup", test_ten_thousand_through_a_backup);
  ADD ("lower-index-replaces-and-is-pending-again", test_lower_index_replaces_and_is_pending_again);
  ADD ("merge-decides", test_merge_decides);
  ADD ("marks-are-reset-for-one-version", test_marks_are_reset_for_one_version);
  ADD ("refused-keys-do-not-stop-the-others", test_refused_keys_do_not_stop_the_others);
  ADD ("better-key-is-no-longer-refused", test_better_key_is_no_longer_refused);
  ADD ("backed-up-after-all", test_backed_up_after_all);
  ADD ("accounts-are-apart", test_accounts_are_apart);
  ADD ("moved-or-changed-key-is-counted-not-returned", test_moved_or_changed_key_is_counted_not_returned);
  ADD ("locked", test_locked);
  ADD ("batch-is-all-or-nothing", test_batch_is_all_or_nothing);
#undef ADD
  return g_test_run ();
}
