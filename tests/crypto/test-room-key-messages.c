/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages and the room keys that do, or do not, decrypt them.
 */

#include "crypto/ks-encoding.h"
#include "crypto/ks-room-key.h"
#include "crypto/ks-signing.h"
#include "room-key-sender.h"
#include "vectors.h"

#include <string.h>

static void
assert_decrypts (KsRoomKey *key, const char *message, const char *text, uint32_t at)
{
  g_autofree uint8_t *plain = NULL;
  size_t size;
  uint32_t index;

  g_assert_cmpint (ks_room_key_decrypt (key, message, strlen (message), &plain, &size, &index), ==,
                   KS_ROOM_KEY_DECRYPTED);
  g_assert_cmpmem (plain, size, text, strlen (text));
  g_assert_cmpint (index, ==, at);
}

static void
test_shared_vector (const Vector *vector)
{
  g_autoptr (GBytes) shared = vector_bytes (vector, "shared_key");
  g_autofree char *message = vector_text (vector, "message"), *text = vector_text (vector, "plaintext");
  g_autoptr (KsRoomKey) key = NULL;
  g_autoptr (KsRoomKey) imported = NULL;
  const uint8_t *bytes = g_bytes_get_data (shared, NULL);
  char id[KS_ROOM_KEY_ID_LENGTH + 1];

  ks_room_key_export_get_id (bytes, id);
  g_assert_cmpint (ks_room_key_accept (bytes, g_bytes_get_size (shared), id, strlen (id), &key), ==,
                   KS_ROOM_KEY_OK);
  assert_decrypts (key, message, text, (uint32_t) vector_int (vector, "message_index"));
  imported = room_key_from (key, 0);
  assert_decrypts (imported, message, text, (uint32_t) vector_int (vector, "message_index"));
  g_assert_cmpint (ks_room_key_compare (key, imported), ==, KS_ROOM_KEY_EQUAL);
  /* olm, "Invalid signature group message": its last character changed. */
  message[strlen (message) - 1] = 'E';
  g_assert_cmpint (room_key_verdict (key, message), ==, KS_ROOM_KEY_NOT_AUTHENTIC);
}

static void
test_export_at_index (void)
{
  g_auto (Sender) sender;
  g_autoptr (KsRoomKey) key = NULL;
  g_autoptr (KsRoomKey) later = NULL;
  const uint8_t zero[KS_ROOM_KEY_EXPORT_SIZE] = { 0 };
  uint8_t exported[KS_ROOM_KEY_EXPORT_SIZE];
  g_autofree char *m0 = NULL, *m1 = NULL, *m2 = NULL;

  sender_init (&sender);
  key = sender_accept (&sender);
  m0 = sender_encrypt (&sender, "nought");
  m1 = sender_encrypt (&sender, "one");
  m2 = sender_encrypt (&sender, "two");
  later = room_key_from (key, 1);
  g_assert_cmpint (ks_room_key_get_first_index (later), ==, 1);
  g_assert_cmpint (room_key_verdict (later, m0), ==, KS_ROOM_KEY_TOO_EARLY);
  /* Out of order, and again: what was decrypted does not move the beginning. */
  assert_decrypts (later, m2, "two", 2);
  assert_decrypts (later, m1, "one", 1);
  assert_decrypts (later, m2, "two", 2);
  g_assert_true (ks_room_key_export (later, 1, exported));
  memset (exported, 'x', sizeof exported);
  g_assert_false (ks_room_key_export (later, 0, exported));
  g_assert_cmpmem (exported, sizeof exported, zero, sizeof zero);
  g_assert_true (ks_room_key_export (later, 1000000, exported));
}

