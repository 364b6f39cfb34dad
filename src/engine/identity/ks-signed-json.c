/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/identity/ks-signed-json.h"

#include "crypto/ks-encoding.h"
#include "engine/secrets/ks-recovery-error.h"
#include "matrix/ks-json.h"

#include <string.h>

static JsonObject *
get_or_add (JsonObject *parent, const char *name)
{
  JsonObject *child;

  if (ks_json_get_object (parent, name, &child))
    return child;
  return ks_json_add_object (parent, name);
}

void
ks_signed_json_add (JsonObject *object,
                    const char *user_id,
                    const char *name,
                    const uint8_t signature[KS_SIGNATURE_SIZE])
{
  JsonObject *of_user = get_or_add (get_or_add (object, "signatures"), user_id);
  g_autofree char *key = g_strconcat (KS_ED25519_PREFIX, name, NULL);
  g_autofree char *text = ks_base64_encode (signature, KS_SIGNATURE_SIZE, KS_BASE64_UNPADDED);

  json_object_set_string_member (of_user, key, text);
}

gboolean
ks_signed_json_sign (
    JsonObject *object, const char *user_id, const char *name, const KsSecret *seed, GError **error)
{
  gsize size;
  g_autofree char *text = ks_json_to_signable (object, &size, error);
  uint8_t signature[KS_SIGNATURE_SIZE];

  if (text == NULL)
    return FALSE;
  if (!ks_sign (seed, text, size, signature))
    {
      g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT, "a signing key has the wrong size");
      return FALSE;
    }
  ks_signed_json_add (object, user_id, name, signature);
  return TRUE;
}

gboolean
ks_signed_json_verify (JsonObject *object,
                       const char *user_id,
                       const char *name,
                       const uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE])
{
  g_autofree char *key = g_strconcat (KS_ED25519_PREFIX, name, NULL);
  g_autofree char *text = NULL;
  JsonObject *signatures;
  JsonObject *of_user;
  const char *encoded;
  uint8_t signature[KS_SIGNATURE_SIZE];
  gsize size;

  if (!ks_json_get_object (object, "signatures", &signatures)
      || !ks_json_get_object (signatures, user_id, &of_user) || !ks_json_get_string (of_user, key, &encoded)
      || ks_base64_decode_exact (encoded, strlen (encoded), signature, sizeof signature) != KS_DECODE_OK)
    return FALSE;
  text = ks_json_to_signable (object, &size, NULL);
  return text != NULL && ks_signature_verify (public_key, text, size, signature);
}
