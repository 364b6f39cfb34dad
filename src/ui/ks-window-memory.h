/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the window remembers from one start to the next: its size, and the page
 * that was open. Without the installed schema nothing is remembered.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Gives @window the size that it had last. To be called before it is shown. */
void ks_window_memory_restore (GtkWindow *window);
void ks_window_memory_save (GtkWindow *window);

/* The name of the page to begin with; the caller frees it. Never NULL. */
char *ks_window_memory_get_page (void);
void ks_window_memory_set_page (const char *page);

G_END_DECLS
