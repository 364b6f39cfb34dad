/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Carries what can be read of a damaged database over into a new one, row by row.
 * Internal to the store.
 */
#pragma once

#include "store/ks-connection.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 rows; /* carried over */
  guint64 lost; /* read, but refused by the new database: garbage, or rows of a lost account */
  guint64 gaps; /* tables that could not be read whole, nor mended from a copy */
} KsSalvageCounts;

/* Whether all tables of @to can be found in @from: its schema can be read. */
gboolean ks_salvage_can_read (KsConnection *from, KsConnection *to);

/* Copies the rows of all tables that @to has. @to has the same schema, without
 * rows. Damage in @from is counted, not reported; what fails is writing @to. */
gboolean ks_salvage_rows (KsConnection *from, KsConnection *to, KsSalvageCounts *counts, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
