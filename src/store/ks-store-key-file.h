/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file of --store-key-file: 32 random bytes as one line of base64, for machines
 * without a Secret Service. It holds the secret of a KS_STORE_KEY_SLOT_FILE slot.
 */
#pragma once

#include <gio/gio.h>

#include "crypto/ks-secret.h"
#include "store/ks-store-error.h"

G_BEGIN_DECLS

/* Reads @path, or makes it if it is not there and @create is TRUE: 0600, synced to
 * the disk, in one piece or not at all, and read back. Refused (KS_STORE_ERROR_FAILED):
 * a symbolic link, anything but a regular file, one of another user, one that others
 * may read or write. KS_STORE_ERROR_DAMAGED: it holds something else.
 * KS_STORE_ERROR_NOT_FOUND: it is not there, and @create is FALSE. */
void ks_store_key_file_load_async (const char *path,
                                   gboolean create,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
KsSecret *ks_store_key_file_load_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
