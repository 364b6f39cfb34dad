/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "hs-server.h"

#include <string.h>
#include <sys/socket.h>

#include "hs-persona.h"
#include "hs-sync.h"
#include "hs-uia.h"

static const char not_found[] = "<html><head><title>404 - No Such Resource</title></head></html>\n";

/* Synapse's, with its media repository switched on. */
#define MAX_BODY 52428800

static const HsRoute *const tables[] = {
  hs_account_routes, hs_account_data_routes,  hs_backup_routes, hs_backup_version_routes,
  hs_control_routes, hs_cross_signing_routes, hs_device_routes, hs_event_routes,
  hs_key_routes,     hs_login_routes,         hs_media_routes,  hs_register_routes,
  hs_room_routes,    hs_signature_routes,     hs_sync_routes,   hs_to_device_routes,
};

/* What the template's {} and {*} stand for, or NULL if it is not the path's. */
static char **
match (const char *template, const char *path)
{
  g_auto (GStrv) want = g_strsplit (template, "/", -1);
  g_auto (GStrv) have = g_strsplit (path, "/", -1);
  g_autoptr (GPtrArray) params = g_ptr_array_new_with_free_func (g_free);

  if (g_strv_length (want) != g_strv_length (have))
    return NULL;
  for (guint i = 0; want[i] != NULL; i++)
    {
      if (want[i][0] != '{')
        {
          if (!g_str_equal (want[i], have[i]))
            return NULL;
          continue;
        }
      if (have[i][0] == '\0' && g_str_equal (want[i], "{}"))
        return NULL;
      g_ptr_array_add (params, g_uri_unescape_string (have[i], NULL));
      if (g_ptr_array_index (params, params->len - 1) == NULL)
        return NULL;
    }
  g_ptr_array_add (params, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&params), FALSE);
}

static const char *
below_client_api (const char *path)
{
  static const char *const prefixes[] = { "/_matrix/client/v3/", "/_matrix/client/r0/" };

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (path, prefixes[i]))
      return path + strlen (prefixes[i]);
  return NULL;
}

/* Sets the request's params. @known: the path is one, if only for another method. */
static const HsRoute *
find_route (HsRequest *request, gboolean *known)
{
  const char *below = below_client_api (request->path);

  *known = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    for (const HsRoute *route = tables[i]; route->method != NULL; route++)
      {
        const char *path = route->path[0] == '/' ? request->path : below;
        g_auto (GStrv) params = path != NULL ? match (route->path, path) : NULL;

        if (params == NULL)
          continue;
        *known = TRUE;
        if (!g_str_equal (route->method, request->method))
          continue;
        request->params = g_steal_pointer (&params);
        return route;
      }
  return NULL;
}

static gboolean
authenticate (HsRequest *request)
{
  g_autoptr (HsRows) rows = NULL;

  if (request->token == NULL)
    {
      hs_reply_error (request, 401, "M_MISSING_TOKEN", "Missing access token");
      return FALSE;
    }
  rows = hs_database_query (request->server->db, "SELECT user, device FROM token WHERE token = ?", "s",
                            request->token);
  if (!hs_rows_next (rows))
    {
      hs_reply (request, 401,
                hs_object ("errcode", 's', "M_UNKNOWN_TOKEN", "error", 's', "Invalid access token passed.",
                           "soft_logout", 'b', FALSE, NULL));
      return FALSE;
    }
  request->user = g_strdup (hs_rows_text (rows, 0));
  request->device = g_strdup (hs_rows_text (rows, 1));
  hs_database_run (request->server->db, "UPDATE device SET seen = ? WHERE user = ? AND device = ?", "iss",
                   g_get_real_time () / 1000, request->user, request->device);
  return TRUE;
}

static gboolean
read_body (HsRequest *request, HsRouteFlags flags)
{
  SoupMessageBody *body = soup_server_message_get_request_body (request->message);
  g_autoptr (GBytes) bytes = soup_message_body_flatten (body);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonNode *root;

  if (g_bytes_get_size (bytes) == 0 && (flags & HS_OPTIONAL) != 0)
    {
      request->body = json_object_new ();
      return TRUE;
    }
  if (g_bytes_get_size (bytes) == 0
      || !json_parser_load_from_data (parser, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL)
      || (root = json_parser_get_root (parser)) == NULL)
    {
      hs_reply_error (request, 400, "M_NOT_JSON", "Content not JSON.");
      return FALSE;
    }
  if (!JSON_NODE_HOLDS_OBJECT (root))
    {
      hs_reply_error (request, 400, "M_BAD_JSON", "Content must be a JSON object.");
      return FALSE;
    }
  request->body = json_node_dup_object (root);
  return TRUE;
}

