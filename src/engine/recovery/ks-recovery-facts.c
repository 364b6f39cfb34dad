/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/recovery/ks-recovery-facts.h"

#include "crypto/ks-encoding.h"
#include "engine/backup/ks-backup-auth.h"
#include "engine/identity/ks-shown-name.h"
#include "engine/identity/ks-signed-json.h"
#include "engine/repair/ks-repair-reach.h"
#include "engine/secrets/ks-secret-storage.h"
#include "engine/secrets/ks-storage-proof.h"
#include "engine/unlock/ks-key-lock.h"
#include "matrix/ks-json.h"

#include <string.h>

void
ks_recovery_facts_clear (KsRecoveryFacts *facts)
{
  ks_server_look_free (facts->look);
  for (int i = 0; i < KS_N_SECRETS; i++)
    ks_secret_unref (facts->secrets[i]);
  ks_recovery_record_free (facts->record);
  ks_unlock_note_free (facts->note);
  g_clear_pointer (&facts->description, json_object_unref);
  g_clear_error (&facts->description_failure);
  g_free (facts->device_key);
}

void
ks_recovery_snapshot_free (KsRecoverySnapshot *snapshot)
{
  if (snapshot == NULL)
    return;
  g_free (snapshot->default_key_id);
  g_free (snapshot->key_file);
  g_free (snapshot->device_key);
  g_strfreev (snapshot->other_sessions);
  g_free (snapshot->backup_version);
  g_free (snapshot->backup_etag);
  g_free (snapshot->backup_signer_name);
  g_clear_error (&snapshot->failure);
  g_free (snapshot);
}

/* Is the private half of @name here that of what is published? */
static gboolean
matches (const KsRecoveryFacts *facts, int name)
{
  const KsServerLook *look = facts->look;
  uint8_t ours[KS_SIGNING_PUBLIC_KEY_SIZE];

  if (facts->secrets[name] == NULL)
    return FALSE;
  if (name == KS_SECRET_BACKUP)
    return ks_backup_auth_fits (look->version, facts->secrets[name]);
  return look->identity.published[name] && ks_signing_public_key (facts->secrets[name], ours)
         && ks_bytes_equal (ours, look->identity.keys[name], sizeof ours);
}

/* The public master key that this session knows to be the person's, by more than the
 * server's word. FALSE: it knows none. */
static gboolean
known_master (const KsRecoveryFacts *facts, uint8_t key[KS_SIGNING_PUBLIC_KEY_SIZE])
{
  if (facts->record != NULL && facts->record->master_key != NULL)
    return ks_base64_decode_exact (facts->record->master_key, strlen (facts->record->master_key), key,
                                   KS_SIGNING_PUBLIC_KEY_SIZE)
           == KS_DECODE_OK;
  return facts->secrets[KS_SECRET_MASTER] != NULL
         && ks_signing_public_key (facts->secrets[KS_SECRET_MASTER], key);
}

static gboolean
is_device_ours (const KsRecoveryFacts *facts)
{
  g_autofree char *name = g_strconcat (KS_ED25519_PREFIX, facts->device_id, NULL);
  JsonObject *keys;
  const char *key;

  return facts->device_key != NULL && ks_json_get_object (facts->look->device, "keys", &keys)
         && ks_json_get_string (keys, name, &key) && g_str_equal (key, facts->device_key);
}

static gboolean
is_device_verified (const KsRecoveryFacts *facts, const uint8_t *master)
{
  const KsIdentity *identity = &facts->look->identity;
  g_autofree char *self_signing = NULL;

  if (master == NULL || !identity->published[KS_SECRET_MASTER] || !identity->published[KS_SECRET_SELF_SIGNING]
      || !ks_bytes_equal (master, identity->keys[KS_SECRET_MASTER], KS_SIGNING_PUBLIC_KEY_SIZE)
      || !is_device_ours (facts))
    return FALSE;
  self_signing = ks_base64_encode (identity->keys[KS_SECRET_SELF_SIGNING], KS_SIGNING_PUBLIC_KEY_SIZE,
                                   KS_BASE64_UNPADDED);
  return ks_signed_json_verify (facts->look->device, facts->user_id, self_signing,
                                identity->keys[KS_SECRET_SELF_SIGNING]);
}

