/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Both passes over a room-key file on the disk (crypto/ks-key-file.h): the first proves that it
 * is whole, the second gives out its sessions. Blocking: for threads.
 */
#pragma once

#include "crypto/ks-key-file.h"
#include "matrix/ks-session-stream.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The first pass over the file open as @fd, which can be read at any place; its position does
 * not matter. Tries all spellings of @phrase. @counter is set to the one that the second pass
 * needs. @name is for messages.
 *
 * NULL: KS_KEY_FILE_ERROR, as far as it is about importing; G_IO_ERROR_CANCELLED. */
KsKeyFileProof *ks_key_file_prove (int fd,
                                   const char *name,
                                   KsSecret *phrase,
                                   KsKeyFileCounter *counter,
                                   GCancellable *cancellable,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The second pass, piece by piece. */
typedef struct KsKeyFileReader KsKeyFileReader;

/* @on_session is called by ks_key_file_reader_step(). Borrows @fd and @proof. */
KsKeyFileReader *ks_key_file_reader_new (int fd,
                                         const KsKeyFileProof *proof,
                                         KsKeyFileCounter counter,
                                         KsSessionFunc on_session,
                                         gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void ks_key_file_reader_free (KsKeyFileReader *reader); /* NULL is allowed */

/* Reads the next piece. @more is set to FALSE when that was the end, and all is well. FALSE:
 * KS_KEY_FILE_ERROR, or what @on_session set. */
gboolean ks_key_file_reader_step (KsKeyFileReader *reader, gboolean *more, GError **error);

/* How far it is, in bytes of the file. */
guint64 ks_key_file_reader_get_position (const KsKeyFileReader *reader);

/* The whole second pass, of which nothing is kept: @n is set to the number of sessions that have
 * the form of one, @n_bad to that of the others. Both may be NULL. */
gboolean ks_key_file_count (int fd,
                            const KsKeyFileProof *proof,
                            KsKeyFileCounter counter,
                            guint64 *n,
                            guint64 *n_bad,
                            GCancellable *cancellable,
                            GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsKeyFileReader, ks_key_file_reader_free)

G_END_DECLS
