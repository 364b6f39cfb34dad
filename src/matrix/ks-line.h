/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lines to a host, as libsoup keeps them open from one request to the next, and what
 * is done about its faults. Main context only.
 */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct KsLine KsLine;

/* @idle_timeout: seconds without a byte after which a request has failed. */
KsLine *ks_line_new (guint idle_timeout) G_GNUC_WARN_UNUSED_RESULT;
KsLine *ks_line_ref (KsLine *line);
void ks_line_unref (KsLine *line); /* NULL is allowed */

void ks_line_set_idle_timeout (KsLine *line, guint seconds);
guint ks_line_get_idle_timeout (KsLine *line);

/* For the next request; borrowed. */
SoupSession *ks_line_get_session (KsLine *line);

/* A request of @session failed, or was cancelled, before its answer began: @session is not
 * used for others.
 *
 * libsoup 3.6.5 takes such a message off its queue twice. It then counts one message too
 * few, and starts no other one any more; and it gives up a reference too many to each
 * feature of the session, which is why there are none (ks_line_without_features()). */
void ks_line_failed (KsLine *line, SoupSession *session);

/* A session for requests that only ever fail once. The caller unrefs it. */
SoupSession *ks_line_without_features (guint idle_timeout) G_GNUC_WARN_UNUSED_RESULT;

/* What request headers have to say for ks_line_decode(). */
#define KS_LINE_ACCEPT_ENCODING "gzip"

/* @body with the Content-Encoding of @message undone; takes @body. G_IO_ERROR_INVALID_DATA:
 * one that was not asked for. */
GInputStream *ks_line_decode (SoupMessage *message, GInputStream *body, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsLine, ks_line_unref)

G_END_DECLS
