/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-http.h"

#include "matrix/line-server.h"

static gboolean
on_chunk (const void *bytes, gsize size, gpointer data, GError **error)
{
  g_assert_cmpuint (size, <=, 65536);
  g_string_append_len (data, bytes, (gssize) size);
  return TRUE;
}

static gboolean
refuse_chunk (const void *bytes, gsize size, gpointer data, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "full");
  return FALSE;
}

static void
test_stream (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (KsHttp) http = line_server_client (server);
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
  g_autofree char *large = g_strnfill (3 * 1024 * 1024, ' ');
  g_autoptr (GString) got = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  line_server_say_json (server, 200, large); /* more than the limit of collected answers */
  ks_http_stream_async (http, request, on_chunk, got, NULL, on_result, &result);
  AWAIT (result);
  g_assert_true (ks_http_stream_finish (http, result, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (got->len, ==, 3 * 1024 * 1024);
}

/* A reader who is slower than the line. */
typedef struct
{
  KsGate *gate;
  GCancellable *cancellable; /* NULL: opens the gate again when nothing else is left to do */
  gsize received;
  guint times;
} SlowReader;

static gboolean
on_idle (gpointer data)
{
  SlowReader *reader = data;

  if (reader->cancellable != NULL)
    g_cancellable_cancel (reader->cancellable);
  else
    ks_gate_open (reader->gate);
  return G_SOURCE_REMOVE;
}

static gboolean
on_chunk_for_slow_reader (const void *bytes, gsize size, gpointer data, GError **error)
{
  SlowReader *reader = data;

  g_assert_true (ks_gate_is_open (reader->gate));
  ks_gate_close (reader->gate);
  reader->received += size;
  reader->times++;
  g_idle_add_full (G_PRIORITY_LOW, on_idle, reader, NULL);
  return TRUE;
}

static void
test_stream_waits_at_a_closed_gate (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (KsHttp) http = line_server_client (server);
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
  g_autoptr (KsGate) gate = ks_gate_new ();
  g_autofree char *large = g_strnfill (1024 * 1024, ' ');
  SlowReader reader = { .gate = gate };
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  line_server_say_json (server, 200, large);
  ks_request_set_gate (request, gate);
  ks_http_stream_async (http, request, on_chunk_for_slow_reader, &reader, NULL, on_result, &result);
  AWAIT (result);
  g_assert_true (ks_http_stream_finish (http, result, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (reader.received, ==, 1024 * 1024);
  g_assert_cmpuint (reader.times, >, 1);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_stream_cancelled_at_the_gate (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (KsHttp) http = line_server_client (server);
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
  g_autoptr (KsGate) gate = ks_gate_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *large = g_strnfill (1024 * 1024, ' ');
  SlowReader reader = { .gate = gate, .cancellable = cancellable };
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  line_server_say_json (server, 200, large);
  ks_request_set_gate (request, gate);
  ks_http_stream_async (http, request, on_chunk_for_slow_reader, &reader, cancellable, on_result, &result);
  AWAIT (result);
  g_assert_false (ks_http_stream_finish (http, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (reader.times, ==, 1);
}

static void
test_stream_stopped_by_the_reader (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (KsHttp) http = line_server_client (server);
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  line_server_say_json (server, 200, "{}");
  ks_http_stream_async (http, request, refuse_chunk, NULL, NULL, on_result, &result);
  AWAIT (result);
  g_assert_false (ks_http_stream_finish (http, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
}

static void
test_stream_error_is_no_chunk (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (KsHttp) http = line_server_client (server);
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
  g_autoptr (GString) got = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  line_server_say_json (server, 404, "{\"errcode\":\"M_NOT_FOUND\"}");
  ks_http_stream_async (http, request, on_chunk, got, NULL, on_result, &result);
  AWAIT (result);
  g_assert_false (ks_http_stream_finish (http, result, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_FOUND);
  g_assert_cmpuint (got->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http-stream/all-of-it", test_stream);
  g_test_add_func ("/http-stream/waits-at-a-closed-gate", test_stream_waits_at_a_closed_gate);
  g_test_add_func ("/http-stream/cancelled-at-the-gate", test_stream_cancelled_at_the_gate);
  g_test_add_func ("/http-stream/stopped-by-the-reader", test_stream_stopped_by_the_reader);
  g_test_add_func ("/http-stream/error-is-no-chunk", test_stream_error_is_no_chunk);
  return g_test_run ();
}
