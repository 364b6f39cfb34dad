/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One encrypted room, and how much of it can be read.
 */
#pragma once

#include "engine/history/ks-room.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define KS_TYPE_ROOM_ROW (ks_room_row_get_type ())
G_DECLARE_FINAL_TYPE (KsRoomRow, ks_room_row, KS, ROOM_ROW, GtkListBoxRow)

/* Follows @room for as long as it lives. */
KsRoomRow *ks_room_row_new (KsRoom *room) G_GNUC_WARN_UNUSED_RESULT;

KsRoom *ks_room_row_get_room (KsRoomRow *self); /* borrowed */

G_END_DECLS