/* libolm counts round the end of 32 bits; nothing here does. */
static void
test_index_does_not_wrap (void)
{
  g_auto (Sender) sender;
  g_autoptr (KsRoomKey) key = NULL;
  g_autoptr (KsRoomKey) last = NULL;
  uint8_t exported[KS_ROOM_KEY_EXPORT_SIZE];
  g_autofree char *message = NULL;

  sender_init (&sender);
  key = sender_accept (&sender);
  message = sender_encrypt (&sender, "text");
  g_assert_true (ks_room_key_export (key, 0x7fffffff, exported));
  memset (exported + 1, 0xff, 4);
  g_assert_cmpint (ks_room_key_import (exported, sizeof exported, sender.id, 43, &last), ==, KS_ROOM_KEY_OK);
  g_assert_cmpint (ks_room_key_get_first_index (last), ==, G_MAXUINT32);
  g_assert_false (ks_room_key_export (last, 0, exported));
  g_assert_false (ks_room_key_export (last, 5, exported));
  g_assert_true (ks_room_key_export (last, G_MAXUINT32, exported));
  g_assert_cmpint (room_key_verdict (last, message), !=, KS_ROOM_KEY_DECRYPTED);
  /* 2^32 - 1 apart: libolm cannot tell, so it is nothing that one could trust. */
  g_assert_cmpint (ks_room_key_compare (last, key), ==, KS_ROOM_KEY_UNCONNECTED);
}

/* A message that libolm would decrypt by counting on from 2^32 - 1 to 0. */
static void
test_message_after_the_wrap (void)
{
  uint8_t exported[KS_ROOM_KEY_EXPORT_SIZE] = { 1, 0xff, 0xff, 0xff, 0xff }, random[128 + 32];
  g_autofree OlmInboundGroupSession *olm =
      olm_inbound_group_session (g_malloc (olm_inbound_group_session_size ()));
  g_autoptr (KsSecret) seed = ks_secret_new_random (KS_SIGNING_SEED_SIZE);
  char text[KS_BASE64_LENGTH (KS_ROOM_KEY_EXPORT_SIZE) + 1];
  g_autoptr (KsRoomKey) key = NULL;
  g_autofree char *message = NULL;
  g_auto (Sender) sender = { 0 };
  uint8_t wrapped[KS_ROOM_KEY_EXPORT_SIZE];
  size_t length;

  ks_random (exported + 5, 128);
  g_assert_true (ks_signing_public_key (seed, exported + 5 + 128));
  length = ks_base64_encode_secret_to (exported, sizeof exported, KS_BASE64_UNPADDED, text);
  g_assert_cmpint (olm_import_inbound_group_session (olm, (const uint8_t *) text, length), ==, 0);
  g_assert_cmpint (olm_export_inbound_group_session (olm, (uint8_t *) text, length, 0), ==, length);
  g_assert_cmpint (ks_base64_decode_exact (text, length, wrapped, sizeof wrapped), ==, KS_DECODE_OK);
  olm_clear_inbound_group_session (olm);
  /* The sender whose ratchet begins there. */
  memcpy (random, wrapped + 5, 128);
  memcpy (random + 128, ks_secret_bytes (seed), 32);
  sender_init_with (&sender, random);
  message = sender_encrypt (&sender, "text");
  ks_room_key_export_get_id (exported, text);
  g_assert_cmpstr (text, ==, sender.id);
  g_assert_cmpint (ks_room_key_import (exported, sizeof exported, sender.id, 43, &key), ==, KS_ROOM_KEY_OK);
  g_assert_cmpint (room_key_verdict (key, message), ==, KS_ROOM_KEY_TOO_EARLY);
}

static void
test_message_each_byte_flipped (void)
{
  g_auto (Sender) sender;
  g_autoptr (KsRoomKey) key = NULL;
  g_autofree char *message = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree uint8_t *changed = NULL;
  gsize size;

  sender_init (&sender);
  key = sender_accept (&sender);
  message = sender_encrypt (&sender, "{\"type\":\"m.room.message\"}");
  bytes = bytes_of_base64 (message);
  size = g_bytes_get_size (bytes);
  changed = g_memdup2 (g_bytes_get_data (bytes, NULL), size);
  for (gsize i = 0; i < size; i++)
    for (int bit = 0; bit < 8; bit++)
      {
        g_autofree char *text = NULL;

        changed[i] ^= 1 << bit;
        text = ks_base64_encode (changed, size, KS_BASE64_UNPADDED);
        g_assert_cmpint (room_key_verdict (key, text), !=, KS_ROOM_KEY_DECRYPTED);
        changed[i] ^= 1 << bit;
      }
  assert_decrypts (key, message, "{\"type\":\"m.room.message\"}", 0);
}

