/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-api-media.h"

#include "base/ks-steps.h"
#include "matrix/ks-http-answer.h"
#include "matrix/ks-matrix-error.h"

#include <string.h>

#define SCHEME "mxc://"
#define AUTHENTICATED "/_matrix/client/v1/media/download/{}/{}"
#define OLDER "/_matrix/media/v3/download/{}/{}"

/* The specification's limits. */
#define MAX_SERVER_NAME 230
#define MAX_MEDIA_ID 255

/* Server and media ID; FALSE: not of that form. */
static gboolean
split (const char *uri, char **server, char **id)
{
  const char *rest, *slash;

  if (!g_str_has_prefix (uri, SCHEME))
    return FALSE;
  rest = uri + strlen (SCHEME);
  slash = strchr (rest, '/');
  if (slash == NULL || slash == rest || slash - rest > MAX_SERVER_NAME || slash[1] == '\0'
      || strlen (slash + 1) > MAX_MEDIA_ID)
    return FALSE;
  for (const char *c = rest; c < slash; c++)
    if (!g_ascii_isalnum (*c) && strchr (".-:[]", *c) == NULL)
      return FALSE;
  for (const char *c = slash + 1; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("_-", *c) == NULL)
      return FALSE;
  *server = g_strndup (rest, (gsize) (slash - rest));
  *id = g_strdup (slash + 1);
  return TRUE;
}

gboolean
ks_mxc_is_valid (const char *uri)
{
  g_autofree char *server = NULL;
  g_autofree char *id = NULL;

  return split (uri, &server, &id);
}

/* Downloads.
 *
 *   1. authenticated  where the server knows that
 *   2. older          where it does not
 *
 * Neither changes anything. */

typedef struct
{
  KsHttp *http; /* owned */
  char *server; /* owned */
  char *id;     /* owned */
  KsHttpChunkFunc on_chunk;
  gpointer chunk_data;
} Download;

static void
download_free (gpointer data)
{
  Download *op = data;

  g_object_unref (op->http);
  g_free (op->server);
  g_free (op->id);
  g_free (op);
}

static void
stream (Download *op, KsRequest *request, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_request_set_any_type (request);
  ks_http_stream_async (op->http, request, op->on_chunk, op->chunk_data, cancellable, ready, run);
}

static void
ask (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Download *op = data;
  g_autoptr (KsRequest) request = ks_request_new ("GET", AUTHENTICATED, op->server, op->id, NULL);

  stream (op, request, cancellable, ready, run);
}

static KsStepVerdict
answered (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (ks_http_stream_finish (KS_HTTP (http), result, &failure))
    return KS_STEP_DONE;
  if (g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_UNSUPPORTED))
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static void
ask_older (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Download *op = data;
  g_autoptr (KsRequest) request = ks_request_new ("GET", OLDER, op->server, op->id, NULL);

  ks_request_set_anonymous (request);
  stream (op, request, cancellable, ready, run);
}

static KsStepVerdict
answered_older (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  return ks_http_stream_finish (KS_HTTP (http), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "authenticated", .begin = ask, .end = answered },
  { .name = "older", .begin = ask_older, .end = answered_older },
  { 0 },
};

void
ks_api_media_download_async (KsHttp *http,
                             const char *uri,
                             KsHttpChunkFunc on_chunk,
                             gpointer chunk_data,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GTask *task = g_task_new (http, cancellable, callback, user_data);
  Download *op = g_new0 (Download, 1);

  op->http = g_object_ref (http);
  op->on_chunk = on_chunk;
  op->chunk_data = chunk_data;
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, op, download_free);
  if (split (uri, &op->server, &op->id))
    {
      ks_steps_run (task, steps);
      return;
    }
  g_task_return_error (task, ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER, 0, NULL, 0, FALSE,
                                                  "not sent: no address of a file"));
  g_object_unref (task);
}

gboolean
ks_api_media_download_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
