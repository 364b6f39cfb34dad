/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/ks-dialog-size.h"

/* At this resolution text has the size that dialogs are drawn for (GtkSettings:gtk-xft-dpi). */
#define DRAWN_FOR_DPI (96 * 1024)

/* As high as larger text wants it, but no higher than @parent, unless it was that before. */
static int
fit_height (GtkWindow *dialog, GtkWindow *parent, int height)
{
  int available = gtk_widget_get_height (GTK_WIDGET (parent));
  int dpi;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (dialog)), "gtk-xft-dpi", &dpi, NULL);
  if (height <= 0 || dpi <= DRAWN_FOR_DPI)
    return height;
  return MAX (height, MIN (available, (int) ((gint64) height * dpi / DRAWN_FOR_DPI)));
}

void
ks_dialog_size_fit (GtkWindow *dialog, GtkWindow *parent)
{
  int available = gtk_widget_get_width (GTK_WIDGET (parent));
  int width, height;

  gtk_window_get_default_size (dialog, &width, &height);
  if (available > 0 && width > available)
    width = available;
  gtk_window_set_default_size (dialog, width, fit_height (dialog, parent, height));
}