static void
test_malformed_messages (void)
{
  static const char *const messages[] = { "",     "A",           "AA==",       "Aw",     "====",
                                          "AwgA", "not base64!", "AwgAEnAk-_", "AwgAEgA" };
  g_auto (Sender) sender;
  g_auto (Sender) other;
  g_autoptr (KsRoomKey) key = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *message = NULL, *of_other = NULL, *padded = NULL, *spaced = NULL, *text = NULL;

  sender_init (&sender);
  sender_init (&other);
  key = sender_accept (&sender);
  for (gsize i = 0; i < G_N_ELEMENTS (messages); i++)
    g_assert_cmpint (room_key_verdict (key, messages[i]), ==, KS_ROOM_KEY_BAD_MESSAGE);
  of_other = sender_encrypt (&other, "text");
  g_assert_cmpint (room_key_verdict (key, of_other), ==, KS_ROOM_KEY_NOT_AUTHENTIC);
  text = g_strnfill (100, 'x');
  message = sender_encrypt (&sender, text);
  for (gsize length = 0; length < strlen (message); length++)
    {
      g_autofree char *cut = g_strndup (message, length);

      g_assert_cmpint (room_key_verdict (key, cut), !=, KS_ROOM_KEY_DECRYPTED);
    }
  spaced = g_strconcat (message, "\n", NULL);
  g_assert_cmpint (room_key_verdict (key, spaced), ==, KS_ROOM_KEY_BAD_MESSAGE);
  bytes = bytes_of_base64 (message);
  padded = g_base64_encode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  assert_decrypts (key, padded, text, 0);
}

/* Sessions of random length: each export decrypts just what comes after it. */
static void
test_round_trips (void)
{
  for (int round = 0; round < 500; round++)
    {
      g_auto (Sender) sender;
      g_autoptr (KsRoomKey) key = NULL;
      g_autoptr (KsRoomKey) later = NULL;
      int n = g_test_rand_int_range (1, 20), from = g_test_rand_int_range (0, n);

      sender_init (&sender);
      key = sender_accept (&sender);
      later = room_key_from (key, (uint32_t) from);
      for (int i = 0; i < n; i++)
        {
          g_autofree char *text = g_strdup_printf ("message %d of %d", i, n);
          g_autofree char *message = sender_encrypt (&sender, text);

          assert_decrypts (key, message, text, (uint32_t) i);
          if (i < from)
            g_assert_cmpint (room_key_verdict (later, message), ==, KS_ROOM_KEY_TOO_EARLY);
          else
            assert_decrypts (later, message, text, (uint32_t) i);
        }
      /* Sharing it now gives a key from here on. */
      sender_share (&sender);
      g_clear_pointer (&later, ks_room_key_free);
      later = sender_accept (&sender);
      g_assert_cmpint (ks_room_key_get_first_index (later), ==, n);
      g_assert_cmpint (ks_room_key_compare (later, key), ==, KS_ROOM_KEY_WORSE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  vectors_add ("/room-key-messages/vectors", "shared-room-keys.ini", test_shared_vector);
  g_test_add_func ("/room-key-messages/export-at-index", test_export_at_index);
  g_test_add_func ("/room-key-messages/index-does-not-wrap", test_index_does_not_wrap);
  g_test_add_func ("/room-key-messages/message-after-the-wrap", test_message_after_the_wrap);
  g_test_add_func ("/room-key-messages/message-each-byte-flipped", test_message_each_byte_flipped);
  g_test_add_func ("/room-key-messages/malformed-messages", test_malformed_messages);
  g_test_add_func ("/room-key-messages/round-trips", test_round_trips);
  return g_test_run ();
}
