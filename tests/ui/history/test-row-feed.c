/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * KsRowFeed and KsTimelineScroll by themselves: whoever only listens to them knows how things are.
 */

#include "ui/history/ks-row-feed.h"

#include "engine/history-fixture.h"
#include "ui/history/ks-timeline-scroll.h"

typedef struct
{
  HistoryFixture history;
  KsTimelineRows *rows; /* owned */
  GtkWidget *window;
  KsRowFeed *feed; /* owned */
  GPtrArray *told; /* owned: the rows, as the feed has told of them; borrowed */
} Fixture;

/* Borrowed: whoever is in it is kept by the rows. */
static KsTimelineRow *
at (Fixture *f, guint position)
{
  KsTimelineRow *row = g_list_model_get_item (G_LIST_MODEL (f->feed), position);

  if (row != NULL)
    g_object_unref (row);
  return row;
}

static void
on_items_changed (GListModel *feed, guint position, guint removed, guint added, Fixture *f)
{
  g_assert_cmpuint (removed + added, >, 0);
  g_assert_cmpuint (position + removed, <=, f->told->len);
  if (removed > 0)
    g_ptr_array_remove_range (f->told, position, removed);
  for (guint i = position; i < position + added; i++)
    g_ptr_array_insert (f->told, (gint) i, at (f, i));
  g_assert_cmpuint (f->told->len, ==, g_list_model_get_n_items (feed));
  for (guint i = 0; i < f->told->len; i++)
    g_assert_true (g_ptr_array_index (f->told, i) == at (f, i));
}

static void
count_up (guint *n)
{
  (*n)++;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  history_set_up (&f->history, NULL);
  f->rows = ks_timeline_rows_new (f->history.timeline);
  f->window = gtk_window_new ();
  f->feed = ks_row_feed_new (f->rows, f->window);
  f->told = g_ptr_array_new ();
  g_signal_connect (f->feed, "items-changed", G_CALLBACK (on_items_changed), f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_object (&f->feed);
  gtk_window_destroy (GTK_WINDOW (f->window));
  g_ptr_array_unref (f->told);
  g_clear_object (&f->rows);
  history_tear_down (&f->history, NULL);
}

static void
load (Fixture *f, guint limit)
{
  g_autoptr (GError) error = NULL;

  history_load (&f->history, limit, &error);
  g_assert_no_error (error);
}

static void
say_many (Fixture *f, guint n)
{
  for (guint i = 0; i < n; i++)
    g_free (history_say (&f->history, "a message"));
}

/* Every message is read by its own row, or, of another session, by none. */
static void
say_some (Fixture *f)
{
  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  say_many (f, 6);
  history_change_session (&f->history);
  say_many (f, 6);
}

static void
run_until_done (Fixture *f)
{
  while (!ks_row_feed_is_done (f->feed))
    g_main_context_iteration (NULL, TRUE);
}

static void
test_nothing_is_there_before_it_was_handed_over (Fixture *f, gconstpointer data)
{
  say_some (f);
  load (f, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->rows)), >, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->feed)), ==, 0);
  g_assert_null (at (f, 0));
  g_assert_null (at (f, G_MAXUINT));
  g_assert_null (ks_row_feed_find (f->feed, 0));
}

static void
test_all_comes_in_order (Fixture *f, gconstpointer data)
{
  guint n;

  say_some (f);
  gtk_window_present (GTK_WINDOW (f->window));
  load (f, 4);
  run_until_done (f);
  load (f, 4);
  run_until_done (f);
  load (f, 100);
  run_until_done (f);
  n = g_list_model_get_n_items (G_LIST_MODEL (f->rows));
  g_assert_cmpuint (f->told->len, ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (KsTimelineRow) row = g_list_model_get_item (G_LIST_MODEL (f->rows), i);
      g_autoptr (KsTimelineRow) found = ks_row_feed_find (f->feed, i);

      g_assert_true (g_ptr_array_index (f->told, i) == row);
      g_assert_true (found == row);
    }
  g_assert_null (ks_row_feed_find (f->feed, 1000));
}

/* Rows become more where a key opens them, among those that are there and those that wait; and
 * all of them go. */
static void
test_changes_on_the_way_are_told (Fixture *f, gconstpointer data)
{
  say_some (f);
  gtk_window_present (GTK_WINDOW (f->window));
  load (f, 100);
  while (f->told->len == 0)
    g_main_context_iteration (NULL, TRUE);
  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  ks_timeline_look_for_keys (f->history.timeline);
  while (f->told->len < 12)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (ks_row_feed_is_done (f->feed));
  ks_timeline_reset (f->history.timeline);
  while (f->told->len > 0)
    g_main_context_iteration (NULL, TRUE);
  load (f, 0);
  run_until_done (f);
  g_assert_cmpuint (f->told->len, ==, 12);
}

/* Without a word from the frames, which go on. */
static void
test_end_on_the_way_is_one (Fixture *f, gconstpointer data)
{
  say_some (f);
  gtk_window_present (GTK_WINDOW (f->window));
  load (f, 100);
  while (f->told->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (ks_row_feed_is_done (f->feed));
  g_clear_object (&f->feed);
  gdk_frame_clock_request_phase (gtk_widget_get_frame_clock (f->window), GDK_FRAME_CLOCK_PHASE_UPDATE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Else nothing leads back to the newest message when the person goes up before it was reached. */
static void
test_list_that_is_let_go_tells_of_it (Fixture *f, gconstpointer data)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *list = gtk_list_view_new (NULL, NULL);
  g_autoptr (KsTimelineScroll) scroll = NULL;
  guint told = 0;

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), list);
  gtk_window_set_child (GTK_WINDOW (f->window), scroller);
  scroll = ks_timeline_scroll_new (GTK_SCROLLED_WINDOW (scroller), GTK_LIST_VIEW (list));
  g_signal_connect_swapped (scroll, "notify::at-end", G_CALLBACK (count_up), &told);
  ks_timeline_scroll_to_end (scroll);
  g_assert_true (ks_timeline_scroll_get_at_end (scroll));
  g_assert_cmpuint (told, ==, 1);
  ks_timeline_scroll_let_go (scroll);
  g_assert_false (ks_timeline_scroll_get_at_end (scroll));
  g_assert_cmpuint (told, ==, 2);
}

#define ADD(name, test) g_test_add ("/row-feed/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  ADD ("waiting", test_nothing_is_there_before_it_was_handed_over);
  ADD ("order", test_all_comes_in_order);
  ADD ("changes", test_changes_on_the_way_are_told);
  ADD ("let-go", test_list_that_is_let_go_tells_of_it);
  ADD ("end", test_end_on_the_way_is_one);
  return g_test_run ();
}
