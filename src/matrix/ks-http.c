/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-http.h"

#include "base/ks-steps.h"
#include "matrix/ks-base-url.h"
#include "matrix/ks-http-answer.h"
#include "matrix/ks-http-attempt.h"
#include "matrix/ks-json-find.h"
#include "matrix/ks-matrix-error.h"
#include "matrix/ks-request-private.h"

#define IDLE_TIMEOUT 60 /* seconds */

struct _KsHttp
{
  GObject parent_instance;

  char *base_url;     /* owned */
  GUri *uri;          /* owned: the same; its path has no slash at the end */
  KsBackoff *backoff; /* borrowed */
  KsLine *line;       /* owned */
  KsSecret *token;    /* owned; NULL: signed out */
  guint patience;     /* milliseconds: of requests without one of their own */
  const KsHttpClock *clock;
};

G_DEFINE_FINAL_TYPE (KsHttp, ks_http, G_TYPE_OBJECT)

static gint64
real_now (gpointer data)
{
  return g_get_monotonic_time ();
}

static GSource *
real_wait (gint64 microseconds, gpointer data)
{
  return g_timeout_source_new ((guint) (microseconds / G_TIME_SPAN_MILLISECOND + 1));
}

static gint64
real_jitter (gint64 bound, gpointer data)
{
  return (gint64) g_random_double_range (0, (double) bound);
}

static const KsHttpClock real_clock = { real_now, real_wait, real_jitter, NULL };

static void
ks_http_finalize (GObject *object)
{
  KsHttp *self = KS_HTTP (object);

  g_clear_pointer (&self->line, ks_line_unref);
  g_clear_pointer (&self->token, ks_secret_unref);
  g_clear_pointer (&self->uri, g_uri_unref);
  g_free (self->base_url);
  G_OBJECT_CLASS (ks_http_parent_class)->finalize (object);
}

static void
ks_http_class_init (KsHttpClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ks_http_finalize;
}

static void
ks_http_init (KsHttp *self)
{
  self->line = ks_line_new (IDLE_TIMEOUT);
  self->clock = &real_clock;
  self->patience = KS_REQUEST_PATIENCE;
}

KsHttp *
ks_http_new (const char *base_url, GError **error)
{
  g_autoptr (GUri) uri = ks_base_url_parse (base_url, error);
  g_autofree char *host = NULL;
  KsHttp *self;

  if (uri == NULL)
    return NULL;
  self = g_object_new (KS_TYPE_HTTP, NULL);
  self->base_url = ks_base_url_to_string (uri);
  host = g_strdup_printf ("%s:%d", g_uri_get_host (uri), g_uri_get_port (uri));
  self->backoff = ks_backoff_of_host (host);
  self->uri = g_steal_pointer (&uri);
  return self;
}

const char *
ks_http_get_base_url (KsHttp *self)
{
  return self->base_url;
}

gboolean
ks_http_set_token (KsHttp *self, KsSecret *token)
{
  if (token != NULL && ks_secret_size (token) == 0)
    return FALSE;
  for (gsize i = 0; token != NULL && i < ks_secret_size (token); i++)
    if (!g_ascii_isgraph ((char) ks_secret_bytes (token)[i]))
      return FALSE;

  g_clear_pointer (&self->token, ks_secret_unref);
  self->token = token != NULL ? ks_secret_ref (token) : NULL;
  return TRUE;
}

gboolean
ks_http_has_token (KsHttp *self)
{
  return self->token != NULL;
}

void
ks_http_set_patience (KsHttp *self, guint milliseconds)
{
  self->patience = milliseconds;
}

KsHttp *
ks_http_new_hasty (KsHttp *self, guint milliseconds)
{
  KsHttp *hasty = g_object_new (KS_TYPE_HTTP, NULL);

  hasty->base_url = g_strdup (self->base_url);
  hasty->uri = g_uri_ref (self->uri);
  hasty->backoff = self->backoff;
  g_clear_pointer (&hasty->line, ks_line_unref);
  hasty->line = ks_line_ref (self->line);
  hasty->token = self->token != NULL ? ks_secret_ref (self->token) : NULL;
  hasty->patience = MIN (self->patience, milliseconds);
  hasty->clock = self->clock;
  return hasty;
}

