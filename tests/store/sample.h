/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A database with a row in every table, and whether all of them are still there.
 */
#pragma once

#include "store/store-fixture.h"

G_BEGIN_DECLS

/* Fills the new database in @directory and closes it. */
void sample_make (const char *directory);

/* Asserts that @database, unlocked, holds what a sample of schema @version had. */
void sample_assert (KsDatabase *database, gint64 version);

G_END_DECLS
