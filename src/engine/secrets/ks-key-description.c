/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-key-description.h"

#include "engine/secrets/ks-loose-base64.h"
#include "matrix/ks-json.h"

#include <string.h>

/* The specification's default for "bits". */
#define DEFAULT_BITS 256

/* JSON of Matrix has no larger integers (appendices, "Canonical JSON"): such could not be written again. */
#define MAX_INTEGER ((G_GINT64_CONSTANT (1) << 53) - 1)

/* A secret is 44 characters of base64; an account data event has at most 64 KiB. */
#define MAX_CIPHERTEXT_LENGTH 65536

void
ks_key_description_free (KsKeyDescription *description)
{
  if (description == NULL)
    return;
  g_free (description->name);
  g_free (description->salt);
  g_free (description);
}

void
ks_encrypted_secret_free (KsEncryptedSecret *secret)
{
  if (secret == NULL)
    return;
  g_free (secret->ciphertext);
  g_free (secret);
}

/* IVs have 16 bytes; 32 where an old client is to be understood. */
static gboolean
read_iv (const char *text, uint8_t *iv, gsize *size, gboolean *odd)
{
  gsize length = strlen (text);

  *size = KS_AES_HMAC_IV_SIZE;
  if (ks_loose_base64_decode_exact (text, length, iv, *size, odd) == KS_DECODE_OK)
    return TRUE;
  *size = KS_AES_HMAC_LONG_IV_SIZE;
  return ks_loose_base64_decode_exact (text, length, iv, *size, odd) == KS_DECODE_OK;
}

/* Both check values, or neither (specification: then the key is assumed valid). */
static gboolean
read_check (JsonObject *content, KsKeyDescription *description)
{
  const char *iv;
  const char *mac;

  if (!ks_json_optional_string (content, "iv", &iv) || !ks_json_optional_string (content, "mac", &mac))
    return FALSE;
  if (iv == NULL && mac == NULL)
    return TRUE;
  description->has_check = iv != NULL && mac != NULL
                           && read_iv (iv, description->iv, &description->iv_size, &description->odd)
                           && ks_loose_base64_decode_exact (mac, strlen (mac), description->mac,
                                                            sizeof description->mac, &description->odd)
                                  == KS_DECODE_OK;
  return description->has_check;
}

gboolean
ks_key_description_read_number (JsonObject *object, const char *name, gint64 *number, gboolean *odd)
{
  const char *text;
  guint64 value;
  double real;

  *number = 0;
  if (ks_json_get_integer (object, name, number))
    return TRUE;
  *odd = TRUE;
  if (ks_json_get_string (object, name, &text))
    {
      if (!g_ascii_string_to_unsigned (text, 10, 0, MAX_INTEGER, &value, NULL))
        return FALSE;
      *number = (gint64) value;
      return TRUE;
    }
  if (ks_json_get_type (object, name) != KS_JSON_REAL)
    return FALSE;
  real = json_object_get_double_member (object, name);
  /* Nor is it one that could not be read. */
  if (!(real >= 0 && real <= (double) MAX_INTEGER) || real != (double) (gint64) real)
    return FALSE;
  *number = (gint64) real;
  return TRUE;
}

/* Whether no client can have a key from it, whatever the phrase. */
static gboolean
is_no_passphrase (JsonObject *passphrase)
{
  const char *algorithm;

  return json_object_get_size (passphrase) == 0
         || (ks_json_get_string (passphrase, "algorithm", &algorithm)
             && g_str_equal (algorithm, KS_PASSPHRASE_ALGORITHM)
             && !(json_object_has_member (passphrase, "salt")
                  && json_object_has_member (passphrase, "iterations")));
}

static gboolean
read_derivation (JsonObject *passphrase, KsKeyDescription *description)
{
  const char *algorithm;
  const char *salt;
  gboolean odd = FALSE;

  if (!ks_json_get_string (passphrase, "algorithm", &algorithm)
      || !g_str_equal (algorithm, KS_PASSPHRASE_ALGORITHM) || !ks_json_get_string (passphrase, "salt", &salt)
      || strlen (salt) > KS_KEY_DESCRIPTION_MAX_SALT
      || !ks_key_description_read_number (passphrase, "iterations", &description->iterations, &odd)
      || description->iterations < 1)
    return FALSE;
  if (ks_json_get_type (passphrase, "bits") == KS_JSON_ABSENT)
    description->bits = DEFAULT_BITS;
  else if (!ks_key_description_read_number (passphrase, "bits", &description->bits, &odd))
    return FALSE;
  description->salt = g_strdup (salt);
  description->odd = description->odd || odd;
  return TRUE;
}

