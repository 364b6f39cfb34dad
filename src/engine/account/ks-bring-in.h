/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a database that was set aside still holds of the account: its room keys, and private keys that
 * are not here any more. The file itself is never touched.
 */
#pragma once

#include "engine/account/ks-profile.h"
#include "engine/keys/ks-key-report.h"

G_BEGIN_DECLS

/* @keys: room keys that were looked at so far. */
typedef void (*KsBringInFunc) (guint64 keys, gpointer user_data);

/* Brings @file in, as far as it can be opened (account/ks-set-aside.h), for the account of @profile, which must
 * have one. Nothing that is here is ever replaced by less (keys/ks-better-key.h).
 *
 * Errors: KS_STORE_ERROR_NOT_FOUND: nothing of this account is in the file. Those of ks_set_aside_open_async().
 * After a stop in the middle a part of it may be here, and the rest comes next time. What came in is pending for
 * the backup, as the signal "keys-changed" of the account's KsRecovery says. */
void ks_bring_in_async (KsProfile *profile,
                        GFile *file,
                        KsBringInFunc on_progress,
                        gpointer progress_data,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);

/* @report, if it is not NULL, is set to what became of the room keys; the caller frees it. @secrets is set
 * to the number of private keys that came in. */
gboolean ks_bring_in_finish (
    KsProfile *profile, GAsyncResult *result, KsKeyReport **report, guint *secrets, GError **error);

G_END_DECLS
