/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * "History" in the sidebar's pages, from the list of rooms into a room and back, with a real
 * account on the test homeserver.
 */

#include "config.h"

#include "ui/history-window.h"

#include "ui/history/ks-history-page.h"
#include "ui/history/ks-message-row.h"
#include "ui/history/ks-room-row.h"
#include "ui/history/ks-timeline-view.h"

static const char *
open_page (HistoryWindow *f)
{
  return history_window_stage (MAIN (f, "pages"));
}

static const char *
row_text (HistoryWindow *f, int i, const char *name)
{
  return gtk_label_get_label (history_window_part (history_window_row (f, i), KS_TYPE_ROOM_ROW, name));
}

static GtkAdjustment *
adjustment (HistoryWindow *f)
{
  return gtk_scrolled_window_get_vadjustment (VIEW (f, "scroller"));
}

static guint
n_rows (HistoryWindow *f)
{
  return g_list_model_get_n_items (G_LIST_MODEL (gtk_list_view_get_model (VIEW (f, "list"))));
}

static gboolean
is_at_end (HistoryWindow *f)
{
  GtkAdjustment *a = adjustment (f);

  return gtk_adjustment_get_upper (a) > gtk_adjustment_get_page_size (a)
         && gtk_adjustment_get_value (a) + gtk_adjustment_get_page_size (a)
                >= gtk_adjustment_get_upper (a) - 1;
}

static void
say_many (HistoryWindow *f, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *body = g_strdup_printf ("message %u", i);

      g_free (history_say (&f->history, body));
    }
}

static void
test_rooms_say_how_much_can_be_read (HistoryWindow *f, gconstpointer data)
{
  history_put_key (&f->history, 2, KS_ROOM_KEY_BACKUP);
  say_many (f, 8);
  history_window_open (f);
  history_window_until_surveyed (f, 1);
  g_assert_null (history_window_row (f, 1));
  g_assert_cmpstr (row_text (f, 0, "name"), ==, "A room");
  g_assert_cmpstr (row_text (f, 0, "share"), ==, "6 of the newest 8 messages readable");
  g_assert_cmpstr (row_text (f, 0, "percent"), ==, "75%");
  g_assert_cmpfloat (gtk_level_bar_get_value (
                         history_window_part (history_window_row (f, 0), KS_TYPE_ROOM_ROW, "bar")),
                     ==, 0.75);
}

/* What was counted before they came is not what is so now. */
static void
test_keys_that_arrive_change_the_share (HistoryWindow *f, gconstpointer data)
{
  say_many (f, 3);
  history_window_open (f);
  history_window_until_surveyed (f, 1);
  g_assert_cmpstr (row_text (f, 0, "share"), ==, "0 of the newest 3 messages readable");
  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  ks_history_page_look_again (MAIN (f, "history_page"));
  while (!g_str_equal (row_text (f, 0, "share"), "3 of the newest 3 messages readable"))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (row_text (f, 0, "percent"), ==, "100%");
}

/* Of one room one thing is said, in the list and in the room, however much of it was looked at. */
static void
test_room_and_list_say_the_same (HistoryWindow *f, gconstpointer data)
{
  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  say_many (f, 60);
  history_window_open (f);
  history_window_until_surveyed (f, 1);
  g_assert_cmpstr (row_text (f, 0, "share"), ==, "50 of the newest 50 messages readable");
  history_window_open_room (f);
  while (!is_at_end (f))
    g_main_context_iteration (NULL, TRUE);
  ks_timeline_scroll_let_go (ks_timeline_view_get_scroll (MAIN (f, "timeline_view")));
  while (!g_str_equal (adw_window_title_get_subtitle (MAIN (f, "page_title")), "All 60 messages readable"))
    {
      gtk_adjustment_set_value (adjustment (f), 0);
      g_main_context_iteration (NULL, TRUE);
    }
  ks_main_view_go_back (f->view);
  g_assert_cmpstr (row_text (f, 0, "share"), ==, "All 60 messages readable");
}

