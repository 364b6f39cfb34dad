/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The last page of a repair: how things stand now.
 */
#pragma once

#include "engine/recovery/ks-recovery-repair.h"
#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_REPAIRED_PAGE (ks_repaired_page_get_type ())
G_DECLARE_FINAL_TYPE (KsRepairedPage, ks_repaired_page, KS, REPAIRED_PAGE, KsStepPage)

/* @outcome: of what was repaired; NULL: there turned out to be nothing to repair. Once. */
void ks_repaired_page_show (KsRepairedPage *self, KsRecovery *recovery, const KsRepairOutcome *outcome);

/* In a heading and a sentence: is it whole now? */
const char *ks_repaired_page_title (KsRecovery *recovery);
const char *ks_repaired_page_sentence (KsRecovery *recovery, const KsRepairOutcome *outcome);

G_END_DECLS
