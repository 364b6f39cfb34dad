/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-room-key.h"
#include "crypto/ks-encoding.h"
#include "crypto/ks-signing.h"

#include <olm/olm.h>
#include <string.h>

/* Olm project, "Megolm", sections "Session-sharing format" and "Session export format". */
#define EXPORT_VERSION 1
#define SHARE_VERSION 2
#define INDEX_OFFSET 1
#define PUBLIC_KEY_OFFSET (KS_ROOM_KEY_EXPORT_SIZE - KS_ROOM_KEY_ID_SIZE)

#define SHARE_LENGTH KS_BASE64_LENGTH (KS_ROOM_KEY_SHARE_SIZE)
#define EXPORT_LENGTH KS_BASE64_LENGTH (KS_ROOM_KEY_EXPORT_SIZE)

struct KsRoomKey
{
  char id[KS_ROOM_KEY_ID_LENGTH + 1];
  uint32_t first_index;
  OlmInboundGroupSession *session; /* owned: lies behind this struct */
};

static uint32_t
read_index (const uint8_t *bytes)
{
  const uint8_t *index = bytes + INDEX_OFFSET;

  return (uint32_t) index[0] << 24 | (uint32_t) index[1] << 16 | (uint32_t) index[2] << 8 | index[3];
}

/* What exports and shares have in common. */
static KsRoomKeyResult
check_key (const uint8_t *bytes, uint8_t version, const char *session_id, size_t session_id_length)
{
  const uint8_t *public_key = bytes + PUBLIC_KEY_OFFSET;
  char id[KS_ROOM_KEY_ID_LENGTH + 1];

  if (bytes[0] != version)
    return KS_ROOM_KEY_MALFORMED;
  if (ks_signing_public_key_weak (public_key))
    return KS_ROOM_KEY_WEAK;
  ks_room_key_export_get_id (bytes, id);
  if (session_id_length != KS_ROOM_KEY_ID_LENGTH || memcmp (session_id, id, KS_ROOM_KEY_ID_LENGTH) != 0)
    return KS_ROOM_KEY_WRONG_ID;
  return KS_ROOM_KEY_OK;
}

KsRoomKeyResult
ks_room_key_check_export (const uint8_t *exported,
                          size_t size,
                          const char *session_id,
                          size_t session_id_length,
                          uint32_t *first_index)
{
  KsRoomKeyResult result = KS_ROOM_KEY_MALFORMED;

  if (size == KS_ROOM_KEY_EXPORT_SIZE)
    result = check_key (exported, EXPORT_VERSION, session_id, session_id_length);
  if (first_index != NULL)
    *first_index = result == KS_ROOM_KEY_OK ? read_index (exported) : 0;
  return result;
}

void
ks_room_key_export_get_id (const uint8_t exported[KS_ROOM_KEY_EXPORT_SIZE],
                           char session_id[KS_ROOM_KEY_ID_LENGTH + 1])
{
  ks_base64_encode_secret_to (exported + PUBLIC_KEY_OFFSET, KS_ROOM_KEY_ID_SIZE, KS_BASE64_UNPADDED,
                              session_id);
}

/* The struct and libolm's object in one piece of memory. */
static KsRoomKey *
room_key_new (const uint8_t *bytes)
{
  size_t offset = (sizeof (KsRoomKey) + 15) / 16 * 16;
  KsRoomKey *key = g_malloc0 (offset + olm_inbound_group_session_size ());

  key->session = olm_inbound_group_session ((uint8_t *) key + offset);
  key->first_index = read_index (bytes);
  ks_room_key_export_get_id (bytes, key->id);
  return key;
}

void
ks_room_key_free (KsRoomKey *key)
{
  if (key == NULL)
    return;
  olm_clear_inbound_group_session (key->session); /* wipes it */
  g_free (key);
}

KsRoomKeyResult
ks_room_key_import (
    const uint8_t *exported, size_t size, const char *session_id, size_t session_id_length, KsRoomKey **key)
{
  g_autoptr (KsRoomKey) made = NULL;
  KsRoomKeyResult result = ks_room_key_check_export (exported, size, session_id, session_id_length, NULL);
  char text[EXPORT_LENGTH + 1];
  size_t length, imported;

  *key = NULL;
  if (result != KS_ROOM_KEY_OK)
    return result;
  made = room_key_new (exported);
  length = ks_base64_encode_secret_to (exported, size, KS_BASE64_UNPADDED, text);
  imported = olm_import_inbound_group_session (made->session, (const uint8_t *) text, length);
  ks_wipe (text, sizeof text);
  if (imported == olm_error ())
    return KS_ROOM_KEY_FAILED;
  *key = g_steal_pointer (&made);
  return KS_ROOM_KEY_OK;
}

KsRoomKeyResult
ks_room_key_accept (
    const uint8_t *shared, size_t size, const char *session_id, size_t session_id_length, KsRoomKey **key)
{
  g_autoptr (KsRoomKey) made = NULL;
  KsRoomKeyResult result = KS_ROOM_KEY_MALFORMED;
  char text[SHARE_LENGTH + 1];
  size_t length, accepted;

  *key = NULL;
  if (size == KS_ROOM_KEY_SHARE_SIZE)
    result = check_key (shared, SHARE_VERSION, session_id, session_id_length);
  if (result != KS_ROOM_KEY_OK)
    return result;
  if (!ks_signature_verify (shared + PUBLIC_KEY_OFFSET, shared, KS_ROOM_KEY_EXPORT_SIZE,
                            shared + KS_ROOM_KEY_EXPORT_SIZE))
    return KS_ROOM_KEY_BAD_SIGNATURE;
  made = room_key_new (shared);
  length = ks_base64_encode_secret_to (shared, size, KS_BASE64_UNPADDED, text);
  accepted = olm_init_inbound_group_session (made->session, (const uint8_t *) text, length);
  ks_wipe (text, sizeof text);
  if (accepted == olm_error ())
    return KS_ROOM_KEY_FAILED;
  *key = g_steal_pointer (&made);
  return KS_ROOM_KEY_OK;
}

