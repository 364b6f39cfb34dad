/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-http-attempt.h"

#include <string.h>

#include "base/ks-steps.h"
#include "matrix/ks-json-cut.h"
#include "matrix/ks-matrix-error.h"
#include "matrix/ks-request-private.h"

#define CHUNK_SIZE (64 * 1024)

/* So many bytes of a streamed answer are worth waiting for more. */
#define USEFUL_BYTES 1024

/* Larger bodies are parsed in a thread, so that no frame is lost. */
#define PARSE_HERE (64 * 1024)

void
ks_http_attempt_release (KsHttpCall *call)
{
  if (call->request->secret_answer && call->chunk != NULL)
    ks_wipe (call->chunk, CHUNK_SIZE);
  g_clear_pointer (&call->chunk, g_free);
  g_clear_object (&call->body);
  g_clear_object (&call->message);
  g_clear_object (&call->session);
}

void
ks_http_attempt_clear (KsHttpCall *call)
{
  ks_http_attempt_release (call);
  if (call->request->secret_answer && call->bytes != NULL)
    ks_wipe (call->bytes->data, call->bytes->len);
  g_clear_pointer (&call->bytes, g_byte_array_unref);
  g_clear_pointer (&call->object, json_object_unref);
  call->received = 0;
}

/* --- wait --- */

static gboolean
on_pause_over (gpointer data)
{
  GTask *task = data;

  if (!g_task_return_error_if_cancelled (task))
    g_task_return_boolean (task, TRUE);
  return G_SOURCE_REMOVE;
}

static void
pause_begin (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsHttpCall *call = op;
  GTask *task = g_task_new (NULL, cancellable, ready, run);
  gint64 now = call->clock->now (call->clock->data);
  gint64 asked = ks_backoff_asked_wait (call->backoff, now);
  gint64 wait = MAX (asked, call->delay);
  guint patience = call->patience;
  g_autoptr (GSource) pause = NULL;
  g_autoptr (GSource) cancelled = NULL;

  g_task_set_source_tag (task, (gpointer) G_STRFUNC);
  if (patience > 0 && asked > 0 && now + wait > call->begun + patience * G_TIME_SPAN_MILLISECOND)
    {
      guint seconds = (guint) ((asked + G_TIME_SPAN_SECOND - 1) / G_TIME_SPAN_SECOND);

      call->hopeless = TRUE;
      g_task_return_error (task, ks_matrix_error_new (KS_MATRIX_ERROR_RATE_LIMITED, 0, NULL, seconds, FALSE,
                                                      "the server asked not to be asked yet"));
      g_object_unref (task);
      return;
    }
  if (wait == 0)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }

  pause = call->clock->wait (wait, call->clock->data);
  cancelled = g_cancellable_source_new (cancellable);
  g_source_set_dummy_callback (cancelled);
  g_source_add_child_source (pause, cancelled);
  g_task_attach_source (task, pause, on_pause_over);
  g_object_unref (task); /* the source has its own reference */
}

static KsStepVerdict
paused (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

/* --- send --- */

static SoupMessage *
make_message (KsHttpCall *call)
{
  KsRequest *request = call->request;
  g_autofree char *path = g_strconcat (g_uri_get_path (call->uri), request->path->str, NULL);
  g_autoptr (GUri) uri = g_uri_build (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (call->uri), NULL,
                                      g_uri_get_host (call->uri), g_uri_get_port (call->uri), path,
                                      request->query->len > 0 ? request->query->str : NULL, NULL);
  SoupMessage *message = soup_message_new_from_uri (request->method, uri);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  /* On a kept connection that turns out to be closed libsoup sends again by itself. */
  if (!request->repeatable)
    soup_message_add_flags (message, SOUP_MESSAGE_NEW_CONNECTION);
  soup_message_headers_replace (headers, "Accept", request->any_type ? "*/*" : "application/json");
  soup_message_headers_replace (headers, "Accept-Encoding", KS_LINE_ACCEPT_ENCODING);
  if (request->body != NULL)
    soup_message_set_request_body_from_bytes (message, "application/json", request->body);
  if (call->token != NULL && !request->anonymous)
    {
      gsize size = ks_secret_size (call->token);
      char *value = g_malloc (sizeof "Bearer " + size);

      /* libsoup keeps a copy of its own until the message is freed. */
      memcpy (value, "Bearer ", 7);
      memcpy (value + 7, ks_secret_bytes (call->token), size);
      value[7 + size] = '\0';
      soup_message_headers_replace (headers, "Authorization", value);
      ks_wipe_free_string (value);
    }
  return message;
}

static void
send_begin (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsHttpCall *call = op;

  call->attempt_begun = call->clock->now (call->clock->data);
  call->session = g_object_ref (ks_line_get_session (call->line));
  call->message = make_message (call);
  soup_session_send_async (call->session, call->message, G_PRIORITY_DEFAULT, cancellable, ready, run);
}

/* Whether the body is worth reading: not that of a redirect, not HTML where JSON is due. */
static gboolean
is_readable (KsHttpCall *call)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (call->message);
  const char *type = soup_message_headers_get_content_type (headers, NULL);
  guint status = soup_message_get_status (call->message);

  if (status == 200 && call->request->any_type)
    return TRUE;
  return type != NULL && g_ascii_strcasecmp (type, "application/json") == 0
         && !(status >= 300 && status < 400);
}

