/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-api-account-data.h"

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

static gboolean
get (Fixture *f, guint status, const char *body, JsonObject **content)
{
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  line_server_say_json (f->server, status, body);
  ks_api_account_data_get_async (f->http, "@alice:ex.org", "m.secret_storage.key.a/b+c", NULL, on_result,
                                 &result);
  AWAIT (result);
  return ks_api_account_data_get_finish (f->http, result, content, &f->error);
}

static void
test_get (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) content = NULL;
  const char *algorithm;

  g_assert_true (get (f, 200, "{\"algorithm\":\"x\",\"weight\":1.5}", &content));
  g_assert_true (ks_json_get_string (content, "algorithm", &algorithm));
  g_assert_cmpstr (line_server_seen (f->server, 0)->target, ==,
                   "/_matrix/client/v3/user/%40alice%3Aex.org/account_data/m.secret_storage.key.a%2Fb%2Bc");
}

static void
test_absent (Fixture *f, gconstpointer data)
{
  JsonObject *content;

  g_assert_true (get (f, 404, "{\"errcode\":\"M_NOT_FOUND\"}", &content));
  g_assert_no_error (f->error);
  g_assert_null (content);
}

static void
test_emptied (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) content = NULL;

  g_assert_true (get (f, 200, "{}", &content));
  g_assert_nonnull (content);
  g_assert_cmpuint (json_object_get_size (content), ==, 0);
}

/* What is not a "no" of the homeserver is no "no". */
static void
test_failures_are_not_absent (Fixture *f, gconstpointer data)
{
  JsonObject *content;

  g_assert_false (get (f, 404, "{}", &content));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_null (content);
  g_assert_false (get (f, 404, "{\"errcode\":\"M_UNRECOGNIZED\"}", &content));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_UNSUPPORTED);
  g_assert_false (get (f, 401, "{\"errcode\":\"M_UNKNOWN_TOKEN\"}", &content));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_UNAUTHORIZED);
  g_assert_false (get (f, 200, "[]", &content));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
}

static JsonObject *
list (Fixture *f, const char *body)
{
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  line_server_say_json (f->server, 200, body);
  ks_api_account_data_list_async (f->http, "m.secret_storage.key.", NULL, on_result, &result);
  AWAIT (result);
  return ks_api_account_data_list_finish (f->http, result, &f->error);
}

/* Only what has a type and a content counts, and a server that has nothing leaves all out. */
static void
test_list (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) some =
      list (f, "{\"next_batch\":\"s1\",\"account_data\":{\"events\":[{\"type\":\"a\",\"content\":{\"x\":1}},"
               "{\"type\":\"b\"},{\"content\":{}},7,{\"type\":\"c\",\"content\":{}}]}}");
  g_autoptr (JsonObject) none = list (f, "{\"next_batch\":\"s1\"}");

  g_assert_cmpuint (json_object_get_size (some), ==, 2);
  g_assert_cmpint (json_object_get_int_member (json_object_get_object_member (some, "a"), "x"), ==, 1);
  g_assert_true (json_object_has_member (some, "c"));
  g_assert_cmpuint (json_object_get_size (none), ==, 0);
  g_assert_null (list (f, "{\"account_data\":[]}"));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_null (list (f, "{\"account_data\":{\"events\":{}}}"));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  /* Never the same question twice: Synapse would give the same answer. */
  g_assert_nonnull (strstr (line_server_seen (f->server, 0)->target, "m.secret_storage.key."));
  g_assert_cmpstr (line_server_seen (f->server, 0)->target, !=, line_server_seen (f->server, 1)->target);
}

/* What is made of a list has a limit as what is read as an object has. */
static void
test_list_without_end (Fixture *f, gconstpointer data)
{
  for (guint n = 1024; n <= 1025; n++)
    {
      g_autoptr (GString) body =
          g_string_new ("{\"account_data\":{\"events\":[{\"type\":\"t\",\"content\":{}}");
      g_autoptr (JsonObject) found = NULL;

      for (guint i = 1; i < n; i++)
        g_string_append_printf (body, ",{\"type\":\"t%u\",\"content\":{}}", i);
      g_string_append (body, "]}}");
      found = list (f, body->str);
      g_assert_cmpint (found != NULL, ==, n == 1024);
    }
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
}

static void
test_put (Fixture *f, gconstpointer data)
{
  g_autoptr (FakeClock) clock = fake_clock_new ();
  g_autoptr (JsonObject) content = json_object_new ();
  GAsyncResult *result = NULL;

  ks_http_set_clock (f->http, &clock->clock);
  ks_json_set_strings (content, "key", "abc", NULL);
  line_server_say_json (f->server, 502, "{}");
  line_server_say_json (f->server, 200, "{}");
  ks_api_account_data_put_async (f->http, "@a:b", "m.x", content, NULL, on_result, &result);
  AWAIT (result);
  g_assert_true (ks_api_account_data_put_finish (f->http, result, &f->error));
  g_assert_cmpuint (line_server_count (f->server), ==, 2);
  g_assert_cmpstr (line_server_seen (f->server, 1)->method, ==, "PUT");
  g_assert_cmpstr (line_server_seen (f->server, 1)->body, ==, "{\"key\":\"abc\"}");
}

static void
test_put_redirected (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) content = json_object_new ();
  GAsyncResult *result = NULL;

  line_server_say_json_with (f->server, 303, "Location: /ok\r\n", "{}");
  ks_api_account_data_put_async (f->http, "@a:b", "m.x", content, NULL, on_result, &result);
  AWAIT (result);
  g_assert_false (ks_api_account_data_put_finish (f->http, result, &f->error));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_INSECURE);
}

#define ADD(path, function) g_test_add ("/api-account-data/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("get", test_get);
  ADD ("absent", test_absent);
  ADD ("emptied", test_emptied);
  ADD ("failures-are-not-absent", test_failures_are_not_absent);
  ADD ("list", test_list);
  ADD ("list-without-end", test_list_without_end);
  ADD ("put", test_put);
  ADD ("put-redirected", test_put_redirected);
  return g_test_run ();
}
