/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fixture that C tests start the homeserver and the proxy with.
 */

#include "homeserver/hs-fixture.h"

#include <glib/gstdio.h>

#define WHOAMI "/_matrix/client/v3/account/whoami"

static void
test_registers (void)
{
  g_autoptr (HsFixture) fixture = hs_fixture_new (NULL);
  g_autofree char *device = NULL;
  g_autofree char *token = hs_fixture_register (fixture, "alice", "secret", &device);
  g_autofree char *answer = hs_fixture_request (fixture, "GET", WHOAMI, token, NULL, NULL);

  g_assert_true (g_str_has_prefix (hs_fixture_url (fixture), "http://127.0.0.1:"));
  g_assert_nonnull (strstr (answer, "@alice:localhost"));
  g_assert_nonnull (strstr (answer, device));
  g_assert_cmpuint (hs_fixture_count (fixture, "^GET .*/whoami$"), ==, 1);
  g_assert_cmpuint (hs_fixture_count (fixture, "^PUT "), ==, 0);
}

static void
test_lies_and_repents (void)
{
  g_autoptr (HsFixture) fixture = hs_fixture_new (NULL);
  guint status;

  hs_fixture_persona (fixture, "{\"name\":\"server-errors\",\"path\":\"whoami\"}");
  g_free (hs_fixture_request (fixture, "GET", WHOAMI, NULL, NULL, &status));
  g_assert_cmpuint (status, ==, 502);
  hs_fixture_honest (fixture);
  g_free (hs_fixture_request (fixture, "GET", WHOAMI, NULL, NULL, &status));
  g_assert_cmpuint (status, ==, 401);
}

static void
test_proxy_stands_in_front (void)
{
  g_autoptr (HsFixture) fixture = hs_fixture_new (NULL);
  g_autofree char *direct = g_strdup (hs_fixture_url (fixture));
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  static const char request[] = "GET " WHOAMI " HTTP/1.1\r\nHost: x\r\n\r\n";
  char byte;

  hs_fixture_start_proxy (fixture);
  g_assert_cmpstr (direct, !=, hs_fixture_url (fixture));
  hs_fixture_rule (fixture, "{\"action\":\"cut\"}");
  connection = g_socket_client_connect_to_uri (client, hs_fixture_url (fixture), 80, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), request,
                             sizeof request - 1, NULL, NULL, &error);
  g_assert_no_error (error);
  g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)), &byte, 1, NULL, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
  g_assert_cmpuint (hs_fixture_count (fixture, "whoami"), ==, 0);
}

static void
test_database_outlives_the_server (void)
{
  g_autofree char *directory = g_dir_make_tmp ("keepsake-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (directory, "homeserver.db", NULL);
  HsFixture *fixture = hs_fixture_new (file);
  g_autofree char *token = hs_fixture_register (fixture, "alice", "secret", NULL);
  g_autofree char *answer = NULL;
  static const char *const suffixes[] = { "", "-wal", "-shm" };

  hs_fixture_free (fixture);
  fixture = hs_fixture_new (file);
  answer = hs_fixture_request (fixture, "GET", WHOAMI, token, NULL, NULL);
  g_assert_nonnull (strstr (answer, "@alice:localhost"));
  hs_fixture_free (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *path = g_strconcat (file, suffixes[i], NULL);

      g_unlink (path);
    }
  g_rmdir (directory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fixture/registers", test_registers);
  g_test_add_func ("/fixture/lies-and-repents", test_lies_and_repents);
  g_test_add_func ("/fixture/proxy-stands-in-front", test_proxy_stands_in_front);
  g_test_add_func ("/fixture/database-outlives-the-server", test_database_outlives_the_server);
  return g_test_run ();
}
