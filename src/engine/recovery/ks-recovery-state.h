/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the state of Secure Backup is called, by what was seen of it, and which step leads on. No I/O.
 */
#pragma once

#include "engine/recovery/ks-recovery.h"
#include "engine/repair/ks-repair-plan.h"

G_BEGIN_DECLS

/* @plan: of the same facts. */
KsNextStep ks_recovery_snapshot_to_next_step (const KsRecoverySnapshot *seen,
                                              KsRecoveryState state,
                                              const KsRepairPlan *plan);

/* @known: this session has set it up or opened it before. */
KsRecoveryState ks_recovery_snapshot_to_state (const KsRecoverySnapshot *seen, gboolean known);

G_END_DECLS
