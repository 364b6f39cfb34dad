/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Servers and people that lie about messages: what they say is never shown as said.
 */

#include "engine/history-fixture.h"

#include "crypto/ks-encoding.h"
#include "engine/history/ks-sealed-message.h"
#include "matrix/ks-json.h"
#include "matrix/ks-matrix-error.h"

#include <malloc.h>
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
assert_refused (HistoryFixture *f, guint position, KsUnreadable reason)
{
  KsTimelineItem *item = history_item (f, position);

  g_assert_cmpint (ks_timeline_item_get_kind (item), ==, KS_TIMELINE_UNREADABLE);
  g_assert_cmpint (ks_timeline_item_get_reason (item), ==, reason);
  g_assert_null (ks_timeline_item_get_body (item));
}

/* Whichever of the two comes first, and in pages of their own too. */
static void
test_message_that_is_played_twice_is_shown_in_neither_place (HistoryFixture *f, gconstpointer data)
{
  const guint limits[] = { 0, 1 };

  g_free (history_say (f, "pay him"));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  hs_fixture_persona (f->engine.server, "{\"name\":\"replays-messages\",\"path\":\"/messages\"}");
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      ks_timeline_reset (f->timeline);
      load (f, limits[i]);
      g_assert_cmpuint (n_items (f), ==, 2);
      assert_refused (f, 0, KS_UNREADABLE_REPLAYED);
      assert_refused (f, 1, KS_UNREADABLE_REPLAYED);
      g_assert_cmpuint (ks_timeline_get_n_readable (f->timeline), ==, 0);
      g_assert_cmpuint (ks_timeline_get_n_unreadable (f->timeline), ==, 2);
    }
}

/* A copy in a later page takes back what an earlier one has shown. */
static void
test_older_copy_is_found_in_a_later_page (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *plain =
      g_strdup_printf ("{\"type\":\"m.room.message\",\"room_id\":\"%s\",\"content\":{\"msgtype\":\"m.text\","
                       "\"body\":\"pay him\"}}",
                       f->room_id);
  g_autofree char *sealed = history_seal_plain (&f->session, plain, NULL);

  g_free (history_send (f, NULL, "m.room.encrypted", sealed));
  g_free (history_send (f, NULL, "m.room.encrypted", sealed));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  load (f, 1);
  g_assert_cmpuint (n_items (f), ==, 1);
  g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, 0)), ==, "pay him");
  load (f, 1);
  g_assert_cmpuint (n_items (f), ==, 2);
  assert_refused (f, 0, KS_UNREADABLE_REPLAYED);
  assert_refused (f, 1, KS_UNREADABLE_REPLAYED);
}

/* Nor does the one that came first get through when it is loaded again without the other. */
static void
test_replay_is_remembered (HistoryFixture *f, gconstpointer data)
{
  test_older_copy_is_found_in_a_later_page (f, data);
  ks_timeline_reset (f->timeline);
  load (f, 1);
  g_assert_cmpuint (n_items (f), ==, 1);
  assert_refused (f, 0, KS_UNREADABLE_REPLAYED);
}

/* The same event in two pages is one event, and no replay. */
static void
test_event_that_comes_again_is_the_same (HistoryFixture *f, gconstpointer data)
{
  g_free (history_say (f, "one"));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  load (f, 0);
  ks_timeline_reset (f->timeline);
  load (f, 0);
  g_assert_cmpuint (n_items (f), ==, 1);
  g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, 0)), ==, "one");
}

/* A message of another room whose key we have, and one that its sender, who has a key of this
 * room, made for another. */
static void
test_messages_of_another_room_are_refused (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *other = history_make_room (f, "Another");
  g_autofree char *persona =
      g_strdup_printf ("{\"name\":\"mixes-rooms\",\"path\":\"/messages\",\"room\":\"%s\"}", f->room_id);
  KsTimeline *own = f->timeline;
  g_autoptr (GAsyncResult) loaded = NULL;
  g_autoptr (GError) error = NULL;

  g_free (history_say (f, "one"));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  ks_rooms_load_async (f->rooms, NULL, engine_done, &loaded);
  ks_rooms_load_finish (f->rooms, engine_wait (&loaded), &error);
  g_assert_no_error (error);
  hs_fixture_persona (f->engine.server, persona);
  f->timeline = ks_rooms_open (f->rooms, ks_rooms_find (f->rooms, other));
  load (f, 0);
  g_assert_cmpuint (n_items (f), ==, 1);
  assert_refused (f, 0, KS_UNREADABLE_WRONG_ROOM);
  g_object_unref (f->timeline);
  f->timeline = own;
}

