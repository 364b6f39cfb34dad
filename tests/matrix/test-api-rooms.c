/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-api-rooms.h"

#include "matrix/line-server.h"

#include <string.h>
#include <time.h>

#define ROOM "!room:example.org"

typedef struct
{
  LineServer *server;
  KsHttp *http;
  GError *error;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->server = line_server_new ();
  f->http = line_server_client (f->server);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_error (&f->error);
  g_object_unref (f->http);
  line_server_free (f->server);
}

static GPtrArray *
joined (Fixture *f, const char *body)
{
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  line_server_say_json (f->server, 200, body);
  ks_api_rooms_get_joined_async (f->http, NULL, on_result, &result);
  AWAIT (result);
  return ks_api_rooms_get_joined_finish (f->http, result, &f->error);
}

static void
test_rooms_come_once_each (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) rooms =
      joined (f,
              "{\"joined_rooms\":[\"!b:x\",\"!a:x\",\"!b:x\",\"#alias:x\",\"\",\"!\",7,null,{\"!c:x\":1}]}");

  g_assert_no_error (f->error);
  g_assert_cmpuint (rooms->len, ==, 2);
  g_assert_cmpstr (rooms->pdata[0], ==, "!b:x");
  g_assert_cmpstr (rooms->pdata[1], ==, "!a:x");
  g_assert_null (joined (f, "{}"));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_null (joined (f, "{\"joined_rooms\":{}}"));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
}

/* Of 20,000 rooms whose names are alike in g_str_hash(), or differ. */
static clock_t
time_of_reading (Fixture *f, gboolean alike)
{
  g_autoptr (GString) body = g_string_new ("{\"joined_rooms\":[\"!r:x\"");
  g_autoptr (GPtrArray) rooms = NULL;
  GAsyncResult *result = NULL;
  clock_t before;

  for (guint n = 0; n < 20000; n++)
    {
      g_string_append (body, ",\"!");
      for (guint i = 0; i < 15; i++)
        g_string_append (body, (n >> i) & 1 ? (alike ? "FY" : "11") : (alike ? "Ez" : "00"));
      g_string_append (body, ":x\"");
    }
  g_string_append (body, "]}");
  line_server_say_json (f->server, 200, body->str);
  ks_api_rooms_get_joined_async (f->http, NULL, on_result, &result);
  AWAIT (result);
  before = clock ();
  rooms = ks_api_rooms_get_joined_finish (f->http, result, &f->error);
  g_assert_no_error (f->error);
  g_assert_cmpuint (rooms->len, ==, 20001);
  return clock () - before;
}

static void
test_rooms_whose_names_are_alike (Fixture *f, gconstpointer data)
{
  clock_t honest = time_of_reading (f, FALSE);

  g_assert_cmpint (time_of_reading (f, TRUE), <, honest * 20);
}

static void
test_state_that_is_not_there_is_no_error (Fixture *f, gconstpointer data)
{
  GAsyncResult *result = NULL;
  JsonObject *content;

  line_server_say_json (f->server, 404, "{\"errcode\":\"M_NOT_FOUND\",\"error\":\"\"}");
  ks_api_rooms_get_state_async (f->http, ROOM, "m.room.name", NULL, on_result, &result);
  AWAIT (result);
  g_assert_true (ks_api_rooms_get_state_finish (f->http, result, &content, &f->error));
  g_assert_no_error (f->error);
  g_assert_null (content);
  g_assert_true (g_str_has_suffix (line_server_seen (f->server, 0)->target,
                                   "/v3/rooms/%21room%3Aexample.org/state/m.room.name"));
}

/* A proxy that knows no such path says nothing about the room. */
static void
test_bare_404_is_an_error (Fixture *f, gconstpointer data)
{
  GAsyncResult *result = NULL;
  JsonObject *content;

  line_server_say_json (f->server, 404, "{}");
  ks_api_rooms_get_state_async (f->http, ROOM, "m.room.name", NULL, on_result, &result);
  AWAIT (result);
  g_assert_false (ks_api_rooms_get_state_finish (f->http, result, &content, &f->error));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
}

#define MEMBER(user, membership, since)                                                \
  "{\"type\":\"m.room.member\",\"state_key\":\"" user "\",\"origin_server_ts\":" since \
  ",\"content\":{\"membership\":\"" membership "\",\"displayname\":\"Name of " user "\"}}"

