/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A repair within what the server's answers make sense of. A part that cannot be read may be anything:
 * nothing is written over it, nothing is made anew that may lie in it, and nothing is done that hangs on
 * what it says. What hangs on other parts alone is done. No I/O.
 */
#pragma once

#include "engine/repair/ks-repair-plan.h"

G_BEGIN_DECLS

/* As ks_repair_plan_new(), of a @look that may have failures. @undescribed: what is said of the Security
 * Key, where it is not the default one, could not be read. */
KsRepairPlan *ks_repair_plan_within (const KsServerLook *look,
                                     const KsRepairPlace *place,
                                     gboolean undescribed,
                                     KsSecret **values) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