static void
test_message_made_for_another_room_is_refused (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *sealed = history_seal_plain (&f->session,
                                                "{\"type\":\"m.room.message\",\"room_id\":\"!other:"
                                                "localhost\",\"content\":{\"msgtype\":\"m.text\","
                                                "\"body\":\"x\"}}",
                                                NULL);

  g_free (history_send (f, NULL, "m.room.encrypted", sealed));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  history_assert_unreadable (f, KS_UNREADABLE_WRONG_ROOM);
}

static void
test_message_of_another_session_is_refused (HistoryFixture *f, gconstpointer data)
{
  g_free (history_say (f, "one"));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  hs_fixture_persona (f->engine.server, "{\"name\":\"changes-sender-keys\",\"path\":\"/messages\"}");
  history_assert_unreadable (f, KS_UNREADABLE_WRONG_SENDER);
}

static char *
edit_of (HistoryFixture *f, const char *event_id, const char *body)
{
  g_autofree char *relation = g_strdup_printf ("{\"rel_type\":\"m.replace\",\"event_id\":\"%s\"}", event_id);
  g_autofree char *content =
      g_strdup_printf ("{\"msgtype\":\"m.text\",\"body\":\"* "
                       "%s\",\"m.new_content\":{\"msgtype\":\"m.text\",\"body\":\"%s\"}}",
                       body, body);

  return history_seal (f, NULL, content, relation);
}

/* A session is one person's, so that each of its messages under another name shows all of
 * them to be under names that the server has made up; in one page, and when the second comes
 * in a later one. */
static void
test_messages_of_one_session_are_not_shown_as_two_people_s (HistoryFixture *f, gconstpointer data)
{
  const guint limits[] = { 0, 1 };
  g_autofree char *content = history_text ("I owe you");

  g_free (history_say (f, "one"));
  g_free (history_seal (f, f->bob, content, NULL));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  /* Which takes no other session with it. */
  history_change_session (f);
  g_free (history_say (f, "three"));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      ks_timeline_reset (f->timeline);
      while (n_items (f) < 3)
        load (f, limits[i]);
      assert_refused (f, 0, KS_UNREADABLE_WRONG_SENDER);
      assert_refused (f, 1, KS_UNREADABLE_WRONG_SENDER);
      g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, 2)), ==, "three");
      g_assert_cmpuint (ks_timeline_get_n_readable (f->timeline), ==, 1);
      g_assert_cmpuint (ks_timeline_get_n_unreadable (f->timeline), ==, 2);
    }
}

/* The same where what the second says is to replace the first. */
static void
test_edit_that_the_server_gives_to_another_does_not_count (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *id = history_say (f, "one");

  g_free (edit_of (f, id, "two"));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  hs_fixture_persona (f->engine.server,
                      "{\"name\":\"edits-as-another\",\"path\":\"/messages\",\"sender\":\"@eve:localhost\"}");
  load (f, 0);
  g_assert_cmpuint (n_items (f), ==, 1);
  assert_refused (f, 0, KS_UNREADABLE_WRONG_SENDER);
  g_assert_false (ks_timeline_item_get_edited (history_item (f, 0)));
}

/* Faults F39 and F42: words that anybody could have made, with a key that was put into the
 * backup, do not become the sender's by replacing words that are. */
static void
test_edit_is_no_more_authentic_than_its_own_key (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *id = history_say (f, "one");
  g_autofree char *other = history_say (f, "two");
  KsAuthenticity authenticity;

  g_free (edit_of (f, other, "two, by its sender"));
  history_put_key (f, 0, KS_ROOM_KEY_DIRECT);
  history_change_session (f);
  g_free (edit_of (f, id, "one, by anybody"));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  load (f, 0);
  g_assert_cmpuint (n_items (f), ==, 2);
  g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, 0)), ==, "one, by anybody");
  g_assert_cmpint (ks_timeline_item_get_authenticity (history_item (f, 0)), ==,
                   KS_AUTHENTICITY_NOT_GUARANTEED);
  g_object_get (history_item (f, 0), "authenticity", &authenticity, NULL);
  g_assert_cmpint (authenticity, ==, KS_AUTHENTICITY_NOT_GUARANTEED);
  g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, 1)), ==, "two, by its sender");
  g_assert_cmpint (ks_timeline_item_get_authenticity (history_item (f, 1)), ==, KS_AUTHENTICITY_SESSION);
}

