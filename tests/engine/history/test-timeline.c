/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/history/ks-timeline-private.h"

#include "engine/history-fixture.h"
#include "matrix/ks-matrix-error.h"

#include <string.h>

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

static void
assert_body (HistoryFixture *f, guint position, const char *body)
{
  g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, position)), ==, body);
}

static void
test_messages_are_read_oldest_first (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *first = history_say (f, "one – 你好 \U0001f5dd\ufe0f");
  g_autofree char *second = history_say (f, "two");
  KsTimelineItem *item;
  KsRoom *room = ks_rooms_find (f->rooms, f->room_id);
  guint position;

  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  load (f, 0);
  g_assert_cmpuint (n_items (f), ==, 2);
  assert_body (f, 0, "one – 你好 \U0001f5dd\ufe0f");
  assert_body (f, 1, "two");
  item = history_item (f, 0);
  g_assert_cmpstr (ks_timeline_item_get_event_id (item), ==, first);
  g_assert_cmpstr (ks_timeline_item_get_sender (item), ==, ENGINE_USER);
  g_assert_cmpint (ks_timeline_item_get_time (item), >, 1600000000000);
  g_assert_cmpint (ks_timeline_item_get_kind (item), ==, KS_TIMELINE_TEXT);
  g_assert_cmpstr (ks_timeline_item_get_event_type (item), ==, "m.room.message");
  g_assert_cmpstr (ks_timeline_item_get_session_id (item), ==, f->session.id);
  g_assert_true (ks_timeline_item_get_encrypted (item));
  g_assert_cmpint (ks_timeline_item_get_authenticity (item), ==, KS_AUTHENTICITY_NOT_GUARANTEED);
  g_assert_true (ks_timeline_find (f->timeline, second, &position) == history_item (f, 1));
  g_assert_cmpuint (position, ==, 1);
  g_assert_null (ks_timeline_find (f->timeline, "$none", NULL));
  g_assert_cmpuint (ks_timeline_get_n_readable (f->timeline), ==, 2);
  g_assert_cmpuint (ks_room_get_n_seen (room), ==, 2);
  g_assert_cmpuint (ks_room_get_n_readable (room), ==, 2);
  g_assert_cmpint (ks_room_get_last_time (room), ==, ks_timeline_item_get_time (history_item (f, 1)));
}

/* Fault F42: the sender proved who it is only to the session that it gave the key to. */
static void
test_only_keys_of_the_sender_vouch_for_a_message (HistoryFixture *f, gconstpointer data)
{
  static const struct
  {
    KsRoomKeyProvenance provenance;
    KsAuthenticity authenticity;
  } cases[] = {
    { KS_ROOM_KEY_DIRECT, KS_AUTHENTICITY_SESSION },
    { KS_ROOM_KEY_FORWARDED, KS_AUTHENTICITY_NOT_GUARANTEED },
    { KS_ROOM_KEY_BACKUP, KS_AUTHENTICITY_NOT_GUARANTEED },
    { KS_ROOM_KEY_FILE, KS_AUTHENTICITY_NOT_GUARANTEED },
  };

  g_free (history_say (f, "one"));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      engine_sql (&f->engine, "DELETE FROM room_keys");
      history_put_key (f, 0, cases[i].provenance);
      ks_timeline_reset (f->timeline);
      load (f, 0);
      g_assert_cmpint (ks_timeline_item_get_authenticity (history_item (f, 0)), ==, cases[i].authenticity);
    }
}

static void
test_pages_come_as_they_are_asked_for (HistoryFixture *f, gconstpointer data)
{
  KsRoom *room = ks_rooms_find (f->rooms, f->room_id);

  for (guint i = 0; i < 130; i++)
    {
      g_autofree char *body = g_strdup_printf ("%u", i);
      g_autofree char *content = history_text (body);

      g_free (history_send (f, NULL, "m.room.message", content));
    }
  load (f, 0);
  g_assert_cmpuint (n_items (f), ==, 50);
  g_assert_false (ks_room_get_seen_all (room));
  assert_body (f, 0, "80");
  assert_body (f, 49, "129");
  load (f, 100);
  g_assert_cmpuint (n_items (f), ==, 130);
  assert_body (f, 0, "0");
  assert_body (f, 129, "129");
  load (f, 0);
  g_assert_true (ks_timeline_get_at_start (f->timeline));
  g_assert_true (ks_room_get_seen_all (room));
  g_assert_cmpuint (n_items (f), ==, 130);
  /* And nothing more is asked for. */
  {
    guint before = hs_fixture_count (f->engine.server, "/messages");

    load (f, 0);
    g_assert_cmpuint (hs_fixture_count (f->engine.server, "/messages"), ==, before);
  }
}