/* Its name as its owner gave it, or its ID. NULL: neither can be shown. */
static char *
name_session (const char *device_id, JsonObject *device)
{
  JsonObject *extra;
  const char *name;
  char *shown = NULL;

  if (ks_json_get_object (device, "unsigned", &extra)
      && ks_json_get_string (extra, "device_display_name", &name))
    shown = ks_shown_name (name);
  return shown != NULL ? shown : ks_shown_name (device_id);
}

static char **
other_sessions (const KsRecoveryFacts *facts)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GList) ids = json_object_get_members (facts->look->devices);

  for (GList *id = ids; id != NULL; id = id->next)
    {
      JsonObject *device;
      g_autofree char *shown = NULL;

      if (g_str_equal (id->data, facts->device_id)
          || !ks_json_get_object (facts->look->devices, id->data, &device))
        continue;
      shown = name_session (id->data, device);
      if (shown != NULL)
        g_strv_builder_add (builder, shown);
    }
  return g_strv_builder_end (builder);
}

/* Has the session @device, whose keys hold together, signed the version? */
static gboolean
has_signed (const KsRecoveryFacts *facts, const char *device_id, JsonObject *device)
{
  g_autofree char *name = g_strconcat (KS_ED25519_PREFIX, device_id, NULL);
  JsonObject *keys;
  const char *text;
  uint8_t key[KS_SIGNING_PUBLIC_KEY_SIZE];

  return ks_json_get_object (device, "keys", &keys) && ks_json_get_string (keys, name, &text)
         && ks_base64_decode_exact (text, strlen (text), key, sizeof key) == KS_DECODE_OK
         && ks_signed_json_verify (facts->look->version->auth_data, facts->user_id, device_id, key)
         && ks_signed_json_verify (device, facts->user_id, device_id, key);
}

static void
judge_signer (const KsRecoveryFacts *facts, KsRecoverySnapshot *seen)
{
  const KsServerLook *look = facts->look;
  const uint8_t *master = look->identity.keys[KS_SECRET_MASTER];
  g_autofree char *text = ks_base64_encode (master, KS_SIGNING_PUBLIC_KEY_SIZE, KS_BASE64_UNPADDED);
  g_autoptr (GList) ids = json_object_get_members (look->devices);

  if (look->identity.published[KS_SECRET_MASTER]
      && ks_signed_json_verify (look->version->auth_data, facts->user_id, text, master))
    {
      seen->backup_signer = KS_BACKUP_SIGNER_IDENTITY;
      return;
    }
  if (is_device_ours (facts) && has_signed (facts, facts->device_id, look->device))
    {
      seen->backup_signer = KS_BACKUP_SIGNER_HERE;
      return;
    }
  for (GList *id = ids; id != NULL; id = id->next)
    {
      JsonObject *device;

      if (g_str_equal (id->data, facts->device_id) || !ks_json_get_object (look->devices, id->data, &device)
          || !has_signed (facts, id->data, device))
        continue;
      seen->backup_signer_name = name_session (id->data, device);
      if (seen->backup_signer_name == NULL)
        continue;
      seen->backup_signer = KS_BACKUP_SIGNER_SESSION;
      return;
    }
}

static void
judge_backup (const KsRecoveryFacts *facts, const uint8_t *master, KsRecoverySnapshot *seen)
{
  const KsBackupVersion *version = facts->look->version;
  uint8_t inner[KS_BACKUP_KEY_SIZE];

  if (version == NULL)
    return;
  seen->backup_version = g_strdup (version->version);
  seen->backup_etag = g_strdup (version->etag);
  seen->backup_count = version->count;
  seen->backup_usable = ks_backup_auth_read (version, seen->backup_key);
  seen->backup_readable = seen->backup_usable || ks_backup_auth_read_twice (version, inner);
  seen->backup_trust =
      ks_backup_auth_trust (version, facts->user_id, facts->secrets[KS_SECRET_BACKUP], master);
  judge_signer (facts, seen);
}

