/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One attempt to get one answer: wait if the host asked for it, send, read. The
 * attempts of a call, and what is made of their outcome, are in ks-http.c.
 */
#pragma once

#include <libsoup/soup.h>

#include "matrix/ks-backoff.h"
#include "matrix/ks-deadline.h"
#include "matrix/ks-http.h"
#include "matrix/ks-line.h"

G_BEGIN_DECLS

/* A call, from ks_http_send_async() to its end. */
typedef struct
{
  KsLine *line;             /* owned */
  GUri *uri;                /* owned */
  KsSecret *token;          /* owned; NULL: none */
  KsRequest *request;       /* owned */
  KsHttpChunkFunc on_chunk; /* NULL: the answer is collected */
  gpointer chunk_data;
  const KsHttpClock *clock; /* borrowed */
  KsBackoff *backoff;       /* borrowed */

  KsDeadline *deadline; /* owned: of the whole call */
  guint patience;       /* milliseconds; 0: for ever */
  gint64 begun;         /* on the clock */
  gint64 delay;         /* what the next attempt has to wait, in microseconds */
  gboolean unreachable; /* the last attempt made no connection */
  gboolean hopeless;    /* the host's wait is longer than the patience left */
  gboolean chunk_given; /* no further attempt is possible */
  guint64 useful;       /* what the chunks have brought; see ks_request_set_measure() */
  GError *stopped;      /* owned: what on_chunk ended the call with */
  GError *before;       /* owned: how the attempt before the one at hand failed; NULL: there was none */

  /* Of the attempt at hand. */
  gint64 attempt_begun;
  SoupSession *session; /* owned: what the message was sent with */
  SoupMessage *message; /* owned */
  GInputStream *body;   /* owned */
  goffset received;     /* bytes of the body, decoded */
  guint8 *chunk;        /* owned */
  GByteArray *bytes;    /* owned */
  JsonObject *object;   /* owned: the body, parsed */
} KsHttpCall;

/* Lets go of the line, so that the next request can use it even while somebody
 * holds on to the result of this one. The outcome stays. */
void ks_http_attempt_release (KsHttpCall *call);

/* Frees all of the attempt before, wiping what has to be. */
void ks_http_attempt_clear (KsHttpCall *call);

/* @call must outlive the attempt. TRUE: there was an answer, read as far as it is
 * of use. An error is not yet translated. */
void ks_http_attempt_async (KsHttpCall *call, GAsyncReadyCallback callback, gpointer user_data);
gboolean ks_http_attempt_finish (GAsyncResult *result, GError **error);

G_END_DECLS
