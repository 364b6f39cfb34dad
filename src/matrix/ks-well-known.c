/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-well-known.h"

#include <libsoup/soup.h>
#include <string.h>

#include "base/ks-steps.h"
#include "matrix/ks-base-url.h"
#include "matrix/ks-deadline.h"
#include "matrix/ks-http-answer.h"
#include "matrix/ks-http.h"
#include "matrix/ks-json.h"
#include "matrix/ks-line.h"
#include "matrix/ks-matrix-error.h"
#include "matrix/ks-user-id.h"

#define PATH "/.well-known/matrix/client"
#define IDLE_TIMEOUT 15 /* seconds: it is a small file, and a person waits */
#define PATIENCE 30000  /* milliseconds, redirects and all */

typedef struct
{
  KsDeadline *deadline; /* owned */
  SoupSession *session; /* owned */
  GUri *uri;            /* owned: the next one to ask */
  SoupMessage *message; /* owned */
  GInputStream *body;   /* owned */
  guint redirects;
  gsize size;
  guint8 bytes[KS_WELL_KNOWN_MAX_SIZE + 1];
  char *base_url; /* owned: the result */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  g_clear_object (&op->body);
  g_clear_object (&op->message);
  g_clear_object (&op->session);
  g_clear_pointer (&op->uri, g_uri_unref);
  g_free (op->base_url);
  ks_deadline_free (op->deadline);
  g_free (op);
}

static KsStepVerdict
fail (GError **error, KsMatrixErrorCode code, guint status, const char *failure, const char *why)
{
  g_propagate_error (error, ks_matrix_error_new (code, status, failure, 0, FALSE, ".well-known: %s", why));
  return KS_STEP_FAIL;
}

static KsStepVerdict
prompt (GError **error, guint status, const char *why)
{
  return fail (error, KS_MATRIX_ERROR_NOT_A_HOMESERVER, status, KS_WELL_KNOWN_PROMPT, why);
}

static void
send_begin (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  g_clear_object (&op->body);
  g_clear_object (&op->message);
  op->message = soup_message_new_from_uri ("GET", op->uri);
  soup_message_add_flags (op->message, SOUP_MESSAGE_NO_REDIRECT);
  soup_session_send_async (op->session, op->message, G_PRIORITY_DEFAULT, cancellable, ready, run);
}

/* Only to https; over http only from and to loopback. */
static KsStepVerdict
redirect (Op *op, guint status, GError **error)
{
  const char *location =
      soup_message_headers_get_one (soup_message_get_response_headers (op->message), "Location");
  g_autoptr (GUri) next =
      location != NULL ? g_uri_parse_relative (op->uri, location, SOUP_HTTP_URI_FLAGS, NULL) : NULL;
  gboolean secure;

  if (next == NULL || g_uri_get_host (next) == NULL || g_uri_get_host (next)[0] == '\0')
    return prompt (error, status, "a redirect to nowhere");
  secure =
      strcmp (g_uri_get_scheme (next), "https") == 0
      || (strcmp (g_uri_get_scheme (next), "http") == 0 && strcmp (g_uri_get_scheme (op->uri), "http") == 0
          && ks_base_url_is_loopback (g_uri_get_host (next)));
  if (!secure)
    return fail (error, KS_MATRIX_ERROR_INSECURE, status, KS_WELL_KNOWN_PROMPT, "a redirect to http");
  if (++op->redirects > KS_WELL_KNOWN_MAX_REDIRECTS)
    return prompt (error, status, "too many redirects");
  g_uri_unref (op->uri);
  op->uri = g_steal_pointer (&next);
  return KS_STEP_AGAIN;
}

static KsStepVerdict
sent (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) fault = NULL;
  guint status;

  op->body = soup_session_send_finish (op->session, result, &fault);
  if (op->body == NULL)
    {
      g_propagate_error (error, ks_http_translate (g_steal_pointer (&fault)));
      return KS_STEP_FAIL;
    }
  status = soup_message_get_status (op->message);
  g_debug ("GET " PATH ": %u", status);
  if (status == 301 || status == 302 || status == 303 || status == 307 || status == 308)
    return redirect (op, status, error);
  if (status == 404)
    return KS_STEP_DONE;
  return status == 200 ? KS_STEP_NEXT : prompt (error, status, "a status other than 200 and 404");
}

