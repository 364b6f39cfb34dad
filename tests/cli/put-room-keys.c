/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * put-room-keys PROFILE STORE-KEY-FILE COUNT
 *
 * Puts new room keys into the local store of the account that is signed in there, in rooms
 * of 50 keys, as if they had come from their senders. Prints a line for each: the room, the
 * session, and the exported key in base64. Nobody sent a message with them; in everything
 * else they are room keys.
 */

#include "store/signed-in.h"
#include "store/store-fixture.h"

#include "crypto/ks-encoding.h"
#include "crypto/ks-room-key.h"
#include "crypto/ks-signing.h"
#include "store/ks-key-store.h"

#include <stdlib.h>
#include <string.h>

#define KEYS_OF_A_ROOM 50

/* Keys put in one transaction. */
#define KEYS_AT_ONCE 1000

#define SENDER_KEY "c2VuZGVyIGtleSBvZiBhIHJvb20ga2V5IGluIHRlc3Q"

/* The export format: version 1, the index of the first message, ratchet, public key. */
static KsStoredRoomKey *
make_key (guint number)
{
  KsStoredRoomKey *key = g_new0 (KsStoredRoomKey, 1);
  g_autoptr (KsSecret) seed = ks_secret_new_random (KS_SIGNING_SEED_SIZE);
  uint8_t *exported = g_malloc0 (KS_ROOM_KEY_EXPORT_SIZE);
  uint8_t *ratchet = exported + 5;
  char id[KS_ROOM_KEY_ID_LENGTH + 1];

  exported[0] = 1;
  ks_random (ratchet, 128);
  g_assert_true (ks_signing_public_key (seed, ratchet + 128));
  ks_room_key_export_get_id (exported, id);
  g_assert_cmpint (ks_room_key_check_export (exported, KS_ROOM_KEY_EXPORT_SIZE, id, strlen (id), NULL), ==,
                   KS_ROOM_KEY_OK);
  key->room_id = g_strdup_printf ("!room%u:localhost", number / KEYS_OF_A_ROOM);
  key->session_id = g_strdup (id);
  key->sender_key = g_strdup (SENDER_KEY);
  key->provenance = KS_ROOM_KEY_DIRECT;
  key->session_key = exported;
  key->session_key_size = KS_ROOM_KEY_EXPORT_SIZE;
  return key;
}

static void
put (KsKeyStore *store, GPtrArray *keys)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  KsKeyStorePut sum;

  ks_key_store_put_async (store, keys, NULL, NULL, NULL, NULL, store_on_ready, &result);
  ks_key_store_put_finish (store, store_wait (&result), &sum, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sum.added, ==, keys->len);
}

static void
tell (const KsStoredRoomKey *key)
{
  g_autofree char *exported = ks_base64_encode (key->session_key, key->session_key_size, KS_BASE64_UNPADDED);

  g_print ("%s %s %s\n", key->room_id, key->session_id, exported);
}

int
main (int argc, char **argv)
{
  KsDatabase *database;
  g_autoptr (KsAccountRecord) account = NULL;
  KsKeyStore *store;
  guint count;

  g_assert_cmpint (argc, ==, 4);
  count = (guint) strtoul (argv[3], NULL, 10);
  database = signed_in_open (argv[1], argv[2], &account);
  store = ks_key_store_new (database, account);
  for (guint done = 0; done < count;)
    {
      g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);

      for (; done < count && keys->len < KEYS_AT_ONCE; done++)
        g_ptr_array_add (keys, make_key (done));
      put (store, keys);
      for (guint i = 0; i < keys->len; i++)
        tell (keys->pdata[i]);
    }
  g_object_unref (store);
  store_close (database);
  return 0;
}
