/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-api-keys.h"

#include "matrix/ks-http-answer.h"
#include "matrix/ks-matrix-error.h"

/* Room for some thousands of devices. */
#define QUERY_LIMIT (8 * 1024 * 1024)

/* --- POST /keys/upload --- */

void
ks_api_keys_upload_async (KsHttp *http,
                          JsonObject *device_keys,
                          JsonObject *one_time_keys,
                          JsonObject *fallback_keys,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("POST", "/_matrix/client/v3/keys/upload", NULL);
  g_autoptr (JsonObject) body = json_object_new ();

  ks_json_set_object (body, "device_keys", device_keys);
  ks_json_set_object (body, "one_time_keys", one_time_keys);
  ks_json_set_object (body, "fallback_keys", fallback_keys);
  ks_request_set_body (request, body);
  ks_request_set_repeatable (request, TRUE);
  ks_http_send_async (http, request, cancellable, callback, user_data);
}

gboolean
ks_api_keys_upload_finish (KsHttp *http, GAsyncResult *result, gint64 *one_time_count, GError **error)
{
  g_autoptr (JsonObject) answer = ks_http_send_finish (http, result, error);
  JsonObject *counts;

  *one_time_count = 0;
  if (answer == NULL)
    return FALSE;
  if (!ks_json_get_object (answer, "one_time_key_counts", &counts)
      || !ks_json_optional_integer (counts, "signed_curve25519", one_time_count) || *one_time_count < 0)
    return ks_http_bad_answer (error, "the count of one-time keys");
  return TRUE;
}

/* --- POST /keys/query --- */

#define QUERY "/_matrix/client/v3/keys/query"

void
ks_keys_query_free (KsKeysQuery *query)
{
  if (query == NULL)
    return;
  g_clear_pointer (&query->device_keys, json_object_unref);
  g_clear_pointer (&query->master_keys, json_object_unref);
  g_clear_pointer (&query->self_signing_keys, json_object_unref);
  g_clear_pointer (&query->user_signing_keys, json_object_unref);
  g_clear_pointer (&query->failures, json_object_unref);
  g_free (query);
}

void
ks_api_keys_query_async (KsHttp *http,
                         const char *const *user_ids,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("POST", QUERY, NULL);
  g_autoptr (JsonObject) body = json_object_new ();
  JsonObject *device_keys = ks_json_add_object (body, "device_keys");

  for (gsize i = 0; user_ids[i] != NULL; i++)
    json_object_set_array_member (device_keys, user_ids[i], json_array_new ());
  ks_request_set_body (request, body);
  ks_request_set_limit (request, QUERY_LIMIT);
  ks_request_set_repeatable (request, TRUE); /* a question, though it is asked with POST */
  ks_http_send_async (http, request, cancellable, callback, user_data);
}

/* Whether the members of @object are objects, and theirs, @levels deep. */
static gboolean
holds_objects (JsonObject *object, guint levels)
{
  JsonObjectIter iter;
  JsonNode *node;

  if (levels == 0)
    return TRUE;
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, NULL, &node))
    if (!JSON_NODE_HOLDS_OBJECT (node) || !holds_objects (json_node_get_object (node), levels - 1))
      return FALSE;
  return TRUE;
}

/* A new reference to the member, or an empty object if it is absent. */
static gboolean
take_map (JsonObject *answer, const char *name, guint levels, JsonObject **out)
{
  JsonObject *map;

  if (!ks_json_optional_object (answer, name, &map))
    return FALSE;
  *out = map != NULL ? json_object_ref (map) : json_object_new ();
  return holds_objects (*out, levels);
}

KsKeysQuery *
ks_api_keys_query_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  g_autoptr (JsonObject) answer = ks_http_send_finish (http, result, error);
  g_autoptr (KsKeysQuery) query = g_new0 (KsKeysQuery, 1);

  if (answer == NULL)
    return NULL;
  if (take_map (answer, "device_keys", 2, &query->device_keys)
      && take_map (answer, "master_keys", 1, &query->master_keys)
      && take_map (answer, "self_signing_keys", 1, &query->self_signing_keys)
      && take_map (answer, "user_signing_keys", 1, &query->user_signing_keys)
      && take_map (answer, "failures", 0, &query->failures))
    return g_steal_pointer (&query);
  ks_http_bad_answer (error, "the keys of users");
  if (error != NULL)
    ks_matrix_error_set_request (*error, "POST", QUERY);
  return NULL;
}

