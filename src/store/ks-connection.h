/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One open SQLite connection with its settings, its prepared statements and, once
 * it is at hand, the store key; and a transaction on it. Belongs to one thread.
 * Internal to the store.
 */
#pragma once

#include <sqlite3.h>

#include "store/ks-statement.h"

G_BEGIN_DECLS

typedef enum
{
  KS_CONNECTION_USE,       /* what the app works with */
  KS_CONNECTION_READ_ONLY, /* the same, refusing every write */
  KS_CONNECTION_BUILD,     /* a new file that nobody else knows yet */
  KS_CONNECTION_SALVAGE,   /* a copy of a damaged file: read in spite of what is wrong */
} KsConnectionMode;

typedef struct
{
  sqlite3 *handle;     /* owned */
  GHashTable *idle;    /* owned: where SQL stands in memory → sqlite3_stmt, prepared and not in use */
  KsSecret *store_key; /* owned, or NULL: sealed columns are closed */
  KsConnectionMode mode;
  int lock_fd; /* owned, or -1: the profile's lock, shared while this is open */
} KsConnection;

struct KsTransaction
{
  KsConnection *connection; /* borrowed */
  KsSecret *key_before;     /* owned: what a rollback brings back */
};

typedef gboolean (*KsConnectionFunc) (KsTransaction *transaction, gpointer data, GError **error);

/* Opens the existing file @path, whose directory has no symbolic link in it. */
KsConnection *ks_connection_open (const char *path, KsConnectionMode mode, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

void ks_connection_free (KsConnection *connection);

/* FALSE: when this connection is closed, what is in the -wal file stays there. So
 * that looking at a damaged database changes nothing. */
void ks_connection_set_checkpoint_on_close (KsConnection *connection, gboolean checkpoint);

/* From now on a commit is on the disk when it returns. Apart from opening, since
 * it reads the file, which may be damaged. */
gboolean ks_connection_make_durable (KsConnection *connection, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sets @error to what the result code @code stands for, with @what was tried. */
void ks_connection_set_error (KsConnection *connection, int code, const char *what, GError **error);

/* Runs SQL that answers nothing, of one or several statements. */
gboolean ks_connection_exec (KsConnection *connection, const char *sql, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The first column of the first row of @sql. FALSE on errors and without a row. */
gboolean ks_connection_query_int64 (KsConnection *connection, const char *sql, gint64 *value, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Runs @func in a transaction: committed if it returns TRUE, rolled back otherwise. */
gboolean
ks_connection_transact (KsConnection *connection, KsConnectionFunc func, gpointer data, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Has @key (or none, for NULL) at hand from now on, unless the transaction is
 * rolled back. */
void ks_transaction_set_store_key (KsTransaction *self, KsSecret *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsConnection, ks_connection_free)

G_END_DECLS
