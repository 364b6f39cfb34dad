/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-api-account-data.h"

#include "crypto/ks-encoding.h"
#include "matrix/ks-http-answer.h"
#include "matrix/ks-matrix-error.h"

#define ACCOUNT_DATA "/_matrix/client/v3/user/{}/account_data/{}"

/* Of all types together, where a server does not filter. An account has some dozens. */
#define MAX_EVENTS 1024

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

/* A filter that was never used before: Synapse answers a first sync that is repeated with
 * what it said two minutes ago. */
static char *
make_filter (const char *prefix)
{
  uint8_t bytes[8];
  g_autofree char *never = NULL;

  ks_random (bytes, sizeof bytes);
  never = ks_hex_encode (bytes, sizeof bytes);
  return g_strdup_printf (
      "{\"account_data\":{\"types\":[\"%s*\"]},\"presence\":{\"types\":[],\"not_senders\":[\"@%s:invalid\"]},"
      "\"room\":{\"rooms\":[],\"account_data\":{\"types\":[]},\"ephemeral\":{\"types\":[]},"
      "\"state\":{\"types\":[]},\"timeline\":{\"limit\":1,\"types\":[]}}}",
      prefix, never);
}

void
ks_api_account_data_list_async (KsHttp *http,
                                const char *prefix,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/_matrix/client/v3/sync", NULL);
  g_autofree char *filter = make_filter (prefix);

  ks_request_add_query (request, "filter", filter);
  ks_request_add_query (request, "timeout", "0");
  ks_request_set_limit (request, KS_REQUEST_LIMIT_ROOM);
  ks_http_send_async (http, request, cancellable, callback, user_data);
}

JsonObject *
ks_api_account_data_list_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  g_autoptr (JsonObject) answer = ks_http_send_finish (http, result, error);
  g_autoptr (JsonObject) found = json_object_new ();
  JsonObject *section;
  JsonArray *events;

  if (answer == NULL)
    return NULL;
  if (!ks_json_optional_object (answer, "account_data", &section)
      || !ks_json_optional_array (section, "events", &events)
      || (events != NULL && json_array_get_length (events) > MAX_EVENTS))
    {
      ks_http_bad_answer (error, "account data");
      return NULL;
    }
  for (guint i = 0; events != NULL && i < json_array_get_length (events); i++)
    {
      JsonObject *event;
      JsonObject *content;
      const char *type;

      if (ks_json_element_object (events, i, &event) && ks_json_get_string (event, "type", &type)
          && ks_json_get_object (event, "content", &content))
        ks_json_set_object (found, type, content);
    }
  return g_steal_pointer (&found);
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
