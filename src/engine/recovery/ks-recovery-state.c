/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/recovery/ks-recovery-state.h"

/* Is there a part, and are all? Of what anybody can see. */
static void
count_parts (const KsRecoverySnapshot *seen, gboolean *any, gboolean *all)
{
  *any = seen->default_key_id != NULL || seen->backup_version != NULL || seen->failure != NULL;
  *all = seen->key_described && seen->backup_usable && seen->failure == NULL;
  for (int i = 0; i < KS_N_SECRETS; i++)
    *all = *all && seen->stored[i];
  for (int i = 0; i < KS_N_SECRETS - 1; i++)
    {
      *any = *any || seen->published[i];
      *all = *all && seen->published[i];
    }
}

KsRecoveryState
ks_recovery_snapshot_to_state (const KsRecoverySnapshot *seen, gboolean known)
{
  gboolean any;
  gboolean all;
  gboolean open = seen->device_verified;

  count_parts (seen, &any, &all);
  for (int i = 0; i < KS_N_SECRETS; i++)
    open = open && seen->matches[i];
  /* What this session knew and is not there any more is never taken for "never was". */
  if (known && (seen->master_changed || (seen->key_changed && seen->default_key_id != NULL)))
    return KS_RECOVERY_CONFLICT;
  if (seen->other_default)
    return KS_RECOVERY_CONFLICT;
  if (!any && !known)
    return KS_RECOVERY_NOT_SET_UP;
  if (known && seen->backup_version != NULL && seen->backup_trust == KS_BACKUP_TRUST_NONE
      && (seen->backup_usable || !seen->matches[KS_SECRET_BACKUP]))
    return KS_RECOVERY_UNTRUSTED;
  if (!all)
    return KS_RECOVERY_INCOMPLETE;
  if (open)
    return KS_RECOVERY_READY;
  /* What did not open with the right key will not open the next time. */
  return seen->opened_before ? KS_RECOVERY_INCOMPLETE : KS_RECOVERY_LOCKED;
}

/* What could be opened comes before what would have to be made anew. */
KsNextStep
ks_recovery_snapshot_to_next_step (const KsRecoverySnapshot *seen,
                                   KsRecoveryState state,
                                   const KsRepairPlan *plan)
{
  gboolean other_key = seen->key_changed && seen->default_key_id != NULL;

  switch (state)
    {
    case KS_RECOVERY_READY:
      return KS_NEXT_STEP_NONE;
    case KS_RECOVERY_NOT_SET_UP:
    case KS_RECOVERY_SETTING_UP:
      return KS_NEXT_STEP_SET_UP;
    case KS_RECOVERY_UNKNOWN:
    case KS_RECOVERY_OFFLINE:
      return KS_NEXT_STEP_RETRY;
    case KS_RECOVERY_LOCKED:
    case KS_RECOVERY_INCOMPLETE:
    case KS_RECOVERY_UNTRUSTED:
    case KS_RECOVERY_CONFLICT:
    default:
      break;
    }
  if (seen->master_changed && plan->foreign && !seen->accepted)
    return KS_NEXT_STEP_ACCEPT_IDENTITY;
  if ((seen->to_unlock || other_key) && !seen->opened_before)
    return KS_NEXT_STEP_UNLOCK;
  if (plan->any && !plan->elsewhere)
    return KS_NEXT_STEP_REPAIR;
  /* What the server says of itself may be right the next time. */
  if (seen->identity_unread || seen->backup_unread)
    return KS_NEXT_STEP_RETRY;
  /* Another key than the one that was tried may open the rest. */
  return seen->to_unlock || other_key ? KS_NEXT_STEP_UNLOCK : KS_NEXT_STEP_OTHER_SESSION;
}
