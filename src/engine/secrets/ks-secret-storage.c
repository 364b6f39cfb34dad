/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-secret-storage.h"

#include "crypto/ks-encoding.h"
#include "crypto/ks-recovery-key.h"
#include "engine/secrets/ks-loose-base64.h"
#include "engine/secrets/ks-secret-name.h"
#include "matrix/ks-json.h"

#define KEY_ID_LENGTH 32

/* How often a secret is decoded: twice was seen. */
#define MAX_ENCODINGS 4

char *
ks_secret_storage_key_type (const char *key_id)
{
  return g_strconcat (KS_KEY_TYPE_PREFIX, key_id, NULL);
}

const char *
ks_secret_storage_default_key (JsonObject *content)
{
  const char *key;

  return ks_json_get_string (content, "key", &key) && key[0] != '\0' ? key : NULL;
}

/* The specification asks for unpadded base64. But NeoChat compares the text of "mac", and
 * gomuks reads nothing else than padded base64; every client that was seen takes it padded. */
static void
set_base64 (JsonObject *object, const char *name, const uint8_t *bytes, gsize size)
{
  g_autofree char *text = ks_base64_encode (bytes, size, KS_BASE64_PADDED);

  json_object_set_string_member (object, name, text);
}

JsonObject *
ks_secret_storage_describe (const KsSecret *key, const char *salt, gint64 rounds)
{
  g_autoptr (JsonObject) description = json_object_new ();
  JsonObject *passphrase;
  uint8_t iv[KS_AES_HMAC_IV_SIZE];
  uint8_t mac[KS_AES_HMAC_MAC_SIZE];

  if (ks_aes_hmac_make_check (key, iv, mac) != KS_AES_HMAC_OK)
    return NULL;
  json_object_set_string_member (description, "algorithm", KS_SECRET_STORAGE_ALGORITHM);
  set_base64 (description, "iv", iv, sizeof iv);
  set_base64 (description, "mac", mac, sizeof mac);
  if (salt != NULL)
    {
      passphrase = ks_json_add_object (description, "passphrase");
      json_object_set_string_member (passphrase, "algorithm", KS_PASSPHRASE_ALGORITHM);
      json_object_set_int_member (passphrase, "iterations", rounds);
      json_object_set_string_member (passphrase, "salt", salt);
    }
  return g_steal_pointer (&description);
}

gboolean
ks_secret_storage_describes_another (const KsKeyDescription *description, const KsSecret *key)
{
  return description->has_check
         && ks_aes_hmac_check_key (key, description->iv, description->iv_size, description->mac,
                                   sizeof description->mac)
                != KS_AES_HMAC_OK;
}

JsonObject *
ks_secret_storage_put (
    JsonObject *present, const char *name, const char *key_id, const KsSecret *key, const KsSecret *value)
{
  g_autoptr (JsonObject) content = present != NULL ? ks_json_copy_object (present) : json_object_new ();
  /* Padded: every client that was seen takes it, gomuks 0.3.0 refuses the other. */
  g_autoptr (KsSecret) text = ks_base64_encode_secret (value, KS_BASE64_PADDED);
  gsize size = ks_secret_size (text);
  g_autofree uint8_t *ciphertext = g_malloc (size);
  uint8_t iv[KS_AES_HMAC_IV_SIZE];
  uint8_t mac[KS_AES_HMAC_MAC_SIZE];
  JsonObject *encrypted;
  JsonObject *entry;

  if (ks_aes_hmac_encrypt (key, name, ks_secret_bytes (text), size, iv, ciphertext, mac) != KS_AES_HMAC_OK)
    return NULL;
  if (!ks_json_get_object (content, "encrypted", &encrypted))
    encrypted = ks_json_add_object (content, "encrypted");
  entry = ks_json_add_object (encrypted, key_id);
  set_base64 (entry, "iv", iv, sizeof iv);
  set_base64 (entry, "ciphertext", ciphertext, size);
  set_base64 (entry, "mac", mac, sizeof mac);
  return g_steal_pointer (&content);
}

/* Element stored the backup's key as its bytes' decimal numbers, between commas, before
 * 2021; what was stored then is still there. Also as a list of JSON. FALSE: it is no such text. */
static gboolean
read_decimals (const char *text, gsize length, KsSecret *bytes)
{
  gsize n = 0;
  guint value = 0;
  guint digits = 0;
  gboolean ended = FALSE; /* the number at hand, by white space */

  for (gsize i = 0; i <= length; i++)
    {
      char c = i < length ? text[i] : ',';

      if (c == ',')
        {
          if (digits == 0 || value > 255 || n == KS_STORED_SECRET_SIZE)
            return FALSE;
          ks_secret_writable (bytes)[n++] = (uint8_t) value;
          value = digits = 0;
          ended = FALSE;
        }
      else if (g_ascii_isspace (c))
        ended = digits > 0;
      else if (ended || !g_ascii_isdigit (c) || ++digits > 3)
        return FALSE;
      else
        value = 10 * value + (guint) (c - '0');
    }
  return n == KS_STORED_SECRET_SIZE;
}

/* The same without white space and brackets around it. */
static KsSecret *
read_list (const char *text, gsize length)
{
  g_autoptr (KsSecret) bytes = ks_secret_new (KS_STORED_SECRET_SIZE);

  for (; length > 0 && g_ascii_isspace (*text); length--)
    text++;
  while (length > 0 && g_ascii_isspace (text[length - 1]))
    length--;
  if (length > 1 && text[0] == '[' && text[length - 1] == ']')
    {
      text++;
      length -= 2;
    }
  return read_decimals (text, length, bytes) ? g_steal_pointer (&bytes) : NULL;
}

