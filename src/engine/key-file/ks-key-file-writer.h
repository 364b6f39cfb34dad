/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes a room-key file, a batch of keys at a time: for its owner only, with no name until it
 * is whole and was read back with its phrase. Blocking: for threads, one at a time.
 */
#pragma once

#include "crypto/ks-secret.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

typedef struct KsKeyFileWriter KsKeyFileWriter;

/* @replace: what is in @path already may be lost. Derives the keys from @phrase, which takes its
 * time. NULL: KS_KEY_FILE_ERROR_EXISTS, _LINK, _NOT_A_FILE, _NOT_FOUND, _DENIED, _FULL, _FAILED. */
KsKeyFileWriter *ks_key_file_writer_new (const char *path, gboolean replace, KsSecret *phrase, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* What was not committed is gone. NULL is allowed. */
void ks_key_file_writer_free (KsKeyFileWriter *writer);

/* Adds the KsStoredRoomKey elements of @keys, but those that are damaged or lack what every reader
 * asks for (keys/ks-room-key-json.h). KS_KEY_FILE_ERROR_FULL, _FAILED. */
gboolean ks_key_file_writer_add (KsKeyFileWriter *writer, GPtrArray *keys, GError **error);

/* How many it has, and how many were not added. */
guint64 ks_key_file_writer_get_written (const KsKeyFileWriter *writer);
guint64 ks_key_file_writer_get_left_out (const KsKeyFileWriter *writer);

/* The end: on the disk now, and read back from there. _DIFFERS: it does not hold all of it;
 * G_IO_ERROR_CANCELLED. */
gboolean ks_key_file_writer_finish (KsKeyFileWriter *writer, GCancellable *cancellable, GError **error);

/* Gives it its name. Besides the above, _EXISTS: somebody else did in the meantime. */
gboolean ks_key_file_writer_commit (KsKeyFileWriter *writer, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsKeyFileWriter, ks_key_file_writer_free)

G_END_DECLS
