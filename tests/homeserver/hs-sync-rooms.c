/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rooms of an answer to /sync, the filter that thins them out, and what
 * follows from who shares a room with whom.
 */

#include <string.h>

#include "hs-events.h"
#include "hs-sync.h"

static JsonObject *
section_of (HsFilter *filter, const char *section)
{
  JsonObject *of_rooms = hs_object_object (filter->object, "room");

  return g_str_equal (section, "account_data") ? hs_object_object (filter->object, section)
                                               : hs_object_object (of_rooms, section);
}

static gboolean
list_has (JsonArray *list, const char *type)
{
  for (guint i = 0; i < json_array_get_length (list); i++)
    if (g_pattern_match_simple (json_array_get_string_element (list, i), type))
      return TRUE;
  return FALSE;
}

gboolean
hs_filter_takes_type (HsFilter *filter, const char *section, const char *type)
{
  JsonObject *object = section_of (filter, section);
  JsonArray *types = hs_object_array (object, "types");
  JsonArray *not_types = hs_object_array (object, "not_types");

  return (types == NULL || list_has (types, type)) && (not_types == NULL || !list_has (not_types, type));
}

gboolean
hs_filter_takes_room (HsFilter *filter, const char *room)
{
  JsonArray *rooms = hs_object_array (hs_object_object (filter->object, "room"), "rooms");

  return rooms == NULL || list_has (rooms, room);
}

gint64
hs_filter_timeline_limit (HsFilter *filter)
{
  return CLAMP (hs_object_int (section_of (filter, "timeline"), "limit", 10), 0, 1000);
}

/* The newest events up to @now, oldest first. @first: the stream number of the
 * oldest of them, or of what would follow them. @limited: there are more. */
static JsonArray *
timeline (HsRequest *request,
          HsFilter *filter,
          const char *room,
          gint64 since,
          gint64 now,
          gint64 *first,
          gboolean *limited)
{
  gint64 limit = hs_filter_timeline_limit (filter);
  JsonArray *events = json_array_new ();
  g_autoptr (GPtrArray) newest = g_ptr_array_new ();
  g_autoptr (HsRows) rows =
      hs_database_query (request->server->db,
                         "SELECT " HS_EVENT_COLUMNS
                         " FROM event WHERE room = ? AND stream > ? AND stream <= ? ORDER BY stream DESC",
                         "sii", room, since, now);

  *first = now + 1;
  *limited = FALSE;
  while (hs_rows_next (rows))
    {
      if (!hs_filter_takes_type (filter, "timeline", hs_rows_text (rows, 3)))
        continue;
      *limited = newest->len >= limit;
      if (*limited)
        break;
      g_ptr_array_add (newest, hs_event_json (request, rows, FALSE));
      *first = hs_rows_int (rows, 0);
    }
  for (guint i = newest->len; i > 0; i--)
    json_array_add_object_element (events, g_ptr_array_index (newest, i - 1));
  return events;
}

/* The state as it was before @first, as far as it changed after @since. */
static JsonArray *
state_before (HsRequest *request, HsFilter *filter, const char *room, gint64 since, gint64 first)
{
  JsonArray *events = json_array_new ();
  g_autoptr (HsRows) rows = hs_database_query (
      request->server->db,
      "SELECT " HS_EVENT_COLUMNS " FROM event WHERE stream IN (SELECT max(stream) FROM event WHERE room = ?"
      " AND stream < ? AND state_key IS NOT NULL GROUP BY type, state_key) AND stream > ? ORDER BY stream",
      "sii", room, first, since);

  while (hs_rows_next (rows))
    if (hs_filter_takes_type (filter, "state", hs_rows_text (rows, 3)))
      json_array_add_object_element (events, hs_event_json (request, rows, FALSE));
  return events;
}

