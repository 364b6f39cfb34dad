/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verbs of KsRecovery: bringing the room keys of the backup here.
 */
#pragma once

#include "engine/keys/ks-key-report.h"
#include "engine/recovery/ks-recovery.h"
#include "engine/restore/ks-restore-memory.h"

G_BEGIN_DECLS

/* Restores all room keys of the current backup version, or those of @room_id if that is not
 * NULL. The signal "restoring" (a const KsKeyReport *, and the guint64 number of keys
 * that the server said there are; 0 for a room) tells how far it is. A room may be restored
 * while a restore of all keys goes on, ahead of the rest; that one alone tells then.
 *
 * The signal "keys-changed" tells that keys have come, or that a restore has ended: what is
 * said of those that are missing may be another.
 *
 * That all keys were wanted is remembered from before the first one is asked for until the
 * last one is stored: what was stopped in between, by a kill too, goes on with the same
 * call; see ks_recovery_has_unfinished_restore_async().
 *
 * Errors: KS_RECOVERY_ERROR_LOCKED: the backup's key is not here, unlock first;
 * _NOT_SET_UP: there is no backup; _MISMATCH: the backup is of another key than ours, unlock
 * again; _UNSUPPORTED: it is of a form that cannot be opened;
 * G_IO_ERROR_PENDING: all are wanted, and a restore of all is under way; KS_MATRIX_ERROR, KS_STORE_ERROR,
 * G_IO_ERROR_CANCELLED. Whatever had arrived before is here. */
void ks_recovery_restore_async (KsRecovery *self,
                                const char *room_id,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);

/* @report is set as soon as keys were asked for, also after an error; NULL: they were not.
 * The caller frees it. */
gboolean
ks_recovery_restore_finish (KsRecovery *self, GAsyncResult *result, KsKeyReport **report, GError **error);

/* Why the key of that session is not here, as far as this run has shown. */
KsMissingKey ks_recovery_explain_missing_key (KsRecovery *self, const char *room_id, const char *session_id);

/* Whether a restore of all keys was begun and has not ended. */
void ks_recovery_has_unfinished_restore_async (KsRecovery *self,
                                               GCancellable *cancellable,
                                               GAsyncReadyCallback callback,
                                               gpointer user_data);
gboolean ks_recovery_has_unfinished_restore_finish (KsRecovery *self,
                                                    GAsyncResult *result,
                                                    gboolean *unfinished,
                                                    GError **error);

/* The person does not want the rest: it is not gone on with. No error if there is none. */
void ks_recovery_forget_restore_async (KsRecovery *self,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean ks_recovery_forget_restore_finish (KsRecovery *self, GAsyncResult *result, GError **error);

G_END_DECLS
