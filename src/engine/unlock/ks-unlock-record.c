/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-unlock-record.h"

#include "crypto/ks-encoding.h"

/* The default key, if it is vouched for by what it opened; else what was known before. Another key than
 * it never becomes a known one by opening everything: the person may have replaced it. Nor is a default
 * key known that nothing is stored under. */
static const char *
known_default_key (const KsRecoveryRecord *before, const KsServerLook *look, const KsKeyMatch *match)
{
  const char *known = before != NULL ? before->default_key_id : NULL;

  if (match->lock->key_id == NULL || look->failures[KS_LOOK_DEFAULT_KEY] != NULL)
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
