/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * KsPageKeys under real keys: with each of them a list is read from one end to the other, past
 * rows that are higher than the window, and all of it has been on the screen.
 */

#include "ui/history/ks-page-keys.h"

#include <adwaita.h>

/* Seconds that a key may take to do something. */
#define PATIENCE 10

typedef struct
{
  GtkWidget *window;
  GtkWidget *list;           /* borrowed */
  GtkAdjustment *adjustment; /* borrowed */
} Fixture;

typedef struct
{
  const char *key;
  gboolean upwards;
} Walk;

/* Heights of the rows; the window is 400 high. */
static const char *const heights[] = { "50",  "401", "80",   "2000", "1500", "399",
                                       "400", "60",  "1200", "70",   NULL };

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  gtk_list_item_set_child (item, gtk_drawing_area_new ());
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  const char *height = gtk_string_object_get_string (GTK_STRING_OBJECT (gtk_list_item_get_item (item)));

  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (gtk_list_item_get_child (item)), atoi (height));
}

static void
until_active (Fixture *f)
{
  const char *argv[] = { "xdotool", "search", "--onlyvisible", "--name", "Page keys", "windowfocus", NULL };

  /* There is no window manager that would give it the keyboard. */
  while (!gtk_window_is_active (GTK_WINDOW (f->window)))
    {
      g_spawn_sync (NULL, (char **) argv, NULL,
                    G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                    NULL, NULL, NULL, NULL);
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
run_frame (Fixture *f)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (f->window);
  gint64 frame = gdk_frame_clock_get_frame_counter (clock);

  while (gdk_frame_clock_get_frame_counter (clock) == frame)
    {
      gdk_frame_clock_request_phase (clock, GDK_FRAME_CLOCK_PHASE_PAINT);
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
set_up (Fixture *f, gconstpointer data)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  f->list = gtk_list_view_new (GTK_SELECTION_MODEL (
                                   gtk_no_selection_new (G_LIST_MODEL (gtk_string_list_new (heights)))),
                               factory);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), f->list);
  ks_page_keys_add (GTK_SCROLLED_WINDOW (scroller), GTK_LIST_VIEW (f->list));
  f->adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
  f->window = gtk_window_new ();
  gtk_window_set_title (GTK_WINDOW (f->window), "Page keys");
  gtk_window_set_decorated (GTK_WINDOW (f->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 300, 400);
  gtk_window_set_child (GTK_WINDOW (f->window), scroller);
  gtk_window_present (GTK_WINDOW (f->window));
  until_active (f);
  while (gtk_adjustment_get_page_size (f->adjustment) < 1)
    run_frame (f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static double
place (Fixture *f)
{
  return gtk_adjustment_get_value (f->adjustment);
}

static double
last_place (Fixture *f)
{
  return gtk_adjustment_get_upper (f->adjustment) - gtk_adjustment_get_page_size (f->adjustment);
}

static gboolean
on_impatient (gpointer data)
{
  gboolean *over = data;

  *over = TRUE;
  return G_SOURCE_REMOVE;
}

/* Types @key, and waits until the list stands elsewhere or the keyboard is in another row. */
static void
type (Fixture *f, const char *key)
{
  const char *argv[] = { "xdotool", "key", key, NULL };
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (f->window));
  double before = place (f);
  g_autoptr (GError) error = NULL;
  gboolean over = FALSE;
  guint timeout = g_timeout_add_seconds (PATIENCE, on_impatient, &over);

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  while (!over && ABS (place (f) - before) < 1 && gtk_window_get_focus (GTK_WINDOW (f->window)) == focus)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (over);
  g_source_remove (timeout);
  /* The list scrolls to a row after it has given the keyboard to it. */
  run_frame (f);
  run_frame (f);
}

static void
test_all_is_seen (Fixture *f, gconstpointer data)
{
  const Walk *walk = data;
  guint n = G_N_ELEMENTS (heights) - 1;
  double page = gtk_adjustment_get_page_size (f->adjustment);
  guint typed = 0;

  g_assert_cmpfloat (page, ==, 400);
  gtk_widget_activate_action (f->list, "list.scroll-to-item", "u", walk->upwards ? n - 1 : 0);
  while (walk->upwards && place (f) < last_place (f) - 1)
    run_frame (f);
  gtk_widget_grab_focus (walk->upwards ? gtk_widget_get_last_child (f->list)
                                       : gtk_widget_get_first_child (f->list));
  while (walk->upwards ? place (f) >= 1 : place (f) < last_place (f) - 1)
    {
      double before = place (f);

      g_assert_cmpuint (typed++, <, 1000);
      type (f, walk->key);
      g_test_message ("%s %u: %.0f", walk->key, typed, place (f));
      g_assert_cmpfloat (walk->upwards ? before - place (f) : place (f) - before, >=, 0);
      g_assert_cmpfloat (ABS (place (f) - before), <=, page);
    }
  g_assert_cmpuint (typed, >=, (guint) (last_place (f) / page));
}

int
main (int argc, char **argv)
{
  static const Walk walks[] = {
    { "Page_Up", TRUE }, { "Up", TRUE }, { "Page_Down", FALSE }, { "Down", FALSE }, { "KP_Page_Up", TRUE },
  };

  g_test_init (&argc, &argv, NULL);
  adw_init ();
  for (gsize i = 0; i < G_N_ELEMENTS (walks); i++)
    {
      g_autofree char *path = g_strdup_printf ("/page-keys/%s", walks[i].key);

      g_test_add (path, Fixture, &walks[i], set_up, test_all_is_seen, tear_down);
    }
  return g_test_run ();
}
