/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A server on a loopback port that says, byte for byte, what a test tells it to:
 * libsoup's own would be too polite for most of these tests. It runs on the main
 * context of the test. And what every test of this layer needs: waiting for a
 * result, a clock that runs only when something waits for it.
 */
#pragma once

#include <gio/gio.h>

#include "matrix/ks-http.h"
#include "matrix/ks-matrix-error.h"

G_BEGIN_DECLS

/* A request as it arrived. */
typedef struct
{
  char *method; /* owned */
  char *target; /* owned: path and query, still encoded */
  char *head;   /* owned: request line and headers */
  char *body;   /* owned */
} Seen;

/* The value of a header, NULL if it is not there; the caller frees it. */
char *seen_header (const Seen *seen, const char *name);

typedef struct LineServer LineServer;

LineServer *line_server_new (void);
void line_server_free (LineServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LineServer, line_server_free)

/* "http://127.0.0.1:PORT" */
const char *line_server_url (LineServer *server);
guint line_server_port (LineServer *server);

/* What to answer next, in this order; each once. A request without an answer left
 * fails the test. */
void line_server_say (LineServer *server, const void *bytes, gssize size); /* then closes */
void line_server_say_json (LineServer *server, guint status, const char *body);
void line_server_say_json_with (LineServer *server, guint status, const char *headers, const char *body);
void line_server_say_and_hold (LineServer *server, const char *bytes); /* then says nothing more */
void line_server_say_json_and_listen (LineServer *server,
                                      const char *body); /* 200; then to the next request */
void line_server_say_for_ever (LineServer *server, const char *head, const char *again);
/* As above, with so many milliseconds between one @again and the next. */
void line_server_say_slowly (LineServer *server, const char *head, const char *again, guint pause);

/* How many requests came, and the n-th. */
guint line_server_count (LineServer *server);
const Seen *line_server_seen (LineServer *server, guint n);

/* How many connections were made in all. */
guint line_server_connections (LineServer *server);

/* How many bytes were written in all. */
guint64 line_server_written (LineServer *server);

/* A client of that server. */
KsHttp *line_server_client (LineServer *server);

/* Runs the main context until *@result is set, and returns it. */
void on_result (GObject *source, GAsyncResult *result, gpointer data);
GAsyncResult *await (GAsyncResult **result);
#define AWAIT(result) g_autoptr (GAsyncResult) result##_done G_GNUC_UNUSED = await (&result)

/* A clock on which waits take no time; they are added up. */
typedef struct
{
  gint64 now;
  GArray *waits;  /* owned: of gint64 */
  GArray *bounds; /* owned: of gint64, what jitter was asked for */
  double part;    /* what jitter answers: this part of the bound */
  GCancellable *cancel_at_wait;
  KsHttpClock clock;
} FakeClock;

FakeClock *fake_clock_new (void);
void fake_clock_free (FakeClock *clock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeClock, fake_clock_free)

/* Sends @request and waits. */
JsonObject *send_now (KsHttp *http, KsRequest *request, GCancellable *cancellable, GError **error);

G_END_DECLS
