/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "hs-persona.h"

#include "hs-persona-rooms.h"

#include <string.h>

typedef struct
{
  const char *name;
  gboolean needs_token;
  gboolean (*takes) (HsRequest *request);                                    /* or NULL */
  GBytes *(*spoils) (HsRequest *request, const char **type, GBytes *honest); /* or NULL */
} Kind;

struct _HsPersona
{
  gint64 id;
  const Kind *kind;
  JsonObject *description; /* owned */
  GRegex *path;            /* owned, may be NULL */
  gint64 skip, times;      /* times: 0 for ever */
  gint64 seen, hits;
};

static void
answer (HsRequest *request, guint status, const char *type, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  hs_reply_bytes (request, status, type, bytes);
}

static gboolean
answer_html (HsRequest *request)
{
  answer (request, 200, "text/html; charset=utf-8",
          "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>Sign in to the hotel's"
          " network</h1></body></html>\n");
  return TRUE;
}

static gboolean
answer_deep_json (HsRequest *request)
{
  gint64 depth = hs_object_int (request->persona->description, "depth", 200000);
  GString *text = g_string_new (NULL);

  for (gint64 i = 0; i < depth; i++)
    g_string_append (text, "{\"a\":");
  g_string_append (text, "0");
  for (gint64 i = 0; i < depth; i++)
    g_string_append_c (text, '}');
  hs_reply_text (request, 200, g_string_free (text, FALSE));
  return TRUE;
}

/* The zeros go through the compressor piece by piece, so that the server itself
 * never holds them. */
static gboolean
answer_gzip_bomb (HsRequest *request)
{
  gint64 left = hs_object_int (request->persona->description, "size", 209715200);
  g_autoptr (GConverter) gzip = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
  g_autoptr (GOutputStream) packed = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) out = g_converter_output_stream_new (packed, gzip);
  g_autofree guint8 *zeros = g_malloc0 (1 << 20);
  g_autoptr (GBytes) bytes = NULL;

  for (; left > 0; left -= 1 << 20)
    g_output_stream_write_all (out, zeros, (gsize) MIN (left, 1 << 20), NULL, NULL, NULL);
  g_output_stream_close (out, NULL, NULL);
  bytes = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (packed));
  soup_message_headers_replace (soup_server_message_get_response_headers (request->message),
                                "Content-Encoding", "gzip");
  hs_reply_bytes (request, 200, "application/json", bytes);
  return TRUE;
}

static void
on_message_wrote_chunk (SoupServerMessage *message, gpointer data)
{
  static const char more[] = "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,"
                             "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,";
  g_autofree char *text = g_malloc (sizeof more * 512);

  for (guint i = 0; i < 512; i++)
    memcpy (text + i * (sizeof more - 1), more, sizeof more);
  soup_message_body_append (soup_server_message_get_response_body (message), SOUP_MEMORY_COPY, text,
                            strlen (text));
  soup_server_message_unpause (message);
}

static gboolean
answer_endless_body (HsRequest *request)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (request->message);

  soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (request->message), FALSE);
  g_signal_connect (request->message, "wrote-chunk", G_CALLBACK (on_message_wrote_chunk), NULL);
  answer (request, 200, "application/json", "{\"a\":[");
  return TRUE;
}

static gboolean
answer_redirect (HsRequest *request)
{
  JsonObject *description = request->persona->description;
  const char *location = hs_object_string (description, "location");

  soup_message_headers_replace (soup_server_message_get_response_headers (request->message), "Location",
                                location != NULL ? location : "/_keepsake/redirected");
  answer (request, (guint) hs_object_int (description, "status", 302), "application/json", "{}");
  return TRUE;
}

static gboolean
answer_rate_limited (HsRequest *request)
{
  gint64 seconds = hs_object_int (request->persona->description, "retry_after", 1);
  g_autofree char *header = g_strdup_printf ("%" G_GINT64_FORMAT, seconds);

  soup_message_headers_replace (soup_server_message_get_response_headers (request->message), "Retry-After",
                                header);
  hs_reply (request, 429,
            hs_object ("errcode", 's', "M_LIMIT_EXCEEDED", "error", 's', "Too Many Requests",
                       "retry_after_ms", 'i', seconds * 1000, NULL));
  return TRUE;
}

static gboolean
answer_server_error (HsRequest *request)
{
  answer (request, (guint) hs_object_int (request->persona->description, "status", 502), "text/html",
          "<html><body><h1>Bad Gateway</h1></body></html>\n");
  return TRUE;
}

static gboolean
answer_bare_404 (HsRequest *request)
{
  answer (request, 404, "application/json", "{}");
  return TRUE;
}

/* Synapse answers so where an entry is of a form that it cannot read. */
static gboolean
choke (HsRequest *request)
{
  answer (request, 500, "application/json",
          "{\"errcode\":\"M_UNKNOWN\",\"error\":\"Internal server error\"}");
  return TRUE;
}

