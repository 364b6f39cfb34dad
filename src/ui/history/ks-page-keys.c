/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/history/ks-page-keys.h"

/* How far @key scrolls, in pixels, less than 0 upwards; 0: it is none of these keys. */
static double
find_step (guint key, GtkAdjustment *adjustment)
{
  switch (key)
    {
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      return -gtk_adjustment_get_step_increment (adjustment);
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      return gtk_adjustment_get_step_increment (adjustment);
    case GDK_KEY_Page_Up:
    case GDK_KEY_KP_Page_Up:
      return -gtk_adjustment_get_page_increment (adjustment);
    case GDK_KEY_Page_Down:
    case GDK_KEY_KP_Page_Down:
      return gtk_adjustment_get_page_increment (adjustment);
    default:
      return 0;
    }
}

static gboolean
is_page_key (guint key)
{
  return key == GDK_KEY_Page_Up || key == GDK_KEY_KP_Page_Up || key == GDK_KEY_Page_Down
         || key == GDK_KEY_KP_Page_Down;
}

/* The row that the keyboard is in; NULL: it is in none. */
static GtkWidget *
find_row (GtkWidget *list)
{
  GtkRoot *root = gtk_widget_get_root (list);
  GtkWidget *row = root != NULL ? gtk_root_get_focus (root) : NULL;

  while (row != NULL && gtk_widget_get_parent (row) != list)
    row = gtk_widget_get_parent (row);
  return row;
}

static gboolean
on_key (GtkWidget *list, guint key, guint code, GdkModifierType state)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (list));
  double page = gtk_adjustment_get_page_size (adjustment);
  double step = find_step (key, adjustment);
  GtkWidget *row =
      step != 0 && (state & gtk_accelerator_get_default_mod_mask ()) == 0 ? find_row (list) : NULL;
  graphene_rect_t bounds;
  double hidden;

  if (row == NULL || !gtk_widget_compute_bounds (row, list, &bounds) || bounds.size.height <= page)
    return FALSE;
  hidden = step < 0 ? -bounds.origin.y : bounds.origin.y + bounds.size.height - page;
  if (hidden >= 1)
    {
      gtk_adjustment_set_value (adjustment,
                                gtk_adjustment_get_value (adjustment) + CLAMP (step, -hidden, hidden));
      return TRUE;
    }
  if (!is_page_key (key))
    return FALSE;
  row = step < 0 ? gtk_widget_get_prev_sibling (row) : gtk_widget_get_next_sibling (row);
  return row != NULL && gtk_widget_grab_focus (row);
}

void
ks_page_keys_add (GtkScrolledWindow *scroller, GtkListView *list)
{
  GtkEventController *controller = gtk_event_controller_key_new ();

  /* Before the list gets them. */
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (controller, "key-pressed", G_CALLBACK (on_key), list);
  gtk_widget_add_controller (GTK_WIDGET (scroller), controller);
}
