/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "hs-persona-rooms.h"

#include <string.h>

#include "hs-events.h"
#include "hs-persona.h"

/* 43 characters, as any key, and none that anybody has. */
#define NOBODYS_KEY "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static gboolean
is_encrypted (JsonObject *event)
{
  return g_strcmp0 (hs_object_string (event, "type"), "m.room.encrypted") == 0;
}

static gboolean
is_edit (JsonObject *event)
{
  JsonObject *content = hs_object_object (event, "content");
  JsonObject *relation = content != NULL ? hs_object_object (content, "m.relates_to") : NULL;

  return relation != NULL && g_strcmp0 (hs_object_string (relation, "rel_type"), "m.replace") == 0;
}

static JsonObject *
copy_of (JsonObject *event)
{
  g_autofree char *text = hs_json_text (event);

  return hs_json_parse_object (text);
}

static JsonArray *
with_replays (JsonArray *chunk)
{
  JsonArray *both = json_array_new ();

  for (guint i = 0; i < json_array_get_length (chunk); i++)
    {
      JsonObject *event = json_array_get_object_element (chunk, i);

      if (is_encrypted (event))
        {
          JsonObject *copy = copy_of (event);
          g_autofree char *id = g_strconcat (hs_object_string (event, "event_id"), "again", NULL);

          json_object_set_string_member (copy, "event_id", id);
          json_object_set_int_member (copy, "origin_server_ts",
                                      hs_object_int (event, "origin_server_ts", 0) + 1000);
          json_array_add_object_element (both, copy);
        }
      json_array_add_object_element (both, json_object_ref (event));
    }
  return both;
}

/* Those of another room, the newest first, as events of this one. */
static JsonArray *
of_other_room (HsRequest *request)
{
  const char *other = hs_persona_string (request, "room");
  JsonArray *chunk = json_array_new ();
  g_autoptr (HsRows) rows = hs_database_query (request->server->db,
                                               "SELECT " HS_EVENT_COLUMNS " FROM event WHERE room = ?"
                                               " AND state_key IS NULL ORDER BY stream DESC",
                                               "s", other);

  while (hs_rows_next (rows))
    {
      JsonObject *event = hs_event_json (request, rows, TRUE);

      json_object_set_string_member (event, "room_id", request->params[0]);
      json_array_add_object_element (chunk, event);
    }
  return chunk;
}

static void
change_each (HsRequest *request, JsonArray *chunk)
{
  const char *sender = hs_persona_string (request, "sender");

  for (guint i = 0; i < json_array_get_length (chunk); i++)
    {
      JsonObject *event = json_array_get_object_element (chunk, i);

      if (hs_persona_is (request, "changes-sender-keys") && is_encrypted (event))
        json_object_set_string_member (hs_object_object (event, "content"), "sender_key", NOBODYS_KEY);
      if (hs_persona_is (request, "edits-as-another") && is_edit (event))
        json_object_set_string_member (event, "sender", sender);
    }
}

GBytes *
hs_persona_spoil_messages (HsRequest *request, GBytes *honest)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (honest, NULL), g_bytes_get_size (honest));
  g_autoptr (JsonObject) answer = hs_json_parse_object (text);
  JsonArray *chunk = answer != NULL ? hs_object_array (answer, "chunk") : NULL;
  char *spoilt;

  if (chunk == NULL)
    return g_bytes_ref (honest);
  if (hs_persona_is (request, "replays-messages"))
    json_object_set_array_member (answer, "chunk", with_replays (chunk));
  else if (hs_persona_is (request, "mixes-rooms"))
    json_object_set_array_member (answer, "chunk", of_other_room (request));
  else if (hs_persona_is (request, "repeats-token"))
    {
      const char *from = hs_request_query (request, "from");

      json_object_set_string_member (answer, "end", from != NULL ? from : hs_object_string (answer, "start"));
    }
  else
    change_each (request, chunk);
  spoilt = hs_json_text (answer);
  return g_bytes_new_take (spoilt, strlen (spoilt));
}
