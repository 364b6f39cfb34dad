/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A long room read from its end to its beginning, a page after the other: the reader's place
 * stays, and what is on the screen stays bounded. How long the window stood still meanwhile is
 * printed, for people: no machine that tests share keeps a time. 1,000 messages; 10,000 with
 * KEEPSAKE_LONG.
 */

#include "ui/history/ks-timeline-view.h"

#include "engine/history-fixture.h"
#include "ui/history/ks-message-row.h"
#include "ui/history/ks-timeline-scroll.h"

#include <time.h>

/* GTK keeps 200 rows, and some of those that were just on the screen. */
#define MOST_WIDGETS 260

typedef struct
{
  HistoryFixture history;
  GtkWidget *window;
  KsTimelineView *view;
  GtkWidget *list; /* borrowed */
  GtkAdjustment *adjustment;
  guint frames;
} Fixture;

/* --- slices of the main loop --- */

/* Of microseconds, from one poll to the next, of CPU time: what others do on the machine does
 * not count. */
static GArray *slices;
static gint64 began;

static gint64
cpu_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static gint
poll_and_time (GPollFD *fds, guint n, gint timeout)
{
  gint64 took = cpu_time () - began;
  gint result;

  g_array_append_val (slices, took);
  result = g_poll (fds, n, timeout);
  began = cpu_time ();
  return result;
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  const gint64 *one = a;
  const gint64 *other = b;

  return *one < *other ? -1 : *one > *other;
}

static double
slice (guint i)
{
  return (double) g_array_index (slices, gint64, i) / 1000;
}

/* And begins anew. */
static void
tell_slices (const char *what)
{
  guint over = 0;

  g_array_sort (slices, compare);
  for (guint i = 0; i < slices->len; i++)
    over += slice (i) > 16;
  g_assert_cmpuint (slices->len, >, 0);
  g_test_message ("%s: longest slice %.1f ms, 99 of 100 below %.1f ms, %u of %u above 16 ms", what,
                  slice (slices->len - 1), slice (slices->len * 99 / 100), over, slices->len);
  g_array_set_size (slices, 0);
}

/* --- the room --- */

