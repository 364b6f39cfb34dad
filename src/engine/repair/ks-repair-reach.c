/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/repair/ks-repair-reach.h"

#include "engine/unlock/ks-key-lock.h"
#include "matrix/ks-json.h"

typedef struct
{
  const KsServerLook *look;
  const KsRepairPlace *place;
  KsRepairPlan *plan;
  KsSecret **values;             /* KS_N_SECRETS, each owned */
  gboolean sealed[KS_N_SECRETS]; /* what is stored of it must not be written over */
} Reach;

/* Content that nobody here could write again as it is would be lost by adding to it. */
static gboolean
is_sealed (const Reach *reach, int name)
{
  g_autofree char *text = NULL;

  if (reach->look->failures[KS_LOOK_SECRETS + name] != NULL)
    return TRUE;
  if (!reach->plan->store[name] || reach->look->secrets[name] == NULL)
    return FALSE;
  text = ks_json_to_text (reach->look->secrets[name], NULL, NULL);
  return text == NULL;
}

static void
work_without (Reach *reach, int name)
{
  reach->plan->keep[name] = FALSE;
  g_clear_pointer (&reach->values[name], ks_secret_unref);
}

static void
publish_nothing_of (Reach *reach, int name)
{
  if (!reach->plan->publish[name])
    return;
  reach->plan->publish[name] = FALSE;
  work_without (reach, name);
  if (name != KS_SECRET_MASTER)
    return;
  /* It would have to sign the others. */
  publish_nothing_of (reach, KS_SECRET_SELF_SIGNING);
  publish_nothing_of (reach, KS_SECRET_USER_SIGNING);
  reach->plan->actions[KS_REPAIR_SIGN] = FALSE;
}

/* Neither stored nor, where that would have to be stored, made. */
static void
leave_secret (Reach *reach, int name)
{
  KsRepairPlan *plan = reach->plan;
  gboolean made = plan->make[name];
  gboolean hangs = made || plan->store[name];

  plan->make[name] = plan->store[name] = FALSE;
  if (name == KS_SECRET_BACKUP)
    plan->actions[KS_REPAIR_BACKUP] = plan->actions[KS_REPAIR_BACKUP] && !hangs;
  else if (hangs)
    publish_nothing_of (reach, name);
  if (made)
    work_without (reach, name);
}

static void
store_nothing (Reach *reach)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    leave_secret (reach, i);
  reach->plan->actions[KS_REPAIR_DESCRIBE_KEY] = reach->plan->actions[KS_REPAIR_NAME_KEY] = FALSE;
}

static void
do_nothing (Reach *reach)
{
  KsRepairPlan *plan = reach->plan;

  store_nothing (reach);
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      work_without (reach, i);
      plan->lost[i] = FALSE;
      if (i < KS_N_CROSS_SIGNING_KEYS)
        plan->publish[i] = FALSE;
    }
  for (int i = 0; i < KS_N_REPAIR_ACTIONS; i++)
    plan->actions[i] = FALSE;
  plan->foreign = plan->weak_key = FALSE;
  g_clear_pointer (&plan->old_version, g_free);
}

/* Nothing is known of the backup: neither which key is its, nor whether there is one. */
static void
leave_backup (Reach *reach)
{
  leave_secret (reach, KS_SECRET_BACKUP);
  work_without (reach, KS_SECRET_BACKUP);
  reach->plan->lost[KS_SECRET_BACKUP] = FALSE;
  reach->plan->actions[KS_REPAIR_BACKUP] = FALSE;
  g_clear_pointer (&reach->plan->old_version, g_free);
}

/* Whether something that lies under the key at hand opens with it. */
static gboolean
opens_any (const Reach *reach)
{
  const KsRepairPlace *place = reach->place;
  g_autoptr (KsKeyLock) lock = NULL;

  if (place->key == NULL || place->key_id == NULL)
    return FALSE;
  lock = ks_key_lock_new_storage (place->key_id, NULL, reach->look->secrets);
  return lock != NULL && ks_key_lock_has_entry (lock) && ks_key_lock_fits (lock, place->key);
}

