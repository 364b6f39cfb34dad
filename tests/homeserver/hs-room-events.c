/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is in a room: events sent, state, history (client-server API, "Rooms",
 * "Room events").
 */

#include <stdlib.h>
#include <string.h>

#include "hs-events.h"
#include "hs-server.h"

/* An event may be 65,536 bytes long with all that the server adds. */
#define MAX_CONTENT 64700

/* NULL: answered. */
static JsonObject *
need_content (HsRequest *request)
{
  g_autofree char *text = hs_json_text (request->body);

  if (!hs_event_need_joined (request, request->params[0]))
    return NULL;
  if (strlen (text) <= MAX_CONTENT)
    return json_object_ref (request->body);
  hs_reply_error (request, 413, "M_TOO_LARGE", "event too large");
  return NULL;
}

/* The same transaction again is the same event again. */
static void
send_event (HsRequest *request)
{
  const char *room = request->params[0];
  JsonObject *content;
  g_autofree char *id =
      hs_database_text (request->server->db,
                        "SELECT id FROM event WHERE room = ? AND sender = ? AND device = ? AND txn = ?",
                        "ssss", room, request->user, request->device, request->params[2]);

  if (id == NULL)
    {
      if ((content = need_content (request)) == NULL)
        return;
      id = hs_event_add (request->server, room, request->params[1], NULL, request->user, request->device,
                         request->params[2], content);
    }
  hs_reply (request, 200, hs_object ("event_id", 's', id, NULL));
}

static const char *
state_key (HsRequest *request)
{
  return request->params[2] != NULL ? request->params[2] : "";
}

static void
set_state (HsRequest *request)
{
  JsonObject *content = need_content (request);
  g_autofree char *id = NULL;

  if (content == NULL)
    return;
  id = hs_event_add (request->server, request->params[0], request->params[1], state_key (request),
                     request->user, NULL, NULL, content);
  hs_reply (request, 200, hs_object ("event_id", 's', id, NULL));
}

static void
get_state (HsRequest *request)
{
  JsonObject *content;

  if (!hs_event_need_joined (request, request->params[0]))
    return;
  content = hs_event_state (request->server, request->params[0], request->params[1], state_key (request));
  if (content == NULL)
    hs_reply_error (request, 404, "M_NOT_FOUND", "Event not found.");
  else
    hs_reply (request, 200, content);
}

static void
list_state (HsRequest *request)
{
  g_autoptr (HsRows) rows = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonArray *list;

  if (!hs_event_need_joined (request, request->params[0]))
    return;
  list = json_array_new ();
  rows = hs_database_query (request->server->db,
                            "SELECT " HS_EVENT_COLUMNS
                            " FROM event WHERE stream IN (SELECT stream FROM state WHERE"
                            " room = ?) ORDER BY stream",
                            "s", request->params[0]);
  while (hs_rows_next (rows))
    json_array_add_object_element (list, hs_event_json (request, rows, TRUE));
  node = json_node_init_array (json_node_alloc (), list);
  json_array_unref (list);
  hs_reply_text (request, 200, hs_json_node_text (node));
}

static void
get_event (HsRequest *request)
{
  g_autoptr (HsRows) rows = NULL;

  if (!hs_event_need_joined (request, request->params[0]))
    return;
  rows = hs_database_query (request->server->db,
                            "SELECT " HS_EVENT_COLUMNS " FROM event WHERE room = ? AND id = ?", "ss",
                            request->params[0], request->params[1]);
  if (hs_rows_next (rows))
    hs_reply (request, 200, hs_event_json (request, rows, TRUE));
  else
    hs_reply_error (request, 404, "M_NOT_FOUND", "Event not found.");
}

/* What is left of an event that was redacted: its content is gone (room version 11). */
static void
redact (HsRequest *request)
{
  HsDatabase *db = request->server->db;
  const char *room = request->params[0];
  const char *target = request->params[1];
  JsonObject *content;
  g_autofree char *id = NULL;

  if (!hs_event_need_joined (request, room))
    return;
  content = json_object_ref (request->body);
  json_object_set_string_member (content, "redacts", target);
  id = hs_event_add (request->server, room, "m.room.redaction", NULL, request->user, request->device,
                     request->params[2], content);
  hs_database_run (db,
                   "INSERT OR IGNORE INTO redaction SELECT ?, stream FROM event WHERE id = ? AND EXISTS"
                   " (SELECT 1 FROM event WHERE id = ? AND room = ?)",
                   "ssss", target, id, target, room);
  hs_database_run (db, "UPDATE event SET content = '{}' WHERE id = ? AND room = ?", "ss", target, room);
  hs_reply (request, 200, hs_object ("event_id", 's', id, NULL));
}

