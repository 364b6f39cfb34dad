/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Up, Down, Page Up and Page Down in a list with rows that are higher than its window. GTK's
 * list goes from row to row: past all of a row that is not on the screen, and at one that fills
 * the screen Page Up and Page Down go nowhere.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* In a row that is higher than the window these keys scroll until its end is on the screen; from
 * there Page Up and Page Down go to the next row. @list has to outlive @scroller, which it is in. */
void ks_page_keys_add (GtkScrolledWindow *scroller, GtkListView *list);

G_END_DECLS
