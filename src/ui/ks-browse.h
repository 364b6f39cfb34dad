/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opens a page in the browser.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void ks_browse (GtkWindow *parent, const char *url);

G_END_DECLS
