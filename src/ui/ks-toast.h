/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A word at the foot of the window that goes away by itself.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @widget: somewhere in the window. @text is no markup. */
void ks_toast (GtkWidget *widget, const char *text);

G_END_DECLS
