/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What becomes one row of a timeline, what stands above it, and how a row shows it.
 */

#include "ui/history/ks-day.h"
#include "ui/history/ks-message-row.h"
#include "ui/history/ks-message-text.h"
#include "ui/history/ks-proof-line.h"
#include "ui/history/ks-timeline-rows.h"

#include "engine/history-fixture.h"
#include "ui/history/ks-unreadable-card.h"

#include <string.h>

typedef struct
{
  HistoryFixture history;
  KsTimelineRows *rows; /* owned */
  GtkWidget *window;
  KsMessageRow *shown; /* of the row that was asked for last */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  history_set_up (&f->history, NULL);
  f->rows = ks_timeline_rows_new (f->history.timeline);
  f->window = gtk_window_new ();
  f->shown = g_object_new (KS_TYPE_MESSAGE_ROW, NULL);
  gtk_window_set_child (GTK_WINDOW (f->window), GTK_WIDGET (f->shown));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
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

static guint
n_rows (Fixture *f)
{
  return g_list_model_get_n_items (G_LIST_MODEL (f->rows));
}

/* Borrowed. */
static KsTimelineRow *
row (Fixture *f, guint i)
{
  g_autoptr (KsTimelineRow) found = g_list_model_get_item (G_LIST_MODEL (f->rows), i);

  g_assert_nonnull (found);
  return found;
}

static const KsTimelineRowLook *
look (Fixture *f, guint i)
{
  return ks_timeline_row_get_look (row (f, i));
}

static gpointer
part (Fixture *f, const char *name)
{
  GObject *child = gtk_widget_get_template_child (GTK_WIDGET (f->shown), KS_TYPE_MESSAGE_ROW, name);

  g_assert_nonnull (child);
  return child;
}

static const char *
text (Fixture *f, const char *name)
{
  return gtk_label_get_text (part (f, name));
}

static gboolean
visible (Fixture *f, const char *name)
{
  return gtk_widget_get_visible (part (f, name));
}

static gboolean
has_tooltip (gpointer widget)
{
  g_autoptr (GObject) tooltip = g_object_new (GTK_TYPE_TOOLTIP, NULL);
  gboolean shown = FALSE;

  g_signal_emit_by_name (widget, "query-tooltip", 0, 0, FALSE, tooltip, &shown);
  return shown;
}

static void
show (Fixture *f, guint i)
{
  ks_message_row_set_row (f->shown, row (f, i));
}

static void
say_as (Fixture *f, const char *token, const char *body)
{
  g_autofree char *content = history_text (body);

  g_free (history_seal (&f->history, token, content, NULL));
}

/* One session's key is never here. */
static void
say_unreadably (Fixture *f, const char *token, guint n)
{
  Sender known = f->history.session;

  sender_init (&f->history.session);
  for (guint i = 0; i < n; i++)
    say_as (f, token, "not for this session");
  sender_clear (&f->history.session);
  f->history.session = known;
}

static void
test_unreadable_ones_are_one_row (Fixture *f, gconstpointer data)
{
  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  say_as (f, NULL, "before");
  say_unreadably (f, NULL, 3);
  say_unreadably (f, f->history.bob, 11);
  say_as (f, NULL, "after");
  load (f, 0);
  g_assert_cmpuint (n_rows (f), ==, 3);
  g_assert_cmpuint (look (f, 1)->n, ==, 14);
  g_assert_true (look (f, 1)->several);
  g_assert_cmpstr (look (f, 1)->names, ==, "alice, bob");
  show (f, 1);
  g_assert_false (visible (f, "body"));
  g_assert_false (visible (f, "mark"));
  g_assert_false (has_tooltip (part (f, "name")));
  show (f, 2);
  g_assert_cmpstr (text (f, "body"), ==, "after");
}

/* Fault F42. Where it is so of all of them a sign on each says nothing. */
static void
test_who_is_not_proven_is_told_where_others_are (Fixture *f, gconstpointer data)
{
  g_autoptr (KsProofLine) line = g_object_ref_sink (g_object_new (KS_TYPE_PROOF_LINE, NULL));

  ks_proof_line_set_rows (line, f->rows);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (line)));
  history_put_key (&f->history, 0, KS_ROOM_KEY_DIRECT);
  say_as (f, NULL, "sent to this session");
  history_change_session (&f->history);
  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  say_as (f, NULL, "restored");
  load (f, 1);
  show (f, 0);
  g_assert_false (visible (f, "mark"));
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (line)));
  load (f, 1);
  g_assert_cmpint (ks_timeline_rows_get_proof (f->rows), ==, KS_TIMELINE_PROOF_OF_SOME);
  g_assert_true (look (f, 1)->begins_run);
  g_assert_cmpstr (text (f, "body"), ==, "restored");
  g_assert_true (visible (f, "mark"));
  g_assert_cmpstr (gtk_image_get_icon_name (part (f, "mark")), ==, KS_PROOF_LINE_ICON);
  g_assert_null (gtk_test_accessible_check_property (part (f, "mark"), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                                     "It isn't proven who sent this"));
  show (f, 0);
  g_assert_false (visible (f, "mark"));
  ks_proof_line_set_rows (line, NULL);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (line)));
}

