/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The numbered migrations of the schema (sql/NNN-….sql), run in order and counted
 * in PRAGMA user_version. Internal to the store.
 */
#pragma once

#include "store/ks-connection.h"

G_BEGIN_DECLS

/* "Keep": marks the file as ours, in the header's application ID. */
#define KS_SCHEMA_APPLICATION_ID 0x4b656570

/* The version that this program writes. */
gint64 ks_schema_version (void);

/* Brings a database from version @from (0: empty) to @to, each migration in a
 * transaction of its own: a failure leaves the version that was reached. */
gboolean ks_schema_migrate (KsConnection *connection, gint64 from, gint64 to, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Lays the file out anew, without a change to what is in it: first all tables and indexes
 * in the order of the schema, then their rows. So every database of the same schema has
 * them at the same pages, however it came to it, and one whose schema is destroyed can be
 * read by another one's. Takes as long as copying the file. */
gboolean ks_schema_lay_out (KsConnection *connection, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same as ks_schema_migrate() with the migrations @scripts (SQL, ended by NULL) instead of our own. */
gboolean ks_schema_run_scripts (KsConnection *connection,
                                const char *const *scripts,
                                gint64 from,
                                gint64 to,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
