/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Events are written by others than the server that hands them out, and one that breaks a limit of
 * ks-json.h must not take with it all that come in one answer with it. Here what cannot be read is cut
 * out of a list, as text, before the answer is read as strictly as any other.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* More elements are not looked at one by one. */
#define KS_JSON_CUT_MAX_ELEMENTS 20000

/* Is in what takes the place of an element that was cut out, and "content" never is. */
#define KS_JSON_CUT_MARK "org.keepsake.cut"

/* The text of an object, in whose list @list each element that ks_json_parse_answer() would refuse is
 * replaced by an object that has the mark and, as far as they are strings or integers that can be read,
 * the members @kept (ended by NULL). NULL: there is no such list, too many are in it, nothing was to be
 * cut, or @cancellable was. What is handed out is not checked: what surrounds the list may be anything. */
GByteArray *ks_json_cut (const void *bytes,
                         gsize size,
                         const char *list,
                         const char *const *kept,
                         GCancellable *cancellable) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
