/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys that are said to be of several rooms (threat A16): what is kept of them, and what messages decide.
 */

#include "engine/history-fixture.h"

#include "crypto/ks-room-key.h"
#include "engine/key-file-fixture.h"
#include "engine/keys/ks-better-key.h"
#include "store/ks-key-lookup.h"

#include <string.h>

#define ELSEWHERE "!elsewhere:localhost"

/* The key of f->session from message @index on, said to be of @room_id. */
static KsStoredRoomKey *
claim (HistoryFixture *f, const char *room_id, guint32 index, KsRoomKeyProvenance provenance)
{
  KsStoredRoomKey *key = engine_make_key (room_id, index);
  g_autoptr (KsRoomKey) session = sender_accept (&f->session);

  g_assert_true (ks_room_key_export (session, index, key->session_key));
  g_free (key->session_id);
  key->session_id = g_strdup (f->session.id);
  key->provenance = provenance;
  return key;
}

/* Any ratchet under the same name. */
static KsStoredRoomKey *
make_up (HistoryFixture *f, const char *room_id, KsRoomKeyProvenance provenance)
{
  KsStoredRoomKey *key = claim (f, room_id, 0, provenance);

  ks_random (key->session_key + 5, 128);
  return key;
}

/* Hands @key, which is taken, over as a restore does. TRUE: it was kept. */
static gboolean
hand_over (HistoryFixture *f, KsStoredRoomKey *key)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  KsKeyStorePut put;

  g_ptr_array_add (keys, key);
  ks_key_store_put_async (f->engine.keys, keys, ks_better_key_merge, NULL, NULL, NULL, engine_done, &result);
  ks_key_store_put_finish (f->engine.keys, engine_wait (&result), &put, &error);
  g_assert_no_error (error);
  g_assert_cmpint (key->elsewhere, ==, put.elsewhere == 1);
  return !key->elsewhere;
}

/* The rooms of the keys that a backup to come, or a file, gets, in their order here. */
static char *
list_rooms (HistoryFixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) keys = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) rooms = g_string_new (NULL);
  guint64 pending;

  ks_key_store_list_pending_async (f->engine.keys, "to come", 0, 100, NULL, engine_done, &result);
  keys = ks_key_store_list_pending_finish (f->engine.keys, engine_wait (&result), NULL, &error);
  g_assert_no_error (error);
  engine_count (&f->engine, "to come", &pending, NULL);
  g_assert_cmpuint (pending, ==, keys->len);
  for (guint i = 0; i < keys->len; i++)
    {
      const KsStoredRoomKey *key = keys->pdata[i];

      g_string_append (rooms, g_str_equal (key->room_id, f->room_id) ? "here " : "elsewhere ");
    }
  return g_string_free (g_steal_pointer (&rooms), FALSE);
}

static void
assert_rooms (HistoryFixture *f, const char *expected)
{
  g_autofree char *rooms = list_rooms (f);

  g_assert_cmpstr (rooms, ==, expected);
}

/* Reads the room anew; its newest message says @body. */
static void
read_newest (HistoryFixture *f, const char *body)
{
  g_autoptr (GError) error = NULL;
  KsTimelineItem *newest;

  ks_timeline_reset (f->timeline);
  history_load (f, 0, &error);
  g_assert_no_error (error);
  newest = history_item (f, g_list_model_get_n_items (G_LIST_MODEL (f->timeline)) - 1);
  g_assert_cmpint (ks_timeline_item_get_reason (newest), ==, KS_UNREADABLE_NOT);
  g_assert_cmpstr (ks_timeline_item_get_body (newest), ==, body);
}

/* Whichever comes first: nothing tells which of the two is true. */
static void
test_neither_of_two_rooms_wins_by_coming_first (HistoryFixture *f, gconstpointer data)
{
  static const KsRoomKeyProvenance ways[] = { KS_ROOM_KEY_BACKUP, KS_ROOM_KEY_FILE, KS_ROOM_KEY_FORWARDED };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      if (i > 0)
        history_change_session (f);
      engine_sql (&f->engine, "DELETE FROM room_keys");
      g_assert_true (hand_over (f, claim (f, ELSEWHERE, 0, ways[i])));
      g_assert_true (hand_over (f, claim (f, f->room_id, 0, ways[i])));
      assert_rooms (f, "elsewhere here ");
      g_free (history_say (f, "one"));
      read_newest (f, "one");
      /* From now on the false one goes nowhere. */
      assert_rooms (f, "here ");
      g_assert_false (hand_over (f, claim (f, ELSEWHERE, 0, ways[i])));
      g_assert_false (hand_over (f, claim (f, "!third:localhost", 0, ways[i])));
      assert_rooms (f, "here ");
    }
}

