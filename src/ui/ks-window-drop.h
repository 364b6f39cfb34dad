/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Takes a file that is dropped anywhere on the window, to be imported.
 */
#pragma once

#include "engine/account/ks-profile.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* With somebody signed in to @profile the action "win.import-keys" looks what the file is, else the person is
 * asked to sign in first. Files are taken only while that is allowed; at first it is not. */
GtkDropTarget *ks_window_drop_new (GtkWindow *window, KsProfile *profile); /* borrowed: the window has it */
void ks_window_drop_allow (GtkDropTarget *drop, gboolean allowed);

G_END_DECLS
