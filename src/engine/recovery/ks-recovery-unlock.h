/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verbs of KsRecovery: unlocking Secure Backup that another client, or an earlier
 * installation, has set up.
 */
#pragma once

#include "engine/recovery/ks-recovery.h"
#include "engine/unlock/ks-key-entry.h"
#include "engine/unlock/ks-unlock-result.h"

G_BEGIN_DECLS

/* Unlocks with @text: what a person typed or pasted, or the content of a file
 * (KS_KEY_ENTRY_LARGEST bytes at most). Then brings the room keys up that are only here,
 * of which the signal "uploading" tells, and refreshes. Holds a reference to @text until
 * it has ended.
 *
 * Errors: see ks_unlock_async(); KS_RECOVERY_ERROR_EXISTS: a set-up is under way;
 * G_IO_ERROR_PENDING: an unlock is; G_IO_ERROR_CANCELLED. After any of them nothing was
 * changed here, and the session is as locked as it was. What happens after the unlocking
 * itself is no error: see the result's upload, and the state. */
void ks_recovery_unlock_async (KsRecovery *self,
                               KsSecret *text,
                               KsKeyEntrySource source,
                               KsUnlockFlags flags,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
KsUnlockResult *ks_recovery_unlock_finish (KsRecovery *self, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The same with the Security Key that the desktop keyring has of this account and profile,
 * whichever session saved it: the default profile's is found again after a reinstall. The person may be asked to unlock the keyring. Besides: KS_KEYRING_ERROR, _NOT_FOUND if
 * there is no such key. Ends with ks_recovery_unlock_finish(). */
void ks_recovery_unlock_from_keyring_async (KsRecovery *self,
                                            KsUnlockFlags flags,
                                            GCancellable *cancellable,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data);

/* Whether there is such a key, without asking the person anything. KS_KEYRING_ERROR: the
 * keyring cannot tell: it is locked, or not there. */
void ks_recovery_has_key_in_keyring_async (KsRecovery *self,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
gboolean ks_recovery_has_key_in_keyring_finish (KsRecovery *self,
                                                GAsyncResult *result,
                                                gboolean *has_key,
                                                GError **error);

G_END_DECLS