/* The latest first; what is not encrypted is not there. */
static void
test_rooms_stand_in_order (HistoryWindow *f, gconstpointer data)
{
  g_autofree char *quiet = history_make_room (&f->history, "Another room");
  g_autofree char *open =
      hs_fixture_request (f->history.engine.server, "POST", "/_matrix/client/v3/createRoom",
                          f->history.engine.observer, "{\"name\":\"Open\"}", NULL);

  g_assert_nonnull (quiet);
  g_assert_nonnull (open);
  say_many (f, 1);
  history_window_open (f);
  history_window_until_surveyed (f, 1);
  while (history_window_row (f, 1) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (row_text (f, 0, "name"), ==, "A room");
  g_assert_cmpstr (row_text (f, 1, "name"), ==, "Another room");
  while (!g_str_equal (row_text (f, 1, "share"), "No messages"))
    {
      g_assert_cmpstr (row_text (f, 1, "share"), ==, "Not looked at yet");
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_null (history_window_row (f, 2));
}

static void
leave_room (HistoryWindow *f)
{
  g_autofree char *path = g_strdup_printf ("/_matrix/client/v3/rooms/%s/leave", f->history.room_id);

  g_free (
      hs_fixture_request (f->history.engine.server, "POST", path, f->history.engine.observer, "{}", NULL));
}

static void
test_no_rooms_is_a_page_of_its_own (HistoryWindow *f, gconstpointer data)
{
  leave_room (f);
  history_window_open (f);
  g_assert_cmpstr (history_window_stage (PAGE (f, "stages")), !=, "empty");
  history_window_until_stage (PAGE (f, "stages"), "empty");
  g_assert_null (history_window_row (f, 0));
}

static void
test_failure_can_be_tried_again (HistoryWindow *f, gconstpointer data)
{
  leave_room (f);
  hs_fixture_rule (f->history.engine.server,
                   "{\"path\":\"joined_rooms\",\"times\":1,\"action\":\"answer\",\"status\":403,"
                   "\"body\":\"{\\\"errcode\\\":\\\"M_FORBIDDEN\\\"}\"}");
  history_window_open (f);
  /* What was known before stays, with a word. */
  while (!gtk_widget_get_visible (PAGE (f, "trouble")))
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (history_window_row (f, 0));
  gtk_widget_activate_action (MAIN (f, "history_page"), "history.retry", NULL);
  g_assert_false (gtk_widget_get_visible (PAGE (f, "trouble")));
  history_window_until_stage (PAGE (f, "stages"), "empty");
}

static void
test_locked_session_is_led_to_unlocking (HistoryWindow *f, gconstpointer data)
{
  EngineFixture *engine = &f->history.engine;

  g_clear_object (&f->history.timeline);
  ks_secret_unref (engine_set_up_whole (engine));
  engine_reinstall (engine);
  g_assert_cmpint (engine_refresh (engine), ==, KS_RECOVERY_LOCKED);
  history_window_open (f);
  history_window_until_stage (PAGE (f, "stages"), "rooms");
  g_assert_true (gtk_widget_get_visible (PAGE (f, "unlock_button")));
  g_assert_false (gtk_widget_get_visible (PAGE (f, "restore_button")));
  g_assert_cmpstr (gtk_actionable_get_action_name (GTK_ACTIONABLE (PAGE (f, "unlock_button"))), ==,
                   "win.restore");
  /* The sidebar says so too, also to somebody who does not see the sign in it. */
  g_assert_true (gtk_widget_get_visible (MAIN (f, "security_warning")));
  g_assert_null (
      gtk_test_accessible_check_property (GTK_ACCESSIBLE (
                                              gtk_list_box_get_row_at_index (MAIN (f, "sidebar_list"), 1)),
                                          GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "Needs Attention"));
}

static void
until_keyboard_is_in_the_list (HistoryWindow *f)
{
  GtkWidget *focus;

  while ((focus = gtk_window_get_focus (GTK_WINDOW (f->window))) == NULL
         || !gtk_widget_is_ancestor (focus, VIEW (f, "list")))
    g_main_context_iteration (NULL, TRUE);
}

static void
test_room_opens_at_its_newest_message (HistoryWindow *f, gconstpointer data)
{
  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  say_many (f, 40);
  history_window_open (f);
  history_window_open_room (f);
  history_window_until_stage (VIEW (f, "stages"), "messages");
  while (n_rows (f) < 40 || !is_at_end (f))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (adw_window_title_get_title (MAIN (f, "page_title")), ==, "A room");
  while (!g_str_equal (adw_window_title_get_subtitle (MAIN (f, "page_title")), "All 40 messages readable"))
    g_main_context_iteration (NULL, TRUE);
  /* The keyboard is where the eyes are. */
  until_keyboard_is_in_the_list (f);
}

static void
test_back_leads_to_the_rooms (HistoryWindow *f, gconstpointer data)
{
  say_many (f, 1);
  history_window_open (f);
  g_assert_false (gtk_widget_get_visible (MAIN (f, "back_button")));
  history_window_open_room (f);
  g_assert_true (gtk_widget_get_visible (MAIN (f, "back_button")));
  ks_main_view_go_back (f->view);
  g_assert_cmpstr (open_page (f), ==, "history");
  g_assert_false (gtk_widget_get_visible (MAIN (f, "back_button")));
  g_assert_cmpstr (adw_window_title_get_title (MAIN (f, "page_title")), ==, "History");
  g_assert_cmpstr (adw_window_title_get_subtitle (MAIN (f, "page_title")), ==, "");
  /* A page behind another is none to begin with. */
  ks_main_view_show_page (f->view, "timeline");
  g_assert_cmpstr (open_page (f), ==, "history");
}

/* Not to the top, from where somebody without a mouse would have to go down again. */
static void
test_back_leads_to_the_room_that_was_read (HistoryWindow *f, gconstpointer data)
{
  g_autofree char *quiet = history_make_room (&f->history, "Another room");

  g_assert_nonnull (quiet);
  say_many (f, 1);
  history_window_open (f);
  history_window_until_surveyed (f, 1);
  while (history_window_row (f, 1) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (gtk_widget_activate (GTK_WIDGET (history_window_row (f, 1))));
  g_assert_cmpstr (open_page (f), ==, "timeline");
  ks_main_view_go_back (f->view);
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (f->window)) == GTK_WIDGET (history_window_row (f, 1)));
}

/* With what came before, and from where it stopped. */
static void
test_page_that_fails_can_be_tried_again (HistoryWindow *f, gconstpointer data)
{
  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  say_many (f, 3);
  history_window_open (f);
  history_window_until_surveyed (f, 1);
  hs_fixture_rule (f->history.engine.server,
                   "{\"path\":\"/messages\",\"times\":1,\"action\":\"answer\",\"status\":403,"
                   "\"body\":\"{\\\"errcode\\\":\\\"M_FORBIDDEN\\\"}\"}");
  history_window_open_room (f);
  history_window_until_stage (VIEW (f, "stages"), "failed");
  gtk_widget_activate_action (MAIN (f, "timeline_view"), "timeline.retry", NULL);
  history_window_until_stage (VIEW (f, "stages"), "messages");
  while (n_rows (f) < 3)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n_rows (f), ==, 3);
}

