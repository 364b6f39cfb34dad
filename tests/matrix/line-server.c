/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/line-server.h"

#include <string.h>

typedef struct
{
  GBytes *bytes; /* owned */
  GBytes *again; /* owned; NULL: once */
  guint pause;   /* milliseconds before it is said again */
  gboolean hold;
  gboolean listen;
} Reply;

struct LineServer
{
  GSocketService *service; /* owned */
  char *url;               /* owned */
  guint port;
  GQueue replies;      /* of Reply */
  GPtrArray *seen;     /* owned: of Seen */
  GPtrArray *lines;    /* owned: of Line: open ones */
  GCancellable *ended; /* owned */
  guint64 written;
  guint connections;
};

typedef struct
{
  LineServer *server;        /* borrowed */
  GSocketConnection *socket; /* owned */
  GString *received;         /* owned */
  Reply *reply;              /* owned */
  char chunk[65536];
} Line;

static void
reply_free (gpointer data)
{
  Reply *reply = data;

  g_bytes_unref (reply->bytes);
  g_clear_pointer (&reply->again, g_bytes_unref);
  g_free (reply);
}

static void
seen_free (gpointer data)
{
  Seen *seen = data;

  g_free (seen->method);
  g_free (seen->target);
  g_free (seen->head);
  g_free (seen->body);
  g_free (seen);
}

static void
line_free (gpointer data)
{
  Line *line = data;

  g_object_unref (line->socket);
  g_string_free (line->received, TRUE);
  g_clear_pointer (&line->reply, reply_free);
  g_free (line);
}

static void
hang_up (Line *line)
{
  if (line->server != NULL)
    g_ptr_array_remove (line->server->lines, line);
  g_io_stream_close (G_IO_STREAM (line->socket), NULL, NULL);
  line_free (line);
}

static void on_written (GObject *stream, GAsyncResult *result, gpointer data);
static void on_read (GObject *stream, GAsyncResult *result, gpointer data);

static void
listen_on (Line *line)
{
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (line->socket)), line->chunk,
                             sizeof line->chunk, G_PRIORITY_DEFAULT, line->server->ended, on_read, line);
}

static void
say (Line *line, GBytes *bytes)
{
  g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (line->socket)),
                                   g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                   G_PRIORITY_DEFAULT, NULL, on_written, line);
}

static gboolean
on_pause_over (gpointer data)
{
  Line *line = data;

  if (line->server == NULL)
    hang_up (line);
  else
    say (line, line->reply->again);
  return G_SOURCE_REMOVE;
}

static void
on_written (GObject *stream, GAsyncResult *result, gpointer data)
{
  Line *line = data;
  gsize written = 0;
  gboolean fine = g_output_stream_write_all_finish (G_OUTPUT_STREAM (stream), result, &written, NULL);

  if (line->server == NULL || !fine)
    {
      hang_up (line);
      return;
    }
  line->server->written += written;
  if (line->reply->again != NULL && line->reply->pause > 0)
    g_timeout_add (line->reply->pause, on_pause_over, line);
  else if (line->reply->again != NULL)
    say (line, line->reply->again);
  else if (line->reply->listen)
    {
      g_clear_pointer (&line->reply, reply_free);
      g_string_truncate (line->received, 0);
      listen_on (line);
    }
  else if (!line->reply->hold)
    hang_up (line);
}

