/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/repair/ks-repair-plan.h"

#include "engine/backup/ks-backup-auth.h"
#include "engine/repair/ks-repair-table.h"
#include "engine/secrets/ks-key-description.h"
#include "engine/secrets/ks-secret-storage.h"
#include "engine/secrets/ks-storage-proof.h"
#include "matrix/ks-json.h"

void
ks_repair_plan_free (KsRepairPlan *plan)
{
  if (plan == NULL)
    return;
  g_free (plan->key_id);
  g_free (plan->old_version);
  ks_secret_unref (plan->older);
  g_free (plan);
}

const char *
ks_repair_action_to_string (KsRepairAction action)
{
  static const char *const words[KS_N_REPAIR_ACTIONS] = {
    [KS_REPAIR_DESCRIBE_KEY] = "describe-key",
    [KS_REPAIR_STORE] = "store",
    [KS_REPAIR_PUBLISH] = "publish",
    [KS_REPAIR_SIGN] = "sign",
    [KS_REPAIR_BACKUP] = "backup",
    [KS_REPAIR_NAME_KEY] = "name-key",
  };

  g_return_val_if_fail ((guint) action < KS_N_REPAIR_ACTIONS, NULL);
  return words[action];
}

gboolean
ks_repair_plan_leaves_lost (const KsRepairPlan *plan, KsSecretName name)
{
  return plan->lost[name] && !plan->make[name]
         && (name != KS_SECRET_BACKUP || !plan->actions[KS_REPAIR_BACKUP]);
}

gboolean
ks_repair_plan_leaves_any_lost (const KsRepairPlan *plan)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    if (ks_repair_plan_leaves_lost (plan, (KsSecretName) i))
      return TRUE;
  return FALSE;
}

void
ks_repair_plan_add (KsRepairPlan *plan, const KsRepairPlan *other)
{
  for (int i = 0; i < KS_N_REPAIR_ACTIONS; i++)
    plan->actions[i] |= other->actions[i];
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    plan->publish[i] |= other->publish[i];
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      plan->store[i] |= other->store[i];
      plan->make[i] |= other->make[i];
      plan->lost[i] |= other->lost[i];
    }
  plan->any |= other->any;
  if (plan->old_version == NULL)
    plan->old_version = g_strdup (other->old_version);
}

/* An account from before there was cross-signing: it has no identity, and never had one that
 * anything is left of. */
static gboolean
never_had_identity (const KsRepairTable *table)
{
  JsonObject *encrypted;

  if (table->look->identity.any || table->place.master_key != NULL)
    return FALSE;
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    if (table->values[i] != NULL || ks_json_get_type (table->look->secrets[i], "encrypted") != KS_JSON_ABSENT)
      return ks_json_get_object (table->look->secrets[i], "encrypted", &encrypted)
             && json_object_get_size (encrypted) == 0;
  return TRUE;
}

/* The identity: public halves, and this session's signature.
 *
 * A half that is published with the master key's signature stands, whether or not its private half
 * can be found: replacing it would undo what others have verified. */
static void
plan_identity (KsRepairTable *table)
{
  KsRepairPlan *plan = table->plan;
  const KsIdentity *identity = &table->look->identity;
  gboolean is_new = never_had_identity (table) && table->place.key != NULL;
  gboolean other = ks_repair_table_has_other_identity (table);
  gboolean ours = !other && (table->values[KS_SECRET_MASTER] != NULL || is_new);

  plan->foreign = identity->published[KS_SECRET_MASTER] && !ours
                  && (other || table->place.secrets[KS_SECRET_MASTER] != NULL
                      || table->stored[KS_SECRET_MASTER] != NULL || table->place.master_key != NULL);
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    {
      gboolean missing = !identity->published[i];

      plan->make[i] = missing && ours && table->values[i] == NULL && (i != KS_SECRET_MASTER || is_new);
      if (plan->make[i])
        table->values[i] = ks_secret_new_random (KS_STORED_SECRET_SIZE);
      plan->publish[i] = missing && ours && table->values[i] != NULL;
      plan->lost[i] = table->values[i] == NULL;
      plan->actions[KS_REPAIR_PUBLISH] |= plan->publish[i];
    }
  /* The self-signing key's own word proves nothing of a master key that is not known. */
  plan->actions[KS_REPAIR_SIGN] =
      !table->place.device_verified && !plan->foreign && table->values[KS_SECRET_SELF_SIGNING] != NULL
      && (ours || (table->place.master_key != NULL && identity->published[KS_SECRET_MASTER]));
}

