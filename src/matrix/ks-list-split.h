/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Takes a JSON list of any size apart into the texts of its elements, as it arrives, so that each can be
 * read, and be refused, by itself. It looks at nothing but where strings and brackets are: what an
 * element is, and whether it is JSON at all, is for those who read it.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Called for each element. @text is not ended by a zero, is wiped afterwards, and is NULL where the
 * element is larger than the limit. FALSE with @error set stops. */
typedef gboolean (*KsElementFunc) (const char *text, gsize size, gpointer user_data, GError **error);

typedef struct KsListSplit KsListSplit;

/* @max_size: of an element, in bytes. */
KsListSplit *ks_list_split_new (gsize max_size, KsElementFunc on_element, gpointer user_data)
    G_GNUC_WARN_UNUSED_RESULT;
void ks_list_split_free (KsListSplit *split); /* NULL is allowed */

/* FALSE: it is no list (KS_MATRIX_ERROR_BAD_ANSWER), or @on_element stopped it. A byte order mark before
 * the list is passed over. */
gboolean ks_list_split_feed (KsListSplit *split, const void *bytes, gsize size, GError **error);

/* The bytes have come to an end: a whole list must have been there. */
gboolean ks_list_split_end (KsListSplit *split, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsListSplit, ks_list_split_free)

G_END_DECLS
