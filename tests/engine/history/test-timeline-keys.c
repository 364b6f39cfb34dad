/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages without their keys: why, and what becomes of them when the keys come.
 */

#include "engine/history-fixture.h"

#include "engine/key-file-fixture.h"
#include "engine/recovery/ks-recovery-restore.h"
#include "matrix/ks-json.h"
#include "store/ks-key-lookup.h"

#include <string.h>

static void
on_notify (GObject *item, GParamSpec *pspec, guint *n)
{
  (*n)++;
}

static void
test_key_that_comes_makes_it_readable_in_place (HistoryFixture *f, gconstpointer data)
{
  guint told = 0;
  KsTimelineItem *item;

  g_free (history_say (f, "one"));
  item = history_assert_unreadable (f, KS_UNREADABLE_NO_KEY);
  g_assert_cmpuint (ks_timeline_get_n_unreadable (f->timeline), ==, 1);
  g_signal_connect (item, "notify::body", G_CALLBACK (on_notify), &told);
  history_put_key (f, 0, KS_ROOM_KEY_FILE);
  ks_timeline_look_for_keys (f->timeline);
  history_wait_for (item, KS_UNREADABLE_NOT);
  g_assert_true (history_item (f, 0) == item);
  g_assert_cmpstr (ks_timeline_item_get_body (item), ==, "one");
  g_assert_cmpuint (told, ==, 1);
  while (ks_timeline_get_n_readable (f->timeline) != 1)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (ks_timeline_get_n_unreadable (f->timeline), ==, 0);
}

static void
test_key_that_begins_later_is_said_and_a_better_one_helps (HistoryFixture *f, gconstpointer data)
{
  KsTimelineItem *item;

  g_free (history_say (f, "one"));
  history_put_key (f, 1, KS_ROOM_KEY_BACKUP);
  item = history_assert_unreadable (f, KS_UNREADABLE_KEY_LATER);
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  ks_timeline_look_for_keys (f->timeline);
  history_wait_for (item, KS_UNREADABLE_NOT);
  g_assert_cmpstr (ks_timeline_item_get_body (item), ==, "one");
}

static void
test_key_that_is_damaged_here_is_said_to_be (HistoryFixture *f, gconstpointer data)
{
  g_free (history_say (f, "one"));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  engine_sql (&f->engine,
              "UPDATE room_keys SET session_key_sealed = CAST (session_key_sealed || x'00' AS BLOB)");
  history_assert_unreadable (f, KS_UNREADABLE_KEY_DAMAGED);
}

/* A server can call any message an edit of any other, until it is read. */
static void
test_what_is_no_edit_is_missed_no_more (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *id = history_say (f, "one");
  g_autofree char *relation = g_strdup_printf ("{\"rel_type\":\"m.replace\",\"event_id\":\"%s\"}", id);
  g_autofree char *two = history_text ("two");
  g_autoptr (GError) error = NULL;
  KsTimelineItem *one;

  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  history_change_session (f);
  g_free (history_seal (f, NULL, two, relation));
  history_load (f, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->timeline)), ==, 1);
  one = history_item (f, 0);
  g_assert_true (ks_timeline_item_get_edit_missing (one));

  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  ks_timeline_look_for_keys (f->timeline);
  while (ks_timeline_get_n_readable (f->timeline) < 2)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, 1)), ==, "two");
  g_assert_false (ks_timeline_item_get_edit_missing (one));
}

/* --- two keys that claim one session --- */

/* Any ratchet beside the public key of f->session, of which every message tells. */
static KsStoredRoomKey *
make_up_key (HistoryFixture *f, KsRoomKeyProvenance provenance)
{
  KsStoredRoomKey *key = engine_make_key (f->room_id, 0);
  uint8_t own[KS_ROOM_KEY_EXPORT_SIZE];
  g_autoptr (KsRoomKey) session = sender_accept (&f->session);

  g_assert_true (ks_room_key_export (session, 0, own));
  memcpy (key->session_key + KS_ROOM_KEY_EXPORT_SIZE - KS_ROOM_KEY_ID_SIZE,
          own + KS_ROOM_KEY_EXPORT_SIZE - KS_ROOM_KEY_ID_SIZE, KS_ROOM_KEY_ID_SIZE);
  g_free (key->session_id);
  key->session_id = g_strdup (f->session.id);
  key->provenance = provenance;
  return key;
}

static KsStoredRoomKey *
copy_key (HistoryFixture *f)
{
  KsStoredRoomKey *key = make_up_key (f, KS_ROOM_KEY_FILE);
  g_autoptr (KsRoomKey) session = sender_accept (&f->session);

  g_assert_true (ks_room_key_export (session, 0, key->session_key));
  return key;
}

