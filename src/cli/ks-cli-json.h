/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What --json prints. json-glib's generator is not used: it writes U+001F as it is, which is no
 * JSON (RFC 8259, 7), and U+0085 and U+2028, where some readers end a line.
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Whether @c may stand in what is printed as it is: in a terminal other characters could move
 * the cursor, begin a line of their own or turn the direction of reading. */
gboolean ks_cli_is_plain (gunichar c);

/* One line of ASCII and plain characters, without its end. Members stand in the order in which
 * they were set. Bytes that are no UTF-8 become U+FFFD. */
char *ks_cli_json_text (JsonNode *root) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