static KsStepVerdict
sent (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  KsHttpCall *call = op;

  call->body = soup_session_send_finish (call->session, result, error);
  if (call->body == NULL)
    {
      ks_line_failed (call->line, call->session);
      return KS_STEP_FAIL;
    }
  if (!is_readable (call))
    return KS_STEP_DONE;
  call->body = ks_line_decode (call->message, call->body, error);
  if (call->body == NULL)
    return KS_STEP_FAIL;
  call->chunk = g_malloc (CHUNK_SIZE);
  /* Of a size that never grows where it holds a secret. */
  call->bytes = g_byte_array_sized_new (call->request->secret_answer ? CHUNK_SIZE : 4096);
  return KS_STEP_NEXT;
}

/* --- read --- */

/* From now on a streamed answer has this long to bring something of use. */
static void
wait_for_use (KsHttpCall *call)
{
  ks_deadline_restart (call->deadline, ks_line_get_idle_timeout (call->line) * 1000);
}

/* A read that stands at the gate. */
typedef struct
{
  KsHttpCall *call;          /* borrowed: it cannot end before the read */
  GCancellable *cancellable; /* owned; NULL: none */
  GAsyncReadyCallback ready;
  gpointer run;
} HeldRead;

static void
on_gate_passed (GObject *source, GAsyncResult *result, gpointer data)
{
  HeldRead *held = data;

  wait_for_use (held->call);
  /* A wait that was cancelled becomes a read that is cancelled. */
  g_input_stream_read_async (held->call->body, held->call->chunk, CHUNK_SIZE, G_PRIORITY_DEFAULT,
                             held->cancellable, held->ready, held->run);
  g_clear_object (&held->cancellable);
  g_free (held);
}

static void
read_begin (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsHttpCall *call = op;
  KsGate *gate = call->on_chunk != NULL ? call->request->gate : NULL;
  HeldRead *held;

  if (gate == NULL || ks_gate_is_open (gate))
    {
      g_input_stream_read_async (call->body, call->chunk, CHUNK_SIZE, G_PRIORITY_DEFAULT, cancellable, ready,
                                 run);
      return;
    }
  ks_deadline_lift (call->deadline); /* not the server's fault */
  held = g_new0 (HeldRead, 1);
  held->call = call;
  g_set_object (&held->cancellable, cancellable);
  held->ready = ready;
  held->run = run;
  ks_gate_wait_async (gate, cancellable, on_gate_passed, held);
}

static guint64
measure (KsHttpCall *call)
{
  KsRequest *request = call->request;

  return request->measure != NULL ? request->measure (request->measure_data)
                                  : (guint64) call->received / USEFUL_BYTES;
}

static gboolean
give_chunk (KsHttpCall *call, gsize size, GError **error)
{
  gboolean first = !call->chunk_given;
  guint64 before = call->useful;

  call->chunk_given = TRUE;
  if (!call->on_chunk (call->chunk, size, call->chunk_data, &call->stopped))
    {
      g_propagate_error (error, g_error_copy (call->stopped));
      return FALSE;
    }
  call->useful = measure (call);
  if (first || call->useful > before)
    wait_for_use (call);
  return TRUE;
}

/* libsoup takes a body that is shorter than its Content-Length for complete where
 * the server had said that it would close the connection. */
static gboolean
is_whole (KsHttpCall *call, GError **error)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (call->message);

  if (soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CONTENT_LENGTH
      || soup_message_headers_get_one (headers, "Content-Encoding") != NULL
      || call->received >= soup_message_headers_get_content_length (headers))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, "the body was cut");
  return FALSE;
}

