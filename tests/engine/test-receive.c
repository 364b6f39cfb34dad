/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-receive.h"

#include "engine/ks-profile-private.h"
#include "homeserver/hs-fixture.h"
#include "matrix/ks-matrix-error.h"
#include "store/ks-account-store.h"

#include <string.h>

typedef struct
{
  HsFixture *server;  /* owned */
  KsProfile *profile; /* owned; in memory */
  KsHttp *http;       /* owned */
  KsInbox *inbox;     /* owned */
  char *device_id;    /* owned */
  char *sender;       /* owned: the token of somebody who sends */
} Fixture;

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *token = NULL;
  g_autoptr (KsSecret) secret = NULL;
  g_autoptr (GAsyncResult) opened = NULL;
  g_autoptr (GAsyncResult) added = NULL;
  g_autoptr (KsAccountStore) store = NULL;
  g_autoptr (KsAccountRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  KsAccountRecord new_record = { .user_id = (char *) "@alice:localhost" };

  f->server = hs_fixture_new (NULL);
  token = hs_fixture_register (f->server, "alice", "a password for tests", &f->device_id);
  f->sender = hs_fixture_register (f->server, "bob", "a password for tests", NULL);
  hs_fixture_start_proxy (f->server);
  f->http = ks_http_new (hs_fixture_url (f->server), &error);
  g_assert_no_error (error);
  secret = ks_secret_new_copy (token, strlen (token));
  g_assert_true (ks_http_set_token (f->http, secret));
  ks_http_set_patience (f->http, 2000);

  f->profile = ks_profile_new (NULL, NULL);
  ks_profile_open_async (f->profile, KS_PROFILE_OPEN_IN_MEMORY, NULL, on_done, &opened);
  ks_profile_open_finish (f->profile, wait_for (&opened), &error);
  g_assert_no_error (error);
  new_record.device_id = f->device_id;
  new_record.homeserver = (char *) hs_fixture_url (f->server);
  new_record.access_token = secret;
  store = ks_account_store_new (ks_profile_get_database (f->profile));
  ks_account_store_add_async (store, &new_record, NULL, on_done, &added);
  record = ks_account_store_add_finish (store, wait_for (&added), &error);
  g_assert_no_error (error);
  f->inbox = ks_inbox_new (ks_profile_get_database (f->profile), record);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_object_unref (f->inbox);
  g_object_unref (f->http);
  g_object_unref (f->profile);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  hs_fixture_free (f->server);
  g_free (f->device_id);
  g_free (f->sender);
}

static void
send (Fixture *f, int number)
{
  g_autofree char *path = g_strdup_printf ("/_matrix/client/v3/sendToDevice/m.room.encrypted/%d", number);
  g_autofree char *body = g_strdup_printf ("{\"messages\":{\"@alice:localhost\":{\"%s\":{\"number\":%d}}}}",
                                           f->device_id, number);

  g_free (hs_fixture_request (f->server, "PUT", path, f->sender, body, NULL));
}

static gboolean
receive (Fixture *f, guint64 *received, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_receive_async (f->http, f->inbox, NULL, on_done, &result);
  return ks_receive_finish (f->http, wait_for (&result), received, error);
}

