/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-open-secrets.h"

#include "engine/backup/ks-backup-auth.h"
#include "engine/secrets/ks-recovery-error.h"
#include "engine/secrets/ks-secret-storage.h"

void
ks_opened_secrets_clear (KsOpenedSecrets *secrets)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    ks_secret_unref (secrets->values[i]);
  ks_secret_unref (secrets->older);
  *secrets = (KsOpenedSecrets){ 0 };
}

/* What became of the signing key @value. */
static KsOpened
prove_signing_key (
    const KsServerLook *look, int name, KsSecret *value, gboolean changed, KsIdentity *identity)
{
  uint8_t half[KS_SIGNING_PUBLIC_KEY_SIZE];

  if (look->failures[KS_LOOK_IDENTITY] != NULL)
    return KS_OPENED_UNKNOWN;
  if (look->identity_keys[name] == NULL)
    return KS_OPENED_UNUSED;
  if (changed)
    return KS_OPENED_CHANGED;
  /* What is published in a way that does not count is no half of anything. */
  if (!look->identity.published[name] || !ks_signing_public_key (value, half)
      || !ks_bytes_equal (half, look->identity.keys[name], sizeof half))
    return KS_OPENED_MISMATCH;
  identity->published[name] = TRUE;
  identity->any = TRUE;
  memcpy (identity->keys[name], half, sizeof half);
  return KS_OPENED_SECRET;
}

static KsOpened
prove_backup_key (const KsServerLook *look, const KsSecret *value)
{
  if (look->failures[KS_LOOK_BACKUP] != NULL)
    return KS_OPENED_UNKNOWN;
  if (look->version == NULL || !g_str_equal (look->version->algorithm, KS_BACKUP_ALGORITHM))
    return KS_OPENED_UNUSED;
  return ks_backup_auth_fits (look->version, value) ? KS_OPENED_SECRET : KS_OPENED_MISMATCH;
}

/* What of the secret @name is stored under @key_id. */
static KsOpened
open_entry (const KsServerLook *look,
            const char *key_id,
            KsSecret *key,
            int name,
            gboolean changed,
            KsOpenedSecrets *secrets)
{
  KsSecret **value = &secrets->values[name];
  KsOpened opened;
  KsStoredSecretResult result =
      ks_secret_storage_open (look->secrets[name], ks_secret_name_to_string ((KsSecretName) name), key_id,
                              key, value);

  secrets->odd = secrets->odd || result == KS_STORED_SECRET_ODD;
  switch (result)
    {
    case KS_STORED_SECRET_OK:
    case KS_STORED_SECRET_ODD:
      opened = name == KS_SECRET_BACKUP ? prove_backup_key (look, *value)
                                        : prove_signing_key (look, name, *value, changed, &secrets->identity);
      if (opened == KS_OPENED_MISMATCH && name == KS_SECRET_BACKUP && secrets->older == NULL)
        secrets->older = g_steal_pointer (value);
      if (opened != KS_OPENED_SECRET)
        g_clear_pointer (value, ks_secret_unref);
      return opened;
    case KS_STORED_SECRET_ABSENT:
      return look->failures[KS_LOOK_SECRETS + name] != NULL ? KS_OPENED_UNKNOWN : KS_OPENED_NOTHING;
    case KS_STORED_SECRET_BAD:
    case KS_STORED_SECRET_WRONG_KEY:
    case KS_STORED_SECRET_NO_KEY:
    default:
      return KS_OPENED_DAMAGED;
    }
}

/* It opened, and nothing is said against it but what the person has to say first. */
static gboolean
is_open (KsOpened opened)
{
  return opened == KS_OPENED_SECRET || opened == KS_OPENED_UNUSED || opened == KS_OPENED_CHANGED;
}

/* Clients have stored one and the same key under two IDs, and some of the secrets under each. What
 * does not open under @lock is tried under the others; what becomes of those that do not open
 * there either is told of @lock. */