static void
set_up (Fixture *f, gconstpointer data)
{
  history_set_up (&f->history, NULL);
  slices = g_array_new (FALSE, FALSE, sizeof (gint64));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_main_context_set_poll_func (NULL, NULL);
  g_array_unref (slices);
  gtk_window_destroy (GTK_WINDOW (f->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  history_tear_down (&f->history, NULL);
}

/* From a word to ten lines; some are formatted, some are files. */
static char *
make_content (guint i)
{
  g_autoptr (GString) body = g_string_new (NULL);

  g_string_printf (body, "message %u:", i);
  for (guint j = 0; j < i * 7 % 60; j++)
    g_string_append (body, j % 11 == 10 ? " somewhat longer words" : " and on");
  if (i % 10 == 7)
    return g_strdup_printf ("{\"msgtype\":\"m.image\",\"body\":\"%u.png\",\"info\":{\"size\":1234567},"
                            "\"url\":\"mxc://localhost/nothing\"}",
                            i);
  if (i % 10 == 3)
    return g_strdup_printf ("{\"msgtype\":\"m.text\",\"body\":\"%s\",\"format\":\"org.matrix.custom.html\","
                            "\"formatted_body\":\"<p><b>bold</b> <i>%s</i></p><ul><li>one<li>two</ul>\"}",
                            body->str, body->str);
  return history_text (body->str);
}

static void
exchange (Sender *a, Sender *b)
{
  Sender before = *a;

  *a = *b;
  *b = before;
}

static void
say_all (Fixture *f, guint n)
{
  Sender other;

  /* A session is of one person's device. */
  sender_init (&other);
  for (int person = 0; person < 2; person++)
    {
      history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
      exchange (&f->history.session, &other);
    }
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *content = make_content (i);
      gboolean is_bob = i / 3 % 2 == 1;

      if (is_bob)
        exchange (&f->history.session, &other);
      g_free (history_seal (&f->history, is_bob ? f->history.bob : NULL, content, NULL));
      if (is_bob)
        exchange (&f->history.session, &other);
    }
  sender_clear (&other);
}

static guint
n_rows (Fixture *f)
{
  return g_list_model_get_n_items (G_LIST_MODEL (gtk_list_view_get_model (GTK_LIST_VIEW (f->list))));
}

static gpointer
part (Fixture *f, const char *name)
{
  GObject *child = gtk_widget_get_template_child (GTK_WIDGET (f->view), KS_TYPE_TIMELINE_VIEW, name);

  g_assert_nonnull (child);
  return child;
}

static void
on_painted (Fixture *f)
{
  f->frames++;
}

static void
run_frames (Fixture *f, guint n)
{
  guint end = f->frames + n;

  while (f->frames < end)
    {
      gdk_frame_clock_request_phase (gtk_widget_get_frame_clock (f->window), GDK_FRAME_CLOCK_PHASE_PAINT);
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
open_room (Fixture *f)
{
  f->window = gtk_window_new ();
  f->view = g_object_new (KS_TYPE_TIMELINE_VIEW, NULL);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 700, 600);
  gtk_window_set_child (GTK_WINDOW (f->window), GTK_WIDGET (f->view));
  ks_timeline_view_set_account (f->view, ks_profile_get_account (f->history.engine.profile));
  gtk_window_present (GTK_WINDOW (f->window));
  g_signal_connect_swapped (gtk_widget_get_frame_clock (f->window), "after-paint", G_CALLBACK (on_painted),
                            f);
  run_frames (f, 3);
  f->list = part (f, "list");
  f->adjustment = gtk_scrolled_window_get_vadjustment (part (f, "scroller"));
  g_main_context_set_poll_func (NULL, poll_and_time);
  began = cpu_time ();
  ks_timeline_view_open (f->view, ks_rooms_find (f->history.rooms, f->history.room_id));
}

/* --- the reader's place --- */

typedef struct
{
  KsTimelineRow *row; /* owned */
  float y;
} Place;

static guint
n_widgets (Fixture *f)
{
  guint n = 0;

  for (GtkWidget *item = gtk_widget_get_first_child (f->list); item != NULL;
       item = gtk_widget_get_next_sibling (item))
    n++;
  return n;
}

/* Where @row is on the screen, or, without one, the first that is. */
static void
find_place (Fixture *f, KsTimelineRow *row, Place *place)
{
  for (GtkWidget *item = gtk_widget_get_first_child (f->list); item != NULL;
       item = gtk_widget_get_next_sibling (item))
    {
      GtkWidget *child = gtk_widget_get_first_child (item);
      graphene_rect_t bounds;

      if (child == NULL || !gtk_widget_compute_bounds (child, part (f, "scroller"), &bounds)
          || (row != NULL ? ks_message_row_get_row (KS_MESSAGE_ROW (child)) != row
                          : bounds.origin.y < 0 || bounds.size.height < 1))
        continue;
      place->row = g_object_ref (ks_message_row_get_row (KS_MESSAGE_ROW (child)));
      place->y = bounds.origin.y;
      return;
    }
  g_assert_not_reached ();
}

/* Up to where a page is asked for, and until it is there. */
static void
read_on (Fixture *f, guint n)
{
  Place before, after;

  gtk_adjustment_set_value (f->adjustment, 100);
  run_frames (f, 2);
  find_place (f, NULL, &before);
  g_array_set_size (slices, 0);
  while (n_rows (f) < n)
    {
      run_frames (f, 1);
      find_place (f, before.row, &after);
      g_assert_cmpfloat_with_epsilon (before.y, after.y, 2);
      g_object_unref (after.row);
    }
  run_frames (f, 2);
  find_place (f, before.row, &after);
  g_assert_cmpfloat_with_epsilon (before.y, after.y, 2);
  g_object_unref (after.row);
  g_object_unref (before.row);
  g_assert_cmpuint (n_widgets (f), <=, MOST_WIDGETS);
}

static void
test_place_stays_while_all_is_read (Fixture *f, gconstpointer data)
{
  guint n = g_getenv ("KEEPSAKE_LONG") != NULL ? 10000 : 1000;
  GArray *longest = g_array_new (FALSE, FALSE, sizeof (gint64));

  say_all (f, n);
  open_room (f);
  while (n_rows (f) < 50)
    run_frames (f, 1);
  run_frames (f, 2);
  tell_slices ("first page");
  ks_timeline_scroll_let_go (ks_timeline_view_get_scroll (f->view));
  for (guint here = 100; here <= n; here += 50)
    {
      read_on (f, here);
      g_array_sort (slices, compare);
      g_array_append_val (longest, g_array_index (slices, gint64, slices->len - 1));
    }
  g_assert_cmpuint (n_rows (f), ==, n);
  g_array_unref (slices);
  slices = longest;
  tell_slices ("longest of each further page");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add ("/long-timeline/place", Fixture, NULL, set_up, test_place_stays_while_all_is_read, tear_down);
  return g_test_run ();
}