static void
test_members_come_by_age (Fixture *f, gconstpointer data)
{
  GAsyncResult *result = NULL;
  g_autoptr (GPtrArray) members = NULL;
  const char *const expected[] = { "@a:x", "@c:x", "@b:x", "@d:x" };

  line_server_say_json (
      f->server, 200,
      "{\"chunk\":[" MEMBER ("@b:x", "join", "3") "," MEMBER ("@c:x", "ban", "2") "," MEMBER (
          "@a:x", "invite", "2") ",7,{},{\"state_key\":\"@x:x\",\"content\":[]},"
                                 "{\"state_key\":\"x\",\"content\":{\"membership\":\"join\"}},"
                                 "{\"state_key\":\"@d:x\",\"origin_server_ts\":9,\"content\":"
                                 "{\"membership\":\"join\",\"displayname\":[]}}]}");
  ks_api_rooms_get_members_async (f->http, ROOM, FALSE, NULL, on_result, &result);
  AWAIT (result);
  members = ks_api_rooms_get_members_finish (f->http, result, &f->error);
  g_assert_no_error (f->error);
  g_assert_cmpuint (members->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < members->len; i++)
    {
      const KsRoomMember *member = members->pdata[i];

      g_assert_cmpstr (member->user_id, ==, expected[i]);
      g_assert_cmpint (member->here, ==, i != 1);
    }
  g_assert_cmpstr (((KsRoomMember *) members->pdata[0])->display_name, ==, "Name of @a:x");
  g_assert_null (((KsRoomMember *) members->pdata[3])->display_name);
  g_assert_nonnull (strstr (line_server_seen (f->server, 0)->target, "not_membership=leave"));
}

static KsRoomPage *
messages (Fixture *f, const char *from, const char *body)
{
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  line_server_say_json (f->server, 200, body);
  ks_api_rooms_get_messages_async (f->http, ROOM, from, 50, NULL, on_result, &result);
  AWAIT (result);
  return ks_api_rooms_get_messages_finish (f->http, result, &f->error);
}

#define EVENT(id, more)                                                                              \
  "{\"event_id\":\"" id "\",\"sender\":\"@a:x\",\"type\":\"m.room.message\",\"origin_server_ts\":5," \
  "\"content\":{\"body\":\"hello\"}" more "}"

static void
test_page_of_messages (Fixture *f, gconstpointer data)
{
  g_autoptr (KsRoomPage) page =
      messages (f, "t1&x",
                "{\"start\":\"t1\",\"end\":\"t0\",\"chunk\":[" EVENT (
                    "$2", ",\"room_id\":\"!room:example.org\"") "," EVENT ("$1", ",\"unsigned\":{\"redacted_"
                                                                                 "because\":{}}") "]}");
  const KsRoomEvent *event;
  const char *target = line_server_seen (f->server, 0)->target;

  g_assert_no_error (f->error);
  g_assert_cmpstr (page->end, ==, "t0");
  g_assert_cmpuint (page->events->len, ==, 2);
  g_assert_cmpuint (page->malformed + page->foreign, ==, 0);
  event = page->events->pdata[0];
  g_assert_cmpstr (event->event_id, ==, "$2");
  g_assert_cmpstr (event->sender, ==, "@a:x");
  g_assert_cmpint (event->time, ==, 5);
  g_assert_false (event->redacted);
  g_assert_cmpstr (json_object_get_string_member (event->content, "body"), ==, "hello");
  g_assert_true (((KsRoomEvent *) page->events->pdata[1])->redacted);
  g_assert_nonnull (strstr (target, "dir=b&from=t1%26x&limit=50&filter=%7B%22types"));
}

static void
test_first_page_has_no_from_and_the_last_no_end (Fixture *f, gconstpointer data)
{
  g_autoptr (KsRoomPage) page = messages (f, NULL, "{\"chunk\":[],\"end\":null}");

  g_assert_no_error (f->error);
  g_assert_null (page->end);
  g_assert_null (strstr (line_server_seen (f->server, 0)->target, "from="));
}

static void
test_last_page_may_end_in_an_empty_text_and_hold_null (Fixture *f, gconstpointer data)
{
  const char *const bodies[] = { "{\"chunk\":[],\"end\":\"\"}", "{\"chunk\":null,\"end\":\"\"}" };

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (KsRoomPage) page = messages (f, "t1", bodies[i]);

      g_assert_no_error (f->error);
      g_assert_null (page->end);
      g_assert_cmpuint (page->events->len, ==, 0);
    }
}

/* However that is noted, and also where its content is gone with the rest. */
static void
test_redacted_events_are_known_by_any_note (Fixture *f, gconstpointer data)
{
  const char *const notes[] = { "{\"redacted_because\":{}}", "{\"redacted_because\":true}",
                                "{\"redacted_by\":\"$2\"}", "{\"redacted_by\":{}}" };

  for (gsize i = 0; i < G_N_ELEMENTS (notes); i++)
    {
      g_autofree char *body =
          g_strdup_printf ("{\"chunk\":[{\"event_id\":\"$1\",\"sender\":\"@a:x\",\"type\":\"t\","
                           "\"origin_server_ts\":5,\"unsigned\":%s}]}",
                           notes[i]);
      g_autoptr (KsRoomPage) page = messages (f, NULL, body);

      g_assert_no_error (f->error);
      g_assert_cmpuint (page->events->len, ==, 1);
      g_assert_true (((KsRoomEvent *) page->events->pdata[0])->redacted);
      g_assert_cmpuint (json_object_get_size (((KsRoomEvent *) page->events->pdata[0])->content), ==, 0);
    }
}

