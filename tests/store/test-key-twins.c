/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two keys that claim one session: what the store keeps of them.
 */

#include "store/account-fixture.h"
#include "store/ks-key-lookup.h"

#define ROOM "!room:example.org"
#define HERE 5 /* first index of what is here first */

static KsRoomKeyMerge
want_both (const KsStoredRoomKey *here, KsStoredRoomKey *offered, gpointer data)
{
  g_assert_cmpstr (here->session_id, ==, offered->session_id);
  return KS_ROOM_KEY_BOTH;
}

static KsRoomKeyMerge
want_both_and_the_better_twin (const KsStoredRoomKey *here, KsStoredRoomKey *offered, gpointer data)
{
  return data != NULL ? KS_ROOM_KEY_BOTH : KS_ROOM_KEY_REPLACE;
}

static void
put_with (AccountFixture *f,
          const char *session_id,
          KsRoomKeyProvenance provenance,
          guint32 first_index,
          const char *version,
          KsRoomKeyMergeFunc merge)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
  g_autoptr (KsKeyStore) store = ks_key_store_new (f->database, f->alice);
  KsStoredRoomKey *key = g_new0 (KsStoredRoomKey, 1);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  key->room_id = g_strdup (ROOM);
  key->session_id = g_strdup (session_id);
  key->sender_key = g_strdup ("a sender");
  key->provenance = provenance;
  key->first_index = first_index;
  key->backed_up_version = g_strdup (version);
  key->session_key_size = 165;
  key->session_key = g_malloc0 (key->session_key_size);
  key->session_key[4] = (guint8) first_index;
  g_ptr_array_add (keys, key);
  ks_key_store_put_async (store, keys, merge, f, NULL, NULL, store_on_ready, &result);
  ks_key_store_put_finish (store, store_wait (&result), NULL, &error);
  g_assert_no_error (error);
}

/* The same for the session "one", which is here. */
static void
put_beside (AccountFixture *f, KsRoomKeyProvenance provenance, guint32 first_index, const char *version)
{
  put_with (f, "one", provenance, first_index, version, want_both);
}

static GPtrArray *
list (AccountFixture *f, const char *version)
{
  g_autoptr (KsKeyStore) store = ks_key_store_new (f->database, f->alice);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *keys;

  ks_key_store_list_pending_async (store, version, 0, 100, NULL, store_on_ready, &result);
  keys = ks_key_store_list_pending_finish (store, store_wait (&result), NULL, &error);
  g_assert_no_error (error);
  return keys;
}

static KsLookedUpKey *
look (AccountFixture *f)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (ids, g_strdup ("one"));
  ks_key_lookup_async (f->database, f->alice, ROOM, ids, NULL, store_on_ready, &result);
  found = ks_key_lookup_finish (f->database, store_wait (&result), &error);
  g_assert_no_error (error);
  g_ptr_array_set_free_func (found, NULL);
  return found->pdata[0];
}

/* What is here is as it was, and beside it stands a key from @first_index on. */
static void
assert_twin (AccountFixture *f, guint32 first_index)
{
  g_autoptr (KsLookedUpKey) found = look (f);

  g_assert_cmpuint (found->key->first_index, ==, HERE);
  g_assert_cmpint (found->key->session_key[4], ==, HERE);
  g_assert_nonnull (found->twin);
  g_assert_cmpint (found->twin->id, ==, found->key->id);
  g_assert_cmpstr (found->twin->room_id, ==, ROOM);
  g_assert_cmpstr (found->twin->session_id, ==, "one");
  g_assert_cmpstr (found->twin->sender_key, ==, "a sender");
  g_assert_cmpuint (found->twin->first_index, ==, first_index);
  g_assert_cmpint (found->twin->session_key[4], ==, (int) first_index);
}

