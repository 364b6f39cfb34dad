/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/account/ks-server-gone.h"

#include "matrix/ks-matrix-error.h"

#include <gio/gio.h>

typedef struct
{
  KsMatrixErrorCode code;
  guint status;
  const char *errcode;
} Case;

static gboolean
is_gone (const Case *which)
{
  g_autoptr (GError) error =
      ks_matrix_error_new (which->code, which->status, which->errcode, 0, FALSE, "for the log");

  return ks_server_gone (error);
}

static void
test_gone (void)
{
  const Case cases[] = {
    { KS_MATRIX_ERROR_NETWORK, 0, NULL },
    { KS_MATRIX_ERROR_NO_SUCH_SERVER, 0, NULL },
    { KS_MATRIX_ERROR_NOT_A_HOMESERVER, 404, NULL },
    { KS_MATRIX_ERROR_BAD_ANSWER, 404, NULL },
    { KS_MATRIX_ERROR_BAD_ANSWER, 410, NULL },
    { KS_MATRIX_ERROR_UNSUPPORTED, 404, "M_UNRECOGNIZED" },
    { KS_MATRIX_ERROR_NOT_FOUND, 404, "M_NOT_FOUND" },
    { KS_MATRIX_ERROR_FORBIDDEN, 403, "M_USER_DEACTIVATED" },
    { KS_MATRIX_ERROR_BAD_ANSWER, 200, NULL },
    { KS_MATRIX_ERROR_TLS, 0, NULL },
    { KS_MATRIX_ERROR_INSECURE, 302, NULL },
    { KS_MATRIX_ERROR_SERVER, 502, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_true (is_gone (&cases[i]));
}

/* These are a homeserver's own answers. */
static void
test_there (void)
{
  g_autoptr (GError) other = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "for the log");
  const Case cases[] = {
    { KS_MATRIX_ERROR_RATE_LIMITED, 429, "M_LIMIT_EXCEEDED" },
    { KS_MATRIX_ERROR_FORBIDDEN, 403, "M_FORBIDDEN" },
    { KS_MATRIX_ERROR_AUTH_NEEDED, 401, NULL },
    { KS_MATRIX_ERROR_REFUSED, 400, "M_UNKNOWN" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_false (is_gone (&cases[i]));
  g_assert_false (ks_server_gone (other));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server-gone/gone", test_gone);
  g_test_add_func ("/server-gone/there", test_there);
  return g_test_run ();
}