static KsStepVerdict
got (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  KsHttpCall *call = op;
  gboolean fine = soup_message_get_status (call->message) == 200;
  gsize limit = fine ? call->request->limit : KS_REQUEST_LIMIT_CONTROL;
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (source), result, error);

  if (call->request->secret_answer)
    limit = MIN (limit, CHUNK_SIZE);
  if (size < 0)
    return KS_STEP_FAIL;
  if (size == 0)
    return is_whole (call, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
  call->received += size;
  if (fine && call->on_chunk != NULL)
    return give_chunk (call, (gsize) size, error) ? KS_STEP_AGAIN : KS_STEP_FAIL;
  if ((gsize) size > limit - call->bytes->len)
    {
      g_propagate_error (error,
                         ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER,
                                              soup_message_get_status (call->message), NULL, 0, FALSE,
                                              "an answer of more than %" G_GSIZE_FORMAT " bytes", limit));
      return KS_STEP_FAIL;
    }
  g_byte_array_append (call->bytes, call->chunk, (guint) size);
  return KS_STEP_AGAIN;
}

/* --- parse --- */

typedef struct
{
  GByteArray *bytes;           /* owned */
  const char *cut_list;        /* static; NULL: nothing is to be cut */
  const char *const *cut_kept; /* static; with cut_list */
} Parse;

static void
parse_free (gpointer data)
{
  Parse *parse = data;

  g_byte_array_unref (parse->bytes);
  g_free (parse);
}

/* Once more, without those elements of a list that nobody could read. NULL, with @error as it was: that
 * is of no use. */
static JsonObject *
parse_cut (const Parse *parse, GCancellable *cancellable, GError **error)
{
  g_autoptr (GByteArray) cut = NULL;
  JsonObject *object;

  if (parse->cut_list == NULL || !g_error_matches (*error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER))
    return NULL;
  cut = ks_json_cut (parse->bytes->data, parse->bytes->len, parse->cut_list, parse->cut_kept, cancellable);
  if (cut == NULL)
    return NULL;
  object = ks_json_parse_answer (cut->data, cut->len, cancellable, NULL);
  if (object != NULL)
    g_clear_error (error);
  return object;
}

static void
parse_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Parse *parse = data;
  GError *error = NULL;
  JsonObject *object = ks_json_parse_answer (parse->bytes->data, parse->bytes->len, cancellable, &error);

  if (object == NULL)
    object = parse_cut (parse, cancellable, &error);
  if (object != NULL)
    g_task_return_pointer (task, object, (GDestroyNotify) json_object_unref);
  else
    g_task_return_error (task, error);
}

static void
parse_begin (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsHttpCall *call = op;
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, ready, run);
  gboolean fine = soup_message_get_status (call->message) == 200;
  Parse *parse;

  g_task_set_source_tag (task, (gpointer) G_STRFUNC);
  /* Answers with secrets are parsed where the secrets are taken. */
  if (fine && (call->on_chunk != NULL || call->request->secret_answer))
    {
      g_task_return_pointer (task, NULL, NULL);
      return;
    }
  parse = g_new0 (Parse, 1);
  parse->bytes = g_byte_array_ref (call->bytes);
  parse->cut_list = fine ? call->request->cut_list : NULL;
  parse->cut_kept = call->request->cut_kept;
  g_task_set_task_data (task, parse, parse_free);
  if (call->bytes->len > PARSE_HERE)
    g_task_run_in_thread (task, parse_in_thread);
  else
    parse_in_thread (task, NULL, parse, cancellable);
}

static KsStepVerdict
parsed (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  KsHttpCall *call = op;
  g_autoptr (GError) bad = NULL;

  call->object = g_task_propagate_pointer (G_TASK (result), &bad);
  /* The body of a failure only adds to its status. */
  if (bad == NULL
      || (soup_message_get_status (call->message) != 200
          && !g_error_matches (bad, G_IO_ERROR, G_IO_ERROR_CANCELLED)))
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&bad));
  return KS_STEP_FAIL;
}

/* One attempt:
 *
 *   1. pause  as long as the host asked for, or as back-off says
 *   2. send   the request, up to the headers of the answer
 *   3. read   the body, a chunk at a time; left out if it is no JSON
 *   4. parse  it, in a thread if it is large
 *
 * A stop in 1 has asked the server nothing. A stop in 2 or later leaves open
 * whether the server did what it was asked. */
static const KsStep steps[] = {
  { .name = "pause", .begin = pause_begin, .end = paused },
  { .name = "send", .begin = send_begin, .end = sent },
  { .name = "read", .begin = read_begin, .end = got },
  { .name = "parse", .begin = parse_begin, .end = parsed },
  { 0 },
};

void
ks_http_attempt_async (KsHttpCall *call, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, ks_deadline_get_cancellable (call->deadline), callback, user_data);

  ks_http_attempt_clear (call);
  g_task_set_source_tag (task, (gpointer) G_STRFUNC);
  g_task_set_task_data (task, call, NULL);
  ks_steps_run (task, steps);
}

gboolean
ks_http_attempt_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