#define EVENT(id, type, content)                                                         \
  "{\"event_id\":\"" id "\",\"sender\":\"@a:x\",\"origin_server_ts\":5,\"type\":\"" type \
  "\",\"content\":" content "}"
#define SESSION "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* Each is there, says what is wrong with it, and takes no other with it. */
static void
test_messages_of_no_form_are_told_apart (HistoryFixture *f, gconstpointer data)
{
  const KsUnreadable reasons[] = {
    KS_UNREADABLE_MALFORMED, KS_UNREADABLE_OTHER_KIND, KS_UNREADABLE_MALFORMED,
    KS_UNREADABLE_MALFORMED, KS_UNREADABLE_NO_KEY,     KS_UNREADABLE_MALFORMED
  };

  history_answer_messages (
      f, 1,
      "{\"chunk\":[" EVENT ("$6", "m.room.encrypted", "{\"algorithm\":7}") "," EVENT ("$5", "m.room.encrypted", "{\"algorithm\":\"m.megolm.v1.aes-sha2\",\"session_id\":\"" SESSION "\",\"ciphertext\":\"AAAA\"}") "," EVENT (
          "$4", "m.room.encrypted",
          "{\"algorithm\":\"m.megolm.v1.aes-sha2\",\"session_id\":"
          "\"short\",\"ciphertext\":\"AAAA\"}") "," EVENT ("$3", "m.room.encrypted",
                                                           "{\"algorithm\":\"m.megolm.v1.aes-sha2\","
                                                           "\"session_id\":\"" SESSION
                                                           "\"}") "," EVENT ("$2", "m.room.encrypted",
                                                                             "{\"algorithm\":\"m.megolm.v9\","
                                                                             "\"session_id\":\"" SESSION
                                                                             "\",\"ciphertext\":\"AAAA\"}") "," EVENT ("$1",
                                                                                                                       "m.room.encrypted",
                                                                                                                       "{\"algorithm\":\"m.megolm.v1.aes-sha2\"}") "," EVENT ("$1",
                                                                                                                                                                              "m.room.message",
                                                                                                                                                                              "{\"body\":\"a second of that ID\"}") "]}");
  load (f, 0);
  g_assert_cmpuint (n_items (f), ==, G_N_ELEMENTS (reasons));
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    assert_refused (f, i, reasons[i]);
}

/* It is deprecated, and opens nothing. */
static void
test_odd_sender_key_hides_no_message (HistoryFixture *f, gconstpointer data)
{
  const char *const keys[] = { "7", "null", "{}", "\"\"" };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *plain = g_strdup_printf ("{\"type\":\"m.room.message\",\"room_id\":\"%s\",\"content\":"
                                                "{\"msgtype\":\"m.text\",\"body\":\"one\"}}",
                                                f->room_id);
      g_autofree char *ciphertext = sender_encrypt (&f->session, plain);
      g_autofree char *sealed =
          g_strdup_printf ("{\"algorithm\":\"m.megolm.v1.aes-sha2\",\"session_id\":\"%s\",\"sender_key\":%s,"
                           "\"ciphertext\":\"%s\"}",
                           f->session.id, keys[i], ciphertext);

      g_free (history_send (f, NULL, "m.room.encrypted", sealed));
    }
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  load (f, 0);
  g_assert_cmpuint (n_items (f), ==, G_N_ELEMENTS (keys));
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, i)), ==, "one");
}

/* A key that fits the name, and a message that was changed on the way. */
static void
test_changed_message_is_not_shown (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *plain =
      g_strdup_printf ("{\"type\":\"m.room.message\",\"room_id\":\"%s\",\"content\":{}}", f->room_id);
  g_autofree char *sealed = history_seal_plain (&f->session, plain, NULL);
  char *ciphertext = strstr (sealed, "\"ciphertext\":\"") + strlen ("\"ciphertext\":\"");

  ciphertext[40] = ciphertext[40] == 'A' ? 'B' : 'A';
  g_free (history_send (f, NULL, "m.room.encrypted", sealed));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  history_assert_unreadable (f, KS_UNREADABLE_NOT_AUTHENTIC);
}