static void
test_only_one_page_at_a_time (HistoryFixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GError) error = NULL;

  ks_timeline_load_older_async (f->timeline, 0, NULL, engine_done, &first);
  g_assert_true (ks_timeline_get_loading (f->timeline));
  g_assert_false (history_load (f, 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&error);
  g_assert_true (ks_timeline_load_older_finish (f->timeline, engine_wait (&first), &error));
  g_assert_no_error (error);
  g_assert_false (ks_timeline_get_loading (f->timeline));
}

static void
test_failed_page_is_asked_for_again (HistoryFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_free (history_say (f, "one"));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  hs_fixture_rule (f->engine.server, "{\"path\":\"/messages\",\"times\":0,\"action\":\"cut\"}");
  g_assert_false (history_load (f, 0, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
  g_assert_false (ks_timeline_get_loading (f->timeline));
  engine_no_rules (&f->engine);
  load (f, 0);
  assert_body (f, 0, "one");
}

/* --- edits --- */

static char *
edit_of (const char *event_id, const char *body)
{
  return g_strdup_printf (
      "{\"msgtype\":\"m.text\",\"body\":\"* %s\",\"m.new_content\":{\"msgtype\":\"m.text\","
      "\"body\":\"%s\"},\"m.relates_to\":{\"rel_type\":\"m.replace\",\"event_id\":\"%s\"}}",
      body, body, event_id);
}

static char *
relation_to (const char *event_id)
{
  return g_strdup_printf ("{\"rel_type\":\"m.replace\",\"event_id\":\"%s\"}", event_id);
}

static void
edit (HistoryFixture *f, const char *token, const char *event_id, const char *body, gboolean sealed)
{
  g_autofree char *content = edit_of (event_id, body);
  g_autofree char *relation = relation_to (event_id);
  gint64 now = g_get_real_time () / 1000;

  /* Of two edits in one millisecond the event's ID decides, which is random. */
  while (g_get_real_time () / 1000 == now)
    g_thread_yield ();
  g_free (sealed ? history_seal (f, token, content, relation)
                 : history_send (f, token, "m.room.message", content));
}

/* In one page, and in pages of their own, the edits first. */
static void
test_last_edit_counts (HistoryFixture *f, gconstpointer data)
{
  const guint limits[] = { 0, 1 };
  g_autofree char *id = history_say (f, "one");

  edit (f, NULL, id, "two", TRUE);
  edit (f, NULL, id, "three", TRUE);
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      ks_timeline_reset (f->timeline);
      load (f, limits[i]);
      g_assert_cmpuint (n_items (f), ==, 1);
      assert_body (f, 0, "three");
      g_assert_true (ks_timeline_item_get_edited (history_item (f, 0)));
      g_assert_cmpstr (ks_timeline_item_get_event_id (history_item (f, 0)), ==, id);
      g_assert_cmpuint (ks_timeline_get_n_readable (f->timeline), ==, 1);
    }
}

static void
test_edits_that_may_not_be_are_none (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *id = history_say (f, "what was said");
  g_autofree char *edited = history_say (f, "first");
  g_autofree char *of_edit = NULL;
  g_autofree char *content = edit_of (edited, "second");
  g_autofree char *relation = relation_to (edited);

  /* What the server could have made up. */
  edit (f, NULL, id, "not encrypted", FALSE);
  /* An edit of an edit. */
  of_edit = history_seal (f, NULL, content, relation);
  edit (f, NULL, of_edit, "third", TRUE);
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  /* Another person's. */
  history_change_session (f);
  edit (f, f->bob, id, "by another", TRUE);
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  load (f, 0);
  g_assert_cmpuint (n_items (f), ==, 2);
  assert_body (f, 0, "what was said");
  g_assert_false (ks_timeline_item_get_edited (history_item (f, 0)));
  assert_body (f, 1, "second");
}

/* What is shown may be out of date, and is said to be. */
static void
test_edit_without_its_key_is_told (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *id = history_say (f, "one");

  edit (f, NULL, id, "two", TRUE);
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  history_change_session (f);
  edit (f, f->bob, id, "by another", TRUE);
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  /* By another session, whose key is not here. */
  history_change_session (f);
  edit (f, NULL, id, "three", TRUE);
  load (f, 0);
  g_assert_cmpuint (n_items (f), ==, 1);
  assert_body (f, 0, "two");
  g_assert_true (ks_timeline_item_get_edit_missing (history_item (f, 0)));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  ks_timeline_look_for_keys (f->timeline);
  while (ks_timeline_item_get_edit_missing (history_item (f, 0)))
    g_main_context_iteration (NULL, TRUE);
  assert_body (f, 0, "three");
}

static void
test_unencrypted_message_takes_either_edit (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *content = history_text ("one");
  g_autofree char *id = history_send (f, NULL, "m.room.message", content);

  edit (f, NULL, id, "two", FALSE);
  load (f, 0);
  assert_body (f, 0, "two");
  g_assert_cmpint (ks_timeline_item_get_authenticity (history_item (f, 0)), ==, KS_AUTHENTICITY_NONE);
}

/* The server cannot make a message vanish by calling it an edit. */
static void
test_message_that_is_called_an_edit_stays (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *id = history_say (f, "one");
  g_autofree char *content = history_text ("two");
  g_autofree char *relation = relation_to (id);

  g_free (history_seal (f, NULL, content, relation));
  load (f, 0);
  g_assert_cmpuint (n_items (f), ==, 1);
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  ks_timeline_look_for_keys (f->timeline);
  while (n_items (f) != 2 || ks_timeline_get_n_readable (f->timeline) != 2)
    g_main_context_iteration (NULL, TRUE);
  assert_body (f, 0, "one");
  assert_body (f, 1, "two");
}

/* --- other forms --- */

static void
test_replies_come_without_their_quotation (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *id = history_say (f, "> not a quotation");
  g_autofree char *relation = g_strdup_printf ("{\"m.in_reply_to\":{\"event_id\":\"%s\"}}", id);

  g_free (history_seal (f, NULL,
                        "{\"msgtype\":\"m.text\",\"body\":\"> <@a:x> one\\n> two\\n\\nthe answer\\n> mine\","
                        "\"format\":\"org.matrix.custom.html\",\"formatted_body\":"
                        "\"<mx-reply><blockquote>one</blockquote></mx-reply><b>the answer</b>\"}",
                        relation));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  load (f, 0);
  assert_body (f, 0, "> not a quotation");
  g_assert_null (ks_timeline_item_get_reply_to (history_item (f, 0)));
  assert_body (f, 1, "the answer\n> mine");
  g_assert_cmpstr (ks_timeline_item_get_formatted_body (history_item (f, 1)), ==, "<b>the answer</b>");
  g_assert_cmpstr (ks_timeline_item_get_reply_to (history_item (f, 1)), ==, id);
}

static void
test_what_was_deleted_is_said_to_be (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *id = history_say (f, "a secret");
  g_autofree char *path = g_strdup_printf ("/_matrix/client/v3/rooms/%s/redact/%s/r1", f->room_id, id);

  g_free (hs_fixture_request (f->engine.server, "PUT", path, f->engine.observer, "{}", NULL));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  load (f, 0);
  g_assert_cmpuint (n_items (f), ==, 1);
  g_assert_cmpint (ks_timeline_item_get_kind (history_item (f, 0)), ==, KS_TIMELINE_REDACTED);
  g_assert_cmpuint (ks_timeline_get_n_readable (f->timeline) + ks_timeline_get_n_unreadable (f->timeline), ==,
                    0);
}

static void
test_kinds_are_told_apart (HistoryFixture *f, gconstpointer data)
{
  static const KsTimelineKind kinds[] = { KS_TIMELINE_EMOTE, KS_TIMELINE_NOTICE, KS_TIMELINE_OTHER };
  g_autofree char *poll =
      g_strdup_printf ("{\"type\":\"m.poll.start\",\"room_id\":\"%s\",\"content\":{}}", f->room_id);
  g_autofree char *reaction =
      g_strdup_printf ("{\"type\":\"m.reaction\",\"room_id\":\"%s\",\"content\":{}}", f->room_id);
  g_autofree char *sealed_poll = NULL;
  g_autofree char *sealed_reaction = NULL;

  g_free (history_seal (f, NULL, "{\"msgtype\":\"m.emote\",\"body\":\"waves\"}", NULL));
  g_free (history_seal (f, NULL, "{\"msgtype\":\"m.notice\",\"body\":\"a bot\"}", NULL));
  sealed_poll = history_seal_plain (&f->session, poll, NULL);
  g_free (history_send (f, NULL, "m.room.encrypted", sealed_poll));
  /* Belongs to a message, and is none. */
  sealed_reaction = history_seal_plain (&f->session, reaction, NULL);
  g_free (history_send (f, NULL, "m.room.encrypted", sealed_reaction));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  load (f, 0);
  g_assert_cmpuint (n_items (f), ==, G_N_ELEMENTS (kinds));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_assert_cmpint (ks_timeline_item_get_kind (history_item (f, i)), ==, kinds[i]);
}

/* --- the window --- */

static GPtrArray *
make_page (guint *next, guint n, gsize size)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (KsRoomEvent) event = g_new0 (KsRoomEvent, 1);
      g_autofree char *body = g_strnfill (size, 'x');

      event->event_id = g_strdup_printf ("$%u", *next);
      event->sender = g_strdup ("@a:x");
      event->type = g_strdup ("m.room.message");
      event->content = json_object_new ();
      json_object_set_string_member (event->content, "msgtype", "m.text");
      json_object_set_string_member (event->content, "body", body);
      g_ptr_array_add (items, ks_timeline_item_new (event, (*next)++));
    }
  return items;
}

