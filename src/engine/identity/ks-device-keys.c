/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/identity/ks-device-keys.h"

#include "crypto/ks-encoding.h"
#include "engine/identity/ks-signed-json.h"
#include "engine/secrets/ks-recovery-error.h"
#include "matrix/ks-json.h"

/* Client-Server API, "Messaging Algorithms": what a session that holds an Olm account and
 * reads rooms says it can do. */
#define OLM_ALGORITHM "m.olm.v1.curve25519-aes-sha2"
#define MEGOLM_ALGORITHM "m.megolm.v1.aes-sha2"

gboolean
ks_device_keys_sign (
    KsOlmAccount *account, JsonObject *object, const char *user_id, const char *device_id, GError **error)
{
  gsize size;
  g_autofree char *text = ks_json_to_signable (object, &size, error);
  uint8_t signature[KS_SIGNATURE_SIZE];

  if (text == NULL)
    return FALSE;
  if (!ks_olm_account_sign (account, text, size, signature))
    {
      g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT, "the session's key cannot sign");
      return FALSE;
    }
  ks_signed_json_add (object, user_id, device_id, signature);
  return TRUE;
}

static void
set_key (JsonObject *keys, const char *algorithm, const char *device_id, const char *key)
{
  g_autofree char *name = g_strconcat (algorithm, ":", device_id, NULL);

  json_object_set_string_member (keys, name, key);
}

JsonObject *
ks_device_keys_make (KsOlmAccount *account, const char *user_id, const char *device_id, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *algorithms = json_array_new ();
  JsonObject *keys;

  json_array_add_string_element (algorithms, OLM_ALGORITHM);
  json_array_add_string_element (algorithms, MEGOLM_ALGORITHM);
  json_object_set_array_member (object, "algorithms", algorithms);
  ks_json_set_strings (object, "user_id", user_id, "device_id", device_id, NULL);
  keys = ks_json_add_object (object, "keys");
  set_key (keys, "curve25519", device_id, ks_olm_account_curve25519 (account));
  set_key (keys, "ed25519", device_id, ks_olm_account_ed25519 (account));
  if (!ks_device_keys_sign (account, object, user_id, device_id, error))
    return NULL;
  return g_steal_pointer (&object);
}

static gboolean
add_signed_key (KsOlmAccount *account,
                const KsOlmPublicKey *key,
                gboolean fallback,
                const char *user_id,
                const char *device_id,
                JsonObject *parent,
                GError **error)
{
  g_autofree char *name = g_strconcat ("signed_curve25519:", key->id, NULL);
  JsonObject *object = ks_json_add_object (parent, name);

  json_object_set_string_member (object, "key", key->curve25519);
  if (fallback)
    json_object_set_boolean_member (object, "fallback", TRUE);
  return ks_device_keys_sign (account, object, user_id, device_id, error);
}

gboolean
ks_device_keys_make_one_time (
    KsOlmAccount *account, const char *user_id, const char *device_id, JsonObject **out, GError **error)
{
  gsize n;
  g_autofree KsOlmPublicKey *keys = ks_olm_account_list_one_time_keys (account, &n);
  g_autoptr (JsonObject) object = n > 0 ? json_object_new () : NULL;

  *out = NULL;
  for (gsize i = 0; i < n; i++)
    if (!add_signed_key (account, &keys[i], FALSE, user_id, device_id, object, error))
      return FALSE;
  *out = g_steal_pointer (&object);
  return TRUE;
}

gboolean
ks_device_keys_make_fallback (
    KsOlmAccount *account, const char *user_id, const char *device_id, JsonObject **out, GError **error)
{
  KsOlmPublicKey key;
  g_autoptr (JsonObject) object = NULL;

  *out = NULL;
  if (!ks_olm_account_get_fallback_key (account, &key))
    return TRUE;
  object = json_object_new ();
  if (!add_signed_key (account, &key, TRUE, user_id, device_id, object, error))
    return FALSE;
  *out = g_steal_pointer (&object);
  return TRUE;
}

static gboolean
holds_key (JsonObject *keys, const char *algorithm, const char *device_id, const char *key)
{
  g_autofree char *name = g_strconcat (algorithm, ":", device_id, NULL);
  const char *found;

  return ks_json_get_string (keys, name, &found) && g_str_equal (found, key);
}

gboolean
ks_device_keys_are_ours (JsonObject *published,
                         KsOlmAccount *account,
                         const char *user_id,
                         const char *device_id)
{
  const char *of_user;
  const char *of_device;
  JsonObject *keys;
  uint8_t ed25519[KS_OLM_KEY_SIZE];
  uint8_t curve25519[KS_OLM_KEY_SIZE];

  ks_olm_account_identity_keys (account, ed25519, curve25519);
  return ks_json_get_string (published, "user_id", &of_user) && g_str_equal (of_user, user_id)
         && ks_json_get_string (published, "device_id", &of_device) && g_str_equal (of_device, device_id)
         && ks_json_get_object (published, "keys", &keys)
         && holds_key (keys, "ed25519", device_id, ks_olm_account_ed25519 (account))
         && holds_key (keys, "curve25519", device_id, ks_olm_account_curve25519 (account))
         && ks_signed_json_verify (published, user_id, device_id, ed25519);
}
