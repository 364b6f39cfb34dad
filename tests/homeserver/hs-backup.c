/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /room_keys/keys (client-server API, "Server-side key backups"): stored, merged,
 * read and deleted, for one session, a room or all.
 */

#include "hs-backup.h"

#include <string.h>

/* The version in the query, or 0: answered. */
static gint64
need_version (HsRequest *request)
{
  const char *text = hs_request_query (request, "version");
  gint64 version;

  if (text == NULL)
    {
      hs_reply_error (request, 400, "M_MISSING_PARAM", "Missing string query parameter 'version'");
      return 0;
    }
  version = hs_backup_find (request->server, request->user, text);
  if (version == 0)
    hs_reply_error (request, 404, "M_NOT_FOUND", "Unknown backup version");
  return version;
}

static void
reply_count (HsRequest *request, gint64 version)
{
  g_autofree char *etag = hs_backup_etag (request->server, request->user, version);

  hs_reply (request, 200,
            hs_object ("etag", 's', etag, "count", 'i',
                       hs_backup_count (request->server, request->user, version), NULL));
}

typedef enum
{
  UNCHANGED,
  STORED,
  INCOMPLETE, /* which Synapse answers as a fault of its own */
  NOT_BOOLEAN,
} Outcome;

/* The rule by which an entry replaces the stored one: verified over unverified,
 * then a lower first_message_index, then a lower forwarded_count. */
static const char merge[] =
    "INSERT INTO backup_session VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET"
    " first_message_index = ?5, forwarded_count = ?6, is_verified = ?7, session_data = ?8"
    " WHERE (?7 AND NOT is_verified) OR ?5 < first_message_index OR ?6 < forwarded_count";

static Outcome
store (HsRequest *request, gint64 version, const char *room, const char *session, JsonObject *entry)
{
  JsonNode *is_verified = entry != NULL ? json_object_get_member (entry, "is_verified") : NULL;
  g_autofree char *data = NULL;

  if (is_verified == NULL)
    return INCOMPLETE;
  if (json_node_get_value_type (is_verified) != G_TYPE_BOOLEAN)
    return NOT_BOOLEAN;
  if (!json_object_has_member (entry, "first_message_index")
      || !json_object_has_member (entry, "forwarded_count")
      || !json_object_has_member (entry, "session_data"))
    return INCOMPLETE;
  data = hs_json_node_text (json_object_get_member (entry, "session_data"));
  hs_database_run (request->server->db, merge, "sissiiis", request->user, version, room, session,
                   hs_object_int (entry, "first_message_index", 0),
                   hs_object_int (entry, "forwarded_count", 0), (gint64) json_node_get_boolean (is_verified),
                   data);
  return hs_database_changes (request->server->db) > 0 ? STORED : UNCHANGED;
}

/* FALSE: answered. Nothing is kept then. */
static gboolean
store_room (HsRequest *request, gint64 version, const char *room, JsonObject *sessions, gboolean *changed)
{
  g_autoptr (GList) names = NULL;

  if (sessions == NULL)
    {
      hs_reply_error (request, 500, "M_UNKNOWN", "Internal server error");
      return FALSE;
    }
  names = json_object_get_members (sessions);
  for (GList *l = names; l != NULL; l = l->next)
    switch (store (request, version, room, l->data, hs_object_object (sessions, l->data)))
      {
      case UNCHANGED:
        break;
      case STORED:
        *changed = TRUE;
        break;
      case INCOMPLETE:
        hs_reply_error (request, 500, "M_UNKNOWN", "Internal server error");
        return FALSE;
      case NOT_BOOLEAN:
        hs_reply_error (request, 400, "M_INVALID_PARAM", "is_verified must be a boolean");
        return FALSE;
      }
  return TRUE;
}

static gboolean
store_rooms (HsRequest *request, gint64 version, JsonObject *rooms, gboolean *changed)
{
  g_autoptr (GList) names = json_object_get_members (rooms);

  for (GList *l = names; l != NULL; l = l->next)
    if (!store_room (request, version, l->data,
                     hs_object_object (hs_object_object (rooms, l->data), "sessions"), changed))
      return FALSE;
  return TRUE;
}

/* The body, whatever it is of, as rooms of sessions. */
static JsonObject *
as_rooms (HsRequest *request)
{
  guint scope = g_strv_length (request->params);
  JsonObject *body = json_object_ref (request->body);

  if (scope == 0)
    {
      JsonObject *rooms = hs_object_object (body, "rooms");

      rooms = rooms != NULL ? json_object_ref (rooms) : NULL;
      json_object_unref (body);
      return rooms;
    }
  if (scope == 2)
    body = hs_object ("sessions", 'o', hs_object (request->params[1], 'o', body, NULL), NULL);
  return hs_object (request->params[0], 'o', body, NULL);
}

