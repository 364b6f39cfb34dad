/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-api-media.h"

#include "matrix/line-server.h"

#include <string.h>

#define URI "mxc://example.org:8448/AbC_-9"
#define UNKNOWN "{\"errcode\":\"M_UNRECOGNIZED\",\"error\":\"\"}"

typedef struct
{
  LineServer *server;
  KsHttp *http;
  GString *got;
  gsize stop_beyond;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) token = ks_secret_new_copy ("token", 5);

  f->server = line_server_new ();
  f->http = line_server_client (f->server);
  f->got = g_string_new (NULL);
  f->stop_beyond = G_MAXSIZE;
  g_assert_true (ks_http_set_token (f->http, token));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_string_free (f->got, TRUE);
  g_object_unref (f->http);
  line_server_free (f->server);
}

static gboolean
on_chunk (const void *bytes, gsize size, gpointer data, GError **error)
{
  Fixture *f = data;

  g_string_append_len (f->got, bytes, (gssize) size);
  if (f->got->len <= f->stop_beyond)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "enough");
  return FALSE;
}

static gboolean
download (Fixture *f, const char *uri, GError **error)
{
  GAsyncResult *result = NULL;

  ks_api_media_download_async (f->http, uri, on_chunk, f, NULL, on_result, &result);
  AWAIT (result);
  return ks_api_media_download_finish (f->http, result, error);
}

static void
say_file (Fixture *f, const char *type, const char *body)
{
  g_autofree char *text =
      g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %u\r\n\r\n%s", type,
                       (guint) strlen (body), body);

  line_server_say (f->server, text, -1);
}

static void
test_any_type_comes_with_the_token (Fixture *f, gconstpointer data)
{
  const char *const types[] = { "image/png", "text/html", "application/json" };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *token = NULL;

      g_string_truncate (f->got, 0);
      say_file (f, types[i], "not JSON at all");
      g_assert_true (download (f, URI, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (f->got->str, ==, "not JSON at all");
      g_assert_cmpstr (line_server_seen (f->server, i)->target, ==,
                       "/_matrix/client/v1/media/download/example.org%3A8448/AbC_-9");
      token = seen_header (line_server_seen (f->server, i), "Authorization");
      g_assert_cmpstr (token, ==, "Bearer token");
    }
}

static void
test_older_server_is_asked_without_the_token (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  line_server_say_json (f->server, 404, UNKNOWN);
  say_file (f, "image/png", "a file");
  g_assert_true (download (f, URI, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (f->got->str, ==, "a file");
  g_assert_cmpstr (line_server_seen (f->server, 1)->target, ==,
                   "/_matrix/media/v3/download/example.org%3A8448/AbC_-9");
  g_assert_null (seen_header (line_server_seen (f->server, 1), "Authorization"));
}

static void
test_file_that_is_gone_is_gone (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  line_server_say_json (f->server, 404, "{\"errcode\":\"M_NOT_FOUND\",\"error\":\"\"}");
  g_assert_false (download (f, URI, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_FOUND);
  g_assert_cmpuint (line_server_count (f->server), ==, 1);
}

/* Its place may be anywhere, and the token goes nowhere else. */
static void
test_redirects_are_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  line_server_say (f->server, "HTTP/1.1 307 Elsewhere\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n", -1);
  g_assert_false (download (f, URI, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_INSECURE);
  g_assert_cmpuint (line_server_count (f->server), ==, 1);
}

static void
test_endless_file_is_stopped (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->stop_beyond = 1 << 16;
  line_server_say_for_ever (f->server, "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n",
                            "0123456789abcdef");
  g_assert_false (download (f, URI, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpuint (f->got->len, <, 1 << 18);
}

static void
test_cut_file_is_an_error (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  line_server_say (f->server, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot all of it", -1);
  g_assert_false (download (f, URI, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
}

static void
test_other_addresses_are_not_asked_for (Fixture *f, gconstpointer data)
{
  const char *const bad[] = { "",
                              "mxc://",
                              "mxc://example.org",
                              "mxc://example.org/",
                              "mxc:///id",
                              "https://example.org/id",
                              "mxc://example.org/a/b",
                              "mxc://example.org/..",
                              "mxc://example.org/a?b",
                              "mxc://exa mple.org/a",
                              "mxc://example.org%2f/a",
                              "mxc://user@example.org/a",
                              "mxc://example.org/a%2e" };

  g_assert_true (ks_mxc_is_valid (URI));
  g_assert_true (ks_mxc_is_valid ("mxc://[::1]:8448/a"));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (ks_mxc_is_valid (bad[i]));
      g_assert_false (download (f, bad[i], &error));
      g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
    }
  g_assert_cmpuint (line_server_count (f->server), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/api-media/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("types", test_any_type_comes_with_the_token);
  ADD ("older", test_older_server_is_asked_without_the_token);
  ADD ("gone", test_file_that_is_gone_is_gone);
  ADD ("redirects", test_redirects_are_refused);
  ADD ("endless", test_endless_file_is_stopped);
  ADD ("cut", test_cut_file_is_an_error);
  ADD ("addresses", test_other_addresses_are_not_asked_for);
#undef ADD
  return g_test_run ();
}
