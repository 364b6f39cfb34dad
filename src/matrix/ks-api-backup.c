/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-api-backup.h"

#include <string.h>

#include "matrix/ks-http-answer.h"
#include "matrix/ks-matrix-error.h"

#define VERSIONS "/_matrix/client/v3/room_keys/version"
#define VERSION "/_matrix/client/v3/room_keys/version/{}"

void
ks_backup_version_free (KsBackupVersion *version)
{
  if (version == NULL)
    return;
  g_free (version->version);
  g_free (version->algorithm);
  g_clear_pointer (&version->auth_data, json_object_unref);
  g_free (version->etag);
  g_free (version);
}

/* A version that no later request could name is none. */
static gboolean
is_version (const char *version)
{
  return version[0] != '\0' && strcmp (version, ".") != 0 && strcmp (version, "..") != 0;
}

/* Some servers write it as a number. NULL: there is none. */
static char *
read_name (JsonObject *answer)
{
  const char *text;
  gint64 number;

  if (ks_json_get_string (answer, "version", &text))
    return is_version (text) ? g_strdup (text) : NULL;
  return ks_json_get_integer (answer, "version", &number) ? g_strdup_printf ("%" G_GINT64_FORMAT, number)
                                                          : NULL;
}

/* --- POST /room_keys/version --- */

void
ks_api_backup_create_async (KsHttp *http,
                            const char *algorithm,
                            JsonObject *auth_data,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("POST", VERSIONS, NULL);
  g_autoptr (JsonObject) body = json_object_new ();

  ks_json_set_strings (body, "algorithm", algorithm, NULL);
  ks_json_set_object (body, "auth_data", auth_data);
  ks_request_set_body (request, body);
  ks_http_send_async (http, request, cancellable, callback, user_data);
}

char *
ks_api_backup_create_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  g_autoptr (JsonObject) answer = ks_http_send_finish (http, result, error);
  g_autofree char *version = answer != NULL ? read_name (answer) : NULL;

  if (answer != NULL && version == NULL)
    ks_http_bad_answer (error, "the new backup's version");
  return g_steal_pointer (&version);
}

/* --- GET /room_keys/version --- */

static void
on_version_got (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  JsonObject *answer = ks_http_send_finish (KS_HTTP (source), result, &error);

  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify) json_object_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
get_version (KsHttp *http,
             const char *version,
             gboolean online_only,
             GCancellable *cancellable,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
  GTask *task = g_task_new (http, cancellable, callback, user_data);
  g_autoptr (KsRequest) request = version != NULL ? ks_request_new ("GET", VERSION, version, NULL)
                                                  : ks_request_new ("GET", VERSIONS, NULL);

  if (online_only)
    ks_request_set_online_only (request);
  g_task_set_source_tag (task, (gpointer) G_STRFUNC);
  g_task_set_task_data (task, g_strdup (version), g_free);
  ks_http_send_async (http, request, cancellable, on_version_got, task);
}

void
ks_api_backup_get_version_async (KsHttp *http,
                                 const char *version,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  get_version (http, version, FALSE, cancellable, callback, user_data);
}

void
ks_api_backup_probe_version_async (KsHttp *http,
                                   const char *version,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  get_version (http, version, TRUE, cancellable, callback, user_data);
}

/* Without a name there is no version. Whatever else is missing or odd makes it one that nobody can
 * use, or of which less is known. */
static KsBackupVersion *
read_version (JsonObject *answer, const char *asked)
{
  g_autoptr (KsBackupVersion) out = g_new0 (KsBackupVersion, 1);
  const char *algorithm;
  const char *etag;
  JsonObject *auth_data;

  out->version = read_name (answer);
  if (out->version == NULL || (asked != NULL && strcmp (asked, out->version) != 0))
    return NULL;
  out->algorithm = g_strdup (ks_json_get_string (answer, "algorithm", &algorithm) ? algorithm : "");
  out->auth_data =
      ks_json_get_object (answer, "auth_data", &auth_data) ? json_object_ref (auth_data) : json_object_new ();
  out->etag = ks_json_get_string (answer, "etag", &etag) ? g_strdup (etag) : NULL;
  if (!ks_json_get_integer (answer, "count", &out->count) || out->count < 0)
    out->count = KS_BACKUP_COUNT_UNKNOWN;
  return g_steal_pointer (&out);
}

/* Whether a server says that there is no backup: none of its user, or none of anybody, because
 * it does not know what that is. */
static gboolean
is_no_backup (const GError *failure)
{
  return g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_FOUND)
         || (g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_UNSUPPORTED)
             && ks_matrix_error_get_http_status (failure) == 404);
}

gboolean
ks_api_backup_get_version_finish (KsHttp *http, GAsyncResult *result, KsBackupVersion **out, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (JsonObject) answer = g_task_propagate_pointer (G_TASK (result), &failure);
  const char *asked = g_task_get_task_data (G_TASK (result));

  *out = NULL;
  if (asked == NULL && is_no_backup (failure))
    return TRUE;
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  *out = read_version (answer, asked);
  if (*out != NULL || ks_http_bad_answer (error, "a backup's version"))
    return TRUE;
  if (error != NULL)
    ks_matrix_error_set_request (*error, "GET", asked != NULL ? VERSION : VERSIONS);
  return FALSE;
}

/* --- PUT, DELETE /room_keys/version/{version} --- */

void
ks_api_backup_update_version_async (KsHttp *http,
                                    const char *version,
                                    const char *algorithm,
                                    JsonObject *auth_data,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("PUT", VERSION, version, NULL);
  g_autoptr (JsonObject) body = json_object_new ();

  ks_json_set_strings (body, "algorithm", algorithm, "version", version, NULL);
  ks_json_set_object (body, "auth_data", auth_data);
  ks_request_set_body (request, body);
  ks_request_set_repeatable (request, TRUE);
  ks_http_send_async (http, request, cancellable, callback, user_data);
}

gboolean
ks_api_backup_update_version_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  g_autoptr (JsonObject) answer = ks_http_send_finish (http, result, error);

  return answer != NULL;
}

void
ks_api_backup_delete_version_async (KsHttp *http,
                                    const char *version,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("DELETE", VERSION, version, NULL);

  ks_request_set_repeatable (request, TRUE);
  ks_http_send_async (http, request, cancellable, callback, user_data);
}

gboolean
ks_api_backup_delete_version_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  g_autoptr (JsonObject) answer = ks_http_send_finish (http, result, error);

  return answer != NULL;
}
