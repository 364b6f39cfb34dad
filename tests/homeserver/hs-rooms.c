/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rooms made, entered and left (client-server API, "Rooms"), with as much of the
 * rules of authorization as a test may notice.
 */

#include "hs-events.h"
#include "hs-server.h"

static const char power_levels[] =
    "{\"users\":{},\"users_default\":0,\"events\":{\"m.room.name\":50,\"m.room.power_levels\":100,"
    "\"m.room.history_visibility\":100,\"m.room.canonical_alias\":50,\"m.room.avatar\":50,"
    "\"m.room.tombstone\":100,\"m.room.server_acl\":100,\"m.room.encryption\":100},\"events_default\":0,"
    "\"state_default\":50,\"ban\":50,\"kick\":50,\"redact\":50,\"invite\":0,\"historical\":100}";

static void
set_state (HsRequest *request, const char *room, const char *type, JsonObject *content)
{
  g_free (hs_event_add (request->server, room, type, "", request->user, NULL, NULL, content));
}

static void
set_initial_state (HsRequest *request, const char *room)
{
  JsonArray *list = hs_object_array (request->body, "initial_state");

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *event = json_array_get_object_element (list, i);
      const char *key = hs_object_string (event, "state_key");
      JsonObject *content = hs_object_object (event, "content");

      if (hs_object_string (event, "type") != NULL && content != NULL)
        g_free (hs_event_add (request->server, room, hs_object_string (event, "type"), key != NULL ? key : "",
                              request->user, NULL, NULL, json_object_ref (content)));
    }
}

static void
invite_all (HsRequest *request, const char *room)
{
  JsonArray *list = hs_object_array (request->body, "invite");

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    hs_event_set_membership (request->server, room, request->user, json_array_get_string_element (list, i),
                             "invite");
}

/* As text, and in the form of extensible events. */
static JsonObject *
topic_content (const char *topic)
{
  JsonArray *texts = json_array_new ();

  json_array_add_object_element (texts, hs_object ("body", 's', topic, NULL));
  return hs_object ("topic", 's', topic, "m.topic", 'o', hs_object ("m.text", 'a', texts, NULL), NULL);
}

/* A room that anybody may join lets only moderators invite. */
static JsonObject *
power_levels_of (const char *creator, gboolean public)
{
  JsonObject *levels = hs_json_parse_object (power_levels);

  json_object_set_int_member (hs_object_object (levels, "users"), creator, 100);
  if (public)
    {
      json_object_set_int_member (levels, "invite", 50);
      json_object_set_int_member (levels, "m.call.invite", 50);
    }
  return levels;
}

static gboolean
check_creation (HsRequest *request)
{
  JsonArray *invited = hs_object_array (request->body, "invite");
  const char *version = hs_object_string (request->body, "room_version");

  for (guint i = 0; invited != NULL && i < json_array_get_length (invited); i++)
    if (json_array_get_string_element (invited, i)[0] != '@')
      {
        hs_reply_error (request, 400, "M_UNKNOWN", "Invalid user_id: %s",
                        json_array_get_string_element (invited, i));
        return FALSE;
      }
  if (version == NULL || g_str_equal (version, "10") || g_str_equal (version, "11"))
    return TRUE;
  hs_reply_error (request, 400, "M_UNSUPPORTED_ROOM_VERSION",
                  "Your homeserver does not support this room version");
  return FALSE;
}

static void
create (HsRequest *request)
{
  g_autofree char *random = hs_random_text ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 18);
  g_autofree char *room = g_strdup_printf ("!%s:%s", random, request->server->name);
  const char *preset = hs_object_string (request->body, "preset");
  const char *visibility = hs_object_string (request->body, "visibility");
  const char *name = hs_object_string (request->body, "name");
  const char *topic = hs_object_string (request->body, "topic");
  gboolean public =
      preset != NULL ? g_str_equal (preset, "public_chat") : g_strcmp0 (visibility, "public") == 0;

  if (!check_creation (request))
    return;
  hs_database_run (request->server->db, "INSERT INTO room VALUES (?, '11')", "s", room);
  set_state (request, room, "m.room.create", hs_object ("room_version", 's', "11", NULL));
  hs_event_set_membership (request->server, room, request->user, request->user, "join");
  set_state (request, room, "m.room.power_levels", power_levels_of (request->user, public));
  set_state (request, room, "m.room.join_rules",
             hs_object ("join_rule", 's', public ? "public" : "invite", NULL));
  set_state (request, room, "m.room.history_visibility",
             hs_object ("history_visibility", 's', "shared", NULL));
  if (!public)
    set_state (request, room, "m.room.guest_access", hs_object ("guest_access", 's', "can_join", NULL));
  set_initial_state (request, room);
  if (name != NULL)
    set_state (request, room, "m.room.name", hs_object ("name", 's', name, NULL));
  if (topic != NULL)
    set_state (request, room, "m.room.topic", topic_content (topic));
  invite_all (request, room);
  hs_reply (request, 200, hs_object ("room_id", 's', room, NULL));
}

