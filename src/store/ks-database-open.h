/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a directory to a connection that can be worked with: locked, checked,
 * begun, migrated or mended. Blocks; for the writer thread. Internal to the store.
 */
#pragma once

#include "store/ks-connection.h"
#include "store/ks-database.h"

G_BEGIN_DECLS

/* @salvaged is set if a database was set aside; free it with ks_salvaged_free(). */
KsConnection *ks_database_open_connection (const char *directory,
                                           KsDatabaseFlags flags,
                                           GCancellable *cancellable,
                                           KsSalvaged **salvaged,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

void ks_salvaged_free (KsSalvaged *salvaged);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsSalvaged, ks_salvaged_free)

G_END_DECLS
