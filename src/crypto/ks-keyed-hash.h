/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Hashes of names that others have chosen: SipHash-2-4 under a random key of this
 * process. g_str_hash() has no key: who knows it can name things so that all of them
 * fall into one place of a table, which then takes the square of their number to fill.
 *
 * Not for secrets, and not for anything that is kept: the next process has another key.
 *
 * Any thread.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

guint64 ks_keyed_hash (const void *bytes, gsize size);

/* A GHashFunc for strings, in place of g_str_hash(). */
guint ks_keyed_str_hash (gconstpointer string);

G_END_DECLS
