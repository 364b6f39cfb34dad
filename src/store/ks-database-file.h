/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The files of a profile's directory and what is done with them whole: made, looked
 * at, copied, set aside, put in place. It knows nothing of what is in them.
 * Internal to the store.
 *
 * A database is built under another name and put in place complete, so keepsake.db
 * is never half of one. Replacing goes by way of "keepsake-ready-STAMP.db":
 *
 *   1. the new database, complete and synced, is named keepsake-ready-STAMP.db
 *   2. keepsake.db, -wal, -shm become keepsake-set-aside-STAMP.db, -wal, -shm
 *   3. keepsake-ready-STAMP.db becomes keepsake.db
 *
 * Killed after 1 or within 2, the next opening goes on with 2 and 3. (A -wal that
 * stayed behind would be replayed into the new database: hence all of 2 before 3.)
 */
#pragma once

#include <glib.h>

#include "store/ks-store-error.h"

G_BEGIN_DECLS

typedef struct
{
  char *directory; /* no symbolic link in it */
  char *database;  /* keepsake.db */
  char *lock;      /* keepsake.db.lock */
  char *building;  /* what is being built; worthless after a kill */
  char *copy;      /* what salvage reads; likewise */
} KsDatabaseFiles;

/* NULL: @directory is not there. */
KsDatabaseFiles *ks_database_files_new (const char *directory, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void ks_database_files_free (KsDatabaseFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsDatabaseFiles, ks_database_files_free)

/* Whether there is a database. Its file must be a regular one of this user, no
 * symbolic link; one that others may read is made 0600. */
gboolean ks_database_files_look (KsDatabaseFiles *files, gboolean *found, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Makes "building" anew: an empty file, 0600. */
gboolean ks_database_files_begin (KsDatabaseFiles *files, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Copies the database and its -wal to "copy". */
gboolean ks_database_files_copy (KsDatabaseFiles *files, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Overwrites @size bytes of "copy" from @offset on. */
gboolean ks_database_files_patch_copy (KsDatabaseFiles *files,
                                       gsize offset,
                                       const guint8 *bytes,
                                       gsize size,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes "building" and "copy", which are ours alone and hold nothing of their own. */
void ks_database_files_tidy (KsDatabaseFiles *files);

/* Puts "building" in place and sets aside what is there: steps 1 to 3. @set_aside,
 * which may be NULL, is set to where that is now; NULL: there was nothing. */
gboolean ks_database_files_replace (KsDatabaseFiles *files, char **set_aside, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Ends a replacement that was cut short. @set_aside as above. */
gboolean ks_database_files_resume (KsDatabaseFiles *files, char **set_aside, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Writes what the kernel holds back of @path, a file or a directory, to the disk. */
gboolean ks_sync_path (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Renames a file, never over another one (KS_STORE_ERROR_EXISTS). */
gboolean ks_rename_exclusive (const char *from, const char *to, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sets @error to what errno says, with @path: KS_STORE_ERROR_FULL, _NOT_FOUND, _EXISTS or _FAILED. */
void ks_set_file_error (const char *path, GError **error);

G_END_DECLS