static JsonArray *
room_account_data (HsRequest *request, const char *room, gint64 since)
{
  JsonArray *events = json_array_new ();
  g_autoptr (HsRows) rows =
      hs_database_query (request->server->db,
                         "SELECT type, content FROM account_data WHERE user = ? AND room = ? AND stream > ?",
                         "ssi", request->user, room, since);

  while (hs_rows_next (rows))
    json_array_add_object_element (events, hs_object ("type", 's', hs_rows_text (rows, 0), "content", 't',
                                                      hs_rows_text (rows, 1), NULL));
  return events;
}

static JsonObject *
wrap (JsonArray *events)
{
  return hs_object ("events", 'a', events, NULL);
}

/* NULL: nothing new. @since is 0 for a room that is new to the requester. */
static JsonObject *
joined_room (
    HsRequest *request, HsFilter *filter, const char *room, gint64 since, gint64 now, const char *next_batch)
{
  gboolean limited;
  gint64 first;
  JsonArray *events = timeline (request, filter, room, since, now, &first, &limited);
  JsonArray *data = room_account_data (request, room, since);
  JsonArray *state;
  g_autofree char *prev_batch = NULL;

  if (since > 0 && json_array_get_length (events) == 0 && json_array_get_length (data) == 0)
    {
      json_array_unref (events);
      json_array_unref (data);
      return NULL;
    }
  /* Without a gap the state follows from the timeline. */
  state = limited || since == 0 ? state_before (request, filter, room, since, first) : json_array_new ();
  prev_batch = first > now ? g_strdup (next_batch) : g_strdup_printf ("s%" G_GINT64_FORMAT "_0", first - 1);
  return hs_object ("timeline", 'o',
                    hs_object ("events", 'a', events, "prev_batch", 's', prev_batch, "limited", 'b', limited,
                               NULL),
                    "state", 'o', wrap (state), "account_data", 'o', wrap (data), "ephemeral", 'o',
                    wrap (json_array_new ()), "unread_notifications", 't',
                    "{\"notification_count\":0,\"highlight_count\":0}", "summary", 't', "{}", NULL);
}

/* What an invited user may know: no more than names and keys of the state. */
static JsonObject *
invited_room (HsRequest *request, const char *room)
{
  JsonArray *events = json_array_new ();
  g_autoptr (HsRows) rows = hs_database_query (
      request->server->db,
      "SELECT event.type, event.state_key, sender, content, id, ts FROM event JOIN state USING (stream)"
      " WHERE state.room = ?1 AND (state.type IN ('m.room.join_rules', 'm.room.name', 'm.room.encryption',"
      " 'm.room.create', 'm.room.canonical_alias', 'm.room.avatar', 'm.room.topic') OR (state.type = "
      "'m.room.member' AND"
      " (state.state_key = ?2 OR state.state_key = (SELECT sender FROM event JOIN member USING (stream)"
      " WHERE member.room = ?1 AND member.user = ?2)))) ORDER BY stream",
      "ss", room, request->user);

  while (hs_rows_next (rows))
    {
      JsonObject *event =
          hs_object ("type", 's', hs_rows_text (rows, 0), "state_key", 's', hs_rows_text (rows, 1), "sender",
                     's', hs_rows_text (rows, 2), "content", 't', hs_rows_text (rows, 3), NULL);

      /* The invitation itself is told in full. */
      if (g_str_equal (hs_rows_text (rows, 1), request->user))
        {
          json_object_set_string_member (event, "event_id", hs_rows_text (rows, 4));
          json_object_set_int_member (event, "origin_server_ts", hs_rows_int (rows, 5));
        }
      json_array_add_object_element (events, event);
    }
  return hs_object ("invite_state", 'o', wrap (events), NULL);
}

static JsonObject *
left_room (HsRequest *request, HsFilter *filter, const char *room, gint64 since, gint64 left)
{
  gboolean limited;
  gint64 first;
  JsonArray *events = timeline (request, filter, room, since, left, &first, &limited);
  JsonArray *state = limited ? state_before (request, filter, room, since, first) : json_array_new ();
  g_autofree char *prev_batch = g_strdup_printf ("s%" G_GINT64_FORMAT "_0", first - 1);

  return hs_object ("timeline", 'o',
                    hs_object ("events", 'a', events, "prev_batch", 's', prev_batch, "limited", 'b', limited,
                               NULL),
                    "state", 'o', wrap (state), "account_data", 'o', wrap (json_array_new ()), NULL);
}