/* In place, and the rows around it stay what they are. */
static void
test_key_that_arrives_opens_the_row (Fixture *f, gconstpointer data)
{
  KsTimelineRow *last;

  say_as (f, NULL, "one");
  say_as (f, NULL, "two");
  load (f, 0);
  g_assert_cmpuint (n_rows (f), ==, 1);
  last = row (f, 0);
  show (f, 0);
  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  ks_timeline_look_for_keys (f->history.timeline);
  while (n_rows (f) != 2)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (row (f, 1) == last);
  g_assert_cmpstr (text (f, "body"), ==, "two");
  g_assert_cmpuint (look (f, 0)->n, ==, 1);
}

static void
count_up (guint *n)
{
  (*n)++;
}

/* Else somebody who sends many of them makes the window stand still when the key comes. */
static void
test_many_that_are_no_messages_go_at_once (Fixture *f, gconstpointer data)
{
  guint changes = 0;

  for (int i = 0; i < 30; i++)
    {
      g_autofree char *plain =
          g_strdup_printf ("{\"type\":\"m.reaction\",\"content\":{\"n\":%d},\"room_id\":\"%s\"}", i,
                           f->history.room_id);
      g_autofree char *content = history_seal_plain (&f->history.session, plain, NULL);

      g_free (history_send (&f->history, NULL, "m.room.encrypted", content));
    }
  say_as (f, NULL, "a message");
  load (f, 0);
  g_assert_cmpuint (n_rows (f), ==, 1);
  g_assert_cmpuint (look (f, 0)->n, ==, 31);
  g_signal_connect_swapped (row (f, 0), "changed", G_CALLBACK (count_up), &changes);
  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  ks_timeline_look_for_keys (f->history.timeline);
  while (look (f, 0)->n != 1)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (changes, ==, 1);
  g_assert_cmpuint (n_rows (f), ==, 1);
}

static void
test_run_has_one_name (Fixture *f, gconstpointer data)
{
  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  say_as (f, NULL, "one");
  say_as (f, NULL, "two");
  history_change_session (&f->history);
  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  say_as (f, f->history.bob, "three");
  load (f, 0);
  g_assert_cmpuint (n_rows (f), ==, 3);
  g_assert_true (look (f, 0)->begins_day && look (f, 0)->begins_run);
  g_assert_false (look (f, 1)->begins_day || look (f, 1)->begins_run);
  g_assert_false (look (f, 2)->begins_day);
  g_assert_true (look (f, 2)->begins_run);
  show (f, 1);
  g_assert_false (visible (f, "header") || visible (f, "avatar") || visible (f, "day_label"));
  show (f, 2);
  g_assert_cmpstr (text (f, "name"), ==, "bob");
  g_assert_true (has_tooltip (part (f, "name")));
}

static void
check_description (Fixture *f, const char *expected)
{
  g_autofree char *fault =
      gtk_test_accessible_check_property (GTK_ACCESSIBLE (gtk_widget_get_parent (GTK_WIDGET (f->shown))),
                                          GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, expected);

  g_assert_cmpstr (fault, ==, NULL);
}

/* Nobody who comes to a message by keys has to go up to where its name is. */
static void
test_each_of_a_run_says_whose_it_is (Fixture *f, gconstpointer data)
{
  g_autofree char *time = NULL;
  g_autofree char *told = NULL;

  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  say_as (f, NULL, "one");
  say_as (f, NULL, "two");
  load (f, 0);
  show (f, 1);
  time = ks_day_text_time (ks_timeline_item_get_time (ks_timeline_row_get_item (row (f, 1))));
  told = g_strdup_printf ("alice, %s", time);
  check_description (f, told);
  show (f, 0);
  g_assert_false (
      gtk_test_accessible_has_property (GTK_ACCESSIBLE (gtk_widget_get_parent (GTK_WIDGET (f->shown))),
                                        GTK_ACCESSIBLE_PROPERTY_DESCRIPTION));
}

