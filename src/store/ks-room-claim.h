/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which room a session belongs to, where keys say several (threat: a server, or whoever wrote a file,
 * says any), within a transaction. What stands beside another claim is decided here, and what a
 * message proves is noted; whether a key is better is for the function that is passed in. Internal to
 * the store.
 */
#pragma once

#include "store/ks-account-scope.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

/* What is to become of @key, which is not here under the room that it says, or is and was found
 * false: where that is outweighed its "elsewhere" is set, and what it opens beyond the key that
 * outweighs it is kept with that. Where it is to be stored its room_claim is set. */
gboolean ks_room_claim_weigh (KsTransaction *transaction,
                              const KsAccountScope *scope,
                              KsStoredRoomKey *key,
                              KsRoomKeyMergeFunc merge,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* As ks_key_store_note_rooms_async() says, for one key. */
gboolean ks_room_claim_prove (KsTransaction *transaction,
                              const KsAccountScope *scope,
                              const char *room_id,
                              const KsStoredRoomKey *key,
                              KsRoomKeyMergeFunc merge,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
