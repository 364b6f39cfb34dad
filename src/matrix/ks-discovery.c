/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-discovery.h"

#include <string.h>

#include "base/ks-steps.h"
#include "matrix/ks-http-answer.h"
#include "matrix/ks-http.h"
#include "matrix/ks-matrix-error.h"
#include "matrix/ks-user-id.h"
#include "matrix/ks-well-known.h"

/* Milliseconds: a person waits for it. */
#define PATIENCE 30000

#define MAX_VERSIONS 256

typedef struct
{
  KsDiscovered *found; /* owned: the result, as far as it is known */
  char *name;          /* owned: the server name whose .well-known is of interest; NULL: none */
  KsHttp *http;        /* owned: what is being validated */
  GError *first;       /* owned: why the URL that was typed is no homeserver */
} Op;

void
ks_discovered_free (KsDiscovered *discovered)
{
  if (discovered == NULL)
    return;
  g_free (discovered->user_id);
  g_free (discovered->server_name);
  g_free (discovered->base_url);
  g_strfreev (discovered->versions);
  g_free (discovered);
}

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_discovered_free (op->found);
  g_free (op->name);
  g_clear_object (&op->http);
  g_clear_error (&op->first);
  g_free (op);
}

/* --- what was typed --- */

static gboolean
not_understood (GError **error)
{
  g_propagate_error (error, ks_matrix_error_new (KS_MATRIX_ERROR_NO_SUCH_SERVER, 0, NULL, 0, FALSE,
                                                 "neither a user ID, nor a server name, nor a URL"));
  return FALSE;
}

static gboolean
take_url (Op *op, const char *url, GError **error)
{
  const char *name;

  op->found->by = KS_DISCOVERED_GIVEN;
  op->found->base_url = ks_http_check_base_url (url, error);
  if (op->found->base_url == NULL)
    return FALSE;
  /* With a path somebody meant exactly this; without, perhaps the server's name. */
  name = strstr (op->found->base_url, "://") + 3;
  if (ks_server_name_is_valid (name))
    op->name = g_strdup (name);
  return TRUE;
}

static gboolean
take_name (Op *op, const char *name, GError **error)
{
  if (!ks_server_name_is_valid (name))
    return not_understood (error);
  op->name = g_strdup (name);
  op->found->server_name = g_strdup (name);
  return TRUE;
}

static gboolean
take_typed (Op *op, const char *typed, GError **error)
{
  g_autofree char *text = g_utf8_validate (typed, -1, NULL) ? g_strstrip (g_strdup (typed)) : NULL;
  g_autofree char *ascii = NULL;

  if (text == NULL || text[0] == '\0')
    return not_understood (error);
  if (strstr (text, "://") != NULL)
    return take_url (op, text, error);
  if (text[0] == '@')
    {
      if (!ks_user_id_is_valid (text))
        return not_understood (error);
      op->found->user_id = g_strdup (text);
      return take_name (op, ks_user_id_get_server_name (text), error);
    }
  if (strchr (text, '/') != NULL)
    {
      g_autofree char *url = g_strconcat ("https://", text, NULL);

      return take_url (op, url, error);
    }
  if (!g_str_is_ascii (text))
    ascii = g_hostname_to_ascii (text);
  return take_name (op, ascii != NULL ? ascii : text, error);
}

/* --- validating --- */

/* Ends a step that has nothing to do. */
static void
skip (GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, ready, run);

  g_task_set_source_tag (task, (gpointer) G_STRFUNC);
  g_task_return_boolean (task, TRUE);
}

static void
ask_versions (Op *op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/_matrix/client/versions", NULL);

  g_clear_object (&op->http);
  op->http = ks_http_new (op->found->base_url, NULL); /* it was checked before */
  ks_request_set_anonymous (request);
  ks_request_set_repeatable (request, FALSE);
  ks_request_set_patience (request, PATIENCE);
  ks_http_send_async (op->http, request, cancellable, ready, run);
}

static gboolean
read_versions (Op *op, JsonObject *answer, GError **error)
{
  g_autoptr (GStrvBuilder) versions = g_strv_builder_new ();
  gboolean current = FALSE;
  JsonArray *array;
  guint n = 0;

  if (!ks_json_get_array (answer, "versions", &array) || json_array_get_length (array) > MAX_VERSIONS)
    return ks_http_bad_answer (error, "versions");
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      const char *version;

      /* One that is none takes no other with it. */
      if (!ks_json_element_string (array, i, &version))
        continue;
      current |= g_str_has_prefix (version, "v1.");
      g_strv_builder_add (versions, version);
      n++;
    }
  if (n == 0 && json_array_get_length (array) > 0)
    return ks_http_bad_answer (error, "versions");
  op->found->versions = g_strv_builder_end (versions);
  if (current)
    return TRUE;
  g_propagate_error (error, ks_matrix_error_new (KS_MATRIX_ERROR_UNSUPPORTED, 200, NULL, 0, FALSE,
                                                 "the homeserver speaks no version 1 of the specification"));
  return FALSE;
}

