/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/key-file-fixture.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Changes a byte of the room-key file that is synced next. */
static gboolean spoil_next_sync;

/* In the place of the C library's. */
int
fsync (int fd)
{
  char text[sizeof KEY_FILE_FIRST_LINE - 1];

  if (spoil_next_sync && pread (fd, text, sizeof text, 0) == (gssize) sizeof text
      && memcmp (text, KEY_FILE_FIRST_LINE, sizeof text) == 0)
    {
      spoil_next_sync = FALSE;
      g_assert_cmpint (pread (fd, text, 1, 500), ==, 1);
      text[0] = text[0] == 'A' ? 'B' : 'A';
      g_assert_cmpint (pwrite (fd, text, 1, 500), ==, 1);
    }
  return fdatasync (fd);
}

static const KsStoredRoomKey *
key_of (GPtrArray *made, const char *session_id)
{
  for (guint i = 0; i < made->len; i++)
    if (g_str_equal (((KsStoredRoomKey *) made->pdata[i])->session_id, session_id))
      return made->pdata[i];
  g_assert_not_reached ();
}

static void
assert_string (JsonObject *object, const char *name, const char *expected)
{
  const char *text;

  g_assert_true (ks_json_get_string (object, name, &text));
  g_assert_cmpstr (text, ==, expected);
}

/* With all that the specification lists, which other clients need. */
static void
assert_session (JsonObject *session, GPtrArray *made)
{
  const KsStoredRoomKey *key;
  const char *session_id;
  const char *text;
  JsonObject *claimed;
  JsonArray *chain;
  g_autofree guchar *bytes = NULL;
  g_autofree char *padded = NULL;
  gsize size;

  g_assert_true (ks_json_get_string (session, "session_id", &session_id));
  key = key_of (made, session_id);
  assert_string (session, "algorithm", "m.megolm.v1.aes-sha2");
  assert_string (session, "room_id", key->room_id);
  assert_string (session, "sender_key", key->sender_key);
  g_assert_true (ks_json_get_object (session, "sender_claimed_keys", &claimed));
  assert_string (claimed, "ed25519", key->claimed_ed25519);
  g_assert_true (ks_json_get_array (session, "forwarding_curve25519_key_chain", &chain));
  g_assert_true (ks_json_get_string (session, "session_key", &text));
  padded = g_strconcat (text, "====", NULL);
  padded[(strlen (text) + 3) / 4 * 4] = '\0';
  bytes = g_base64_decode (padded, &size);
  g_assert_cmpmem (bytes, size, key->session_key, key->session_key_size);
}

static void
test_all_are_in_it_whole (EngineFixture *f, gconstpointer data)
{
  g_autofree char *path = key_file_path (f, "keys.txt");
  g_autoptr (GPtrArray) made = NULL;
  g_autoptr (JsonArray) sessions = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GByteArray) inside = NULL;
  KsExportReport report;
  struct stat info;

  engine_add_keys (f, 2200, &made);
  key_file_export (f, NULL, path, KS_EXPORT_KEEP, NULL, &report, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report.keys, ==, 2200);
  g_assert_cmpuint (report.left_out, ==, 0);
  sessions = key_file_sessions (path);
  g_assert_cmpuint (json_array_get_length (sessions), ==, 2200);
  for (guint i = 0; i < 2200; i += 71)
    assert_session (json_array_get_object_element (sessions, i), made);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 07777, ==, 0600);
  g_assert_cmpuint (key_file_count_files (f), ==, 1);
  /* As Element: version 1, 500,000 rounds. */
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  inside = key_file_unarmour (text);
  g_assert_cmpint (inside->data[0], ==, 1);
  g_assert_cmpmem (inside->data + 33, 4, "\x00\x07\xa1\x20", 4);
}

