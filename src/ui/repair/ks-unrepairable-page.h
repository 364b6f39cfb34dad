/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Nothing here can mend it: what is missing, what may help all the same, and what there still is.
 */
#pragma once

#include "engine/recovery/ks-recovery-repair.h"
#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_UNREPAIRABLE_PAGE (ks_unrepairable_page_get_type ())
G_DECLARE_FINAL_TYPE (KsUnrepairablePage, ks_unrepairable_page, KS, UNREPAIRABLE_PAGE, KsStepPage)

/* Shows what was seen last. Actions of the dialog: "repair.enter-key", "repair.without-key",
 * "repair.export-keys". */
void ks_unrepairable_page_show (KsUnrepairablePage *self, KsRecovery *recovery);

G_END_DECLS
