/* SPDX-License-Identifier: GPL-3.0-or-later */

/* gtk_viewport_scroll_to() came with GTK 4.12. */

#include "config.h"

#include "ui/steps/ks-scroll-to.h"

static void
scroll (GtkWidget *widget)
{
  GtkWidget *viewport = gtk_widget_get_ancestor (widget, GTK_TYPE_VIEWPORT);
  graphene_rect_t bounds;

  if (viewport == NULL || !gtk_widget_get_mapped (widget)
      || !gtk_widget_compute_bounds (widget, gtk_viewport_get_child (GTK_VIEWPORT (viewport)), &bounds))
    return;
  gtk_adjustment_clamp_page (gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (viewport)),
                             (double) bounds.origin.y, (double) (bounds.origin.y + bounds.size.height));
}

/* Comes before the layout of its frame: only the second one finds the places as they are. */
static gboolean
on_frame (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  gboolean *is_laid_out = data;

  if (*is_laid_out)
    {
      scroll (widget);
      return G_SOURCE_REMOVE;
    }
  *is_laid_out = TRUE;
  return G_SOURCE_CONTINUE;
}

void
ks_scroll_to (GtkWidget *widget)
{
  gtk_widget_add_tick_callback (widget, on_frame, g_new0 (gboolean, 1), g_free);
}
