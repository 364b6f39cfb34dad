/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files, up and down (client-server API, "Content repository").
 */

#include "hs-server.h"

static void
config (HsRequest *request)
{
  hs_reply (request, 200, hs_object ("m.upload.size", 'i', (gint64) 52428800, NULL));
}

/* Bytes with zeros among them: bound by hand, not as text. */
static void
store (HsDatabase *db, const char *id, const char *type, const char *name, GBytes *bytes)
{
  g_autoptr (HsRows) rows =
      hs_database_query (db, "INSERT INTO media VALUES (?, ?, ?, ?)", "sss", id, type, name);
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  sqlite3_bind_blob64 (rows, 4, size > 0 ? data : "", size, SQLITE_TRANSIENT);
  hs_rows_next (rows);
}

static void
upload (HsRequest *request)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (request->message);
  const char *type = soup_message_headers_get_content_type (headers, NULL);
  g_autoptr (GBytes) bytes =
      soup_message_body_flatten (soup_server_message_get_request_body (request->message));
  g_autofree char *id = hs_random_text ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 24);
  g_autofree char *uri = g_strdup_printf ("mxc://%s/%s", request->server->name, id);

  store (request->server->db, id, type != NULL ? type : "application/octet-stream",
         hs_request_query (request, "filename"), bytes);
  hs_reply (request, 200, hs_object ("content_uri", 's', uri, NULL));
}

static void
download (HsRequest *request)
{
  g_autoptr (HsRows) rows =
      hs_database_query (request->server->db, "SELECT content, type FROM media WHERE id = ?", "s",
                         request->params[1]);
  g_autoptr (GBytes) bytes = NULL;

  if (!g_str_equal (request->params[0], request->server->name) || !hs_rows_next (rows))
    {
      hs_reply_error (request, 404, "M_NOT_FOUND", "Not found '%s'", request->path);
      return;
    }
  bytes = g_bytes_new (sqlite3_column_blob (rows, 0), (gsize) sqlite3_column_bytes (rows, 0));
  hs_reply_bytes (request, 200, hs_rows_text (rows, 1), bytes);
}

const HsRoute hs_media_routes[] = {
  { "GET", "/_matrix/client/v1/media/config", HS_AUTH, config },
  { "POST", "/_matrix/media/v3/upload", HS_AUTH, upload },
  { "GET", "/_matrix/client/v1/media/download/{}/{}", HS_AUTH, download },
  { 0 },
};
