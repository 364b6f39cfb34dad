/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-key-store.h"

#include <string.h>

#include "store/store-fixture.h"

#define ROOM "!room:example.org"

typedef struct
{
  char *directory;
  KsDatabase *database;
  KsAccountRecord *account;
  KsKeyStore *store;
  /* What the source gives. */
  guint batches;
  guint size; /* of each */
  guint given;
  gboolean fail_at_end;
  GCancellable *cancel_at_end; /* NULL: no */
  KsKeyStorePut seen;          /* at the last call */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->directory = store_directory_new ();
  f->database = store_open (f->directory);
  f->account = store_add_account (f->database, "@alice:example.org", "ONE");
  f->store = ks_key_store_new (f->database, f->account);
  f->batches = 3;
  f->size = 400;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_assert_finalize_object (f->store);
  store_close (f->database);
  ks_account_record_free (f->account);
  store_directory_free (f->directory);
}

static KsStoredRoomKey *
make_key (guint number)
{
  KsStoredRoomKey *key = g_new0 (KsStoredRoomKey, 1);

  key->room_id = g_strdup (number % 2 == 0 ? ROOM : "!other:example.org");
  key->session_id = g_strdup_printf ("session %u", number);
  key->sender_key = g_strdup ("sender");
  key->provenance = KS_ROOM_KEY_FILE;
  key->session_key_size = 165;
  key->session_key = g_malloc0 (key->session_key_size);
  return key;
}

static gboolean
give (const KsKeyStorePut *put, GPtrArray **keys, gpointer data, GError **error)
{
  Fixture *f = data;

  f->seen = *put;
  /* What became of all that was given is known by now. */
  g_assert_cmpuint (put->added + put->replaced + put->kept + put->elsewhere, ==, f->given * f->size);
  if (f->given < f->batches)
    {
      *keys = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
      for (guint i = 0; i < f->size; i++)
        g_ptr_array_add (*keys, make_key (f->given * f->size + i));
      f->given++;
      return TRUE;
    }
  if (f->cancel_at_end != NULL)
    g_cancellable_cancel (f->cancel_at_end);
  if (f->fail_at_end)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "after all, no");
  return !f->fail_at_end;
}

static gboolean
put_all (Fixture *f, KsKeyStorePut *put, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  f->given = 0;
  ks_key_store_put_all_async (f->store, give, f, NULL, NULL, f->cancel_at_end, store_on_ready, &result);
  return ks_key_store_put_all_finish (f->store, store_wait (&result), put, error);
}

static guint64
count (Fixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint64 total;

  ks_key_store_count_async (f->store, NULL, NULL, store_on_ready, &result);
  ks_key_store_count_finish (f->store, store_wait (&result), &total, NULL, NULL, &error);
  g_assert_no_error (error);
  return total;
}

static void
test_all_that_is_given_is_stored (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KsKeyStorePut put;

  put_all (f, &put, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (put.added, ==, 1200);
  g_assert_cmpuint (f->seen.added, ==, 1200);
  g_assert_cmpuint (count (f), ==, 1200);
  put_all (f, &put, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (put.kept, ==, 1200);
}

static void
test_nothing_given_is_no_error (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->batches = 0;
  put_all (f, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count (f), ==, 0);
}

static void
test_source_that_fails_leaves_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->fail_at_end = TRUE;
  g_assert_false (put_all (f, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_cmpuint (f->seen.added, ==, 1200);
  g_assert_cmpuint (count (f), ==, 0);
}

static void
test_cancelled_at_the_last_moment_leaves_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  f->cancel_at_end = cancellable;
  g_assert_false (put_all (f, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (count (f), ==, 0);
}

/* Each once, by rising id, and no others. */
static void
test_room_is_listed_in_pieces (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  KsKeyStoreList list = { 0 };
  gint64 after = 0;

  put_all (f, NULL, &error);
  g_assert_no_error (error);
  do
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GPtrArray) keys = NULL;

      list = (KsKeyStoreList){ 0 };
      ks_key_store_list_room_async (f->store, ROOM, after, 70, NULL, store_on_ready, &result);
      keys = ks_key_store_list_room_finish (f->store, store_wait (&result), &list, &error);
      g_assert_no_error (error);
      for (guint i = 0; i < keys->len; i++)
        {
          const KsStoredRoomKey *key = keys->pdata[i];

          g_assert_cmpint (key->id, >, after);
          after = key->id;
          g_assert_cmpstr (key->room_id, ==, ROOM);
          g_assert_true (g_hash_table_add (seen, g_strdup (key->session_id)));
        }
      g_assert_cmpint (list.last, ==, keys->len > 0 ? after : 0);
    }
  while (list.last > 0);
  g_assert_cmpuint (g_hash_table_size (seen), ==, 600);
}

#define ADD(name, test) g_test_add ("/key-store-all/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("all-that-is-given-is-stored", test_all_that_is_given_is_stored);
  ADD ("nothing-given-is-no-error", test_nothing_given_is_no_error);
  ADD ("source-that-fails-leaves-nothing", test_source_that_fails_leaves_nothing);
  ADD ("cancelled-at-the-last-moment-leaves-nothing", test_cancelled_at_the_last_moment_leaves_nothing);
  ADD ("room-is-listed-in-pieces", test_room_is_listed_in_pieces);
  return g_test_run ();
}
