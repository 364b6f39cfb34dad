/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A room key as the JSON object that a backup entry seals and that a room-key file lists
 * (Client-Server API, "SessionData" and "ExportedSessionData"), and how the key itself comes
 * back out of one. Any thread.
 */
#pragma once

#include "crypto/ks-room-key.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

#define KS_ROOM_KEY_ALGORITHM "m.megolm.v1.aes-sha2"

typedef enum
{
  KS_ROOM_KEY_JSON_NAMELESS, /* without room and session, which an entry's place tells */
  KS_ROOM_KEY_JSON_NAMED,    /* with both, as in a file */
} KsRoomKeyJsonForm;

/* Writes @key, in memory that never moves, so that no copy is left behind; with nothing in it that a
 * strict reader would refuse (ks-key-origin.h): what is odd and may be left out is. @first_index
 * and @forwarded, which may be NULL, are set to what is written. NULL: the key is damaged (its
 * parts contradict each other), or something that every reader asks for is not known of it: who
 * made it, or a room that can be one. */
GString *ks_room_key_json_write (const KsStoredRoomKey *key,
                                 KsRoomKeyJsonForm form,
                                 uint32_t *first_index,
                                 guint *forwarded) G_GNUC_WARN_UNUSED_RESULT;

/* Wipes and frees; NULL is allowed. */
void ks_room_key_json_free (GString *json);

/* Takes the base64 text of a "session_key" into @key, session_key and first_index of which are
 * set if all is well: it is a key, and that of the session @session_id. KS_ROOM_KEY_WRONG_ID is
 * the only other result that says something; any other means that this is no key. */
KsRoomKeyResult ks_room_key_json_take_key (KsStoredRoomKey *key,
                                           const char *session_key,
                                           gsize length,
                                           const char *session_id) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