static void
test_comes_back_after_a_loss (EngineFixture *f, gconstpointer data)
{
  g_autofree char *path = key_file_path (f, "keys.txt");
  g_autoptr (GPtrArray) made = NULL;
  g_autoptr (KsKeyReport) report = NULL;
  g_autoptr (GError) error = NULL;

  engine_add_keys (f, 1100, &made);
  key_file_export (f, NULL, path, KS_EXPORT_KEEP, NULL, NULL, &error);
  g_assert_no_error (error);
  engine_sql (f, "DELETE FROM room_keys");
  report = key_file_import (f, path, KEY_FILE_PHRASE, KS_IMPORT_ALL_OR_NOTHING, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report->added, ==, 1100);
  for (guint i = 0; i < made->len; i += 37)
    {
      const KsStoredRoomKey *key = made->pdata[i];
      g_autoptr (KsStoredRoomKey) here = key_file_key_here (f, key);

      g_assert_cmpmem (here->session_key, here->session_key_size, key->session_key, key->session_key_size);
    }
}

static void
test_one_room_alone (EngineFixture *f, gconstpointer data)
{
  g_autofree char *path = key_file_path (f, "keys.txt");
  g_autoptr (JsonArray) sessions = NULL;
  g_autoptr (GError) error = NULL;
  KsExportReport report;

  engine_add_keys (f, 70, NULL);
  key_file_export (f, ENGINE_ROOM, path, KS_EXPORT_KEEP, NULL, &report, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report.keys, ==, 10);
  sessions = key_file_sessions (path);
  g_assert_cmpuint (json_array_get_length (sessions), ==, 10);
  for (guint i = 0; i < 10; i++)
    assert_string (json_array_get_object_element (sessions, i), "room_id", ENGINE_ROOM);
}

static void
assert_refused (
    EngineFixture *f, const char *room_id, const char *path, KsExportFlags flags, KsKeyFileError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (key_file_export (f, room_id, path, flags, NULL, NULL, &error));
  g_assert_error (error, KS_KEY_FILE_ERROR, (int) code);
}

static void
test_nothing_to_export_makes_no_file (EngineFixture *f, gconstpointer data)
{
  g_autofree char *path = key_file_path (f, "keys.txt");

  assert_refused (f, NULL, path, KS_EXPORT_KEEP, KS_KEY_FILE_ERROR_NOTHING);
  engine_add_keys (f, 10, NULL);
  assert_refused (f, "!nowhere:localhost", path, KS_EXPORT_KEEP, KS_KEY_FILE_ERROR_NOTHING);
  g_assert_cmpuint (key_file_count_files (f), ==, 0);
}

static void
test_another_file_is_kept_or_replaced (EngineFixture *f, gconstpointer data)
{
  g_autofree char *path = key_file_save (f, "diary", "my only diary", 13);
  g_autofree char *empty = key_file_save (f, "empty", "", 0);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  engine_add_keys (f, 10, NULL);
  assert_refused (f, NULL, path, KS_EXPORT_KEEP, KS_KEY_FILE_ERROR_EXISTS);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "my only diary");
  key_file_export (f, NULL, path, KS_EXPORT_REPLACE, NULL, NULL, &error);
  g_assert_no_error (error);
  json_array_unref (key_file_sessions (path));
  /* A dialog may have made it, and nothing is lost with it. */
  key_file_export (f, NULL, empty, KS_EXPORT_KEEP, NULL, NULL, &error);
  g_assert_no_error (error);
  json_array_unref (key_file_sessions (empty));
  g_assert_cmpuint (key_file_count_files (f), ==, 2);
}

static void
test_links_and_other_places_are_refused (EngineFixture *f, gconstpointer data)
{
  g_autofree char *link = key_file_path (f, "link");
  g_autofree char *target = key_file_path (f, "target");
  g_autofree char *nowhere = key_file_path (f, "no-such/keys.txt");
  g_autofree char *directory = key_file_directory (f);

  engine_add_keys (f, 10, NULL);
  g_assert_cmpint (symlink (target, link), ==, 0);
  assert_refused (f, NULL, link, KS_EXPORT_REPLACE, KS_KEY_FILE_ERROR_LINK);
  assert_refused (f, NULL, directory, KS_EXPORT_REPLACE, KS_KEY_FILE_ERROR_NOT_A_FILE);
  assert_refused (f, NULL, nowhere, KS_EXPORT_REPLACE, KS_KEY_FILE_ERROR_NOT_FOUND);
  g_assert_false (g_file_test (target, G_FILE_TEST_EXISTS));
}

