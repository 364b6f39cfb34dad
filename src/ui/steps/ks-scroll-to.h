/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Brings what has just appeared in a scrolled page into view: an answer below the edge is none.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Scrolls by as little as it takes, once @widget has its place; where it is higher than the
 * view, its top is seen. Nothing happens where it is hidden, or in no scrolled page. */
void ks_scroll_to (GtkWidget *widget);

G_END_DECLS
