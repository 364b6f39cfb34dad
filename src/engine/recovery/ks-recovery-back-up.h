/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A verb of KsRecovery: brings the room keys that exist only here into the backup, once it is
 * unlocked: those that were never in it, and those that the server has lost.
 */
#pragma once

#include "engine/backup/ks-upload.h"
#include "engine/recovery/ks-recovery.h"

G_BEGIN_DECLS

/* Looks what the server has now, uploads what it lacks, and looks again, so that the state tells
 * how it went. The signal "uploading" (two guint64, room keys done and in all) tells how far it is.
 * A stop anywhere loses nothing: what was not uploaded is still pending.
 *
 * Errors: those of ks_recovery_refresh_async() and ks_upload_async(); KS_RECOVERY_ERROR_LOCKED: the
 * state is not READY; _CORRUPT: the server has fewer keys than it took; KS_STORE_ERROR_DAMAGED: what
 * is pending cannot be read; KS_RECOVERY_ERROR_EXISTS: a set-up is under way, which
 * uploads by itself; G_IO_ERROR_PENDING: another one is under way. */
void ks_recovery_back_up_async (KsRecovery *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);

/* @sum is set in any case, and may be NULL. */
gboolean ks_recovery_back_up_finish (KsRecovery *self, GAsyncResult *result, KsUploaded *sum, GError **error);

G_END_DECLS
