/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-encoding.h"
#include "crypto/ks-room-key.h"
#include "room-key-sender.h"
#include "vectors.h"
#include "weak-points.h"

#include <string.h>

static void
test_vector (const Vector *vector)
{
  g_autoptr (GBytes) exported = vector_bytes (vector, "session_key");
  g_autofree char *id = vector_text (vector, "session_id");
  g_autoptr (KsRoomKey) key = NULL;
  const uint8_t *bytes = g_bytes_get_data (exported, NULL);
  uint8_t again[KS_ROOM_KEY_EXPORT_SIZE];
  char own_id[KS_ROOM_KEY_ID_LENGTH + 1];
  uint32_t first_index;

  g_assert_cmpint (g_bytes_get_size (exported), ==, KS_ROOM_KEY_EXPORT_SIZE);
  g_assert_cmpint (ks_room_key_check_export (bytes, sizeof again, id, strlen (id), &first_index), ==,
                   KS_ROOM_KEY_OK);
  g_assert_cmpint (first_index, ==, vector_int (vector, "first_index"));
  ks_room_key_export_get_id (bytes, own_id);
  g_assert_cmpstr (own_id, ==, id);
  g_assert_cmpint (ks_room_key_import (bytes, sizeof again, id, strlen (id), &key), ==, KS_ROOM_KEY_OK);
  g_assert_cmpint (ks_room_key_get_first_index (key), ==, first_index);
  g_assert_cmpstr (ks_room_key_get_id (key), ==, id);
  g_assert_true (ks_room_key_export (key, first_index, again));
  g_assert_cmpmem (again, sizeof again, bytes, sizeof again);
  if (vector_has (vector, "message"))
    {
      g_autofree char *message = vector_text (vector, "message"), *part = vector_text (vector, "contains");
      g_autofree uint8_t *plain = NULL;
      uint32_t index;
      size_t size;

      g_assert_cmpint (ks_room_key_decrypt (key, message, strlen (message), &plain, &size, &index), ==,
                       KS_ROOM_KEY_DECRYPTED);
      g_assert_nonnull (memmem (plain, size, part, strlen (part)));
      g_assert_cmpint (index, ==, vector_int (vector, "message_index"));
    }
}

/* olm, tests/test_megolm.cpp, "Megolm::advance": a ratchet of four times
 * "0123456789ABCDEF0123456789ABCDEF", and what becomes of it. */
static void
test_olm_advance (void)
{
  static const struct
  {
    uint32_t index;
    const char *ratchet;
  } steps[] = {
    { 1, "303132333435363738394142434445463031323334353637383941424344454630313233343536373839414243444546"
         "303132333435363738394142434445463031323334353637383941424344454630313233343536373839414243444546"
         "ba9cd955741d1c162323ec825e7c5ce889bbb423a18f23828fb2090d6e2af86a" },
    { 0x1000000,
      "54022d7dc0298e1637e21c97153092f933c056ff74fe1b922d971f2482c2859c7004c01ee49bd6efe0073525af9b1632"
      "c5be726d12349cc5bd472bdc2df6540f3112591194fda617e568c683101eaecd7eddd6de1fbc0767ae34da1a09a54eab"
      "ba9cd955741d1c162323ec825e7c5ce889bbb423a18f23828fb2090d6e2af86a" },
    { 0x1041506,
      "54022d7dc0298e1637e21c97153092f933c056ff74fe1b922d971f2482c2859c55588df5b7a48878428927868164589f"
      "3663447b51edc3595b036ca604c46dcd5c54850bfa98a1fd79a9df1cbe8fc5681937d30c85c8c31f7bb828816cf9ff3b"
      "956cbf807e65126a49558d45c84a2e4cd56f03e24416b98e1cfd97c206aa907a" },
  };
  uint8_t exported[KS_ROOM_KEY_EXPORT_SIZE] = { 1 };
  g_autoptr (KsRoomKey) key = NULL;
  char id[KS_ROOM_KEY_ID_LENGTH + 1];

  for (gsize i = 0; i < 128; i++)
    exported[5 + i] = (uint8_t) "0123456789ABCDEF"[i % 16];
  exported[KS_ROOM_KEY_EXPORT_SIZE - 1] = 0x42; /* any public key */
  ks_room_key_export_get_id (exported, id);
  g_assert_cmpint (ks_room_key_import (exported, sizeof exported, id, strlen (id), &key), ==, KS_ROOM_KEY_OK);
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (GBytes) expected = bytes_of_hex (steps[i].ratchet);

      g_assert_true (ks_room_key_export (key, steps[i].index, exported));
      g_assert_cmpmem (exported + 5, 128, g_bytes_get_data (expected, NULL), g_bytes_get_size (expected));
    }
}

