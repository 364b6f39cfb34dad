/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A room in the window whose pages hold no messages.
 */

#include "config.h"

#include "ui/history-window.h"

#include "matrix/ks-json.h"
#include "ui/history/ks-timeline-view.h"

#include <string.h>

static void
answer_messages (HistoryWindow *f, guint nth, const char *page)
{
  g_autoptr (GString) rule = g_string_new (NULL);

  g_string_printf (rule,
                   "{\"method\":\"GET\",\"path\":\"/messages\",\"nth\":%u,\"action\":\"answer\",\"body\":",
                   nth);
  g_assert_true (ks_json_append_string (rule, page));
  g_string_append_c (rule, '}');
  hs_fixture_rule (f->history.engine.server, rule->str);
}

/* Comings and goings of a thousand people, say: more than the engine passes over at once. */
static void
test_messages_behind_many_empty_pages_come (HistoryWindow *f, gconstpointer data)
{
  g_free (history_say (&f->history, "the newest"));
  history_window_open (f);
  history_window_until_surveyed (f, 1);
  for (guint i = 1; i < 30; i++)
    {
      g_autofree char *page = g_strdup_printf ("{\"chunk\":[],\"end\":\"e%u\"}", i);

      answer_messages (f, i, page);
    }
  answer_messages (f, 30,
                   "{\"chunk\":[{\"event_id\":\"$a\",\"sender\":\"@a:x\",\"origin_server_ts\":5,"
                   "\"type\":\"m.room.message\",\"content\":{\"msgtype\":\"m.text\",\"body\":\"far up\"}}]}");
  history_window_open_room (f);
  history_window_until_stage (VIEW (f, "stages"), "messages");
  g_assert_cmpstr (adw_window_title_get_subtitle (MAIN (f, "page_title")), ==, "1 message, readable");
}

/* A server can go on with such pages for ever. */
static void
test_empty_pages_end_with_a_question (HistoryWindow *f, gconstpointer data)
{
  const char *text;

  g_free (history_say (&f->history, "the newest"));
  history_window_open (f);
  history_window_until_surveyed (f, 1);
  for (guint i = 1; i <= 200; i++)
    {
      g_autofree char *page = g_strdup_printf ("{\"chunk\":[],\"end\":\"e%u\"}", i);

      answer_messages (f, i, page);
    }
  history_window_open_room (f);
  history_window_until_stage (VIEW (f, "stages"), "failed");
  text = adw_status_page_get_description (VIEW (f, "failed_page"));
  g_assert_nonnull (strstr (text, "no message was in it"));
  gtk_widget_activate_action (VIEW (f, "failed_page"), "timeline.retry", NULL);
  history_window_until_stage (VIEW (f, "stages"), "messages");
}

#define ADD(name, test)                                                               \
  g_test_add ("/empty-pages/" name, HistoryWindow, NULL, history_window_set_up, test, \
              history_window_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("passed-over", test_messages_behind_many_empty_pages_come);
  ADD ("end-with-a-question", test_empty_pages_end_with_a_question);
  return g_test_run ();
}