/* Fault F38. One beside each: a server could make up any number. */
static void
test_neither_of_two_that_claim_a_session_is_lost (AccountFixture *f, gconstpointer data)
{
  put_with (f, "one", KS_ROOM_KEY_BACKUP, HERE, NULL, NULL);
  put_beside (f, KS_ROOM_KEY_BACKUP, 8, "1");
  assert_twin (f, 8);
  put_beside (f, KS_ROOM_KEY_BACKUP, 7, "1");
  assert_twin (f, 8);
  /* The backup still has what it gave. */
  put_beside (f, KS_ROOM_KEY_FILE, 6, NULL);
  assert_twin (f, 6);
  put_beside (f, KS_ROOM_KEY_BACKUP, 4, "1");
  put_beside (f, KS_ROOM_KEY_FILE, 4, NULL);
  assert_twin (f, 6);
  put_with (f, "one", KS_ROOM_KEY_BACKUP, 2, NULL, want_both_and_the_better_twin);
  assert_twin (f, 2);
}

/* Both go where all go, and only one into the backup. */
static void
test_both_are_listed_where_all_are (AccountFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) pending = NULL;
  guint n = 0;

  put_with (f, "one", KS_ROOM_KEY_BACKUP, HERE, NULL, NULL);
  put_with (f, "two", KS_ROOM_KEY_BACKUP, HERE, NULL, NULL);
  put_beside (f, KS_ROOM_KEY_FILE, 6, NULL);
  all = list (f, NULL);
  g_assert_cmpuint (all->len, ==, 3);
  for (guint i = 0; i < all->len; i++)
    n += g_str_equal (((KsStoredRoomKey *) all->pdata[i])->session_id, "one");
  g_assert_cmpuint (n, ==, 2);
  pending = list (f, "1");
  g_assert_cmpuint (pending->len, ==, 2);
  for (guint i = 0; i < pending->len; i++)
    g_assert_cmpuint (((KsStoredRoomKey *) pending->pdata[i])->first_index, ==, HERE);
}

static void
assert_counts (AccountFixture *f, const char *version, guint64 total, guint64 pending, guint64 refused)
{
  g_autoptr (KsKeyStore) store = ks_key_store_new (f->database, f->alice);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint64 found_total, found_pending, found_refused;

  ks_key_store_count_async (store, version, NULL, store_on_ready, &result);
  ks_key_store_count_finish (store, store_wait (&result), &found_total, &found_pending, &found_refused,
                             &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found_total, ==, total);
  g_assert_cmpuint (found_pending, ==, pending);
  g_assert_cmpuint (found_refused, ==, refused);
}

/* None is said to be in a backup whose place for the session is another's. */
static void
test_what_is_in_no_backup_is_only_here (AccountFixture *f, gconstpointer data)
{
  put_with (f, "one", KS_ROOM_KEY_BACKUP, HERE, "1", NULL);
  put_with (f, "two", KS_ROOM_KEY_BACKUP, HERE, "1", NULL);
  /* What is here would take its place. */
  put_beside (f, KS_ROOM_KEY_BACKUP, HERE + 1, "1");
  assert_counts (f, "1", 2, 0, 0);
  assert_counts (f, "2", 3, 2, 1);
  /* But not this one's. */
  put_beside (f, KS_ROOM_KEY_BACKUP, HERE, "1");
  assert_counts (f, "1", 2, 0, 1);
  put_beside (f, KS_ROOM_KEY_FILE, HERE, NULL);
  assert_counts (f, "1", 3, 0, 2);
  assert_counts (f, NULL, 3, 3, 0);
}

/* A twin that was changed, or belongs to another row, is none. */
static void
test_twin_of_another_session_does_not_open (AccountFixture *f, gconstpointer data)
{
  g_autoptr (KsLookedUpKey) found = NULL;
  g_autoptr (GPtrArray) all = NULL;

  put_with (f, "one", KS_ROOM_KEY_BACKUP, HERE, NULL, NULL);
  put_with (f, "two", KS_ROOM_KEY_BACKUP, HERE, NULL, NULL);
  put_with (f, "two", KS_ROOM_KEY_FILE, 6, NULL, want_both);
  account_fixture_reopen (f, "UPDATE room_key_twins SET key_id = 1", KS_DATABASE_READ_WRITE, TRUE);
  found = look (f);
  g_assert_nonnull (found->key);
  g_assert_null (found->twin);
  all = list (f, NULL);
  g_assert_cmpuint (all->len, ==, 2);
}

