/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Security Key that is kept in the desktop keyring.
 */
#pragma once

#include "crypto/ks-secret.h"
#include "store/ks-keyring.h"

G_BEGIN_DECLS

/* Reads the newest one that is kept for @user_id, by whichever of the account's sessions
 * here. The person may be asked to unlock the keyring. Whether it is the key that the
 * account uses now is not said: see ks_recovery_is_other_key().
 *
 * Finish returns the key, 32 bytes, or NULL with KS_KEYRING_ERROR; _FAILED also for
 * something that is no Security Key. */
void ks_kept_key_read_async (KsKeyring *keyring,
                             const char *user_id,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
KsSecret *ks_kept_key_read_finish (KsKeyring *keyring, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Keeps @key, 32 bytes, as that of this account and session, in the form in which people write
 * it; in place of one that was there. The person may be asked to unlock the keyring. Ends with
 * ks_keyring_store_finish(). */
void ks_kept_key_store_async (KsKeyring *keyring,
                              const char *user_id,
                              const char *device_id,
                              KsSecret *key,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);

G_END_DECLS
