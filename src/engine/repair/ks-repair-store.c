/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/repair/ks-repair-store.h"

#include "crypto/ks-kdf.h"
#include "engine/secrets/ks-key-description.h"
#include "engine/secrets/ks-secret-storage.h"
#include "engine/secrets/ks-store-secrets.h"
#include "engine/unlock/ks-key-lock.h"

/* The content that describes the key at hand; borrowed. */
static JsonObject *
described_before (const KsRepairSight *sight)
{
  gboolean is_default = g_strcmp0 (sight->plan->key_id, sight->look->default_key_id) == 0;

  /* What is there is of the key that it was parted from. */
  if (sight->plan->apart)
    return NULL;
  return is_default ? sight->look->description : sight->description;
}

/* A key that is the backup's own, from before there was secret storage: the backup says how it comes
 * from a phrase. NULL: it is no such, or the phrase could be guessed. */
static KsKeyLock *
lock_of_backup (const KsRepairSight *sight, const KsSecret *key)
{
  g_autoptr (KsKeyLock) lock =
      sight->look->version != NULL ? ks_key_lock_new_backup (sight->look->version) : NULL;

  return lock != NULL && lock->salt != NULL && lock->bits == 8 * KS_STORED_SECRET_SIZE
                 && lock->rounds >= KS_PBKDF2_WEAK_ITERATIONS && ks_key_lock_fits (lock, key)
             ? g_steal_pointer (&lock)
             : NULL;
}

void
ks_repair_store_async (KsHttp *http,
                       const char *user_id,
                       const KsRepairSight *sight,
                       KsSecret *key,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (KsKeyDescription) description = NULL;
  g_autoptr (KsKeyLock) lock = NULL;
  KsSecretsToStore to_store = { .user_id = user_id,
                                .key_id = sight->plan->key_id,
                                .key = key,
                                .describe = sight->plan->actions[KS_REPAIR_DESCRIBE_KEY],
                                .before = described_before (sight),
                                .seen = sight->look->secrets };

  /* How the key comes from a phrase is carried over, as far as it can be read. */
  if (ks_key_description_read_parts (to_store.before, &description) != KS_KEY_DESCRIPTION_ABSENT)
    {
      to_store.salt = description->salt;
      to_store.rounds = description->iterations;
    }
  else if ((lock = lock_of_backup (sight, key)) != NULL)
    {
      to_store.salt = lock->salt;
      to_store.rounds = lock->rounds;
    }
  for (int i = 0; i < KS_N_SECRETS; i++)
    to_store.secrets[i] = sight->plan->store[i] ? sight->values[i] : NULL;
  ks_store_secrets_async (http, &to_store, cancellable, callback, user_data);
}

gboolean
ks_repair_store_finish (KsHttp *http, GAsyncResult *result, KsStorageProof *proof, GError **error)
{
  *proof = *ks_store_secrets_get_proof (result);
  return ks_store_secrets_finish (http, result, error);
}