/* An older page goes before what is there, and no row is made anew. */
static void
test_older_page_keeps_the_rows (Fixture *f, gconstpointer data)
{
  KsTimelineRow *oldest;

  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  for (int i = 0; i < 6; i++)
    say_as (f, NULL, "text");
  load (f, 3);
  g_assert_cmpuint (n_rows (f), ==, 3);
  oldest = row (f, 0);
  g_assert_true (look (f, 0)->begins_day);
  load (f, 3);
  g_assert_cmpuint (n_rows (f), ==, 6);
  g_assert_true (row (f, 3) == oldest);
  g_assert_false (look (f, 3)->begins_day || look (f, 3)->begins_run);
  while (!ks_timeline_get_at_start (f->history.timeline))
    load (f, 3);
  while (!look (f, 0)->begins_room)
    g_main_context_iteration (NULL, TRUE);
  show (f, 0);
  g_assert_true (visible (f, "room_label"));
}

static void
test_reply_quotes_what_is_here (Fixture *f, gconstpointer data)
{
  g_autofree char *first = NULL;
  g_autofree char *relation = NULL;
  g_autofree char *content = history_text ("yes");

  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  first = history_say (&f->history, "<b>shall</b>\nwe?");
  relation = g_strdup_printf ("{\"m.in_reply_to\":{\"event_id\":\"%s\"}}", first);
  history_change_session (&f->history);
  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  g_free (history_seal (&f->history, f->history.bob, content, relation));
  load (f, 1);
  show (f, 0);
  g_assert_cmpstr (text (f, "quote_text"), ==, "Reply to an earlier message");
  g_assert_cmpstr (text (f, "body"), ==, "yes");
  load (f, 1);
  g_assert_cmpstr (text (f, "quote_text"), ==, "alice: <b>shall</b> we?");
}

/* The quotation is of what was read, not of what its sender has put behind it. */
static void
test_reply_quotes_what_is_shown (Fixture *f, gconstpointer data)
{
  g_autofree char *first = NULL;
  g_autofree char *relation = NULL;
  g_autofree char *content = history_text ("yes");

  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  first = history_seal (&f->history, NULL,
                        "{\"msgtype\":\"m.text\",\"body\":\"shall I send all my money?\",\"format\":"
                        "\"org.matrix.custom.html\",\"formatted_body\":\"shall we <i>dance</i>?\"}",
                        NULL);
  relation = g_strdup_printf ("{\"m.in_reply_to\":{\"event_id\":\"%s\"}}", first);
  g_free (history_seal (&f->history, NULL, content, relation));
  load (f, 0);
  show (f, 1);
  g_assert_cmpstr (text (f, "quote_text"), ==, "alice: shall we dance?");
}

static void
test_formatted_text_is_sanitised (Fixture *f, gconstpointer data)
{
  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  g_free (history_seal (&f->history, NULL,
                        "{\"msgtype\":\"m.text\",\"body\":\"plain\",\"format\":\"org.matrix.custom.html\","
                        "\"formatted_body\":\"<b>bold</b> <a href='javascript:x'>&lt;i&gt;</a></b></span>\"}",
                        NULL));
  g_free (history_seal (&f->history, NULL,
                        "{\"msgtype\":\"m.text\",\"body\":\"the plain half\",\"format\":"
                        "\"org.matrix.custom.html\",\"formatted_body\":\"<script>nothing to see\"}",
                        NULL));
  g_free (history_seal (&f->history, NULL, "{\"msgtype\":\"m.emote\",\"body\":\"waves & <b>\"}", NULL));
  load (f, 0);
  show (f, 0);
  g_assert_cmpstr (gtk_label_get_label (part (f, "body")), ==, "<b>bold</b> &lt;i&gt;");
  show (f, 1);
  g_assert_cmpstr (text (f, "body"), ==, "the plain half");
  show (f, 2);
  g_assert_cmpstr (text (f, "body"), ==, "* alice waves & <b>");
}

