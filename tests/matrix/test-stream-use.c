/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A streamed answer has to bring something of use, and not only bytes: or it is given up.
 * The idle timeout is a second here.
 */

#include "matrix/ks-api-backup.h"
#include "matrix/ks-api-media.h"
#include "matrix/line-server.h"

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
#define ENTRY                                                               \
  "{\"first_message_index\":0,\"forwarded_count\":0,\"is_verified\":false," \
  "\"session_data\":{\"ephemeral\":\"e\",\"ciphertext\":\"c\",\"mac\":\"m\"}}"

typedef struct
{
  LineServer *server;
  KsHttp *http;
  GError *error;
  guint entries;
  gint64 enough;   /* when the reader has enough */
  guint64 brought; /* what it says that it was brought */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->server = line_server_new ();
  f->http = line_server_client (f->server);
  ks_http_set_idle_timeout (f->http, 1);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_error (&f->error);
  g_object_unref (f->http);
  line_server_free (f->server);
}

static gboolean
on_entry (const KsBackupEntry *entry, const char *problem, gpointer data, GError **error)
{
  ((Fixture *) data)->entries++;
  return TRUE;
}

typedef struct
{
  const char *name;
  const char *head;
  const char *again;
  guint pause; /* milliseconds; 0: as fast as it can be written */
} Case;

/* What a server can say for ever without saying anything. */
static const Case empty[] = {
  { "white-space", HEAD "{\"rooms\":{\"!a\":{\"sessions\":{\"s\":" ENTRY, " ", 20 },
  { "white-space-at-full-speed", HEAD "{\"rooms\":{", "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n", 0 },
  { "in-a-string", HEAD "{\"x\":\"", "x", 20 },
  { "in-a-list", HEAD "{\"x\":[0", ",0", 20 },
  { "empty-chunks",
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    "1\r\n \r\n", 20 },
};

static void
test_keys_that_do_not_come (Fixture *f, gconstpointer data)
{
  const Case *c = data;
  GAsyncResult *result = NULL;

  if (c->pause > 0)
    line_server_say_slowly (f->server, c->head, c->again, c->pause);
  else
    line_server_say_for_ever (f->server, c->head, c->again);
  ks_api_backup_get_keys_async (f->http, "1", NULL, NULL, on_entry, f, NULL, on_result, &result);
  AWAIT (result);
  g_assert_false (ks_api_backup_get_keys_finish (f->http, result, &f->error));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
  g_assert_cmpuint (f->entries, ==, c == &empty[0] ? 1 : 0);
}

static gboolean
on_part (const void *bytes, gsize size, gpointer data, GError **error)
{
  Fixture *f = data;

  if (f->enough == 0 || g_get_monotonic_time () < f->enough)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "enough");
  return FALSE;
}

/* A file of which a byte comes now and then. */
static void
test_file_that_does_not_come (Fixture *f, gconstpointer data)
{
  GAsyncResult *result = NULL;

  line_server_say_slowly (f->server, "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nx", "x", 20);
  ks_api_media_download_async (f->http, "mxc://example.org/abc", on_part, f, NULL, on_result, &result);
  AWAIT (result);
  g_assert_false (ks_api_media_download_finish (f->http, result, &f->error));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
}

/* A slow line is no idle one. */
static void
test_file_that_comes_slowly (Fixture *f, gconstpointer data)
{
  g_autofree char *some = g_strnfill (100, 'x');
  GAsyncResult *result = NULL;

  f->enough = g_get_monotonic_time () + 2500 * G_TIME_SPAN_MILLISECOND;
  line_server_say_slowly (f->server, "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nx", some, 20);
  ks_api_media_download_async (f->http, "mxc://example.org/abc", on_part, f, NULL, on_result, &result);
  AWAIT (result);
  g_assert_false (ks_api_media_download_finish (f->http, result, &f->error));
  g_assert_error (f->error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
}

static guint64
always_more (gpointer data)
{
  return ++((Fixture *) data)->brought;
}

/* What is of use is for the reader to say. */
static void
test_of_use_to_the_reader (Fixture *f, gconstpointer data)
{
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
  GAsyncResult *result = NULL;

  f->enough = g_get_monotonic_time () + 2500 * G_TIME_SPAN_MILLISECOND;
  ks_request_set_measure (request, always_more, f);
  line_server_say_slowly (f->server, HEAD, " ", 20);
  ks_http_stream_async (f->http, request, on_part, f, NULL, on_result, &result);
  AWAIT (result);
  g_assert_false (ks_http_stream_finish (f->http, result, &f->error));
  g_assert_error (f->error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
}

static gboolean
on_open (gpointer gate)
{
  ks_gate_open (gate);
  return G_SOURCE_REMOVE;
}

static gboolean
close_gate (const void *bytes, gsize size, gpointer gate, GError **error)
{
  ks_gate_close (gate);
  g_timeout_add (1500, on_open, gate);
  return TRUE;
}

/* Who makes the server wait must not blame it. */
static void
test_time_at_the_gate_does_not_count (Fixture *f, gconstpointer data)
{
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
  g_autoptr (KsGate) gate = ks_gate_new ();
  GAsyncResult *result = NULL;

  ks_request_set_gate (request, gate);
  line_server_say_json (f->server, 200, "{}");
  ks_http_stream_async (f->http, request, close_gate, gate, NULL, on_result, &result);
  AWAIT (result);
  g_assert_true (ks_http_stream_finish (f->http, result, &f->error));
  g_assert_no_error (f->error);
}

#define ADD(path, data, function) g_test_add ("/stream-use/" path, Fixture, data, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (empty); i++)
    {
      g_autofree char *path = g_strconcat ("/stream-use/keys-that-do-not-come/", empty[i].name, NULL);

      g_test_add (path, Fixture, &empty[i], set_up, test_keys_that_do_not_come, tear_down);
    }
  ADD ("file-that-does-not-come", NULL, test_file_that_does_not_come);
  ADD ("file-that-comes-slowly", NULL, test_file_that_comes_slowly);
  ADD ("of-use-to-the-reader", NULL, test_of_use_to_the_reader);
  ADD ("time-at-the-gate-does-not-count", NULL, test_time_at_the_gate_does_not_count);
  return g_test_run ();
}