/* @key, which is taken, out of a file: it contradicts what is here. */
static void
import_key (HistoryFixture *f, KsStoredRoomKey *key)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
  g_autoptr (KsKeyReport) report = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *list = NULL;
  g_autofree char *path = NULL;

  g_ptr_array_add (keys, key);
  list = key_file_list (keys);
  path = key_file_save_plain (&f->engine, "keys.txt", list);
  report = key_file_import (&f->engine, path, KEY_FILE_PHRASE, KS_IMPORT_ACCEPT_FAILURES, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report->failed[KS_KEY_CONFLICT], ==, 1);
}

/* Fault F38, threat A15: a server, or whoever else can write into the backup, makes a key up before
 * the person imports the real one. */
static void
test_made_up_key_does_not_shut_out_the_one_of_a_file (HistoryFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made_up = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
  KsTimelineItem *item;

  g_free (history_say (f, "one"));
  g_ptr_array_add (made_up, make_up_key (f, KS_ROOM_KEY_BACKUP));
  engine_put_keys (&f->engine, made_up);
  item = history_assert_unreadable (f, KS_UNREADABLE_NOT_AUTHENTIC);
  import_key (f, copy_key (f));
  history_wait_for (item, KS_UNREADABLE_NOT);
  g_assert_cmpstr (ks_timeline_item_get_body (item), ==, "one");
}

/* Nor the other way round: somebody talks the person into importing a file. */
static void
test_made_up_key_of_a_file_shuts_nothing_out (HistoryFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_free (history_say (f, "one"));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  import_key (f, make_up_key (f, KS_ROOM_KEY_FILE));
  history_load (f, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, 0)), ==, "one");
}

/* What of f->session stands first, and what beside it. */
static void
assert_places (HistoryFixture *f, KsRoomKeyProvenance first, KsRoomKeyProvenance second)
{
  KsAccountRecord record = { .id = 1,
                             .user_id = (char *) ENGINE_USER,
                             .device_id = (char *) f->engine.device_id };
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  const KsLookedUpKey *keys;

  g_ptr_array_add (ids, (gpointer) f->session.id);
  ks_key_lookup_async (f->engine.database, &record, f->room_id, ids, NULL, engine_done, &result);
  found = ks_key_lookup_finish (f->engine.database, engine_wait (&result), &error);
  g_assert_no_error (error);
  keys = found->pdata[0];
  g_assert_cmpint (keys->key->provenance, ==, first);
  g_assert_cmpint (keys->twin->provenance, ==, second);
}

/* Into the next backup goes the key that opens something, and not the one that came first. */
static void
test_key_that_a_message_proves_is_the_first (HistoryFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made_up = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
  g_autoptr (GError) error = NULL;

  g_free (history_say (f, "one"));
  g_ptr_array_add (made_up, make_up_key (f, KS_ROOM_KEY_BACKUP));
  engine_put_keys (&f->engine, made_up);
  import_key (f, copy_key (f));
  assert_places (f, KS_ROOM_KEY_BACKUP, KS_ROOM_KEY_FILE);
  history_load (f, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, 0)), ==, "one");
  assert_places (f, KS_ROOM_KEY_FILE, KS_ROOM_KEY_BACKUP);
  ks_timeline_reset (f->timeline);
  history_load (f, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, 0)), ==, "one");
  assert_places (f, KS_ROOM_KEY_FILE, KS_ROOM_KEY_BACKUP);
}

/* Whoever moves house with a file takes both along. */
static void
test_both_keys_are_exported (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr (GPtrArray) made_up = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
  g_autoptr (KsKeyReport) imported = NULL;
  g_autoptr (GError) error = NULL;
  KsExportReport exported;

  g_free (history_say (f, "one"));
  g_ptr_array_add (made_up, make_up_key (f, KS_ROOM_KEY_BACKUP));
  engine_put_keys (&f->engine, made_up);
  import_key (f, copy_key (f));
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *name = g_strdup_printf ("both-%u.txt", i);

      g_free (path);
      path = key_file_path (&f->engine, name);
      key_file_export (&f->engine, i == 0 ? NULL : f->room_id, path, KS_EXPORT_KEEP, NULL, &exported, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (exported.keys, ==, 2);
    }
  engine_sql (&f->engine, "DELETE FROM room_keys");
  imported = key_file_import (&f->engine, path, KEY_FILE_PHRASE, KS_IMPORT_ACCEPT_FAILURES, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (imported->added, ==, 1);
  g_assert_cmpuint (imported->failed[KS_KEY_CONFLICT], ==, 1);
  history_load (f, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, 0)), ==, "one");
}

/* --- the backup --- */

static gboolean
fetch_keys (HistoryFixture *f, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_timeline_fetch_keys_async (f->timeline, NULL, engine_done, &result);
  return ks_timeline_fetch_keys_finish (f->timeline, engine_wait (&result), error);
}

/* The key is in the backup and not here. */
static void
back_up_and_lose (HistoryFixture *f)
{
  history_put_key (f, 0, KS_ROOM_KEY_DIRECT);
  ks_secret_unref (engine_set_up_whole (&f->engine));
  engine_sql (&f->engine, "DELETE FROM room_keys");
}

