/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a message looks like that was written to look like more than one.
 */

#include "ui/history/ks-message-row.h"
#include "ui/history/ks-timeline-rows.h"

#include "engine/history-fixture.h"

typedef struct
{
  HistoryFixture history;
  KsTimelineRows *rows; /* owned */
  GtkWidget *window;
  GtkWidget *shown; /* borrowed */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  history_set_up (&f->history, NULL);
  f->rows = ks_timeline_rows_new (f->history.timeline);
  f->window = gtk_window_new ();
  f->shown = g_object_new (KS_TYPE_MESSAGE_ROW, "valign", GTK_ALIGN_CENTER, NULL);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 600, 400);
  gtk_window_set_child (GTK_WINDOW (f->window), f->shown);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  g_clear_object (&f->rows);
  history_tear_down (&f->history, NULL);
}

static void
show_message (Fixture *f, const char *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsTimelineRow) row = NULL;

  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  g_free (history_say (&f->history, body));
  history_load (&f->history, 0, &error);
  g_assert_no_error (error);
  row = g_list_model_get_item (G_LIST_MODEL (f->rows), 0);
  ks_message_row_set_row (KS_MESSAGE_ROW (f->shown), row);
  gtk_window_present (GTK_WINDOW (f->window));
  while (gtk_widget_get_height (f->shown) == 0)
    g_main_context_iteration (NULL, TRUE);
}

/* What is painted of it, as its parent sees it. */
static void
measure_paint (GtkWidget *widget, graphene_rect_t *bounds)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GskRenderNode *node;

  gtk_widget_snapshot_child (gtk_widget_get_parent (widget), widget, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_nonnull (node);
  gsk_render_node_get_bounds (node, bounds);
  gsk_render_node_unref (node);
}

/* Marks upon marks upon a letter, as high as a page. */
static void
test_message_is_painted_in_its_row_only (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) high = g_string_new ("e");
  graphene_rect_t painted, row;

  for (int i = 0; i < 400; i++)
    g_string_append (high, "\314\201\314\203");
  show_message (f, high->str);
  measure_paint (f->shown, &painted);
  g_assert_true (gtk_widget_compute_bounds (f->shown, gtk_widget_get_parent (f->shown), &row));
  g_assert_true (graphene_rect_contains_rect (&row, &painted));
}

#define ADD(name, test) g_test_add ("/message-paint/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("in-its-row", test_message_is_painted_in_its_row_only);
  return g_test_run ();
}
