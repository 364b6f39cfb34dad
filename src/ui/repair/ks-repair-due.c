/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/repair/ks-repair-due.h"

gboolean
ks_repair_is_stuck (KsRecovery *recovery)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (recovery);
  KsNextStep step = ks_recovery_get_next_step (recovery);

  return step == KS_NEXT_STEP_OTHER_SESSION
         || (step == KS_NEXT_STEP_UNLOCK && seen != NULL && seen->opened_before);
}

gboolean
ks_repair_is_due (KsRecovery *recovery)
{
  return ks_recovery_get_next_step (recovery) == KS_NEXT_STEP_REPAIR || ks_repair_is_stuck (recovery);
}
