/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/backup/ks-backup-entry.h"

#include "crypto/ks-encoding.h"
#include "crypto/ks-room-key.h"

#include <string.h>

#define ROOM_KEY_ALGORITHM "m.megolm.v1.aes-sha2"

/* Characters of an exported key in base64, and a zero. */
#define SESSION_KEY_TEXT_SIZE (KS_BASE64_LENGTH (KS_ROOM_KEY_EXPORT_SIZE) + 1)

/* What the plaintext needs besides its strings. */
#define PLAIN_FRAME_SIZE 512

/* A string escaped to six characters each is the worst. */
static gsize
escaped_size (const char *text)
{
  return text != NULL ? 6 * strlen (text) : 0;
}

/* The number of keys in a forwarding chain: a JSON array of strings, or NULL. -1: neither. */
static gint64
chain_length (const char *chain)
{
  g_autofree char *text = NULL;
  g_autoptr (JsonObject) object = NULL;
  JsonArray *keys;
  const char *key;

  if (chain == NULL)
    return 0;
  text = g_strconcat ("{\"chain\":", chain, "}", NULL);
  object = ks_json_parse_object (text, strlen (text), NULL);
  if (!ks_json_get_array (object, "chain", &keys) || json_object_get_size (object) != 1)
    return -1;
  for (guint i = 0; i < json_array_get_length (keys); i++)
    if (!ks_json_element_string (keys, i, &key))
      return -1;
  return json_array_get_length (keys);
}

/* The text that is sealed, in memory that never moves, so that no copy is left behind. The
 * caller wipes it. NULL: a part is no text. */
static GString *
write_plain (const KsStoredRoomKey *key)
{
  GString *plain =
      g_string_sized_new (PLAIN_FRAME_SIZE + SESSION_KEY_TEXT_SIZE + escaped_size (key->sender_key)
                          + escaped_size (key->claimed_ed25519) + escaped_size (key->forwarding_chain));
  char session_key[SESSION_KEY_TEXT_SIZE];
  gboolean ok;

  ks_base64_encode_secret_to (key->session_key, key->session_key_size, KS_BASE64_UNPADDED, session_key);
  g_string_append (plain, "{\"algorithm\":\"" ROOM_KEY_ALGORITHM "\",\"forwarding_curve25519_key_chain\":");
  g_string_append (plain, key->forwarding_chain != NULL ? key->forwarding_chain : "[]");
  g_string_append (plain, ",\"sender_claimed_keys\":{");
  ok = TRUE;
  if (key->claimed_ed25519 != NULL)
    {
      g_string_append (plain, "\"ed25519\":");
      ok = ks_json_append_string (plain, key->claimed_ed25519);
    }
  g_string_append (plain, "},\"sender_key\":");
  ok = ok && ks_json_append_string (plain, key->sender_key);
  g_string_append (plain, ",\"session_key\":\"");
  g_string_append (plain, session_key);
  g_string_append_printf (plain, "\",\"m.shared_history\":%s}", key->shared_history ? "true" : "false");
  ks_wipe (session_key, sizeof session_key);
  if (ok)
    return plain;
  ks_wipe (plain->str, plain->allocated_len);
  g_string_free (plain, TRUE);
  return NULL;
}

static void
append_base64 (GString *json, const char *name, const uint8_t *bytes, gsize size)
{
  g_autofree char *text = ks_base64_encode (bytes, size, KS_BASE64_UNPADDED);

  g_string_append_printf (json, "\"%s\":\"%s\"", name, text);
}

