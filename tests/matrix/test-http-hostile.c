/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-http.h"

#include <malloc.h>
#include <string.h>

#include "matrix/line-server.h"

#define JSON_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"

/* Sends one request; it must end in @code, and with a bounded use of memory. */
static void
expect_within (LineServer *server, KsRequest *request, int code, gsize memory)
{
  g_autoptr (KsHttp) http = line_server_client (server);
  g_autoptr (GError) error = NULL;
  struct mallinfo2 before = mallinfo2 ();
  struct mallinfo2 after;

  ks_request_set_repeatable (request, FALSE);
  g_assert_null (send_now (http, request, NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, code);
  g_assert_cmpuint (line_server_count (server), ==, 1);

  after = mallinfo2 ();
  if (before.arena > 0) /* sanitizers have an allocator of their own */
    g_assert_cmpuint (after.arena + after.hblkhd, <, before.arena + before.hblkhd + memory);
}

static void
expect (LineServer *server, int code)
{
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);

  expect_within (server, request, code, 16 * 1024 * 1024);
}

typedef struct
{
  const char *name;
  const char *said;
  int code;
} Case;

static const Case cases[] = {
  { "html", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
    KS_MATRIX_ERROR_BAD_ANSWER },
  { "html-as-json", JSON_HEAD "Content-Length: 6\r\n\r\n<html>", KS_MATRIX_ERROR_BAD_ANSWER },
  { "json-as-html", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n{}",
    KS_MATRIX_ERROR_BAD_ANSWER },
  { "json-as-text", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
    KS_MATRIX_ERROR_BAD_ANSWER },
  { "no-type", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", KS_MATRIX_ERROR_BAD_ANSWER },
  { "almost-json-type", "HTTP/1.1 200 OK\r\nContent-Type: application/jsonx\r\nContent-Length: 2\r\n\r\n{}",
    KS_MATRIX_ERROR_BAD_ANSWER },
  { "empty", JSON_HEAD "Content-Length: 0\r\n\r\n", KS_MATRIX_ERROR_BAD_ANSWER },
  { "no-body", JSON_HEAD "\r\n", KS_MATRIX_ERROR_BAD_ANSWER },
  { "cut-json", JSON_HEAD "Content-Length: 8\r\n\r\n{\"a\":[1,", KS_MATRIX_ERROR_BAD_ANSWER },
  { "cut-json-without-length", JSON_HEAD "\r\n{\"a\":[1,", KS_MATRIX_ERROR_BAD_ANSWER },
  { "cut-line", JSON_HEAD "Content-Length: 100\r\n\r\n{\"a\":1}", KS_MATRIX_ERROR_NETWORK },
  { "cut-line-kept-alive",
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"a\":1}",
    KS_MATRIX_ERROR_NETWORK },
  { "cut-chunk", JSON_HEAD "Transfer-Encoding: chunked\r\n\r\n20\r\n{}", KS_MATRIX_ERROR_NETWORK },
  { "array", JSON_HEAD "\r\n[]", KS_MATRIX_ERROR_BAD_ANSWER },
  { "null", JSON_HEAD "\r\nnull", KS_MATRIX_ERROR_BAD_ANSWER },
  { "two-objects", JSON_HEAD "\r\n{}{}", KS_MATRIX_ERROR_BAD_ANSWER },
  { "duplicate", JSON_HEAD "\r\n{\"a\":1,\"a\":2}", KS_MATRIX_ERROR_BAD_ANSWER },
  { "nul", JSON_HEAD "\r\n{\"a\":\"\\u0000\"}", KS_MATRIX_ERROR_BAD_ANSWER },
  { "not-utf-8", JSON_HEAD "\r\n{\"a\":\"\xff\"}", KS_MATRIX_ERROR_BAD_ANSWER },
  { "not-gzip", JSON_HEAD "Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!",
    KS_MATRIX_ERROR_BAD_ANSWER },
  { "not-http", "SSH-2.0-OpenSSH_9.2\r\n\r\n", KS_MATRIX_ERROR_BAD_ANSWER },
  { "http-0.9", "{}", KS_MATRIX_ERROR_BAD_ANSWER },
  { "nothing", "", KS_MATRIX_ERROR_NETWORK },
  { "half-a-head", "HTTP/1.1 200 OK\r\nContent-", KS_MATRIX_ERROR_BAD_ANSWER },
  { "bad-chunk-size", JSON_HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}", KS_MATRIX_ERROR_BAD_ANSWER },
  { "html-404", "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\nno!",
    KS_MATRIX_ERROR_BAD_ANSWER },
  { "html-404-with-errcode",
    "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: "
    "25\r\n\r\n{\"errcode\":\"M_NOT_FOUND\"}",
    KS_MATRIX_ERROR_BAD_ANSWER },
  { "html-502", "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\nno!",
    KS_MATRIX_ERROR_SERVER },
  { "http-authentication",
    "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n",
    KS_MATRIX_ERROR_BAD_ANSWER },
};

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (LineServer) server = line_server_new ();

  line_server_say (server, c->said, -1);
  expect (server, c->code);
}

