/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Many room keys as the body of one PUT /room_keys/keys, sealed on all cores.
 */
#pragma once

#include "crypto/ks-backup-cipher.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

/* @keys: KsStoredRoomKey elements, left alone until the callback. */
void ks_seal_batch_async (GPtrArray *keys,
                          const uint8_t public_key[KS_BACKUP_KEY_SIZE],
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);

/* JSON text. The keys in it are in @good; those whose parts contradict each other are in
 * @damaged. Neither array is NULL; their elements are borrowed from @keys. */
GBytes *ks_seal_batch_finish (GAsyncResult *result, GPtrArray **good, GPtrArray **damaged, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
