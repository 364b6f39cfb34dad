/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-unlock-record.h"

#include "crypto/ks-encoding.h"
#include "engine/backup/ks-backup-trust.h"
#include "engine/secrets/ks-storage-proof.h"

/* The default key, if it is vouched for by what it opened; else what was known before. Another key than
 * it never becomes a known one by opening everything: the person may have replaced it. Nor is a default
 * key known that nothing is stored under. */
static const char *
known_default_key (const KsRecoveryRecord *before, const KsServerLook *look, const KsKeyMatch *match)
{
  const char *known = before != NULL ? before->default_key_id : NULL;

  if (match->lock->key_id == NULL || *match->lock->key_id == '\0'
      || look->failures[KS_LOOK_DEFAULT_KEY] != NULL)
    return known;
  for (guint i = 0; i < match->locks->len; i++)
    {
      const KsKeyLock *lock = match->locks->pdata[i];

      if (g_strcmp0 (lock->key_id, look->default_key_id) == 0 && ks_key_lock_stores_any (lock))
        return lock == match->lock ? lock->key_id : known;
    }
  return NULL;
}

static void
replace (char **place, const char *value)
{
  g_free (*place);
  *place = g_strdup (value);
}

/* What of storage under the key that is known from now on opened with it. What did not may be as it
 * was when it did. */
static char *
prove_storage (const KsRecoveryRecord *before,
               const char *default_key,
               const KsServerLook *look,
               const KsOpenedSecrets *secrets,
               const KsUnlockResult *result)
{
  const char *key_id = result->key_id;
  KsStorageProof proof;

  ks_storage_proof_read (&proof, default_key, before != NULL ? before->default_key_id : NULL,
                         before != NULL ? before->storage_proof : NULL);
  if (key_id != NULL && g_strcmp0 (key_id, default_key) == 0)
    {
      for (int i = 0; i < KS_N_SECRETS; i++)
        if (secrets->values[i] != NULL)
          ks_storage_proof_take_secret (&proof, (KsSecretName) i, look->secrets[i], key_id,
                                        result->found->key, secrets->values[i]);
      if (look->description != NULL && g_strcmp0 (key_id, look->default_key_id) == 0)
        ks_storage_proof_take_description (&proof, look->description, result->found->key);
    }
  return proof.known ? ks_storage_proof_write (&proof) : NULL;
}

KsRecoveryRecord *
ks_unlock_record_new (const KsRecoveryRecord *before,
                      const KsServerLook *look,
                      const KsKeyMatch *match,
                      const KsOpenedSecrets *secrets,
                      const KsUnlockResult *result)
{
  KsRecoveryRecord *record = before != NULL ? ks_recovery_record_copy (before) : g_new0 (KsRecoveryRecord, 1);
  g_autofree char *default_key = g_strdup (known_default_key (before, look, match));
  g_autofree char *half = NULL;

  /* The file that was saved holds the key before. */
  if (g_strcmp0 (record->default_key_id, default_key) != 0)
    g_clear_pointer (&record->key_file, g_free);
  replace (&record->default_key_id, default_key);
  g_free (record->storage_proof);
  record->storage_proof = prove_storage (before, default_key, look, secrets, result);
  if (secrets->values[KS_SECRET_MASTER] != NULL)
    {
      g_autofree char *master = ks_base64_encode (secrets->identity.keys[KS_SECRET_MASTER],
                                                  KS_SIGNING_PUBLIC_KEY_SIZE, KS_BASE64_UNPADDED);

      replace (&record->master_key, master);
    }
  if (result->backup_version == NULL)
    return record;
  half = ks_base64_encode (result->backup_key, sizeof result->backup_key, KS_BASE64_UNPADDED);
  if (g_strcmp0 (record->backup_version, result->backup_version) != 0)
    {
      record->last_check = 0;
      record->last_check_result = KS_LAST_CHECK_NEVER;
    }
  replace (&record->backup_version, result->backup_version);
  replace (&record->backup_public_key, half);
  return record;
}