static void
add_pages (HistoryFixture *f, guint *next, guint pages, gsize size)
{
  for (guint i = 0; i < pages; i++)
    {
      g_autoptr (GPtrArray) items = make_page (next, 50, size);
      g_autoptr (GPtrArray) opened = g_ptr_array_new ();

      g_ptr_array_set_size (opened, (gint) items->len);
      g_assert_cmpuint (ks_timeline_add (f->timeline, items, opened), ==, 50);
    }
}

static void
on_items_changed (GListModel *model, guint position, guint removed, guint added, guint *n)
{
  *n += added;
  *n -= removed;
  g_assert_cmpuint (*n, ==, g_list_model_get_n_items (model));
  g_assert_cmpuint (position + added, <=, *n);
}

static void
test_window_holds_so_many_and_slides (HistoryFixture *f, gconstpointer data)
{
  guint next = 0;
  guint told = 0;
  g_autofree char *oldest = NULL;

  g_signal_connect (f->timeline, "items-changed", G_CALLBACK (on_items_changed), &told);
  add_pages (f, &next, KS_TIMELINE_MAX_ITEMS / 50, 10);
  g_assert_false (ks_timeline_get_has_newer (f->timeline));
  add_pages (f, &next, 3, 10);
  g_assert_cmpuint (n_items (f), ==, KS_TIMELINE_MAX_ITEMS);
  g_assert_cmpuint (ks_timeline_get_n_readable (f->timeline), ==, KS_TIMELINE_MAX_ITEMS);
  g_assert_true (ks_timeline_get_has_newer (f->timeline));
  g_assert_null (ks_timeline_find (f->timeline, "$149", NULL));
  g_assert_nonnull (ks_timeline_find (f->timeline, "$150", NULL));
  oldest = g_strdup_printf ("$%u", next - 1);
  g_assert_cmpstr (ks_timeline_item_get_event_id (history_item (f, 0)), ==, oldest);
  ks_timeline_reset (f->timeline);
  g_assert_cmpuint (n_items (f), ==, 0);
  g_assert_cmpuint (ks_timeline_get_n_readable (f->timeline), ==, 0);
  g_assert_false (ks_timeline_get_has_newer (f->timeline));
}

