/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rooms that the account is in, what is said about them, and their messages backwards
 * (Client-Server API, "Rooms", "Getting events for a room"). Reads only. What an event means
 * is not known here.
 */
#pragma once

#include "matrix/ks-http.h"

G_BEGIN_DECLS

/* The specification's limit for the IDs of users, rooms and events, in bytes. */
#define KS_ROOMS_ID_MAX_SIZE 255
/* More events in one answer are refused, whatever was asked for. */
#define KS_ROOMS_MAX_EVENTS 1000
/* So are longer places in a room, in bytes: they are kept, and become part of an address. */
#define KS_ROOMS_MAX_END 4096

/* IDs of rooms, in the server's order, each once: char * elements. What cannot be the ID of
 * a room is left out. */
void ks_api_rooms_get_joined_async (KsHttp *http,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
GPtrArray *ks_api_rooms_get_joined_finish (KsHttp *http, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The content of the room's state event of @type with an empty state key. @content is NULL
 * if there is none. */
void ks_api_rooms_get_state_async (KsHttp *http,
                                   const char *room_id,
                                   const char *type,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean
ks_api_rooms_get_state_finish (KsHttp *http, GAsyncResult *result, JsonObject **content, GError **error);

typedef struct
{
  char *user_id;      /* owned */
  char *display_name; /* owned; NULL: none */
  gboolean here;      /* joined or invited; FALSE: left or banned */
  gint64 since;       /* origin_server_ts: when that came about */
} KsRoomMember;

void ks_room_member_free (KsRoomMember *member);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsRoomMember, ks_room_member_free)

/* KsRoomMember elements, those first who came first. @gone: also those who have left. */
void ks_api_rooms_get_members_async (KsHttp *http,
                                     const char *room_id,
                                     gboolean gone,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
GPtrArray *ks_api_rooms_get_members_finish (KsHttp *http, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* An event of the room, as far as every event has the same form. */
typedef struct
{
  char *event_id;      /* owned */
  char *sender;        /* owned */
  char *type;          /* owned */
  gint64 time;         /* origin_server_ts; ≥ 0 */
  gboolean redacted;   /* the server says that it was */
  gboolean unreadable; /* its JSON breaks a limit: nothing more is known of it */
  JsonObject *content; /* owned; empty if a redacted one has none, and of an unreadable one */
} KsRoomEvent;

void ks_room_event_free (KsRoomEvent *event);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsRoomEvent, ks_room_event_free)

typedef struct
{
  GPtrArray *events; /* owned: KsRoomEvent elements, the newest first */
  char *end;         /* owned: where older ones begin; NULL: there are none */
  guint malformed;   /* events that were left out: a member absent, or of a wrong type */
  guint foreign;     /* likewise: of another room */
} KsRoomPage;

void ks_room_page_free (KsRoomPage *page);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsRoomPage, ks_room_page_free)

/* Up to @limit messages of the room before @from (the end of a page before; NULL: the
 * newest): events of the types that messages have, encrypted or not, and no state. A page
 * may be empty, and yet have an end. The answer is read in a thread. */
void ks_api_rooms_get_messages_async (KsHttp *http,
                                      const char *room_id,
                                      const char *from,
                                      guint limit,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
KsRoomPage *ks_api_rooms_get_messages_finish (KsHttp *http, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
