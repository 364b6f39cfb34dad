/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/repair/ks-repair-text.h"

#include <glib/gi18n.h>

guint
ks_repair_text_count_made (const KsRepairPlan *plan)
{
  guint n = 0;

  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    n += plan->make[i] ? 1 : 0;
  return n;
}

static gboolean
only_signs (const KsRepairPlan *plan)
{
  for (int i = 0; i < KS_N_REPAIR_ACTIONS; i++)
    if (plan->actions[i] && i != KS_REPAIR_SIGN)
      return FALSE;
  return plan->actions[KS_REPAIR_SIGN];
}

const char *
ks_repair_text_title (const KsRepairPlan *plan)
{
  if (plan->actions[KS_REPAIR_BACKUP])
    return _ ("New Messages Are Not Backed Up");
  return only_signs (plan) ? _ ("This Session Is Not Verified") : _ ("Secure Backup Is Incomplete");
}

/* Of what is put right without a new backup. */
static const char *
what_is_wrong (const KsRepairPlan *plan)
{
  if (plan->actions[KS_REPAIR_STORE])
    return _ ("Some of your keys are not in it, so your Security Key would not bring everything back.");
  if (plan->actions[KS_REPAIR_PUBLISH])
    return _ ("A part of your identity is missing on the homeserver, so other people and apps can't verify "
              "you.");
  if (only_signs (plan))
    return _ ("Other people and apps can't tell that it is yours.");
  return _ ("Other apps can't tell which Security Key opens it.");
}

char *
ks_repair_text_sentence (const KsRepairPlan *plan)
{
  if (plan->actions[KS_REPAIR_BACKUP] && plan->old_version == NULL)
    return g_strdup (
        _ ("There is no backup on the homeserver, so the keys of your messages exist only in your "
           "sessions. Keepsake can create one."));
  if (plan->actions[KS_REPAIR_BACKUP] && plan->lost[KS_SECRET_BACKUP])
    return g_strdup (
        _ ("Nothing here opens the backup on the homeserver, so nothing goes into it. Keepsake can "
           "create a new one."));
  if (plan->actions[KS_REPAIR_BACKUP])
    return g_strdup (
        _ ("The backup on the homeserver is one that other apps can't use. Keepsake can create a new "
           "one."));
  /* Translators: two whole sentences, one after the other. */
  return g_strdup_printf (_ ("%s %s"), what_is_wrong (plan),
                          ks_repair_plan_leaves_any_lost (plan) ? _ ("Keepsake can put a part of that right.")
                                                                : _ ("Keepsake can put that right."));
}

const char *
ks_repair_text_ask_for_key (gboolean any)
{
  return any ? _ (
             "Your keys are put back under it. Take the Security Key that you have had all along, if you "
             "still have it.")
             : _ ("The Security Key, also called recovery key, or the Security Phrase that opens Secure "
                  "Backup.");
}

/* A new key is none of those that are missing. */
static const char *
what_to_store (const KsRepairPlan *plan)
{
  guint n = 0;
  guint made = 0;

  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      n += plan->store[i] ? 1 : 0;
      made += plan->store[i] && plan->make[i] ? 1 : 0;
    }
  if (n == 1 && plan->store[KS_SECRET_BACKUP] && made == 1)
    return _ ("Add the key of the new backup");
  if (made == n)
    return n == 1 ? _ ("Add the new key") : _ ("Add the new keys");
  return n == 1 ? _ ("Add the missing key") : _ ("Add the missing keys");
}

const char *
ks_repair_text_action (KsRepairAction action, const KsRepairPlan *plan)
{
  guint made = ks_repair_text_count_made (plan);

  switch (action)
    {
    case KS_REPAIR_DESCRIBE_KEY:
      return _ ("Tell other apps about your Security Key");
    case KS_REPAIR_STORE:
      return what_to_store (plan);
    case KS_REPAIR_PUBLISH:
      return made == 0   ? _ ("Publish your identity again")
             : made == 1 ? _ ("Create the missing identity key")
                         : _ ("Create the missing identity keys");
    case KS_REPAIR_SIGN:
      return _ ("Verify this session");
    case KS_REPAIR_BACKUP:
      return _ ("Create a new backup");
    case KS_REPAIR_NAME_KEY:
    default:
      return _ ("Have other apps ask for this Security Key");
    }
}
