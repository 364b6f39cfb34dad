/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-http-answer.h"

#include <gio/gio.h>
#include <libsoup/soup.h>
#include <string.h>

#include "matrix/ks-backoff.h"
#include "matrix/ks-json.h"
#include "matrix/ks-matrix-error.h"

gboolean
ks_http_errcode_is_plain (const char *text)
{
  gsize length = 0;

  for (; text[length] != '\0'; length++)
    if (length == 64 || !(g_ascii_isalnum (text[length]) || text[length] == '_' || text[length] == '.'))
      return FALSE;
  return length > 0;
}

/* An errcode decides before the status does, where it is one that says more. */
static KsMatrixErrorCode
code_of_errcode (guint status, const char *errcode)
{
  static const struct
  {
    const char *errcode;
    guint status; /* 0: any */
    KsMatrixErrorCode code;
  } known[] = {
    { "M_UNKNOWN_TOKEN", 0, KS_MATRIX_ERROR_UNAUTHORIZED },
    { "M_MISSING_TOKEN", 0, KS_MATRIX_ERROR_UNAUTHORIZED },
    { "M_WRONG_ROOM_KEYS_VERSION", 0, KS_MATRIX_ERROR_WRONG_VERSION },
    { "M_NOT_FOUND", 404, KS_MATRIX_ERROR_NOT_FOUND },
    { "M_TOO_LARGE", 0, KS_MATRIX_ERROR_TOO_LARGE },
    { "M_UNRECOGNIZED", 0, KS_MATRIX_ERROR_UNSUPPORTED },
    { "M_LIMIT_EXCEEDED", 0, KS_MATRIX_ERROR_RATE_LIMITED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (errcode, known[i].errcode) == 0 && (known[i].status == 0 || known[i].status == status))
      return known[i].code;
  return status == 403 ? KS_MATRIX_ERROR_FORBIDDEN : KS_MATRIX_ERROR_REFUSED;
}

static KsMatrixErrorCode
code_of (guint status, const char *errcode, JsonObject *body)
{
  JsonArray *flows;

  if (status >= 300 && status < 400)
    return KS_MATRIX_ERROR_INSECURE;
  if (status == 429)
    return KS_MATRIX_ERROR_RATE_LIMITED;
  if (status == 413)
    return KS_MATRIX_ERROR_TOO_LARGE;
  if (status == 401 && ks_json_get_array (body, "flows", &flows))
    return KS_MATRIX_ERROR_AUTH_NEEDED;
  if (status >= 500 && status < 600)
    return g_strcmp0 (errcode, "M_UNRECOGNIZED") == 0 ? KS_MATRIX_ERROR_UNSUPPORTED : KS_MATRIX_ERROR_SERVER;
  /* Without an errcode it was not a homeserver that spoke: a 404 of a proxy does
   * not mean that there is no backup. */
  if (status < 400 || status >= 500 || errcode == NULL)
    return KS_MATRIX_ERROR_BAD_ANSWER;
  return code_of_errcode (status, errcode);
}

GError *
ks_http_judge (guint status, JsonObject *body, gint64 retry_after)
{
  const char *errcode;
  gboolean soft_logout;
  gint64 ms;
  guint seconds = 0;

  if (status == 200)
    return NULL;

  if (!ks_json_get_string (body, "errcode", &errcode) || !ks_http_errcode_is_plain (errcode))
    errcode = NULL;
  ks_json_get_boolean (body, "soft_logout", &soft_logout);
  /* The header comes before the deprecated member (Client-Server API, "Rate limiting"). */
  if (retry_after < 0 && status == 429 && ks_json_get_integer (body, "retry_after_ms", &ms) && ms >= 0)
    retry_after = MIN (ms, KS_BACKOFF_RETRY_AFTER_MAX / G_TIME_SPAN_MILLISECOND) * G_TIME_SPAN_MILLISECOND;
  if (retry_after > 0)
    seconds = (guint) ((retry_after + G_TIME_SPAN_SECOND - 1) / G_TIME_SPAN_SECOND);

  return ks_matrix_error_new (code_of (status, errcode, body), status, errcode, seconds, soft_logout,
                              "the server answered %u (%s)", status,
                              errcode != NULL ? errcode : "no errcode");
}

gboolean
ks_http_bad_answer (GError **error, const char *what)
{
  g_propagate_error (error, ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER, 200, NULL, 0, FALSE,
                                                 "not what the specification has: %s", what));
  return FALSE;
}

static KsMatrixErrorCode
code_of_fault (const GError *error)
{
  /* A line that ends in the middle of TLS is cut, not refused. */
  if (error->domain == G_TLS_ERROR)
    return error->code == G_TLS_ERROR_EOF ? KS_MATRIX_ERROR_NETWORK : KS_MATRIX_ERROR_TLS;
  if (g_error_matches (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND))
    return KS_MATRIX_ERROR_NO_SUCH_SERVER;
  /* Not HTTP, or not what Content-Encoding says. */
  if (g_error_matches (error, SOUP_SESSION_ERROR, SOUP_SESSION_ERROR_PARSING)
      || g_error_matches (error, SOUP_SESSION_ERROR, SOUP_SESSION_ERROR_ENCODING)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA))
    return KS_MATRIX_ERROR_BAD_ANSWER;
  return KS_MATRIX_ERROR_NETWORK;
}

GError *
ks_http_translate (GError *error)
{
  GError *ours;

  if (error->domain == KS_MATRIX_ERROR || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return error;
  /* The text may quote what the server sent. */
  ours = ks_matrix_error_new (code_of_fault (error), 0, NULL, 0, FALSE, "the line failed (%s %d)",
                              g_quark_to_string (error->domain), error->code);
  g_error_free (error);
  return ours;
}

gboolean
ks_http_is_unreachable (const GError *error)
{
  return error->domain == G_RESOLVER_ERROR
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE);
}

gboolean
ks_http_is_transient (const GError *error)
{
  if (error->domain != KS_MATRIX_ERROR)
    return FALSE;
  switch ((KsMatrixErrorCode) error->code)
    {
    case KS_MATRIX_ERROR_NETWORK:
    case KS_MATRIX_ERROR_NO_SUCH_SERVER:
    case KS_MATRIX_ERROR_RATE_LIMITED:
      return TRUE;
    case KS_MATRIX_ERROR_SERVER:
      return ks_matrix_error_get_http_status (error) != 501;
    case KS_MATRIX_ERROR_TLS:
    case KS_MATRIX_ERROR_INSECURE:
    case KS_MATRIX_ERROR_BAD_ANSWER:
    case KS_MATRIX_ERROR_NOT_A_HOMESERVER:
    case KS_MATRIX_ERROR_UNAUTHORIZED:
    case KS_MATRIX_ERROR_FORBIDDEN:
    case KS_MATRIX_ERROR_NOT_FOUND:
    case KS_MATRIX_ERROR_TOO_LARGE:
    case KS_MATRIX_ERROR_WRONG_VERSION:
    case KS_MATRIX_ERROR_AUTH_NEEDED:
    case KS_MATRIX_ERROR_UNSUPPORTED:
    case KS_MATRIX_ERROR_REFUSED:
    default:
      return FALSE;
    }
}
