/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an answer, or the lack of one, means: the one place where HTTP status,
 * errcode and the line's faults become KS_MATRIX_ERROR. No I/O. For ks-http.c
 * and discovery.
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Whether @text can be an errcode that is shown and logged: [A-Za-z0-9_.]{1,64}. */
gboolean ks_http_errcode_is_plain (const char *text);

/* NULL if @status is 200. @body is that of the answer, NULL if it was no JSON
 * object. @retry_after, in microseconds, is -1 if there was no such header. */
GError *ks_http_judge (guint status, JsonObject *body, gint64 retry_after) G_GNUC_WARN_UNUSED_RESULT;

/* Sets KS_MATRIX_ERROR_BAD_ANSWER for a 200 of which @what is not as the
 * specification has it; returns FALSE. @what is ours, not the server's. */
gboolean ks_http_bad_answer (GError **error, const char *what);

/* Turns an error of GIO, the TLS library or libsoup into ours; leaves ours and
 * G_IO_ERROR_CANCELLED alone. Takes @error over. */
GError *ks_http_translate (GError *error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether @error, of libsoup or GIO, says that no connection came about. One that is given
 * up for lack of an answer may have been one. */
gboolean ks_http_is_unreachable (const GError *error);

/* Whether a repeatable request is worth another attempt. */
gboolean ks_http_is_transient (const GError *error);

G_END_DECLS
