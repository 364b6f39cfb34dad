/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The part of ks-api-backup.h about the keys in a version.
 */

#include "matrix/ks-api-backup.h"

#include "matrix/ks-http-answer.h"

#define KEYS "/_matrix/client/v3/room_keys/keys"

/* Milliseconds: a batch may be many megabytes on a slow line. */
#define PUT_PATIENCE (5 * 60 * 1000)

/* All keys, those of a room, or one. */
static KsRequest *
new_request (const char *method, const char *version, const char *room_id, const char *session_id)
{
  KsRequest *request;

  g_assert (room_id != NULL || session_id == NULL);

  if (room_id == NULL)
    request = ks_request_new (method, KEYS, NULL);
  else if (session_id == NULL)
    request = ks_request_new (method, KEYS "/{}", room_id, NULL);
  else
    request = ks_request_new (method, KEYS "/{}/{}", room_id, session_id, NULL);
  ks_request_add_query (request, "version", version);
  return request;
}

/* What the server says after a change: without these two it changed nothing,
 * whatever the status (a proxy's, or a redirect's). */
static gboolean
read_change (JsonObject *answer, char **etag, gint64 *count, GError **error)
{
  const char *new_etag;
  gint64 new_count;

  if (!ks_json_get_string (answer, "etag", &new_etag) || !ks_json_get_integer (answer, "count", &new_count)
      || new_count < 0)
    return ks_http_bad_answer (error, "etag and count");
  if (etag != NULL)
    *etag = g_strdup (new_etag);
  if (count != NULL)
    *count = new_count;
  return TRUE;
}

static gboolean
finish_change (KsHttp *http, GAsyncResult *result, char **etag, gint64 *count, GError **error)
{
  g_autoptr (JsonObject) answer = ks_http_send_finish (http, result, error);

  if (etag != NULL)
    *etag = NULL;
  if (count != NULL)
    *count = 0;
  return answer != NULL && read_change (answer, etag, count, error);
}

/* --- PUT --- */

void
ks_api_backup_put_keys_async (KsHttp *http,
                              const char *version,
                              const char *room_id,
                              const char *session_id,
                              JsonObject *content,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (KsRequest) request = new_request ("PUT", version, room_id, session_id);

  ks_request_set_body (request, content);
  ks_request_set_repeatable (request, TRUE);
  ks_request_set_patience (request, PUT_PATIENCE);
  ks_http_send_async (http, request, cancellable, callback, user_data);
}

void
ks_api_backup_put_batch_async (KsHttp *http,
                               const char *version,
                               GBytes *content,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (KsRequest) request = new_request ("PUT", version, NULL, NULL);

  ks_request_set_text_body (request, content);
  ks_request_set_patience (request, PUT_PATIENCE);
  ks_http_send_async (http, request, cancellable, callback, user_data);
}

gboolean
ks_api_backup_put_keys_finish (KsHttp *http, GAsyncResult *result, char **etag, gint64 *count, GError **error)
{
  return finish_change (http, result, etag, count, error);
}

/* --- DELETE --- */

void
ks_api_backup_delete_keys_async (KsHttp *http,
                                 const char *version,
                                 const char *room_id,
                                 const char *session_id,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (KsRequest) request = new_request ("DELETE", version, room_id, session_id);

  ks_request_set_repeatable (request, TRUE);
  ks_http_send_async (http, request, cancellable, callback, user_data);
}

gboolean
ks_api_backup_delete_keys_finish (
    KsHttp *http, GAsyncResult *result, char **etag, gint64 *count, GError **error)
{
  return finish_change (http, result, etag, count, error);
}

/* --- GET, many --- */

static void
free_stream (gpointer stream)
{
  ks_json_stream_free (stream);
}

static gboolean
on_chunk_read (const void *bytes, gsize size, gpointer stream, GError **error)
{
  return ks_json_stream_feed (stream, bytes, size, error);
}

static guint64
count_entries (gpointer stream)
{
  return ks_json_stream_get_n_entries (stream);
}

static void
on_keys_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (ks_http_stream_finish (KS_HTTP (source), result, &error)
      && ks_json_stream_end (g_task_get_task_data (task), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ks_api_backup_get_keys_async (KsHttp *http,
                              const char *version,
                              const char *room_id,
                              KsGate *gate,
                              KsBackupEntryFunc on_entry,
                              gpointer entry_data,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (http, cancellable, callback, user_data);
  KsJsonStream *stream = ks_json_stream_new (room_id, on_entry, entry_data);
  g_autoptr (KsRequest) request = new_request ("GET", version, room_id, NULL);

  g_task_set_source_tag (task, (gpointer) G_STRFUNC);
  g_task_set_task_data (task, stream, free_stream);
  ks_request_set_gate (request, gate);
  ks_request_set_measure (request, count_entries, stream);
  ks_http_stream_async (http, request, on_chunk_read, stream, cancellable, on_keys_ended, task);
}

gboolean
ks_api_backup_get_keys_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- GET, one --- */

void
ks_api_backup_get_key_async (KsHttp *http,
                             const char *version,
                             const char *room_id,
                             const char *session_id,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (KsRequest) request = new_request ("GET", version, room_id, session_id);

  ks_http_send_async (http, request, cancellable, callback, user_data);
}

JsonObject *
ks_api_backup_get_key_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  return ks_http_send_finish (http, result, error);
}
