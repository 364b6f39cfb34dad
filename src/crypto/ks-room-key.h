/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Room keys: inbound Megolm sessions (Olm project, "Megolm"), by libolm. Taken in,
 * compared, given out, and used to decrypt messages. What room a key is for, where it
 * came from and how far it is trusted is for the layers above.
 *
 * An exported room key carries no signature: whoever hands one over may have made it up.
 * What is proven here is only that it has the right form and that its session ID is the
 * public key inside.
 */
#pragma once

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

/* "session_key" of exports and backups: version 1, index, ratchet (4 × 32), public key. */
#define KS_ROOM_KEY_EXPORT_SIZE 165
/* "session_key" of an m.room_key event: version 2, the same, and a signature. */
#define KS_ROOM_KEY_SHARE_SIZE 229
/* A session ID is the public key, and its text that in unpadded base64. */
#define KS_ROOM_KEY_ID_SIZE 32
#define KS_ROOM_KEY_ID_LENGTH 43

typedef enum
{
  KS_ROOM_KEY_OK,
  KS_ROOM_KEY_MALFORMED,     /* not of the right size or version */
  KS_ROOM_KEY_WEAK,          /* its public key is of small order or not canonical */
  KS_ROOM_KEY_WRONG_ID,      /* it is the key of another session */
  KS_ROOM_KEY_BAD_SIGNATURE, /* shared keys only */
  KS_ROOM_KEY_FAILED,        /* the library refused it all the same */
} KsRoomKeyResult;

/* Checks an exported key for session @session_id (text, unpadded base64, compared as it
 * is) without taking it in, as cheap as can be: no memory, no library, any thread.
 * @first_index is the index of the first message it can decrypt; may be NULL. */
KsRoomKeyResult ks_room_key_check_export (const uint8_t *exported,
                                          size_t size,
                                          const char *session_id,
                                          size_t session_id_length,
                                          uint32_t *first_index) G_GNUC_WARN_UNUSED_RESULT;

/* The session ID that belongs to an export of KS_ROOM_KEY_EXPORT_SIZE bytes, for sources
 * that name none. @session_id gets KS_ROOM_KEY_ID_LENGTH characters and a zero. */
void ks_room_key_export_get_id (const uint8_t exported[KS_ROOM_KEY_EXPORT_SIZE],
                                char session_id[KS_ROOM_KEY_ID_LENGTH + 1]);

/* A room key in ordinary memory, wiped when freed. Decrypting and exporting change it: one
 * thread at a time. */
typedef struct KsRoomKey KsRoomKey;

/* Takes in an exported key after the checks of ks_room_key_check_export(). @key is set to
 * NULL after an error. The caller wipes @exported. */
KsRoomKeyResult ks_room_key_import (const uint8_t *exported,
                                    size_t size,
                                    const char *session_id,
                                    size_t session_id_length,
                                    KsRoomKey **key) G_GNUC_WARN_UNUSED_RESULT;

/* Takes in the key of an m.room_key event, which its creator signed. Otherwise the same. */
KsRoomKeyResult ks_room_key_accept (const uint8_t *shared,
                                    size_t size,
                                    const char *session_id,
                                    size_t session_id_length,
                                    KsRoomKey **key) G_GNUC_WARN_UNUSED_RESULT;

void ks_room_key_free (KsRoomKey *key); /* NULL is allowed */

uint32_t ks_room_key_get_first_index (const KsRoomKey *key);
const char *ks_room_key_get_id (const KsRoomKey *key); /* the text */

/* The key as it is from message @index on. false: @index lies before its first index, or
 * the library failed; @exported is wiped. The caller wipes it otherwise. */
bool ks_room_key_export (KsRoomKey *key, uint32_t index, uint8_t exported[KS_ROOM_KEY_EXPORT_SIZE])
    G_GNUC_WARN_UNUSED_RESULT;

typedef enum
{
  KS_ROOM_KEY_EQUAL,
  KS_ROOM_KEY_BETTER,      /* reaches further back */
  KS_ROOM_KEY_WORSE,       /* reaches less far back */
  KS_ROOM_KEY_UNCONNECTED, /* same session ID, but one does not grow from the other: one of
                              the two is made up */
  KS_ROOM_KEY_OTHER,       /* keys of two sessions */
} KsRoomKeyOrder;

/* What @key is beside @other. Both are advanced to the later of their first indexes and
 * compared there, in constant time. A failure of the library counts as unconnected. */
KsRoomKeyOrder ks_room_key_compare (KsRoomKey *key, KsRoomKey *other) G_GNUC_WARN_UNUSED_RESULT;

typedef enum
{
  KS_ROOM_KEY_DECRYPTED,
  KS_ROOM_KEY_BAD_MESSAGE,   /* no Megolm message: base64, version, form */
  KS_ROOM_KEY_TOO_EARLY,     /* sent before the first message that this key can decrypt */
  KS_ROOM_KEY_NOT_AUTHENTIC, /* MAC or signature do not fit: changed, or of another session */
  KS_ROOM_KEY_NOT_DECRYPTED, /* the library failed */
} KsRoomKeyDecryption;

/* Decrypts the "ciphertext" of an m.room.encrypted event (base64 text). @plain is the
 * payload (not terminated by a zero; wipe and g_free() it), @index the number of the
 * message, by which the caller detects replays. After an error @plain is NULL. */
KsRoomKeyDecryption ks_room_key_decrypt (
    KsRoomKey *key, const char *ciphertext, size_t length, uint8_t **plain, size_t *size, uint32_t *index)
    G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsRoomKey, ks_room_key_free)

G_END_DECLS
