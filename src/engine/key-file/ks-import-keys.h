/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Room keys out of a file that this or another client has exported: streamed, in flat memory,
 * and all of it or nothing. Nothing that is here is ever replaced by less. What comes in is
 * marked as not authenticated (KS_ROOM_KEY_FILE), since whoever knows the phrase can have made
 * it up, and is pending for the backup.
 */
#pragma once

#include "crypto/ks-secret.h"
#include "engine/keys/ks-key-report.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

typedef enum
{
  KS_IMPORT_ALL_OR_NOTHING = 0,
  KS_IMPORT_ACCEPT_FAILURES = 1 << 0, /* leave out what cannot be used, and take the rest */
} KsImportFlags;

/* @keys: sessions read so far; @done, @size: bytes of the file. */
typedef void (*KsImportFunc) (guint64 keys, guint64 done, guint64 size, gpointer user_data);

/* Imports @file, of which @phrase is the phrase, in whatever spelling. The file is proven whole
 * before its first key is looked at, and all keys are stored in one transaction, which is no
 * slower than many and leaves nothing half done whatever happens; other writes wait for it.
 *
 * Errors: KS_KEY_FILE_ERROR; KS_STORE_ERROR; G_IO_ERROR_CANCELLED. After each of them nothing
 * was changed.
 *
 * @on_progress may be NULL; it is called on the main context, and no more once the callback has
 * run. */
void ks_import_keys_async (KsKeyStore *keys,
                           GFile *file,
                           KsSecret *phrase,
                           KsImportFlags flags,
                           KsImportFunc on_progress,
                           gpointer progress_data,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);

/* @report, if it is not NULL, is set also after KS_KEY_FILE_ERROR_UNUSABLE, to what accepting the
 * failures would have done; and to NULL after other errors. The caller frees it. */
gboolean ks_import_keys_finish (KsKeyStore *keys, GAsyncResult *result, KsKeyReport **report, GError **error);

G_END_DECLS
