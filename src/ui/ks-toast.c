/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/ks-toast.h"

#include <adwaita.h>

void
ks_toast (GtkWidget *widget, const char *text)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (widget, ADW_TYPE_TOAST_OVERLAY);

  /* The title of a toast is markup, and a translation may hold "&". */
  g_autofree char *title = g_markup_escape_text (text, -1);

  if (overlay != NULL)
    adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), adw_toast_new (title));
}