/* An answer that a homeserver would not have given. */
static gboolean
is_no_homeserver (const GError *error)
{
  if (error->domain != KS_MATRIX_ERROR)
    return FALSE;
  switch ((KsMatrixErrorCode) error->code)
    {
    case KS_MATRIX_ERROR_UNSUPPORTED:
      return ks_matrix_error_get_http_status (error) != 200;
    case KS_MATRIX_ERROR_INSECURE: /* here: a redirect */
    case KS_MATRIX_ERROR_BAD_ANSWER:
    case KS_MATRIX_ERROR_UNAUTHORIZED:
    case KS_MATRIX_ERROR_FORBIDDEN:
    case KS_MATRIX_ERROR_NOT_FOUND:
    case KS_MATRIX_ERROR_TOO_LARGE:
    case KS_MATRIX_ERROR_WRONG_VERSION:
    case KS_MATRIX_ERROR_AUTH_NEEDED:
    case KS_MATRIX_ERROR_REFUSED:
      return TRUE;
    case KS_MATRIX_ERROR_NETWORK:
    case KS_MATRIX_ERROR_TLS:
    case KS_MATRIX_ERROR_NOT_A_HOMESERVER:
    case KS_MATRIX_ERROR_NO_SUCH_SERVER:
    case KS_MATRIX_ERROR_RATE_LIMITED:
    case KS_MATRIX_ERROR_SERVER:
    default:
      return FALSE;
    }
}

/* Ends ask_versions(). */
static gboolean
validated (Op *op, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (JsonObject) answer = ks_http_send_finish (op->http, result, &failure);
  gboolean well_known = op->found->by == KS_DISCOVERED_WELL_KNOWN;
  KsMatrixErrorCode code;

  if (answer != NULL && read_versions (op, answer, &failure))
    return TRUE;
  if (failure->domain != KS_MATRIX_ERROR || (!well_known && !is_no_homeserver (failure)))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  code = is_no_homeserver (failure) ? KS_MATRIX_ERROR_NOT_A_HOMESERVER : (KsMatrixErrorCode) failure->code;
  g_propagate_error (error, ks_matrix_error_new (code, ks_matrix_error_get_http_status (failure),
                                                 well_known ? KS_WELL_KNOWN_ERROR : NULL,
                                                 ks_matrix_error_get_retry_after (failure), FALSE,
                                                 "not a homeserver: %s", failure->message));
  return FALSE;
}

/* --- the steps --- */

static void
typed_begin (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  if (op->found->base_url != NULL)
    ask_versions (op, cancellable, ready, run);
  else
    skip (cancellable, ready, run);
}

static KsStepVerdict
typed_ended (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) failure = NULL;

  if (op->found->base_url == NULL)
    return g_task_propagate_boolean (G_TASK (result), error) ? KS_STEP_NEXT : KS_STEP_FAIL;
  if (validated (op, result, &failure))
    return KS_STEP_DONE;
  if (op->name == NULL || !g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_A_HOMESERVER))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  op->first = g_steal_pointer (&failure);
  return KS_STEP_NEXT;
}

static void
well_known_begin (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_well_known_async (((Op *) data)->name, cancellable, ready, run);
}

/* The server name itself may answer, on another port than .well-known's. */
static gboolean
name_may_answer (Op *op, const GError *error)
{
  guint port = ks_server_name_get_port (op->name);

  return port != 0 && port != 443
         && (g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK)
             || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_TLS));
}

static char *
url_of_name (const char *name)
{
  g_autofree char *http = g_strconcat ("http://", name, NULL);
  char *url = ks_server_name_get_port (name) != 0 ? ks_http_check_base_url (http, NULL) : NULL;

  /* http only where it stays on this machine; then .well-known was asked so too. */
  return url != NULL ? url : g_strconcat ("https://", name, NULL);
}

static KsStepVerdict
well_known_ended (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) failure = NULL;
  g_autofree char *base_url = NULL;

  gboolean asked = ks_well_known_finish (result, &base_url, &failure);

  /* A URL was typed and has been asked already: without .well-known, no hope. */
  if (base_url == NULL && op->first != NULL && !g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&op->first));
      return KS_STEP_FAIL;
    }
  if (!asked && !name_may_answer (op, failure))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  g_free (op->found->base_url);
  op->found->by = base_url != NULL ? KS_DISCOVERED_WELL_KNOWN : KS_DISCOVERED_SERVER_NAME;
  op->found->base_url = base_url != NULL ? g_steal_pointer (&base_url) : url_of_name (op->name);
  return KS_STEP_NEXT;
}

static void
found_begin (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ask_versions (data, cancellable, ready, run);
}

static KsStepVerdict
found_ended (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  return validated (data, result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

/* From what was typed to a homeserver:
 *
 *   1. typed       if it is a URL, does a homeserver answer there?
 *   2. well-known  of the server name, or of the URL's host
 *   3. found       does a homeserver answer where that leads?
 *
 * Nothing is changed anywhere. */
static const KsStep steps[] = {
  { .name = "typed", .begin = typed_begin, .end = typed_ended },
  { .name = "well-known", .begin = well_known_begin, .end = well_known_ended },
  { .name = "found", .begin = found_begin, .end = found_ended },
  { 0 },
};

void
ks_discover_async (const char *typed,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Op *op = g_new0 (Op, 1);
  GError *error = NULL;

  op->found = g_new0 (KsDiscovered, 1);
  g_task_set_source_tag (task, (gpointer) G_STRFUNC);
  g_task_set_task_data (task, op, op_free);
  if (take_typed (op, typed, &error))
    {
      ks_steps_run (task, steps);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

KsDiscovered *
ks_discover_finish (GAsyncResult *result, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  return g_steal_pointer (&op->found);
}

KsWellKnownFailure
ks_discovery_get_well_known_failure (const GError *error)
{
  const char *mark = ks_matrix_error_get_errcode (error);

  if (g_strcmp0 (mark, KS_WELL_KNOWN_PROMPT) == 0)
    return KS_WELL_KNOWN_FAIL_PROMPT;
  return g_strcmp0 (mark, KS_WELL_KNOWN_ERROR) == 0 ? KS_WELL_KNOWN_FAIL_ERROR : KS_WELL_KNOWN_FAIL_NONE;
}
