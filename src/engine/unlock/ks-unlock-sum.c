/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-unlock-sum.h"

#include "crypto/ks-backup-cipher.h"
#include "crypto/ks-kdf.h"
#include "engine/backup/ks-backup-auth.h"
#include "engine/secrets/ks-respell.h"
#include "engine/secrets/ks-secret-storage.h"

/* The self-signing key alone proves nothing: a server can sign its public half with a
 * master key of its own. */
static gboolean
is_device_verified (const KsUnlockSeen *seen)
{
  gboolean known = seen->before != NULL && seen->before->master_key != NULL && !seen->changed;

  return seen->is_signed && (seen->secrets->values[KS_SECRET_MASTER] != NULL || known);
}

/* Whether all is open, and as other clients expect it. */
static gboolean
is_whole (const KsUnlockSeen *seen, const KsKeyLock *lock, const KsUnlockResult *result)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    if (result->opened[i] != KS_OPENED_SECRET)
      return FALSE;
  return result->device_verified && result->backup_writable && result->is_default_key
         && !seen->secrets->elsewhere && !seen->secrets->odd
         && ks_key_lock_is_common (lock, result->found->key) && ks_server_look_failure (seen->look) == NULL;
}

/* Whether whoever runs the server could guess the phrase that the key comes from. */
static gboolean
is_weak (const KsFoundKey *found)
{
  return found->by_phrase && (found->rounds < KS_PBKDF2_WEAK_ITERATIONS || found->lossy);
}

KsUnlockNote *
ks_unlock_sum_note (const KsUnlockSeen *seen, const KsKeyMatch *match)
{
  KsUnlockNote *note = ks_unlock_note_new (seen->look, match->found->key, match->lock->key_id);

  note->weak = is_weak (match->found);
  note->accepted = seen->accepted;
  return note;
}

/* Whether the secret @name is stored under another key than that of @key_id. */
static gboolean
has_other_key (const KsServerLook *look, int name, const char *key_id)
{
  g_auto (GStrv) others = ks_secret_storage_list_keys (&look->secrets[name], 1, key_id, NULL);

  return others[0] != NULL;
}

static void
fill_result (const KsUnlockSeen *seen, KsKeyMatch *match, KsUnlockResult *result)
{
  const KsServerLook *look = seen->look;
  const KsSecret *backup = seen->secrets->values[KS_SECRET_BACKUP];

  result->key_id = g_strdup (match->lock->key_id);
  result->is_default_key = result->key_id != NULL && g_strcmp0 (result->key_id, look->default_key_id) == 0;
  result->weak_phrase = is_weak (match->found);
  result->found = g_steal_pointer (&match->found);
  result->ill_spelled =
      result->key_id != NULL && ks_respell_is_needed (look->secrets, result->key_id, result->found->key);
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      result->opened[i] = seen->secrets->opened[i];
      result->other_key[i] =
          result->opened[i] == KS_OPENED_NOTHING && has_other_key (look, i, result->key_id);
    }
  result->no_identity = look->failures[KS_LOOK_IDENTITY] == NULL;
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    result->no_identity = result->no_identity && look->identity_keys[i] == NULL;
  result->identity_changed = seen->changed && !seen->only_older;
  result->device_verified = is_device_verified (seen);
  if (backup == NULL)
    return;
  result->backup_version = g_strdup (look->version->version);
  result->backup_writable =
      ks_backup_auth_trust (look->version, seen->user_id, backup, NULL) == KS_BACKUP_TRUST_KEY;
  if (!ks_backup_public_key (backup, result->backup_key))
    g_assert_not_reached (); /* it was compared */
}

KsUnlockResult *
ks_unlock_sum_up (const KsUnlockSeen *seen, KsKeyMatch *match)
{
  KsUnlockResult *result = g_new0 (KsUnlockResult, 1);
  g_autoptr (KsUnlockNote) note = ks_unlock_sum_note (seen, match);

  fill_result (seen, match, result);
  result->only_older = seen->only_older;
  if (!seen->only_older && !is_whole (seen, match->lock, result))
    result->note = g_steal_pointer (&note);
  return result;
}