static gboolean
is_open (HsRequest *request, const char *room)
{
  g_autoptr (JsonObject) rules = hs_event_state (request->server, room, "m.room.join_rules", "");

  return rules != NULL && g_strcmp0 (hs_object_string (rules, "join_rule"), "public") == 0;
}

static void
join (HsRequest *request)
{
  const char *room = request->params[0];
  g_autofree char *membership = hs_event_membership (request->server, room, request->user);

  if (room[0] != '!')
    {
      hs_reply_error (request, 400, "M_UNKNOWN", "%s was not legal room ID or room alias", room);
      return;
    }
  if (hs_database_int (request->server->db, "SELECT count(*) FROM room WHERE room = ?", "s", room) == 0)
    {
      hs_reply_error (request, 404, "M_UNKNOWN",
                      "Can't join remote room because no servers that are in the room"
                      " have been provided.");
      return;
    }
  if (g_strcmp0 (membership, "join") != 0)
    {
      if (g_strcmp0 (membership, "invite") != 0 && !is_open (request, room))
        {
          hs_reply_error (request, 403, "M_FORBIDDEN", "You are not invited to this room.");
          return;
        }
      hs_event_set_membership (request->server, room, request->user, request->user, "join");
    }
  hs_reply (request, 200, hs_object ("room_id", 's', room, NULL));
}

static void
invite (HsRequest *request)
{
  const char *user = hs_request_need_string (request, "user_id");
  g_autofree char *membership = NULL;

  if (user == NULL || !hs_event_need_joined (request, request->params[0]))
    return;
  membership = hs_event_membership (request->server, request->params[0], user);
  if (g_strcmp0 (membership, "join") == 0)
    {
      hs_reply_error (request, 403, "M_FORBIDDEN", "%s is already in the room.", user);
      return;
    }
  hs_event_set_membership (request->server, request->params[0], request->user, user, "invite");
  hs_reply_ok (request);
}

static void
leave (HsRequest *request)
{
  g_autofree char *membership = hs_event_membership (request->server, request->params[0], request->user);

  if (membership == NULL)
    {
      hs_reply_error (request, 404, "M_UNKNOWN", "Not a known room");
      return;
    }
  if (!g_str_equal (membership, "leave"))
    hs_event_set_membership (request->server, request->params[0], request->user, request->user, "leave");
  hs_reply_ok (request);
}

static void
joined_rooms (HsRequest *request)
{
  JsonArray *list = json_array_new ();
  g_autoptr (HsRows) rows =
      hs_database_query (request->server->db,
                         "SELECT room FROM member WHERE user = ? AND membership = 'join' ORDER BY stream",
                         "s", request->user);

  while (hs_rows_next (rows))
    json_array_add_string_element (list, hs_rows_text (rows, 0));
  hs_reply (request, 200, hs_object ("joined_rooms", 'a', list, NULL));
}

static void
members (HsRequest *request)
{
  const char *without = hs_request_query (request, "not_membership");
  JsonArray *list;
  g_autoptr (HsRows) rows = NULL;

  if (!hs_event_need_joined (request, request->params[0]))
    return;
  list = json_array_new ();
  rows = hs_database_query (request->server->db,
                            "SELECT " HS_EVENT_COLUMNS
                            " FROM event WHERE stream IN (SELECT stream FROM member WHERE"
                            " room = ? AND membership IS NOT ?) ORDER BY stream",
                            "ss", request->params[0], without);
  while (hs_rows_next (rows))
    json_array_add_object_element (list, hs_event_json (request, rows, TRUE));
  hs_reply (request, 200, hs_object ("chunk", 'a', list, NULL));
}

static void
joined_members (HsRequest *request)
{
  JsonObject *joined;
  g_autoptr (HsRows) rows = NULL;

  if (!hs_event_need_joined (request, request->params[0]))
    return;
  joined = json_object_new ();
  rows = hs_database_query (request->server->db,
                            "SELECT user, displayname, avatar FROM member LEFT JOIN account USING (user)"
                            " WHERE room = ? AND membership = 'join'",
                            "s", request->params[0]);
  while (hs_rows_next (rows))
    json_object_set_object_member (joined, hs_rows_text (rows, 0),
                                   hs_object ("display_name", 'z', hs_rows_text (rows, 1), "avatar_url", 'z',
                                              hs_rows_text (rows, 2), NULL));
  hs_reply (request, 200, hs_object ("joined", 'o', joined, NULL));
}

const HsRoute hs_room_routes[] = {
  { "POST", "createRoom", HS_AUTH | HS_BODY, create },
  { "POST", "join/{}", HS_AUTH | HS_BODY | HS_OPTIONAL, join },
  { "POST", "rooms/{}/join", HS_AUTH | HS_BODY | HS_OPTIONAL, join },
  { "POST", "rooms/{}/invite", HS_AUTH | HS_BODY, invite },
  { "POST", "rooms/{}/leave", HS_AUTH | HS_BODY | HS_OPTIONAL, leave },
  { "GET", "joined_rooms", HS_AUTH, joined_rooms },
  { "GET", "rooms/{}/members", HS_AUTH, members },
  { "GET", "rooms/{}/joined_members", HS_AUTH, joined_members },
  { 0 },
};
