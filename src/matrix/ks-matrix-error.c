/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-matrix-error.h"

typedef struct
{
  char *errcode; /* owned */
  char *request; /* owned; NULL: not known */
  guint http_status;
  guint retry_after;
  gboolean soft_logout;
} KsMatrixErrorPrivate;

static void
ks_matrix_error_private_init (KsMatrixErrorPrivate *self)
{
}

static void
ks_matrix_error_private_copy (const KsMatrixErrorPrivate *from, KsMatrixErrorPrivate *to)
{
  *to = *from;
  to->errcode = g_strdup (from->errcode);
  to->request = g_strdup (from->request);
}

static void
ks_matrix_error_private_clear (KsMatrixErrorPrivate *self)
{
  g_free (self->errcode);
  g_free (self->request);
}

G_DEFINE_EXTENDED_ERROR (KsMatrixError, ks_matrix_error)

static KsMatrixErrorPrivate *
details (const GError *error)
{
  return error != NULL && error->domain == KS_MATRIX_ERROR ? ks_matrix_error_get_private (error) : NULL;
}

const char *
ks_matrix_error_get_errcode (const GError *error)
{
  KsMatrixErrorPrivate *self = details (error);

  return self != NULL ? self->errcode : NULL;
}

guint
ks_matrix_error_get_http_status (const GError *error)
{
  KsMatrixErrorPrivate *self = details (error);

  return self != NULL ? self->http_status : 0;
}

guint
ks_matrix_error_get_retry_after (const GError *error)
{
  KsMatrixErrorPrivate *self = details (error);

  return self != NULL ? self->retry_after : 0;
}

gboolean
ks_matrix_error_get_soft_logout (const GError *error)
{
  KsMatrixErrorPrivate *self = details (error);

  return self != NULL && self->soft_logout;
}

gboolean
ks_matrix_error_is_lasting (const GError *error)
{
  return g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER)
         || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_FORBIDDEN)
         || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_UNSUPPORTED)
         || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_REFUSED);
}

const char *
ks_matrix_error_get_request (const GError *error)
{
  KsMatrixErrorPrivate *self = details (error);

  return self != NULL ? self->request : NULL;
}

void
ks_matrix_error_set_request (GError *error, const char *method, const char *path)
{
  KsMatrixErrorPrivate *self = details (error);

  if (self == NULL)
    return;
  g_free (self->request);
  self->request = g_strconcat (method, " ", path, NULL);
}

GError *
ks_matrix_error_new (KsMatrixErrorCode code,
                     guint http_status,
                     const char *errcode,
                     guint retry_after,
                     gboolean soft_logout,
                     const char *format,
                     ...)
{
  va_list args;
  GError *error;
  KsMatrixErrorPrivate *self;

  va_start (args, format);
  error = g_error_new_valist (KS_MATRIX_ERROR, (int) code, format, args);
  va_end (args);

  self = ks_matrix_error_get_private (error);
  self->errcode = g_strdup (errcode);
  self->http_status = http_status;
  self->retry_after = retry_after;
  self->soft_logout = soft_logout;
  return error;
}