static void
test_types_that_are_json (void)
{
  static const char *const types[] = { "application/json", "application/json; charset=utf-8",
                                       "application/json;charset=UTF-8", "Application/JSON" };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (LineServer) server = line_server_new ();
      g_autoptr (KsHttp) http = line_server_client (server);
      g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
      g_autofree char *said =
          g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: 2\r\n\r\n{}", types[i]);
      g_autoptr (JsonObject) answer = NULL;

      line_server_say (server, said, -1);
      answer = send_now (http, request, NULL, NULL);
      g_assert_nonnull (answer);
    }
}

static void
test_nested_200000_deep (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (GString) said = g_string_new (JSON_HEAD "\r\n{\"a\":");

  for (int i = 0; i < 200000; i++)
    g_string_append_c (said, '[');
  for (int i = 0; i < 200000; i++)
    g_string_append_c (said, ']');
  g_string_append_c (said, '}');
  line_server_say (server, said->str, -1);
  expect (server, KS_MATRIX_ERROR_BAD_ANSWER);
}

/* A body that is exactly at the limit, and one byte above it. */
static void
test_limit (gconstpointer chunked)
{
  for (int over = 0; over < 2; over++)
    {
      g_autoptr (LineServer) server = line_server_new ();
      g_autoptr (KsHttp) http = line_server_client (server);
      g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
      g_autofree char *spaces = g_strnfill (998 + over, ' ');
      g_autofree char *said =
          chunked != NULL
              ? g_strdup_printf (JSON_HEAD "Transfer-Encoding: chunked\r\n\r\n%x\r\n{}%s\r\n0\r\n\r\n",
                                 1000 + over, spaces)
              : g_strdup_printf (JSON_HEAD "Content-Length: %d\r\n\r\n{}%s", 1000 + over, spaces);
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) answer = NULL;

      ks_request_set_limit (request, 1000);
      line_server_say (server, said, -1);
      answer = send_now (http, request, NULL, &error);
      if (over)
        g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
      else
        g_assert_no_error (error);
    }
}

/* The default limit; the server would go on for ever. */
static void
test_endless (gconstpointer head)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autofree char *again = g_strnfill (65536, ' ');

  line_server_say_for_ever (server, head, again);
  expect (server, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_cmpuint (line_server_written (server), <, 16 * 1024 * 1024);
}

static void
test_endless_headers (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
  g_autofree char *name = g_strnfill (4000, 'x');
  g_autofree char *again = g_strconcat (name, ": y\r\n", NULL);

  ks_request_set_patience (request, 5000);
  line_server_say_for_ever (server, "HTTP/1.1 200 OK\r\n", again);
  expect_within (server, request, KS_MATRIX_ERROR_NETWORK, 16 * 1024 * 1024);
}

/* Nothing but "wait a moment": ends when patience does. */
static void
test_endless_continue (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);

  ks_request_set_patience (request, 200);
  line_server_say_for_ever (server, "HTTP/1.1 102 Processing\r\n\r\n", "HTTP/1.1 102 Processing\r\n\r\n");
  expect_within (server, request, KS_MATRIX_ERROR_NETWORK, 16 * 1024 * 1024);
}

