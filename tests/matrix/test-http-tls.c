/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <libsoup/soup.h>

#include "matrix/ks-discovery.h"
#include "matrix/line-server.h"

static void
on_request (
    SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
  (*(guint *) data)++;
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_STATIC,
                                    "{\"versions\":[\"v1.1\"]}", 21);
}

/* A server whose certificate nobody vouches for; *@url is set to its URL. */
static SoupServer *
new_server (guint *seen, char **url)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "data", "matrix", "tls", "self-signed.pem", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_file (path, &error);
  SoupServer *server;
  GSList *uris;

  g_assert_no_error (error);
  server = soup_server_new ("tls-certificate", certificate, NULL);
  soup_server_add_handler (server, NULL, on_request, seen, NULL);
  soup_server_listen_local (server, 0, SOUP_SERVER_LISTEN_HTTPS | SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (server);
  *url = g_uri_to_string (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return server;
}

static void
test_self_signed (void)
{
  guint seen = 0;
  g_autofree char *url = NULL;
  g_autoptr (SoupServer) server G_GNUC_UNUSED = new_server (&seen, &url);
  g_autoptr (KsHttp) http = ks_http_new (url, NULL);
  g_autoptr (KsSecret) token = ks_secret_new_copy ("token", 5);
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (ks_http_set_token (http, token));
  g_assert_null (send_now (http, request, NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_TLS);
  g_assert_cmpuint (seen, ==, 0);
}

static void
test_discovery_of_self_signed (void)
{
  guint seen = 0;
  g_autofree char *url = NULL;
  g_autoptr (SoupServer) server G_GNUC_UNUSED = new_server (&seen, &url);
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  ks_discover_async (url, NULL, on_result, &result);
  AWAIT (result);
  g_assert_null (ks_discover_finish (result, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_TLS);
  g_assert_cmpuint (seen, ==, 0);
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
