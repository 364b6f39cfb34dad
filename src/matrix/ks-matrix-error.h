/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can go wrong between this client and a homeserver.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The codes are what callers branch on; everything finer is in the details. */
typedef enum
{
  KS_MATRIX_ERROR_NETWORK,          /* no connection, cut, timed out: trying again may help */
  KS_MATRIX_ERROR_TLS,              /* the certificate or the handshake was refused */
  KS_MATRIX_ERROR_INSECURE,         /* http:// to another machine, or a redirect: refused by us */
  KS_MATRIX_ERROR_BAD_ANSWER,       /* not what the specification has here: HTML, broken JSON, too large */
  KS_MATRIX_ERROR_NOT_A_HOMESERVER, /* discovery: there is a server, but not a Matrix one */
  KS_MATRIX_ERROR_NO_SUCH_SERVER,   /* discovery: the name leads nowhere */
  KS_MATRIX_ERROR_RATE_LIMITED,     /* 429, and our own patience is used up */
  KS_MATRIX_ERROR_SERVER,           /* 5xx, and our own patience is used up */
  KS_MATRIX_ERROR_UNAUTHORIZED,     /* M_UNKNOWN_TOKEN, M_MISSING_TOKEN */
  KS_MATRIX_ERROR_FORBIDDEN,        /* 403 other than the codes below */
  KS_MATRIX_ERROR_NOT_FOUND,        /* M_NOT_FOUND, said by a Matrix server (with an errcode) */
  KS_MATRIX_ERROR_TOO_LARGE,        /* 413, M_TOO_LARGE: send less */
  KS_MATRIX_ERROR_WRONG_VERSION,    /* M_WRONG_ROOM_KEYS_VERSION */
  KS_MATRIX_ERROR_AUTH_NEEDED,      /* user-interactive authentication: 401 with flows */
  KS_MATRIX_ERROR_UNSUPPORTED,      /* M_UNRECOGNIZED, or no common version, login flow or stage */
  KS_MATRIX_ERROR_REFUSED,          /* any other errcode: see the details */
} KsMatrixErrorCode;

#define KS_MATRIX_ERROR (ks_matrix_error_quark ())
GQuark ks_matrix_error_quark (void);

/* What the server said, kept inside the GError (an extended error domain).
 * Valid as long as the error. NULL and 0 where the server said nothing. */
const char *ks_matrix_error_get_errcode (const GError *error);  /* "M_FORBIDDEN" */
guint ks_matrix_error_get_http_status (const GError *error);    /* 403 */
guint ks_matrix_error_get_retry_after (const GError *error);    /* seconds, rounded up, at most an hour */
gboolean ks_matrix_error_get_soft_logout (const GError *error); /* with UNAUTHORIZED */

/* Whether asking again would bring the same: the answer makes no sense, or what was asked for is refused. */
gboolean ks_matrix_error_is_lasting (const GError *error);

/* Which request it was that failed: "GET /_matrix/client/v3/room_keys/version", with "{}" for each
 * identifier in it. NULL: none that was sent. */
const char *ks_matrix_error_get_request (const GError *error);
void ks_matrix_error_set_request (GError *error, const char *method, const char *path);

/* Makes an error with details. @errcode may be NULL; the caller has checked that
 * it is plain ASCII. @format must not take anything that the server sent but
 * its errcode: messages go to logs. */
GError *ks_matrix_error_new (KsMatrixErrorCode code,
                             guint http_status,
                             const char *errcode,
                             guint retry_after,
                             gboolean soft_logout,
                             const char *format,
                             ...) G_GNUC_PRINTF (6, 7) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
