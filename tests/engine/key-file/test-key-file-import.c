/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/key-file-fixture.h"

#include "crypto/ks-room-key.h"

#include <string.h>

static void
free_key (gpointer key)
{
  ks_stored_room_key_free (key);
}

static void
assert_counts (const KsKeyReport *report, guint64 total, guint64 added, guint64 better, guint64 here)
{
  g_assert_nonnull (report);
  g_assert_cmpuint (report->total, ==, total);
  g_assert_cmpuint (report->added, ==, added);
  g_assert_cmpuint (report->better, ==, better);
  g_assert_cmpuint (report->here, ==, here);
  g_assert_cmpuint (added + better + here + ks_key_report_get_failed (report), ==, total);
}

/* Imports a list without an error. */
static KsKeyReport *
import_list (EngineFixture *f, const char *list, KsImportFlags flags)
{
  g_autofree char *path = key_file_save_plain (f, "keys.txt", list);
  g_autoptr (GError) error = NULL;
  KsKeyReport *report = key_file_import (f, path, KEY_FILE_PHRASE, flags, NULL, &error);

  g_assert_no_error (error);
  return report;
}

/* Faults F40 and F42. */
static void
test_all_come_in_as_they_were (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made = key_file_make_keys (2500);
  KsStoredRoomKey *first = made->pdata[0];
  g_autofree char *list = NULL;
  g_autoptr (KsKeyReport) report = NULL;
  g_autoptr (KsKeyReport) again = NULL;

  first->shared_history = TRUE;
  first->forwarding_chain =
      g_strdup ("[\"" KEY_FILE_LINK "\",\"cAYfXCAjwyZ0OFQPPMJAfeMFvQi1XRI5ZXLqFnLWrqM\"]");
  list = key_file_list (made);
  report = import_list (&f->engine, list, KS_IMPORT_ALL_OR_NOTHING);
  assert_counts (report, 2500, 2500, 0, 0);
  for (guint i = 0; i < made->len; i += 83)
    {
      const KsStoredRoomKey *key = made->pdata[i];
      g_autoptr (KsStoredRoomKey) here = key_file_key_here (&f->engine, key);

      g_assert_nonnull (here);
      g_assert_cmpmem (here->session_key, here->session_key_size, key->session_key, key->session_key_size);
      g_assert_cmpuint (here->first_index, ==, key->first_index);
      g_assert_cmpstr (here->sender_key, ==, key->sender_key);
      g_assert_cmpstr (here->claimed_ed25519, ==, key->claimed_ed25519);
      g_assert_cmpstr (here->forwarding_chain, ==, key->forwarding_chain);
      g_assert_cmpint (here->shared_history, ==, key->shared_history);
      /* Whoever knows the phrase can have made it up. */
      g_assert_cmpint (here->provenance, ==, KS_ROOM_KEY_FILE);
      g_assert_null (here->backed_up_version);
    }
  again = import_list (&f->engine, list, KS_IMPORT_ALL_OR_NOTHING);
  assert_counts (again, 2500, 0, 0, 2500);
}

/* What came from its sender and what came from a file: both go up. */
static void
test_what_came_in_goes_to_the_backup (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made = key_file_make_keys (20);
  g_autofree char *list = key_file_list (made);
  g_autoptr (GError) error = NULL;

  engine_add_keys (&f->engine, 10, NULL);
  ks_key_report_free (import_list (&f->engine, list, KS_IMPORT_ALL_OR_NOTHING));
  upload_assert_counts (f, 30, 0, 0);
  upload (f, NULL, NULL, &error);
  g_assert_no_error (error);
  upload_assert_counts (f, 0, 0, 30);
  for (guint i = 0; i < made->len; i++)
    upload_assert_on_server (f, made->pdata[i], TRUE);
}

