/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One room of the account, as History lists it. Made and kept up by KsRooms; main context
 * only. All that it says is the server's word, names included: show them as text, never as
 * markup.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where a room's name comes from, in the order of the specification (Client-Server API,
 * "Calculating the display name for a room"). */
typedef enum
{
  KS_ROOM_NAME_UNKNOWN, /* not asked yet, or the server did not say: the name is the room ID */
  KS_ROOM_NAME_GIVEN,   /* its members have named it */
  KS_ROOM_NAME_ALIAS,   /* it is its address: "#room:example.org" */
  KS_ROOM_NAME_PEOPLE,  /* up to five of those who are in it; more: see n_others */
  KS_ROOM_NAME_EMPTY,   /* nobody else is in it any more; the name is who was, or the room ID */
} KsRoomNameKind;

#define KS_TYPE_ROOM_NAME_KIND (ks_room_name_kind_get_type ())
GType ks_room_name_kind_get_type (void);

/* A server that does not say is not one that says no. */
typedef enum
{
  KS_ROOM_ENCRYPTION_NOT_ASKED,
  KS_ROOM_ENCRYPTION_UNKNOWN, /* asked, and the server did not say */
  KS_ROOM_ENCRYPTION_OFF,
  KS_ROOM_ENCRYPTION_ON, /* for good: it cannot be switched off */
} KsRoomEncryption;

#define KS_TYPE_ROOM_ENCRYPTION (ks_room_encryption_get_type ())
GType ks_room_encryption_get_type (void);

#define KS_TYPE_ROOM (ks_room_get_type ())
G_DECLARE_FINAL_TYPE (KsRoom, ks_room, KS, ROOM, GObject)

/* Read-only properties of the same names ("room-id", "name", "name-kind", "n-others",
 * "encryption", "known", "n-seen", "n-readable", "seen-all", "last-time"), with notify. Strings
 * are borrowed until the property changes. */

const char *ks_room_get_room_id (KsRoom *self);

/* One line, fit to be shown, never NULL or empty. Of several people: joined by ", ". */
const char *ks_room_get_name (KsRoom *self);
KsRoomNameKind ks_room_get_name_kind (KsRoom *self);

/* Of KS_ROOM_NAME_PEOPLE and _EMPTY: how many more people there are than the name lists. */
guint ks_room_get_n_others (KsRoom *self);

KsRoomEncryption ks_room_get_encryption (KsRoom *self);

/* Whether it is KS_ROOM_ENCRYPTION_ON. */
gboolean ks_room_get_encrypted (KsRoom *self);

/* Whether name and encryption have been asked for and answered. */
gboolean ks_room_get_known (KsRoom *self);

/* Messages of the room that were looked at so far in this run of the program, and those of
 * them that can be read; 0 and 0: none was looked at yet. They are those of the newest
 * KsTimeline of the room, or of ks_rooms_survey_async(). */
guint ks_room_get_n_seen (KsRoom *self);
guint ks_room_get_n_readable (KsRoom *self);

/* Whether these are all that there are; else they are the newest. */
gboolean ks_room_get_seen_all (KsRoom *self);

/* When the newest message that was looked at was sent, by the server's word: milliseconds
 * since 1970; 0: not known. */
gint64 ks_room_get_last_time (KsRoom *self);

G_END_DECLS
