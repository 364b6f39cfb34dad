/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-api-rooms.h"

#include "crypto/ks-keyed-hash.h"
#include "matrix/ks-http-answer.h"
#include "matrix/ks-json-cut.h"
#include "matrix/ks-matrix-error.h"

#include <string.h>

#define ROOMS "/_matrix/client/v3/rooms/{}"

/* Nothing but messages: a page of a room with many comings and goings would hold few. */
#define MESSAGES_FILTER "{\"types\":[\"m.room.encrypted\",\"m.room.message\",\"m.sticker\"]}"

static gboolean
is_id (const char *text, char sigil)
{
  return text[0] == sigil && text[1] != '\0' && strlen (text) <= KS_ROOMS_ID_MAX_SIZE;
}

/* --- which rooms --- */

void
ks_api_rooms_get_joined_async (KsHttp *http,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/_matrix/client/v3/joined_rooms", NULL);

  ks_request_set_limit (request, KS_REQUEST_LIMIT_ROOM);
  ks_http_send_async (http, request, cancellable, callback, user_data);
}

GPtrArray *
ks_api_rooms_get_joined_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  g_autoptr (JsonObject) answer = ks_http_send_finish (http, result, error);
  g_autoptr (GPtrArray) rooms = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (ks_keyed_str_hash, g_str_equal);
  JsonArray *list;

  if (answer == NULL)
    return NULL;
  if (!ks_json_get_array (answer, "joined_rooms", &list))
    {
      ks_http_bad_answer (error, "the list of rooms");
      return NULL;
    }
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      const char *room;

      if (ks_json_element_string (list, i, &room) && is_id (room, '!') && !g_hash_table_contains (seen, room))
        {
          g_ptr_array_add (rooms, g_strdup (room));
          g_hash_table_add (seen, rooms->pdata[rooms->len - 1]);
        }
    }
  return g_steal_pointer (&rooms);
}

/* --- state --- */

void
ks_api_rooms_get_state_async (KsHttp *http,
                              const char *room_id,
                              const char *type,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("GET", ROOMS "/state/{}", room_id, type, NULL);

  ks_http_send_async (http, request, cancellable, callback, user_data);
}

gboolean
ks_api_rooms_get_state_finish (KsHttp *http, GAsyncResult *result, JsonObject **content, GError **error)
{
  g_autoptr (GError) failure = NULL;

  *content = ks_http_send_finish (http, result, &failure);
  if (failure == NULL || g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* --- answers of many events --- */

/* Makes of the answer what the caller wants; NULL with @error set. Any thread. */
typedef gpointer (*ReadFunc) (JsonObject *answer, const char *room_id, GError **error);

typedef struct
{
  ReadFunc read;
  GDestroyNotify free_read; /* frees what it makes */
  char *room_id;            /* owned */
  JsonObject *answer;       /* owned; NULL once it was read */
} Reading;

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_clear_pointer (&reading->answer, json_object_unref);
  g_free (reading->room_id);
  g_free (reading);
}

static void
read_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Reading *reading = data;
  GError *error = NULL;
  gpointer made = reading->read (reading->answer, reading->room_id, &error);

  /* Freeing it takes as long as reading it did. */
  g_clear_pointer (&reading->answer, json_object_unref);
  if (made != NULL)
    g_task_return_pointer (task, made, reading->free_read);
  else
    g_task_return_error (task, error);
}

static void
on_answered (GObject *http, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Reading *reading = g_task_get_task_data (task);
  GError *error = NULL;

  reading->answer = ks_http_send_finish (KS_HTTP (http), result, &error);
  if (reading->answer != NULL)
    g_task_run_in_thread (task, read_in_thread);
  else
    g_task_return_error (task, error);
}

