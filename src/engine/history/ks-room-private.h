/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A room as KsRooms and the timelines keep it up.
 */
#pragma once

#include "engine/history/ks-room-name.h"
#include "engine/history/ks-room.h"

G_BEGIN_DECLS

KsRoom *ks_room_new (const char *room_id) G_GNUC_WARN_UNUSED_RESULT;

/* What was found out; takes what is in @name. What could not be (KS_ROOM_NAME_UNKNOWN,
 * KS_ROOM_ENCRYPTION_UNKNOWN) takes nothing back that was known. */
void ks_room_take_facts (KsRoom *self, KsRoomName *name, KsRoomEncryption encryption);

/* What a timeline has of it. */
void
ks_room_note_messages (KsRoom *self, guint n_seen, guint n_readable, gboolean seen_all, gint64 last_time);

G_END_DECLS
