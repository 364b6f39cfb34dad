/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The other end of a room key, for tests: a Megolm session as libolm sends in it.
 */
#pragma once

#include "crypto/ks-room-key.h"

#include <olm/olm.h>

G_BEGIN_DECLS

typedef struct
{
  OlmOutboundGroupSession *olm; /* owned */
  char id[KS_ROOM_KEY_ID_LENGTH + 1];
  uint8_t shared[KS_ROOM_KEY_SHARE_SIZE];
} Sender;

void sender_init (Sender *sender);

/* @random: 128 bytes of ratchet and 32 of the signing key's seed; libolm wipes them. */
void sender_init_with (Sender *sender, uint8_t random[160]);

void sender_clear (Sender *sender);

/* Makes @sender->shared the key from the next message on; it is that of the first. */
void sender_share (Sender *sender);

/* The next message. Free with g_free(). */
char *sender_encrypt (Sender *sender, const char *text);

/* The key that @sender shares, taken in. */
KsRoomKey *sender_accept (const Sender *sender);

/* The key as it is from @index on, exported and taken in again. */
KsRoomKey *room_key_from (KsRoomKey *key, uint32_t index);

/* Decrypts a message of which only the verdict matters. */
KsRoomKeyDecryption room_key_verdict (KsRoomKey *key, const char *message);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sender, sender_clear)

G_END_DECLS