/* Keys of the backup that other sessions put there hide as many losses of ours. */
static guint64
count_lost (const KsRecoveryFacts *facts, const KsRecoverySnapshot *seen)
{
  guint64 taken = facts->total - MIN (facts->total, facts->pending + facts->refused);
  guint64 on_server = seen->backup_count >= 0 ? (guint64) seen->backup_count : taken;

  return taken - MIN (taken, on_server);
}

static gboolean
differs (const char *known, const char *seen)
{
  return known != NULL && g_strcmp0 (known, seen) != 0;
}

static void
judge_changes (const KsRecoveryFacts *facts, const uint8_t *master, KsRecoverySnapshot *seen)
{
  const KsRecoveryRecord *record = facts->record;
  const KsIdentity *identity = &facts->look->identity;

  seen->master_changed =
      master != NULL && !seen->identity_unread
      && (!identity->published[KS_SECRET_MASTER]
          || !ks_bytes_equal (master, identity->keys[KS_SECRET_MASTER], KS_SIGNING_PUBLIC_KEY_SIZE));
  if (record == NULL)
    return;
  seen->key_changed = facts->look->failures[KS_LOOK_DEFAULT_KEY] == NULL
                      && differs (record->default_key_id, facts->look->default_key_id);
  seen->backup_changed = !seen->backup_unread && differs (record->backup_version, seen->backup_version);
  if (!seen->key_changed)
    seen->key_file = g_strdup (record->key_file);
  seen->last_check = record->last_check;
  seen->check_result = (KsLastCheck) record->last_check_result;
}

/* Whether the secret @name is stored under any key at all. */
static gboolean
is_stored_somewhere (const KsServerLook *look, int name)
{
  JsonObject *encrypted;

  return ks_json_get_object (look->secrets[name], "encrypted", &encrypted)
         && json_object_get_size (encrypted) > 0;
}

/* The ID of the key that was tried: what lies under it and does not open is damaged, since something else
 * there does. NULL: none was tried, or it is not proven, so that another key may be that of this ID. */
static const char *
tried_key (const KsRecoveryFacts *facts)
{
  const KsUnlockNote *note = facts->note;
  g_autoptr (KsKeyLock) lock = NULL;

  if (note == NULL || note->key_id == NULL || !ks_unlock_note_is_of (note, facts->look))
    return NULL;
  lock = ks_key_lock_new_storage (note->key_id, NULL, facts->look->secrets);
  return lock == NULL || ks_key_lock_fits (lock, note->key) ? note->key_id : NULL;
}

