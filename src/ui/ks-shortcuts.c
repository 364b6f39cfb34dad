/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/ks-shortcuts.h"

void
ks_shortcuts_show (GtkWindow *parent)
{
  /* Made when it is asked for and destroyed when it is closed. A help overlay that
   * GtkApplication keeps hidden from the start makes GTK 4.8 crash when a screen
   * reader asks for a window just as another one closes. So the .ui names the keys,
   * which ks-application.c gives to the actions. */
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource (RESOURCES "/ks-shortcuts.ui");
  GtkWindow *shortcuts = GTK_WINDOW (gtk_builder_get_object (builder, "shortcuts"));

  gtk_window_set_transient_for (shortcuts, parent);
  gtk_window_present (shortcuts);
}