static gsize
content_length (const char *head)
{
  g_autoptr (GRegex) regex =
      g_regex_new ("^content-length: *(\\d+)", G_REGEX_CASELESS | G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *digits = NULL;

  if (!g_regex_match (regex, head, 0, &match))
    return 0;
  digits = g_match_info_fetch (match, 1);
  return (gsize) g_ascii_strtoull (digits, NULL, 10);
}

static void
answer (Line *line, gsize head_size)
{
  Seen *seen = g_new0 (Seen, 1);
  g_auto (GStrv) words = g_strsplit (line->received->str, " ", 3);

  g_assert_cmpuint (g_strv_length (words), ==, 3);
  seen->method = g_strdup (words[0]);
  seen->target = g_strdup (words[1]);
  seen->head = g_strndup (line->received->str, head_size);
  seen->body = g_strdup (line->received->str + head_size);
  g_ptr_array_add (line->server->seen, seen);

  line->reply = g_queue_pop_head (&line->server->replies);
  if (line->reply == NULL)
    g_error ("nobody expected %s %s", seen->method, seen->target);
  say (line, line->reply->bytes);
}

static void
on_read (GObject *stream, GAsyncResult *result, gpointer data)
{
  Line *line = data;
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (stream), result, NULL);
  char *blank;

  if (line->server == NULL || size <= 0)
    {
      hang_up (line);
      return;
    }
  g_string_append_len (line->received, line->chunk, size);
  blank = strstr (line->received->str, "\r\n\r\n");
  if (blank != NULL)
    {
      gsize head_size = (gsize) (blank - line->received->str) + 4;

      if (line->received->len >= head_size + content_length (line->received->str))
        {
          answer (line, head_size);
          return;
        }
    }
  listen_on (line);
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *socket, GObject *source, gpointer data)
{
  LineServer *server = data;
  Line *line = g_new0 (Line, 1);

  line->server = server;
  line->socket = g_object_ref (socket);
  line->received = g_string_new (NULL);
  g_ptr_array_add (server->lines, line);
  server->connections++;
  listen_on (line);
  return TRUE;
}

LineServer *
line_server_new (void)
{
  LineServer *server = g_new0 (LineServer, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) effective = NULL;
  g_autoptr (GError) error = NULL;

  server->service = g_socket_service_new ();
  g_socket_listener_add_address (G_SOCKET_LISTENER (server->service), address, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL, &effective, &error);
  g_assert_no_error (error);
  server->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective));
  server->url = g_strdup_printf ("http://127.0.0.1:%u", server->port);
  server->seen = g_ptr_array_new_with_free_func (seen_free);
  server->lines = g_ptr_array_new ();
  server->ended = g_cancellable_new ();
  g_queue_init (&server->replies);
  g_signal_connect (server->service, "incoming", G_CALLBACK (on_incoming), server);
  g_socket_service_start (server->service);
  return server;
}

void
line_server_free (LineServer *server)
{
  g_socket_service_stop (server->service);
  g_socket_listener_close (G_SOCKET_LISTENER (server->service));
  for (guint i = 0; i < server->lines->len; i++)
    {
      Line *line = g_ptr_array_index (server->lines, i);
      gboolean waits = line->reply != NULL && line->reply->hold;

      line->server = NULL; /* the reading or writing that is under way ends it */
      g_socket_shutdown (g_socket_connection_get_socket (line->socket), TRUE, TRUE, NULL);
      if (waits)
        line_free (line);
    }
  g_cancellable_cancel (server->ended);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_queue_clear_full (&server->replies, reply_free);
  g_ptr_array_unref (server->lines);
  g_ptr_array_unref (server->seen);
  g_object_unref (server->service);
  g_object_unref (server->ended);
  g_free (server->url);
  g_free (server);
}

const char *
line_server_url (LineServer *server)
{
  return server->url;
}

guint
line_server_port (LineServer *server)
{
  return server->port;
}

static Reply *
push (LineServer *server, const void *bytes, gssize size)
{
  Reply *reply = g_new0 (Reply, 1);

  reply->bytes = g_bytes_new (bytes, size < 0 ? strlen (bytes) : (gsize) size);
  g_queue_push_tail (&server->replies, reply);
  return reply;
}

void
line_server_say (LineServer *server, const void *bytes, gssize size)
{
  push (server, bytes, size);
}

void
line_server_say_json (LineServer *server, guint status, const char *body)
{
  line_server_say_json_with (server, status, "", body);
}

