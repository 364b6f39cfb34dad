/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rooms that the account is in: a GListModel of KsRoom, in the order of the server. It
 * asks only when it is told to. Main context only.
 */
#pragma once

#include "engine/history/ks-room.h"
#include "engine/history/ks-timeline.h"

G_BEGIN_DECLS

#define KS_TYPE_ROOMS (ks_rooms_get_type ())
G_DECLARE_FINAL_TYPE (KsRooms, ks_rooms, KS, ROOMS, GObject)

/* Asks which rooms there are, then for the name and the encryption of each, four at a time.
 * Rooms are in the list as soon as they are known to exist, and fill in place; a room that
 * was there before stays the same object. The call ends when all of them have been asked for.
 *
 * What the server refuses or garbles of a room stays unknown, and the rest goes on.
 * Errors: KS_MATRIX_ERROR (of the list itself, or the line that failed in between),
 * G_IO_ERROR_CANCELLED. */
void ks_rooms_load_async (KsRooms *self,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
gboolean ks_rooms_load_finish (KsRooms *self, GAsyncResult *result, GError **error);

/* Looks at the newest messages (one page) of every room of the list that is encrypted, or may
 * be, and of which nothing was looked at yet, or not all that was could be read, one room after
 * another, so that "n-seen", "n-readable" and "last-time" say something. Keeps nothing else of
 * them. Errors as above; a room that cannot be read is left out. */
void ks_rooms_survey_async (KsRooms *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean ks_rooms_survey_finish (KsRooms *self, GAsyncResult *result, GError **error);

/* The room of the list with that ID; borrowed; NULL: it is not in the list. */
KsRoom *ks_rooms_find (KsRooms *self, const char *room_id);

/* A new timeline of @room, with nothing in it yet: see ks_timeline_load_older_async(). Keep
 * one as long as the room is shown, and no longer: its messages go with it. */
KsTimeline *ks_rooms_open (KsRooms *self, KsRoom *room) G_GNUC_WARN_UNUSED_RESULT;

/* The same of a room that need not be in the list. @room_id begins with "!" and goes on. */
KsTimeline *ks_rooms_open_id (KsRooms *self, const char *room_id) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
