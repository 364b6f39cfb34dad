/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/repair/ks-repair-table.h"

#include "crypto/ks-encoding.h"
#include "crypto/ks-kdf.h"
#include "engine/backup/ks-backup-auth.h"
#include "engine/secrets/ks-key-description.h"
#include "engine/secrets/ks-secret-storage.h"
#include "engine/unlock/ks-key-lock.h"

#include <string.h>

static void
open_stored (KsRepairTable *table)
{
  if (table->place.key == NULL || table->place.key_id == NULL)
    return;
  for (int i = 0; i < KS_N_SECRETS; i++)
    table->odd[i] =
        ks_secret_storage_open (table->look->secrets[i], ks_secret_name_to_string ((KsSecretName) i),
                                table->place.key_id, table->place.key, &table->stored[i])
        == KS_STORED_SECRET_ODD;
}

/* Whether @value is the private half of the signing key @half. */
static gboolean
is_half (const KsSecret *value, const uint8_t *half)
{
  uint8_t ours[KS_SIGNING_PUBLIC_KEY_SIZE];

  return value != NULL && ks_signing_public_key (value, ours) && ks_bytes_equal (ours, half, sizeof ours);
}

/* Whether @value is the private half of the master key that this session knew. */
static gboolean
is_known_master (const KsRepairTable *table, const KsSecret *value)
{
  uint8_t known[KS_SIGNING_PUBLIC_KEY_SIZE];
  const char *text = table->place.master_key;

  return text == NULL
         || (ks_base64_decode_exact (text, strlen (text), known, sizeof known) == KS_DECODE_OK
             && is_half (value, known));
}

static gboolean
fits (const KsRepairTable *table, int name, const KsSecret *value)
{
  const KsServerLook *look = table->look;
  uint8_t half[KS_BACKUP_KEY_SIZE];

  if (value == NULL)
    return FALSE;
  if (name == KS_SECRET_BACKUP)
    {
      /* Where no backup says anything else, any key will do. */
      if (look->version == NULL
          || !(ks_backup_auth_read (look->version, half) || ks_backup_auth_read_twice (look->version, half)))
        return TRUE;
      return ks_backup_auth_fits (look->version, value);
    }
  if (look->identity.published[name])
    return is_half (value, look->identity.keys[name]);
  return name != KS_SECRET_MASTER || is_known_master (table, value);
}

/* What the key opens of the secret @name under another ID than its own, and fits. NULL: nothing. */
static KsSecret *
open_elsewhere (const KsRepairTable *table, int name)
{
  JsonObject *const *secrets = table->look->secrets;
  g_auto (GStrv) others = NULL;

  if (table->place.key == NULL)
    return NULL;
  others = ks_secret_storage_list_keys (secrets, KS_N_SECRETS, table->place.key_id, NULL);
  for (char **other = others; *other != NULL; other++)
    {
      g_autoptr (KsSecret) value = NULL;
      KsStoredSecretResult result =
          ks_secret_storage_open (secrets[name], ks_secret_name_to_string ((KsSecretName) name), *other,
                                  table->place.key, &value);

      if ((result == KS_STORED_SECRET_OK || result == KS_STORED_SECRET_ODD) && fits (table, name, value))
        return g_steal_pointer (&value);
    }
  return NULL;
}

/* Two keys share the ID: nothing says that it is that of the key at hand, and not all that lies under it
 * opens with it. */
static gboolean
is_contested (const KsRepairTable *table)
{
  g_autoptr (KsKeyDescription) description = NULL;

  if (table->place.key == NULL || table->place.key_id == NULL
      || (ks_key_description_read_parts (table->description, &description) != KS_KEY_DESCRIPTION_ABSENT
          && description->has_check && !ks_secret_storage_describes_another (description, table->place.key)))
    return FALSE;
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autoptr (KsEncryptedSecret) secret = NULL;

      if (table->stored[i] == NULL
          && ks_encrypted_secret_read (table->look->secrets[i], table->place.key_id, &secret)
                 == KS_KEY_DESCRIPTION_OK)
        return TRUE;
    }
  return FALSE;
}