/* Whether what is stored under one of @keys has the form of a secret. */
static gboolean
may_be_opened (const KsServerLook *look, int name, const char *const *keys)
{
  for (; *keys != NULL; keys++)
    {
      g_autoptr (KsEncryptedSecret) secret = NULL;

      if (ks_encrypted_secret_read (look->secrets[name], *keys, &secret) == KS_KEY_DESCRIPTION_OK)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_to_unlock (const KsRecoveryFacts *facts, const KsRecoverySnapshot *seen)
{
  const char *tried = tried_key (facts);

  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_auto (GStrv) keys = ks_secret_storage_list_keys (&facts->look->secrets[i], 1, tried, NULL);
      gboolean unread = i == KS_SECRET_BACKUP ? seen->backup_unread : seen->identity_unread;

      /* What is here cannot be told from what is stored as long as nobody says what it is to fit. */
      if (!seen->matches[i] && keys[0] != NULL && !(unread && seen->here[i])
          && (tried == NULL || may_be_opened (facts->look, i, (const char *const *) keys)))
        return TRUE;
    }
  return (seen->storage_changed && tried == NULL)
         || (seen->backup_readable && !seen->matches[KS_SECRET_BACKUP]);
}

/* Whether the default key is described as other clients need it. */
static gboolean
is_key_described (const KsRecoveryFacts *facts)
{
  const KsUnlockNote *note = facts->note;
  g_autoptr (KsKeyDescription) description = NULL;

  return ks_key_description_read (facts->look->description, &description) == KS_KEY_DESCRIPTION_OK
         && ks_key_description_is_common (description)
         && (note == NULL || g_strcmp0 (note->key_id, facts->look->default_key_id) != 0
             || !ks_secret_storage_describes_another (description, note->key));
}

static gboolean
is_stored (const KsServerLook *look, int name)
{
  g_autoptr (KsEncryptedSecret) secret = NULL;

  return look->default_key_id != NULL
         && ks_encrypted_secret_read (look->secrets[name], look->default_key_id, &secret)
                == KS_KEY_DESCRIPTION_OK
         && ks_encrypted_secret_is_common (secret);
}

/* Homeservers count their versions: there is none before the first. */
static gboolean
has_older_backup (const KsServerLook *look)
{
  return look->version != NULL && !g_str_equal (look->version->version, "1");
}

/* Whether a key of a backup lies under another key than the default one. */
static gboolean
has_other_backup (const KsServerLook *look)
{
  g_auto (GStrv) keys =
      ks_secret_storage_list_keys (&look->secrets[KS_SECRET_BACKUP], 1, look->default_key_id, NULL);

  return look->failures[KS_LOOK_DEFAULT_KEY] == NULL
         && may_be_opened (look, KS_SECRET_BACKUP, (const char *const *) keys);
}

/* What the last unlock tells, as long as nothing has changed since. */
static void
judge_note (const KsRecoveryFacts *facts, KsRecoverySnapshot *seen)
{
  const KsUnlockNote *note = facts->note;
  const char *default_key = facts->look->default_key_id;

  seen->opened_before = note != NULL && ks_unlock_note_is_of (note, facts->look);
  seen->accepted = seen->opened_before && note->accepted;
  seen->other_default = seen->opened_before && g_strcmp0 (note->key_id, default_key) != 0;
  for (int i = 0; i < KS_N_SECRETS; i++)
    seen->other_default = seen->other_default && is_stored (facts->look, i);
  seen->to_unlock = is_to_unlock (facts, seen) || seen->other_default;
}

static gboolean
is_published (const KsServerLook *look, int name)
{
  uint8_t half[KS_BACKUP_KEY_SIZE];

  if (name != KS_SECRET_BACKUP)
    return look->identity.published[name];
  return look->version != NULL
         && (ks_backup_auth_read (look->version, half) || ks_backup_auth_read_twice (look->version, half));
}

/* What is well-formed and stands for a secret that is here is not taken for it where this session knows
 * what the key has opened, and it is something else. What is not here is to be opened first anyway. */
static void
judge_storage (const KsRecoveryFacts *facts, KsRecoverySnapshot *seen)
{
  const KsServerLook *look = facts->look;
  const KsRecoveryRecord *record = facts->record;
  const char *known_key = record != NULL ? record->default_key_id : NULL;
  gboolean is_known_key = known_key != NULL && g_strcmp0 (known_key, look->default_key_id) == 0;
  /* Nothing is whole, and nothing saved, while it cannot be seen of what. */
  gboolean is_described = is_key_described (facts) && !seen->identity_unread && !seen->backup_unread;
  KsStorageProof proof;

  ks_storage_proof_read (&proof, look->default_key_id, known_key,
                         record != NULL ? record->storage_proof : NULL);
  seen->key_described = is_described && ks_storage_proof_has_description (&proof, look->description);
  seen->storage_changed = is_described && !seen->key_described;
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      gboolean is_entry = is_stored (look, i);
      gboolean is_proven =
          is_entry
          && ks_storage_proof_has_secret (&proof, (KsSecretName) i, look->secrets[i], look->default_key_id);

      seen->here[i] = facts->secrets[i] != NULL;
      seen->matches[i] = matches (facts, i);
      /* Nor is it taken for it where another key is the default one than any that was known here. */
      seen->stored[i] = seen->matches[i] ? is_proven && is_known_key : is_entry;
      seen->replaced[i] = seen->here[i] && !seen->matches[i] && is_published (look, i);
      seen->saved[i] = seen->here[i] && proof.known && is_proven && is_known_key && seen->key_described;
      seen->storage_changed = seen->storage_changed || (is_entry && !seen->stored[i]);
    }
}