static void
send_and_read (KsHttp *http,
               KsRequest *request,
               const char *room_id,
               ReadFunc read,
               GDestroyNotify free_read,
               GCancellable *cancellable,
               GAsyncReadyCallback callback,
               gpointer user_data)
{
  /* Of an event that cannot be read: whose it is, and its place. */
  static const char *const kept[] = { "event_id",  "sender",  "type", "origin_server_ts",
                                      "state_key", "room_id", NULL };
  GTask *task = g_task_new (http, cancellable, callback, user_data);
  Reading *reading = g_new0 (Reading, 1);

  reading->read = read;
  reading->free_read = free_read;
  reading->room_id = g_strdup (room_id);
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, reading, reading_free);
  ks_request_set_limit (request, KS_REQUEST_LIMIT_ROOM);
  ks_request_set_cut (request, "chunk", kept);
  ks_http_send_async (http, request, cancellable, on_answered, task);
}

/* --- members --- */

void
ks_room_member_free (KsRoomMember *member)
{
  if (member == NULL)
    return;
  g_free (member->user_id);
  g_free (member->display_name);
  g_free (member);
}

/* NULL: it is no member's. */
static KsRoomMember *
read_member (JsonArray *list, guint index)
{
  KsRoomMember *member;
  JsonObject *event, *content;
  const char *user_id, *membership, *display_name;
  gint64 since;

  if (!ks_json_element_object (list, index, &event) || !ks_json_get_string (event, "state_key", &user_id)
      || !is_id (user_id, '@') || !ks_json_get_object (event, "content", &content)
      || !ks_json_get_string (content, "membership", &membership))
    return NULL;
  ks_json_get_string (content, "displayname", &display_name);
  ks_json_get_integer (event, "origin_server_ts", &since);
  member = g_new0 (KsRoomMember, 1);
  member->user_id = g_strdup (user_id);
  member->display_name = g_strdup (display_name);
  member->here = g_str_equal (membership, "join") || g_str_equal (membership, "invite");
  member->since = since;
  return member;
}

static gint
compare_members (gconstpointer a, gconstpointer b)
{
  const KsRoomMember *one = *(KsRoomMember *const *) a;
  const KsRoomMember *other = *(KsRoomMember *const *) b;

  if (one->since != other->since)
    return one->since < other->since ? -1 : 1;
  return strcmp (one->user_id, other->user_id);
}

static gpointer
read_members (JsonObject *answer, const char *room_id, GError **error)
{
  g_autoptr (GPtrArray) members = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_room_member_free);
  JsonArray *list;

  if (!ks_json_get_array (answer, "chunk", &list))
    {
      ks_http_bad_answer (error, "the members of a room");
      return NULL;
    }
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      KsRoomMember *member = read_member (list, i);

      if (member != NULL)
        g_ptr_array_add (members, member);
    }
  g_ptr_array_sort (members, compare_members);
  return g_steal_pointer (&members);
}

void
ks_api_rooms_get_members_async (KsHttp *http,
                                const char *room_id,
                                gboolean gone,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("GET", ROOMS "/members", room_id, NULL);

  ks_request_add_query (request, "not_membership", gone ? NULL : "leave");
  send_and_read (http, request, room_id, read_members, (GDestroyNotify) g_ptr_array_unref, cancellable,
                 callback, user_data);
}

GPtrArray *
ks_api_rooms_get_members_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- messages --- */

void
ks_room_event_free (KsRoomEvent *event)
{
  if (event == NULL)
    return;
  g_free (event->event_id);
  g_free (event->sender);
  g_free (event->type);
  g_clear_pointer (&event->content, json_object_unref);
  g_free (event);
}

void
ks_room_page_free (KsRoomPage *page)
{
  if (page == NULL)
    return;
  g_ptr_array_unref (page->events);
  g_free (page->end);
  g_free (page);
}

/* Client-Server API, "Redactions": the server notes why beside the event. Some note only which
 * event did it, or a note with nothing in it. */
static gboolean
is_noted_redacted (JsonObject *object)
{
  JsonObject *hidden;

  return ks_json_get_object (object, "unsigned", &hidden)
         && (ks_json_get_type (hidden, "redacted_because") != KS_JSON_ABSENT
             || ks_json_get_type (hidden, "redacted_by") != KS_JSON_ABSENT);
}

