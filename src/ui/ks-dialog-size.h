/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How large a dialog is beside the window that it belongs to.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Makes @dialog no wider than @parent is: where that is narrow, so is the screen. And higher
 * where text is larger, as far as @parent is. To be called before it is shown. */
void ks_dialog_size_fit (GtkWindow *dialog, GtkWindow *parent);

G_END_DECLS