/* What could not be read is not known: neither there nor absent. */
static void
judge_unread (const KsRecoveryFacts *facts, KsRecoverySnapshot *seen)
{
  const KsServerLook *look = facts->look;
  const GError *failure = ks_server_look_failure (look);

  if (failure == NULL)
    failure = facts->description_failure;
  if (failure == NULL)
    return;
  seen->failure = g_error_copy (failure);
  seen->identity_unread = look->failures[KS_LOOK_IDENTITY] != NULL;
  seen->backup_unread = look->failures[KS_LOOK_BACKUP] != NULL;
  seen->key_unread = look->failures[KS_LOOK_DEFAULT_KEY] != NULL
                     || look->failures[KS_LOOK_DESCRIPTION] != NULL || facts->description_failure != NULL;
  for (int i = 0; i < KS_N_SECRETS; i++)
    seen->secret_unread[i] = look->failures[KS_LOOK_SECRETS + i] != NULL;
}

KsRecoverySnapshot *
ks_recovery_facts_judge (const KsRecoveryFacts *facts)
{
  const KsServerLook *look = facts->look;
  KsRecoverySnapshot *seen = g_new0 (KsRecoverySnapshot, 1);
  uint8_t key[KS_SIGNING_PUBLIC_KEY_SIZE];
  const uint8_t *master = known_master (facts, key) ? key : NULL;

  judge_unread (facts, seen);
  seen->default_key_id = g_strdup (look->default_key_id);
  judge_storage (facts, seen);
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    seen->published[i] = look->identity_keys[i] != NULL;
  seen->device_published = look->device != NULL;
  seen->device_verified = is_device_verified (facts, master);
  seen->device_key = g_strdup (facts->device_key);
  seen->other_sessions = other_sessions (facts);
  judge_backup (facts, master, seen);
  judge_changes (facts, master, seen);
  judge_note (facts, seen);
  seen->other_backup = has_other_backup (look);
  seen->older_backup = has_older_backup (look);
  for (int i = 0; i < KS_N_SECRETS; i++)
    seen->stored_anywhere = seen->stored_anywhere || seen->secret_unread[i] || is_stored_somewhere (look, i);
  seen->local_keys = facts->total;
  seen->pending_upload = facts->pending;
  seen->refused_upload = facts->refused;
  seen->lost_upload = count_lost (facts, seen);
  return seen;
}

KsRepairPlan *
ks_recovery_facts_plan (const KsRecoveryFacts *facts, const KsRecoverySnapshot *seen)
{
  const KsUnlockNote *note = facts->note;
  KsRepairPlace place = { .user_id = facts->user_id,
                          .master_key = facts->record != NULL ? facts->record->master_key : NULL,
                          .accepted = seen->accepted,
                          .known_key = facts->record != NULL ? facts->record->default_key_id : NULL,
                          .storage_proof = facts->record != NULL ? facts->record->storage_proof : NULL,
                          .device_verified = seen->device_verified,
                          .key = note != NULL ? note->key : NULL,
                          .key_id = note != NULL ? note->key_id : NULL,
                          .description = facts->description,
                          .weak = note != NULL && note->weak,
                          .made = note != NULL ? note->made : NULL };

  for (int i = 0; i < KS_N_SECRETS; i++)
    place.secrets[i] = facts->secrets[i];
  return ks_repair_plan_within (facts->look, &place, facts->description_failure != NULL, NULL);
}
