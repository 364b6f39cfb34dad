/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/repair/ks-repair-proof.h"

static void
find (KsStorageProof *proof, const KsRepairSight *sight, const KsSecret *key)
{
  const KsServerLook *look = sight->look;
  const char *key_id = sight->plan->key_id;
  gboolean is_default = g_strcmp0 (key_id, look->default_key_id) == 0;

  for (int i = 0; i < KS_N_SECRETS; i++)
    if (sight->plan->keep[i])
      ks_storage_proof_take_secret (proof, (KsSecretName) i, look->secrets[i], key_id, key, sight->values[i]);
  ks_storage_proof_take_description (proof, is_default ? look->description : sight->description, key);
}

void
ks_repair_proof_note (KsRecoveryRecord *record,
                      const KsRepairSight *sight,
                      const KsUnlockNote *note,
                      const KsStorageProof *stored)
{
  const KsRecoveryRecord *before = sight->record;
  KsStorageProof proof;

  ks_storage_proof_read (&proof, record->default_key_id, before != NULL ? before->default_key_id : NULL,
                         before != NULL ? before->storage_proof : NULL);
  if (record->default_key_id != NULL && g_strcmp0 (record->default_key_id, sight->plan->key_id) == 0)
    {
      find (&proof, sight, note->key);
      ks_storage_proof_add (&proof, stored);
    }
  g_free (record->storage_proof);
  record->storage_proof = proof.known ? ks_storage_proof_write (&proof) : NULL;
}
