/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Room keys into a file that every other client can import: some hundreds at a time, in flat
 * memory, and never half a file.
 */
#pragma once

#include "crypto/ks-secret.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

typedef enum
{
  KS_EXPORT_KEEP = 0,         /* never touch a file that holds something */
  KS_EXPORT_REPLACE = 1 << 0, /* the person agreed to lose what is in it */
} KsExportFlags;

/* What is in the file, and what is not. */
typedef struct
{
  guint64 keys;
  guint64
      left_out; /* are here, but damaged, or what others' readers refuse a file for (keys/ks-key-origin.h) */
} KsExportReport;

/* @expected: 0 if it is not known. */
typedef void (*KsExportFunc) (guint64 keys, guint64 expected, gpointer user_data);

/* Exports all keys, or those of @room_id if that is not NULL, to @file, encrypted with @phrase:
 * its bytes as they are. The file (0600) has its name once it is on the disk and was read back
 * with @phrase; a stop before that, by a kill too, leaves nothing of it (see
 * secrets/ks-whole-file.h), and what was there as it was.
 *
 * Errors: KS_KEY_FILE_ERROR; KS_STORE_ERROR; G_IO_ERROR_CANCELLED. */
void ks_export_keys_async (KsKeyStore *keys,
                           const char *room_id,
                           GFile *file,
                           KsSecret *phrase,
                           KsExportFlags flags,
                           KsExportFunc on_progress,
                           gpointer progress_data,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);

/* @report may be NULL. */
gboolean
ks_export_keys_finish (KsKeyStore *keys, GAsyncResult *result, KsExportReport *report, GError **error);

G_END_DECLS
