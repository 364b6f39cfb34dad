/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The SQLite database of one profile: opened, checked, migrated and mended here,
 * and used on one thread of its own, so that waiting for the disk never costs the
 * window a frame. What is in the tables is the business of the stores built on
 * it; the store key that opens sealed columns comes by ks-store-key.h.
 */
#pragma once

#include <gio/gio.h>

#include "store/ks-statement.h"

G_BEGIN_DECLS

#define KS_TYPE_DATABASE (ks_database_get_type ())
G_DECLARE_FINAL_TYPE (KsDatabase, ks_database, KS, DATABASE, GObject)

typedef enum
{
  KS_DATABASE_READ_WRITE = 0,
  /* Nothing is written, mended or migrated. A damaged database is KS_STORE_ERROR_DAMAGED, one of an
   * older schema is migrated first if nobody else has it open, else KS_STORE_ERROR_HELD; none at all
   * is KS_STORE_ERROR_NOT_FOUND. */
  KS_DATABASE_READ_ONLY = 1 << 0,
  /* Sets a database that is there aside, as a damaged one is, and begins an empty one: for a person
   * whose store key is lost and who said so. Nothing is deleted. */
  KS_DATABASE_START_AFRESH = 1 << 1,
} KsDatabaseFlags;

/* What became of a database that was set aside. */
typedef struct
{
  char *path;   /* the read-only copy; -wal and -shm, where there were any, beside it */
  guint64 rows; /* carried over; 0 where another process had done it and was killed before telling */
  guint64 lost; /* rows that were seen but could not be carried over */
  guint64 gaps; /* tables that could not be read whole: nobody knows how many rows they had */
} KsSalvaged;

/* The directory of a profile: @profile itself, or the user's data directory's
 * "keepsake" for NULL. Made if it is not there. It must be ours and 0700: an own or
 * empty directory is tightened, one that holds other files and is open to others
 * is refused, as is a foreign one (KS_STORE_ERROR_FAILED). Symbolic links in the
 * path are resolved. Blocks, shortly. */
char *ks_database_prepare_directory (const char *profile, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Opens the database in @directory (from ks_database_prepare_directory()), or
 * begins one. NULL: one that is in memory only, on no disk, and gone when it is
 * closed. Its file is 0600; one that is a symbolic link or belongs to somebody
 * else is refused.
 *
 * KS_STORE_ERROR_NEWER: written by a newer version; not touched.
 * KS_STORE_ERROR_HELD: must be mended or migrated, and another process has it open.
 * KS_STORE_ERROR_FULL, _FAILED: as they say; what was there is as it was.
 * A damaged database is not an error: see ks_database_get_salvaged(). */
void ks_database_open_async (const char *directory,
                             KsDatabaseFlags flags,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
KsDatabase *ks_database_open_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The directory that it lies in; NULL: it is in memory. */
const char *ks_database_get_directory (KsDatabase *self);

/* NULL, or: the database was damaged (or KS_DATABASE_START_AFRESH set one aside),
 * and this is what was done. Tell the person. */
const KsSalvaged *ks_database_get_salvaged (KsDatabase *self);

/* Called on the writer thread, within one transaction. TRUE commits, FALSE (with
 * the error set) rolls everything back. Must not call into the main context, nor
 * keep @transaction. */
typedef gboolean (*KsDatabaseFunc) (KsTransaction *transaction, gpointer data, GError **error);

/* Queues @func. Calls run one after the other in the order of queueing. When the
 * callback runs without an error the transaction is on the disk (fsynced).
 * Cancelled before its commit it is rolled back; once committed it is never
 * reported as cancelled. @destroy is called on the thread of the main context that
 * this was called from, after the callback. */
void ks_database_run_async (KsDatabase *self,
                            KsDatabaseFunc func,
                            gpointer data,
                            GDestroyNotify destroy,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);

/* @data, if not NULL, is set to the call's data (also on errors), valid while
 * @result is. */
gboolean ks_database_run_finish (KsDatabase *self, GAsyncResult *result, gpointer *data, GError **error);

/* Closes the connection after all that is queued, and forgets the store key. Later
 * calls fail with G_IO_ERROR_CLOSED. Dropping the last reference does the same
 * without telling when it is done. */
void ks_database_close_async (KsDatabase *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean ks_database_close_finish (KsDatabase *self, GAsyncResult *result, GError **error);

G_END_DECLS
