/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files that are not imported: what is said of each, and that nothing has changed.
 */

#include "engine/key-file-fixture.h"

#include "engine/key-file/ks-key-file-kind.h"

#include <string.h>
#include <sys/stat.h>

static void
test_wrong_phrase_is_told_from_damage (UploadFixture *f, gconstpointer data)
{
  static const uint8_t iv[16] = { 9 };
  g_autoptr (GPtrArray) made = key_file_make_keys (300);
  g_autofree char *list = key_file_list (made);
  g_autoptr (GByteArray) bytes = key_file_bytes (KEY_FILE_PHRASE, iv, 1, list, strlen (list));
  g_autofree char *text = key_file_armour (bytes, 96, "\n", true);
  g_autofree char *path = key_file_save (&f->engine, "keys.txt", text, strlen (text));
  static const struct
  {
    gsize at;
    KsKeyFileError code;
  } flips[] = {
    { 0, KS_KEY_FILE_ERROR_UNKNOWN_VERSION }, { 33, KS_KEY_FILE_ERROR_BAD_ITERATIONS },
    { 5, KS_KEY_FILE_ERROR_WRONG_PHRASE },  /* the salt */
    { 37, KS_KEY_FILE_ERROR_WRONG_PHRASE }, /* the first character */
    { 40, KS_KEY_FILE_ERROR_DAMAGED },        { 100000, KS_KEY_FILE_ERROR_DAMAGED },
  };

  key_file_assert_refused (&f->engine, path, "seven silver snails", KS_KEY_FILE_ERROR_WRONG_PHRASE);
  key_file_assert_refused (&f->engine, path, "", KS_KEY_FILE_ERROR_WRONG_PHRASE);
  for (gsize i = 0; i < G_N_ELEMENTS (flips); i++)
    {
      g_autofree char *changed = NULL;
      g_autofree char *other = NULL;

      bytes->data[flips[i].at] ^= 0x40;
      changed = key_file_armour (bytes, 96, "\n", true);
      bytes->data[flips[i].at] ^= 0x40;
      other = key_file_save (&f->engine, "changed.txt", changed, strlen (changed));
      key_file_assert_refused (&f->engine, other, KEY_FILE_PHRASE, (int) flips[i].code);
    }
  /* Cut short anywhere, by a line or by the end line alone. */
  for (gsize cut = 40; cut < strlen (text); cut += strlen (text) / 7)
    {
      g_autofree char *other = key_file_save (&f->engine, "cut.txt", text, cut);

      key_file_assert_refused (&f->engine, other, KEY_FILE_PHRASE, KS_KEY_FILE_ERROR_DAMAGED);
    }
}

/* Fault F29. */
static void
test_rounds_out_of_bounds_are_refused (UploadFixture *f, gconstpointer data)
{
  static const uint8_t iv[16] = { 9 };
  static const guint32 rounds[] = { 0, 10000001, G_MAXUINT32 };

  for (gsize i = 0; i < G_N_ELEMENTS (rounds); i++)
    {
      g_autoptr (GByteArray) bytes = key_file_bytes (KEY_FILE_PHRASE, iv, rounds[i], "[]", 2);
      g_autofree char *text = key_file_armour (bytes, 96, "\n", true);
      g_autofree char *path = key_file_save (&f->engine, "keys.txt", text, strlen (text));

      key_file_assert_refused (&f->engine, path, KEY_FILE_PHRASE, KS_KEY_FILE_ERROR_BAD_ITERATIONS);
    }
}

/* Whoever knows the phrase can write anything. What is bad at the end spoils what was good. */
static void
test_no_list_of_keys_is_refused_whole (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made = key_file_make_keys (1200);
  g_autofree char *list = key_file_list (made);
  g_autofree char *deep = g_strnfill (100, '[');
  const char *const plains[] = { "", "{}", "5", "null", "[", "[{\"room_id\":\"!r\"", deep };

  for (gsize i = 0; i < G_N_ELEMENTS (plains); i++)
    {
      g_autofree char *path = key_file_save_plain (&f->engine, "keys.txt", plains[i]);

      key_file_assert_refused (&f->engine, path, KEY_FILE_PHRASE, KS_KEY_FILE_ERROR_NOT_ROOM_KEYS);
    }
  for (gsize i = 1; i < G_N_ELEMENTS (plains); i++)
    {
      g_autofree char *begun = g_strndup (list, strlen (list) - 1);
      g_autofree char *spoilt = g_strconcat (begun, ",", plains[i] + (plains[i][0] == '['), NULL);
      g_autofree char *path = key_file_save_plain (&f->engine, "keys.txt", spoilt);

      if (i > 3)
        key_file_assert_refused (&f->engine, path, KEY_FILE_PHRASE, KS_KEY_FILE_ERROR_NOT_ROOM_KEYS);
    }
}

