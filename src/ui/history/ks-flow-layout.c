/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/history/ks-flow-layout.h"

/* No text is given less than MIN_WIDTH, which has room for a file beside it, also in the
 * narrowest window; and none asks for more than NATURAL_WIDTH, but may be given more. */
#define MIN_WIDTH 240
#define NATURAL_WIDTH 600

/* More is asked for only where GTK looks for the least height of all. */
#define MAX_WIDTH 100000

struct _KsFlowLayout
{
  GtkLayoutManager parent;
};

G_DEFINE_FINAL_TYPE (KsFlowLayout, ks_flow_layout, GTK_TYPE_LAYOUT_MANAGER)

static GtkSizeRequestMode
ks_flow_layout_get_request_mode (GtkLayoutManager *self, GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* What the child gets of @width: a newer GTK than 4.8 warns where it is less than it can do with,
 * and then asks for as much itself. */
static int
child_width (GtkWidget *child, int width)
{
  int minimum;

  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  return MAX (width, minimum);
}

static void
ks_flow_layout_measure (GtkLayoutManager *self,
                        GtkWidget *widget,
                        GtkOrientation orientation,
                        int for_size,
                        int *minimum,
                        int *natural,
                        int *minimum_baseline,
                        int *natural_baseline)
{
  GtkWidget *child = gtk_widget_get_first_child (widget);

  *minimum = *natural = 0;
  if (child == NULL || !gtk_widget_should_layout (child))
    return;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = MIN_WIDTH;
      *natural = NATURAL_WIDTH;
    }
  else if (for_size >= 0 && for_size <= MAX_WIDTH)
    gtk_widget_measure (child, orientation, child_width (child, for_size), minimum, natural, NULL, NULL);
}

static void
ks_flow_layout_allocate (GtkLayoutManager *self, GtkWidget *widget, int width, int height, int baseline)
{
  GtkWidget *child = gtk_widget_get_first_child (widget);

  if (child != NULL && gtk_widget_should_layout (child))
    gtk_widget_allocate (child, child_width (child, width), height, -1, NULL);
}

static void
ks_flow_layout_class_init (KsFlowLayoutClass *class)
{
  GtkLayoutManagerClass *layout_class = GTK_LAYOUT_MANAGER_CLASS (class);

  layout_class->get_request_mode = ks_flow_layout_get_request_mode;
  layout_class->measure = ks_flow_layout_measure;
  layout_class->allocate = ks_flow_layout_allocate;
}

static void
ks_flow_layout_init (KsFlowLayout *self)
{
}