static void
test_window_holds_so_much_text (HistoryFixture *f, gconstpointer data)
{
  guint next = 0;

  add_pages (f, &next, 2 * KS_TIMELINE_MAX_BYTES / (50 * 60000), 60000);
  g_assert_true (ks_timeline_get_has_newer (f->timeline));
  g_assert_cmpuint (n_items (f), >, KS_TIMELINE_MAX_BYTES / 65000);
  g_assert_cmpuint (n_items (f), <=, KS_TIMELINE_MAX_BYTES / 60000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/timeline/" name, HistoryFixture, NULL, history_set_up, function, history_tear_down)
  ADD ("messages", test_messages_are_read_oldest_first);
  ADD ("authenticity", test_only_keys_of_the_sender_vouch_for_a_message);
  ADD ("pages", test_pages_come_as_they_are_asked_for);
  ADD ("one-at-a-time", test_only_one_page_at_a_time);
  ADD ("failed-page", test_failed_page_is_asked_for_again);
  ADD ("edits/last", test_last_edit_counts);
  ADD ("edits/invalid", test_edits_that_may_not_be_are_none);
  ADD ("edits/missing", test_edit_without_its_key_is_told);
  ADD ("edits/unencrypted", test_unencrypted_message_takes_either_edit);
  ADD ("edits/called-one", test_message_that_is_called_an_edit_stays);
  ADD ("replies", test_replies_come_without_their_quotation);
  ADD ("deleted", test_what_was_deleted_is_said_to_be);
  ADD ("kinds", test_kinds_are_told_apart);
  ADD ("window/messages", test_window_holds_so_many_and_slides);
  ADD ("window/text", test_window_holds_so_much_text);
#undef ADD
  return g_test_run ();
}