/* Nor has any other program that writes such files the last word on what JSON is. */
static void
test_odd_key_costs_only_itself (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made = key_file_make_keys (20);
  g_autofree char *list = key_file_list (made);
  g_autofree char *open = g_strnfill (100, '[');
  g_autofree char *close = g_strnfill (100, ']');
  g_autofree char *deep = g_strconcat (open, close, NULL);
  const char *const odd[] = { "\"\xff\"", "\"\\u0000\"", "\"\\ud800\"", "{\"a\":1,\"a\":1}", deep };

  for (gsize i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      g_autofree char *text = g_strdup_printf ("\xef\xbb\xbf[{\"x\":%s},%s", odd[i], list + 1);
      g_autofree char *path = key_file_save_plain (&f->engine, "keys.txt", text);
      g_autoptr (GError) error = NULL;
      g_autoptr (KsKeyReport) report = NULL;

      report = key_file_import (&f->engine, path, KEY_FILE_PHRASE, KS_IMPORT_ACCEPT_FAILURES, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (report->total, ==, 21);
      g_assert_cmpuint (report->failed[KS_KEY_MALFORMED], ==, 1);
      g_assert_cmpuint (ks_key_report_get_failed (report), ==, 1);
      g_assert_cmpuint (key_file_count_keys (&f->engine), ==, 20);
    }
}

static void
test_other_files_are_recognised (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made = key_file_make_keys (2);
  g_autofree char *list = key_file_list (made);
  g_autofree char *large = g_strnfill (200000, 'x');
  g_autofree char *hidden = g_strconcat (large, KEY_FILE_FIRST_LINE, NULL);
  const struct
  {
    const char *text;
    KsKeyFileError code;
    KsKeyFileKind kind;
  } files[] = {
    { "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d\n", KS_KEY_FILE_ERROR_SECURITY_KEY,
      KS_KEY_FILE_KIND_SECURITY_KEY },
    { list, KS_KEY_FILE_ERROR_NOT_ENCRYPTED, KS_KEY_FILE_KIND_NOT_ENCRYPTED },
    { "\xef\xbb\xbf {\"rooms\":{\"!r\":{\"sessions\":{}}}}", KS_KEY_FILE_ERROR_BACKUP,
      KS_KEY_FILE_KIND_BACKUP },
    { "", KS_KEY_FILE_ERROR_EMPTY, KS_KEY_FILE_KIND_EMPTY },
    { " \n", KS_KEY_FILE_ERROR_EMPTY, KS_KEY_FILE_KIND_EMPTY },
    { "Dear diary", KS_KEY_FILE_ERROR_OTHER, KS_KEY_FILE_KIND_OTHER },
    { "{\"a\":1}", KS_KEY_FILE_ERROR_OTHER, KS_KEY_FILE_KIND_OTHER },
    { large, KS_KEY_FILE_ERROR_OTHER, KS_KEY_FILE_KIND_OTHER },
    /* A room-key file, of which the rest is missing. */
    { hidden, KS_KEY_FILE_ERROR_DAMAGED, KS_KEY_FILE_KIND_ROOM_KEYS },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = key_file_save (&f->engine, "file", files[i].text, strlen (files[i].text));
      g_autoptr (GFile) file = g_file_new_for_path (path);
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      KsKeyFileKind kind;

      key_file_assert_refused (&f->engine, path, KEY_FILE_PHRASE, (int) files[i].code);
      ks_key_file_look_async (file, NULL, engine_done, &result);
      ks_key_file_look_finish (engine_wait (&result), &kind, &error);
      g_assert_no_error (error);
      g_assert_cmpint (kind, ==, files[i].kind);
    }
}

/* Whatever is in them: also where that looks like a room-key file. */
static void
test_databases_are_recognised (UploadFixture *f, gconstpointer data)
{
  static const struct
  {
    const char *id;
    KsKeyFileError code;
    KsKeyFileKind kind;
  } files[] = {
    { "Keep", KS_KEY_FILE_ERROR_SET_ASIDE, KS_KEY_FILE_KIND_SET_ASIDE },
    { "keep", KS_KEY_FILE_ERROR_DATABASE, KS_KEY_FILE_KIND_DATABASE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      char content[4096] = "SQLite format 3";
      g_autofree char *path = NULL;
      g_autoptr (GFile) file = NULL;
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      KsKeyFileKind kind;

      memcpy (content + 68, files[i].id, 4);
      path = key_file_save (&f->engine, "file", content, sizeof content);
      key_file_assert_refused (&f->engine, path, KEY_FILE_PHRASE, (int) files[i].code);
      memcpy (content + 200, KEY_FILE_FIRST_LINE, strlen (KEY_FILE_FIRST_LINE));
      g_file_set_contents (path, content, sizeof content, &error);
      g_assert_no_error (error);
      file = g_file_new_for_path (path);
      ks_key_file_look_async (file, NULL, engine_done, &result);
      ks_key_file_look_finish (engine_wait (&result), &kind, &error);
      g_assert_no_error (error);
      g_assert_cmpint (kind, ==, files[i].kind);
    }
}

static void
test_what_cannot_be_read_is_said (UploadFixture *f, gconstpointer data)
{
  g_autofree char *missing = key_file_path (&f->engine, "missing.txt");
  g_autofree char *fifo = key_file_path (&f->engine, "fifo");
  g_autofree char *directory = key_file_directory (&f->engine);

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  key_file_assert_refused (&f->engine, missing, KEY_FILE_PHRASE, KS_KEY_FILE_ERROR_NOT_FOUND);
  key_file_assert_refused (&f->engine, fifo, KEY_FILE_PHRASE, KS_KEY_FILE_ERROR_NOT_A_FILE);
  key_file_assert_refused (&f->engine, directory, KEY_FILE_PHRASE, KS_KEY_FILE_ERROR_NOT_A_FILE);
}

#define ADD(name, test) \
  g_test_add ("/key-file-refused/" name, UploadFixture, NULL, upload_set_up, test, upload_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("wrong-phrase-is-told-from-damage", test_wrong_phrase_is_told_from_damage);
  ADD ("rounds-out-of-bounds-are-refused", test_rounds_out_of_bounds_are_refused);
  ADD ("no-list-of-keys-is-refused-whole", test_no_list_of_keys_is_refused_whole);
  ADD ("odd-key-costs-only-itself", test_odd_key_costs_only_itself);
  ADD ("other-files-are-recognised", test_other_files_are_recognised);
  ADD ("databases-are-recognised", test_databases_are_recognised);
  ADD ("what-cannot-be-read-is-said", test_what_cannot_be_read_is_said);
  return g_test_run ();
}
