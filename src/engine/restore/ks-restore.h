/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Brings the room keys of a backup version into the key store: read as they arrive, opened
 * on all cores, stored a thousand at a time, in flat memory. Nothing that is here is ever
 * replaced by less. Which version it is, and whose key, is the caller's judgement; what
 * comes in is marked as not authenticated (KS_ROOM_KEY_BACKUP), since whoever has the
 * backup's public key can put entries into it.
 */
#pragma once

#include "engine/keys/ks-key-report.h"
#include "matrix/ks-http.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

/* @report counts what was done up to now; borrowed, for the length of the call. */
typedef void (*KsRestoreFunc) (const KsKeyReport *report, gpointer user_data);

/* Restores all keys of @version, or those of @room_id if that is not NULL. @backup_key is
 * the private key.
 *
 * A stop, for whatever reason, leaves what was stored before; the next restore takes it for
 * "here already".
 *
 * Errors: KS_MATRIX_ERROR (…_NOT_FOUND: there is no such version any more), KS_STORE_ERROR,
 * G_IO_ERROR_CANCELLED. What had arrived before is stored all the same, unless storing was
 * what failed.
 *
 * @on_progress may be NULL; it is called on the main context, and no more once the callback
 * has run. */
void ks_restore_async (KsHttp *http,
                       KsKeyStore *keys,
                       const char *version,
                       const char *room_id,
                       KsSecret *backup_key,
                       KsRestoreFunc on_progress,
                       gpointer progress_data,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);

/* As that, for all keys of a @version that another one has followed, or is about to: what comes from there
 * counts as being in no backup, and what is known of the current one stays as it is. */
void ks_restore_older_async (KsHttp *http,
                             KsKeyStore *keys,
                             const char *version,
                             KsSecret *backup_key,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);

/* Of both. @report, if it is not NULL, is set also after an error; the caller frees it. */
gboolean ks_restore_finish (KsHttp *http, GAsyncResult *result, KsKeyReport **report, GError **error);

G_END_DECLS
