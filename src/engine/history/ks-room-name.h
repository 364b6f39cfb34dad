/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a room is called (Client-Server API, "Calculating the display name for a room"). No
 * I/O. Words around the names are for those who show them.
 */
#pragma once

#include "engine/history/ks-room.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* As many people are named as the server would name. */
#define KS_ROOM_NAME_MAX_HEROES 5

typedef struct
{
  char *text; /* owned: one line, fit to be shown; NULL: nothing is known */
  KsRoomNameKind kind;
  guint n_others; /* people beside those named */
} KsRoomName;

void ks_room_name_clear (KsRoomName *name);

/* From the contents of m.room.name and m.room.canonical_alias, each NULL if there is none.
 * FALSE: they give no name, ask for the members. */
gboolean ks_room_name_from_state (JsonObject *name, JsonObject *alias, KsRoomName *out);

/* From the members (KsRoomMember elements, those first who came first), @self being the
 * account's own. */
void ks_room_name_from_members (GPtrArray *members, const char *self, KsRoomName *out);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KsRoomName, ks_room_name_clear)

G_END_DECLS
