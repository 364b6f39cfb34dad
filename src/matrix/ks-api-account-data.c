/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-api-account-data.h"

#include "matrix/ks-matrix-error.h"

#define ACCOUNT_DATA "/_matrix/client/v3/user/{}/account_data/{}"

void
ks_api_account_data_get_async (KsHttp *http,
                               const char *user_id,
                               const char *type,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("GET", ACCOUNT_DATA, user_id, type, NULL);

  ks_http_send_async (http, request, cancellable, callback, user_data);
}

gboolean
ks_api_account_data_get_finish (KsHttp *http, GAsyncResult *result, JsonObject **content, GError **error)
{
  g_autoptr (GError) failure = NULL;

  *content = ks_http_send_finish (http, result, &failure);
  if (failure == NULL || g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static void
put (KsHttp *http,
     const char *user_id,
     const char *type,
     JsonObject *content,
     gboolean repeatable,
     GCancellable *cancellable,
     GAsyncReadyCallback callback,
     gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("PUT", ACCOUNT_DATA, user_id, type, NULL);

  ks_request_set_body (request, content);
  ks_request_set_repeatable (request, repeatable);
  ks_http_send_async (http, request, cancellable, callback, user_data);
}

void
ks_api_account_data_put_async (KsHttp *http,
                               const char *user_id,
                               const char *type,
                               JsonObject *content,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  put (http, user_id, type, content, TRUE, cancellable, callback, user_data);
}

void
ks_api_account_data_put_once_async (KsHttp *http,
                                    const char *user_id,
                                    const char *type,
                                    JsonObject *content,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  put (http, user_id, type, content, FALSE, cancellable, callback, user_data);
}

gboolean
ks_api_account_data_put_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  g_autoptr (JsonObject) answer = ks_http_send_finish (http, result, error);

  return answer != NULL;
}
