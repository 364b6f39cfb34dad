/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The same for the window; see gio.h.
 */
#include <adwaita.h>
#include <glib/gi18n.h>
#include <gtk/gtk.h>
#include <string.h>
