/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/live/ks-receive.h"

#include "engine/account/ks-profile-private.h"
#include "engine/live/ks-keep-event.h"
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
  char *own;          /* owned: the token of a session of the same account */
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
  g_autoptr (KsSecret) secret = NULL;
  g_autoptr (GAsyncResult) opened = NULL;
  g_autoptr (GAsyncResult) added = NULL;
  g_autoptr (KsAccountStore) store = NULL;
  g_autoptr (KsAccountRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  KsAccountRecord new_record = { .user_id = (char *) "@alice:localhost" };

  f->server = hs_fixture_new (NULL);
  f->own = hs_fixture_register (f->server, "alice", "a password for tests", &f->device_id);
  f->sender = hs_fixture_register (f->server, "bob", "a password for tests", NULL);
  hs_fixture_start_proxy (f->server);
  f->http = ks_http_new (hs_fixture_url (f->server), &error);
  g_assert_no_error (error);
  secret = ks_secret_new_copy (f->own, strlen (f->own));
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
  g_free (f->own);
  g_free (f->sender);
}

/* Sends this session an event of @type, with @padding bytes in it. */
static void
send_as (Fixture *f, const char *token, const char *type, int number, gsize padding)
{
  g_autofree char *path = g_strdup_printf ("/_matrix/client/v3/sendToDevice/%s/%d", type, number);
  g_autofree char *more = padding > 0 ? g_strnfill (padding, 'x') : NULL;
  g_autofree char *member = more != NULL ? g_strdup_printf (",\"more\":\"%s\"", more) : g_strdup ("");
  g_autofree char *body = g_strdup_printf ("{\"messages\":{\"@alice:localhost\":{\"%s\":"
                                           "{\"number\":%d%s}}}}",
                                           f->device_id, number, member);

  g_free (hs_fixture_request (f->server, "PUT", path, token, body, NULL));
}

static void
send (Fixture *f, int number)
{
  send_as (f, f->sender, "m.room.encrypted", number, 0);
}

static gboolean
receive (Fixture *f, guint64 *received, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_receive_async (f->http, f->inbox, "@alice:localhost", NULL, on_done, &result);
  return ks_receive_finish (f->http, wait_for (&result), received, error);
}

static GPtrArray *
list (Fixture *f, KsInboxKind kind)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *events;

  ks_inbox_list_async (f->inbox, kind, 0, 1000, NULL, on_done, &result);
  events = ks_inbox_list_finish (f->inbox, wait_for (&result), &error);
  g_assert_no_error (error);
  return events;
}