static void
check_plain (Fixture *f, guint i, const char *expected)
{
  g_autofree char *text = ks_message_text_plain (ks_timeline_row_get_item (row (f, i)));

  g_assert_cmpstr (text, ==, expected);
}

/* What the eye has read, not what its sender has put behind it. */
static void
test_text_is_copied_as_it_is_shown (Fixture *f, gconstpointer data)
{
  g_autofree char *deleted = NULL;
  g_autofree char *path = NULL;

  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  say_as (f, NULL, "<b> & 'quotes'\nin two lines");
  g_free (history_seal (&f->history, NULL,
                        "{\"msgtype\":\"m.text\",\"body\":\"rm -rf /\",\"format\":\"org.matrix.custom.html\","
                        "\"formatted_body\":\"<b>ls</b> <a href='https://example.org/'>-l</a><br>&lt;dir>\"}",
                        NULL));
  g_free (history_seal (&f->history, NULL,
                        "{\"msgtype\":\"m.file\",\"body\":\"notes.txt\",\"url\":\"mxc://localhost/x\"}",
                        NULL));
  deleted = history_say (&f->history, "gone");
  path = g_strdup_printf ("/_matrix/client/v3/rooms/%s/redact/%s/r1", f->history.room_id, deleted);
  g_free (hs_fixture_request (f->history.engine.server, "PUT", path, f->history.engine.observer, "{}", NULL));
  say_unreadably (f, NULL, 1);
  load (f, 0);
  check_plain (f, 0, "<b> & 'quotes'\nin two lines");
  check_plain (f, 1, "ls -l\n<dir>");
  check_plain (f, 2, "notes.txt");
  check_plain (f, 3, NULL);
  check_plain (f, 4, NULL);
}

static void
test_long_message_is_shown_in_part_first (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) long_text = g_string_new (NULL);

  for (int i = 0; i < 5000; i++)
    g_string_append (long_text, "word ");
  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  say_as (f, NULL, long_text->str);
  load (f, 0);
  show (f, 0);
  g_assert_true (visible (f, "more_button"));
  g_assert_cmpuint (strlen (text (f, "body")), <=, 3000);
  gtk_widget_activate_action (GTK_WIDGET (f->shown), "message.show-all", NULL);
  g_assert_false (visible (f, "more_button"));
  g_assert_cmpuint (strlen (text (f, "body")), ==, 5000 * 5 - 1);
}

static void
test_open_and_deleted_are_told (Fixture *f, gconstpointer data)
{
  g_autofree char *content = history_text ("open to all");
  g_autofree char *sent = history_send (&f->history, NULL, "m.room.message", content);
  g_autofree char *deleted = NULL;
  g_autofree char *path = NULL;

  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  deleted = history_say (&f->history, "gone");
  path = g_strdup_printf ("/_matrix/client/v3/rooms/%s/redact/%s/r1", f->history.room_id, deleted);
  g_free (hs_fixture_request (f->history.engine.server, "PUT", path, f->history.engine.observer, "{}", NULL));
  load (f, 0);
  g_assert_nonnull (sent);
  show (f, 0);
  g_assert_true (has_tooltip (part (f, "mark")));
  check_description (f, "Sent without encryption");
  g_assert_null (gtk_test_accessible_check_property (part (f, "mark"), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                                     "Sent without encryption"));
  show (f, 1);
  g_assert_cmpstr (text (f, "body"), ==, "Message deleted");
  g_assert_false (visible (f, "mark"));
}

#define ADD(name, test) g_test_add ("/timeline-rows/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("unreadable", test_unreadable_ones_are_one_row);
  ADD ("proof", test_who_is_not_proven_is_told_where_others_are);
  ADD ("key-arrives", test_key_that_arrives_opens_the_row);
  ADD ("no-messages", test_many_that_are_no_messages_go_at_once);
  ADD ("run", test_run_has_one_name);
  ADD ("each-of-a-run", test_each_of_a_run_says_whose_it_is);
  ADD ("older-page", test_older_page_keeps_the_rows);
  ADD ("reply", test_reply_quotes_what_is_here);
  ADD ("reply-shown", test_reply_quotes_what_is_shown);
  ADD ("formatted", test_formatted_text_is_sanitised);
  ADD ("copied", test_text_is_copied_as_it_is_shown);
  ADD ("long", test_long_message_is_shown_in_part_first);
  ADD ("open-and-deleted", test_open_and_deleted_are_told);
  return g_test_run ();
}