/* Some clients encoded a key more than once. NULL: it is no such text. */
static KsSecret *
read_base64 (const KsSecret *text, gboolean *odd)
{
  g_autoptr (KsSecret) bytes = NULL;

  if (ks_loose_base64_decode_secret ((const char *) ks_secret_bytes (text), ks_secret_size (text), &bytes,
                                     odd)
      != KS_DECODE_OK)
    return NULL;
  for (int again = 1; again < MAX_ENCODINGS && ks_secret_size (bytes) > KS_STORED_SECRET_SIZE; again++)
    {
      g_autoptr (KsSecret) inner = g_steal_pointer (&bytes);

      *odd = TRUE;
      if (ks_loose_base64_decode_secret ((const char *) ks_secret_bytes (inner), ks_secret_size (inner),
                                         &bytes, odd)
          != KS_DECODE_OK)
        return NULL;
    }
  return ks_secret_size (bytes) == KS_STORED_SECRET_SIZE ? g_steal_pointer (&bytes) : NULL;
}

/* @odd is set to TRUE unless it is the only spelling that all clients read. */
static KsSecret *
read_value (const char *name, const KsSecret *text, gboolean *odd)
{
  const char *characters = (const char *) ks_secret_bytes (text);
  gsize size = ks_secret_size (text);
  KsSecret *value = read_base64 (text, odd);

  if (value != NULL)
    return value;
  *odd = TRUE;
  /* As a person has the key. */
  value = ks_recovery_key_parse (characters, size, NULL);
  if (value == NULL && g_str_equal (name, ks_secret_name_to_string (KS_SECRET_BACKUP)))
    value = read_list (characters, size);
  return value;
}

/* Element stored {"passthrough":true} in 2020 where the storage key is the backup's key itself. */
static gboolean
is_passthrough (JsonObject *content, const char *name, const char *key_id)
{
  JsonObject *encrypted;
  JsonObject *entry;
  gboolean passthrough;

  return g_str_equal (name, ks_secret_name_to_string (KS_SECRET_BACKUP))
         && ks_json_get_object (content, "encrypted", &encrypted)
         && ks_json_get_object (encrypted, key_id, &entry)
         && ks_json_get_boolean (entry, "passthrough", &passthrough) && passthrough;
}

KsStoredSecretResult
ks_secret_storage_open (
    JsonObject *content, const char *name, const char *key_id, const KsSecret *key, KsSecret **value)
{
  g_autoptr (KsEncryptedSecret) secret = NULL;
  g_autoptr (KsSecret) text = NULL;
  gboolean odd;

  *value = NULL;
  if (is_passthrough (content, name, key_id))
    {
      *value = ks_secret_new_copy (ks_secret_bytes (key), ks_secret_size (key));
      return KS_STORED_SECRET_ODD;
    }
  switch (ks_encrypted_secret_read (content, key_id, &secret))
    {
    case KS_KEY_DESCRIPTION_OK:
      break;
    case KS_KEY_DESCRIPTION_ABSENT:
      return KS_STORED_SECRET_ABSENT;
    case KS_KEY_DESCRIPTION_UNKNOWN_ALGORITHM:
    case KS_KEY_DESCRIPTION_BAD:
    default:
      return KS_STORED_SECRET_BAD;
    }
  if (ks_aes_hmac_decrypt (key, name, secret->iv, secret->iv_size, secret->ciphertext, secret->size,
                           secret->mac, sizeof secret->mac, &text)
      != KS_AES_HMAC_OK)
    return KS_STORED_SECRET_WRONG_KEY;
  odd = !ks_encrypted_secret_is_common (secret);
  *value = read_value (name, text, &odd);
  if (*value == NULL)
    return KS_STORED_SECRET_NO_KEY;
  return odd ? KS_STORED_SECRET_ODD : KS_STORED_SECRET_OK;
}

GStrv
ks_secret_storage_list_keys (JsonObject *const *contents, int n, const char *but, gboolean *cut)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_null_terminated (KS_SECRET_STORAGE_MAX_KEYS, g_free, TRUE);
  gboolean more = FALSE;

  for (int i = 0; i < n; i++)
    {
      g_autoptr (GList) names = NULL;
      JsonObject *encrypted;

      if (!ks_json_get_object (contents[i], "encrypted", &encrypted))
        continue;
      names = json_object_get_members (encrypted);
      for (GList *name = names; name != NULL && !more; name = name->next)
        {
          if (g_strcmp0 (name->data, but) == 0
              || g_ptr_array_find_with_equal_func (ids, name->data, g_str_equal, NULL))
            continue;
          more = ids->len == KS_SECRET_STORAGE_MAX_KEYS;
          if (!more)
            g_ptr_array_add (ids, g_strdup (name->data));
        }
    }
  if (cut != NULL)
    *cut = more;
  return (GStrv) g_ptr_array_free (g_steal_pointer (&ids), FALSE);
}

char *
ks_secret_storage_new_key_id (void)
{
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const gsize letters = sizeof alphabet - 1;
  char *id = g_malloc0 (KEY_ID_LENGTH + 1);

  for (int i = 0; i < KEY_ID_LENGTH;)
    {
      uint8_t byte;

      ks_random (&byte, 1);
      /* Values above the last whole multiple would make some letters likelier. */
      if (byte < 256 / letters * letters)
        id[i++] = alphabet[byte % letters];
    }
  return id;
}
