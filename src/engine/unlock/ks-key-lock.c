/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-key-lock.h"

#include "crypto/ks-backup-cipher.h"
#include "engine/backup/ks-backup-auth.h"
#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-json.h"

#include <string.h>

/* What "private_key_bits" is where it is missing. */
#define DEFAULT_BITS 256

G_STATIC_ASSERT (sizeof ((KsKeyLock *) 0)->public_key == KS_BACKUP_KEY_SIZE);

void
ks_key_lock_free (KsKeyLock *lock)
{
  if (lock == NULL)
    return;
  g_free (lock->key_id);
  ks_key_description_free (lock->description);
  for (int i = 0; i < KS_N_SECRETS; i++)
    ks_encrypted_secret_free (lock->secrets[i]);
  g_free (lock->salt);
  g_free (lock);
}

KsKeyLock *
ks_key_lock_new_storage (const char *key_id, JsonObject *description, JsonObject *const secrets[KS_N_SECRETS])
{
  g_autoptr (KsKeyLock) lock = g_new0 (KsKeyLock, 1);
  KsKeyDescriptionResult result;
  KsKeyDescription *read;

  result = ks_key_description_read_parts (description, &lock->description);
  lock->readable = result == KS_KEY_DESCRIPTION_OK;
  lock->of_unknown_kind = result == KS_KEY_DESCRIPTION_UNKNOWN_ALGORITHM;
  lock->key_id = g_strdup (key_id);
  read = lock->description;
  if (read != NULL)
    {
      lock->salt = g_strdup (read->salt);
      lock->rounds = read->iterations;
      lock->bits = read->bits;
      lock->other_phrase = read->other_phrase;
    }
  for (int i = 0; i < KS_N_SECRETS; i++)
    lock->stores[i] =
        ks_encrypted_secret_read (secrets[i], key_id, &lock->secrets[i]) != KS_KEY_DESCRIPTION_ABSENT;
  return read != NULL || ks_key_lock_stores_any (lock) ? g_steal_pointer (&lock) : NULL;
}

gboolean
ks_key_lock_stores_any (const KsKeyLock *lock)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    if (lock->stores[i])
      return TRUE;
  return FALSE;
}

gboolean
ks_key_lock_has_entry (const KsKeyLock *lock)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    if (lock->secrets[i] != NULL)
      return TRUE;
  return FALSE;
}

/* How a key was had from a phrase before there was secret storage: never in the
 * specification, written by matrix-js-sdk until 2020. */
static void
read_old_phrase (KsKeyLock *lock, JsonObject *auth_data)
{
  const char *salt;
  gboolean odd;

  if (!ks_json_get_string (auth_data, "private_key_salt", &salt))
    return;
  lock->bits = DEFAULT_BITS;
  lock->other_phrase =
      strlen (salt) > KS_KEY_DESCRIPTION_MAX_SALT
      || !ks_key_description_read_number (auth_data, "private_key_iterations", &lock->rounds, &odd)
      || (ks_json_get_type (auth_data, "private_key_bits") != KS_JSON_ABSENT
          && !ks_key_description_read_number (auth_data, "private_key_bits", &lock->bits, &odd));
  if (!lock->other_phrase)
    lock->salt = g_strdup (salt);
}

KsKeyLock *
ks_key_lock_new_backup (const KsBackupVersion *version)
{
  g_autoptr (KsKeyLock) lock = g_new0 (KsKeyLock, 1);

  if (!ks_backup_auth_read (version, lock->public_key)
      && !ks_backup_auth_read_twice (version, lock->public_key))
    return NULL;
  lock->readable = TRUE;
  read_old_phrase (lock, version->auth_data);
  return g_steal_pointer (&lock);
}

static gboolean
opens_a_secret (const KsKeyLock *lock, const KsSecret *key)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      const KsEncryptedSecret *secret = lock->secrets[i];
      g_autoptr (KsSecret) plain = NULL;

      if (secret != NULL
          && ks_aes_hmac_decrypt (key, ks_secret_name_to_string ((KsSecretName) i), secret->iv,
                                  secret->iv_size, secret->ciphertext, secret->size, secret->mac,
                                  sizeof secret->mac, &plain)
                 == KS_AES_HMAC_OK)
        return TRUE;
    }
  return FALSE;
}

gboolean
ks_key_lock_fits (const KsKeyLock *lock, const KsSecret *key)
{
  const KsKeyDescription *description = lock->description;
  uint8_t public_key[KS_BACKUP_KEY_SIZE];

  if (lock->key_id == NULL)
    return ks_backup_public_key (key, public_key)
           && ks_bytes_equal (public_key, lock->public_key, sizeof public_key);
  if (description != NULL && description->has_check
      && ks_aes_hmac_check_key (key, description->iv, description->iv_size, description->mac,
                                sizeof description->mac)
             == KS_AES_HMAC_OK)
    return TRUE;
  /* The description may be another key's, or nobody's; a MAC is proof enough. */
  return opens_a_secret (lock, key);
}

gboolean
ks_key_lock_can_judge (const KsKeyLock *lock, gboolean phrase)
{
  if (phrase && lock->other_phrase)
    return FALSE;
  if (lock->readable)
    return TRUE;
  if (phrase)
    return lock->salt != NULL;
  if (ks_key_lock_has_entry (lock))
    return !lock->of_unknown_kind;
  return lock->description != NULL && lock->description->has_check && !lock->of_unknown_kind;
}

gboolean
ks_key_lock_is_common (const KsKeyLock *lock, const KsSecret *key)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    if (lock->secrets[i] != NULL && !ks_encrypted_secret_is_common (lock->secrets[i]))
      return FALSE;
  return lock->readable && ks_key_description_is_common (lock->description)
         && !ks_secret_storage_describes_another (lock->description, key);
}