/* matrix-js-sdk's test data has each session a second time at index 1. Its generator takes
 * a short cut instead of Megolm's ratchet, so they must not pass for the same session. */
static void
test_js_sdk_ratcheted (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "crypto", "room-keys.ini", NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  static const char *const names[] = { "alice", "bob" };

  g_assert_true (g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *a = g_strdup_printf ("matrix-js-sdk/crypto-test-data/%s/session", names[i]);
      g_autofree char *b = g_strdup_printf ("matrix-js-sdk/crypto-test-data/%s/ratcheted", names[i]);
      const Vector first = { file, a }, later = { file, b };
      g_autoptr (GBytes) x = vector_bytes (&first, "session_key"), y = vector_bytes (&later, "session_key");
      g_autofree char *id = vector_text (&first, "session_id"), *message = vector_text (&first, "message");
      g_autoptr (KsRoomKey) key = NULL;
      g_autoptr (KsRoomKey) ratcheted = NULL;

      g_assert_cmpint (ks_room_key_import (g_bytes_get_data (x, NULL), 165, id, 43, &key), ==,
                       KS_ROOM_KEY_OK);
      g_assert_cmpint (ks_room_key_import (g_bytes_get_data (y, NULL), 165, id, 43, &ratcheted), ==,
                       KS_ROOM_KEY_OK);
      g_assert_cmpint (ks_room_key_compare (key, ratcheted), ==, KS_ROOM_KEY_UNCONNECTED);
      g_assert_cmpint (ks_room_key_compare (ratcheted, key), ==, KS_ROOM_KEY_UNCONNECTED);
      g_assert_cmpint (room_key_verdict (ratcheted, message), ==, KS_ROOM_KEY_TOO_EARLY);
    }
}

static void
test_malformed_exports (void)
{
  g_auto (Sender) sender;
  g_autoptr (KsRoomKey) key = NULL;
  KsRoomKey *imported;
  uint8_t exported[KS_ROOM_KEY_SHARE_SIZE + 1] = { 0 };
  uint32_t first_index;

  sender_init (&sender);
  key = sender_accept (&sender);
  g_assert_true (ks_room_key_export (key, 0, exported));
  for (gsize size = 0; size <= sizeof exported; size++)
    {
      if (size == KS_ROOM_KEY_EXPORT_SIZE)
        continue;
      first_index = 7;
      g_assert_cmpint (ks_room_key_check_export (exported, size, sender.id, 43, &first_index), ==,
                       KS_ROOM_KEY_MALFORMED);
      g_assert_cmpint (first_index, ==, 0);
      g_assert_cmpint (ks_room_key_import (exported, size, sender.id, 43, &imported), ==,
                       KS_ROOM_KEY_MALFORMED);
      g_assert_null (imported);
    }
  for (int version = 0; version < 256; version++)
    {
      exported[0] = (uint8_t) version;
      g_assert_cmpint (ks_room_key_check_export (exported, KS_ROOM_KEY_EXPORT_SIZE, sender.id, 43, NULL), ==,
                       version == 1 ? KS_ROOM_KEY_OK : KS_ROOM_KEY_MALFORMED);
    }
}

