/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/backup/ks-backup-entry.h"

#include "crypto/ks-encoding.h"
#include "engine/keys/ks-key-origin.h"
#include "engine/keys/ks-room-key-json.h"

#include <string.h>

static void
append_base64 (GString *json, const char *name, const uint8_t *bytes, gsize size)
{
  g_autofree char *text = ks_base64_encode (bytes, size, KS_BASE64_UNPADDED);

  g_string_append_printf (json, "\"%s\":\"%s\"", name, text);
}

gboolean
ks_backup_entry_append (GString *json, KsBackupEncryptor *encryptor, const KsStoredRoomKey *key)
{
  uint32_t first_index;
  guint forwarded;
  /* A key under another session's name would take that session's place on the server: such a
   * one is not written. */
  GString *plain = ks_room_key_json_write (key, KS_ROOM_KEY_JSON_NAMELESS, &first_index, &forwarded);
  g_autofree uint8_t *ciphertext = NULL;
  uint8_t ephemeral[KS_BACKUP_KEY_SIZE];
  uint8_t mac[KS_BACKUP_MAC_SIZE];
  gsize size;
  KsBackupResult sealed;

  if (plain == NULL)
    return FALSE;
  size = KS_BACKUP_CIPHERTEXT_SIZE (plain->len);
  ciphertext = g_malloc (size);
  sealed = ks_backup_encrypt (encryptor, plain->str, plain->len, ephemeral, ciphertext, mac);
  ks_room_key_json_free (plain);
  if (sealed != KS_BACKUP_OK)
    return FALSE;

  /* "is_verified" true would let a copy that reaches less far back push out a better one
   * of another client, which writes false. The session ID is base64: nothing to escape. */
  g_string_append_printf (json,
                          "\"%s\":{\"first_message_index\":%u,\"forwarded_count\":%u,\"is_verified\":false,"
                          "\"session_data\":{",
                          key->session_id, (guint) first_index, forwarded);
  append_base64 (json, "ciphertext", ciphertext, size);
  g_string_append_c (json, ',');
  append_base64 (json, "ephemeral", ephemeral, sizeof ephemeral);
  g_string_append_c (json, ',');
  append_base64 (json, "mac", mac, sizeof mac);
  g_string_append (json, "}}");
  return TRUE;
}

typedef struct
{
  KsStoredRoomKey *key;
  const char *session_id;
  KsRoomKeyResult result;
} TakenKey;

/* The "session_key" of a plaintext, while that is read. */
static void
take_session_key (gsize index, const char *text, gsize length, gpointer data)
{
  TakenKey *taken = data;

  taken->result = ks_room_key_json_take_key (taken->key, text, length, taken->session_id);
}

/* The members of the plaintext. Other clients leave out all but "algorithm" and "session_key". */
static KsBackupEntryResult
read_plain (const uint8_t *plain, gsize size, const char *session_id, KsStoredRoomKey *key)
{
  static const char *const secret_names[] = { "session_key", NULL };
  TakenKey taken = { .key = key, .session_id = session_id, .result = KS_ROOM_KEY_MALFORMED };
  g_autoptr (JsonObject) object =
      ks_json_parse_object_but (plain, size, secret_names, take_session_key, &taken, NULL);
  JsonObject *claimed;
  JsonArray *chain;
  const char *algorithm, *sender_key, *ed25519;

  if (!ks_json_get_string (object, "algorithm", &algorithm))
    return KS_BACKUP_ENTRY_NO_KEY;
  if (!g_str_equal (algorithm, KS_ROOM_KEY_ALGORITHM))
    return KS_BACKUP_ENTRY_OTHER_KIND;
  switch (taken.result)
    {
    case KS_ROOM_KEY_OK:
      break;
    case KS_ROOM_KEY_WRONG_ID:
      return KS_BACKUP_ENTRY_WRONG_ID;
    case KS_ROOM_KEY_MALFORMED:
    case KS_ROOM_KEY_WEAK:
    case KS_ROOM_KEY_BAD_SIGNATURE:
    case KS_ROOM_KEY_FAILED:
    default:
      return KS_BACKUP_ENTRY_NO_KEY;
    }
  /* No key is worth less for an odd word about where it comes from. */
  if (!ks_json_get_string (object, "sender_key", &sender_key))
    sender_key = NULL;
  if (!ks_json_get_object (object, "sender_claimed_keys", &claimed)
      || !ks_json_get_string (claimed, "ed25519", &ed25519))
    ed25519 = NULL;
  ks_key_origin_take (key, sender_key, ed25519);
  if (ks_json_get_array (object, "forwarding_curve25519_key_chain", &chain))
    key->forwarding_chain = ks_key_origin_chain (chain, NULL);
  /* The second is its name while it was proposed (MSC3061). */
  if (!ks_json_get_boolean (object, "m.shared_history", &key->shared_history))
    ks_json_get_boolean (object, "org.matrix.msc3061.shared_history", &key->shared_history);
  return KS_BACKUP_ENTRY_OK;
}

