/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sends requests to one homeserver and judges the answers: what is not a JSON
 * answer of a Matrix server becomes one typed KS_MATRIX_ERROR. Keeps nothing but
 * the base URL, the access token and, for all objects of the process together,
 * the back-off of each host. It knows no endpoint.
 *
 * Never follows a redirect; never logs more than method, path template and
 * status. Requests that are repeatable (ks-request.h) are sent again after 429,
 * 5xx and lost connections, as long as their patience lasts: after Retry-After,
 * or with full jitter from 1 s up to 5 min. A host that asked with 429 to be left
 * alone is not asked anything before its time; a request whose patience ends
 * before that fails at once with KS_MATRIX_ERROR_RATE_LIMITED.
 *
 * Main context only. Cancelling ends any call at any point with
 * G_IO_ERROR_CANCELLED; every other error is KS_MATRIX_ERROR (a name that no
 * resolver knows: …_NO_SUCH_SERVER; every other trouble with the line: …_NETWORK).
 */
#pragma once

#include <gio/gio.h>

#include "matrix/ks-request.h"

G_BEGIN_DECLS

#define KS_TYPE_HTTP (ks_http_get_type ())
G_DECLARE_FINAL_TYPE (KsHttp, ks_http, KS, HTTP, GObject)

/* Whether @url can be a homeserver's base URL: https, or http to this machine
 * (127.0.0.0/8, ::1, localhost); a host; no user, query or fragment. Returns it
 * without a slash at the end. Errors: KS_MATRIX_ERROR_INSECURE for http to
 * another machine, KS_MATRIX_ERROR_NO_SUCH_SERVER for what is no such URL. */
char *ks_http_check_base_url (const char *url, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* @base_url is checked as above. */
KsHttp *ks_http_new (const char *base_url, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Without a slash at the end. */
const char *ks_http_get_base_url (KsHttp *self);

/* Takes a reference; NULL: signed out. The token is ASCII without white space;
 * any other is refused with FALSE. */
gboolean ks_http_set_token (KsHttp *self, KsSecret *token);
gboolean ks_http_has_token (KsHttp *self);

/* Seconds without a byte from the server after which an attempt is given up.
 * The default is 60. For long polls and tests. */
void ks_http_set_idle_timeout (KsHttp *self, guint seconds);

/* The patience of requests that have none of their own (ks_request_set_patience()),
 * in milliseconds. The default is KS_REQUEST_PATIENCE; shorter where a person waits. */
void ks_http_set_patience (KsHttp *self, guint milliseconds);

/* Another client of the same server with the token that @self has now, whose patience is at most
 * @milliseconds: for requests that an operation can do without. */
KsHttp *ks_http_new_hasty (KsHttp *self, guint milliseconds) G_GNUC_WARN_UNUSED_RESULT;

/* Sends @request and reads the answer as one JSON object. */
void ks_http_send_async (KsHttp *self,
                         KsRequest *request,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);

/* The body of a 200. */
JsonObject *ks_http_send_finish (KsHttp *self, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* As above. @refusal is set to the body of an answer that is an error of the
 * server, if it was a JSON object (user-interactive authentication needs it). */
JsonObject *
ks_http_send_finish_refusal (KsHttp *self, GAsyncResult *result, JsonObject **refusal, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* As above, for a request with ks_request_set_secret_answer(): members of the
 * root named in @names become @secrets as in ks_json_parse_object_with_secrets(). Where the
 * body of a 200 is no acceptable JSON, which is an error, @secrets are what can be found in it by
 * those names (ks-json-find.h): what the server has opened with them is to be closed again. */
JsonObject *ks_http_send_finish_secrets (KsHttp *self,
                                         GAsyncResult *result,
                                         const char *const *names,
                                         KsSecret **secrets,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes the next bytes of a 200 (with JSON in it, unless ks_request_set_any_type() was
 * called). FALSE with @error set ends the
 * call with that error. */
typedef gboolean (*KsHttpChunkFunc) (const void *bytes, gsize size, gpointer user_data, GError **error);

/* Sends @request and hands the body of a 200 on as it arrives, of any size, in
 * chunks of at most 64 KiB, unread. A request is not sent again once @on_chunk was
 * called. The patience counts until the first chunk; from then on the idle
 * timeout guards the line, and ends it too where bytes come that are of no use
 * (ks_request_set_measure()). */
void ks_http_stream_async (KsHttp *self,
                           KsRequest *request,
                           KsHttpChunkFunc on_chunk,
                           gpointer chunk_data,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean ks_http_stream_finish (KsHttp *self, GAsyncResult *result, GError **error);

/* The clock of back-off, for tests that must not wait. @now is in microseconds,
 * @wait makes a source that is ready after so many, @jitter picks from 0 to
 * @bound, both included. */
typedef struct
{
  gint64 (*now) (gpointer data);
  GSource *(*wait) (gint64 microseconds, gpointer data);
  gint64 (*jitter) (gint64 bound, gpointer data);
  gpointer data;
} KsHttpClock;

/* @clock must outlive @self; NULL: the real one. */
void ks_http_set_clock (KsHttp *self, const KsHttpClock *clock);

G_END_DECLS
