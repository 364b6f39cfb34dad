/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/identity/ks-cross-signing.h"

#include "crypto/ks-encoding.h"
#include "engine/identity/ks-signed-json.h"
#include "engine/secrets/ks-recovery-error.h"
#include "matrix/ks-json.h"

#include <string.h>

const char *
ks_cross_signing_usage (KsSecretName name)
{
  switch (name)
    {
    case KS_SECRET_MASTER:
      return "master";
    case KS_SECRET_SELF_SIGNING:
      return "self_signing";
    case KS_SECRET_USER_SIGNING:
      return "user_signing";
    case KS_SECRET_BACKUP:
    default:
      g_return_val_if_reached (NULL);
    }
}

JsonObject *
ks_cross_signing_describe (KsSecretName name,
                           const char *user_id,
                           const uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE])
{
  JsonObject *object = json_object_new ();
  JsonArray *usage = json_array_new ();
  g_autofree char *text = ks_base64_encode (public_key, KS_SIGNING_PUBLIC_KEY_SIZE, KS_BASE64_UNPADDED);
  g_autofree char *key = g_strconcat (KS_ED25519_PREFIX, text, NULL);

  json_array_add_string_element (usage, ks_cross_signing_usage (name));
  json_object_set_array_member (object, "usage", usage);
  json_object_set_string_member (object, "user_id", user_id);
  json_object_set_string_member (ks_json_add_object (object, "keys"), key, text);
  return object;
}

JsonObject *
ks_cross_signing_make (
    KsSecretName name, const char *user_id, const KsSecret *seed, const KsSecret *master, GError **error)
{
  g_autoptr (JsonObject) object = NULL;
  g_autofree char *master_text = NULL;
  uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE];
  uint8_t master_key[KS_SIGNING_PUBLIC_KEY_SIZE];

  if (!ks_signing_public_key (seed, public_key)
      || (master != NULL && !ks_signing_public_key (master, master_key)))
    {
      g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT, "a signing key has the wrong size");
      return NULL;
    }
  object = ks_cross_signing_describe (name, user_id, public_key);
  if (master == NULL)
    return g_steal_pointer (&object);
  master_text = ks_base64_encode (master_key, sizeof master_key, KS_BASE64_UNPADDED);
  if (!ks_signed_json_sign (object, user_id, master_text, master, error))
    return NULL;
  return g_steal_pointer (&object);
}

/* Whether the key is for this use, besides whatever else it is for. */
static gboolean
has_usage (JsonObject *object, const char *usage)
{
  JsonArray *words;
  const char *word;

  if (!ks_json_get_array (object, "usage", &words))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (words); i++)
    if (ks_json_element_string (words, i, &word) && g_str_equal (word, usage))
      return TRUE;
  return FALSE;
}

/* Padded or not. */
static gboolean
read_public_key (const char *text, uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE])
{
  return ks_base64_decode_exact (text, strlen (text), public_key, KS_SIGNING_PUBLIC_KEY_SIZE) == KS_DECODE_OK;
}

gboolean
ks_cross_signing_read (JsonObject *object,
                       KsSecretName name,
                       const char *user_id,
                       uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE])
{
  g_autoptr (GList) names = NULL;
  uint8_t named[KS_SIGNING_PUBLIC_KEY_SIZE];
  JsonObject *keys;
  const char *of_user;
  const char *text;

  if (!ks_json_get_string (object, "user_id", &of_user) || !g_str_equal (of_user, user_id)
      || !has_usage (object, ks_cross_signing_usage (name)) || !ks_json_get_object (object, "keys", &keys)
      || json_object_get_size (keys) != 1)
    return FALSE;
  names = json_object_get_members (keys);
  /* "There MUST be only one key", under its own name. */
  return ks_json_get_string (keys, names->data, &text) && g_str_has_prefix (names->data, KS_ED25519_PREFIX)
         && read_public_key ((const char *) names->data + strlen (KS_ED25519_PREFIX), named)
         && read_public_key (text, public_key) && ks_bytes_equal (named, public_key, sizeof named)
         && ks_signing_public_key_valid (public_key);
}

/* The name that the key of @object has in signatures; borrowed. */
static const char *
name_of (JsonObject *object)
{
  g_autoptr (GList) names = json_object_get_members (json_object_get_object_member (object, "keys"));

  return (const char *) names->data + strlen (KS_ED25519_PREFIX);
}

/* Whether the master key has signed @object, under the name that it is published by, or the unpadded one. */
static gboolean
is_signed (const KsIdentity *identity, JsonObject *object, JsonObject *master, const char *user_id)
{
  const uint8_t *key = identity->keys[KS_SECRET_MASTER];
  g_autofree char *unpadded = ks_base64_encode (key, KS_SIGNING_PUBLIC_KEY_SIZE, KS_BASE64_UNPADDED);

  return ks_signed_json_verify (object, user_id, unpadded, key)
         || ks_signed_json_verify (object, user_id, name_of (master), key);
}

void
ks_identity_read (KsIdentity *identity, JsonObject *const keys[KS_N_CROSS_SIGNING_KEYS], const char *user_id)
{
  *identity = (KsIdentity){ 0 };
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    {
      identity->any = identity->any || keys[i] != NULL;
      identity->published[i] = ks_cross_signing_read (keys[i], (KsSecretName) i, user_id, identity->keys[i]);
      if (i != KS_SECRET_MASTER)
        identity->published[i] = identity->published[i] && identity->published[KS_SECRET_MASTER]
                                 && is_signed (identity, keys[i], keys[KS_SECRET_MASTER], user_id);
    }
}