/* As other clients write it, and as mail and editors give it back. */
static void
test_every_wrapping (UploadFixture *f, gconstpointer data)
{
  static const uint8_t iv[16] = { 9 };
  static const struct
  {
    const char *before;
    gsize width;
    const char *newline;
    gboolean padded;
    const char *after;
  } files[] = {
    { "", 96, "\n", TRUE, "\n" },             /* Element, Keepsake */
    { "", 0, "\n", FALSE, "" },               /* matrix-nio */
    { "", 0, "\n", TRUE, "" },                /* matrix-rust-sdk */
    { "", 76, "\r\n", TRUE, "\r\n" },         /* an editor of another system */
    { "\xef\xbb\xbf", 96, "\n", TRUE, "\n" }, /* with a byte order mark */
    { "> Here you are.\n\n  ", 64, "\n  ", TRUE, "  \n\n-- \nAlice\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GPtrArray) made = key_file_make_keys (7);
      g_autofree char *list = key_file_list (made);
      g_autoptr (GByteArray) bytes = key_file_bytes (KEY_FILE_PHRASE, iv, 1, list, strlen (list));
      g_autofree char *armour = key_file_armour (bytes, files[i].width, files[i].newline, files[i].padded);
      g_autofree char *text = g_strconcat (files[i].before, armour, files[i].after, NULL);
      g_autofree char *path = key_file_save (&f->engine, "keys.txt", text, strlen (text));
      g_autoptr (GError) error = NULL;
      g_autoptr (KsKeyReport) report =
          key_file_import (&f->engine, path, KEY_FILE_PHRASE, KS_IMPORT_ALL_OR_NOTHING, NULL, &error);

      g_assert_no_error (error);
      assert_counts (report, 7, 7, 0, 0);
    }
}

static void
test_every_spelling_of_the_phrase (UploadFixture *f, gconstpointer data)
{
  static const uint8_t iv[16] = { 9 };
  static const struct
  {
    const char *written;
    const char *given;
  } phrases[] = {
    { "caf\xe9", "caf\xc3\xa9" },        /* Latin-1, as matrix-nio */
    { "caf\xe9", "cafe\xcc\x81" },       /* the same, typed decomposed */
    { "cafe\xcc\x81", "caf\xc3\xa9" },   /* NFD, as from another keyboard */
    { "caf\xc3\xa9", "cafe\xcc\x81" },   /* NFC */
    { "seven sails", " seven sails\n" }, /* pasted with more than it */
    { " seven sails", " seven sails" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (phrases); i++)
    {
      g_autoptr (GPtrArray) made = key_file_make_keys (3);
      g_autofree char *list = key_file_list (made);
      g_autoptr (GByteArray) bytes = key_file_bytes (phrases[i].written, iv, 1, list, strlen (list));
      g_autofree char *text = key_file_armour (bytes, 96, "\n", true);
      g_autofree char *path = key_file_save (&f->engine, "keys.txt", text, strlen (text));
      g_autoptr (GError) error = NULL;
      g_autoptr (KsKeyReport) report =
          key_file_import (&f->engine, path, phrases[i].given, KS_IMPORT_ALL_OR_NOTHING, NULL, &error);

      g_assert_no_error (error);
      assert_counts (report, 3, 3, 0, 0);
    }
}

/* Written where the counter has 64 bits, with an initialisation vector that runs over. */
static void
test_counter_of_64_bits (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made = key_file_make_keys (3);
  g_autofree char *list = key_file_list (made);
  g_autoptr (GByteArray) bytes = key_file_bytes_64 (KEY_FILE_PHRASE, list, strlen (list));
  g_autofree char *text = key_file_armour (bytes, 96, "\n", true);
  g_autofree char *path = key_file_save (&f->engine, "keys.txt", text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_autoptr (KsKeyReport) report =
      key_file_import (&f->engine, path, KEY_FILE_PHRASE, KS_IMPORT_ALL_OR_NOTHING, NULL, &error);

  g_assert_no_error (error);
  assert_counts (report, 3, 3, 0, 0);
}

/* --- keys that cannot be used --- */

/* @key with what fits its session, but for one thing that is replaced in its JSON. */
static char *
spoil (const KsStoredRoomKey *key, const char *what, const char *with)
{
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  g_autofree char *list = NULL;
  g_auto (GStrv) parts = NULL;

  g_ptr_array_add (one, (gpointer) key);
  list = key_file_list (one);
  parts = g_strsplit (list, what, 2);
  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  g_free (parts[0]);
  list[strlen (list) - 1] = '\0';
  parts[0] = g_strndup (list + 1, (gsize) (strstr (list, what) - list) - 1);
  parts[1][strlen (parts[1]) - 1] = '\0';
  return g_strconcat (parts[0], with, parts[1], NULL);
}

/* Faults F37, F38 and F41. */
static void
test_unusable_keys_are_all_or_nothing_unless_accepted (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made = key_file_make_keys (2100);
  g_autoptr (GPtrArray) here = key_file_make_keys (2);
  KsStoredRoomKey *elsewhere = here->pdata[0];
  KsStoredRoomKey *real = here->pdata[1];
  g_autoptr (KsStoredRoomKey) made_up = engine_make_key (real->room_id, 0);
  g_autoptr (KsStoredRoomKey) stranger = engine_make_key (ENGINE_ROOM, 0);
  const KsStoredRoomKey *any = made->pdata[0];
  g_autofree char *list = key_file_list (made);
  g_autofree char *kind = spoil (stranger, "m.megolm.v1", "m.megolm.v9");
  g_autofree char *no_room = spoil (stranger, "room_id", "room");
  g_autofree char *wrong_id = spoil (stranger, stranger->session_id, any->session_id);
  g_autofree char *no_key = spoil (stranger, "\"session_key\":\"", "\"session_key\":\"A");
  g_autofree char *wrong_room = spoil (elsewhere, elsewhere->room_id, "!third:localhost");
  g_autofree char *conflict = NULL;
  g_autofree char *text = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsKeyReport) refused = NULL;
  g_autoptr (KsKeyReport) accepted = NULL;
  g_autoptr (KsStoredRoomKey) kept = NULL;
  guint64 before;

  engine_put_keys (&f->engine, here);
  before = key_file_count_keys (&f->engine);
  /* Another ratchet under the public key of a session that is here. */
  memcpy (made_up->session_key + 133, real->session_key + 133, 32);
  g_free (made_up->session_id);
  made_up->session_id = g_strdup (real->session_id);
  conflict = spoil (made_up, "\"m.shared_history\":false", "\"m.shared_history\":true");

  list[strlen (list) - 1] = '\0';
  text = g_strdup_printf ("%s,%s,%s,%s,%s,%s,%s,7]", list, kind, no_room, wrong_id, no_key, wrong_room,
                          conflict);
  path = key_file_save_plain (&f->engine, "keys.txt", text);
  refused = key_file_import (&f->engine, path, KEY_FILE_PHRASE, KS_IMPORT_ALL_OR_NOTHING, NULL, &error);
  g_assert_error (error, KS_KEY_FILE_ERROR, KS_KEY_FILE_ERROR_UNUSABLE);
  assert_counts (refused, 2107, 2100, 0, 0);
  g_assert_cmpuint (key_file_count_keys (&f->engine), ==, before);

  accepted = import_list (&f->engine, text, KS_IMPORT_ACCEPT_FAILURES);
  assert_counts (accepted, 2107, 2100, 0, 0);
  g_assert_cmpuint (accepted->failed[KS_KEY_OTHER_KIND], ==, 1);
  g_assert_cmpuint (accepted->failed[KS_KEY_MALFORMED], ==, 2);
  g_assert_cmpuint (accepted->failed[KS_KEY_WRONG_ID], ==, 1);
  g_assert_cmpuint (accepted->failed[KS_KEY_NO_KEY], ==, 1);
  g_assert_cmpuint (accepted->failed[KS_KEY_WRONG_ROOM], ==, 1);
  g_assert_cmpuint (accepted->failed[KS_KEY_CONFLICT], ==, 1);
  for (guint i = 0; i < KS_KEY_N_REASONS; i++)
    g_assert_cmpuint (refused->failed[i], ==, accepted->failed[i]);
  g_assert_cmpuint (accepted->failures->len, ==, 7);
  /* What contradicts a key that is here stands beside it. */
  g_assert_cmpuint (key_file_count_keys (&f->engine), ==, before + 2100 + 1);
  kept = key_file_key_here (&f->engine, real);
  g_assert_cmpmem (kept->session_key, kept->session_key_size, real->session_key, real->session_key_size);
}

/* @key as it is from message @index on. */
static KsStoredRoomKey *
advanced (const KsStoredRoomKey *key, guint32 index)
{
  KsStoredRoomKey *later = engine_make_key (key->room_id, index);
  g_autoptr (KsRoomKey) session = NULL;

  g_assert_cmpint (ks_room_key_import (key->session_key, key->session_key_size, key->session_id,
                                       strlen (key->session_id), &session),
                   ==, KS_ROOM_KEY_OK);
  g_assert_true (ks_room_key_export (session, index, later->session_key));
  g_free (later->session_id);
  later->session_id = g_strdup (key->session_id);
  return later;
}

/* Faults F38 and F39. */
static void
test_better_key_wins_and_worse_one_never (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) full = g_ptr_array_new_with_free_func (free_key);
  g_autoptr (GPtrArray) later = g_ptr_array_new_with_free_func (free_key);
  g_autofree char *full_list = NULL;
  g_autofree char *later_list = NULL;
  g_autoptr (KsKeyReport) better = NULL;
  g_autoptr (KsKeyReport) worse = NULL;
  g_autoptr (KsStoredRoomKey) here = NULL;
  guint64 pending;

  for (guint i = 0; i < 3; i++)
    {
      g_ptr_array_add (full, engine_make_key (ENGINE_ROOM, 2));
      g_ptr_array_add (later, advanced (full->pdata[i], 300 + i));
      ((KsStoredRoomKey *) later->pdata[i])->backed_up_version = g_strdup (f->version);
    }
  full_list = key_file_list (full);
  later_list = key_file_list (later);
  engine_put_keys (&f->engine, later);
  better = import_list (&f->engine, full_list, KS_IMPORT_ALL_OR_NOTHING);
  assert_counts (better, 3, 0, 3, 0);
  here = key_file_key_here (&f->engine, full->pdata[0]);
  g_assert_cmpuint (here->first_index, ==, 2);
  /* It came from its sender before, and the ratchets prove that it is the same. */
  g_assert_cmpint (here->provenance, ==, KS_ROOM_KEY_DIRECT);
  /* The backup has less than what is here now. */
  engine_count (&f->engine, f->version, &pending, NULL);
  g_assert_cmpuint (pending, ==, 3);

  worse = import_list (&f->engine, later_list, KS_IMPORT_ALL_OR_NOTHING);
  assert_counts (worse, 3, 0, 0, 3);
  g_clear_pointer (&here, ks_stored_room_key_free);
  here = key_file_key_here (&f->engine, full->pdata[0]);
  g_assert_cmpuint (here->first_index, ==, 2);
}

/* Twice in one file: the better one stays, whichever comes first. */
static void
test_a_session_twice_in_one_file (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (free_key);
  g_autofree char *list = NULL;
  g_autoptr (KsKeyReport) report = NULL;

  g_ptr_array_add (keys, engine_make_key (ENGINE_ROOM, 2));
  g_ptr_array_add (keys, advanced (keys->pdata[0], 10));
  g_ptr_array_add (keys, advanced (keys->pdata[0], 2));
  list = key_file_list (keys);
  report = import_list (&f->engine, list, KS_IMPORT_ALL_OR_NOTHING);
  assert_counts (report, 3, 1, 0, 2);
}

/* --- stops --- */

static void
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
cancel_when_told (KsRecovery *recovery, guint64 keys, guint64 done, guint64 size, GCancellable *cancellable)
{
  g_assert_cmpuint (done, <=, size);
  g_cancellable_cancel (cancellable);
}

/* Fault F41. */
static void
test_cancelled_anywhere_changes_nothing (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made = key_file_make_keys (20000);
  g_autofree char *list = key_file_list (made);
  g_autofree char *path = key_file_save_plain (&f->engine, "keys.txt", list);
  const char *const steps[] = { "prove", "store", NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (KsKeyReport) report = NULL;

      if (steps[i] != NULL)
        engine_at_step (steps[i], 1, cancel, cancellable);
      else
        g_signal_connect (f->engine.recovery, "importing", G_CALLBACK (cancel_when_told), cancellable);
      report =
          key_file_import (&f->engine, path, KEY_FILE_PHRASE, KS_IMPORT_ALL_OR_NOTHING, cancellable, &error);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_null (report);
      g_assert_cmpuint (key_file_count_keys (&f->engine), ==, 0);
      g_signal_handlers_disconnect_matched (f->engine.recovery, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL,
                                            cancellable);
    }
}

/* Threat A16: a server that gives a key out as another room's must not keep the person from having
 * it from a file; what only a server says of a room never wins over anything. */
static void
test_key_that_a_server_has_misfiled_is_put_right (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made = key_file_make_keys (1);
  g_autoptr (GPtrArray) misfiled = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
  KsStoredRoomKey *real = made->pdata[0];
  KsStoredRoomKey *there = engine_make_key ("!third:localhost", real->first_index);
  g_autofree char *list = key_file_list (made);
  g_autoptr (KsKeyReport) report = NULL;
  g_autoptr (KsStoredRoomKey) here = NULL;
  g_autoptr (KsStoredRoomKey) beside = NULL;

  memcpy (there->session_key, real->session_key, real->session_key_size);
  g_free (there->session_id);
  there->session_id = g_strdup (real->session_id);
  there->provenance = KS_ROOM_KEY_BACKUP;
  g_ptr_array_add (misfiled, there);
  engine_put_keys (&f->engine, misfiled);
  report = import_list (&f->engine, list, KS_IMPORT_ALL_OR_NOTHING);
  assert_counts (report, 1, 1, 0, 0);
  here = key_file_key_here (&f->engine, real);
  g_assert_nonnull (here);
  beside = key_file_key_here (&f->engine, there);
  g_assert_nonnull (beside);
}

/* Fault F41: the disk is full, say, when all but the last key are stored. */
static void
test_store_that_fails_late_changes_nothing (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made = key_file_make_keys (3000);
  g_autofree char *list = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsKeyReport) report = NULL;

  g_ptr_array_add (made, engine_make_key (ENGINE_ROOM, 77));
  g_ptr_array_add (made, engine_make_key (ENGINE_ROOM, 77));
  list = key_file_list (made);
  path = key_file_save_plain (&f->engine, "keys.txt", list);
  engine_sql (&f->engine, "CREATE UNIQUE INDEX one ON room_keys (first_index) WHERE first_index = 77");
  report = key_file_import (&f->engine, path, KEY_FILE_PHRASE, KS_IMPORT_ALL_OR_NOTHING, NULL, &error);
  g_assert_nonnull (error);
  g_assert_null (report);
  engine_sql (&f->engine, "DROP INDEX one");
  g_assert_cmpuint (key_file_count_keys (&f->engine), ==, 0);
}

