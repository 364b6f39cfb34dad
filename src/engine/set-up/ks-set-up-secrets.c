/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/set-up/ks-set-up-secrets.h"

#include "engine/secrets/ks-secret-storage.h"

#include <string.h>

/* The format: this; 5 × 32 bytes; flags and rounds as 32-bit big endian; then three texts,
 * each with its length in 16 bits big endian, where 0xffff is no text. */
#define MAGIC "KsSetUp1"
#define N_KEYS (KS_N_SECRETS + 1)
#define FIXED_SIZE (strlen (MAGIC) + N_KEYS * KS_STORED_SECRET_SIZE + 8)
#define NO_TEXT 0xffff
#define N_TEXTS 3

KsSetUpSecrets *
ks_set_up_secrets_new (KsSecret *key, const char *salt, gint64 rounds)
{
  KsSetUpSecrets *secrets = g_new0 (KsSetUpSecrets, 1);

  secrets->key = ks_secret_ref (key);
  for (int i = 0; i < KS_N_SECRETS; i++)
    secrets->secrets[i] = ks_secret_new_random (KS_STORED_SECRET_SIZE);
  secrets->key_id = ks_secret_storage_new_key_id ();
  secrets->salt = g_strdup (salt);
  secrets->rounds = rounds;
  return secrets;
}

void
ks_set_up_secrets_free (KsSetUpSecrets *secrets)
{
  if (secrets == NULL)
    return;
  ks_secret_unref (secrets->key);
  for (int i = 0; i < KS_N_SECRETS; i++)
    ks_secret_unref (secrets->secrets[i]);
  g_free (secrets->key_id);
  g_free (secrets->salt);
  g_free (secrets->file_name);
  g_free (secrets);
}

static gsize
text_size (const char *text)
{
  return 2 + (text != NULL ? strlen (text) : 0);
}

static uint8_t *
put_bytes (uint8_t *out, const void *bytes, gsize size)
{
  if (size > 0)
    memcpy (out, bytes, size);
  return out + size;
}

static uint8_t *
put_uint32 (uint8_t *out, guint32 value)
{
  value = GUINT32_TO_BE (value);
  return put_bytes (out, &value, sizeof value);
}

static uint8_t *
put_text (uint8_t *out, const char *text)
{
  guint16 length = text != NULL ? (guint16) strlen (text) : NO_TEXT;
  guint16 order = GUINT16_TO_BE (length);

  out = put_bytes (out, &order, sizeof order);
  return text != NULL ? put_bytes (out, text, length) : out;
}

KsSecret *
ks_set_up_secrets_write (const KsSetUpSecrets *secrets)
{
  gsize size =
      FIXED_SIZE + text_size (secrets->key_id) + text_size (secrets->salt) + text_size (secrets->file_name);
  KsSecret *bytes = ks_secret_new (size);
  uint8_t *out = ks_secret_writable (bytes);

  g_assert (secrets->file_name == NULL || strlen (secrets->file_name) < NO_TEXT);
  out = put_bytes (out, MAGIC, strlen (MAGIC));
  out = put_bytes (out, ks_secret_bytes (secrets->key), KS_STORED_SECRET_SIZE);
  for (int i = 0; i < KS_N_SECRETS; i++)
    out = put_bytes (out, ks_secret_bytes (secrets->secrets[i]), KS_STORED_SECRET_SIZE);
  out = put_uint32 (out, (guint32) secrets->saved);
  out = put_uint32 (out, (guint32) secrets->rounds);
  out = put_text (out, secrets->key_id);
  out = put_text (out, secrets->salt);
  put_text (out, secrets->file_name);
  return bytes;
}

static guint32
get_uint32 (const uint8_t *at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return GUINT32_FROM_BE (value);
}

/* Moves @at behind the text. FALSE: it does not fit before @end, or is no text. */
static gboolean
get_text (const uint8_t **at, const uint8_t *end, char **text)
{
  guint16 length;

  if (end - *at < 2)
    return FALSE;
  memcpy (&length, *at, sizeof length);
  length = GUINT16_FROM_BE (length);
  *at += sizeof length;
  if (length == NO_TEXT)
    return TRUE;
  if (end - *at < length || !g_utf8_validate ((const char *) *at, length, NULL))
    return FALSE;
  *text = g_strndup ((const char *) *at, length);
  *at += length;
  return TRUE;
}

KsSetUpSecrets *
ks_set_up_secrets_read (const KsSecret *bytes)
{
  g_autoptr (KsSetUpSecrets) secrets = g_new0 (KsSetUpSecrets, 1);
  const uint8_t *at = ks_secret_bytes (bytes);
  const uint8_t *end = at + ks_secret_size (bytes);

  if (ks_secret_size (bytes) < FIXED_SIZE + 2 * N_TEXTS || memcmp (at, MAGIC, strlen (MAGIC)) != 0)
    return NULL;
  at += strlen (MAGIC);
  secrets->key = ks_secret_new_copy (at, KS_STORED_SECRET_SIZE);
  at += KS_STORED_SECRET_SIZE;
  for (int i = 0; i < KS_N_SECRETS; i++, at += KS_STORED_SECRET_SIZE)
    secrets->secrets[i] = ks_secret_new_copy (at, KS_STORED_SECRET_SIZE);
  secrets->saved = (KsKeySaved) get_uint32 (at);
  secrets->rounds = get_uint32 (at + 4);
  at += 8;
  if (!get_text (&at, end, &secrets->key_id) || !get_text (&at, end, &secrets->salt)
      || !get_text (&at, end, &secrets->file_name) || at != end || secrets->key_id == NULL
      || secrets->key_id[0] == '\0')
    return NULL;
  return g_steal_pointer (&secrets);
}
