/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/account/ks-server-gone.h"

#include "matrix/ks-matrix-error.h"

gboolean
ks_server_gone (const GError *error)
{
  if (error->domain != KS_MATRIX_ERROR)
    return FALSE;
  switch ((KsMatrixErrorCode) error->code)
    {
    case KS_MATRIX_ERROR_NETWORK:
    case KS_MATRIX_ERROR_NO_SUCH_SERVER:
    case KS_MATRIX_ERROR_NOT_A_HOMESERVER:
    case KS_MATRIX_ERROR_UNSUPPORTED: /* it knows no sessions that could be ended */
    case KS_MATRIX_ERROR_NOT_FOUND:
    case KS_MATRIX_ERROR_BAD_ANSWER: /* of a web server that stands where the homeserver was */
    case KS_MATRIX_ERROR_INSECURE:   /* one that sends everybody elsewhere */
    case KS_MATRIX_ERROR_TLS:
    case KS_MATRIX_ERROR_SERVER:
      return TRUE;
    case KS_MATRIX_ERROR_FORBIDDEN:
      return g_strcmp0 (ks_matrix_error_get_errcode (error), "M_USER_DEACTIVATED") == 0;
    case KS_MATRIX_ERROR_RATE_LIMITED:
    case KS_MATRIX_ERROR_UNAUTHORIZED: /* which counts as ended */
    case KS_MATRIX_ERROR_TOO_LARGE:
    case KS_MATRIX_ERROR_WRONG_VERSION:
    case KS_MATRIX_ERROR_AUTH_NEEDED:
    case KS_MATRIX_ERROR_REFUSED:
    default:
      return FALSE;
    }
}
