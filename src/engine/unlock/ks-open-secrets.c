/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-open-secrets.h"

#include "engine/backup/ks-backup-auth.h"
#include "engine/ks-recovery-error.h"
#include "engine/secrets/ks-secret-storage.h"

void
ks_opened_secrets_clear (KsOpenedSecrets *secrets)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    ks_secret_unref (secrets->values[i]);
  *secrets = (KsOpenedSecrets){ 0 };
}

/* Other keys than the default one are what an account had before: what they open may be
 * of then. */
static gboolean
fail (const KsServerLook *look, const KsKeyLock *lock, KsRecoveryError code, int name, GError **error)
{
  if (g_strcmp0 (lock->key_id, look->default_key_id) != 0 && look->default_key_id != NULL)
    code = KS_RECOVERY_ERROR_OLD_KEY;
  g_set_error_literal (error, KS_RECOVERY_ERROR, code, ks_secret_name_to_string ((KsSecretName) name));
  return FALSE;
}

static gboolean
prove_signing_key (const KsServerLook *look, int name, KsSecret *value, KsOpenedSecrets *secrets)
{
  uint8_t half[KS_SIGNING_PUBLIC_KEY_SIZE];

  if (look->identity_keys[name] == NULL)
    {
      secrets->opened[name] = KS_OPENED_UNUSED;
      return TRUE;
    }
  /* What is published in a way that does not count is no half of anything. */
  if (!look->identity.published[name] || !ks_signing_public_key (value, half)
      || !ks_bytes_equal (half, look->identity.keys[name], sizeof half))
    return FALSE;
  secrets->opened[name] = KS_OPENED_SECRET;
  secrets->identity.published[name] = TRUE;
  secrets->identity.any = TRUE;
  memcpy (secrets->identity.keys[name], half, sizeof half);
  return TRUE;
}

static gboolean
prove_backup_key (const KsServerLook *look, const char *user_id, KsSecret *value, KsOpenedSecrets *secrets)
{
  if (look->version == NULL || !g_str_equal (look->version->algorithm, KS_BACKUP_ALGORITHM))
    {
      secrets->opened[KS_SECRET_BACKUP] = KS_OPENED_UNUSED;
      return TRUE;
    }
  secrets->opened[KS_SECRET_BACKUP] = KS_OPENED_SECRET;
  return ks_backup_auth_trust (look->version, user_id, value, NULL) == KS_BACKUP_TRUST_KEY;
}

static gboolean
open_one (const KsServerLook *look,
          const char *user_id,
          const KsKeyLock *lock,
          KsSecret *key,
          int name,
          KsOpenedSecrets *secrets,
          GError **error)
{
  g_autoptr (KsSecret) value = NULL;

  switch (ks_secret_storage_open (look->secrets[name], ks_secret_name_to_string ((KsSecretName) name),
                                  lock->key_id, key, &value))
    {
    case KS_STORED_SECRET_OK:
      break;
    case KS_STORED_SECRET_ABSENT:
      return TRUE;
    case KS_STORED_SECRET_BAD:
    case KS_STORED_SECRET_WRONG_KEY:
    case KS_STORED_SECRET_NO_KEY:
    default:
      return fail (look, lock, KS_RECOVERY_ERROR_DAMAGED_SECRET, name, error);
    }
  if (name == KS_SECRET_BACKUP ? !prove_backup_key (look, user_id, value, secrets)
                               : !prove_signing_key (look, name, value, secrets))
    return fail (look, lock, KS_RECOVERY_ERROR_MISMATCH, name, error);
  if (secrets->opened[name] == KS_OPENED_SECRET)
    secrets->values[name] = g_steal_pointer (&value);
  return TRUE;
}

gboolean
ks_open_secrets (const KsServerLook *look,
                 const char *user_id,
                 const KsKeyLock *lock,
                 KsSecret *key,
                 KsOpenedSecrets *secrets,
                 GError **error)
{
  gboolean any = FALSE;

  *secrets = (KsOpenedSecrets){ 0 };
  if (lock->key_id == NULL)
    {
      /* The key is the secret, and fits because it is the half that is published. */
      secrets->opened[KS_SECRET_BACKUP] = KS_OPENED_SECRET;
      secrets->values[KS_SECRET_BACKUP] = ks_secret_ref (key);
      return TRUE;
    }
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      if (!open_one (look, user_id, lock, key, i, secrets, error))
        {
          ks_opened_secrets_clear (secrets);
          return FALSE;
        }
      any = any || secrets->opened[i] == KS_OPENED_SECRET;
    }
  if (any)
    return TRUE;
  ks_opened_secrets_clear (secrets);
  g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NOTHING_STORED,
               "the key fits, and nothing is stored under it that the server knows the other half of");
  return FALSE;
}