/* Threat A16, fault F37: a key is the session's only if its public key is the session's ID. */
static void
test_wrong_id (void)
{
  g_auto (Sender) sender;
  g_auto (Sender) other;
  g_autoptr (KsRoomKey) key = NULL;
  g_autofree char *padded = NULL, *longer = NULL;
  uint8_t exported[KS_ROOM_KEY_EXPORT_SIZE];
  const char *ids[5];
  KsRoomKey *made;

  sender_init (&sender);
  sender_init (&other);
  key = sender_accept (&sender);
  g_assert_true (ks_room_key_export (key, 0, exported));
  padded = g_strconcat (sender.id, "=", NULL);
  longer = g_strconcat (sender.id, "A", NULL);
  ids[0] = other.id;
  ids[1] = padded;
  ids[2] = longer;
  ids[3] = "";
  ids[4] = "1/../../x";
  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_assert_cmpint (ks_room_key_check_export (exported, sizeof exported, ids[i], strlen (ids[i]), NULL),
                       ==, KS_ROOM_KEY_WRONG_ID);
      g_assert_cmpint (ks_room_key_import (exported, sizeof exported, ids[i], strlen (ids[i]), &made), ==,
                       KS_ROOM_KEY_WRONG_ID);
      g_assert_cmpint (ks_room_key_accept (sender.shared, sizeof sender.shared, ids[i], strlen (ids[i]),
                                           &made),
                       ==, KS_ROOM_KEY_WRONG_ID);
      g_assert_null (made);
    }
}

/* Under a key of small order anybody could sign messages. */
static void
test_weak_public_keys (void)
{
  g_auto (Sender) sender;
  g_autoptr (KsRoomKey) key = NULL;
  uint8_t exported[KS_ROOM_KEY_EXPORT_SIZE];
  KsRoomKey *made;

  sender_init (&sender);
  key = sender_accept (&sender);
  g_assert_true (ks_room_key_export (key, 0, exported));
  for (gsize i = 0; i < 2 * G_N_ELEMENTS (weak_ed25519); i++)
    {
      uint8_t *public_key = exported + KS_ROOM_KEY_EXPORT_SIZE - 32;
      char id[KS_ROOM_KEY_ID_LENGTH + 1];

      memcpy (public_key, weak_ed25519[i / 2], 32);
      public_key[31] |= i % 2 == 1 ? 0x80 : 0;
      ks_room_key_export_get_id (exported, id);
      g_assert_cmpint (ks_room_key_check_export (exported, sizeof exported, id, 43, NULL), ==,
                       KS_ROOM_KEY_WEAK);
      g_assert_cmpint (ks_room_key_import (exported, sizeof exported, id, 43, &made), ==, KS_ROOM_KEY_WEAK);
      memcpy (sender.shared + KS_ROOM_KEY_EXPORT_SIZE - 32, public_key, 32);
      g_assert_cmpint (ks_room_key_accept (sender.shared, sizeof sender.shared, id, 43, &made), ==,
                       KS_ROOM_KEY_WEAK);
      g_assert_null (made);
    }
}

/* A shared key is signed as a whole. */
static void
test_share_each_byte_flipped (void)
{
  g_auto (Sender) sender;
  KsRoomKey *made;

  sender_init (&sender);
  for (gsize i = 0; i < sizeof sender.shared; i++)
    for (int bit = 0; bit < 8; bit++)
      {
        char id[KS_ROOM_KEY_ID_LENGTH + 1];

        sender.shared[i] ^= 1 << bit;
        ks_room_key_export_get_id (sender.shared, id);
        g_assert_cmpint (ks_room_key_accept (sender.shared, sizeof sender.shared, id, 43, &made), !=,
                         KS_ROOM_KEY_OK);
        g_assert_null (made);
        sender.shared[i] ^= 1 << bit;
      }
  for (gsize size = 0; size < sizeof sender.shared; size++)
    g_assert_cmpint (ks_room_key_accept (sender.shared, size, sender.id, 43, &made), ==,
                     KS_ROOM_KEY_MALFORMED);
}

