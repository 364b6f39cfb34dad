/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog that opens Secure Backup and brings its room keys here. The restore itself
 * is the window's: it goes on when the dialog is closed.
 */
#pragma once

#include "engine/account/ks-account.h"
#include "engine/recovery/ks-restore-job.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_RESTORE_DIALOG (ks_restore_dialog_get_type ())
G_DECLARE_FINAL_TYPE (KsRestoreDialog, ks_restore_dialog, KS, RESTORE_DIALOG, AdwWindow)

/* Whether it begins with unlocking: what this session has does not open the backup that is there, or
 * it is not certain that it is the person's. */
gboolean ks_restore_dialog_unlocks (KsRecovery *recovery);

/* At what is next for @account: unlocking, the restore that is under way (or begins now), or
 * how the last one ended. Made when needed, destroyed when closed. */
KsRestoreDialog *ks_restore_dialog_new (GtkWindow *parent, KsAccount *account, KsRestoreJob *job);

/* The same, with unlocking first also where the backup is open: other parts may not be. */
KsRestoreDialog *ks_restore_dialog_new_unlock (GtkWindow *parent, KsAccount *account, KsRestoreJob *job);

/* Goes on with the key in the desktop keyring, as if the person had chosen that. Nothing
 * where it is unlocked. */
void ks_restore_dialog_use_keyring (KsRestoreDialog *self);

G_END_DECLS