/* A message has proven @twin. */
static void
prefer (AccountFixture *f, KsStoredRoomKey *twin)
{
  g_autoptr (GPtrArray) twins = g_ptr_array_new ();
  g_autoptr (KsKeyStore) store = ks_key_store_new (f->database, f->alice);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (twins, twin);
  ks_key_store_prefer_twins_async (store, twins, NULL, store_on_ready, &result);
  ks_key_store_prefer_twins_finish (store, store_wait (&result), &error);
  g_assert_no_error (error);
}

static void
assert_places (AccountFixture *f, guint32 first, guint32 second)
{
  g_autoptr (KsLookedUpKey) found = look (f);

  g_assert_cmpuint (found->key->first_index, ==, first);
  g_assert_cmpint (found->key->session_key[4], ==, (int) first);
  g_assert_nonnull (found->twin);
  g_assert_cmpuint (found->twin->first_index, ==, second);
  g_assert_cmpint (found->twin->session_key[4], ==, (int) second);
}

static void
test_proven_twin_goes_into_backups_to_come (AccountFixture *f, gconstpointer data)
{
  g_autoptr (KsLookedUpKey) found = NULL;
  g_autoptr (GPtrArray) pending = NULL;

  put_with (f, "one", KS_ROOM_KEY_BACKUP, HERE, "1", NULL);
  put_beside (f, KS_ROOM_KEY_FILE, 6, NULL);
  assert_counts (f, "1", 2, 0, 1);
  found = look (f);
  prefer (f, found->twin);
  assert_places (f, 6, HERE);
  /* Version 1 has the other one in its place, and it would be untrue that it has this one. */
  assert_counts (f, "1", 1, 0, 1);
  pending = list (f, "2");
  g_assert_cmpuint (pending->len, ==, 1);
  g_assert_cmpuint (((KsStoredRoomKey *) pending->pdata[0])->first_index, ==, 6);
  /* Nor a second time: it is the twin no more. */
  prefer (f, found->twin);
  assert_places (f, 6, HERE);
}

/* A server puts a key that reaches further back in the place of the other one. */
static void
test_proven_twin_that_reaches_further_back_goes_up (AccountFixture *f, gconstpointer data)
{
  g_autoptr (KsLookedUpKey) found = NULL;
  g_autoptr (GPtrArray) pending = NULL;

  put_with (f, "one", KS_ROOM_KEY_BACKUP, HERE, "1", NULL);
  put_beside (f, KS_ROOM_KEY_FILE, 4, NULL);
  found = look (f);
  prefer (f, found->twin);
  assert_places (f, 4, HERE);
  pending = list (f, "1");
  g_assert_cmpuint (pending->len, ==, 1);
  g_assert_cmpuint (((KsStoredRoomKey *) pending->pdata[0])->first_index, ==, 4);
}

/* The other way round: the made-up key was here first, and the backup has the real one. */
static void
test_proven_twin_that_a_backup_has_is_in_it (AccountFixture *f, gconstpointer data)
{
  g_autoptr (KsLookedUpKey) found = NULL;

  put_with (f, "one", KS_ROOM_KEY_FILE, HERE, NULL, NULL);
  put_beside (f, KS_ROOM_KEY_BACKUP, HERE - 1, "1");
  found = look (f);
  prefer (f, found->twin);
  assert_places (f, HERE - 1, HERE);
  assert_counts (f, "1", 2, 0, 1);
  assert_counts (f, "2", 2, 1, 1);
}

