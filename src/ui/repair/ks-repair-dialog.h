/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog that shows what Secure Backup lacks, and repairs it; or says what may help where
 * nothing here can.
 */
#pragma once

#include "engine/account/ks-account.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_REPAIR_DIALOG (ks_repair_dialog_get_type ())
G_DECLARE_FINAL_TYPE (KsRepairDialog, ks_repair_dialog, KS, REPAIR_DIALOG, AdwWindow)

/* Whether it is what leads on from what was seen last. */
gboolean ks_repair_dialog_is_due (KsRecovery *recovery);

/* Whether it can only say what may help. */
gboolean ks_repair_dialog_is_stuck (KsRecovery *recovery);

/* For what was seen last. Made when needed, destroyed when closed; a repair goes on without it. */
KsRepairDialog *ks_repair_dialog_new (GtkWindow *parent, KsAccount *account);

G_END_DECLS
