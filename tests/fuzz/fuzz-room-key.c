/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Room keys and messages from anywhere. The first byte says what follows: an exported
 * key, a shared one, or the text of a message for a key that is kept.
 */

#include "crypto/ks-room-key.h"
#include "fuzz/fuzz-target.h"

#include <string.h>

/* Any ratchet will do, and a public key that is not weak. */
static KsRoomKey *
kept_key (void)
{
  static KsRoomKey *key;
  uint8_t exported[KS_ROOM_KEY_EXPORT_SIZE] = { 1 };
  char id[KS_ROOM_KEY_ID_LENGTH + 1];

  exported[KS_ROOM_KEY_EXPORT_SIZE - 1] = 0x42;
  ks_room_key_export_get_id (exported, id);
  if (key == NULL)
    g_assert_cmpint (ks_room_key_import (exported, sizeof exported, id, KS_ROOM_KEY_ID_LENGTH, &key), ==,
                     KS_ROOM_KEY_OK);
  return key;
}

static void
try_message (KsRoomKey *key, const uint8_t *text, size_t length)
{
  g_autofree uint8_t *plain = NULL;
  size_t size;
  uint32_t index;
  KsRoomKeyDecryption result = ks_room_key_decrypt (key, (const char *) text, length, &plain, &size, &index);

  g_assert_true ((plain != NULL) == (result == KS_ROOM_KEY_DECRYPTED));
}

static void
try_export (const uint8_t *data, size_t size)
{
  uint8_t again[KS_ROOM_KEY_EXPORT_SIZE];
  char id[KS_ROOM_KEY_ID_LENGTH + 1] = "";
  g_autoptr (KsRoomKey) key = NULL;

  if (size >= KS_ROOM_KEY_EXPORT_SIZE)
    ks_room_key_export_get_id (data, id);
  if (ks_room_key_import (data, size, id, strlen (id), &key) != KS_ROOM_KEY_OK)
    return;
  g_assert_true (ks_room_key_export (key, ks_room_key_get_first_index (key), again));
  g_assert_cmpmem (again, sizeof again, data, size);
  g_assert_cmpint (ks_room_key_compare (key, key), ==, KS_ROOM_KEY_EQUAL);
  try_message (key, (const uint8_t *) "AwgAEgEA", 8);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  char id[KS_ROOM_KEY_ID_LENGTH + 1] = "";
  g_autoptr (KsRoomKey) key = NULL;

  if (size == 0)
    return 0;
  if (data[0] % 3 == 0)
    try_export (data + 1, size - 1);
  else if (data[0] % 3 == 1)
    try_message (kept_key (), data + 1, size - 1);
  else
    {
      if (size > KS_ROOM_KEY_EXPORT_SIZE)
        ks_room_key_export_get_id (data + 1, id);
      if (ks_room_key_accept (data + 1, size - 1, id, strlen (id), &key) == KS_ROOM_KEY_OK)
        try_message (key, (const uint8_t *) "AwgAEgEA", 8);
    }
  return 0;
}