gboolean __real_ks_timeline_get_has_newer (KsTimeline *timeline);
gboolean __wrap_ks_timeline_get_has_newer (KsTimeline *timeline);

/* It takes 20,000 messages until a timeline lets go of its newest ones. */
static gboolean newest_are_gone;

gboolean
__wrap_ks_timeline_get_has_newer (KsTimeline *timeline)
{
  return newest_are_gone || __real_ks_timeline_get_has_newer (timeline);
}

static void
test_newest_come_back_after_an_older_page_that_failed (HistoryWindow *f, gconstpointer data)
{
  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  say_many (f, 110);
  history_window_open (f);
  history_window_open_room (f);
  while (n_rows (f) < 50)
    g_main_context_iteration (NULL, TRUE);
  hs_fixture_rule (f->history.engine.server,
                   "{\"path\":\"/messages\",\"times\":1,\"action\":\"answer\",\"status\":403,"
                   "\"body\":\"{\\\"errcode\\\":\\\"M_FORBIDDEN\\\"}\"}");
  ks_timeline_scroll_let_go (ks_timeline_view_get_scroll (MAIN (f, "timeline_view")));
  gtk_adjustment_set_value (adjustment (f), 0);
  while (!gtk_widget_get_visible (VIEW (f, "trouble")))
    g_main_context_iteration (NULL, TRUE);
  newest_are_gone = TRUE;
  gtk_widget_activate_action (MAIN (f, "timeline_view"), "timeline.newest", NULL);
  newest_are_gone = FALSE;
  g_assert_cmpstr (history_window_stage (VIEW (f, "stages")), ==, "loading");
  history_window_until_stage (VIEW (f, "stages"), "messages");
  while (n_rows (f) < 50)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (gtk_widget_get_visible (VIEW (f, "trouble")));
}

