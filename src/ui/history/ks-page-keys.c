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

/* The row beside @row, where it really is the next one: the list keeps some rows that are elsewhere. */
static GtkWidget *
find_neighbour (GtkWidget *list, GtkWidget *row, gboolean upwards)
{
  GtkWidget *next = upwards ? gtk_widget_get_prev_sibling (row) : gtk_widget_get_next_sibling (row);
  graphene_rect_t at, beside;
  double gap;

  if (next == NULL || !gtk_widget_compute_bounds (row, list, &at)
      || !gtk_widget_compute_bounds (next, list, &beside))
    return NULL;
  gap = upwards ? at.origin.y - beside.origin.y - beside.size.height
                : beside.origin.y - at.origin.y - at.size.height;
  return ABS (gap) < 1 ? next : NULL;
}

/* A row higher than the page into which the list would go from @row, which is not: the next one, or
 * one that is no further than @reach. NULL: there is none. */
static GtkWidget *
find_high_row (GtkWidget *list, GtkWidget *row, gboolean upwards, double reach, double page)
{
  graphene_rect_t bounds;

  while ((row = find_neighbour (list, row, upwards)) != NULL
         && gtk_widget_compute_bounds (row, list, &bounds))
    {
      if (bounds.size.height > page)
        return row;
      reach -= bounds.size.height;
      if (reach <= 0)
        break;
    }
  return NULL;
}

/* Gives @row the keyboard. Of one that is higher than the page that end is shown at which a reader
 * comes to it; a GTK after 4.8 would show the other one. */
static gboolean
enter_row (GtkWidget *list, GtkWidget *row, gboolean upwards)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (list));
  double value = gtk_adjustment_get_value (adjustment);
  double page = gtk_adjustment_get_page_size (adjustment);
  graphene_rect_t bounds;

  if (!gtk_widget_compute_bounds (row, list, &bounds) || !gtk_widget_grab_focus (row))
    return FALSE;
  if (bounds.size.height > page)
    gtk_adjustment_set_value (adjustment,
                              value + bounds.origin.y + (upwards ? bounds.size.height - page : 0));
  return TRUE;
}

/* The keyboard is in a row that is higher than the page: what is hidden of it comes first. */
static gboolean
scroll_row (GtkWidget *list, double step, const graphene_rect_t *bounds)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (list));
  double hidden = step < 0
                      ? -bounds->origin.y
                      : bounds->origin.y + bounds->size.height - gtk_adjustment_get_page_size (adjustment);

  if (hidden < 1)
    return FALSE;
  gtk_adjustment_set_value (adjustment,
                            gtk_adjustment_get_value (adjustment) + CLAMP (step, -hidden, hidden));
  return TRUE;
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
  GtkWidget *high;
  gboolean is_high;

  if (row == NULL || !gtk_widget_compute_bounds (row, list, &bounds))
    return FALSE;
  is_high = bounds.size.height > page;
  if (is_high && scroll_row (list, step, &bounds))
    return TRUE;
  high = find_high_row (list, row, step < 0, is_page_key (key) && !is_high ? page : 0, page);
  if (high != NULL)
    return enter_row (list, high, step < 0);
  if (!is_high || !is_page_key (key))
    return FALSE;
  /* GTK 4.8 gives a row a place only once it is on the screen, and then shows the right end of it. */
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
