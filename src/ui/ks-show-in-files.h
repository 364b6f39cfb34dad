/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shows a file where it is, in the desktop's file manager.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Selected in its folder by a file manager that can do so (org.freedesktop.FileManager1); else
 * its folder is opened. Nobody waits for it, and nothing of it is an error. */
void ks_show_in_files (GtkWindow *parent, GFile *file);

G_END_DECLS