static void
plan_backup (KsRepairTable *table)
{
  KsRepairPlan *plan = table->plan;
  const KsBackupVersion *version = table->look->version;
  uint8_t half[KS_BACKUP_KEY_SIZE];
  gboolean usable = version != NULL && ks_backup_auth_read (version, half);

  if (usable && table->values[KS_SECRET_BACKUP] != NULL)
    return;
  plan->actions[KS_REPAIR_BACKUP] = TRUE;
  plan->old_version = version != NULL ? g_strdup (version->version) : NULL;
  if (table->values[KS_SECRET_BACKUP] != NULL)
    return;
  plan->lost[KS_SECRET_BACKUP] = usable;
  /* Whether that is what is stored, or whether another client has stored the current one's, only the
   * Security Key shows. */
  plan->needs_key = table->older != NULL && table->place.key == NULL;
  table->values[KS_SECRET_BACKUP] = g_steal_pointer (&table->older);
  if (table->values[KS_SECRET_BACKUP] != NULL)
    return;
  plan->make[KS_SECRET_BACKUP] = TRUE;
  table->values[KS_SECRET_BACKUP] = ks_secret_new_random (KS_STORED_SECRET_SIZE);
}

static gboolean
is_stored (const KsRepairTable *table, int name)
{
  g_autoptr (KsEncryptedSecret) secret = NULL;

  if (table->plan->make[name] || (table->values[name] != NULL && table->place.key != NULL))
    return table->stored[name] != NULL && ks_secret_equal (table->stored[name], table->values[name])
           && !table->odd[name];
  return table->look->default_key_id != NULL
         && ks_encrypted_secret_read (table->look->secrets[name], table->look->default_key_id, &secret)
                == KS_KEY_DESCRIPTION_OK
         && ks_encrypted_secret_is_common (secret)
         && ks_storage_proof_has_secret (&table->proof, (KsSecretName) name, table->look->secrets[name],
                                         table->look->default_key_id);
}

/* Whether the description of the key at hand is there, and is this key's. */
static gboolean
is_described (const KsRepairTable *table)
{
  g_autoptr (KsKeyDescription) description = NULL;
  const KsSecret *key = table->place.key;
  gboolean is_default = g_strcmp0 (table->plan->key_id, table->look->default_key_id) == 0;

  if (ks_key_description_read (is_default ? table->look->description : table->place.description, &description)
          != KS_KEY_DESCRIPTION_OK
      || !ks_key_description_is_common (description))
    return FALSE;
  return key != NULL ? !ks_secret_storage_describes_another (description, key)
                     : ks_storage_proof_has_description (&table->proof, table->look->description);
}

static guint
count_under_default (const KsRepairTable *table)
{
  guint n = 0;

  for (int i = 0; table->look->default_key_id != NULL && i < KS_N_SECRETS; i++)
    {
      g_autoptr (KsEncryptedSecret) secret = NULL;

      n += ks_encrypted_secret_read (table->look->secrets[i], table->look->default_key_id, &secret)
           == KS_KEY_DESCRIPTION_OK;
    }
  return n;
}

/* Storage comes last: it holds what the other parts have become. */
static void
plan_storage (KsRepairTable *table)
{
  KsRepairPlan *plan = table->plan;
  const KsServerLook *look = table->look;
  guint opens = 0;
  gboolean is_default;

  plan->key_id = g_strdup (table->place.key != NULL ? table->place.key_id : look->default_key_id);
  is_default = plan->key_id != NULL && g_strcmp0 (plan->key_id, look->default_key_id) == 0;
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      opens += table->values[i] != NULL;
      /* What is not known here may well be what others have stored: it is left alone. */
      plan->store[i] = table->values[i] != NULL && !is_stored (table, i);
      plan->actions[KS_REPAIR_STORE] |= plan->store[i];
    }
  /* Another key that holds as much is another client's choice; but not one that has taken the place
   * of the key that this session knew, and that the person has just given (threat A19). */
  plan->actions[KS_REPAIR_NAME_KEY] =
      !is_default && opens > 0
      && (look->default_key_id == NULL || look->description == NULL || count_under_default (table) < opens
          || (table->contested && count_under_default (table) == opens)
          || g_strcmp0 (plan->key_id, table->place.known_key) == 0);
  plan->actions[KS_REPAIR_DESCRIBE_KEY] = !is_described (table)
                                          && (is_default || plan->actions[KS_REPAIR_NAME_KEY])
                                          && (opens > 0 || count_under_default (table) > 0);
  plan->needs_key |= table->place.key == NULL
                     && (plan->actions[KS_REPAIR_STORE] || plan->actions[KS_REPAIR_NAME_KEY]
                         || plan->actions[KS_REPAIR_DESCRIBE_KEY]);
}