gboolean
ks_backup_entry_append (GString *json, KsBackupEncryptor *encryptor, const KsStoredRoomKey *key)
{
  gint64 forwarded = chain_length (key->forwarding_chain);
  uint32_t first_index;
  g_autofree uint8_t *ciphertext = NULL;
  uint8_t ephemeral[KS_BACKUP_KEY_SIZE];
  uint8_t mac[KS_BACKUP_MAC_SIZE];
  GString *plain;
  gsize size;
  KsBackupResult sealed;

  /* A key under another session's name would take that session's place on the server. */
  if (forwarded < 0
      || ks_room_key_check_export (key->session_key, key->session_key_size, key->session_id,
                                   strlen (key->session_id), &first_index)
             != KS_ROOM_KEY_OK
      || (plain = write_plain (key)) == NULL)
    return FALSE;
  size = KS_BACKUP_CIPHERTEXT_SIZE (plain->len);
  ciphertext = g_malloc (size);
  sealed = ks_backup_encrypt (encryptor, plain->str, plain->len, ephemeral, ciphertext, mac);
  ks_wipe (plain->str, plain->allocated_len);
  g_string_free (plain, TRUE);
  if (sealed != KS_BACKUP_OK)
    return FALSE;

  /* "is_verified" true would let a copy that reaches less far back push out a better one
   * of another client, which writes false. The session ID is base64: nothing to escape. */
  g_string_append_printf (json,
                          "\"%s\":{\"first_message_index\":%u,\"forwarded_count\":%u,\"is_verified\":false,"
                          "\"session_data\":{",
                          key->session_id, (guint) first_index, (guint) forwarded);
  append_base64 (json, "ciphertext", ciphertext, size);
  g_string_append_c (json, ',');
  append_base64 (json, "ephemeral", ephemeral, sizeof ephemeral);
  g_string_append_c (json, ',');
  append_base64 (json, "mac", mac, sizeof mac);
  g_string_append (json, "}}");
  return TRUE;
}

/* The members of the plaintext. Other clients leave out all but the first three. */
static KsBackupEntryResult
read_plain (const uint8_t *plain, gsize size, const char *session_id, KsStoredRoomKey *key)
{
  static const char *const secret_names[] = { "session_key", NULL };
  KsSecret *secrets[1] = { NULL };
  g_autoptr (JsonObject) object =
      ks_json_parse_object_with_secrets (plain, size, secret_names, secrets, NULL);
  g_autoptr (KsSecret) session_key = secrets[0];
  JsonObject *claimed;
  JsonArray *chain;
  const char *algorithm;
  const char *text;
  uint32_t first_index;

  if (!ks_json_get_string (object, "algorithm", &algorithm))
    return KS_BACKUP_ENTRY_NO_KEY;
  if (!g_str_equal (algorithm, ROOM_KEY_ALGORITHM))
    return KS_BACKUP_ENTRY_OTHER_KIND;
  if (!ks_json_get_string (object, "sender_key", &text) || session_key == NULL)
    return KS_BACKUP_ENTRY_NO_KEY;
  key->sender_key = g_strdup (text);
  key->session_key = g_malloc0 (KS_ROOM_KEY_EXPORT_SIZE);
  key->session_key_size = KS_ROOM_KEY_EXPORT_SIZE;
  if (ks_base64_decode_secret_exact ((const char *) ks_secret_bytes (session_key),
                                     ks_secret_size (session_key), key->session_key, key->session_key_size)
      != KS_DECODE_OK)
    return KS_BACKUP_ENTRY_NO_KEY;
  switch (ks_room_key_check_export (key->session_key, key->session_key_size, session_id, strlen (session_id),
                                    &first_index))
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
  key->first_index = first_index;
  if (ks_json_get_object (object, "sender_claimed_keys", &claimed)
      && ks_json_get_string (claimed, "ed25519", &text))
    key->claimed_ed25519 = g_strdup (text);
  if (ks_json_get_array (object, "forwarding_curve25519_key_chain", &chain)
      && json_array_get_length (chain) > 0)
    {
      g_autoptr (JsonObject) holder = json_object_new ();
      g_autofree char *written = NULL;

      json_object_set_array_member (holder, "", json_array_ref (chain));
      written = ks_json_to_text (holder, NULL, NULL);
      /* From {"":[…]} the array alone. */
      if (written != NULL)
        key->forwarding_chain = g_strndup (written + 4, strlen (written) - 5);
      if (chain_length (key->forwarding_chain) < 0)
        g_clear_pointer (&key->forwarding_chain, g_free);
    }
  ks_json_get_boolean (object, "m.shared_history", &key->shared_history);
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