static void
leave_secrets (Reach *reach)
{
  KsRepairPlan *plan = reach->plan;
  gboolean is_default = g_strcmp0 (plan->key_id, reach->look->default_key_id) == 0;

  for (int i = 0; i < KS_N_SECRETS; i++)
    if (reach->sealed[i])
      {
        leave_secret (reach, i);
        plan->lost[i] = FALSE;
        if (i == KS_SECRET_BACKUP)
          plan->actions[KS_REPAIR_BACKUP] = FALSE;
      }
  /* Which key holds more cannot be told. */
  plan->actions[KS_REPAIR_NAME_KEY] = FALSE;
  plan->actions[KS_REPAIR_DESCRIBE_KEY] = plan->actions[KS_REPAIR_DESCRIBE_KEY] && is_default;
}

/* A master key that is made is another identity. */
static gboolean
makes_identity_blindly (const Reach *reach)
{
  return reach->plan->make[KS_SECRET_MASTER]
         && (reach->sealed[KS_SECRET_MASTER] || reach->sealed[KS_SECRET_SELF_SIGNING]
             || reach->sealed[KS_SECRET_USER_SIGNING]);
}

static void
settle (Reach *reach)
{
  KsRepairPlan *plan = reach->plan;
  gboolean stores = FALSE;
  gboolean publishes = FALSE;
  gboolean keeps = FALSE;

  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      stores |= plan->store[i];
      keeps |= plan->keep[i];
      publishes |= i < KS_N_CROSS_SIGNING_KEYS && plan->publish[i];
    }
  plan->actions[KS_REPAIR_STORE] = stores;
  plan->actions[KS_REPAIR_PUBLISH] = publishes;
  plan->news = plan->news && keeps;
  plan->needs_key = plan->needs_key
                    && (stores || plan->actions[KS_REPAIR_NAME_KEY] || plan->actions[KS_REPAIR_DESCRIBE_KEY]
                        || plan->actions[KS_REPAIR_BACKUP]);
  plan->any = FALSE;
  for (int i = 0; i < KS_N_REPAIR_ACTIONS; i++)
    plan->any |= plan->actions[i];
}

/* Whether nothing can be judged: whose identity it is, or which key is the account's. */
static gboolean
is_all_in_doubt (const Reach *reach)
{
  GError *const *failures = reach->look->failures;

  return failures[KS_LOOK_IDENTITY] != NULL || failures[KS_LOOK_DEFAULT_KEY] != NULL
         || makes_identity_blindly (reach);
}

KsRepairPlan *
ks_repair_plan_within (const KsServerLook *look,
                       const KsRepairPlace *place,
                       gboolean undescribed,
                       KsSecret **values)
{
  KsSecret *own[KS_N_SECRETS] = { NULL };
  Reach reach = { .look = look, .place = place, .values = values != NULL ? values : own };
  gboolean any_sealed = FALSE;

  reach.plan = ks_repair_plan_new (look, place, reach.values);
  for (int i = 0; i < KS_N_SECRETS; i++)
    any_sealed |= reach.sealed[i] = is_sealed (&reach, i);
  if (is_all_in_doubt (&reach))
    do_nothing (&reach);
  if (look->failures[KS_LOOK_BACKUP] != NULL)
    leave_backup (&reach);
  /* A key's description tells whose ID that is, and how weak the key may be. */
  if (look->failures[KS_LOOK_DESCRIPTION] != NULL || undescribed)
    store_nothing (&reach);
  if (any_sealed)
    leave_secrets (&reach);
  if (any_sealed && place->key != NULL && !opens_any (&reach))
    store_nothing (&reach);
  if (any_sealed || undescribed || ks_server_look_failure (look) != NULL)
    settle (&reach);
  if (!reach.plan->store[KS_SECRET_BACKUP] && !reach.plan->keep[KS_SECRET_BACKUP])
    g_clear_pointer (&reach.plan->older, ks_secret_unref);
  for (int i = 0; i < KS_N_SECRETS; i++)
    ks_secret_unref (own[i]);
  return reach.plan;
}