/* The other key keeps the ID and all under it; the one at hand gets an ID of its own. */
static void
leave_id (KsRepairTable *table)
{
  table->contested = TRUE;
  table->place.key_id = NULL;
  table->place.description = NULL;
  table->description = NULL;
  for (int i = 0; i < KS_N_SECRETS; i++)
    g_clear_pointer (&table->stored[i], ks_secret_unref);
}

/* A key of a backup, stored or here, that does not fit the current one: it opens an older one, which
 * must not be lost with it. NULL: there is none. */
static KsSecret *
choose_older (const KsRepairTable *table)
{
  KsSecret *stored = table->stored[KS_SECRET_BACKUP];
  KsSecret *here = table->place.secrets[KS_SECRET_BACKUP];
  uint8_t half[KS_BACKUP_KEY_SIZE];

  if (stored != NULL && ks_backup_public_key (stored, half))
    return ks_secret_ref (stored);
  return here != NULL ? ks_secret_ref (here) : NULL;
}

/* What is here comes first: it was proven once. */
static void
choose_values (KsRepairTable *table)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      KsSecret *made = table->place.made != NULL ? table->place.made[i] : NULL;
      KsSecret *const places[] = { table->place.secrets[i], table->stored[i], made };

      for (guint p = 0; p < G_N_ELEMENTS (places) && table->values[i] == NULL; p++)
        if (fits (table, i, places[p]))
          table->values[i] = ks_secret_ref (places[p]);
      if (table->values[i] == NULL)
        table->values[i] = open_elsewhere (table, i);
    }
  if (table->values[KS_SECRET_BACKUP] == NULL)
    table->older = choose_older (table);
}

void
ks_repair_table_init (KsRepairTable *table, const KsServerLook *look, const KsRepairPlace *place)
{
  gboolean is_default = place->key == NULL || g_strcmp0 (place->key_id, look->default_key_id) == 0;

  *table = (KsRepairTable){ .look = look,
                            .place = *place,
                            .description = is_default ? look->description : place->description,
                            .plan = g_new0 (KsRepairPlan, 1) };
  ks_storage_proof_read (&table->proof, look->default_key_id, place->known_key, place->storage_proof);
  open_stored (table);
  choose_values (table);
  if (is_contested (table))
    leave_id (table);
}

void
ks_repair_table_clear (KsRepairTable *table)
{
  ks_secret_unref (table->older);
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      ks_secret_unref (table->stored[i]);
      ks_secret_unref (table->values[i]);
    }
}

gboolean
ks_repair_table_has_other_identity (const KsRepairTable *table)
{
  const KsIdentity *identity = &table->look->identity;
  const char *text = table->place.master_key;
  uint8_t known[KS_SIGNING_PUBLIC_KEY_SIZE];

  return text != NULL && !table->place.accepted && identity->published[KS_SECRET_MASTER]
         && (ks_base64_decode_exact (text, strlen (text), known, sizeof known) != KS_DECODE_OK
             || !ks_bytes_equal (known, identity->keys[KS_SECRET_MASTER], sizeof known));
}

gboolean
ks_repair_table_is_weak (const KsRepairTable *table)
{
  g_autoptr (KsKeyDescription) description = NULL;

  return table->place.weak
         || (ks_key_description_read_parts (table->description, &description) != KS_KEY_DESCRIPTION_ABSENT
             && description->salt != NULL && description->iterations < KS_PBKDF2_WEAK_ITERATIONS);
}

gboolean
ks_repair_table_is_proven (const KsRepairTable *table)
{
  g_autoptr (KsKeyLock) lock = NULL;

  if (table->place.key == NULL || table->place.key_id == NULL
      || (g_strcmp0 (table->place.key_id, table->look->default_key_id) == 0
          && ks_storage_proof_describes (&table->proof, table->look->description, table->place.key)))
    return TRUE;
  lock = ks_key_lock_new_storage (table->place.key_id, NULL, table->look->secrets);
  return lock == NULL || !ks_key_lock_has_entry (lock) || ks_key_lock_fits (lock, table->place.key);
}