static void
use_style (void)
{
  g_autoptr (GtkCssProvider) style = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (style, RESOURCES "/style.css");
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (style),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

/* It is two pixels wide, inside the row. */
static void
test_ring_of_the_keyboard_leaves_the_text_alone (HistoryWindow *f, gconstpointer data)
{
  g_autoptr (GListModel) rows = NULL;
  guint n = 0;

  use_style ();
  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  say_many (f, 5);
  history_window_open (f);
  history_window_open_room (f);
  until_keyboard_is_in_the_list (f);
  /* A newer GTK than 4.8 makes the others in later frames. */
  rows = gtk_widget_observe_children (VIEW (f, "list"));
  while (g_list_model_get_n_items (rows) < 5)
    g_main_context_iteration (NULL, TRUE);
  for (GtkWidget *row = gtk_widget_get_first_child (VIEW (f, "list")); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    {
      GtkWidget *message = gtk_widget_get_first_child (row);
      graphene_rect_t ring, bounds;

      g_assert_true (gtk_widget_compute_bounds (row, row, &ring));
      graphene_rect_inset (&ring, 3, 3);
      g_assert_true (gtk_widget_compute_bounds (history_window_part (message, KS_TYPE_MESSAGE_ROW, "body"),
                                                row, &bounds));
      g_assert_true (graphene_rect_contains_rect (&ring, &bounds));
      n++;
    }
  g_assert_cmpuint (n, ==, 5);
}

/* NULL: the keyboard is in none. */
static const char *
message_with_the_keyboard (HistoryWindow *f)
{
  KsMessageRow *message = ks_message_row_find (gtk_window_get_focus (GTK_WINDOW (f->window)));

  return message != NULL
             ? ks_timeline_item_get_event_id (ks_timeline_row_get_item (ks_message_row_get_row (message)))
             : NULL;
}

/* A reader who has gone up does not want to go there again. */
static void
test_keyboard_comes_back_to_its_message (HistoryWindow *f, gconstpointer data)
{
  g_autofree char *read = NULL;
  GtkWidget *row;

  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  say_many (f, 5);
  read = history_say (&f->history, "this one");
  say_many (f, 35);
  history_window_open (f);
  history_window_open_room (f);
  until_keyboard_is_in_the_list (f);
  while (n_rows (f) < 41)
    g_main_context_iteration (NULL, TRUE);
  for (row = gtk_widget_get_first_child (VIEW (f, "list"));
       g_strcmp0 (message_with_the_keyboard (f), read) != 0; row = gtk_widget_get_next_sibling (row))
    gtk_widget_grab_focus (row);
  /* The button that has it meanwhile in the app is not there for the test. */
  for (int i = 0; i < 2; i++)
    {
      ks_main_view_refresh (f->view);
      g_assert_null (gtk_window_get_focus (GTK_WINDOW (f->window)));
    }
  until_keyboard_is_in_the_list (f);
  g_assert_cmpstr (message_with_the_keyboard (f), ==, read);
  while (is_at_end (f))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (message_with_the_keyboard (f), ==, read);
}

/* It is not here any more; and not to be taken away from elsewhere. */
static void
test_keyboard_goes_to_the_newest_or_stays_away (HistoryWindow *f, gconstpointer data)
{
  g_autofree char *newest = NULL;

  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  g_free (history_say (&f->history, "old"));
  history_window_open (f);
  history_window_open_room (f);
  until_keyboard_is_in_the_list (f);
  say_many (f, 60);
  newest = history_say (&f->history, "new");
  ks_main_view_refresh (f->view);
  until_keyboard_is_in_the_list (f);
  g_assert_cmpstr (message_with_the_keyboard (f), ==, newest);
  gtk_widget_child_focus (MAIN (f, "sidebar_list"), GTK_DIR_TAB_FORWARD);
  ks_main_view_refresh (f->view);
  g_assert_true (
      gtk_widget_is_ancestor (gtk_window_get_focus (GTK_WINDOW (f->window)), MAIN (f, "sidebar_list")));
  while (n_rows (f) < 50 || !is_at_end (f))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (
      gtk_widget_is_ancestor (gtk_window_get_focus (GTK_WINDOW (f->window)), MAIN (f, "sidebar_list")));
}

/* Away before the answer: nobody waits for it. */
static void
test_room_that_is_left_is_let_go (HistoryWindow *f, gconstpointer data)
{
  say_many (f, 1);
  history_window_open (f);
  history_window_until_surveyed (f, 1);
  hs_fixture_rule (f->history.engine.server, "{\"path\":\"/messages\",\"times\":1,\"action\":\"hold\"}");
  history_window_open_room (f);
  g_assert_cmpstr (history_window_stage (VIEW (f, "stages")), ==, "loading");
  ks_main_view_go_back (f->view);
  g_assert_null (gtk_list_view_get_model (VIEW (f, "list")));
  engine_no_rules (&f->history.engine);
  history_window_open_room (f);
  history_window_until_stage (VIEW (f, "stages"), "messages");
}

/* What is said of another account begins at its beginning. */
static void
test_other_account_is_shown_from_the_top (HistoryWindow *f, gconstpointer data)
{
  KsProfile *profile = f->history.engine.profile;
  GtkAdjustment *a;

  history_window_open (f);
  ks_main_view_show_page (f->view, "security");
  gtk_window_set_default_size (GTK_WINDOW (f->window), 900, 300);
  a = gtk_scrolled_window_get_vadjustment (
      GTK_SCROLLED_WINDOW (history_window_find (MAIN (f, "security_page"), GTK_TYPE_SCROLLED_WINDOW)));
  while (gtk_adjustment_get_upper (a) <= gtk_adjustment_get_page_size (a) + 20)
    g_main_context_iteration (NULL, TRUE);
  gtk_adjustment_set_value (a, 20);
  ks_main_view_set_account (f->view, profile, ks_profile_get_account (profile));
  g_assert_cmpfloat (gtk_adjustment_get_value (a), ==, 20);
  ks_main_view_set_account (f->view, NULL, NULL);
  ks_main_view_set_account (f->view, profile, ks_profile_get_account (profile));
  g_assert_cmpfloat (gtk_adjustment_get_value (a), ==, 0);
}

#define ADD(name, test) \
  g_test_add ("/history/" name, HistoryWindow, NULL, history_window_set_up, test, history_window_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("share", test_rooms_say_how_much_can_be_read);
  ADD ("keys-arrive", test_keys_that_arrive_change_the_share);
  ADD ("same-words", test_room_and_list_say_the_same);
  ADD ("order", test_rooms_stand_in_order);
  ADD ("empty", test_no_rooms_is_a_page_of_its_own);
  ADD ("failure", test_failure_can_be_tried_again);
  ADD ("locked", test_locked_session_is_led_to_unlocking);
  ADD ("newest", test_room_opens_at_its_newest_message);
  ADD ("ring", test_ring_of_the_keyboard_leaves_the_text_alone);
  ADD ("keyboard-stays", test_keyboard_comes_back_to_its_message);
  ADD ("keyboard-newest", test_keyboard_goes_to_the_newest_or_stays_away);
  ADD ("back", test_back_leads_to_the_rooms);
  ADD ("back-to-room", test_back_leads_to_the_room_that_was_read);
  ADD ("newest-after-failure", test_newest_come_back_after_an_older_page_that_failed);
  ADD ("page-fails", test_page_that_fails_can_be_tried_again);
  ADD ("left", test_room_that_is_left_is_let_go);
  ADD ("other-account", test_other_account_is_shown_from_the_top);
  return g_test_run ();
}