uint32_t
ks_room_key_get_first_index (const KsRoomKey *key)
{
  return key->first_index;
}

const char *
ks_room_key_get_id (const KsRoomKey *key)
{
  return key->id;
}

bool
ks_room_key_export (KsRoomKey *key, uint32_t index, uint8_t exported[KS_ROOM_KEY_EXPORT_SIZE])
{
  char text[EXPORT_LENGTH];
  size_t length = olm_export_inbound_group_session_length (key->session);
  bool done = false;

  /* libolm counts round the end of 32 bits, and would take some lower indexes. */
  if (index >= key->first_index && length <= sizeof text)
    done = olm_export_inbound_group_session (key->session, (uint8_t *) text, length, index) == length
           && ks_base64_decode_secret_exact (text, length, exported, KS_ROOM_KEY_EXPORT_SIZE) == KS_DECODE_OK;
  ks_wipe (text, sizeof text);
  if (!done)
    ks_wipe (exported, KS_ROOM_KEY_EXPORT_SIZE);
  return done;
}

KsRoomKeyOrder
ks_room_key_compare (KsRoomKey *key, KsRoomKey *other)
{
  uint8_t a[KS_ROOM_KEY_EXPORT_SIZE], b[KS_ROOM_KEY_EXPORT_SIZE];
  uint32_t index = MAX (key->first_index, other->first_index);
  bool exported, connected;

  if (strcmp (key->id, other->id) != 0)
    return KS_ROOM_KEY_OTHER;
  exported = ks_room_key_export (key, index, a);
  connected = ks_room_key_export (other, index, b) && exported && ks_bytes_equal (a, b, sizeof a);
  ks_wipe (a, sizeof a);
  ks_wipe (b, sizeof b);
  if (!connected)
    return KS_ROOM_KEY_UNCONNECTED;
  if (key->first_index == other->first_index)
    return KS_ROOM_KEY_EQUAL;
  return key->first_index < other->first_index ? KS_ROOM_KEY_BETTER : KS_ROOM_KEY_WORSE;
}

static KsRoomKeyDecryption
olm_fault (KsRoomKey *key)
{
  switch (olm_inbound_group_session_last_error_code (key->session))
    {
    case OLM_UNKNOWN_MESSAGE_INDEX:
      return KS_ROOM_KEY_TOO_EARLY;
    case OLM_BAD_MESSAGE_MAC:
    case OLM_BAD_SIGNATURE:
      return KS_ROOM_KEY_NOT_AUTHENTIC;
    case OLM_BAD_MESSAGE_VERSION:
    case OLM_BAD_MESSAGE_FORMAT:
    case OLM_INVALID_BASE64:
      return KS_ROOM_KEY_BAD_MESSAGE;
    default:
      return KS_ROOM_KEY_NOT_DECRYPTED;
    }
}

/* @message is base64 of which libolm destroys a copy with each call. */
static KsRoomKeyDecryption
decrypt (KsRoomKey *key, const char *message, uint8_t **plain, size_t *size, uint32_t *index)
{
  size_t length = strlen (message), capacity, n;
  g_autofree char *copy = g_strdup (message);
  g_autofree uint8_t *decrypted = NULL;

  capacity = olm_group_decrypt_max_plaintext_length (key->session, (uint8_t *) copy, length);
  if (capacity == olm_error ())
    return olm_fault (key);
  decrypted = g_malloc (capacity + 1);
  memcpy (copy, message, length);
  n = olm_group_decrypt (key->session, (uint8_t *) copy, length, decrypted, capacity, index);
  if (n == olm_error () || n > capacity)
    {
      ks_wipe (decrypted, capacity);
      return n == olm_error () ? olm_fault (key) : KS_ROOM_KEY_NOT_DECRYPTED;
    }
  *plain = g_steal_pointer (&decrypted);
  *size = n;
  return KS_ROOM_KEY_DECRYPTED;
}

KsRoomKeyDecryption
ks_room_key_decrypt (
    KsRoomKey *key, const char *ciphertext, size_t length, uint8_t **plain, size_t *size, uint32_t *index)
{
  g_autofree uint8_t *bytes = NULL;
  g_autofree char *message = NULL;
  KsRoomKeyDecryption result;
  size_t n_bytes;

  *plain = NULL;
  *size = 0;
  *index = 0;
  /* libolm knows neither padding nor strictness: it gets our own spelling. */
  bytes = g_malloc (KS_BASE64_BYTES (length));
  if (ks_base64_decode (ciphertext, length, bytes, &n_bytes) != KS_DECODE_OK || n_bytes == 0)
    return KS_ROOM_KEY_BAD_MESSAGE;
  message = ks_base64_encode (bytes, n_bytes, KS_BASE64_UNPADDED);
  result = decrypt (key, message, plain, size, index);
  /* Counting round the end again: such an index is before the first one. */
  if (result == KS_ROOM_KEY_DECRYPTED && *index < key->first_index)
    {
      ks_wipe (*plain, *size);
      g_clear_pointer (plain, g_free);
      *size = 0;
      result = KS_ROOM_KEY_TOO_EARLY;
    }
  if (result != KS_ROOM_KEY_DECRYPTED)
    *index = 0;
  return result;
}
