/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the pages of a room lead: to its start, nowhere, in a circle.
 */

#include "engine/history-fixture.h"

#include "matrix/ks-matrix-error.h"

static guint
n_items (HistoryFixture *f)
{
  return g_list_model_get_n_items (G_LIST_MODEL (f->timeline));
}

static void
load (HistoryFixture *f, guint limit)
{
  g_autoptr (GError) error = NULL;

  history_load (f, limit, &error);
  g_assert_no_error (error);
}

#define MESSAGE(id)                                                                                  \
  "{\"event_id\":\"" id "\",\"sender\":\"@a:x\",\"origin_server_ts\":5,\"type\":\"m.room.message\"," \
  "\"content\":{\"msgtype\":\"m.text\",\"body\":\"" id "\"}}"

/* Each is how some server says that there is nothing older. */
static void
test_room_s_start_is_known_in_each_spelling (HistoryFixture *f, gconstpointer data)
{
  const char *const last_pages[] = {
    "{\"chunk\":[" MESSAGE ("$1") "],\"start\":\"e1\",\"end\":\"e1\"}",
    "{\"chunk\":[" MESSAGE ("$1") "],\"start\":\"e1\",\"end\":\"\"}",
    "{\"chunk\":[" MESSAGE ("$1") "],\"start\":\"e1\",\"end\":null}",
    "{\"chunk\":[" MESSAGE ("$1") "],\"start\":\"e1\"}",
    "{\"chunk\":[],\"end\":\"e1\"}",
    "{\"chunk\":[],\"end\":\"\"}",
    "{\"chunk\":null,\"start\":\"e1\"}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (last_pages); i++)
    {
      hs_fixture_clear_rules (f->engine.server);
      ks_timeline_reset (f->timeline);
      history_answer_messages (f, 1, "{\"chunk\":[" MESSAGE ("$2") "],\"end\":\"e1\"}");
      load (f, 0);
      g_assert_cmpuint (n_items (f), ==, 1);
      g_assert_false (ks_timeline_get_at_start (f->timeline));
      hs_fixture_clear_rules (f->engine.server);
      history_answer_messages (f, 1, last_pages[i]);
      load (f, 0);
      g_assert_true (ks_timeline_get_at_start (f->timeline));
      g_assert_cmpuint (n_items (f), ==, i < 4 ? 2 : 1);
      g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, 0)), ==, i < 4 ? "$1" : "$2");
    }
}

/* So is a room of one page only. */
static void
test_only_page_may_end_in_nothing (HistoryFixture *f, gconstpointer data)
{
  history_answer_messages (f, 1, "{\"chunk\":[" MESSAGE ("$1") "],\"end\":\"\"}");
  load (f, 0);
  g_assert_cmpuint (n_items (f), ==, 1);
  g_assert_true (ks_timeline_get_at_start (f->timeline));
}

/* A server whose every page ends where it began is left, with what it had. */
static void
test_pages_that_end_where_they_begin_end (HistoryFixture *f, gconstpointer data)
{
  g_free (history_say (f, "one"));
  g_free (history_say (f, "two"));
  load (f, 1);
  hs_fixture_persona (f->engine.server, "{\"name\":\"repeats-token\",\"path\":\"/messages\"}");
  load (f, 1);
  g_assert_cmpuint (n_items (f), ==, 2);
  g_assert_true (ks_timeline_get_at_start (f->timeline));
}

/* What the page had is shown, once; then the error; and an honest server goes on from there. */
static void
test_pages_that_lead_in_a_circle_end (HistoryFixture *f, gconstpointer data)
{
  const char *const pages[] = { "{\"chunk\":[" MESSAGE ("$4") "],\"end\":\"e1\"}",
                                "{\"chunk\":[" MESSAGE ("$3") "],\"end\":\"e2\"}",
                                "{\"chunk\":[" MESSAGE ("$2") "],\"end\":\"e1\"}" };

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean last = i == G_N_ELEMENTS (pages) - 1;

      hs_fixture_clear_rules (f->engine.server);
      history_answer_messages (f, 1, pages[i]);
      g_assert_true (history_load (f, 1, &error) != last);
      g_assert_cmpuint (n_items (f), ==, i + 1);
    }
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      hs_fixture_clear_rules (f->engine.server);
      history_answer_messages (f, 1, pages[2]);
      g_assert_false (history_load (f, 1, &error));
      g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
      g_assert_cmpuint (n_items (f), ==, 3);
      g_assert_false (ks_timeline_get_at_start (f->timeline));
    }
  hs_fixture_clear_rules (f->engine.server);
  history_answer_messages (f, 1, "{\"chunk\":[" MESSAGE ("$1") "]}");
  load (f, 1);
  g_assert_cmpuint (n_items (f), ==, 4);
  g_assert_true (ks_timeline_get_at_start (f->timeline));
}

