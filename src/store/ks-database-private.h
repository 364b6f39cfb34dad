/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the rest of the store needs of KsDatabase and nobody else. Internal to the
 * store.
 */
#pragma once

#include "store/ks-database.h"

G_BEGIN_DECLS

/* The store key as the main context knows it; borrowed, NULL: none at hand. */
KsSecret *ks_database_get_store_key (KsDatabase *self);
void ks_database_note_store_key (KsDatabase *self, KsSecret *key);

/* The whole of an operation that is one transaction: a GTask of @source with
 * @op as its task data, which runs @func with @op on the writer thread and then
 * returns TRUE or the error. */
void ks_database_run_op (KsDatabase *self,
                         gpointer source,
                         GCallback source_tag,
                         KsDatabaseFunc func,
                         gpointer op,
                         GDestroyNotify op_free,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);

/* Ends it: @op if it went well, valid while @result is; else NULL. */
gpointer ks_database_run_op_finish (gpointer source, GAsyncResult *result, GError **error);

G_END_DECLS