static void
put (JsonObject *rooms, const char *section, const char *room, JsonObject *content)
{
  if (content == NULL)
    return;
  if (hs_object_object (rooms, section) == NULL)
    json_object_set_object_member (rooms, section, json_object_new ());
  json_object_set_object_member (hs_object_object (rooms, section), room, content);
}

JsonObject *
hs_sync_rooms (HsRequest *request, HsFilter *filter, gint64 since, gint64 now, const char *next_batch)
{
  JsonObject *rooms = json_object_new ();
  g_autoptr (HsRows) rows =
      hs_database_query (request->server->db, "SELECT room, membership, stream FROM member WHERE user = ?",
                         "s", request->user);

  while (hs_rows_next (rows))
    {
      const char *room = hs_rows_text (rows, 0);
      const char *membership = hs_rows_text (rows, 1);
      gint64 changed = hs_rows_int (rows, 2);

      if (!hs_filter_takes_room (filter, room))
        continue;
      if (g_str_equal (membership, "join"))
        put (rooms, "join", room,
             joined_room (request, filter, room, changed > since ? 0 : since, now, next_batch));
      else if (g_str_equal (membership, "invite") && changed > since)
        put (rooms, "invite", room, invited_room (request, room));
      else if (since > 0 && changed > since)
        put (rooms, "leave", room, left_room (request, filter, room, since, changed));
    }
  if (json_object_get_size (rooms) > 0)
    return rooms;
  json_object_unref (rooms);
  return NULL;
}

JsonObject *
hs_one_time_key_counts (HsServer *server, const char *user, const char *device)
{
  JsonObject *counts = hs_object ("signed_curve25519", 'i', (gint64) 0, NULL);
  g_autoptr (HsRows) rows = hs_database_query (server->db,
                                               "SELECT algorithm, count(*) FROM one_time_key WHERE user = ? "
                                               "AND device = ? GROUP BY algorithm",
                                               "ss", user, device);

  while (hs_rows_next (rows))
    json_object_set_int_member (counts, hs_rows_text (rows, 0), hs_rows_int (rows, 1));
  return counts;
}

static JsonArray *
users (HsRows *rows)
{
  JsonArray *list = json_array_new ();

  while (hs_rows_next (rows))
    json_array_add_string_element (list, hs_rows_text (rows, 0));
  return list;
}

/* Those in a room that ?1 is in too. */
#define SHARING                                                                                         \
  "(SELECT b.user FROM member a JOIN member b USING (room) WHERE a.user = ?1 AND a.membership = 'join'" \
  " AND b.membership = 'join')"

JsonObject *
hs_device_list_changes (HsServer *server, const char *user, gint64 since)
{
  g_autoptr (HsRows) changed = hs_database_query (
      server->db,
      "SELECT user FROM device_list WHERE stream > ?2 AND (user = ?1 OR user IN " SHARING ")"
      " UNION SELECT b.user FROM member a JOIN member b USING (room) WHERE a.user = ?1"
      " AND a.membership = 'join' AND b.membership = 'join' AND (a.stream > ?2 OR b.stream > ?2)",
      "si", user, since);
  g_autoptr (HsRows) left = hs_database_query (
      server->db,
      "SELECT DISTINCT b.user FROM member a JOIN member b USING (room) WHERE a.user = ?1 AND b.user != ?1"
      " AND ((a.membership = 'leave' AND a.stream > ?2) OR (b.membership = 'leave' AND b.stream > ?2))"
      " AND b.user NOT IN " SHARING,
      "si", user, since);

  return hs_object ("changed", 'a', users (changed), "left", 'a', users (left), NULL);
}
