/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What handlers ask of a request, and how it is answered: every answer goes out
 * through send(), where a persona may still spoil it.
 */

#include "hs-persona.h"
#include "hs-server.h"

#include <stdarg.h>
#include <string.h>

static void
note (HsRequest *request, guint status)
{
  HsServer *server = request->server;
  JsonObject *entry;

  if (g_str_has_prefix (request->path, "/_keepsake/"))
    return;
  entry = hs_object ("method", 's', request->method, "path", 's', request->path, "status", 'i',
                     (gint64) status, "user", 's', request->user, NULL);
  if (server->requests_file != NULL)
    {
      g_autofree char *line = hs_json_text (entry);

      fprintf (server->requests_file, "%s\n", line);
      fflush (server->requests_file);
    }
  json_array_add_object_element (server->requests, entry);
}

static void
send (HsRequest *request, guint status, const char *type, GBytes *bytes)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (request->message);

  g_return_if_fail (!request->answered);
  request->answered = TRUE;
  note (request, status);
  soup_server_message_set_status (request->message, status, NULL);
  soup_message_headers_replace (headers, "Access-Control-Allow-Origin", "*");
  soup_message_headers_set_content_type (headers, type, NULL);
  soup_message_body_append_bytes (soup_server_message_get_response_body (request->message), bytes);
  if (request->waiting)
    soup_server_message_unpause (request->message);
}

void
hs_reply_bytes (HsRequest *request, guint status, const char *type, GBytes *bytes)
{
  g_autoptr (GBytes) honest = g_bytes_ref (bytes);
  g_autoptr (GBytes) spoilt = hs_persona_spoils (request, &type, honest);

  send (request, status, type, spoilt);
}

void
hs_reply_text (HsRequest *request, guint status, char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

  hs_reply_bytes (request, status, "application/json", bytes);
}

void
hs_reply (HsRequest *request, guint status, JsonObject *body)
{
  hs_reply_text (request, status, hs_json_text (body));
  json_object_unref (body);
}

void
hs_reply_ok (HsRequest *request)
{
  hs_reply_text (request, 200, g_strdup ("{}"));
}

void
hs_reply_error (HsRequest *request, guint status, const char *errcode, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list values;

  va_start (values, format);
  message = g_strdup_vprintf (format, values);
  va_end (values);
  hs_reply (request, status, hs_object ("errcode", 's', errcode, "error", 's', message, NULL));
}

const char *
hs_request_query (HsRequest *request, const char *key)
{
  return request->query != NULL ? g_hash_table_lookup (request->query, key) : NULL;
}

const char *
hs_request_need_string (HsRequest *request, const char *key)
{
  const char *value = hs_object_string (request->body, key);

  if (value != NULL)
    return value;
  if (json_object_has_member (request->body, key))
    hs_reply_error (request, 400, "M_BAD_JSON", "%s must be a string", key);
  else
    hs_reply_error (request, 400, "M_MISSING_PARAM", "Missing params: ['%s']", key);
  return NULL;
}

gboolean
hs_request_need_self (HsRequest *request, guint index, const char *what)
{
  if (g_str_equal (request->params[index], request->user))
    return TRUE;
  hs_reply_error (request, 403, "M_FORBIDDEN", "Cannot %s for other users.", what);
  return FALSE;
}

void
hs_request_free (HsRequest *request)
{
  g_clear_handle_id (&request->timeout, g_source_remove);
  g_clear_object (&request->message);
  g_clear_pointer (&request->query, g_hash_table_unref);
  g_clear_pointer (&request->body, json_object_unref);
  g_strfreev (request->params);
  g_free (request->token);
  g_free (request->user);
  g_free (request->device);
  g_free (request);
}
