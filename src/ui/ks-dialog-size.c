/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/ks-dialog-size.h"

void
ks_dialog_size_fit (GtkWindow *dialog, GtkWindow *parent)
{
  int available = gtk_widget_get_width (GTK_WIDGET (parent));
  int width, height;

  gtk_window_get_default_size (dialog, &width, &height);
  if (available > 0 && width > available)
    gtk_window_set_default_size (dialog, available, height);
}