/* --- POST /keys/device_signing/upload --- */

void
ks_api_keys_upload_signing_async (KsHttp *http,
                                  JsonObject *master_key,
                                  JsonObject *self_signing_key,
                                  JsonObject *user_signing_key,
                                  KsUiaAnswer *auth,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (KsRequest) request =
      ks_request_new ("POST", "/_matrix/client/v3/keys/device_signing/upload", NULL);
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (KsSecret) text = NULL;

  ks_json_set_object (body, "master_key", master_key);
  ks_json_set_object (body, "self_signing_key", self_signing_key);
  ks_json_set_object (body, "user_signing_key", user_signing_key);
  text = ks_uia_answer_to_body (auth, body, NULL);
  ks_request_set_secret_body (request, text);
  ks_http_send_async (http, request, cancellable, callback, user_data);
}

gboolean
ks_api_keys_upload_signing_finish (KsHttp *http, GAsyncResult *result, KsUia **challenge, GError **error)
{
  g_autoptr (JsonObject) answer = NULL;
  g_autoptr (JsonObject) refusal = NULL;
  g_autoptr (GError) failure = NULL;

  *challenge = NULL;
  answer = ks_http_send_finish_refusal (http, result, &refusal, &failure);
  if (answer != NULL)
    return TRUE;
  if (g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_AUTH_NEEDED))
    {
      *challenge = ks_uia_new (refusal, error);
      if (*challenge == NULL)
        return FALSE;
    }
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* --- POST /keys/signatures/upload --- */

void
ks_api_keys_upload_signatures_async (KsHttp *http,
                                     JsonObject *signatures,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("POST", "/_matrix/client/v3/keys/signatures/upload", NULL);

  ks_request_set_body (request, signatures);
  ks_request_set_repeatable (request, TRUE); /* the same signatures once more change nothing */
  ks_http_send_async (http, request, cancellable, callback, user_data);
}

/* The first errcode in user → key → error; NULL if none is plain. */
static const char *
first_errcode (JsonObject *failures)
{
  JsonObjectIter users;
  JsonObjectIter keys;
  JsonNode *user;
  JsonNode *key;
  const char *errcode;

  json_object_iter_init (&users, failures);
  while (json_object_iter_next (&users, NULL, &user))
    {
      json_object_iter_init (&keys, json_node_get_object (user));
      while (json_object_iter_next (&keys, NULL, &key))
        if (ks_json_get_string (json_node_get_object (key), "errcode", &errcode)
            && ks_http_errcode_is_plain (errcode))
          return errcode;
    }
  return NULL;
}

gboolean
ks_api_keys_upload_signatures_finish (KsHttp *http,
                                      GAsyncResult *result,
                                      JsonObject **failures,
                                      GError **error)
{
  g_autoptr (JsonObject) answer = ks_http_send_finish (http, result, error);
  g_autoptr (JsonObject) map = NULL;
  const char *errcode;

  if (failures != NULL)
    *failures = NULL;
  if (answer == NULL)
    return FALSE;
  if (!take_map (answer, "failures", 2, &map))
    return ks_http_bad_answer (error, "the failures of signatures");
  if (json_object_get_size (map) == 0)
    return TRUE;
  if (failures != NULL)
    {
      *failures = g_steal_pointer (&map);
      return TRUE;
    }
  errcode = first_errcode (map);
  g_propagate_error (error, ks_matrix_error_new (KS_MATRIX_ERROR_REFUSED, 200, errcode, 0, FALSE,
                                                 "the server took not every signature (%s)",
                                                 errcode != NULL ? errcode : "no errcode"));
  return FALSE;
}