/* Whether its content could not be read, so that it is not here. */
static gboolean
is_cut (JsonObject *object)
{
  gboolean cut;

  return ks_json_get_boolean (object, KS_JSON_CUT_MARK, &cut) && cut
         && !json_object_has_member (object, "content");
}

/* NULL: it has not the form of a message. */
static KsRoomEvent *
read_event (JsonObject *object)
{
  gboolean redacted = is_noted_redacted (object);
  gboolean unreadable = is_cut (object);
  JsonObject *content;
  const char *event_id, *sender, *type;
  KsRoomEvent *event;
  gint64 time;

  if (!ks_json_get_string (object, "event_id", &event_id) || !is_id (event_id, '$')
      || !ks_json_get_string (object, "sender", &sender) || !is_id (sender, '@')
      || !ks_json_get_string (object, "type", &type) || strlen (type) > KS_ROOMS_ID_MAX_SIZE
      || !ks_json_get_integer (object, "origin_server_ts", &time) || time < 0
      || (!ks_json_get_object (object, "content", &content) && !redacted && !unreadable)
      || ks_json_get_type (object, "state_key") != KS_JSON_ABSENT)
    return NULL;
  event = g_new0 (KsRoomEvent, 1);
  event->event_id = g_strdup (event_id);
  event->sender = g_strdup (sender);
  event->type = g_strdup (type);
  event->time = time;
  event->content = content != NULL ? json_object_ref (content) : json_object_new ();
  event->redacted = redacted;
  event->unreadable = unreadable;
  return event;
}

static void
read_into (KsRoomPage *page, JsonArray *chunk, guint index, const char *room_id)
{
  KsRoomEvent *event = NULL;
  JsonObject *object;
  const char *of_room;

  if (ks_json_element_object (chunk, index, &object))
    {
      if (ks_json_get_type (object, "room_id") != KS_JSON_ABSENT
          && (!ks_json_get_string (object, "room_id", &of_room) || !g_str_equal (of_room, room_id)))
        {
          page->foreign++;
          return;
        }
      event = read_event (object);
    }
  if (event != NULL)
    g_ptr_array_add (page->events, event);
  else
    page->malformed++;
}

/* Some servers write a list of nothing as null. */
static gboolean
read_chunk (JsonObject *answer, JsonArray **chunk)
{
  if (!ks_json_get_array (answer, "chunk", chunk))
    return json_object_has_member (answer, "chunk") && ks_json_get_type (answer, "chunk") == KS_JSON_ABSENT;
  return json_array_get_length (*chunk) <= KS_ROOMS_MAX_EVENTS;
}

static gpointer
read_page (JsonObject *answer, const char *room_id, GError **error)
{
  g_autoptr (KsRoomPage) page = g_new0 (KsRoomPage, 1);
  const char *end;
  JsonArray *chunk;

  page->events = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_room_event_free);
  if (!read_chunk (answer, &chunk) || !ks_json_optional_string (answer, "end", &end)
      || (end != NULL && strlen (end) > KS_ROOMS_MAX_END))
    {
      ks_http_bad_answer (error, "messages of a room");
      return NULL;
    }
  /* An empty one is no place to go on from. */
  page->end = end != NULL && end[0] != '\0' ? g_strdup (end) : NULL;
  for (guint i = 0; chunk != NULL && i < json_array_get_length (chunk); i++)
    read_into (page, chunk, i, room_id);
  return g_steal_pointer (&page);
}

void
ks_api_rooms_get_messages_async (KsHttp *http,
                                 const char *room_id,
                                 const char *from,
                                 guint limit,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("GET", ROOMS "/messages", room_id, NULL);
  g_autofree char *number = g_strdup_printf ("%u", limit);

  ks_request_add_query (request, "dir", "b");
  ks_request_add_query (request, "from", from);
  ks_request_add_query (request, "limit", number);
  ks_request_add_query (request, "filter", MESSAGES_FILTER);
  send_and_read (http, request, room_id, read_page, (GDestroyNotify) ks_room_page_free, cancellable, callback,
                 user_data);
}

KsRoomPage *
ks_api_rooms_get_messages_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
