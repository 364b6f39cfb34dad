/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One request to a homeserver, before it is sent: method, path, query, body and
 * how much patience it deserves. No I/O.
 */
#pragma once

#include "matrix/ks-gate.h"
#include "matrix/ks-json.h"

G_BEGIN_DECLS

typedef struct KsRequest KsRequest;

#define KS_REQUEST_LIMIT_CONTROL (1024 * 1024)   /* bytes, after decompression */
#define KS_REQUEST_LIMIT_ROOM (64 * 1024 * 1024) /* bytes, after decompression */
#define KS_REQUEST_PATIENCE 90000                /* milliseconds */
#define KS_REQUEST_PATIENCE_OF_CLIENT G_MAXUINT  /* see ks_http_set_patience() */

/* @path is a template as the specification writes it, with "{}" for each
 * parameter: "/_matrix/client/v3/user/{}/account_data/{}". The parameters follow,
 * ended by NULL; each is percent-encoded into exactly one path segment. Only the
 * template is ever logged. A parameter that no encoding can keep a segment ("",
 * "." and "..") makes sending fail with KS_MATRIX_ERROR_BAD_ANSWER. */
KsRequest *ks_request_new (const char *method, const char *path, ...) G_GNUC_NULL_TERMINATED
    G_GNUC_WARN_UNUSED_RESULT;
KsRequest *ks_request_ref (KsRequest *request);
void ks_request_unref (KsRequest *request); /* NULL is allowed */

/* Adds ?name=value, percent-encoded; nothing if @value is NULL. */
void ks_request_add_query (KsRequest *request, const char *name, const char *value);

/* The body. A body that cannot be written (see ks-json.h) makes sending fail. */
void ks_request_set_body (KsRequest *request, JsonObject *body);

/* The body is @text, which holds JSON. */
void ks_request_set_text_body (KsRequest *request, GBytes *text);

/* The body is @text, which holds JSON; it is wiped once nobody needs it any more.
 * NULL, from a function that could not write it, makes sending fail.
 * libsoup and the TLS library copy what they send into buffers of their own that
 * nobody wipes. */
void ks_request_set_secret_body (KsRequest *request, KsSecret *text);

/* An answer larger than @bytes after decompression is refused. The default is
 * KS_REQUEST_LIMIT_CONTROL. Does not concern streaming. */
void ks_request_set_limit (KsRequest *request, gsize bytes);

/* This request may be sent again after a failure that leaves open whether the
 * server acted on it. GET requests are repeatable from the start, no others. */
void ks_request_set_repeatable (KsRequest *request, gboolean repeatable);

/* Where no connection can be made this request fails at once, however long its patience:
 * for a question that is about the line itself. */
void ks_request_set_online_only (KsRequest *request);

/* How long all attempts and the waits between them may take together, in
 * milliseconds; 0: for ever (only the idle timeout of 60 s ends it). The default
 * is KS_REQUEST_PATIENCE_OF_CLIENT. A wait that would last longer is not begun. */
void ks_request_set_patience (KsRequest *request, guint milliseconds);

/* Sends no access token even if there is one. */
void ks_request_set_anonymous (KsRequest *request);

/* The answer holds a secret: the buffers that it was collected in are wiped. */
void ks_request_set_secret_answer (KsRequest *request);

/* What cannot be read among the elements of the answer's list @list is cut out of it, and only that is
 * lost: see ks-json-cut.h. Both are static. */
void ks_request_set_cut (KsRequest *request, const char *list, const char *const *kept);

/* A streamed answer may be anything, not just JSON: a file. What is no 200 is judged as ever. */
void ks_request_set_any_type (KsRequest *request);

/* A streamed answer is read on only while @gate is open. Takes a reference; NULL: never held
 * back. The time at the gate is nobody's fault and ends no patience; but a server may cut a
 * line that nobody reads for long. */
void ks_request_set_gate (KsRequest *request, KsGate *gate);

/* How much of use a streamed answer has brought so far, in whatever unit. One that brings
 * nothing for the idle timeout is given up, though bytes come. Without a measure, 1,024 bytes
 * are one. @data must outlive the call. */
typedef guint64 (*KsRequestMeasureFunc) (gpointer data);
void ks_request_set_measure (KsRequest *request, KsRequestMeasureFunc measure, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsRequest, ks_request_unref)

G_END_DECLS
