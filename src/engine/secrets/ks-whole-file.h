/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes a small file whole or not at all, for its owner only. It knows nothing of what is
 * in it. Blocking: for threads.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Writes all of it to @fd and syncs that; FALSE: errno says why not. */
typedef gboolean (*KsWholeFileFunc) (int fd, gconstpointer data);

/* Makes the file @path (0600). It has that name once it is written and synced, and the
 * directory is synced then. Until then it has no name, so that a kill leaves nothing of it;
 * where the file system cannot do that, and for the moment in which it takes another
 * file's place, one that the next call in the same directory knows and sweeps. @replace:
 * whether another file of that name may be replaced.
 *
 * FALSE: errno says why; what was there is as it was, unless only the directory's sync
 * failed. EEXIST: there is such a file, and @replace is FALSE. */
gboolean ks_whole_file_write (const char *path, gboolean replace, KsWholeFileFunc write, gconstpointer data);

G_END_DECLS
