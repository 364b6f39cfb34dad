/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/restore/ks-restore.h"

#include "crypto/ks-encoding.h"
#include "crypto/ks-room-key.h"
#include "engine/upload-fixture.h"
#include "matrix/ks-json.h"

#include <string.h>

#define KEYS_PATH "/_matrix/client/v3/room_keys/keys?version="

typedef struct
{
  UploadFixture *f;
  guint64 told;          /* the highest total so far */
  guint64 cancel_beyond; /* keys; 0: never */
  GCancellable *cancellable;
} Progress;

static void
on_progress (const KsKeyReport *report, gpointer data)
{
  Progress *progress = data;

  g_assert_cmpuint (report->total, >=, progress->told);
  g_assert_cmpuint (report->added + report->better + report->here + ks_key_report_get_failed (report), <=,
                    report->total);
  progress->told = report->total;
  if (progress->cancel_beyond > 0 && report->added >= progress->cancel_beyond)
    g_cancellable_cancel (progress->cancellable);
}

static KsKeyReport *
restore (UploadFixture *f, const char *room_id, Progress *progress, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  KsKeyReport *report = NULL;
  Progress none = { .f = f };

  if (progress == NULL)
    progress = &none;
  ks_restore_async (f->engine.http, f->engine.keys, f->version, room_id, f->private_key, on_progress,
                    progress, progress->cancellable, engine_done, &result);
  ks_restore_finish (f->engine.http, engine_wait (&result), &report, error);
  g_assert_nonnull (report);
  return report;
}

/* @n keys that are on the server, and not here any more. */
static GPtrArray *
lose_keys (UploadFixture *f, guint n)
{
  GPtrArray *made;
  g_autoptr (GError) error = NULL;

  engine_add_keys (&f->engine, n, &made);
  upload (f, NULL, NULL, &error);
  g_assert_no_error (error);
  engine_sql (&f->engine, "DELETE FROM room_keys");
  return made;
}

static KsStoredRoomKey *
key_here (UploadFixture *f, const KsStoredRoomKey *key)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_key_store_get_async (f->engine.keys, key->room_id, key->session_id, NULL, engine_done, &result);
  return ks_key_store_get_finish (f->engine.keys, engine_wait (&result), NULL);
}

static void
assert_same (const KsStoredRoomKey *here, const KsStoredRoomKey *made)
{
  g_assert_nonnull (here);
  g_assert_cmpmem (here->session_key, here->session_key_size, made->session_key, made->session_key_size);
  g_assert_cmpuint (here->first_index, ==, made->first_index);
  g_assert_cmpstr (here->sender_key, ==, made->sender_key);
  g_assert_cmpstr (here->claimed_ed25519, ==, made->claimed_ed25519);
}

static void
test_all_come_back (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made = lose_keys (f, 1500);
  g_autoptr (KsKeyReport) report = NULL;
  g_autoptr (KsKeyReport) again = NULL;
  g_autoptr (GError) error = NULL;
  Progress progress = { .f = f };
  guint64 pending;

  report = restore (f, NULL, &progress, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report->total, ==, 1500);
  g_assert_cmpuint (report->added, ==, 1500);
  g_assert_cmpuint (report->here + report->better + ks_key_report_get_failed (report), ==, 0);
  g_assert_cmpuint (progress.told, ==, 1500);
  for (guint i = 0; i < made->len; i += 97)
    {
      g_autoptr (KsStoredRoomKey) here = key_here (f, made->pdata[i]);

      assert_same (here, made->pdata[i]);
      /* Whoever knows the public key can have put it there. */
      g_assert_cmpint (here->provenance, ==, KS_ROOM_KEY_BACKUP);
    }
  /* What came out of the backup is in it, and does not go up again. */
  engine_count (&f->engine, f->version, &pending, NULL);
  g_assert_cmpuint (pending, ==, 0);

  again = restore (f, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->here, ==, 1500);
  g_assert_cmpuint (again->added, ==, 0);
}

static void
test_an_empty_backup_is_no_error (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsKeyReport) report = restore (f, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (report->total, ==, 0);
}

