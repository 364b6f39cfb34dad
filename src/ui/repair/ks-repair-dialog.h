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

/* For what was seen last. Made when needed, destroyed when closed; a repair goes on without it. @without_key:
 * for whoever has no key that fits; it says what may help, and what is left. */
KsRepairDialog *ks_repair_dialog_new (GtkWindow *parent, KsAccount *account, gboolean without_key);

G_END_DECLS
