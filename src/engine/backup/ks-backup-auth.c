/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/backup/ks-backup-auth.h"

#include "crypto/ks-encoding.h"
#include "engine/identity/ks-signed-json.h"
#include "engine/secrets/ks-recovery-error.h"
#include "matrix/ks-json.h"

#include <string.h>

JsonObject *
ks_backup_auth_make (const char *user_id, const KsSecret *key, const KsSecret *master, GError **error)
{
  g_autoptr (JsonObject) auth_data = json_object_new ();
  g_autofree char *text = NULL;
  g_autofree char *master_text = NULL;
  uint8_t public_key[KS_BACKUP_KEY_SIZE];
  uint8_t master_key[KS_SIGNING_PUBLIC_KEY_SIZE];

  if (!ks_backup_public_key (key, public_key)
      || (master != NULL && !ks_signing_public_key (master, master_key)))
    {
      g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT, "a key has the wrong size");
      return NULL;
    }
  text = ks_base64_encode (public_key, sizeof public_key, KS_BASE64_UNPADDED);
  json_object_set_string_member (auth_data, "public_key", text);
  if (master == NULL)
    return g_steal_pointer (&auth_data);
  master_text = ks_base64_encode (master_key, sizeof master_key, KS_BASE64_UNPADDED);
  if (!ks_signed_json_sign (auth_data, user_id, master_text, master, error))
    return NULL;
  return g_steal_pointer (&auth_data);
}

gboolean
ks_backup_auth_read (const KsBackupVersion *version, uint8_t public_key[KS_BACKUP_KEY_SIZE])
{
  const char *text;

  return g_str_equal (version->algorithm, KS_BACKUP_ALGORITHM)
         && ks_json_get_string (version->auth_data, "public_key", &text)
         && ks_base64_decode_exact (text, strlen (text), public_key, KS_BACKUP_KEY_SIZE) == KS_DECODE_OK
         && ks_backup_public_key_valid (public_key);
}

gboolean
ks_backup_auth_read_twice (const KsBackupVersion *version, uint8_t public_key[KS_BACKUP_KEY_SIZE])
{
  const char *text;
  uint8_t inner[KS_BASE64_BYTES (KS_BASE64_LENGTH (KS_BASE64_LENGTH (KS_BACKUP_KEY_SIZE)))];
  gsize size;

  return g_str_equal (version->algorithm, KS_BACKUP_ALGORITHM)
         && ks_json_get_string (version->auth_data, "public_key", &text)
         && KS_BASE64_BYTES (strlen (text)) <= sizeof inner
         && ks_base64_decode (text, strlen (text), inner, &size) == KS_DECODE_OK
         && ks_base64_decode_exact ((const char *) inner, size, public_key, KS_BACKUP_KEY_SIZE)
                == KS_DECODE_OK
         && ks_backup_public_key_valid (public_key);
}

gboolean
ks_backup_auth_fits (const KsBackupVersion *version, const KsSecret *key)
{
  uint8_t public_key[KS_BACKUP_KEY_SIZE];
  uint8_t ours[KS_BACKUP_KEY_SIZE];

  return version != NULL && key != NULL && ks_backup_public_key (key, ours)
         && (ks_backup_auth_read (version, public_key) || ks_backup_auth_read_twice (version, public_key))
         && ks_bytes_equal (public_key, ours, sizeof ours);
}

KsBackupTrust
ks_backup_auth_trust (const KsBackupVersion *version,
                      const char *user_id,
                      const KsSecret *key,
                      const uint8_t *master_key)
{
  uint8_t public_key[KS_BACKUP_KEY_SIZE];
  uint8_t ours[KS_BACKUP_KEY_SIZE];
  g_autofree char *master = NULL;

  if (!ks_backup_auth_read (version, public_key))
    return KS_BACKUP_TRUST_NONE;
  if (key != NULL && ks_backup_public_key (key, ours) && ks_bytes_equal (public_key, ours, sizeof ours))
    return KS_BACKUP_TRUST_KEY;
  if (master_key == NULL)
    return KS_BACKUP_TRUST_NONE;
  master = ks_base64_encode (master_key, KS_SIGNING_PUBLIC_KEY_SIZE, KS_BASE64_UNPADDED);
  return ks_signed_json_verify (version->auth_data, user_id, master, master_key) ? KS_BACKUP_TRUST_SIGNATURE
                                                                                 : KS_BACKUP_TRUST_NONE;
}
