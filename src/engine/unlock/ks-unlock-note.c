/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-unlock-note.h"

#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-json.h"

#include <string.h>

/* The format: this; the digest; a byte of flags; the key; those of the four secrets that the flags
 * name, in their order; the key's ID up to the end. */
#define MAGIC "KsUnlck1"
#define HAS_KEY_ID (1 << KS_N_SECRETS)
#define IS_WEAK (HAS_KEY_ID << 1)
#define IS_ACCEPTED (HAS_KEY_ID << 2)
#define FIXED_SIZE (strlen (MAGIC) + KS_UNLOCK_NOTE_DIGEST_SIZE + 1 + KS_STORED_SECRET_SIZE)

KsUnlockNote *
ks_unlock_note_new (const KsServerLook *look, KsSecret *key, const char *key_id)
{
  KsUnlockNote *note = g_new0 (KsUnlockNote, 1);

  ks_unlock_note_digest (look, note->digest);
  note->key = ks_secret_ref (key);
  /* Nothing can be stored under an empty ID that other clients would find: it will get one. */
  note->key_id = key_id != NULL && *key_id != '\0' ? g_strdup (key_id) : NULL;
  return note;
}

KsUnlockNote *
ks_unlock_note_copy (const KsUnlockNote *note)
{
  KsUnlockNote *copy = g_new0 (KsUnlockNote, 1);

  memcpy (copy->digest, note->digest, sizeof copy->digest);
  copy->key = ks_secret_ref (note->key);
  copy->key_id = g_strdup (note->key_id);
  copy->weak = note->weak;
  copy->accepted = note->accepted;
  for (int i = 0; i < KS_N_SECRETS; i++)
    copy->made[i] = note->made[i] != NULL ? ks_secret_ref (note->made[i]) : NULL;
  return copy;
}

void
ks_unlock_note_free (KsUnlockNote *note)
{
  if (note == NULL)
    return;
  ks_secret_unref (note->key);
  g_free (note->key_id);
  for (int i = 0; i < KS_N_SECRETS; i++)
    ks_secret_unref (note->made[i]);
  g_free (note);
}

gboolean
ks_unlock_note_has_made (const KsUnlockNote *note)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    if (note->made[i] != NULL)
      return TRUE;
  return FALSE;
}

static uint8_t *
put (uint8_t *out, const void *bytes, gsize size)
{
  if (size > 0)
    memcpy (out, bytes, size);
  return out + size;
}

KsSecret *
ks_unlock_note_write (const KsUnlockNote *note)
{
  gsize size = FIXED_SIZE + (note->key_id != NULL ? strlen (note->key_id) : 0);
  uint8_t flags = (note->key_id != NULL ? HAS_KEY_ID : 0) | (note->weak ? IS_WEAK : 0)
                  | (note->accepted ? IS_ACCEPTED : 0);
  KsSecret *bytes;
  uint8_t *out;

  for (int i = 0; i < KS_N_SECRETS; i++)
    if (note->made[i] != NULL)
      {
        flags |= (uint8_t) (1 << i);
        size += KS_STORED_SECRET_SIZE;
      }
  bytes = ks_secret_new (size);
  out = put (ks_secret_writable (bytes), MAGIC, strlen (MAGIC));
  out = put (out, note->digest, sizeof note->digest);
  out = put (out, &flags, sizeof flags);
  out = put (out, ks_secret_bytes (note->key), KS_STORED_SECRET_SIZE);
  for (int i = 0; i < KS_N_SECRETS; i++)
    if (note->made[i] != NULL)
      out = put (out, ks_secret_bytes (note->made[i]), KS_STORED_SECRET_SIZE);
  put (out, note->key_id, note->key_id != NULL ? strlen (note->key_id) : 0);
  return bytes;
}

KsUnlockNote *
ks_unlock_note_read (const KsSecret *bytes)
{
  g_autoptr (KsUnlockNote) note = g_new0 (KsUnlockNote, 1);
  const uint8_t *at = ks_secret_bytes (bytes);
  const uint8_t *end = at + ks_secret_size (bytes);
  uint8_t flags;

  if (ks_secret_size (bytes) < FIXED_SIZE || memcmp (at, MAGIC, strlen (MAGIC)) != 0)
    return NULL;
  at += strlen (MAGIC);
  memcpy (note->digest, at, sizeof note->digest);
  at += sizeof note->digest;
  flags = *at++;
  note->weak = (flags & IS_WEAK) != 0;
  note->accepted = (flags & IS_ACCEPTED) != 0;
  note->key = ks_secret_new_copy (at, KS_STORED_SECRET_SIZE);
  at += KS_STORED_SECRET_SIZE;
  for (int i = 0; i < KS_N_SECRETS; i++)
    if ((flags & 1 << i) != 0)
      {
        if (end - at < KS_STORED_SECRET_SIZE)
          return NULL;
        note->made[i] = ks_secret_new_copy (at, KS_STORED_SECRET_SIZE);
        at += KS_STORED_SECRET_SIZE;
      }
  if ((flags & HAS_KEY_ID) == 0)
    return at == end ? g_steal_pointer (&note) : NULL;
  if (at == end || !g_utf8_validate ((const char *) at, end - at, NULL))
    return NULL;
  note->key_id = g_strndup ((const char *) at, (gsize) (end - at));
  return g_steal_pointer (&note);
}

/* Adds @text without the signs of padding, and an end that no text has. */
static void
add_text (GChecksum *sum, const char *text)
{
  for (; text != NULL && *text != '\0'; text++)
    if (*text != '=')
      g_checksum_update (sum, (const guchar *) text, 1);
  g_checksum_update (sum, (const guchar *) "", 1);
}

static void
add_object (GChecksum *sum, JsonObject *object)
{
  g_autofree char *text = object != NULL ? ks_json_to_text (object, NULL, NULL) : NULL;
  g_autoptr (JsonNode) node = NULL;

  /* What cannot be written as Matrix has it is told apart all the same. */
  if (object != NULL && text == NULL)
    {
      node = json_node_init_object (json_node_alloc (), object);
      text = json_to_string (node, FALSE);
    }
  add_text (sum, text);
}

void
ks_unlock_note_digest (const KsServerLook *look, uint8_t digest[KS_UNLOCK_NOTE_DIGEST_SIZE])
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = KS_UNLOCK_NOTE_DIGEST_SIZE;

  add_text (sum, look->default_key_id);
  add_object (sum, look->description);
  for (int i = 0; i < KS_N_SECRETS; i++)
    add_object (sum, look->secrets[i]);
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    {
      g_checksum_update (sum, look->identity.published[i] ? (const guchar *) "1" : (const guchar *) "0", 1);
      if (look->identity.published[i])
        g_checksum_update (sum, look->identity.keys[i], sizeof look->identity.keys[i]);
    }
  if (look->version != NULL)
    {
      const char *public_key = NULL;

      ks_json_get_string (look->version->auth_data, "public_key", &public_key);
      add_text (sum, look->version->version);
      add_text (sum, look->version->algorithm);
      add_text (sum, public_key);
    }
  g_checksum_get_digest (sum, digest, &size);
}

gboolean
ks_unlock_note_is_of (const KsUnlockNote *note, const KsServerLook *look)
{
  uint8_t digest[KS_UNLOCK_NOTE_DIGEST_SIZE];

  ks_unlock_note_digest (look, digest);
  return memcmp (digest, note->digest, sizeof digest) == 0;
}