static void
test_one_room_alone (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made = lose_keys (f, 100);
  g_autoptr (GError) error = NULL;
  g_autoptr (KsKeyReport) report = restore (f, ENGINE_ROOM, NULL, &error);
  guint in_room = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < made->len; i++)
    if (g_str_equal (((KsStoredRoomKey *) made->pdata[i])->room_id, ENGINE_ROOM))
      in_room++;
  g_assert_cmpuint (in_room, >, 0);
  g_assert_cmpuint (in_room, <, 100);
  g_assert_cmpuint (report->added, ==, in_room);
}

static void
test_version_that_is_gone_is_said (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsKeyReport) report = NULL;

  g_free (f->version);
  f->version = g_strdup ("999");
  report = restore (f, NULL, NULL, &error);
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_FOUND);
}

/* --- stops --- */

/* Wherever the line is cut, what had arrived stays, and the next restore has the rest. */
static void
test_cut_anywhere_the_rest_comes_next_time (UploadFixture *f, gconstpointer data)
{
  guint64 sum = 0;

  g_ptr_array_unref (lose_keys (f, 400));
  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *rule =
          g_strdup_printf ("{\"path\":\"room_keys/keys\",\"at\":\"body\",\"bytes\":%u,\"action\":\"cut\"}",
                           1 + i * 61007);
      g_autoptr (KsKeyReport) report = NULL;
      g_autoptr (GError) error = NULL;

      hs_fixture_rule (f->engine.server, rule);
      report = restore (f, NULL, NULL, &error);
      g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
      g_assert_cmpuint (report->added + report->here, ==, report->total);
      sum += report->added;
      engine_no_rules (&f->engine);
    }
  g_assert_cmpuint (sum, >, 0);
  g_assert_cmpuint (sum, <, 400);
  {
    g_autoptr (GError) error = NULL;
    g_autoptr (KsKeyReport) report = restore (f, NULL, NULL, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (report->added, ==, 400 - sum);
    g_assert_cmpuint (report->here, ==, sum);
  }
}