/* What is inside may be anything too: its sender need be no friend. */
static void
test_plaintexts_of_no_form_are_not_shown (HistoryFixture *f, gconstpointer data)
{
  const char *const plains[] = {
    "",
    "[]",
    "no JSON",
    "{\"type\":7,\"room_id\":\"%s\",\"content\":{}}",
    "{\"type\":\"m.room.message\",\"room_id\":\"%s\",\"content\":[]}",
    "{\"type\":\"m.room.message\",\"content\":{}}",
    "{\"type\":\"m.room.message\",\"room_id\":\"%s\",\"content\":{},\"content\":{}}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (plains); i++)
    {
      g_auto (GStrv) parts = g_strsplit (plains[i], "%s", 2);
      g_autofree char *plain = g_strjoinv (f->room_id, parts);
      g_autofree char *sealed = history_seal_plain (&f->session, plain, NULL);

      g_free (history_send (f, NULL, "m.room.encrypted", sealed));
    }
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  load (f, 0);
  g_assert_cmpuint (n_items (f), ==, G_N_ELEMENTS (plains));
  for (guint i = 0; i < G_N_ELEMENTS (plains); i++)
    assert_refused (f, i, KS_UNREADABLE_MALFORMED);
}

/* --- memory --- */

/* Of the sanitizer, which has a heap of its own; not there without it. */
size_t __sanitizer_get_current_allocated_bytes (void) __attribute__ ((weak));

static gsize
allocated (void)
{
  struct mallinfo2 heap = { 0 };

  if (__sanitizer_get_current_allocated_bytes != NULL)
    return __sanitizer_get_current_allocated_bytes ();
  heap = mallinfo2 ();
  return heap.uordblks + heap.hblkhd;
}

/* Anybody in a room can put any JSON beside a ciphertext, in which two bytes become a node of a
 * hundred: all of it that is held is what is counted. */
static void
test_what_is_beside_a_ciphertext_is_not_held (void)
{
  const guint n = 40;
  const gsize zeros = 30000;
  g_autoptr (GPtrArray) sealed = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_sealed_message_unref);
  g_autofree char *id = g_strnfill (KS_ROOM_KEY_ID_LENGTH, 'A');
  g_autoptr (GString) json = g_string_new (NULL);
  gsize before;

  g_string_printf (json,
                   "{\"algorithm\":\"m.megolm.v1.aes-sha2\",\"session_id\":\"%s\",\"ciphertext\":\"AAAA\","
                   "\"m.relates_to\":{\"rel_type\":\"m.replace\",\"event_id\":\"$one\"},\"more\":[0",
                   id);
  for (gsize i = 1; i < zeros; i++)
    g_string_append (json, ",0");
  g_string_append (json, "]}");
  before = allocated ();
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (JsonObject) content = ks_json_parse_object (json->str, json->len, NULL);
      KsUnreadable reason;

      g_ptr_array_add (sealed, ks_sealed_message_new (content, &reason));
      g_assert_nonnull (sealed->pdata[i]);
      g_assert_cmpstr (((KsSealedMessage *) sealed->pdata[i])->wire.replaces, ==, "$one");
    }
  /* What GLib keeps of the last one for the next does not matter. */
  g_assert_cmpuint (allocated () - MIN (before, allocated ()), <, n * zeros * sizeof (gpointer));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/timeline-hostile/" name, HistoryFixture, NULL, history_set_up, function, history_tear_down)
  ADD ("replay/twice", test_message_that_is_played_twice_is_shown_in_neither_place);
  ADD ("replay/later", test_older_copy_is_found_in_a_later_page);
  ADD ("replay/remembered", test_replay_is_remembered);
  ADD ("replay/same", test_event_that_comes_again_is_the_same);
  ADD ("room/key", test_messages_of_another_room_are_refused);
  ADD ("room/plain", test_message_made_for_another_room_is_refused);
  ADD ("sender-key", test_message_of_another_session_is_refused);
  ADD ("sender", test_messages_of_one_session_are_not_shown_as_two_people_s);
  ADD ("edits/authenticity", test_edit_is_no_more_authentic_than_its_own_key);
  ADD ("edits/sender", test_edit_that_the_server_gives_to_another_does_not_count);
  ADD ("forms", test_messages_of_no_form_are_told_apart);
  ADD ("sender-key/odd", test_odd_sender_key_hides_no_message);
  ADD ("changed", test_changed_message_is_not_shown);
  ADD ("plaintexts", test_plaintexts_of_no_form_are_not_shown);
#undef ADD
  g_test_add_func ("/timeline-hostile/memory", test_what_is_beside_a_ciphertext_is_not_held);
  return g_test_run ();
}
