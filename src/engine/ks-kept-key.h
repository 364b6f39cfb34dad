/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Security Key that is kept in the desktop keyring, for the person who wants it back.
 */
#pragma once

#include "crypto/ks-secret.h"
#include "engine/ks-profile.h"

G_BEGIN_DECLS

/* Reads the newest one that is kept for @user_id, by whichever of the account's sessions
 * here. The person may be asked to unlock the keyring. Whether it is the key that the
 * account uses now is not said: see ks_recovery_is_other_key().
 *
 * Finish returns the key, 32 bytes, or NULL with KS_KEYRING_ERROR; _FAILED also for
 * something that is no Security Key. */
void ks_kept_key_read_async (KsProfile *profile,
                             const char *user_id,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
KsSecret *ks_kept_key_read_finish (KsProfile *profile, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