static void
test_cancelled_keeps_what_has_come (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Progress progress = { .f = f, .cancel_beyond = 1000, .cancellable = cancellable };
  g_autoptr (GError) error = NULL;
  g_autoptr (KsKeyReport) report = NULL;
  g_autoptr (KsKeyReport) rest = NULL;

  g_ptr_array_unref (lose_keys (f, 9000));
  report = restore (f, NULL, &progress, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (report->added, >=, 1000);
  g_assert_cmpuint (report->added, <, 9000);
  g_clear_error (&error);
  rest = restore (f, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rest->here, ==, report->added);
  g_assert_cmpuint (rest->added, ==, 9000 - report->added);
}

static void
test_store_that_fails_ends_it (UploadFixture *f, gconstpointer data)
{
  g_autoptr (KsKeyReport) report = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_unref (lose_keys (f, 3000));
  engine_sql (&f->engine, "ALTER TABLE room_keys RENAME TO room_keys_gone");
  report = restore (f, NULL, NULL, &error);
  g_assert_nonnull (error);
  g_assert_cmpuint (report->added, ==, 0);
  engine_sql (&f->engine, "ALTER TABLE room_keys_gone RENAME TO room_keys");
}

/* --- hostile entries --- */

/* The answer of GET /room_keys/keys as the server would give it, for changing. */
static JsonObject *
whole_backup (UploadFixture *f)
{
  g_autofree char *path = g_strconcat (KEYS_PATH, f->version, NULL);

  return engine_read_object (&f->engine, path);
}

static JsonObject *
member (JsonObject *object, const char *name)
{
  JsonObject *found;

  g_assert_true (ks_json_get_object (object, name, &found));
  return found;
}

static JsonObject *
entry_of (JsonObject *backup, const KsStoredRoomKey *key)
{
  return member (member (member (member (backup, "rooms"), key->room_id), "sessions"), key->session_id);
}

static void
answer_with (UploadFixture *f, JsonObject *backup)
{
  g_autofree char *text = ks_json_to_text (backup, NULL, NULL);
  g_autoptr (GString) rule = g_string_new (
      "{\"method\":\"GET\",\"path\":\"room_keys/keys\",\"times\":0,\"action\":\"answer\",\"body\":");

  g_assert_true (ks_json_append_string (rule, text));
  g_string_append_c (rule, '}');
  hs_fixture_rule (f->engine.server, rule->str);
}

/* Changes the character at @place of a base64 member for another one. */
static void
change (JsonObject *data, const char *name, guint place)
{
  const char *text;
  g_autofree char *changed = NULL;

  g_assert_true (ks_json_get_string (data, name, &text));
  changed = g_strdup (text);
  changed[place] = changed[place] == 'A' ? 'B' : 'A';
  json_object_set_string_member (data, name, changed);
}

/* Threats A15 and A16, fault F37: one bad entry each among good ones: each is counted with its reason, none takes a good
 * one with it, and nothing bad gets in. */
static void
test_bad_entries_are_counted_and_left_out (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made = lose_keys (f, 40);
  g_autoptr (JsonObject) backup = whole_backup (f);
  g_autoptr (KsKeyReport) report = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *session;
  KsStoredRoomKey *first = made->pdata[10];
  KsStoredRoomKey *second = made->pdata[11];
  JsonObject *first_data, *second_data;

  /* 0: its MAC; 1: its ephemeral key; 2: the first block, which decides what it says. */
  change (member (entry_of (backup, made->pdata[0]), "session_data"), "mac", 3);
  change (member (entry_of (backup, made->pdata[1]), "session_data"), "ephemeral", 5);
  change (member (entry_of (backup, made->pdata[2]), "session_data"), "ciphertext", 4);
  /* 3: a point of small order; 4: no base64; 5: nothing in it; 6: no object at all. */
  session = member (entry_of (backup, made->pdata[3]), "session_data");
  json_object_set_string_member (session, "ephemeral", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
  session = member (entry_of (backup, made->pdata[4]), "session_data");
  json_object_set_string_member (session, "ciphertext", "§");
  json_object_remove_member (entry_of (backup, made->pdata[5]), "session_data");
  json_object_set_int_member (member (member (member (backup, "rooms"),
                                              ((KsStoredRoomKey *) made->pdata[6])->room_id),
                                      "sessions"),
                              ((KsStoredRoomKey *) made->pdata[6])->session_id, 7);
  /* 10 and 11: each under the other's name. */
  first_data = ks_json_copy_object (member (entry_of (backup, first), "session_data"));
  second_data = ks_json_copy_object (member (entry_of (backup, second), "session_data"));
  json_object_set_object_member (entry_of (backup, first), "session_data", second_data);
  json_object_set_object_member (entry_of (backup, second), "session_data", first_data);

  answer_with (f, backup);
  report = restore (f, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report->total, ==, 40);
  g_assert_cmpuint (report->failed[KS_KEY_WRONG_ID], ==, 2);
  g_assert_cmpuint (report->failed[KS_KEY_NOT_OURS], ==, 2);
  g_assert_cmpuint (report->failed[KS_KEY_NO_KEY], ==, 1);
  g_assert_cmpuint (report->failed[KS_KEY_MALFORMED], ==, 4);
  g_assert_cmpuint (report->added, ==, 31);
  g_assert_cmpuint (report->failures->len, ==, 9);
  for (guint i = 0; i < 40; i++)
    {
      g_autoptr (KsStoredRoomKey) here = key_here (f, made->pdata[i]);

      if (i <= 6 || i == 10 || i == 11)
        g_assert_null (here);
      else
        assert_same (here, made->pdata[i]);
    }
}

/* --- what is here already --- */

static GPtrArray *
only (KsStoredRoomKey *key)
{
  GPtrArray *keys = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);

  g_ptr_array_add (keys, key);
  return keys;
}

/* @key from a later message on, as a late comer to the room has it. */
static KsStoredRoomKey *
later (const KsStoredRoomKey *key, guint32 index)
{
  KsStoredRoomKey *copy = engine_make_key (key->room_id, index);
  g_autoptr (KsRoomKey) room_key = NULL;

  g_assert_cmpint (ks_room_key_import (key->session_key, key->session_key_size, key->session_id,
                                       strlen (key->session_id), &room_key),
                   ==, KS_ROOM_KEY_OK);
  g_assert_true (ks_room_key_export (room_key, index, copy->session_key));
  g_free (copy->session_id);
  copy->session_id = g_strdup (key->session_id);
  return copy;
}

/* Faults F38 and F39. */
static void
test_better_copy_of_the_backup_wins_and_origin_stays (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made = lose_keys (f, 1);
  KsStoredRoomKey *whole = made->pdata[0];
  g_autoptr (GPtrArray) mine = only (later (whole, 7));
  g_autoptr (KsKeyReport) report = NULL;
  g_autoptr (KsStoredRoomKey) here = NULL;
  g_autoptr (GError) error = NULL;

  engine_put_keys (&f->engine, mine);
  report = restore (f, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report->better, ==, 1);
  here = key_here (f, whole);
  assert_same (here, whole);
  g_assert_cmpint (here->provenance, ==, KS_ROOM_KEY_DIRECT);
}

/* Fault F38: and it goes up, for the backup's copy reaches less far back. */
static void
test_better_copy_that_is_here_stays (UploadFixture *f, gconstpointer data)
{
  KsStoredRoomKey *whole = engine_make_key (ENGINE_ROOM, 0);
  g_autoptr (GPtrArray) better = only (whole);
  g_autoptr (GPtrArray) worse = only (later (whole, 9));
  g_autoptr (KsKeyReport) report = NULL;
  g_autoptr (KsStoredRoomKey) here = NULL;
  g_autoptr (GError) error = NULL;
  guint64 pending;

  engine_put_keys (&f->engine, worse);
  upload (f, NULL, NULL, &error);
  g_assert_no_error (error);
  engine_sql (&f->engine, "DELETE FROM room_keys");
  /* As if it were up already, which it is not. */
  whole->backed_up_version = g_strdup (f->version);
  engine_put_keys (&f->engine, better);

  report = restore (f, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report->here, ==, 1);
  here = key_here (f, whole);
  assert_same (here, whole);
  g_assert_cmpint (here->provenance, ==, KS_ROOM_KEY_DIRECT);
  engine_count (&f->engine, f->version, &pending, NULL);
  g_assert_cmpuint (pending, ==, 1);
}

/* Threat A15, fault F38: anybody can make up an export with somebody else's public key in it. */
static void
test_made_up_key_never_takes_the_place_of_a_real_one (UploadFixture *f, gconstpointer data)
{
  KsStoredRoomKey *real = engine_make_key (ENGINE_ROOM, 4);
  KsStoredRoomKey *forged = engine_make_key (ENGINE_ROOM, 0);
  g_autoptr (GPtrArray) mine = only (real);
  g_autoptr (GPtrArray) theirs = only (forged);
  g_autoptr (KsKeyReport) report = NULL;
  g_autoptr (KsStoredRoomKey) here = NULL;
  g_autoptr (GError) error = NULL;

  memcpy (forged->session_key + 133, real->session_key + 133, 32);
  g_free (forged->session_id);
  forged->session_id = g_strdup (real->session_id);
  engine_put_keys (&f->engine, theirs);
  upload (f, NULL, NULL, &error);
  g_assert_no_error (error);
  engine_sql (&f->engine, "DELETE FROM room_keys");
  engine_put_keys (&f->engine, mine);

  report = restore (f, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report->failed[KS_KEY_CONFLICT], ==, 1);
  g_assert_cmpstr (((KsKeyFailure *) report->failures->pdata[0])->session_id, ==, real->session_id);
  here = key_here (f, real);
  assert_same (here, real);
  /* The server would not take it in the place of one that says to reach further back: it is not
   * said to be in the backup, now or after an upload. */
  upload (f, NULL, NULL, &error);
  g_assert_no_error (error);
  upload_assert_counts (f, 0, 1, 1);
}

#define ADD(name, func) \
  g_test_add ("/restore/" name, UploadFixture, NULL, upload_set_up, func, upload_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("all-come-back", test_all_come_back);
  ADD ("an-empty-backup-is-no-error", test_an_empty_backup_is_no_error);
  ADD ("one-room-alone", test_one_room_alone);
  ADD ("version-that-is-gone-is-said", test_version_that_is_gone_is_said);
  ADD ("cut-anywhere-the-rest-comes-next-time", test_cut_anywhere_the_rest_comes_next_time);
  ADD ("cancelled-keeps-what-has-come", test_cancelled_keeps_what_has_come);
  ADD ("store-that-fails-ends-it", test_store_that_fails_ends_it);
  ADD ("bad-entries-are-counted-and-left-out", test_bad_entries_are_counted_and_left_out);
  ADD ("better-copy-of-the-backup-wins-and-origin-stays",
       test_better_copy_of_the_backup_wins_and_origin_stays);
  ADD ("better-copy-that-is-here-stays", test_better_copy_that_is_here_stays);
  ADD ("made-up-key-never-takes-the-place-of-a-real-one",
       test_made_up_key_never_takes_the_place_of_a_real_one);
  return g_test_run ();
}