void
ks_http_set_idle_timeout (KsHttp *self, guint seconds)
{
  ks_line_set_idle_timeout (self->line, seconds);
}

void
ks_http_set_clock (KsHttp *self, const KsHttpClock *clock)
{
  self->clock = clock != NULL ? clock : &real_clock;
}

/* --- a call --- */

static void
call_free (gpointer data)
{
  KsHttpCall *call = data;

  ks_http_attempt_clear (call);
  ks_deadline_free (call->deadline);
  g_clear_error (&call->stopped);
  g_clear_error (&call->before);
  ks_request_unref (call->request);
  g_clear_pointer (&call->token, ks_secret_unref);
  g_uri_unref (call->uri);
  ks_line_unref (call->line);
  g_free (call);
}

static void
attempt_begin (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_http_attempt_async (op, ready, run);
}

/* Microseconds, -1 if there is none. */
static gint64
retry_after (KsHttpCall *call)
{
  const char *value =
      soup_message_headers_get_one (soup_message_get_response_headers (call->message), "Retry-After");

  return value != NULL ? ks_backoff_parse_retry_after (value, g_get_real_time () / G_TIME_SPAN_SECOND) : -1;
}

/* What went wrong with the attempt; NULL: nothing. Takes @fault over. */
static GError *
outcome (KsHttpCall *call, GError *fault)
{
  guint status;
  GError *error;

  call->unreachable = fault != NULL && ks_http_is_unreachable (fault);
  if (call->stopped != NULL)
    {
      g_clear_error (&fault);
      return g_steal_pointer (&call->stopped);
    }
  if (fault != NULL && ks_deadline_is_over (call->deadline))
    {
      g_error_free (fault);
      if (call->before != NULL)
        return g_steal_pointer (&call->before);
      return ks_matrix_error_new (KS_MATRIX_ERROR_NETWORK, 0, NULL, 0, FALSE, "no answer within the time");
    }
  if (fault != NULL)
    return ks_http_translate (fault);

  status = soup_message_get_status (call->message);
  g_debug ("%s %s: %u", call->request->method, call->request->template, status);
  error = ks_http_judge (status, call->object, retry_after (call));
  if (error == NULL && call->bytes == NULL)
    return ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER, status, NULL, 0, FALSE, "an answer without JSON");
  return error;
}

/* Tells the host's back-off how it went. The bound of the wait before the next
 * attempt, were there one. */
static gint64
learn (KsHttpCall *call, const GError *error)
{
  gint64 now = call->clock->now (call->clock->data);
  gint64 asked;

  if (call->hopeless)
    return 0;
  if (error == NULL || !ks_http_is_transient (error))
    {
      ks_backoff_succeeded (call->backoff);
      return 0;
    }
  asked = ks_matrix_error_get_retry_after (error) * G_TIME_SPAN_SECOND;
  if (asked > 0)
    {
      ks_backoff_asked (call->backoff, now, asked);
      return 0;
    }
  return ks_backoff_failed (call->backoff, call->attempt_begun, now);
}

/* Whether another attempt is allowed; sets the wait before it. */
static gboolean
may_repeat (KsHttpCall *call, const GError *error, gint64 bound)
{
  gint64 now = call->clock->now (call->clock->data);
  gint64 wait;

  if (call->unreachable && call->request->online_only)
    return FALSE;
  if (!call->request->repeatable || call->chunk_given || call->hopeless
      || ks_deadline_is_over (call->deadline) || !ks_http_is_transient (error))
    return FALSE;

  call->delay = bound > 0 ? call->clock->jitter (bound, call->clock->data) : 0;
  wait = MAX (call->delay, ks_backoff_asked_wait (call->backoff, now));
  return call->patience == 0 || now + wait <= call->begun + call->patience * G_TIME_SPAN_MILLISECOND;
}

/* What the server has said tells more than that it was not waited for in the middle of the next attempt; but
 * what that one has changed nobody knows. Takes @failure. */
static void
keep (KsHttpCall *call, GError *failure)
{
  g_clear_error (&call->before);
  if (g_str_equal (call->request->method, "PUT") || g_str_equal (call->request->method, "DELETE"))
    g_error_free (failure);
  else
    call->before = failure;
}