/* What a backup and what a file say is worth the same. */
static void
test_lying_file_does_not_win_over_a_backup (HistoryFixture *f, gconstpointer data)
{
  g_assert_true (hand_over (f, claim (f, ELSEWHERE, 0, KS_ROOM_KEY_FILE)));
  g_assert_true (hand_over (f, claim (f, f->room_id, 0, KS_ROOM_KEY_BACKUP)));
  assert_rooms (f, "elsewhere here ");
}

/* A key that is here as another room's alone opens this room's messages, and is this room's then. */
static void
test_message_puts_a_misfiled_key_right (HistoryFixture *f, gconstpointer data)
{
  g_free (history_say (f, "one"));
  g_assert_true (hand_over (f, claim (f, ELSEWHERE, 0, KS_ROOM_KEY_BACKUP)));
  assert_rooms (f, "elsewhere ");
  read_newest (f, "one");
  assert_rooms (f, "here ");
  read_newest (f, "one");
  assert_rooms (f, "here ");
}

/* The lie may come with a made-up key in the right room, and the real one in the wrong room. */
static void
test_made_up_key_in_the_right_room_does_not_hide_the_real_one (HistoryFixture *f, gconstpointer data)
{
  g_free (history_say (f, "one"));
  g_assert_true (hand_over (f, make_up (f, f->room_id, KS_ROOM_KEY_BACKUP)));
  g_assert_true (hand_over (f, claim (f, ELSEWHERE, 0, KS_ROOM_KEY_BACKUP)));
  read_newest (f, "one");
  assert_rooms (f, "here ");
  engine_sql (&f->engine, "DELETE FROM room_keys WHERE room_id = '" ELSEWHERE "'");
  read_newest (f, "one");
}

/* Nothing of what a key opens is lost with the room that it says. */
static void
test_reach_of_a_false_claim_is_kept (HistoryFixture *f, gconstpointer data)
{
  g_free (history_say (f, "one"));
  g_free (history_say (f, "two"));
  g_assert_true (hand_over (f, claim (f, f->room_id, 1, KS_ROOM_KEY_BACKUP)));
  read_newest (f, "two");
  g_assert_cmpint (ks_timeline_item_get_reason (history_item (f, 0)), ==, KS_UNREADABLE_KEY_LATER);
  g_assert_false (hand_over (f, claim (f, ELSEWHERE, 0, KS_ROOM_KEY_BACKUP)));
  read_newest (f, "two");
  g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, 0)), ==, "one");
  assert_rooms (f, "here ");
  /* A made-up one is not taken over. */
  g_assert_false (hand_over (f, make_up (f, ELSEWHERE, KS_ROOM_KEY_BACKUP)));
  read_newest (f, "two");
}

/* The same where the other one was here before the message was read. */
static void
test_reach_of_a_claim_that_turns_out_false_is_kept (HistoryFixture *f, gconstpointer data)
{
  g_free (history_say (f, "one"));
  g_free (history_say (f, "two"));
  g_assert_true (hand_over (f, claim (f, f->room_id, 1, KS_ROOM_KEY_BACKUP)));
  g_assert_true (hand_over (f, claim (f, ELSEWHERE, 0, KS_ROOM_KEY_BACKUP)));
  read_newest (f, "two");
  engine_sql (&f->engine, "DELETE FROM room_keys WHERE room_id = '" ELSEWHERE "'");
  read_newest (f, "two");
  g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, 0)), ==, "one");
}

