/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "hs-events.h"

static void
note_state (HsServer *server,
            const char *room,
            const char *type,
            const char *state_key,
            gint64 stream,
            JsonObject *content)
{
  hs_database_run (server->db, "INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?)", "sssi", room, type,
                   state_key, stream);
  if (g_str_equal (type, "m.room.member"))
    hs_database_run (server->db, "INSERT OR REPLACE INTO member VALUES (?, ?, ?, ?)", "sssi", room, state_key,
                     hs_object_string (content, "membership"), stream);
}

char *
hs_event_add (HsServer *server,
              const char *room,
              const char *type,
              const char *state_key,
              const char *sender,
              const char *device,
              const char *txn,
              JsonObject *content)
{
  g_autofree char *random =
      hs_random_text ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 43);
  g_autofree char *text = hs_json_text (content);
  char *id = g_strconcat ("$", random, NULL);
  gint64 stream = hs_database_next_stream (server->db);

  hs_database_run (server->db,
                   "INSERT INTO event (" HS_EVENT_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   "isssssisss", stream, id, room, type, state_key, sender, g_get_real_time () / 1000, text,
                   device, txn);
  if (state_key != NULL)
    note_state (server, room, type, state_key, stream, content);
  json_object_unref (content);
  hs_server_wake (server);
  return id;
}

void
hs_event_set_membership (
    HsServer *server, const char *room, const char *sender, const char *user, const char *membership)
{
  g_autofree char *name =
      hs_database_text (server->db, "SELECT displayname FROM account WHERE user = ?", "s", user);
  JsonObject *content = hs_object ("membership", 's', membership, NULL);

  if (name != NULL && !g_str_equal (membership, "leave"))
    json_object_set_string_member (content, "displayname", name);
  g_free (hs_event_add (server, room, "m.room.member", user, sender, NULL, NULL, content));
}

char *
hs_event_membership (HsServer *server, const char *room, const char *user)
{
  return hs_database_text (server->db, "SELECT membership FROM member WHERE room = ? AND user = ?", "ss",
                           room, user);
}

/* The event that emptied the event @id, or NULL. */
static JsonObject *
redaction_of (HsRequest *request, const char *id)
{
  g_autoptr (HsRows) rows =
      hs_database_query (request->server->db,
                         "SELECT " HS_EVENT_COLUMNS " FROM event WHERE stream = (SELECT stream FROM redaction"
                         " WHERE id = ?)",
                         "s", id);

  return hs_rows_next (rows) ? hs_event_json (request, rows, TRUE) : NULL;
}

JsonObject *
hs_event_json (HsRequest *request, HsRows *rows, gboolean with_room)
{
  gboolean own = g_strcmp0 (hs_rows_text (rows, 5), request->user) == 0
                 && g_strcmp0 (hs_rows_text (rows, 8), request->device) == 0;
  gint64 ts = hs_rows_int (rows, 6);
  JsonObject *hidden = hs_object ("age", 'i', g_get_real_time () / 1000 - ts, "transaction_id", 's',
                                  own ? hs_rows_text (rows, 9) : NULL, "redacted_because", 'o',
                                  redaction_of (request, hs_rows_text (rows, 1)), NULL);

  JsonObject *event =
      hs_object ("type", 's', hs_rows_text (rows, 3), "room_id", 's',
                 with_room ? hs_rows_text (rows, 2) : NULL, "sender", 's', hs_rows_text (rows, 5), "content",
                 't', hs_rows_text (rows, 7), "state_key", 's', hs_rows_text (rows, 4), "origin_server_ts",
                 'i', ts, "unsigned", 'o', hidden, "event_id", 's', hs_rows_text (rows, 1), NULL);

  /* Members of an older form of events, which Synapse still adds. */
  if (with_room)
    {
      json_object_set_int_member (event, "age", json_object_get_int_member (hidden, "age"));
      json_object_set_string_member (event, "user_id", hs_rows_text (rows, 5));
      if (json_object_has_member (hidden, "redacted_because"))
        json_object_set_object_member (event, "redacted_because",
                                       json_object_ref (hs_object_object (hidden, "redacted_because")));
      if (g_str_equal (hs_rows_text (rows, 3), "m.room.redaction"))
        json_object_set_string_member (event, "redacts",
                                       hs_object_string (hs_object_object (event, "content"), "redacts"));
    }
  return event;
}

JsonObject *
hs_event_state (HsServer *server, const char *room, const char *type, const char *state_key)
{
  g_autofree char *text = hs_database_text (server->db,
                                            "SELECT content FROM event JOIN state USING (stream) WHERE "
                                            "state.room = ? AND state.type = ? AND"
                                            " state.state_key = ?",
                                            "sss", room, type, state_key);

  return text != NULL ? hs_json_parse_object (text) : NULL;
}

gboolean
hs_event_need_joined (HsRequest *request, const char *room)
{
  g_autofree char *membership = hs_event_membership (request->server, room, request->user);

  if (g_strcmp0 (membership, "join") == 0)
    return TRUE;
  hs_reply_error (request, 403, "M_FORBIDDEN", "User %s not in room %s", request->user, room);
  return FALSE;
}
