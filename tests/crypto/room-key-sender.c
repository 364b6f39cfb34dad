/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "room-key-sender.h"
#include "crypto/ks-encoding.h"

#include <string.h>

void
sender_share (Sender *sender)
{
  char text[KS_BASE64_LENGTH (KS_ROOM_KEY_SHARE_SIZE)];
  size_t length = olm_outbound_group_session_key_length (sender->olm);

  g_assert_cmpint (olm_outbound_group_session_key (sender->olm, (uint8_t *) text, length), ==, length);
  g_assert_cmpint (ks_base64_decode_exact (text, length, sender->shared, sizeof sender->shared), ==,
                   KS_DECODE_OK);
}

void
sender_init_with (Sender *sender, uint8_t random[160])
{
  sender->olm = olm_outbound_group_session (g_malloc (olm_outbound_group_session_size ()));
  g_assert_cmpint (olm_init_outbound_group_session_random_length (sender->olm), ==, 160);
  g_assert_cmpint (olm_init_outbound_group_session (sender->olm, random, 160), ==, 0);
  memset (sender->id, 0, sizeof sender->id);
  g_assert_cmpint (olm_outbound_group_session_id (sender->olm, (uint8_t *) sender->id, KS_ROOM_KEY_ID_LENGTH),
                   ==, KS_ROOM_KEY_ID_LENGTH);
  sender_share (sender);
}

void
sender_init (Sender *sender)
{
  uint8_t random[160];

  ks_random (random, sizeof random);
  sender_init_with (sender, random);
}

void
sender_clear (Sender *sender)
{
  olm_clear_outbound_group_session (sender->olm);
  g_free (sender->olm);
}

char *
sender_encrypt (Sender *sender, const char *text)
{
  size_t length = olm_group_encrypt_message_length (sender->olm, strlen (text));
  char *message = g_malloc0 (length + 1);

  g_assert_cmpint (olm_group_encrypt (sender->olm, (const uint8_t *) text, strlen (text), (uint8_t *) message,
                                      length),
                   ==, length);
  return message;
}

KsRoomKey *
sender_accept (const Sender *sender)
{
  KsRoomKey *key;

  g_assert_cmpint (ks_room_key_accept (sender->shared, sizeof sender->shared, sender->id,
                                       KS_ROOM_KEY_ID_LENGTH, &key),
                   ==, KS_ROOM_KEY_OK);
  return key;
}

KsRoomKey *
room_key_from (KsRoomKey *key, uint32_t index)
{
  uint8_t exported[KS_ROOM_KEY_EXPORT_SIZE];
  KsRoomKey *imported;

  g_assert_true (ks_room_key_export (key, index, exported));
  g_assert_cmpint (ks_room_key_import (exported, sizeof exported, ks_room_key_get_id (key),
                                       KS_ROOM_KEY_ID_LENGTH, &imported),
                   ==, KS_ROOM_KEY_OK);
  return imported;
}

KsRoomKeyDecryption
room_key_verdict (KsRoomKey *key, const char *message)
{
  g_autofree uint8_t *plain = NULL;
  size_t size;
  uint32_t index;
  KsRoomKeyDecryption result = ks_room_key_decrypt (key, message, strlen (message), &plain, &size, &index);

  g_assert_true ((plain != NULL) == (result == KS_ROOM_KEY_DECRYPTED));
  if (result != KS_ROOM_KEY_DECRYPTED)
    g_assert_true (size == 0 && index == 0);
  return result;
}
