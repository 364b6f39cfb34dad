/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-api-sync.h"

#include "matrix/line-server.h"

#include <string.h>

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

static KsSyncAnswer *
sync_with (Fixture *f, const char *since, const char *body)
{
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  line_server_say_json (f->server, 200, body);
  ks_api_sync_async (f->http, since, 0, NULL, on_result, &result);
  AWAIT (result);
  return ks_api_sync_finish (f->http, result, &f->error);
}

static void
test_events_come_in_order_and_whole (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSyncAnswer) answer =
      sync_with (f, NULL,
                 "{\"next_batch\":\"s2\",\"device_one_time_keys_count\":{\"signed_curve25519\":49},"
                 "\"to_device\":{\"events\":[{\"type\":\"a\",\"content\":{\"x\":[1,2.5]}},{\"type\":\"b\"}]}"
                 "}");
  const char *first = "{\"content\":{\"x\":[1,2.5]},\"type\":\"a\"}";
  KsSecret *event;

  g_assert_no_error (f->error);
  g_assert_cmpstr (answer->next_batch, ==, "s2");
  g_assert_cmpint (answer->one_time_count, ==, 49);
  g_assert_cmpuint (answer->to_device->len, ==, 2);
  event = g_ptr_array_index (answer->to_device, 0);
  g_assert_cmpmem (ks_secret_bytes (event), ks_secret_size (event), first, strlen (first));
}

static void
test_goes_on_where_it_is_told (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSyncAnswer) answer = sync_with (f, "s1&x", "{\"next_batch\":\"s2\"}");

  g_assert_no_error (f->error);
  g_assert_cmpuint (answer->to_device->len, ==, 0);
  g_assert_cmpint (answer->one_time_count, ==, -1);
  g_assert_nonnull (strstr (line_server_seen (f->server, 0)->target, "&since=s1%26x&timeout=0"));
  g_assert_nonnull (strstr (line_server_seen (f->server, 0)->target, "filter=%7B"));
}

static void
test_malformed_answers_are_errors (Fixture *f, gconstpointer data)
{
  const char *const bodies[] = {
    "{}",
    "{\"next_batch\":\"\"}",
    "{\"next_batch\":7}",
    "{\"next_batch\":\"s\",\"to_device\":[]}",
    "{\"next_batch\":\"s\",\"to_device\":{\"events\":{}}}",
    "{\"next_batch\":\"s\",\"to_device\":{\"events\":[1]}}",
    "{\"next_batch\":\"s\",\"to_device\":{\"events\":[{},null]}}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_assert_null (sync_with (f, NULL, bodies[i]));
      g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
    }
}

/* Each event takes guarded memory: a server must not be able to ask for all of it. */
static void
test_too_many_events_are_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) body = g_string_new ("{\"next_batch\":\"s\",\"to_device\":{\"events\":[{}");

  for (int i = 0; i < KS_SYNC_MAX_EVENTS; i++)
    g_string_append (body, ",{}");
  g_string_append (body, "]}}");
  g_assert_null (sync_with (f, NULL, body->str));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/api-sync/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("events", test_events_come_in_order_and_whole);
  ADD ("since", test_goes_on_where_it_is_told);
  ADD ("malformed", test_malformed_answers_are_errors);
  ADD ("too-many", test_too_many_events_are_refused);
#undef ADD
  return g_test_run ();
}
