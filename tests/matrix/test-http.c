/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-http.h"

#include <string.h>

#include "matrix/line-server.h"

static KsSecret *
new_token (void)
{
  return ks_secret_new_copy ("canary-token", 12);
}

/* --- what is sent --- */

static void
test_request_as_sent (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (KsHttp) http = line_server_client (server);
  g_autoptr (KsSecret) token = new_token ();
  g_autoptr (KsRequest) request = ks_request_new ("PUT", "/_matrix/x/{}/y", "a", NULL);
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = NULL;
  g_autofree char *authorization = NULL;
  g_autofree char *type = NULL;
  g_autofree char *agent = NULL;
  gint64 integer;

  line_server_say_json (server, 200, "{\"one\":1}");
  g_assert_true (ks_http_set_token (http, token));
  ks_json_set_strings (body, "k", "v\n", NULL);
  ks_request_set_body (request, body);
  ks_request_add_query (request, "version", "1&2");
  ks_request_add_query (request, "absent", NULL);
  answer = send_now (http, request, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (ks_json_get_integer (answer, "one", &integer));
  g_assert_cmpstr (line_server_seen (server, 0)->method, ==, "PUT");
  g_assert_cmpstr (line_server_seen (server, 0)->target, ==, "/_matrix/x/a/y?version=1%262");
  g_assert_cmpstr (line_server_seen (server, 0)->body, ==, "{\"k\":\"v\\n\"}");
  authorization = seen_header (line_server_seen (server, 0), "Authorization");
  type = seen_header (line_server_seen (server, 0), "Content-Type");
  agent = seen_header (line_server_seen (server, 0), "User-Agent");
  g_assert_cmpstr (authorization, ==, "Bearer canary-token");
  g_assert_cmpstr (type, ==, "application/json");
  g_assert_true (g_str_has_prefix (agent, "Keepsake/"));
}

static void
test_anonymous_request_carries_no_token (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (KsHttp) http = line_server_client (server);
  g_autoptr (KsSecret) token = new_token ();
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
  g_autoptr (JsonObject) answer = NULL;

  line_server_say_json (server, 200, "{}");
  g_assert_true (ks_http_set_token (http, token));
  ks_request_set_anonymous (request);
  answer = send_now (http, request, NULL, NULL);
  g_assert_nonnull (answer);
  g_assert_null (strstr (line_server_seen (server, 0)->head, "canary-token"));
}

static void
test_token_must_be_a_token (void)
{
  g_autoptr (KsHttp) http = ks_http_new ("https://example.org", NULL);
  static const char *const bad[] = { "", "a b", "a\r\nX: y", "\xc3\xa9", "a\x7f" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (KsSecret) token = ks_secret_new_copy (bad[i], strlen (bad[i]));

      g_assert_false (ks_http_set_token (http, token));
      g_assert_false (ks_http_has_token (http));
    }
}

/* A26: whatever an identifier is, it is one segment. */
static const struct
{
  const char *value;
  const char *target; /* NULL: not sent at all */
} segments[] = {
  { "1", "/base/v/1/end" },
  { "1/../../x", "/base/v/1%2F..%2F..%2Fx/end" },
  { "..%2f", "/base/v/..%252f/end" },
  { "a?b#c", "/base/v/a%3Fb%23c/end" },
  { "@al:ex.org", "/base/v/%40al%3Aex.org/end" },
  { "!r:ex.org", "/base/v/%21r%3Aex.org/end" },
  { "a+b/c=", "/base/v/a%2Bb%2Fc%3D/end" },
  { "sp ace\r\nX: y", "/base/v/sp%20ace%0D%0AX%3A%20y/end" },
  { "\xe6\x97\xa5", "/base/v/%E6%97%A5/end" },
  { "...", "/base/v/.../end" },
  { ".", NULL },
  { "..", NULL },
  { "", NULL },
  { "\xff", NULL },
};

static void
test_segments (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autofree char *base = g_strconcat (line_server_url (server), "/base/", NULL);
  g_autoptr (KsHttp) http = ks_http_new (base, NULL);
  guint sent = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (segments); i++)
    {
      g_autoptr (KsRequest) request = ks_request_new ("GET", "/v/{}/end", segments[i].value, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) answer = NULL;

      if (segments[i].target != NULL)
        line_server_say_json (server, 200, "{}");
      answer = send_now (http, request, NULL, &error);
      if (segments[i].target == NULL)
        {
          g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpstr (line_server_seen (server, sent++)->target, ==, segments[i].target);
    }
  g_assert_cmpuint (line_server_count (server), ==, sent);
}

static void
test_body_that_cannot_be_written_is_not_sent (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (KsHttp) http = line_server_client (server);
  g_autoptr (KsRequest) request = ks_request_new ("POST", "/x", NULL);
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (GError) error = NULL;

  ks_json_set_strings (body, "k", "caf\xe9", NULL);
  ks_request_set_body (request, body);
  g_assert_null (send_now (http, request, NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_cmpuint (line_server_count (server), ==, 0);
}

/* --- what answers mean --- */

typedef struct
{
  const char *name;
  guint status;
  const char *body;
  int code;
  const char *errcode;
} StatusCase;

static const StatusCase statuses[] = {
  { "unknown-token", 401, "{\"errcode\":\"M_UNKNOWN_TOKEN\"}", KS_MATRIX_ERROR_UNAUTHORIZED,
    "M_UNKNOWN_TOKEN" },
  { "missing-token", 401, "{\"errcode\":\"M_MISSING_TOKEN\"}", KS_MATRIX_ERROR_UNAUTHORIZED,
    "M_MISSING_TOKEN" },
  { "uia", 401, "{\"flows\":[],\"session\":\"x\"}", KS_MATRIX_ERROR_AUTH_NEEDED, NULL },
  { "uia-wrong-password", 401, "{\"errcode\":\"M_FORBIDDEN\",\"flows\":[]}", KS_MATRIX_ERROR_AUTH_NEEDED,
    "M_FORBIDDEN" },
  { "forbidden", 403, "{\"errcode\":\"M_FORBIDDEN\"}", KS_MATRIX_ERROR_FORBIDDEN, "M_FORBIDDEN" },
  { "wrong-version", 403, "{\"errcode\":\"M_WRONG_ROOM_KEYS_VERSION\",\"current_version\":\"1\"}",
    KS_MATRIX_ERROR_WRONG_VERSION, "M_WRONG_ROOM_KEYS_VERSION" },
  { "not-found", 404, "{\"errcode\":\"M_NOT_FOUND\"}", KS_MATRIX_ERROR_NOT_FOUND, "M_NOT_FOUND" },
  { "not-found-without-errcode", 404, "{}", KS_MATRIX_ERROR_BAD_ANSWER, NULL },
  { "not-found-errcode-number", 404, "{\"errcode\":404}", KS_MATRIX_ERROR_BAD_ANSWER, NULL },
  { "not-found-with-400", 400, "{\"errcode\":\"M_NOT_FOUND\"}", KS_MATRIX_ERROR_REFUSED, "M_NOT_FOUND" },
  { "unrecognized", 404, "{\"errcode\":\"M_UNRECOGNIZED\"}", KS_MATRIX_ERROR_UNSUPPORTED, "M_UNRECOGNIZED" },
  { "unrecognized-405", 405, "{\"errcode\":\"M_UNRECOGNIZED\"}", KS_MATRIX_ERROR_UNSUPPORTED,
    "M_UNRECOGNIZED" },
  { "too-large", 413, "{\"errcode\":\"M_TOO_LARGE\"}", KS_MATRIX_ERROR_TOO_LARGE, "M_TOO_LARGE" },
  { "too-large-of-a-proxy", 413, "{}", KS_MATRIX_ERROR_TOO_LARGE, NULL },
  { "invalid-param", 400, "{\"errcode\":\"M_INVALID_PARAM\"}", KS_MATRIX_ERROR_REFUSED, "M_INVALID_PARAM" },
  { "own-errcode", 400, "{\"errcode\":\"org.example.x\"}", KS_MATRIX_ERROR_REFUSED, "org.example.x" },
  { "errcode-with-line-break", 400, "{\"errcode\":\"M_\\nX\"}", KS_MATRIX_ERROR_BAD_ANSWER, NULL },
  { "errcode-empty", 403, "{\"errcode\":\"\"}", KS_MATRIX_ERROR_BAD_ANSWER, NULL },
  { "errcode-too-long", 400,
    "{\"errcode\":\"M_23456789012345678901234567890123456789012345678901234567890123456\"}",
    KS_MATRIX_ERROR_BAD_ANSWER, NULL },
  { "rate-limited", 429, "{\"errcode\":\"M_LIMIT_EXCEEDED\"}", KS_MATRIX_ERROR_RATE_LIMITED,
    "M_LIMIT_EXCEEDED" },
  { "server", 500, "{\"errcode\":\"M_UNKNOWN\"}", KS_MATRIX_ERROR_SERVER, "M_UNKNOWN" },
  { "bad-gateway", 502, "{}", KS_MATRIX_ERROR_SERVER, NULL },
  { "created", 201, "{}", KS_MATRIX_ERROR_BAD_ANSWER, NULL },
  { "no-content", 204, "", KS_MATRIX_ERROR_BAD_ANSWER, NULL },
  { "teapot", 418, "{}", KS_MATRIX_ERROR_BAD_ANSWER, NULL },
  { "error-with-broken-json", 500, "{\"errcode\":", KS_MATRIX_ERROR_SERVER, NULL },
  { "status-999", 999, "{}", KS_MATRIX_ERROR_BAD_ANSWER, NULL },
};

static void
test_status (gconstpointer data)
{
  const StatusCase *c = data;
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (KsHttp) http = line_server_client (server);
  g_autoptr (KsRequest) request = ks_request_new ("POST", "/x", NULL);
  g_autoptr (GError) error = NULL;

  line_server_say_json (server, c->status, c->body);
  g_assert_null (send_now (http, request, NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, c->code);
  g_assert_cmpstr (ks_matrix_error_get_errcode (error), ==, c->errcode);
  g_assert_cmpuint (ks_matrix_error_get_http_status (error), ==, c->status);
  g_assert_cmpuint (line_server_count (server), ==, 1);
}

static void
test_soft_logout (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (KsHttp) http = line_server_client (server);
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
  g_autoptr (GError) soft = NULL;
  g_autoptr (GError) hard = NULL;

  line_server_say_json (server, 401, "{\"errcode\":\"M_UNKNOWN_TOKEN\",\"soft_logout\":true}");
  line_server_say_json (server, 401, "{\"errcode\":\"M_UNKNOWN_TOKEN\",\"soft_logout\":\"yes\"}");
  g_assert_null (send_now (http, request, NULL, &soft));
  g_assert_null (send_now (http, request, NULL, &hard));
  g_assert_true (ks_matrix_error_get_soft_logout (soft));
  g_assert_false (ks_matrix_error_get_soft_logout (hard));
}

static void
test_refusal_is_handed_out (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (KsHttp) http = line_server_client (server);
  g_autoptr (KsRequest) request = ks_request_new ("POST", "/x", NULL);
  g_autoptr (JsonObject) refusal = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;
  const char *session;

  line_server_say_json (server, 401, "{\"flows\":[],\"session\":\"abc\"}");
  ks_http_send_async (http, request, NULL, on_result, &result);
  AWAIT (result);
  g_assert_null (ks_http_send_finish_refusal (http, result, &refusal, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_AUTH_NEEDED);
  g_assert_true (ks_json_get_string (refusal, "session", &session));
  g_assert_cmpstr (session, ==, "abc");
}

/* --- redirects --- */

typedef struct
{
  guint status;
  const char *method;
  gboolean token;
} RedirectCase;

static const RedirectCase redirects[] = {
  { 301, "GET", TRUE },  { 302, "PUT", TRUE },   { 303, "PUT", TRUE },    { 303, "POST", TRUE },
  { 307, "PUT", TRUE },  { 308, "POST", TRUE },  { 301, "GET", FALSE },   { 302, "GET", FALSE },
  { 303, "GET", FALSE }, { 307, "POST", FALSE }, { 308, "DELETE", TRUE }, { 300, "GET", TRUE },
};

/* The target is asked nothing, and what was to be uploaded is no success. */
static void
test_redirect (gconstpointer data)
{
  const RedirectCase *c = data;
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (LineServer) target = line_server_new ();
  g_autoptr (KsHttp) http = line_server_client (server);
  g_autoptr (KsSecret) token = new_token ();
  g_autoptr (KsRequest) request = ks_request_new (c->method, "/x", NULL);
  g_autofree char *location = g_strdup_printf ("Location: %s/y\r\n", line_server_url (target));
  g_autoptr (GError) error = NULL;

  line_server_say_json_with (server, c->status, location, "{\"etag\":\"1\",\"count\":1}");
  if (c->token)
    g_assert_true (ks_http_set_token (http, token));
  ks_request_set_repeatable (request, TRUE);
  g_assert_null (send_now (http, request, NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_INSECURE);
  g_assert_cmpuint (line_server_count (server), ==, 1);
  g_assert_cmpuint (line_server_count (target), ==, 0);
}

/* --- connections --- */

/* Nobody has to let go of a result before the line can be used again. */
static void
test_results_hold_no_connection (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (KsHttp) http = line_server_client (server);
  GAsyncResult *results[10] = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);

      ks_request_set_patience (request, 3000);
      line_server_say_json_and_listen (server, "{}");
      ks_http_send_async (http, request, NULL, on_result, &results[i]);
      await (&results[i]);
    }
  g_assert_cmpuint (line_server_count (server), ==, G_N_ELEMENTS (results));
  g_assert_cmpuint (line_server_connections (server), ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) answer = ks_http_send_finish (http, results[i], &error);

      g_assert_no_error (error);
      g_assert_nonnull (answer);
      g_object_unref (results[i]);
    }
}

/* What is not read to its end costs the connection, and no more. */
static void
test_unread_bodies_hold_no_connection (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (KsHttp) http = line_server_client (server);
  g_autoptr (GPtrArray) results = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
      g_autoptr (GError) error = NULL;
      GAsyncResult *result = NULL;

      ks_request_set_patience (request, 3000);
      line_server_say_and_hold (server,
                                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99\r\n\r\n<");
      ks_http_send_async (http, request, NULL, on_result, &result);
      g_ptr_array_add (results, await (&result));
      g_assert_null (ks_http_send_finish (http, result, &error));
      g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
    }
}

/* --- logs --- */

/* Everything that can go into a request or an answer is a canary here; libsoup's
 * and GLib's own messages are on, and nothing redacts them. */
static void
test_log_holds_no_canary (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (LineServer) server = line_server_new ();
      g_autoptr (KsHttp) http = line_server_client (server);
      g_autoptr (KsSecret) token = new_token ();
      g_autoptr (KsSecret) body = ks_secret_new_copy ("{\"password\":\"canary-password\"}", 30);
      g_assert_true (ks_http_set_token (http, token));
      line_server_say_json (server, 200, "{\"x\":\"canary-answer\"}");
      line_server_say_json (server, 403, "{\"errcode\":\"M_FORBIDDEN\",\"error\":\"canary-error\"}");
      line_server_say_json (server, 200, "canary-garbage");
      line_server_say (server, "canary-nonsense\r\n\r\n", -1);
      for (int i = 0; i < 4; i++)
        {
          g_autoptr (KsRequest) request = ks_request_new ("POST", "/x/{}", "canary-parameter", NULL);
          g_autoptr (GError) error = NULL;
          g_autoptr (JsonObject) answer = NULL;

          ks_request_add_query (request, "q", "canary-query");
          ks_request_set_secret_body (request, body);
          answer = send_now (http, request, NULL, &error);
          g_debug ("outcome: %s", error != NULL ? error->message : "fine");
        }
      g_assert_cmpuint (line_server_count (server), ==, 4);
      g_debug ("the end");
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*POST /x/{}: 200*POST /x/{}: 403*the end*");
  g_test_trap_assert_stderr_unmatched ("*canary*");
  g_test_trap_assert_stdout_unmatched ("*canary*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (g_test_subprocess ())
    {
      g_setenv ("G_MESSAGES_DEBUG", "all", TRUE);
      g_log_writer_default_set_use_stderr (TRUE);
    }
  g_test_add_func ("/http/request-as-sent", test_request_as_sent);
  g_test_add_func ("/http/anonymous-request-carries-no-token", test_anonymous_request_carries_no_token);
  g_test_add_func ("/http/token-must-be-a-token", test_token_must_be_a_token);
  g_test_add_func ("/http/segments", test_segments);
  g_test_add_func ("/http/body-that-cannot-be-written-is-not-sent",
                   test_body_that_cannot_be_written_is_not_sent);
  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autofree char *path = g_strconcat ("/http/status/", statuses[i].name, NULL);

      g_test_add_data_func (path, &statuses[i], test_status);
    }
  g_test_add_func ("/http/soft-logout", test_soft_logout);
  g_test_add_func ("/http/refusal-is-handed-out", test_refusal_is_handed_out);
  for (gsize i = 0; i < G_N_ELEMENTS (redirects); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/http/redirect/%u-%s-%s", redirects[i].status, redirects[i].method,
                           redirects[i].token ? "with-token" : "without-token");

      g_test_add_data_func (path, &redirects[i], test_redirect);
    }
  g_test_add_func ("/http/results-hold-no-connection", test_results_hold_no_connection);
  g_test_add_func ("/http/unread-bodies-hold-no-connection", test_unread_bodies_hold_no_connection);
  g_test_add_func ("/http/log-holds-no-canary", test_log_holds_no_canary);
  return g_test_run ();
}