static void
open_one (const KsServerLook *look,
          const KsKeyLock *lock,
          KsSecret *key,
          int name,
          gboolean changed,
          const char *const *others,
          KsOpenedSecrets *secrets)
{
  secrets->opened[name] = open_entry (look, lock->key_id, key, name, changed, secrets);
  for (; !is_open (secrets->opened[name]) && *others != NULL; others++)
    {
      KsOpened opened = open_entry (look, *others, key, name, changed, secrets);

      if (!is_open (opened))
        continue;
      secrets->opened[name] = opened;
      secrets->elsewhere = TRUE;
    }
}

/* The key may be that of the backup itself: it was before there was secret storage, and for a
 * while in secret storage too. */
static void
try_as_backup_key (const KsServerLook *look, const KsKeyLock *lock, KsSecret *key, KsOpenedSecrets *secrets)
{
  if (secrets->opened[KS_SECRET_BACKUP] == KS_OPENED_SECRET)
    return;
  if (!ks_backup_auth_fits (look->version, key))
    {
      /* It was found to fit a backup, which is an older one then. */
      if (lock->key_id == NULL)
        secrets->older = ks_secret_ref (key);
      return;
    }
  secrets->opened[KS_SECRET_BACKUP] = KS_OPENED_SECRET;
  secrets->values[KS_SECRET_BACKUP] = ks_secret_ref (key);
  secrets->elsewhere = TRUE;
}

static gboolean
find_opened (const KsOpenedSecrets *secrets, KsOpened opened, KsSecretName *name)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    if (secrets->opened[i] == opened)
      {
        *name = (KsSecretName) i;
        return TRUE;
      }
  return FALSE;
}

/* Why nothing is good for anything: the reason that leads furthest. */
static void
explain (const KsServerLook *look,
         const KsKeyLock *lock,
         gboolean cut,
         const KsOpenedSecrets *secrets,
         GError **error)
{
  gboolean is_default = look->default_key_id == NULL || g_strcmp0 (lock->key_id, look->default_key_id) == 0;
  KsRecoveryError code = lock->key_id != NULL ? KS_RECOVERY_ERROR_NOTHING_STORED : KS_RECOVERY_ERROR_OLD_KEY;
  const char *message = lock->key_id != NULL ? "the key fits, and nothing is stored under it"
                                             : "it is the key of an older backup";
  KsSecretName name;

  if (find_opened (secrets, KS_OPENED_UNKNOWN, &name))
    {
      g_propagate_error (error, g_error_copy (ks_server_look_failure (look)));
      return;
    }
  if (find_opened (secrets, KS_OPENED_CHANGED, &name))
    {
      code = KS_RECOVERY_ERROR_CHANGED;
      message = "the identity is not the one that was known";
    }
  else if (find_opened (secrets, KS_OPENED_MISMATCH, &name)
           || find_opened (secrets, KS_OPENED_DAMAGED, &name))
    {
      code = secrets->opened[name] == KS_OPENED_MISMATCH ? KS_RECOVERY_ERROR_MISMATCH
                                                         : KS_RECOVERY_ERROR_DAMAGED_SECRET;
      message = ks_secret_name_to_string (name);
      /* Other keys than the default one are what an account had before: what they open may be
       * of then. Unless there are more entries than it was tried on. */
      if (!is_default && !cut)
        code = KS_RECOVERY_ERROR_OLD_KEY;
    }
  g_set_error_literal (error, KS_RECOVERY_ERROR, (int) code, message);
}

gboolean
ks_open_secrets (const KsServerLook *look,
                 const KsKeyLock *lock,
                 KsSecret *key,
                 gboolean changed,
                 KsOpenedSecrets *secrets,
                 GError **error)
{
  gboolean cut;
  g_auto (GStrv) others = ks_secret_storage_list_keys (look->secrets, KS_N_SECRETS, lock->key_id, &cut);
  KsSecretName name;

  *secrets = (KsOpenedSecrets){ 0 };
  for (int i = 0; lock->key_id != NULL && i < KS_N_SECRETS; i++)
    open_one (look, lock, key, i, changed, (const char *const *) others, secrets);
  try_as_backup_key (look, lock, key, secrets);
  if (find_opened (secrets, KS_OPENED_SECRET, &name) || find_opened (secrets, KS_OPENED_UNUSED, &name))
    return TRUE;
  explain (look, lock, cut, secrets, error);
  return FALSE;
}
