/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From what somebody sent to Pango markup that a GtkLabel can be given. It is hostile: no
 * byte of it gets past this file unescaped, and of its tags only a few harmless ones do.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* HTML of "org.matrix.custom.html" (Client-Server API, "m.room.message msgtypes"). Kept are
 * b, strong, i, em, u, del, s, strike, code, pre, h1 to h6, and a with an address of http,
 * https or mailto; br, p, li, blockquote and their like become line breaks, img its alternative
 * text. Of all other tags what is in them stays, but for scripts, styles and the quotation
 * of a reply.
 *
 * At most @max_chars characters of text in @max_lines lines; @cut tells whether there was
 * more, and may be NULL. NULL: it shows nothing, or is not UTF-8. Time and memory grow with
 * the length of @html and no faster. */
char *ks_html_markup (const char *html, guint max_chars, guint max_lines, gboolean *cut)
    G_GNUC_WARN_UNUSED_RESULT;

/* The same of plain text, in which "<b>" is three characters. */
char *ks_text_markup (const char *text, guint max_chars, guint max_lines, gboolean *cut)
    G_GNUC_WARN_UNUSED_RESULT;

/* Whether @address is one that a link may lead to. */
gboolean ks_html_may_open (const char *address);

G_END_DECLS
