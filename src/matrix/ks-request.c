/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-request.h"

#include <string.h>

#include "matrix/ks-request-private.h"

/* Makes one segment of @value. Dots are never encoded by anybody, and servers
 * and proxies resolve "." and ".." even in their encoded form. */
static void
append_segment (KsRequest *request, const char *value)
{
  if (value[0] == '\0' || strcmp (value, ".") == 0 || strcmp (value, "..") == 0)
    request->unacceptable = "an identifier that no path can hold";
  else if (!g_utf8_validate (value, -1, NULL))
    request->unacceptable = "an identifier that is not UTF-8";
  else
    g_string_append_uri_escaped (request->path, value, NULL, FALSE);
}

KsRequest *
ks_request_new (const char *method, const char *path, ...)
{
  KsRequest *request = g_new0 (KsRequest, 1);
  const char *from = path;
  const char *hole;
  const char *value;
  va_list args;

  request->references = 1;
  request->method = g_intern_string (method);
  request->template = g_strdup (path);
  request->path = g_string_new (NULL);
  request->query = g_string_new (NULL);
  request->limit = KS_REQUEST_LIMIT_CONTROL;
  request->patience = KS_REQUEST_PATIENCE_OF_CLIENT;
  request->repeatable = strcmp (method, "GET") == 0;

  va_start (args, path);
  while ((hole = strstr (from, "{}")) != NULL)
    {
      g_string_append_len (request->path, from, hole - from);
      from = hole + 2;
      value = va_arg (args, const char *);
      if (value == NULL)
        g_error ("%s: a parameter is missing", path);
      append_segment (request, value);
    }
  if (va_arg (args, const char *) != NULL)
    g_error ("%s: a parameter too many", path);
  va_end (args);
  g_string_append (request->path, from);
  return request;
}

KsRequest *
ks_request_ref (KsRequest *request)
{
  request->references++;
  return request;
}

void
ks_request_unref (KsRequest *request)
{
  if (request == NULL || --request->references > 0)
    return;
  g_free (request->template);
  g_string_free (request->path, TRUE);
  g_string_free (request->query, TRUE);
  g_clear_pointer (&request->body, g_bytes_unref);
  g_clear_pointer (&request->gate, ks_gate_unref);
  g_free (request);
}

void
ks_request_add_query (KsRequest *request, const char *name, const char *value)
{
  if (value == NULL)
    return;
  if (!g_utf8_validate (value, -1, NULL))
    request->unacceptable = "a parameter that is not UTF-8";
  if (request->query->len > 0)
    g_string_append_c (request->query, '&');
  g_string_append_uri_escaped (request->query, name, NULL, FALSE);
  g_string_append_c (request->query, '=');
  g_string_append_uri_escaped (request->query, value, NULL, FALSE);
}

void
ks_request_set_body (KsRequest *request, JsonObject *body)
{
  gsize size;
  char *text = ks_json_to_text (body, &size, NULL);

  g_clear_pointer (&request->body, g_bytes_unref);
  if (text == NULL)
    request->unacceptable = "a body that cannot be written as JSON";
  else
    request->body = g_bytes_new_take (text, size);
}

void
ks_request_set_text_body (KsRequest *request, GBytes *text)
{
  g_clear_pointer (&request->body, g_bytes_unref);
  request->body = g_bytes_ref (text);
}

static void
unref_secret (gpointer secret)
{
  ks_secret_unref (secret);
}

void
ks_request_set_secret_body (KsRequest *request, KsSecret *text)
{
  g_clear_pointer (&request->body, g_bytes_unref);
  if (text == NULL)
    {
      request->unacceptable = "a body that cannot be written as JSON";
      return;
    }
  request->body = g_bytes_new_with_free_func (ks_secret_bytes (text), ks_secret_size (text), unref_secret,
                                              ks_secret_ref (text));
}

void
ks_request_set_limit (KsRequest *request, gsize bytes)
{
  request->limit = bytes;
}

void
ks_request_set_repeatable (KsRequest *request, gboolean repeatable)
{
  request->repeatable = repeatable;
}

void
ks_request_set_online_only (KsRequest *request)
{
  request->online_only = TRUE;
}

void
ks_request_set_patience (KsRequest *request, guint milliseconds)
{
  request->patience = milliseconds;
}

void
ks_request_set_anonymous (KsRequest *request)
{
  request->anonymous = TRUE;
}

void
ks_request_set_secret_answer (KsRequest *request)
{
  request->secret_answer = TRUE;
}

void
ks_request_set_any_type (KsRequest *request)
{
  request->any_type = TRUE;
}

void
ks_request_set_gate (KsRequest *request, KsGate *gate)
{
  g_clear_pointer (&request->gate, ks_gate_unref);
  request->gate = gate != NULL ? ks_gate_ref (gate) : NULL;
}

void
ks_request_set_measure (KsRequest *request, KsRequestMeasureFunc measure, gpointer data)
{
  request->measure = measure;
  request->measure_data = data;
}

void
ks_request_set_cut (KsRequest *request, const char *list, const char *const *kept)
{
  request->cut_list = list;
  request->cut_kept = kept;
}