static GBytes *
cut_in_half (HsRequest *request, const char **type, GBytes *honest)
{
  return g_bytes_new_from_bytes (honest, 0, g_bytes_get_size (honest) / 2);
}

static GBytes *
relabel (HsRequest *request, const char **type, GBytes *honest)
{
  *type = "text/html";
  return g_bytes_ref (honest);
}

static GBytes *
spoil_messages (HsRequest *request, const char **type, GBytes *honest)
{
  return hs_persona_spoil_messages (request, honest);
}

static const Kind kinds[] = {
  { .name = "html-answers", .takes = answer_html },
  { .name = "wrong-content-type", .spoils = relabel },
  { .name = "cut-json", .spoils = cut_in_half },
  { .name = "deep-json", .takes = answer_deep_json },
  { .name = "gzip-bomb", .takes = answer_gzip_bomb },
  { .name = "endless-body", .takes = answer_endless_body },
  { .name = "redirect-authenticated", .needs_token = TRUE, .takes = answer_redirect },
  { .name = "rate-limited", .takes = answer_rate_limited },
  { .name = "server-errors", .takes = answer_server_error },
  { .name = "no-errcode-404", .takes = answer_bare_404 },
  { .name = "chokes", .takes = choke },
  { .name = "always-authenticates" },
  { .name = "forgets-master-signatures" },
  { .name = "replays-messages", .spoils = spoil_messages },
  { .name = "mixes-rooms", .spoils = spoil_messages },
  { .name = "changes-sender-keys", .spoils = spoil_messages },
  { .name = "edits-as-another", .spoils = spoil_messages },
  { .name = "repeats-token", .spoils = spoil_messages },
};

HsPersona *
hs_persona_new (HsServer *server, JsonObject *description)
{
  static gint64 last_id;
  const char *name = hs_object_string (description, "name");
  const char *path = hs_object_string (description, "path");
  g_autoptr (GRegex) regex = NULL;
  const Kind *kind = NULL;
  HsPersona *self;

  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].name, name))
      kind = &kinds[i];
  if (path != NULL)
    regex = g_regex_new (path, 0, 0, NULL);
  if (kind == NULL || (json_object_has_member (description, "path") && regex == NULL))
    return NULL;
  self = g_new0 (HsPersona, 1);
  self->id = ++last_id;
  self->kind = kind;
  self->description = json_object_ref (description);
  self->path = g_steal_pointer (&regex);
  self->skip = hs_object_int (description, "skip", 0);
  self->times = hs_object_int (description, "times", 0);
  return self;
}

void
hs_persona_free (HsPersona *self)
{
  g_clear_pointer (&self->path, g_regex_unref);
  json_object_unref (self->description);
  g_free (self);
}

JsonObject *
hs_persona_describe (HsPersona *self)
{
  g_autofree char *text = hs_json_text (self->description);
  JsonObject *copy = hs_json_parse_object (text);

  json_object_set_int_member (copy, "id", self->id);
  json_object_set_int_member (copy, "hits", self->hits);
  return copy;
}

static gboolean
has_in_body (HsRequest *request, const char *text)
{
  SoupMessageBody *body = soup_server_message_get_request_body (request->message);

  return body->data != NULL && g_strstr_len (body->data, (gssize) body->length, text) != NULL;
}

static gboolean
applies (HsPersona *self, HsRequest *request)
{
  const char *method = hs_object_string (self->description, "method");

  const char *text = hs_object_string (self->description, "text");

  if ((self->kind->needs_token && request->token == NULL) || (text != NULL && !has_in_body (request, text))
      || (method != NULL && !g_str_equal (method, request->method))
      || (self->path != NULL && !g_regex_match (self->path, request->path, 0, NULL)))
    return FALSE;
  self->seen++;
  if (self->seen <= self->skip || (self->times > 0 && self->hits >= self->times))
    return FALSE;
  self->hits++;
  return TRUE;
}

gboolean
hs_persona_takes (HsRequest *request)
{
  GPtrArray *personas = request->server->personas;

  if (g_str_has_prefix (request->path, "/_keepsake/"))
    return FALSE;
  for (guint i = 0; i < personas->len && request->persona == NULL; i++)
    if (applies (g_ptr_array_index (personas, i), request))
      request->persona = g_ptr_array_index (personas, i);
  return request->persona != NULL && request->persona->kind->takes != NULL
         && request->persona->kind->takes (request);
}

gboolean
hs_persona_is (HsRequest *request, const char *name)
{
  return request->persona != NULL && g_str_equal (request->persona->kind->name, name);
}

const char *
hs_persona_string (HsRequest *request, const char *member)
{
  return hs_object_string (request->persona->description, member);
}

GBytes *
hs_persona_spoils (HsRequest *request, const char **type, GBytes *honest)
{
  if (request->persona == NULL || request->persona->kind->spoils == NULL)
    return g_bytes_ref (honest);
  return request->persona->kind->spoils (request, type, honest);
}