static void
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
test_cancelled_anywhere_leaves_nothing (EngineFixture *f, gconstpointer data)
{
  g_autofree char *path = key_file_save (f, "keys.txt", "what was there", 14);
  static const struct
  {
    const char *step;
    guint nth;
  } stops[] = { { "count", 1 }, { "keys", 1 }, { "keys", 2 }, { "keys", 3 }, { "check", 1 } };

  engine_add_keys (f, 1100, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (stops); i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      engine_at_step (stops[i].step, stops[i].nth, cancel, cancellable);
      g_assert_false (key_file_export (f, NULL, path, KS_EXPORT_REPLACE, cancellable, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      g_assert_cmpstr (text, ==, "what was there");
    }
  g_assert_cmpuint (key_file_count_files (f), ==, 1);
}

/* What cannot be opened any more is not silently missing. */
static void
test_damaged_keys_are_counted (EngineFixture *f, gconstpointer data)
{
  g_autofree char *path = key_file_path (f, "keys.txt");
  g_autoptr (GError) error = NULL;
  KsExportReport report;

  engine_add_keys (f, 10, NULL);
  engine_sql (f, "UPDATE room_keys SET session_key_sealed = substr (session_key_sealed, 1, 100)"
                 " WHERE id IN (SELECT id FROM room_keys ORDER BY id LIMIT 3)");
  key_file_export (f, NULL, path, KS_EXPORT_KEEP, NULL, &report, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report.keys + report.left_out, ==, 10);
  g_assert_cmpuint (report.left_out, ==, 3);
}

/* A process may write no files larger than that: as a full disk, but for the errno. */
static void
test_full_disk_leaves_nothing (EngineFixture *f, gconstpointer data)
{
  g_autofree char *path = key_file_path (f, "keys.txt");
  struct rlimit before, limit;

  engine_add_keys (f, 1500, NULL);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = 300000;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  assert_refused (f, NULL, path, KS_EXPORT_KEEP, KS_KEY_FILE_ERROR_FULL);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_cmpuint (key_file_count_files (f), ==, 0);
}

static void
test_medium_that_changes_it_is_noticed (EngineFixture *f, gconstpointer data)
{
  g_autofree char *path = key_file_path (f, "keys.txt");

  engine_add_keys (f, 10, NULL);
  spoil_next_sync = TRUE;
  assert_refused (f, NULL, path, KS_EXPORT_KEEP, KS_KEY_FILE_ERROR_DIFFERS);
  g_assert_false (spoil_next_sync);
  g_assert_cmpuint (key_file_count_files (f), ==, 0);
}

#define ADD(name, test) \
  g_test_add ("/key-file-export/" name, EngineFixture, NULL, engine_set_up, test, engine_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("all-are-in-it-whole", test_all_are_in_it_whole);
  ADD ("comes-back-after-a-loss", test_comes_back_after_a_loss);
  ADD ("one-room-alone", test_one_room_alone);
  ADD ("nothing-to-export-makes-no-file", test_nothing_to_export_makes_no_file);
  ADD ("another-file-is-kept-or-replaced", test_another_file_is_kept_or_replaced);
  ADD ("links-and-other-places-are-refused", test_links_and_other_places_are_refused);
  ADD ("cancelled-anywhere-leaves-nothing", test_cancelled_anywhere_leaves_nothing);
  ADD ("damaged-keys-are-counted", test_damaged_keys_are_counted);
  ADD ("full-disk-leaves-nothing", test_full_disk_leaves_nothing);
  ADD ("medium-that-changes-it-is-noticed", test_medium_that_changes_it_is_noticed);
  return g_test_run ();
}