/* Asserts that the inbox holds the encrypted events 0 to @n - 1, once each and in order. */
static void
assert_events (Fixture *f, guint n)
{
  g_autoptr (GPtrArray) events = list (f, KS_INBOX_SEALED);

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

static guint
count (Fixture *f, KsInboxKind kind)
{
  g_autoptr (GPtrArray) events = list (f, kind);

  return events->len;
}

static void
assert_received (Fixture *f, guint64 n)
{
  g_autoptr (GError) error = NULL;
  guint64 received = G_MAXUINT64;

  g_assert_true (receive (f, &received, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (received, ==, n);
}

/* They would gather for ever. Those in the clear that have to come over Olm are never to be
 * believed (threat A1). */
static void
test_what_brings_nothing_is_not_kept (Fixture *f, gconstpointer data)
{
  static const char *const types[] = { "m.room_key_request", "m.secret.request",     "m.secret.send",
                                       "m.room_key",         "m.forwarded_room_key", "m.dummy",
                                       "m.room.encryption",  "m.key.verification",   "org.example.any" };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      send_as (f, f->sender, types[i], (int) i, 0);
      send_as (f, f->own, types[i], (int) i, 0);
    }
  send (f, 0);
  assert_received (f, 1);
  assert_events (f, 1);
  g_assert_cmpuint (count (f, KS_INBOX_VERIFICATION), ==, 0);
  g_assert_cmpuint (count (f, KS_INBOX_WITHHELD), ==, 0);
  /* They do not come again. */
  assert_received (f, 0);
}

static void
test_verification_by_own_sessions_is_kept (Fixture *f, gconstpointer data)
{
  send_as (f, f->own, "m.key.verification.request", 0, 0);
  send_as (f, f->own, "m.key.verification.cancel", 1, 0);
  send_as (f, f->sender, "m.key.verification.request", 2, 0);
  assert_received (f, 2);
  g_assert_cmpuint (count (f, KS_INBOX_VERIFICATION), ==, 2);
  g_assert_cmpuint (count (f, KS_INBOX_SEALED), ==, 0);
}

/* As large as a homeserver takes it from a sender is as large as any honest one. */
static void
test_none_is_larger_than_it_can_honestly_be (Fixture *f, gconstpointer data)
{
  send_as (f, f->sender, "m.room.encrypted", 0, 65536 - 25);
  send_as (f, f->own, "m.key.verification.start", 1, KS_KEEP_EVENT_MAX_VERIFICATION_SIZE - 200);
  send_as (f, f->own, "m.key.verification.start", 2, KS_KEEP_EVENT_MAX_VERIFICATION_SIZE);
  send_as (f, f->sender, "m.room_key.withheld", 3, KS_KEEP_EVENT_MAX_WITHHELD_SIZE - 200);
  send_as (f, f->sender, "m.room_key.withheld", 4, KS_KEEP_EVENT_MAX_WITHHELD_SIZE);
  assert_received (f, 3);
  g_assert_cmpuint (count (f, KS_INBOX_SEALED), ==, 1);
  g_assert_cmpuint (count (f, KS_INBOX_VERIFICATION), ==, 1);
  g_assert_cmpuint (count (f, KS_INBOX_WITHHELD), ==, 1);
}

static gboolean
is_kept (gsize size)
{
  g_autofree char *more = g_strnfill (size - 65, 'x');
  g_autofree char *text =
      g_strdup_printf ("{\"content\":{\"more\":\"%s\"},\"sender\":\"@b:c\",\"type\":\"m.room.encrypted\"}",
                       more);
  g_autoptr (KsSecret) json = ks_secret_new_copy (text, strlen (text));
  KsInboxKind kind;

  g_assert_cmpuint (strlen (text), ==, size);
  return ks_keep_event (json, "@alice:localhost", &kind);
}

/* No honest server lets that through. */
static void
test_encrypted_event_of_a_hostile_server_is_bounded (Fixture *f, gconstpointer data)
{
  g_assert_true (is_kept (KS_KEEP_EVENT_MAX_SIZE));
  g_assert_false (is_kept (KS_KEEP_EVENT_MAX_SIZE + 1));
}

/* A flood neither fills the disk nor costs a key: what there is no room for stays on the server
 * until what is here has been read. */
static void
test_flood_of_encrypted_events_loses_none (Fixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) removed = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) events = NULL;
  gint64 ids[3];

  ks_inbox_set_max_size (f->inbox, 1000);
  for (int i = 0; i < 3; i++)
    send (f, i);
  assert_received (f, 3);
  for (int i = 3; i < 6; i++)
    send (f, i);
  send_as (f, f->sender, "m.room_key.withheld", 0, 0);
  assert_received (f, 0);
  assert_received (f, 0);
  assert_events (f, 3);
  g_assert_cmpuint (count (f, KS_INBOX_WITHHELD), ==, 0);

  events = list (f, KS_INBOX_SEALED);
  for (guint i = 0; i < 3; i++)
    ids[i] = ((KsInboxEvent *) events->pdata[i])->id;
  ks_inbox_remove_async (f->inbox, ids, 3, NULL, on_done, &removed);
  g_assert_true (ks_inbox_remove_finish (f->inbox, wait_for (&removed), &error));
  assert_received (f, 4);
  g_assert_cmpuint (count (f, KS_INBOX_SEALED), ==, 3);
  g_assert_cmpuint (count (f, KS_INBOX_WITHHELD), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/receive/all-is-kept", Fixture, NULL, set_up, test_all_is_kept_and_nothing_twice, tear_down);
  g_test_add ("/receive/lost-answer", Fixture, NULL, set_up, test_lost_answer_loses_no_event, tear_down);
  g_test_add ("/receive/brings-nothing", Fixture, NULL, set_up, test_what_brings_nothing_is_not_kept,
              tear_down);
  g_test_add ("/receive/verification", Fixture, NULL, set_up, test_verification_by_own_sessions_is_kept,
              tear_down);
  g_test_add ("/receive/too-large", Fixture, NULL, set_up, test_none_is_larger_than_it_can_honestly_be,
              tear_down);
  g_test_add ("/receive/hostile-server", Fixture, NULL, set_up,
              test_encrypted_event_of_a_hostile_server_is_bounded, tear_down);
  g_test_add ("/receive/flood", Fixture, NULL, set_up, test_flood_of_encrypted_events_loses_none, tear_down);
  return g_test_run ();
}
