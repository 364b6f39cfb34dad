/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The row "Restore From Backup…": what is behind it, and how far a restore is that goes
 * on in the background. Activating it opens the dialog (action "win.restore").
 */
#pragma once

#include "engine/recovery/ks-restore-job.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_RESTORE_ROW (ks_restore_row_get_type ())
G_DECLARE_FINAL_TYPE (KsRestoreRow, ks_restore_row, KS, RESTORE_ROW, AdwActionRow)

/* NULL: nobody is signed in. */
void ks_restore_row_set_job (KsRestoreRow *self, KsRestoreJob *job);

G_END_DECLS
