/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tells how a repair ended that nobody watches.
 */
#pragma once

#include "engine/recovery/ks-recovery-repair.h"

G_BEGIN_DECLS

/* @outcome, or @error: why it stopped. */
void ks_repair_notice_send (KsRecovery *recovery, const KsRepairOutcome *outcome, const GError *error);

G_END_DECLS