/* Takes out of the plan what would be stored, and whatever hangs on that. */
static void
store_nothing (KsRepairTable *table)
{
  KsRepairPlan *plan = table->plan;

  if (plan->store[KS_SECRET_BACKUP])
    plan->actions[KS_REPAIR_BACKUP] = FALSE;
  plan->actions[KS_REPAIR_STORE] = plan->actions[KS_REPAIR_NAME_KEY] = plan->actions[KS_REPAIR_PUBLISH] =
      FALSE;
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      if (plan->make[i])
        {
          g_clear_pointer (&table->values[i], ks_secret_unref);
          plan->lost[i] = TRUE;
        }
      if (i < KS_N_CROSS_SIGNING_KEYS)
        {
          plan->publish[i] = plan->publish[i] && !plan->store[i];
          plan->actions[KS_REPAIR_PUBLISH] |= plan->publish[i];
        }
      plan->make[i] = plan->store[i] = FALSE;
    }
  plan->actions[KS_REPAIR_SIGN] &= table->values[KS_SECRET_SELF_SIGNING] != NULL;
  /* A key that has no ID yet gets none. */
  plan->actions[KS_REPAIR_DESCRIBE_KEY] &= plan->key_id != NULL;
}

/* Whether the account has anything that a Security Key could be proven on; or the identity's keys are here,
 * so that any key can be its key from now on. Otherwise asking for one leads nowhere. */
static gboolean
can_have_key (const KsRepairTable *table)
{
  const KsServerLook *look = table->look;
  g_auto (GStrv) keys = ks_secret_storage_list_keys (look->secrets, KS_N_SECRETS, NULL, NULL);
  g_autoptr (KsKeyDescription) description = NULL;

  if (table->place.key != NULL || keys[0] != NULL)
    return TRUE;
  if (look->version != NULL && g_str_equal (look->version->algorithm, KS_BACKUP_ALGORITHM))
    return TRUE;
  if (look->default_key_id != NULL)
    return ks_key_description_read_parts (look->description, &description) != KS_KEY_DESCRIPTION_ABSENT
           && description->has_check;
  return look->identity.published[KS_SECRET_MASTER] && table->values[KS_SECRET_MASTER] != NULL;
}

/* Whether the secret @name lies under @key_id in a form that some key may open, and not the one at hand. */
static gboolean
is_of_another (const KsRepairTable *table, int name, const char *key_id)
{
  JsonObject *content = table->look->secrets[name];
  g_autoptr (KsEncryptedSecret) secret = NULL;
  g_autoptr (KsSecret) value = NULL;

  if (ks_encrypted_secret_read (content, key_id, &secret) != KS_KEY_DESCRIPTION_OK)
    return FALSE;
  if (table->place.key == NULL)
    return TRUE;
  switch (ks_secret_storage_open (content, ks_secret_name_to_string ((KsSecretName) name), key_id,
                                  table->place.key, &value))
    {
    case KS_STORED_SECRET_OK:
    case KS_STORED_SECRET_ODD:
    case KS_STORED_SECRET_NO_KEY:
      return FALSE;
    case KS_STORED_SECRET_ABSENT:
    case KS_STORED_SECRET_BAD:
    case KS_STORED_SECRET_WRONG_KEY:
    default:
      return TRUE;
    }
}

/* Whether something that would be made anew, or followed by a new backup, lies under another key, too: who
 * has that one loses nothing. */