static char *
token_of (HsRequest *request)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (request->message);
  const char *header = soup_message_headers_get_one (headers, "Authorization");

  if (header != NULL && g_str_has_prefix (header, "Bearer "))
    return g_strdup (header + strlen ("Bearer "));
  return g_strdup (hs_request_query (request, "access_token"));
}

static void
route (HsRequest *request)
{
  gboolean known;
  const HsRoute *found = find_route (request, &known);

  if (!g_str_has_prefix (request->path, "/_matrix/") && found == NULL)
    {
      g_autoptr (GBytes) page = g_bytes_new_static (not_found, strlen (not_found));

      hs_reply_bytes (request, 404, "text/html; charset=utf-8", page);
      return;
    }
  if (found == NULL)
    {
      hs_reply_error (request, known ? 405 : 404, "M_UNRECOGNIZED", "Unrecognized request");
      return;
    }
  if ((found->flags & HS_AUTH) != 0 && !authenticate (request))
    return;
  if ((found->flags & HS_BODY) != 0 && !read_body (request, found->flags))
    return;
  found->handler (request);
  if (!request->answered && !request->waiting)
    g_error ("%s %s was not answered", request->method, request->path);
}

static void
on_request (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
  g_autoptr (HsRequest) request = g_new0 (HsRequest, 1);

  request->server = data;
  request->message = g_object_ref (message);
  request->method = soup_server_message_get_method (message);
  request->path = g_uri_get_path (soup_server_message_get_uri (message));
  request->query = query != NULL ? g_hash_table_ref (query) : NULL;
  request->token = token_of (request);
  if (!hs_persona_takes (request))
    route (request);
  if (request->waiting)
    {
      soup_server_message_pause (message);
      g_steal_pointer (&request);
    }
}

/* A body that is too long is answered as Synapse answers it: by a TCP reset. */
static void
reset_connection (SoupServerMessage *message)
{
  GSocket *socket = soup_server_message_get_socket (message);
  struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

  if (socket == NULL || g_socket_is_closed (socket))
    return;
  setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  g_socket_close (socket, NULL);
}

static void
on_message_got_headers (SoupServerMessage *message, gpointer data)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH
      && soup_message_headers_get_content_length (headers) > MAX_BODY)
    reset_connection (message);
}

static void
on_message_got_chunk (SoupServerMessage *message, GBytes *chunk, gpointer data)
{
  if (soup_server_message_get_request_body (message)->length > MAX_BODY)
    reset_connection (message);
}

static void
on_request_started (SoupServer *soup, SoupServerMessage *message, gpointer data)
{
  g_signal_connect (message, "got-headers", G_CALLBACK (on_message_got_headers), NULL);
  g_signal_connect (message, "got-chunk", G_CALLBACK (on_message_got_chunk), NULL);
}

HsServer *
hs_server_new (
    guint port, HsDatabase *db, const char *name, const char *secret, FILE *requests, GError **error)
{
  g_autoptr (HsServer) self = g_new0 (HsServer, 1);
  GSList *uris;

  self->db = db;
  self->name = g_strdup (name);
  self->secret = g_strdup (secret);
  self->requests_file = requests;
  self->nonces = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->uia = hs_uia_table_new ();
  self->syncs = hs_sync_cache_new ();
  self->waiting = g_ptr_array_new ();
  self->personas = g_ptr_array_new_with_free_func ((GDestroyNotify) hs_persona_free);
  self->requests = json_array_new ();
  self->soup = soup_server_new ("server-header", "keepsake-test-homeserver", "raw-paths", TRUE, NULL);
  g_signal_connect (self->soup, "request-started", G_CALLBACK (on_request_started), self);
  soup_server_add_handler (self->soup, NULL, on_request, self, NULL);
  if (!soup_server_listen_local (self->soup, port, SOUP_SERVER_LISTEN_IPV4_ONLY, error))
    return NULL;
  uris = soup_server_get_uris (self->soup);
  self->url = g_strdup_printf ("http://127.0.0.1:%d/", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return g_steal_pointer (&self);
}

void
hs_server_free (HsServer *self)
{
  g_clear_handle_id (&self->wake, g_source_remove);
  hs_sync_drop_waiting (self);
  soup_server_disconnect (self->soup);
  g_clear_object (&self->soup);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  g_clear_pointer (&self->personas, g_ptr_array_unref);
  g_clear_pointer (&self->requests, json_array_unref);
  g_clear_pointer (&self->nonces, g_hash_table_unref);
  g_clear_pointer (&self->uia, g_hash_table_unref);
  g_clear_pointer (&self->syncs, g_hash_table_unref);
  g_clear_pointer (&self->requests_file, fclose);
  g_clear_pointer (&self->db, sqlite3_close);
  g_free (self->name);
  g_free (self->secret);
  g_free (self->url);
  g_free (self);
}