static void
test_one_at_a_time (UploadFixture *f, gconstpointer data)
{
  g_autofree char *path = key_file_save_plain (&f->engine, "keys.txt", "[]");
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (KsSecret) phrase = ks_secret_new_copy (KEY_FILE_PHRASE, strlen (KEY_FILE_PHRASE));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsKeyReport) report = NULL;
  g_autoptr (KsKeyReport) second = NULL;

  ks_recovery_import_keys_async (f->engine.recovery, file, phrase, KS_IMPORT_ALL_OR_NOTHING, NULL,
                                 engine_done, &result);
  second = key_file_import (&f->engine, path, KEY_FILE_PHRASE, KS_IMPORT_ALL_OR_NOTHING, NULL, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&error);
  ks_recovery_import_keys_finish (f->engine.recovery, engine_wait (&result), &report, &error);
  g_assert_no_error (error);
  assert_counts (report, 0, 0, 0, 0);
  /* The turn is given back. */
  ks_key_report_free (import_list (&f->engine, "[]", KS_IMPORT_ALL_OR_NOTHING));
}

#define ADD(name, test) \
  g_test_add ("/key-file-import/" name, UploadFixture, NULL, upload_set_up, test, upload_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("all-come-in-as-they-were", test_all_come_in_as_they_were);
  ADD ("what-came-in-goes-to-the-backup", test_what_came_in_goes_to_the_backup);
  ADD ("every-wrapping", test_every_wrapping);
  ADD ("every-spelling-of-the-phrase", test_every_spelling_of_the_phrase);
  ADD ("counter-of-64-bits", test_counter_of_64_bits);
  ADD ("unusable-keys-are-all-or-nothing-unless-accepted",
       test_unusable_keys_are_all_or_nothing_unless_accepted);
  ADD ("better-key-wins-and-worse-one-never", test_better_key_wins_and_worse_one_never);
  ADD ("a-session-twice-in-one-file", test_a_session_twice_in_one_file);
  ADD ("cancelled-anywhere-changes-nothing", test_cancelled_anywhere_changes_nothing);
  ADD ("key-that-a-server-has-misfiled-is-put-right", test_key_that_a_server_has_misfiled_is_put_right);
  ADD ("store-that-fails-late-changes-nothing", test_store_that_fails_late_changes_nothing);
  ADD ("one-at-a-time", test_one_at_a_time);
  return g_test_run ();
}