static gboolean
is_elsewhere (const KsRepairTable *table)
{
  const KsRepairPlan *plan = table->plan;
  g_auto (GStrv) others =
      ks_secret_storage_list_keys (table->look->secrets, KS_N_SECRETS,
                                   table->place.key != NULL ? table->place.key_id : plan->key_id, NULL);

  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      gboolean missing =
          plan->make[i] || (i == KS_SECRET_BACKUP && plan->actions[KS_REPAIR_BACKUP] && plan->lost[i]);

      for (char **other = others; missing && *other != NULL; other++)
        if (is_of_another (table, i, *other))
          return TRUE;
    }
  return FALSE;
}

/* Whether the key at hand opens what was not known yet to be stored under it. */
static gboolean
proves_more (const KsRepairTable *table)
{
  const KsServerLook *look = table->look;

  if (table->place.key == NULL || g_strcmp0 (table->plan->key_id, look->default_key_id) != 0)
    return FALSE;
  for (int i = 0; i < KS_N_SECRETS; i++)
    if (table->plan->keep[i] && !table->plan->store[i]
        && !ks_storage_proof_has_secret (&table->proof, (KsSecretName) i, look->secrets[i],
                                         look->default_key_id))
      return TRUE;
  return !table->plan->actions[KS_REPAIR_DESCRIBE_KEY]
         && !ks_storage_proof_has_description (&table->proof, look->description);
}

/* What is written over, on the server or here, and is of a backup that is not the current one. */
static void
plan_older (KsRepairTable *table)
{
  KsSecret *value = table->values[KS_SECRET_BACKUP];
  KsSecret *const places[] = { table->plan->store[KS_SECRET_BACKUP] ? table->stored[KS_SECRET_BACKUP] : NULL,
                               table->plan->keep[KS_SECRET_BACKUP] ? table->place.secrets[KS_SECRET_BACKUP]
                                                                   : NULL };

  for (guint i = 0; i < G_N_ELEMENTS (places) && table->plan->older == NULL; i++)
    if (places[i] != NULL && value != NULL && !ks_secret_equal (places[i], value))
      table->plan->older = ks_secret_ref (places[i]);
}

/* A half that nobody publishes proves nothing. */
static void
plan_keeping (KsRepairTable *table)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      const KsSecret *here = table->place.secrets[i];
      gboolean proven = i == KS_SECRET_BACKUP
                            ? table->plan->actions[KS_REPAIR_BACKUP]
                                  || ks_backup_auth_fits (table->look->version, table->values[i])
                            : table->look->identity.published[i] || table->plan->publish[i];

      table->plan->keep[i] = table->values[i] != NULL && proven && !table->plan->foreign;
      table->plan->news |=
          table->plan->keep[i] && (here == NULL || !ks_secret_equal (here, table->values[i]));
    }
  table->plan->news |= !table->plan->foreign && proves_more (table);
}

KsRepairPlan *
ks_repair_plan_new (const KsServerLook *look, const KsRepairPlace *place, KsSecret **values)
{
  KsRepairTable table;

  ks_repair_table_init (&table, look, place);
  plan_identity (&table);
  /* Whose identity that is, the person has to say first. */
  if (!table.plan->foreign)
    {
      plan_backup (&table);
      plan_storage (&table);
      table.plan->weak_key = table.plan->actions[KS_REPAIR_STORE] && ks_repair_table_is_weak (&table);
      if (table.plan->weak_key)
        store_nothing (&table);
      if (!ks_repair_table_is_proven (&table)
          || (table.contested && !table.plan->actions[KS_REPAIR_NAME_KEY]))
        {
          store_nothing (&table);
          table.plan->actions[KS_REPAIR_DESCRIBE_KEY] = FALSE;
        }
    }
  if (table.plan->needs_key && !can_have_key (&table))
    {
      store_nothing (&table);
      table.plan->actions[KS_REPAIR_DESCRIBE_KEY] = table.plan->needs_key = FALSE;
    }
  plan_keeping (&table);
  plan_older (&table);
  table.plan->elsewhere = is_elsewhere (&table);
  table.plan->apart = table.contested;
  for (int i = 0; i < KS_N_REPAIR_ACTIONS; i++)
    table.plan->any |= table.plan->actions[i];
  for (int i = 0; values != NULL && i < KS_N_SECRETS; i++)
    values[i] = g_steal_pointer (&table.values[i]);
  ks_repair_table_clear (&table);
  return table.plan;
}
