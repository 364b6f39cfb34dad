/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes a file whole or not at all, for its owner only. It knows nothing of what is in it.
 * Blocking: for threads.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A file that is being written: 0600, and without a name, so that a kill leaves nothing of it;
 * where the file system cannot do that, and for the moment in which it takes another file's
 * place, it has one that the next file begun in the same directory knows and sweeps. */
typedef struct KsWholeFile KsWholeFile;

/* Begins the file @path. NULL: errno says why. */
KsWholeFile *ks_whole_file_begin (const char *path) G_GNUC_WARN_UNUSED_RESULT;

/* To write to, and to read back from. Borrowed. */
int ks_whole_file_get_fd (KsWholeFile *file);

/* Gives the file its name, once the caller has written and synced it, and syncs the directory
 * then. @replace: whether another file of that name may be replaced. The descriptor above may be
 * another one afterwards.
 *
 * FALSE: errno says why; what was there is as it was, unless only the directory's sync failed.
 * EEXIST: there is such a file, and @replace is FALSE. */
gboolean ks_whole_file_commit (KsWholeFile *file, gboolean replace) G_GNUC_WARN_UNUSED_RESULT;

/* What was not committed is gone. NULL is allowed. */
void ks_whole_file_free (KsWholeFile *file);

/* Writes all of it to @fd and syncs that; FALSE: errno says why not. */
typedef gboolean (*KsWholeFileFunc) (int fd, gconstpointer data);

/* The whole of it: begins, writes, and commits. FALSE: as for ks_whole_file_commit(). */
gboolean ks_whole_file_write (const char *path, gboolean replace, KsWholeFileFunc write, gconstpointer data);

/* Makes sure that a file that is there already is on the disk, under its name: a write that did
 * not end well may have left it in memory alone. What is read from it next comes from the disk
 * where the system allows that. Symbolic links are not followed. FALSE: errno says why. */
gboolean ks_whole_file_sync (const char *path) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsWholeFile, ks_whole_file_free)

G_END_DECLS