KsBackupEntryResult
ks_backup_entry_open (const KsBackupEntry *entry, KsBackupDecryptor *decryptor, KsStoredRoomKey **key)
{
  g_autoptr (KsStoredRoomKey) read = g_new0 (KsStoredRoomKey, 1);
  g_autofree uint8_t *ciphertext = NULL;
  g_autofree uint8_t *plain = NULL;
  uint8_t ephemeral[KS_BACKUP_KEY_SIZE];
  uint8_t mac[KS_BACKUP_MAC_SIZE];
  gsize size;
  gsize plain_size;
  KsBackupEntryResult result;

  *key = NULL;
  if (entry->ciphertext_length > KS_BACKUP_ENTRY_MAX_SIZE)
    return KS_BACKUP_ENTRY_MALFORMED;
  ciphertext = g_malloc (KS_BASE64_BYTES (entry->ciphertext_length));
  if (ks_base64_decode (entry->ciphertext, entry->ciphertext_length, ciphertext, &size) != KS_DECODE_OK
      || ks_base64_decode_exact (entry->ephemeral, entry->ephemeral_length, ephemeral, sizeof ephemeral)
             != KS_DECODE_OK
      || ks_base64_decode_exact (entry->mac, entry->mac_length, mac, sizeof mac) != KS_DECODE_OK)
    return KS_BACKUP_ENTRY_MALFORMED;
  plain = g_malloc (MAX (size, 1));
  switch (ks_backup_decrypt (decryptor, ephemeral, ciphertext, size, mac, plain, &plain_size))
    {
    case KS_BACKUP_OK:
      break;
    case KS_BACKUP_BAD_POINT:
    case KS_BACKUP_BAD_SIZE:
      return KS_BACKUP_ENTRY_MALFORMED;
    case KS_BACKUP_BAD_MAC:
    case KS_BACKUP_BAD_PADDING:
    case KS_BACKUP_FAILED:
    default:
      return KS_BACKUP_ENTRY_NOT_OURS;
    }
  result = read_plain (plain, plain_size, entry->session_id, read);
  ks_wipe (plain, size);
  if (result != KS_BACKUP_ENTRY_OK)
    return result;
  read->room_id = g_strdup (entry->room_id);
  read->session_id = g_strdup (entry->session_id);
  read->provenance = KS_ROOM_KEY_BACKUP;
  *key = g_steal_pointer (&read);
  return KS_BACKUP_ENTRY_OK;
}

KsBackupEntryResult
ks_backup_entry_open_json (JsonObject *content,
                           const char *room_id,
                           const char *session_id,
                           KsBackupDecryptor *decryptor,
                           KsStoredRoomKey **key)
{
  KsBackupEntry entry = { .room_id = room_id, .session_id = session_id };
  JsonObject *data;

  *key = NULL;
  if (!ks_json_get_object (content, "session_data", &data)
      || !ks_json_get_string (data, "ephemeral", &entry.ephemeral)
      || !ks_json_get_string (data, "ciphertext", &entry.ciphertext)
      || !ks_json_get_string (data, "mac", &entry.mac))
    return KS_BACKUP_ENTRY_MALFORMED;
  entry.ephemeral_length = strlen (entry.ephemeral);
  entry.ciphertext_length = strlen (entry.ciphertext);
  entry.mac_length = strlen (entry.mac);
  return ks_backup_entry_open (&entry, decryptor, key);
}