static KsStepVerdict
attempted (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  KsHttpCall *call = op;
  g_autoptr (GError) failure = NULL;
  gint64 bound;

  ks_http_attempt_finish (result, &failure);
  failure = outcome (call, g_steal_pointer (&failure));
  ks_http_attempt_release (call);
  if (failure == NULL)
    {
      learn (call, NULL);
      return KS_STEP_NEXT;
    }
  if (!g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      bound = learn (call, failure);
      if (may_repeat (call, failure, bound))
        {
          keep (call, g_steal_pointer (&failure));
          return KS_STEP_AGAIN;
        }
    }
  g_debug ("%s %s: %s", call->request->method, call->request->template, failure->message);
  ks_matrix_error_set_request (failure, call->request->method, call->request->template);
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

/* A call is one attempt after another until the server has answered, or there is
 * no point in another one. A stop leaves open whether the server acted. */
static const KsStep steps[] = {
  { .name = "attempt", .begin = attempt_begin, .end = attempted },
  { 0 },
};

static KsHttpCall *
call_new (KsHttp *self, KsRequest *request, GCancellable *cancellable)
{
  KsHttpCall *call = g_new0 (KsHttpCall, 1);

  call->line = ks_line_ref (self->line);
  call->uri = g_uri_ref (self->uri);
  call->token = self->token != NULL ? ks_secret_ref (self->token) : NULL;
  call->request = ks_request_ref (request);
  call->clock = self->clock;
  call->backoff = self->backoff;
  call->begun = self->clock->now (self->clock->data);
  call->patience = request->patience == KS_REQUEST_PATIENCE_OF_CLIENT ? self->patience : request->patience;
  call->deadline = ks_deadline_new (cancellable, call->patience);
  return call;
}

static void
start (KsHttp *self,
       KsRequest *request,
       KsHttpChunkFunc on_chunk,
       gpointer chunk_data,
       const char *tag,
       GCancellable *cancellable,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  KsHttpCall *call = call_new (self, request, cancellable);

  g_task_set_source_tag (task, (gpointer) tag);
  g_task_set_task_data (task, call, call_free);
  call->on_chunk = on_chunk;
  call->chunk_data = chunk_data;
  if (request->unacceptable != NULL)
    {
      g_task_return_error (task, ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER, 0, NULL, 0, FALSE,
                                                      "not sent: %s", request->unacceptable));
      g_object_unref (task);
      return;
    }
  ks_steps_run (task, steps);
}

void
ks_http_send_async (KsHttp *self,
                    KsRequest *request,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  start (self, request, NULL, NULL, G_STRFUNC, cancellable, callback, user_data);
}

JsonObject *
ks_http_send_finish_refusal (KsHttp *self, GAsyncResult *result, JsonObject **refusal, GError **error)
{
  KsHttpCall *call = g_task_get_task_data (G_TASK (result));

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  if (refusal != NULL)
    *refusal = NULL;
  if (g_task_propagate_boolean (G_TASK (result), error))
    return g_steal_pointer (&call->object);
  if (refusal != NULL)
    *refusal = g_steal_pointer (&call->object);
  return NULL;
}

JsonObject *
ks_http_send_finish (KsHttp *self, GAsyncResult *result, GError **error)
{
  return ks_http_send_finish_refusal (self, result, NULL, error);
}

JsonObject *
ks_http_send_finish_secrets (
    KsHttp *self, GAsyncResult *result, const char *const *names, KsSecret **secrets, GError **error)
{
  KsHttpCall *call = g_task_get_task_data (G_TASK (result));
  JsonObject *object;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (call->request->secret_answer, NULL);

  for (gsize i = 0; names[i] != NULL; i++)
    secrets[i] = NULL;
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  object = ks_json_parse_object_with_secrets (call->bytes->data, call->bytes->len, names, secrets, error);
  for (gsize i = 0; object == NULL && names[i] != NULL; i++)
    secrets[i] = ks_json_find_token (call->bytes->data, call->bytes->len, names[i]);
  return object;
}

void
ks_http_stream_async (KsHttp *self,
                      KsRequest *request,
                      KsHttpChunkFunc on_chunk,
                      gpointer chunk_data,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  start (self, request, on_chunk, chunk_data, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_http_stream_finish (KsHttp *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
