/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of a damaged database that its indexes still hold where a table has lost a page. Internal to the
 * store.
 */
#pragma once

#include "store/ks-connection.h"

G_BEGIN_DECLS

/* Inserts into @table of @to what it lacks, from an index that has all of @columns (names), if @from
 * has one: see sql/008-copies.sql. @whole is set to TRUE if that could be read to its end, and else left
 * as it is. @rows grows by what was inserted. */
gboolean ks_salvage_from_copy (KsConnection *from,
                               KsConnection *to,
                               const char *table,
                               GPtrArray *columns,
                               gboolean *whole,
                               guint64 *rows,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Inserts the accounts that @to lacks, as far as older schemas keep them in an index: the ID and the
 * names, by which all that is sealed for an account is opened. Their access tokens are lost, and none
 * that opens stands in their place; the homeserver is the one that the user ID names. */
gboolean ks_salvage_name_accounts (KsConnection *from, KsConnection *to, guint64 *rows, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