/* None of them may pass for a message, and none takes the good one with it. */
static void
test_bad_events_are_left_out_and_counted (Fixture *f, gconstpointer data)
{
  g_autoptr (KsRoomPage) page = messages (
      f, NULL,
      "{\"chunk\":[7,null,[],{}," EVENT ("$1", ",\"room_id\":\"!other:example.org\"") "," EVENT (
          "$1",
          ",\"room_id\":7") "," EVENT ("$1",
                                       ",\"state_key\":\"\"") "," EVENT ("1",
                                                                         "") "," EVENT ("$",
                                                                                        "") ","
                                                                                            "{\"event_id\":"
                                                                                            "\"$1\","
                                                                                            "\"sender\":"
                                                                                            "\"a\",\"type\":"
                                                                                            "\"t\",\"origin_"
                                                                                            "server_ts\":5,"
                                                                                            "\"content\":{}},"
                                                                                            "{\"event_id\":"
                                                                                            "\"$1\","
                                                                                            "\"sender\":\"@a:"
                                                                                            "x\",\"type\":7,"
                                                                                            "\"origin_server_"
                                                                                            "ts\":5,"
                                                                                            "\"content\":{}},"
                                                                                            "{\"event_id\":"
                                                                                            "\"$1\","
                                                                                            "\"sender\":\"@a:"
                                                                                            "x\",\"type\":"
                                                                                            "\"t\",\"origin_"
                                                                                            "server_ts\":-5,"
                                                                                            "\"content\":{}},"
                                                                                            "{\"event_id\":"
                                                                                            "\"$1\","
                                                                                            "\"sender\":\"@a:"
                                                                                            "x\",\"type\":"
                                                                                            "\"t\",\"origin_"
                                                                                            "server_ts\":"
                                                                                            "\"5\","
                                                                                            "\"content\":{}},"
                                                                                            "{\"event_id\":"
                                                                                            "\"$1\","
                                                                                            "\"sender\":\"@a:"
                                                                                            "x\",\"type\":"
                                                                                            "\"t\",\"origin_"
                                                                                            "server_ts\":5,"
                                                                                            "\"content\":"
                                                                                            "\"\"}," EVENT (
                                                                                                "$good",
                                                                                                "") "]}");

  g_assert_no_error (f->error);
  g_assert_cmpuint (page->events->len, ==, 1);
  g_assert_cmpstr (((KsRoomEvent *) page->events->pdata[0])->event_id, ==, "$good");
  g_assert_cmpuint (page->foreign, ==, 2);
  g_assert_cmpuint (page->malformed, ==, 12);
}

static void
test_answers_that_are_no_pages_are_errors (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) many = g_string_new ("{\"chunk\":[0");
  g_autofree char *far = g_strnfill (KS_ROOMS_MAX_END + 1, 't');
  g_autofree char *far_end = g_strdup_printf ("{\"chunk\":[],\"end\":\"%s\"}", far);
  const char *bodies[] = { "{}", "{\"chunk\":{}}", "{\"chunk\":[],\"end\":7}", far_end, NULL };

  for (int i = 0; i < KS_ROOMS_MAX_EVENTS; i++)
    g_string_append (many, ",0");
  g_string_append (many, "]}");
  bodies[4] = many->str;
  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_assert_null (messages (f, NULL, bodies[i]));
      g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/api-rooms/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("joined", test_rooms_come_once_each);
  ADD ("joined-alike", test_rooms_whose_names_are_alike);
  ADD ("state/none", test_state_that_is_not_there_is_no_error);
  ADD ("state/bare-404", test_bare_404_is_an_error);
  ADD ("members", test_members_come_by_age);
  ADD ("messages/page", test_page_of_messages);
  ADD ("messages/ends", test_first_page_has_no_from_and_the_last_no_end);
  ADD ("last-page", test_last_page_may_end_in_an_empty_text_and_hold_null);
  ADD ("redacted", test_redacted_events_are_known_by_any_note);
  ADD ("messages/bad-events", test_bad_events_are_left_out_and_counted);
  ADD ("messages/bad-answers", test_answers_that_are_no_pages_are_errors);
#undef ADD
  return g_test_run ();
}