/* Asserts that the inbox holds the events 0 to @n - 1, once each and in order. */
static void
assert_events (Fixture *f, guint n)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) events = NULL;

  ks_inbox_list_async (f->inbox, 0, n + 1, NULL, on_done, &result);
  events = ks_inbox_list_finish (f->inbox, wait_for (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (events->len, ==, n);
  for (guint i = 0; i < n; i++)
    {
      KsInboxEvent *event = g_ptr_array_index (events, i);
      g_autofree char *text =
          g_strndup ((const char *) ks_secret_bytes (event->json), ks_secret_size (event->json));
      g_autofree char *expected = g_strdup_printf (
          "{\"content\":{\"number\":%u},\"sender\":\"@bob:localhost\",\"type\":\"m.room.encrypted\"}", i);

      g_assert_cmpstr (text, ==, expected);
    }
}

static void
test_all_is_kept_and_nothing_twice (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint64 received;

  /* More than Synapse puts into one answer. */
  for (int i = 0; i < 130; i++)
    send (f, i);
  g_assert_true (receive (f, &received, &error));
  g_assert_cmpuint (received, ==, 130);
  g_assert_true (receive (f, &received, &error));
  g_assert_cmpuint (received, ==, 0);
  send (f, 130);
  g_assert_true (receive (f, &received, &error));
  g_assert_cmpuint (received, ==, 1);
  assert_events (f, 131);
}

/* The server forgets events once it is asked with the place behind them. */
static void
test_lost_answer_loses_no_event (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint64 received;

  send (f, 0);
  g_assert_true (receive (f, &received, &error));
  send (f, 1);
  hs_fixture_rule (f->server,
                   "{\"path\":\"/sync\",\"times\":0,\"action\":\"cut\",\"at\":\"body\",\"bytes\":60}");
  g_assert_false (receive (f, NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
  assert_events (f, 1);
  g_clear_error (&error);
  hs_fixture_clear_rules (f->server);
  g_assert_true (receive (f, &received, &error));
  assert_events (f, 2);
}

/* What somebody says of a key that this session does not get; @padding: bytes more than that. */
static void
send_withheld (Fixture *f, int number, gsize padding)
{
  g_autofree char *path = g_strdup_printf ("/_matrix/client/v3/sendToDevice/m.room_key.withheld/%d", number);
  g_autofree char *more = g_strnfill (padding, 'x');
  g_autofree char *body = g_strdup_printf ("{\"messages\":{\"@alice:localhost\":{\"%s\":{\"number\":%d,"
                                           "\"code\":\"m.unverified\",\"reason\":\"%s\"}}}}",
                                           f->device_id, number, more);

  g_free (hs_fixture_request (f->server, "PUT", path, f->sender, body, NULL));
}

static guint64
count (Fixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint64 n = 0;

  ks_inbox_count_async (f->inbox, NULL, on_done, &result);
  ks_inbox_count_finish (f->inbox, wait_for (&result), &n, &error);
  g_assert_no_error (error);
  return n;
}

/* Until @n events wait; the place in the sync stays. */
static void
fill (Fixture *f, guint64 n)
{
  for (guint64 waiting = count (f); waiting < n; waiting = count (f))
    {
      g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_secret_unref);
      g_autoptr (GAsyncResult) asked = NULL;
      g_autoptr (GAsyncResult) added = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *since = NULL;

      for (guint64 i = waiting; i < n && events->len < 1000; i++)
        g_ptr_array_add (events, ks_secret_new_copy ("{}", 2));
      ks_inbox_get_since_async (f->inbox, NULL, on_done, &asked);
      g_assert_true (ks_inbox_get_since_finish (f->inbox, wait_for (&asked), &since, &error));
      ks_inbox_add_async (f->inbox, events, since, NULL, on_done, &added);
      ks_inbox_add_finish (f->inbox, wait_for (&added), &error);
      g_assert_no_error (error);
    }
}

/* Anybody can send them without end: they fill neither the disk nor the place of what may bring a
 * key. */
static void
test_flood_of_withheld_keys_is_bounded (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint64 received;

  g_assert_true (receive (f, NULL, &error));
  fill (f, KS_RECEIVE_MAX_WAITING - 2);
  send_withheld (f, 0, KS_RECEIVE_MAX_WITHHELD_SIZE);
  for (int i = 1; i < 5; i++)
    send_withheld (f, i, 0);
  send (f, 5);
  g_assert_true (receive (f, &received, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (received, ==, 3);
  g_assert_cmpuint (count (f), ==, KS_RECEIVE_MAX_WAITING + 1);
  /* Those that were left out do not come again, and stop nothing. */
  send_withheld (f, 6, 0);
  send (f, 7);
  g_assert_true (receive (f, &received, &error));
  g_assert_cmpuint (received, ==, 1);
  g_assert_cmpuint (count (f), ==, KS_RECEIVE_MAX_WAITING + 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/receive/all-is-kept", Fixture, NULL, set_up, test_all_is_kept_and_nothing_twice, tear_down);
  g_test_add ("/receive/lost-answer", Fixture, NULL, set_up, test_lost_answer_loses_no_event, tear_down);
  g_test_add ("/receive/flood-of-withheld-keys", Fixture, NULL, set_up,
              test_flood_of_withheld_keys_is_bounded, tear_down);
  return g_test_run ();
}
