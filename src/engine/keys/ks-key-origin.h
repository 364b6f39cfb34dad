/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said of where a room key comes from: the session that made it, and those that passed it
 * on. Nothing in a backup or a file proves it, and nobody reads a message by it; but a client whose
 * reader is strict (matrix-sdk-crypto, the engine of Element) refuses the key for a member that
 * is odd, and the whole of a file for one such key. So what is no key of its kind counts as not
 * said, when it comes in and once more when it goes out: older versions have stored any text.
 *
 * Any thread.
 */
#pragma once

#include "matrix/ks-json.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

/* More sessions than any key has passed through. What a chain says beyond is cut off, so that a
 * key stays within what readers of files take (KS_SESSION_MAX_SIZE). */
#define KS_KEY_CHAIN_MAX_LENGTH 256

/* @text, a Curve25519 or Ed25519 key in base64, as the specification spells it: unpadded. NULL:
 * it is none, or @text is NULL. */
char *ks_key_origin_key (const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* The forwarding chain @keys, in JSON as KsStoredRoomKey has it, up to the first that is no key;
 * NULL: nothing is left. A chain is a way, told from its beginning: behind a gap nobody knows
 * what it leads on from. All of it is not dropped, since that would say that the key was never
 * passed on. @length, which may be NULL, is set to the number of keys. */
char *ks_key_origin_chain (JsonArray *keys, guint *length) G_GNUC_WARN_UNUSED_RESULT;

/* The same for the JSON text of an array; any text, or NULL, is allowed. */
char *ks_key_origin_chain_text (const char *text, guint *length) G_GNUC_WARN_UNUSED_RESULT;

/* Sets what is said of @key's origin, as far as it is well said; NULL stands for what is not. The
 * store has an empty sender_key for one that is not known. */
void ks_key_origin_take (KsStoredRoomKey *key, const char *sender_key, const char *claimed_ed25519);

/* How much is known of @key's origin: 0, its sender is not; or 1, or 2 with the claimed key. */
guint ks_key_origin_known (const KsStoredRoomKey *key);

/* Whether @room_id can be a room's (Appendices, "Room IDs"): a strict reader refuses another
 * as it refuses a key that is none. */
gboolean ks_key_origin_is_room (const char *room_id);

G_END_DECLS
