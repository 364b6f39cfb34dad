/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A room as other clients have left it: tests/data/engine/README.md tells where it is from.
 */

#include "engine/history-fixture.h"
#include "engine/key-file-fixture.h"

#include "crypto/ks-encoding.h"
#include "matrix/ks-json.h"

#include <string.h>

#define ROOM "!bugs:localhost"
#define PHRASE "correct horse 1"

static char *
path_of (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "data", "engine", "history", name, NULL);
}

static char *
read_data (const char *name, gsize *size)
{
  g_autofree char *path = path_of (name);
  char *bytes;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &bytes, size, &error);
  g_assert_no_error (error);
  return bytes;
}

/* Its key is here, and its page is loaded. */
static void
open_room (HistoryFixture *f)
{
  g_autofree char *key = path_of ("key-export.txt");
  g_autofree char *page = read_data ("events.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (KsKeyReport) report =
      key_file_import (&f->engine, key, PHRASE, KS_IMPORT_ALL_OR_NOTHING, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (report->added, ==, 1);
  g_object_unref (f->timeline);
  f->timeline = ks_rooms_open_id (f->rooms, ROOM);
  history_answer_messages (f, 1, page);
  history_load (f, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ks_timeline_get_n_unreadable (f->timeline), ==, 0);
}

static KsTimelineItem *
find (HistoryFixture *f, const char *event_id)
{
  KsTimelineItem *item = ks_timeline_find (f->timeline, event_id, NULL);

  g_assert_nonnull (item);
  return item;
}

static void
test_texts_are_read (HistoryFixture *f, gconstpointer data)
{
  open_room (f);
  g_assert_cmpstr (ks_timeline_item_get_body (find (f, "$bug6")), ==, "no sender_key, no device_id");
  g_assert_cmpstr (ks_timeline_item_get_body (find (f, "$bug7")), ==, "second wording");
  g_assert_true (ks_timeline_item_get_edited (find (f, "$bug7")));
  g_assert_null (ks_timeline_find (f->timeline, "$bug8", NULL));
}

static void
test_deleted_ones_are_deleted (HistoryFixture *f, gconstpointer data)
{
  const char *const deleted[] = { "$bug9", "$bug11", "$bug12" };

  open_room (f);
  for (gsize i = 0; i < G_N_ELEMENTS (deleted); i++)
    g_assert_cmpint (ks_timeline_item_get_kind (find (f, deleted[i])), ==, KS_TIMELINE_REDACTED);
}

/* The server has @bytes under the name @name. */
static void
serve (HistoryFixture *f, const char *name, const char *bytes, gsize size)
{
  g_autofree char *base64 = ks_base64_encode (bytes, size, KS_BASE64_PADDED);
  g_autofree char *rule =
      g_strdup_printf ("{\"path\":\"/media/download/localhost/%s$\",\"action\":\"answer\","
                       "\"headers\":{\"Content-Type\":\"application/octet-stream\"},"
                       "\"base64\":\"%s\"}",
                       name, base64);

  hs_fixture_rule (f->engine.server, rule);
}

static void
test_attachments_of_each_time_are_decrypted (HistoryFixture *f, gconstpointer data)
{
  static const struct
  {
    const char *event_id;
    const char *name; /* of the file on the server, and of the data */
  } cases[] = { { "$bug3", "no-version" }, { "$bug4", "v1" }, { "$bug5", "wrap-64" } };
  gsize plain_size;
  g_autofree char *plain = read_data ("attachment-plaintext.bin", &plain_size);

  open_room (f);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *file = g_strdup_printf ("attachment-%s.bin", cases[i].name);
      g_autofree char *path = g_build_filename (f->engine.top, cases[i].name, NULL);
      gsize size, saved_size;
      g_autofree char *sealed = read_data (file, &size);
      g_autofree char *saved = NULL;
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;

      serve (f, cases[i].name, sealed, size);
      ks_timeline_save_attachment_async (f->timeline,
                                         ks_timeline_item_get_attachment (find (f, cases[i].event_id)), path,
                                         FALSE, NULL, NULL, NULL, engine_done, &result);
      ks_timeline_save_attachment_finish (f->timeline, engine_wait (&result), &error);
      g_assert_no_error (error);
      g_assert_true (g_file_get_contents (path, &saved, &saved_size, NULL));
      g_assert_cmpmem (saved, saved_size, plain, plain_size);
    }
}

/* The files to these are not among the data: they are what the plaintext becomes. */
static void
test_whole_and_padded_ivs_are_taken (HistoryFixture *f, gconstpointer data)
{
  const char *const events[] = { "$bug1", "$bug2" };

  open_room (f);
  for (gsize i = 0; i < G_N_ELEMENTS (events); i++)
    g_assert_true (ks_attachment_get_usable (ks_timeline_item_get_attachment (find (f, events[i]))));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/others-history/" name, HistoryFixture, NULL, history_set_up, function, history_tear_down)
  ADD ("texts", test_texts_are_read);
  ADD ("deleted", test_deleted_ones_are_deleted);
  ADD ("attachments", test_attachments_of_each_time_are_decrypted);
  ADD ("attachments/ivs", test_whole_and_padded_ivs_are_taken);
#undef ADD
  return g_test_run ();
}