/* 200 MiB in 200 KiB: cut at the limit, not inflated. */
static void
test_gzip_bomb (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (GConverter) gzip = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (memory, gzip);
  g_autofree char *spaces = g_strnfill (1024 * 1024, ' ');
  g_autoptr (GBytes) bomb = NULL;
  g_autoptr (GString) said = NULL;

  for (int i = 0; i < 200; i++)
    g_output_stream_write_all (stream, spaces, 1024 * 1024, NULL, NULL, NULL);
  g_output_stream_close (stream, NULL, NULL);
  bomb = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
  said = g_string_new (NULL);
  g_string_printf (said, JSON_HEAD "Content-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
                   g_bytes_get_size (bomb));
  g_string_append_len (said, g_bytes_get_data (bomb, NULL), (gssize) g_bytes_get_size (bomb));
  g_assert_cmpuint (said->len, <, 300 * 1024);

  line_server_say (server, said->str, (gssize) said->len);
  expect (server, KS_MATRIX_ERROR_BAD_ANSWER);
}

static void
test_gzip_is_read (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (KsHttp) http = line_server_client (server);
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
  /* printf '{"a":1}' | gzip -9n */
  static const char body[] =
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x4a\x54\xb2\x32\xac\x05\x00\xaf"
      "\xac\x1b\x56\x07\x00\x00\x00";
  g_autoptr (GString) said = g_string_new (JSON_HEAD "Content-Encoding: gzip\r\n\r\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = NULL;

  g_string_append_len (said, body, sizeof body - 1);
  line_server_say (server, said->str, (gssize) said->len);
  answer = send_now (http, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (json_object_has_member (answer, "a"));
}

/* A large answer is parsed in a thread; the outcome is the same. */
static void
test_large_answer (void)
{
  for (int broken = 0; broken < 2; broken++)
    {
      g_autoptr (LineServer) server = line_server_new ();
      g_autoptr (KsHttp) http = line_server_client (server);
      g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
      g_autofree char *filler = g_strnfill (500000, 'x');
      g_autofree char *body = g_strdup_printf ("{\"a\":\"%s\"%s", filler, broken ? "" : "}");
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) answer = NULL;

      line_server_say_json (server, 200, body);
      answer = send_now (http, request, NULL, &error);
      if (broken)
        g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
      else
        g_assert_nonnull (answer);
    }
}

int
main (int argc, char **argv)
{
  static char endless_json[] = JSON_HEAD "\r\n{\"a\":";
  static char endless_html[] = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n";
  static char endless_error[] = "HTTP/1.1 403 No\r\nContent-Type: application/json\r\n\r\n{";
  static char endless_redirect[] = "HTTP/1.1 404 No\r\nContent-Type: application/json\r\n\r\n{";

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/http-hostile/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/http-hostile/types-that-are-json", test_types_that_are_json);
  g_test_add_func ("/http-hostile/nested-200000-deep", test_nested_200000_deep);
  g_test_add_data_func ("/http-hostile/limit", NULL, test_limit);
  g_test_add_data_func ("/http-hostile/limit-chunked", "chunked", test_limit);
  g_test_add_data_func ("/http-hostile/endless-json", endless_json, test_endless);
  g_test_add_data_func ("/http-hostile/endless-html", endless_html, test_endless);
  g_test_add_data_func ("/http-hostile/endless-403", endless_error, test_endless);
  g_test_add_data_func ("/http-hostile/endless-404", endless_redirect, test_endless);
  g_test_add_func ("/http-hostile/endless-headers", test_endless_headers);
  g_test_add_func ("/http-hostile/endless-continue", test_endless_continue);
  g_test_add_func ("/http-hostile/gzip-bomb", test_gzip_bomb);
  g_test_add_func ("/http-hostile/gzip-is-read", test_gzip_is_read);
  g_test_add_func ("/http-hostile/large-answer", test_large_answer);
  return g_test_run ();
}