void
line_server_say_json_with (LineServer *server, guint status, const char *headers, const char *body)
{
  g_autofree char *text =
      g_strdup_printf ("HTTP/1.1 %u Status\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n"
                       "Connection: close\r\n\r\n%s",
                       status, headers, strlen (body), body);

  push (server, text, -1);
}

void
line_server_say_json_and_listen (LineServer *server, const char *body)
{
  g_autofree char *text =
      g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                       strlen (body), body);

  push (server, text, -1)->listen = TRUE;
}

void
line_server_say_and_hold (LineServer *server, const char *bytes)
{
  push (server, bytes, -1)->hold = TRUE;
}

void
line_server_say_for_ever (LineServer *server, const char *head, const char *again)
{
  push (server, head, -1)->again = g_bytes_new (again, strlen (again));
}

void
line_server_say_slowly (LineServer *server, const char *head, const char *again, guint pause)
{
  line_server_say_for_ever (server, head, again);
  ((Reply *) g_queue_peek_tail (&server->replies))->pause = pause;
}

guint
line_server_count (LineServer *server)
{
  return server->seen->len;
}

const Seen *
line_server_seen (LineServer *server, guint n)
{
  g_assert_cmpuint (n, <, server->seen->len);
  return g_ptr_array_index (server->seen, n);
}

guint
line_server_connections (LineServer *server)
{
  return server->connections;
}

guint64
line_server_written (LineServer *server)
{
  return server->written;
}

char *
seen_header (const Seen *seen, const char *name)
{
  g_autofree char *escaped = g_regex_escape_string (name, -1);
  g_autofree char *pattern = g_strdup_printf ("^%s: *([^\\r\\n]*)", escaped);
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_CASELESS | G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  return g_regex_match (regex, seen->head, 0, &match) ? g_match_info_fetch (match, 1) : NULL;
}

KsHttp *
line_server_client (LineServer *server)
{
  g_autoptr (GError) error = NULL;
  KsHttp *http = ks_http_new (server->url, &error);

  g_assert_no_error (error);
  return http;
}

void
on_result (GObject *source, GAsyncResult *result, gpointer data)
{
  GAsyncResult **place = data;

  g_assert_null (*place); /* called back once */
  *place = g_object_ref (result);
}

GAsyncResult *
await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static gint64
fake_now (gpointer data)
{
  return ((FakeClock *) data)->now;
}

static GSource *
fake_wait (gint64 microseconds, gpointer data)
{
  FakeClock *clock = data;

  g_array_append_val (clock->waits, microseconds);
  if (clock->cancel_at_wait != NULL)
    {
      g_cancellable_cancel (clock->cancel_at_wait);
      return g_timeout_source_new_seconds (3600); /* it must not be waited for */
    }
  clock->now += microseconds;
  return g_idle_source_new ();
}

static gint64
fake_jitter (gint64 bound, gpointer data)
{
  FakeClock *clock = data;

  g_array_append_val (clock->bounds, bound);
  return (gint64) ((double) bound * clock->part);
}

FakeClock *
fake_clock_new (void)
{
  FakeClock *clock = g_new0 (FakeClock, 1);

  clock->now = 1000 * G_TIME_SPAN_SECOND;
  clock->waits = g_array_new (FALSE, FALSE, sizeof (gint64));
  clock->bounds = g_array_new (FALSE, FALSE, sizeof (gint64));
  clock->part = 1;
  clock->clock = (KsHttpClock){ fake_now, fake_wait, fake_jitter, clock };
  return clock;
}

void
fake_clock_free (FakeClock *clock)
{
  g_array_unref (clock->waits);
  g_array_unref (clock->bounds);
  g_free (clock);
}

JsonObject *
send_now (KsHttp *http, KsRequest *request, GCancellable *cancellable, GError **error)
{
  GAsyncResult *result = NULL;

  ks_http_send_async (http, request, cancellable, on_result, &result);
  AWAIT (result);
  return ks_http_send_finish (http, result, error);
}