/* What went up after it was seen there has its place now. */
static void
test_proven_twin_whose_place_was_taken_is_not_in_the_backup (AccountFixture *f, gconstpointer data)
{
  g_autoptr (KsLookedUpKey) found = NULL;
  g_autoptr (KsKeyStore) store = ks_key_store_new (f->database, f->alice);
  g_autoptr (GPtrArray) pending = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  put_with (f, "one", KS_ROOM_KEY_FILE, HERE, NULL, NULL);
  put_beside (f, KS_ROOM_KEY_BACKUP, HERE + 1, "1");
  pending = list (f, "1");
  g_assert_cmpuint (pending->len, ==, 1);
  ks_key_store_mark_backed_up_async (store, "1", pending, NULL, store_on_ready, &result);
  g_assert_true (ks_key_store_mark_backed_up_finish (store, store_wait (&result), NULL));
  found = look (f);
  prefer (f, found->twin);
  assert_places (f, HERE + 1, HERE);
  assert_counts (f, "1", 1, 0, 1);
}

/* Else it would go up again when the server has lost others, be kept out again, and count as
 * being in the backup. */
static void
test_place_stays_taken_when_marks_are_forgotten (AccountFixture *f, gconstpointer data)
{
  g_autoptr (KsLookedUpKey) found = NULL;
  g_autoptr (KsKeyStore) store = ks_key_store_new (f->database, f->alice);
  g_autoptr (GPtrArray) pending = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  put_with (f, "one", KS_ROOM_KEY_BACKUP, HERE, "1", NULL);
  put_with (f, "other", KS_ROOM_KEY_BACKUP, HERE, "1", NULL);
  put_beside (f, KS_ROOM_KEY_FILE, HERE + 1, NULL);
  found = look (f);
  prefer (f, found->twin);
  ks_key_store_reset_marks_async (store, "1", NULL, store_on_ready, &result);
  g_assert_true (ks_key_store_reset_marks_finish (store, store_wait (&result), NULL));
  pending = list (f, "1");
  g_assert_cmpuint (pending->len, ==, 1);
  g_assert_cmpstr (((KsStoredRoomKey *) pending->pdata[0])->session_id, ==, "other");
  assert_counts (f, "1", 2, 1, 1);
}

static KsRoomKeyMerge
take_the_offered (const KsStoredRoomKey *here, KsStoredRoomKey *offered, gpointer data)
{
  return KS_ROOM_KEY_REPLACE;
}

/* The same, better known, does not get a place that its twin has. */
static void
test_place_stays_taken_when_the_key_is_replaced (AccountFixture *f, gconstpointer data)
{
  put_with (f, "one", KS_ROOM_KEY_FILE, HERE, NULL, NULL);
  put_beside (f, KS_ROOM_KEY_BACKUP, HERE - 1, "1");
  assert_counts (f, "1", 1, 0, 1);
  put_with (f, "one", KS_ROOM_KEY_FILE, HERE, NULL, take_the_offered);
  assert_counts (f, "1", 1, 0, 1);
  /* But what reaches further back than that gets it. */
  put_with (f, "one", KS_ROOM_KEY_FILE, HERE - 2, NULL, take_the_offered);
  assert_counts (f, "1", 1, 1, 0);
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                               \
  g_test_add ("/key-twins/" name, AccountFixture, NULL, account_fixture_set_up, function, \
              account_fixture_tear_down)
  ADD ("neither-is-lost", test_neither_of_two_that_claim_a_session_is_lost);
  ADD ("listed", test_both_are_listed_where_all_are);
  ADD ("only-here", test_what_is_in_no_backup_is_only_here);
  ADD ("of-another-session", test_twin_of_another_session_does_not_open);
  ADD ("proven", test_proven_twin_goes_into_backups_to_come);
  ADD ("proven-further-back", test_proven_twin_that_reaches_further_back_goes_up);
  ADD ("proven-in-backup", test_proven_twin_that_a_backup_has_is_in_it);
  ADD ("proven-place-taken", test_proven_twin_whose_place_was_taken_is_not_in_the_backup);
  ADD ("place-stays-taken", test_place_stays_taken_when_marks_are_forgotten);
  ADD ("place-stays-taken-by-the-twin", test_place_stays_taken_when_the_key_is_replaced);
#undef ADD
  return g_test_run ();
}
