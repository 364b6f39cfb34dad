/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an entry of a backup opens to: anybody who knows the public key can have sealed
 * anything. What is taken for a room key can be sealed again, and is the same then.
 */

#include "crypto/ks-encoding.h"
#include "engine/backup/ks-backup-entry.h"
#include "fuzz/fuzz-target.h"

#include <string.h>

#define SESSION_ID "SLV2m4EgT+0vw2w4xbwWkFfoPR9ZSCBO0C5GpL7RVZg"

typedef struct
{
  KsBackupDecryptor *decryptor;
  KsBackupEncryptor *encryptor;
} Pair;

static const Pair *
get_pair (void)
{
  static Pair pair;

  if (pair.decryptor == NULL)
    {
      g_autoptr (KsSecret) key = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
      uint8_t public_key[KS_BACKUP_KEY_SIZE];

      g_assert_true (ks_backup_public_key (key, public_key));
      pair.decryptor = ks_backup_decryptor_new (key);
      pair.encryptor = ks_backup_encryptor_new (public_key);
    }
  return &pair;
}

static void
seal_again (const KsStoredRoomKey *key)
{
  g_autoptr (GString) json = g_string_new ("{");
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (KsStoredRoomKey) again = NULL;
  JsonObject *entry;

  /* What no reader would take without knowing who made it is not written. */
  if (key->sender_key[0] == '\0')
    {
      g_assert_false (ks_backup_entry_append (json, get_pair ()->encryptor, key));
      return;
    }
  g_assert_true (ks_backup_entry_append (json, get_pair ()->encryptor, key));
  g_string_append_c (json, '}');
  object = ks_json_parse_object (json->str, json->len, NULL);
  g_assert_true (ks_json_get_object (object, key->session_id, &entry));
  g_assert_cmpint (ks_backup_entry_open_json (entry, key->room_id, key->session_id, get_pair ()->decryptor,
                                              &again),
                   ==, KS_BACKUP_ENTRY_OK);
  g_assert_cmpmem (again->session_key, again->session_key_size, key->session_key, key->session_key_size);
  g_assert_cmpstr (again->sender_key, ==, key->sender_key);
  /* What is no point of the curve is left out. */
  if (again->claimed_ed25519 != NULL)
    g_assert_cmpstr (again->claimed_ed25519, ==, key->claimed_ed25519);
  g_assert_cmpstr (again->forwarding_chain, ==, key->forwarding_chain);
  g_assert_true (again->shared_history == key->shared_history);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  size_t sealed_size = KS_BACKUP_CIPHERTEXT_SIZE (size);
  g_autofree uint8_t *ciphertext = g_malloc (sealed_size);
  g_autofree char *ciphertext_text = NULL, *ephemeral_text = NULL, *mac_text = NULL;
  uint8_t ephemeral[KS_BACKUP_KEY_SIZE], mac[KS_BACKUP_MAC_SIZE];
  g_autoptr (KsStoredRoomKey) key = NULL;
  KsBackupEntry entry = { .room_id = "!room:localhost", .session_id = SESSION_ID };
  KsBackupEntryResult result;

  g_assert_cmpint (ks_backup_encrypt (get_pair ()->encryptor, data, size, ephemeral, ciphertext, mac), ==,
                   KS_BACKUP_OK);
  entry.ciphertext = ciphertext_text = ks_base64_encode (ciphertext, sealed_size, KS_BASE64_UNPADDED);
  entry.ephemeral = ephemeral_text = ks_base64_encode (ephemeral, sizeof ephemeral, KS_BASE64_UNPADDED);
  entry.mac = mac_text = ks_base64_encode (mac, sizeof mac, KS_BASE64_UNPADDED);
  entry.ciphertext_length = strlen (entry.ciphertext);
  entry.ephemeral_length = strlen (entry.ephemeral);
  entry.mac_length = strlen (entry.mac);

  result = ks_backup_entry_open (&entry, get_pair ()->decryptor, &key);
  g_assert_true ((key != NULL) == (result == KS_BACKUP_ENTRY_OK));
  g_assert_cmpint (result, !=, KS_BACKUP_ENTRY_NOT_OURS);
  if (key != NULL)
    seal_again (key);
  return 0;
}
