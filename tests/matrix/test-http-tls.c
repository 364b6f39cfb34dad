/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-discovery.h"
#include "matrix/line-server.h"

/* A server whose certificate nobody vouches for. (Not SoupServer: newer ones warn of
 * themselves when a handshake fails.) */
typedef struct
{
  GSocketService *service;      /* owned */
  GTlsCertificate *certificate; /* owned */
  char *url;                    /* owned */
  GPtrArray *connections;       /* owned: of GIOStream */
  guint busy;                   /* handshakes and reads that are under way */
  gsize received;               /* bytes that came through TLS */
  char chunk[1024];
} TlsServer;

static void
on_bytes (GObject *stream, GAsyncResult *result, gpointer data)
{
  TlsServer *server = data;
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (stream), result, NULL);

  if (size > 0)
    server->received += (gsize) size;
  server->busy--;
}

static void
on_shaken (GObject *connection, GAsyncResult *result, gpointer data)
{
  TlsServer *server = data;

  if (!g_tls_connection_handshake_finish (G_TLS_CONNECTION (connection), result, NULL))
    {
      server->busy--;
      return;
    }
  /* With TLS 1.3 this side is done before the other one has looked at the certificate. */
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (connection)), server->chunk,
                             sizeof server->chunk, G_PRIORITY_DEFAULT, NULL, on_bytes, server);
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *socket, GObject *source, gpointer data)
{
  TlsServer *server = data;
  g_autoptr (GError) error = NULL;
  GIOStream *connection = g_tls_server_connection_new (G_IO_STREAM (socket), server->certificate, &error);

  g_assert_no_error (error);
  g_ptr_array_add (server->connections, connection);
  server->busy++;
  g_tls_connection_handshake_async (G_TLS_CONNECTION (connection), G_PRIORITY_DEFAULT, NULL, on_shaken,
                                    server);
  return TRUE;
}

static TlsServer *
tls_server_new (void)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "data", "matrix", "tls", "self-signed.pem", NULL);
  g_autoptr (GError) error = NULL;
  TlsServer *server = g_new0 (TlsServer, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) effective = NULL;

  server->certificate = g_tls_certificate_new_from_file (path, &error);
  g_assert_no_error (error);
  server->connections = g_ptr_array_new_with_free_func (g_object_unref);
  server->service = g_socket_service_new ();
  g_socket_listener_add_address (G_SOCKET_LISTENER (server->service), address, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL, &effective, &error);
  g_assert_no_error (error);
  server->url = g_strdup_printf ("https://127.0.0.1:%u",
                                 g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective)));
  g_signal_connect (server->service, "incoming", G_CALLBACK (on_incoming), server);
  g_socket_service_start (server->service);
  return server;
}

/* Once the client has hung up, or sent what it must not send. */
static void
tls_server_wait (TlsServer *server)
{
  while (server->busy > 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
tls_server_free (TlsServer *server)
{
  g_socket_service_stop (server->service);
  g_socket_listener_close (G_SOCKET_LISTENER (server->service));
  tls_server_wait (server);
  g_ptr_array_unref (server->connections);
  g_object_unref (server->service);
  g_object_unref (server->certificate);
  g_free (server->url);
  g_free (server);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TlsServer, tls_server_free)

static void
assert_nothing_was_sent (TlsServer *server)
{
  tls_server_wait (server);
  g_assert_cmpuint (server->connections->len, >=, 1);
  g_assert_cmpuint (server->received, ==, 0);
}

static void
test_self_signed (void)
{
  g_autoptr (TlsServer) server = tls_server_new ();
  g_autoptr (KsHttp) http = ks_http_new (server->url, NULL);
  g_autoptr (KsSecret) token = ks_secret_new_copy ("token", 5);
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (ks_http_set_token (http, token));
  g_assert_null (send_now (http, request, NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_TLS);
  assert_nothing_was_sent (server);
}

static void
test_discovery_of_self_signed (void)
{
  g_autoptr (TlsServer) server = tls_server_new ();
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  ks_discover_async (server->url, NULL, on_result, &result);
  AWAIT (result);
  g_assert_null (ks_discover_finish (result, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_TLS);
  assert_nothing_was_sent (server);
}

/* https to a server that speaks http only. */
static void
test_not_tls (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autofree char *url = g_strdup_printf ("https://127.0.0.1:%u", line_server_port (server));
  g_autoptr (KsHttp) http = ks_http_new (url, NULL);
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
  g_autoptr (GError) error = NULL;

  ks_request_set_patience (request, 300);
  g_assert_null (send_now (http, request, NULL, &error));
  g_assert_true (g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_TLS)
                 || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK));
  g_assert_cmpuint (line_server_count (server), ==, 0);
}

/* The leak sanitizer of GCC 12 crashes at the end of a process that has loaded the
 * TLS library as a module, over the thread-local variables of its threads. The
 * other tests watch for leaks. */
const char *__asan_default_options (void);

const char *
__asan_default_options (void)
{
  return "detect_leaks=0";
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http-tls/self-signed", test_self_signed);
  g_test_add_func ("/http-tls/discovery-of-self-signed", test_discovery_of_self_signed);
  g_test_add_func ("/http-tls/not-tls", test_not_tls);
  return g_test_run ();
}
