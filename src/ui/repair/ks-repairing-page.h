/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of a repair under way, or of one that stopped with an error.
 */
#pragma once

#include "engine/recovery/ks-recovery-repair.h"
#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_REPAIRING_PAGE (ks_repairing_page_get_type ())
G_DECLARE_FINAL_TYPE (KsRepairingPage, ks_repairing_page, KS, REPAIRING_PAGE, KsStepPage)

/* A repair begins that does what was planned last; the page follows it. */
void ks_repairing_page_begin (KsRepairingPage *self, KsRecovery *recovery);

/* It stopped; @text says why. */
void ks_repairing_page_stop (KsRepairingPage *self, const char *text);

gboolean ks_repairing_page_has_failed (KsRepairingPage *self);

/* Whether it has come past looking at what is there. */
gboolean ks_repairing_page_has_begun (KsRepairingPage *self);

G_END_DECLS
