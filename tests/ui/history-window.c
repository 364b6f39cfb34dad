/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/history-window.h"

#include "ui/history/ks-history-page.h"
#include "ui/history/ks-room-row.h"
#include "ui/history/ks-timeline-view.h"

gpointer
history_window_part (gpointer widget, GType type, const char *name)
{
  GObject *child = gtk_widget_get_template_child (widget, type, name);

  g_assert_nonnull (child);
  return child;
}

GtkWidget *
history_window_find (GtkWidget *widget, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = history_window_find (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

void
history_window_set_up (HistoryWindow *f, gconstpointer data)
{
  history_set_up (&f->history, NULL);
}

void
history_window_tear_down (HistoryWindow *f, gconstpointer data)
{
  if (f->window != NULL)
    gtk_window_destroy (GTK_WINDOW (f->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  history_tear_down (&f->history, NULL);
}

void
history_window_open (HistoryWindow *f)
{
  KsProfile *profile = f->history.engine.profile;

  ks_account_start (ks_profile_get_account (profile));
  f->window = adw_window_new ();
  f->view = g_object_new (KS_TYPE_MAIN_VIEW, NULL);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 900, 600);
  adw_window_set_content (ADW_WINDOW (f->window), GTK_WIDGET (f->view));
  ks_main_view_set_account (f->view, profile, ks_profile_get_account (profile));
  ks_main_view_show_page (f->view, "history");
  gtk_window_present (GTK_WINDOW (f->window));
}

const char *
history_window_stage (GtkStack *stack)
{
  return gtk_stack_get_visible_child_name (stack);
}

void
history_window_until_stage (gpointer stack, const char *name)
{
  while (!g_str_equal (history_window_stage (stack), name))
    g_main_context_iteration (NULL, TRUE);
}

GtkListBoxRow *
history_window_row (HistoryWindow *f, int i)
{
  return gtk_list_box_get_row_at_index (PAGE (f, "list"), i);
}

void
history_window_until_surveyed (HistoryWindow *f, int n)
{
  history_window_until_stage (PAGE (f, "stages"), "rooms");
  for (int i = 0; i < n; i++)
    while (history_window_row (f, i) == NULL
           || ks_room_get_n_seen (ks_room_row_get_room (KS_ROOM_ROW (history_window_row (f, i)))) == 0)
      g_main_context_iteration (NULL, TRUE);
}

void
history_window_open_room (HistoryWindow *f)
{
  history_window_until_surveyed (f, 1);
  g_assert_true (gtk_widget_activate (GTK_WIDGET (history_window_row (f, 0))));
  g_assert_cmpstr (history_window_stage (MAIN (f, "pages")), ==, "timeline");
}