/* Fault F38. */
static void
test_compare (void)
{
  g_auto (Sender) sender;
  g_auto (Sender) stranger;
  g_autoptr (KsRoomKey) key = NULL;
  g_autoptr (KsRoomKey) same = NULL;
  g_autoptr (KsRoomKey) later = NULL;
  g_autoptr (KsRoomKey) other = NULL;
  g_autoptr (KsRoomKey) forged = NULL;
  uint8_t exported[KS_ROOM_KEY_EXPORT_SIZE];

  sender_init (&sender);
  sender_init (&stranger);
  key = sender_accept (&sender);
  same = room_key_from (key, 0);
  later = room_key_from (key, 300);
  other = sender_accept (&stranger);
  g_assert_cmpint (ks_room_key_compare (key, same), ==, KS_ROOM_KEY_EQUAL);
  g_assert_cmpint (ks_room_key_compare (key, later), ==, KS_ROOM_KEY_BETTER);
  g_assert_cmpint (ks_room_key_compare (later, key), ==, KS_ROOM_KEY_WORSE);
  g_assert_cmpint (ks_room_key_compare (key, other), ==, KS_ROOM_KEY_OTHER);
  /* A lower index with a made-up ratchet, under the right session ID. */
  g_assert_true (ks_room_key_export (later, 300, exported));
  memset (exported + 1, 0, 4);
  g_assert_cmpint (ks_room_key_import (exported, sizeof exported, sender.id, 43, &forged), ==,
                   KS_ROOM_KEY_OK);
  g_assert_cmpint (ks_room_key_compare (forged, later), ==, KS_ROOM_KEY_UNCONNECTED);
  g_assert_cmpint (ks_room_key_compare (forged, key), ==, KS_ROOM_KEY_UNCONNECTED);
}

/* Threat A15, fault F38: any change of the ratchet is seen in a comparison; parts of it only at its own index. */
static void
test_compare_each_ratchet_byte_flipped (void)
{
  g_auto (Sender) sender;
  g_autoptr (KsRoomKey) key = NULL;
  uint8_t exported[KS_ROOM_KEY_EXPORT_SIZE];

  sender_init (&sender);
  key = sender_accept (&sender);
  g_assert_true (ks_room_key_export (key, 0, exported));
  for (gsize i = 5; i < 5 + 128; i++)
    {
      g_autoptr (KsRoomKey) changed = NULL;

      exported[i] ^= 0x40;
      g_assert_cmpint (ks_room_key_import (exported, sizeof exported, sender.id, 43, &changed), ==,
                       KS_ROOM_KEY_OK);
      g_assert_cmpint (ks_room_key_compare (changed, key), ==, KS_ROOM_KEY_UNCONNECTED);
      exported[i] ^= 0x40;
    }
}

/* There and back: 10,000 exports of one session. */
static void
test_export_round_trips (void)
{
  g_auto (Sender) sender;
  g_autoptr (KsRoomKey) key = NULL;

  sender_init (&sender);
  key = sender_accept (&sender);
  for (int round = 0; round < 10000; round++)
    {
      uint32_t index = (uint32_t) g_test_rand_int_range (0, 0x400);
      uint8_t exported[KS_ROOM_KEY_EXPORT_SIZE], again[KS_ROOM_KEY_EXPORT_SIZE];
      g_autoptr (KsRoomKey) imported = NULL;

      g_assert_true (ks_room_key_export (key, index, exported));
      g_assert_cmpint (ks_room_key_import (exported, sizeof exported, sender.id, 43, &imported), ==,
                       KS_ROOM_KEY_OK);
      g_assert_cmpint (ks_room_key_get_first_index (imported), ==, index);
      g_assert_true (ks_room_key_export (imported, index, again));
      g_assert_cmpmem (again, sizeof again, exported, sizeof exported);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  vectors_add ("/room-key/vectors", "room-keys.ini", test_vector);
  g_test_add_func ("/room-key/vectors/olm/test_megolm/advance", test_olm_advance);
  g_test_add_func ("/room-key/vectors/matrix-js-sdk/crypto-test-data/ratcheted", test_js_sdk_ratcheted);
  g_test_add_func ("/room-key/malformed-exports", test_malformed_exports);
  g_test_add_func ("/room-key/wrong-id", test_wrong_id);
  g_test_add_func ("/room-key/weak-public-keys", test_weak_public_keys);
  g_test_add_func ("/room-key/share-each-byte-flipped", test_share_each_byte_flipped);
  g_test_add_func ("/room-key/compare", test_compare);
  g_test_add_func ("/room-key/compare-each-ratchet-byte-flipped", test_compare_each_ratchet_byte_flipped);
  g_test_add_func ("/room-key/export-round-trips", test_export_round_trips);
  return g_test_run ();
}
