/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fetches the keys of the room that is open from the backup, once in a run of the program.
 */
#pragma once

#include "engine/account/ks-account.h"
#include "engine/history/ks-timeline.h"

G_BEGIN_DECLS

#define KS_TYPE_ROOM_KEYS (ks_room_keys_get_type ())
G_DECLARE_FINAL_TYPE (KsRoomKeys, ks_room_keys, KS, ROOM_KEYS, GObject)

/* Signal "changed": one of the three below. */

KsRoomKeys *ks_room_keys_new (void) G_GNUC_WARN_UNUSED_RESULT;

/* Whose rooms they are; NULL: nobody is signed in. Forgets what was fetched. */
void ks_room_keys_set_account (KsRoomKeys *self, KsAccount *account);

/* For @timeline, unless they were fetched before or the backup is not open for this session.
 * Nothing while it runs. */
void ks_room_keys_fetch (KsRoomKeys *self, KsTimeline *timeline);

/* Nobody waits for them any more. What has arrived stays; the failure is forgotten. */
void ks_room_keys_stop (KsRoomKeys *self);

/* Those of @room_id may be fetched once more. */
void ks_room_keys_forget (KsRoomKeys *self, const char *room_id);

/* They are on their way. */
gboolean ks_room_keys_get_running (KsRoomKeys *self);

/* And so shortly that it is better to show nothing until they are here than locks that turn
 * into messages the moment after. */
gboolean ks_room_keys_get_hurried (KsRoomKeys *self);

/* Why none came; NULL: that is not so. Borrowed. */
const GError *ks_room_keys_get_failure (KsRoomKeys *self);

G_END_DECLS
