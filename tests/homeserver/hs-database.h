/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The SQLite database that holds all of the homeserver's state, in memory or in
 * a file. Parameters are bound by a string of types: 's' a text (NULL for none),
 * 'i' a gint64. A statement that fails is a bug of the server: it ends with a
 * message.
 */
#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

typedef sqlite3 HsDatabase;
typedef sqlite3_stmt HsRows;

/* Opens @file, or memory for NULL, and makes the tables that are missing. */
HsDatabase *hs_database_new (const char *file, GError **error);

void hs_database_run (HsDatabase *self, const char *sql, const char *types, ...);

/* The first column of the first row: NULL or 0 if there is none. */
char *hs_database_text (HsDatabase *self, const char *sql, const char *types, ...);
gint64 hs_database_int (HsDatabase *self, const char *sql, const char *types, ...);

/* Rows, to be walked with hs_rows_next() and read by column number. A text
 * belongs to the row and is gone with the next. */
HsRows *hs_database_query (HsDatabase *self, const char *sql, const char *types, ...);
gboolean hs_rows_next (HsRows *rows);
const char *hs_rows_text (HsRows *rows, int column);
gint64 hs_rows_int (HsRows *rows, int column);

/* The rows that the last hs_database_run() has changed. */
gint64 hs_database_changes (HsDatabase *self);

/* The next number of the one stream that orders all that happens: events,
 * account data, to-device messages, changes of device lists. */
gint64 hs_database_next_stream (HsDatabase *self);
gint64 hs_database_last_stream (HsDatabase *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HsDatabase, sqlite3_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HsRows, sqlite3_finalize)

G_END_DECLS