/* Not for ever: the person may ask for more, and comes past them. */
static void
test_empty_pages_without_an_end_are_left_and_gone_on_from (HistoryFixture *f, gconstpointer data)
{
  for (guint i = 0; i < 30; i++)
    {
      g_autofree char *page = i < 29 ? g_strdup_printf ("{\"chunk\":[],\"end\":\"e%u\"}", i)
                                     : g_strdup ("{\"chunk\":[" MESSAGE ("$1") "],\"end\":\"e30\"}");

      history_answer_messages (f, i + 1, page);
    }
  load (f, 0);
  g_assert_cmpuint (n_items (f), ==, 0);
  g_assert_false (ks_timeline_get_at_start (f->timeline));
  /* None of these went past the proxy. */
  g_assert_cmpuint (hs_fixture_count (f->engine.server, "/messages"), ==, 0);
  load (f, 0);
  g_assert_cmpuint (n_items (f), ==, 1);
  g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, 0)), ==, "$1");
}

/* What was read before a page that fails stays, also within one call. */
static void
test_what_came_before_a_failing_page_stays (HistoryFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  history_answer_messages (f, 1, "{\"chunk\":[" MESSAGE ("$2") "],\"end\":\"e1\"}");
  load (f, 1);
  hs_fixture_clear_rules (f->engine.server);
  hs_fixture_rule (f->engine.server, "{\"path\":\"/messages\",\"action\":\"answer\",\"body\":\"[]\"}");
  g_assert_false (history_load (f, 1, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_cmpuint (n_items (f), ==, 1);
  g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, 0)), ==, "$2");
}

/* The note beside a deleted message can be any or none; what is left of it is nothing, or what
 * it related to. */
static void
test_deleted_messages_are_deleted_whatever_is_noted (HistoryFixture *f, gconstpointer data)
{
  const char *const rests[] = {
    "\"content\":{},\"unsigned\":{\"redacted_because\":{\"content\":{}}}",
    "\"content\":{},\"unsigned\":{\"redacted_because\":{}}",
    "\"content\":{},\"unsigned\":{\"redacted_because\":true}",
    "\"content\":{},\"unsigned\":{\"redacted_because\":null}",
    "\"content\":{},\"unsigned\":{\"redacted_by\":\"$9\"}",
    "\"content\":{},\"unsigned\":{\"redacted_by\":7}",
    "\"content\":{},\"unsigned\":[]",
    "\"content\":{}",
    "\"content\":{\"m.relates_to\":{\"rel_type\":\"m.thread\"}}",
    "\"content\":null,\"unsigned\":{\"redacted_because\":{}}",
    "\"unsigned\":{\"redacted_by\":\"$9\"}",
  };
  const char *const types[] = { "m.room.encrypted", "m.room.message", "m.sticker" };
  const guint n = G_N_ELEMENTS (rests) * G_N_ELEMENTS (types);
  g_autoptr (GString) page = g_string_new ("{\"chunk\":[");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (page,
                            "%s{\"event_id\":\"$%u\",\"sender\":\"@a:x\",\"origin_server_ts\":5,"
                            "\"type\":\"%s\",%s}",
                            i > 0 ? "," : "", i, types[i % G_N_ELEMENTS (types)],
                            rests[i / G_N_ELEMENTS (types)]);
  g_string_append (page, "]}");
  history_answer_messages (f, 1, page->str);
  load (f, 0);
  g_assert_cmpuint (n_items (f), ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (ks_timeline_item_get_kind (history_item (f, i)), ==, KS_TIMELINE_REDACTED);
  g_assert_cmpuint (ks_timeline_get_n_unreadable (f->timeline), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/timeline-pages/" name, HistoryFixture, NULL, history_set_up, function, history_tear_down)
  ADD ("start", test_room_s_start_is_known_in_each_spelling);
  ADD ("start/only-page", test_only_page_may_end_in_nothing);
  ADD ("start/liar", test_pages_that_end_where_they_begin_end);
  ADD ("circle", test_pages_that_lead_in_a_circle_end);
  ADD ("empty", test_empty_pages_without_an_end_are_left_and_gone_on_from);
  ADD ("failing", test_what_came_before_a_failing_page_stays);
  ADD ("deleted", test_deleted_messages_are_deleted_whatever_is_noted);
#undef ADD
  return g_test_run ();
}
