/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers as people write them.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @number with the locale's grouping, and with that of English in a locale of no language:
 * "12,000". For a sentence's "%s"; which plural it takes is still up to the number itself. */
char *ks_number_text (guint64 number) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