static void
read_begin (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  g_input_stream_read_async (op->body, op->bytes + op->size, sizeof op->bytes - op->size, G_PRIORITY_DEFAULT,
                             cancellable, ready, run);
}

static KsStepVerdict
got (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) fault = NULL;
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &fault);

  if (size < 0)
    {
      g_propagate_error (error, ks_http_translate (g_steal_pointer (&fault)));
      return KS_STEP_FAIL;
    }
  op->size += (gsize) size;
  if (op->size > KS_WELL_KNOWN_MAX_SIZE)
    return prompt (error, 200, "it is too large");
  return size > 0 ? KS_STEP_AGAIN : KS_STEP_NEXT;
}

/* The specification's steps 3 to 6. Servers send the file with any type. */
static KsStepVerdict
judged (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (JsonObject) root = ks_json_parse_object (op->bytes, op->size, NULL);
  g_autoptr (GError) wrong = NULL;
  JsonObject *homeserver;
  const char *url;

  if (root == NULL)
    return prompt (error, 200, "it is not a JSON object");
  ks_json_get_object (root, "m.homeserver", &homeserver);
  if (!ks_json_get_string (homeserver, "base_url", &url))
    return prompt (error, 200, "it names no homeserver");

  op->base_url = ks_http_check_base_url (url, &wrong);
  /* What was learnt over https must not lead to http, not even on this machine. */
  if (op->base_url != NULL && strcmp (g_uri_get_scheme (op->uri), "https") == 0
      && g_str_has_prefix (op->base_url, "http:"))
    return fail (error, KS_MATRIX_ERROR_INSECURE, 200, KS_WELL_KNOWN_ERROR, "the homeserver's URL is http");
  if (g_error_matches (wrong, KS_MATRIX_ERROR, KS_MATRIX_ERROR_INSECURE))
    return fail (error, KS_MATRIX_ERROR_INSECURE, 200, KS_WELL_KNOWN_ERROR, "the homeserver's URL is http");
  if (op->base_url == NULL)
    return fail (error, KS_MATRIX_ERROR_NOT_A_HOMESERVER, 200, KS_WELL_KNOWN_ERROR,
                 "the homeserver's URL is none");
  return KS_STEP_NEXT;
}

/* Asks once, and where it is told to:
 *
 *   1. send   and again for each redirect
 *   2. read   at most 64 KiB
 *   3. judge  what it says
 */
static const KsStep steps[] = {
  { .name = "send well-known", .begin = send_begin, .end = sent },
  { .name = "read well-known", .begin = read_begin, .end = got },
  { .name = "judge well-known", .end = judged },
  { 0 },
};

void
ks_well_known_async (const char *server_name,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  Op *op = g_new0 (Op, 1);
  GTask *task;
  guint port = ks_server_name_get_port (server_name);
  g_autofree char *host = ks_server_name_get_host (server_name);
  gboolean loopback = port != 0 && ks_base_url_is_loopback (host);

  op->session = ks_line_without_features (IDLE_TIMEOUT);
  op->uri = g_uri_build (SOUP_HTTP_URI_FLAGS, loopback ? "http" : "https", NULL, host,
                         loopback ? (int) port : -1, PATH, NULL, NULL);
  op->deadline = ks_deadline_new (cancellable, PATIENCE);
  task = g_task_new (NULL, ks_deadline_get_cancellable (op->deadline), callback, user_data);
  g_task_set_source_tag (task, (gpointer) G_STRFUNC);
  g_task_set_task_data (task, op, op_free);
  ks_steps_run (task, steps);
}

gboolean
ks_well_known_finish (GAsyncResult *result, char **base_url, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) failure = NULL;

  *base_url = NULL;
  if (!g_task_propagate_boolean (G_TASK (result), &failure))
    {
      if (ks_deadline_is_over (op->deadline) && g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        fail (error, KS_MATRIX_ERROR_NETWORK, 0, NULL, "no answer within the time");
      else
        g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  *base_url = g_steal_pointer (&op->base_url);
  return TRUE;
}