/* Whoever makes a session may use it in two rooms, against all custom: each message is proof. */
static void
test_two_rooms_that_messages_prove_are_both_true (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *first = g_strdup (f->room_id);
  g_autofree char *second = history_make_room (f, "Second");
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
  const char *rooms[] = { first, second, first };

  g_ptr_array_add (keys, claim (f, ELSEWHERE, 0, KS_ROOM_KEY_BACKUP));
  g_assert_true (hand_over (f, claim (f, ELSEWHERE, 0, KS_ROOM_KEY_BACKUP)));
  for (gsize i = 0; i < G_N_ELEMENTS (rooms); i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;

      ks_key_store_note_rooms_async (f->engine.keys, rooms[i], keys, ks_better_key_merge, NULL, engine_done,
                                     &result);
      ks_key_store_note_rooms_finish (f->engine.keys, engine_wait (&result), &error);
      g_assert_no_error (error);
    }
  assert_rooms (f, "here elsewhere ");
}

/* And not what a message of another room says, whatever the server shows it as. */
static void
test_exports_and_counts_leave_false_claims_out (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *path = key_file_path (&f->engine, "keys.txt");
  g_autoptr (JsonArray) sessions G_GNUC_UNUSED = NULL;
  g_autoptr (GError) error = NULL;
  KsExportReport report;

  g_free (history_say (f, "one"));
  g_assert_true (hand_over (f, claim (f, ELSEWHERE, 0, KS_ROOM_KEY_BACKUP)));
  g_assert_true (hand_over (f, make_up (f, ELSEWHERE, KS_ROOM_KEY_FILE)));
  g_assert_true (hand_over (f, claim (f, f->room_id, 0, KS_ROOM_KEY_FILE)));
  g_assert_cmpuint (key_file_count_keys (&f->engine), ==, 3);
  read_newest (f, "one");
  g_assert_cmpuint (key_file_count_keys (&f->engine), ==, 1);
  key_file_export (&f->engine, NULL, path, KS_EXPORT_KEEP, NULL, &report, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report.keys, ==, 1);
  g_assert_cmpuint (report.left_out, ==, 0);
}

/* The sender's own word is worth more than what anybody has written; a message, more than that. */
static void
test_message_outweighs_even_a_sender (HistoryFixture *f, gconstpointer data)
{
  g_free (history_say (f, "one"));
  g_assert_true (hand_over (f, claim (f, ELSEWHERE, 0, KS_ROOM_KEY_DIRECT)));
  g_assert_false (hand_over (f, claim (f, f->room_id, 0, KS_ROOM_KEY_BACKUP)));
  read_newest (f, "one");
  assert_rooms (f, "here ");
  g_assert_true (hand_over (f, claim (f, "!third:localhost", 0, KS_ROOM_KEY_DIRECT)));
  assert_rooms (f, "here ");
}

/* Thousands of rooms for one session cost little, and leave room for what comes by another way. */
static void
test_flood_of_claims_is_bounded (HistoryFixture *f, gconstpointer data)
{
  guint kept = 0;

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *room = g_strdup_printf ("!room%u:localhost", i);

      kept += hand_over (f, make_up (f, room, KS_ROOM_KEY_BACKUP)) ? 1 : 0;
    }
  g_assert_cmpuint (kept, ==, 16);
  g_free (history_say (f, "one"));
  g_assert_true (hand_over (f, claim (f, f->room_id, 0, KS_ROOM_KEY_FILE)));
  read_newest (f, "one");
  assert_rooms (f, "here ");
}

#define ADD(name, test) \
  g_test_add ("/room-claims/" name, HistoryFixture, NULL, history_set_up, test, history_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("neither-wins-by-coming-first", test_neither_of_two_rooms_wins_by_coming_first);
  ADD ("lying-file-does-not-win", test_lying_file_does_not_win_over_a_backup);
  ADD ("message-puts-a-misfiled-key-right", test_message_puts_a_misfiled_key_right);
  ADD ("made-up-key-does-not-hide-the-real-one",
       test_made_up_key_in_the_right_room_does_not_hide_the_real_one);
  ADD ("reach-of-a-false-claim-is-kept", test_reach_of_a_false_claim_is_kept);
  ADD ("reach-of-what-turns-out-false-is-kept", test_reach_of_a_claim_that_turns_out_false_is_kept);
  ADD ("two-rooms-that-messages-prove", test_two_rooms_that_messages_prove_are_both_true);
  ADD ("exports-leave-false-claims-out", test_exports_and_counts_leave_false_claims_out);
  ADD ("flood-of-claims-is-bounded", test_flood_of_claims_is_bounded);
  ADD ("message-outweighs-even-a-sender", test_message_outweighs_even_a_sender);
  return g_test_run ();
}
