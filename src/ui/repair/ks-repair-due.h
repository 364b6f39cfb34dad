/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether a repair is what leads on, from what was seen last of Secure Backup.
 */
#pragma once

#include "engine/recovery/ks-recovery.h"

G_BEGIN_DECLS

/* Whether the dialog of the repair has something to show. */
gboolean ks_repair_is_due (KsRecovery *recovery);

/* Whether it can only say what may help. */
gboolean ks_repair_is_stuck (KsRecovery *recovery);

G_END_DECLS
