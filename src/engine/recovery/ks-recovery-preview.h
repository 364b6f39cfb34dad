/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * KsRecovery's verb "preview": what a repair with the Security Key at hand would do. Only reads, on the
 * server and here.
 */
#pragma once

#include "engine/recovery/ks-recovery.h"
#include "engine/repair/ks-repair-plan.h"
#include "engine/unlock/ks-key-entry.h"

G_BEGIN_DECLS

/* @text: the Security Key or Phrase; NULL: the key in the desktop keyring. To be called after
 * ks_recovery_refresh_async(). The errors of ks_unlock_async(), but none for a right key that opens
 * nothing; KS_KEYRING_ERROR. */
void ks_recovery_preview_async (KsRecovery *self,
                                KsSecret *text,
                                KsKeyEntrySource source,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
/* The caller frees the plan. */
KsRepairPlan *ks_recovery_preview_finish (KsRecovery *self, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