static void
put (HsRequest *request)
{
  HsDatabase *db = request->server->db;
  gint64 version = need_version (request);
  g_autoptr (JsonObject) rooms = NULL;
  gboolean changed = FALSE;

  if (version == 0)
    return;
  if (version != hs_backup_current (request->server, request->user))
    {
      /* Synapse echoes the version that it was sent, not the current one. */
      hs_reply (request, 403,
                hs_object ("errcode", 's', "M_WRONG_ROOM_KEYS_VERSION", "error", 's',
                           "Wrong room_keys version", "current_version", 's',
                           hs_request_query (request, "version"), NULL));
      return;
    }
  rooms = as_rooms (request);
  if (rooms == NULL)
    {
      hs_reply_error (request, 500, "M_UNKNOWN", "Internal server error");
      return;
    }
  hs_database_run (db, "BEGIN", "");
  if (!store_rooms (request, version, rooms, &changed))
    {
      hs_database_run (db, "ROLLBACK", "");
      return;
    }
  if (changed)
    hs_database_run (db, "UPDATE backup SET etag = etag + 1 WHERE user = ? AND version = ?", "si",
                     request->user, version);
  hs_database_run (db, "COMMIT", "");
  reply_count (request, version);
}

/* Matches all with no parameter, a room with one, a session with two. */
#define SCOPE \
  " WHERE user = ?1 AND version = ?2 AND (?3 IS NULL OR room = ?3) AND (?4 IS NULL OR session = ?4)"

static const char *
param (HsRequest *request, guint index)
{
  return index < g_strv_length (request->params) ? request->params[index] : NULL;
}

static void
append_json_string (GString *text, const char *string)
{
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), string);
  g_autofree char *quoted = hs_json_node_text (node);

  g_string_append (text, quoted);
}

static void
append_entry (GString *text, HsRows *rows)
{
  g_string_append_printf (text,
                          "{\"first_message_index\":%" G_GINT64_FORMAT
                          ",\"forwarded_count\":%" G_GINT64_FORMAT ",\"is_verified\":%s,\"session_data\":%s}",
                          hs_rows_int (rows, 2), hs_rows_int (rows, 3),
                          hs_rows_int (rows, 4) ? "true" : "false", hs_rows_text (rows, 5));
}

/* Written as text, because a backup may hold a hundred thousand keys. Rows come
 * room by room. */
static char *
all_rooms (HsRows *rows, gboolean only_sessions)
{
  GString *text = g_string_new (only_sessions ? "{\"sessions\":{" : "{\"rooms\":{");
  g_autofree char *room = NULL;

  while (hs_rows_next (rows))
    {
      gboolean next_room = g_strcmp0 (room, hs_rows_text (rows, 0)) != 0;

      if (room != NULL)
        g_string_append (text, next_room ? "}}," : ",");
      if (next_room)
        {
          g_free (room);
          room = g_strdup (hs_rows_text (rows, 0));
          if (!only_sessions)
            {
              append_json_string (text, room);
              g_string_append (text, ":{\"sessions\":{");
            }
        }
      append_json_string (text, hs_rows_text (rows, 1));
      g_string_append_c (text, ':');
      append_entry (text, rows);
    }
  g_string_append (text, room != NULL && !only_sessions ? "}}}}" : "}}");
  return g_string_free (text, FALSE);
}

static void
get (HsRequest *request)
{
  gint64 version = need_version (request);
  g_autoptr (HsRows) rows = NULL;
  GString *text;

  if (version == 0)
    return;
  rows = hs_database_query (request->server->db,
                            "SELECT room, session, first_message_index, forwarded_count,"
                            " is_verified, session_data FROM backup_session" SCOPE " ORDER BY room, session",
                            "siss", request->user, version, param (request, 0), param (request, 1));
  if (param (request, 1) == NULL)
    {
      hs_reply_text (request, 200, all_rooms (rows, param (request, 0) != NULL));
      return;
    }
  if (!hs_rows_next (rows))
    {
      hs_reply_error (request, 404, "M_NOT_FOUND", "No room_keys found");
      return;
    }
  text = g_string_new (NULL);
  append_entry (text, rows);
  hs_reply_text (request, 200, g_string_free (text, FALSE));
}

/* Any version may be emptied, and its etag rises even if nothing was there. */
static void delete (HsRequest *request)
{
  gint64 version = need_version (request);

  if (version == 0)
    return;
  hs_database_run (request->server->db, "DELETE FROM backup_session" SCOPE, "siss", request->user, version,
                   param (request, 0), param (request, 1));
  hs_database_run (request->server->db, "UPDATE backup SET etag = etag + 1 WHERE user = ? AND version = ?",
                   "si", request->user, version);
  reply_count (request, version);
}

const HsRoute hs_backup_routes[] = {
  { "PUT", "room_keys/keys", HS_AUTH | HS_BODY, put },
  { "PUT", "room_keys/keys/{}", HS_AUTH | HS_BODY, put },
  { "PUT", "room_keys/keys/{}/{}", HS_AUTH | HS_BODY, put },
  { "GET", "room_keys/keys", HS_AUTH, get },
  { "GET", "room_keys/keys/{}", HS_AUTH, get },
  { "GET", "room_keys/keys/{}/{}", HS_AUTH, get },
  { "DELETE", "room_keys/keys", HS_AUTH, delete },
  { "DELETE", "room_keys/keys/{}", HS_AUTH, delete },
  { "DELETE", "room_keys/keys/{}/{}", HS_AUTH, delete },
  { 0 },
};