static void
test_backup_brings_the_keys_of_the_open_room (HistoryFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KsTimelineItem *item;
  guint all;

  g_free (history_say (f, "one"));
  back_up_and_lose (f);
  item = history_assert_unreadable (f, KS_UNREADABLE_NO_KEY);
  all = hs_fixture_count (f->engine.server, "^GET .*room_keys/keys$");
  fetch_keys (f, &error);
  g_assert_no_error (error);
  history_wait_for (item, KS_UNREADABLE_NOT);
  g_assert_cmpstr (ks_timeline_item_get_body (item), ==, "one");
  g_assert_cmpuint (hs_fixture_count (f->engine.server, "^GET .*room_keys/keys$"), ==, all);
}

/* While all keys are on their way the open room comes first. */
static void
test_open_room_does_not_wait_for_all_others (HistoryFixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) all = NULL;
  g_autoptr (GError) error = NULL;
  KsTimelineItem *item;

  g_free (history_say (f, "one"));
  back_up_and_lose (f);
  item = history_assert_unreadable (f, KS_UNREADABLE_NO_KEY);
  hs_fixture_rule (f->engine.server, "{\"method\":\"GET\",\"path\":\"room_keys/keys\\\\?\",\"delay\":1.5}");
  ks_recovery_restore_async (f->engine.recovery, NULL, NULL, engine_done, &all);
  fetch_keys (f, &error);
  g_assert_no_error (error);
  history_wait_for (item, KS_UNREADABLE_NOT);
  g_assert_null (all);
  ks_recovery_restore_finish (f->engine.recovery, engine_wait (&all), NULL, &error);
  g_assert_no_error (error);
}

static void
test_what_the_backup_does_not_have_is_said (HistoryFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KsTimelineItem *item;

  g_free (history_say (f, "one"));
  ks_secret_unref (engine_set_up_whole (&f->engine));
  item = history_assert_unreadable (f, KS_UNREADABLE_NO_KEY);
  fetch_keys (f, &error);
  g_assert_no_error (error);
  history_wait_for (item, KS_UNREADABLE_NOT_IN_BACKUP);
  g_assert_null (ks_timeline_item_get_body (item));
}

static void
test_entry_that_is_damaged_is_said_to_be (HistoryFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) rule = g_string_new (
      "{\"method\":\"GET\",\"path\":\"room_keys/keys\",\"times\":0,\"action\":\"answer\",\"body\":");
  g_autofree char *body =
      g_strdup_printf ("{\"sessions\":{\"%s\":{\"first_message_index\":0,\"forwarded_count\":0,"
                       "\"is_verified\":false,\"session_data\":{\"ephemeral\":\"x\",\"ciphertext\":\"x\","
                       "\"mac\":\"x\"}}}}",
                       f->session.id);
  KsTimelineItem *item;

  g_free (history_say (f, "one"));
  back_up_and_lose (f);
  item = history_assert_unreadable (f, KS_UNREADABLE_NO_KEY);
  g_assert_true (ks_json_append_string (rule, body));
  g_string_append_c (rule, '}');
  hs_fixture_rule (f->engine.server, rule->str);
  fetch_keys (f, &error);
  g_assert_no_error (error);
  history_wait_for (item, KS_UNREADABLE_BACKUP_BAD);
}

/* A restore that was cut has shown nothing of what it did not come to. */
static void
test_unfinished_restore_proves_nothing (HistoryFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_free (history_say (f, "one"));
  ks_secret_unref (engine_set_up_whole (&f->engine));
  hs_fixture_rule (f->engine.server, "{\"path\":\"room_keys/"
                                     "keys\",\"at\":\"body\",\"bytes\":1,\"action\":\"cut\",\"times\":0}");
  g_assert_false (fetch_keys (f, &error));
  g_assert_nonnull (error);
  history_assert_unreadable (f, KS_UNREADABLE_NO_KEY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/timeline-keys/" name, HistoryFixture, NULL, history_set_up, function, history_tear_down)
  ADD ("comes", test_key_that_comes_makes_it_readable_in_place);
  ADD ("later", test_key_that_begins_later_is_said_and_a_better_one_helps);
  ADD ("damaged", test_key_that_is_damaged_here_is_said_to_be);
  ADD ("no-edit", test_what_is_no_edit_is_missed_no_more);
  ADD ("two/backup-first", test_made_up_key_does_not_shut_out_the_one_of_a_file);
  ADD ("two/file-last", test_made_up_key_of_a_file_shuts_nothing_out);
  ADD ("two/proven", test_key_that_a_message_proves_is_the_first);
  ADD ("two/exported", test_both_keys_are_exported);
  ADD ("backup/room", test_backup_brings_the_keys_of_the_open_room);
  ADD ("backup/first", test_open_room_does_not_wait_for_all_others);
  ADD ("backup/not-in-it", test_what_the_backup_does_not_have_is_said);
  ADD ("backup/damaged", test_entry_that_is_damaged_is_said_to_be);
  ADD ("backup/unfinished", test_unfinished_restore_proves_nothing);
#undef ADD
  return g_test_run ();
}