/* A token of /sync ("s12_3") or of /messages ("t12"): where in the stream. */
static gint64
position (const char *token)
{
  return strtoll (token + 1, NULL, 10);
}

static char *
token (gint64 stream)
{
  return g_strdup_printf ("t%" G_GINT64_FORMAT, stream);
}

/* Whether the filter of the query lets @type through. */
static gboolean
takes_type (JsonObject *filter, const char *type)
{
  JsonArray *types = filter != NULL ? hs_object_array (filter, "types") : NULL;

  for (guint i = 0; types != NULL && i < json_array_get_length (types); i++)
    if (g_strcmp0 (json_array_get_string_element (types, i), type) == 0)
      return TRUE;
  return types == NULL;
}

/* A token stands behind the event of its number: "b" reads it and those before
 * it, "f" those after it. */
static void
messages (HsRequest *request)
{
  const char *dir = hs_request_query (request, "dir");
  const char *from = hs_request_query (request, "from");
  const char *limit_text = hs_request_query (request, "limit");
  const char *filter_text = hs_request_query (request, "filter");
  gboolean back = g_strcmp0 (dir, "b") == 0;
  gint64 limit = limit_text != NULL ? CLAMP (strtoll (limit_text, NULL, 10), 1, 1000) : 10;
  gint64 start, last = 0;
  JsonArray *chunk;
  g_autoptr (JsonObject) filter = filter_text != NULL ? hs_json_parse_object (filter_text) : NULL;
  g_autoptr (HsRows) rows = NULL;
  g_autofree char *start_token = NULL;
  g_autofree char *end_token = NULL;

  if (!hs_event_need_joined (request, request->params[0]))
    return;
  if (from != NULL)
    start = position (from);
  else
    start = back ? hs_database_last_stream (request->server->db) : 0;
  rows = hs_database_query (request->server->db,
                            back ? "SELECT " HS_EVENT_COLUMNS " FROM event WHERE room = ? AND stream <= ?"
                                   " ORDER BY stream DESC"
                                 : "SELECT " HS_EVENT_COLUMNS " FROM event WHERE room = ? AND stream > ?"
                                   " ORDER BY stream",
                            "si", request->params[0], start);
  chunk = json_array_new ();
  while (json_array_get_length (chunk) < limit && hs_rows_next (rows))
    if (takes_type (filter, hs_rows_text (rows, 3)))
      {
        last = hs_rows_int (rows, 0);
        json_array_add_object_element (chunk, hs_event_json (request, rows, TRUE));
      }
  start_token = token (start);
  if (json_array_get_length (chunk) > 0)
    end_token = token (back ? last - 1 : last);
  hs_reply (request, 200,
            hs_object ("chunk", 'a', chunk, "start", 's', start_token, "end", 's', end_token, NULL));
}

const HsRoute hs_event_routes[] = {
  { "PUT", "rooms/{}/send/{}/{}", HS_AUTH | HS_BODY, send_event },
  { "PUT", "rooms/{}/state/{}", HS_AUTH | HS_BODY, set_state },
  { "PUT", "rooms/{}/state/{}/{*}", HS_AUTH | HS_BODY, set_state },
  { "GET", "rooms/{}/state/{}", HS_AUTH, get_state },
  { "GET", "rooms/{}/state/{}/{*}", HS_AUTH, get_state },
  { "GET", "rooms/{}/state", HS_AUTH, list_state },
  { "GET", "rooms/{}/event/{}", HS_AUTH, get_event },
  { "GET", "rooms/{}/messages", HS_AUTH, messages },
  { "PUT", "rooms/{}/redact/{}/{}", HS_AUTH | HS_BODY | HS_OPTIONAL, redact },
  { 0 },
};
