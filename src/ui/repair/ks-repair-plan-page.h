/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a repair would do, before it does anything.
 */
#pragma once

#include "engine/recovery/ks-recovery-repair.h"
#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_REPAIR_PLAN_PAGE (ks_repair_plan_page_get_type ())
G_DECLARE_FINAL_TYPE (KsRepairPlanPage, ks_repair_plan_page, KS, REPAIR_PLAN_PAGE, KsStepPage)

/* Shows the plan as it was seen last. */
void ks_repair_plan_page_show (KsRepairPlanPage *self, KsRecovery *recovery);

/* Whether the plan that was seen last does just what is shown. */
gboolean ks_repair_plan_page_is_of (KsRepairPlanPage *self, KsRecovery *recovery);

G_END_DECLS