/* What cannot be read of it, a newer client may read; and the key itself still opens the storage. */
static gboolean
read_passphrase (JsonObject *content, KsKeyDescription *description)
{
  JsonObject *passphrase;

  if (!ks_json_optional_object (content, "passphrase", &passphrase))
    return FALSE;
  if (passphrase == NULL)
    return TRUE;
  if (is_no_passphrase (passphrase))
    return FALSE;
  if (read_derivation (passphrase, description))
    return TRUE;
  description->iterations = description->bits = 0;
  description->other_phrase = TRUE;
  return TRUE;
}

static gboolean
read_name (JsonObject *content, KsKeyDescription *description)
{
  const char *name;

  if (!ks_json_optional_string (content, "name", &name)
      || (name != NULL && strlen (name) > KS_KEY_DESCRIPTION_MAX_NAME))
    return FALSE;
  description->name = g_strdup (name);
  return TRUE;
}

gboolean
ks_key_description_is_common (const KsKeyDescription *description)
{
  return !description->odd && (!description->has_check || description->iv_size == KS_AES_HMAC_IV_SIZE);
}

gboolean
ks_encrypted_secret_is_common (const KsEncryptedSecret *secret)
{
  return !secret->odd && secret->iv_size == KS_AES_HMAC_IV_SIZE;
}

KsKeyDescriptionResult
ks_key_description_read_parts (JsonObject *content, KsKeyDescription **description)
{
  KsKeyDescription *read;
  const char *algorithm;
  gboolean check, passphrase, name;

  *description = NULL;
  /* Account data cannot be deleted, only emptied. */
  if (content == NULL || json_object_get_size (content) == 0)
    return KS_KEY_DESCRIPTION_ABSENT;
  read = *description = g_new0 (KsKeyDescription, 1);
  check = read_check (content, read);
  passphrase = read_passphrase (content, read);
  name = read_name (content, read);
  if (!ks_json_get_string (content, "algorithm", &algorithm))
    return KS_KEY_DESCRIPTION_BAD;
  if (!g_str_equal (algorithm, KS_SECRET_STORAGE_ALGORITHM))
    return KS_KEY_DESCRIPTION_UNKNOWN_ALGORITHM;
  return check && passphrase && name ? KS_KEY_DESCRIPTION_OK : KS_KEY_DESCRIPTION_BAD;
}

KsKeyDescriptionResult
ks_key_description_read (JsonObject *content, KsKeyDescription **description)
{
  KsKeyDescriptionResult result = ks_key_description_read_parts (content, description);

  if (result != KS_KEY_DESCRIPTION_OK)
    g_clear_pointer (description, ks_key_description_free);
  return result;
}

KsKeyDescriptionResult
ks_encrypted_secret_read (JsonObject *content, const char *key_id, KsEncryptedSecret **secret)
{
  g_autoptr (KsEncryptedSecret) read = g_new0 (KsEncryptedSecret, 1);
  JsonObject *encrypted;
  JsonObject *entry;
  const char *iv;
  const char *mac;
  const char *ciphertext;
  gsize length;

  *secret = NULL;
  if (!ks_json_optional_object (content, "encrypted", &encrypted)
      || !ks_json_optional_object (encrypted, key_id, &entry))
    return KS_KEY_DESCRIPTION_BAD;
  if (entry == NULL)
    return KS_KEY_DESCRIPTION_ABSENT;
  if (!ks_json_get_string (entry, "iv", &iv) || !ks_json_get_string (entry, "mac", &mac)
      || !ks_json_get_string (entry, "ciphertext", &ciphertext))
    return KS_KEY_DESCRIPTION_BAD;

  length = strlen (ciphertext);
  if (length > MAX_CIPHERTEXT_LENGTH || !read_iv (iv, read->iv, &read->iv_size, &read->odd)
      || ks_loose_base64_decode_exact (mac, strlen (mac), read->mac, sizeof read->mac, &read->odd)
             != KS_DECODE_OK)
    return KS_KEY_DESCRIPTION_BAD;
  read->ciphertext = g_malloc (KS_BASE64_BYTES (length));
  if (ks_loose_base64_decode (ciphertext, length, read->ciphertext, &read->size, &read->odd) != KS_DECODE_OK)
    return KS_KEY_DESCRIPTION_BAD;
  *secret = g_steal_pointer (&read);
  return KS_KEY_DESCRIPTION_OK;
}
