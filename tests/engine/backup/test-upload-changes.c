/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An upload while the server, the store or the keys are not what they were.
 */

#include "crypto/ks-room-key.h"
#include "engine/upload-fixture.h"
#include "matrix/ks-json.h"

#include <string.h>

static void
free_key (gpointer key)
{
  ks_stored_room_key_free (key);
}

/* Once some keys are up. */
static void
replace_version (UploadFixture *f)
{
  if (f->done > 0)
    {
      f->on_progress = NULL;
      g_free (upload_make_version (f, f->public_key));
    }
}

static void
delete_version (UploadFixture *f)
{
  g_autofree char *path = g_strconcat (ENGINE_BACKUP "/", f->version, NULL);

  if (f->done > 0)
    {
      f->on_progress = NULL;
      g_free (hs_fixture_request (f->engine.server, "DELETE", path, f->engine.observer, NULL, NULL));
    }
}

/* Nothing more is sent, and what was marked is not believed to be anywhere. */
static void
test_version_that_is_not_current_any_more (UploadFixture *f, gconstpointer data)
{
  void (*const ways[]) (UploadFixture *) = { replace_version, delete_version };
  void (*const *way) (UploadFixture *) = &ways[GPOINTER_TO_INT (data)];
  g_autoptr (GError) error = NULL;
  guint64 pending;
  KsUploaded sum;

  engine_add_keys (&f->engine, 1600, NULL);
  f->on_progress = *way;
  g_assert_false (upload (f, NULL, &sum, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_UNTRUSTED);
  g_assert_cmpuint (upload_count_puts (f), ==, 2);
  engine_count (&f->engine, f->version, &pending, NULL);
  g_assert_cmpuint (pending, ==, 1600);
}

/* What the probe after a fault finds is the same. */
static void
test_probe_finds_the_version_gone (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_strconcat (ENGINE_BACKUP "/", f->version, NULL);
  guint64 pending;

  engine_add_keys (&f->engine, 5, NULL);
  g_free (hs_fixture_request (f->engine.server, "DELETE", path, f->engine.observer, NULL, NULL));
  hs_fixture_rule (f->engine.server,
                   "{\"method\":\"PUT\",\"path\":\"room_keys/keys\",\"times\":0,\"action\":\"cut\"}");
  g_assert_false (upload (f, NULL, NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_UNTRUSTED);
  engine_count (&f->engine, f->version, &pending, NULL);
  g_assert_cmpuint (pending, ==, 5);
}

static void
empty_version (UploadFixture *f)
{
  g_autofree char *path = g_strconcat ("/_matrix/client/v3/room_keys/keys?version=", f->version, NULL);

  if (f->done == 0)
    return;
  f->on_progress = NULL;
  g_free (hs_fixture_request (f->engine.server, "DELETE", path, f->engine.observer, NULL, NULL));
}

/* The server loses 500 keys that were marked: they are offered again. */
static void
test_keys_that_the_server_lost_are_sent_again (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  engine_add_keys (&f->engine, 600, NULL);
  f->on_progress = empty_version;
  upload (f, NULL, NULL, &error);
  g_assert_no_error (error);
  upload_assert_counts (f, 0, 0, 600);
}

/* A server whose count falls with every answer does not keep it going for ever. */
static void
test_count_that_always_falls_is_audited_once (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint64 pending;

  engine_add_keys (&f->engine, 600, NULL);
  for (int count = 9; count >= 0; count--)
    {
      g_autofree char *rule = g_strdup_printf ("{\"method\":\"PUT\",\"path\":\"room_keys/keys\",\"times\":%d,"
                                               "\"action\":\"answer\",\"body\":"
                                               "\"{\\\"etag\\\":\\\"1\\\",\\\"count\\\":%d}\"}",
                                               count > 0 ? 1 : 0, count);

      hs_fixture_rule (f->engine.server, rule);
    }
  upload (f, NULL, NULL, &error);
  g_assert_no_error (error);
  engine_count (&f->engine, f->version, &pending, NULL);
  g_assert_cmpuint (pending, ==, 0);
}

/* A whole batch of rows that do not open lies before the others, and more among them. */
static void
test_damaged_rows_do_not_stop_what_lies_behind (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KsUploaded sum;

  engine_add_keys (&f->engine, 560, NULL);
  engine_sql (&f->engine, "UPDATE room_keys SET session_key_sealed = substr (session_key_sealed, 1, 100)"
                          " WHERE id <= 505 OR id = 530");
  upload (f, NULL, &sum, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sum.uploaded, ==, 54);
  /* They are not claimed to be anywhere. */
  upload_assert_counts (f, 506, 0, 54);
}

/* A key that the store gives out whole and that is none: its session ID is another's; and one of
 * which nobody knows who made it. */
static void
test_key_damaged_in_its_parts_is_put_aside (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (free_key);
  KsStoredRoomKey *damaged = engine_make_key (ENGINE_ROOM, 0);
  KsStoredRoomKey *nameless = engine_make_key (ENGINE_ROOM, 0);
  g_autoptr (GError) error = NULL;
  KsUploaded sum;

  damaged->session_key[KS_ROOM_KEY_EXPORT_SIZE - 1] ^= 1;
  nameless->sender_key[0] = '\0';
  g_ptr_array_add (keys, damaged);
  g_ptr_array_add (keys, engine_make_key (ENGINE_ROOM, 0));
  g_ptr_array_add (keys, nameless);
  engine_put_keys (&f->engine, keys);
  upload (f, NULL, &sum, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sum.uploaded, ==, 1);
  g_assert_cmpuint (sum.refused, ==, 2);
  upload_assert_counts (f, 0, 2, 1);
}

/* A batch of nothing but such keys is not sent at all. */
static void
test_only_damaged_keys_send_nothing (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (free_key);
  KsStoredRoomKey *damaged = engine_make_key (ENGINE_ROOM, 0);
  g_autoptr (GError) error = NULL;

  damaged->session_key[0] = 2;
  g_ptr_array_add (keys, damaged);
  engine_put_keys (&f->engine, keys);
  upload (f, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (upload_count_puts (f), ==, 0);
  upload_assert_counts (f, 0, 1, 0);
}

static GPtrArray *better; /* for put_better() */

static void
put_better (UploadFixture *f)
{
  if (f->done == 0)
    return;
  f->on_progress = NULL;
  engine_put_keys (&f->engine, better);
}

static KsStoredRoomKey *
make_better (const KsStoredRoomKey *key)
{
  KsStoredRoomKey *copy = engine_make_key (key->room_id, 0);

  g_free (copy->session_id);
  copy->session_id = g_strdup (key->session_id);
  memcpy (copy->session_key + 133, key->session_key + 133, 32);
  return copy;
}

static gint64
index_on_server (UploadFixture *f, const KsStoredRoomKey *key)
{
  g_autofree char *path = upload_entry_path (f, key);
  g_autoptr (JsonObject) entry = engine_read_object (&f->engine, path);
  gint64 first_index;

  g_assert_true (ks_json_get_integer (entry, "first_message_index", &first_index));
  return first_index;
}

/* One that is up already becomes better while the others go up. */
static void
test_key_that_becomes_better_meanwhile_is_sent_again (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (free_key);
  KsStoredRoomKey *key = engine_make_key (ENGINE_ROOM, 9);
  g_autoptr (GError) error = NULL;

  better = g_ptr_array_new_with_free_func (free_key);
  g_ptr_array_add (better, make_better (key));
  g_ptr_array_add (keys, key);
  engine_put_keys (&f->engine, keys);
  engine_add_keys (&f->engine, 600, NULL);
  f->on_progress = put_better;
  upload (f, NULL, NULL, &error);
  g_assert_no_error (error);
  upload_assert_counts (f, 0, 0, 601);
  g_assert_cmpint (index_on_server (f, key), ==, 0);
  g_ptr_array_unref (better);
}

#if defined(__SANITIZE_ADDRESS__)
/* Of the sanitizer's run-time library, whose headers gcc does not bring. */
size_t __sanitizer_get_current_allocated_bytes (void);

/* The sanitizer keeps for a while what was freed; what is in use it knows. In KiB. */
static gint64
in_use (void)
{
  return (gint64) (__sanitizer_get_current_allocated_bytes () / 1024);
}
#else
/* What this process has of the machine's memory, in KiB. */
static gint64
in_use (void)
{
  g_autofree char *text = NULL;
  const char *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &text, NULL, NULL));
  line = strstr (text, "VmRSS:");
  g_assert_nonnull (line);
  return g_ascii_strtoll (line + strlen ("VmRSS:"), NULL, 10);
}
#endif

static gint64 peak;

static void
watch_memory (UploadFixture *f)
{
  peak = MAX (peak, in_use ());
}

/* 20,000 entries are 20 MB of JSON. The largest batch is 8,000 keys. */
static void
test_memory_is_flat (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gint64 before;

  for (int i = 0; i < 20; i++)
    engine_add_keys (&f->engine, 1000, NULL);
  before = in_use ();
  f->on_progress = watch_memory;
  upload (f, NULL, NULL, &error);
  g_assert_no_error (error);
  upload_assert_counts (f, 0, 0, 20000);
  g_test_message ("grew by %ld KiB", (long) (peak - before));
  g_assert_cmpint (peak - before, <, 64 * 1024);
}

#define ADD(name, data, test)                                                                      \
  g_test_add ("/upload-changes/" name, UploadFixture, GINT_TO_POINTER (data), upload_set_up, test, \
              upload_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("version-replaced", 0, test_version_that_is_not_current_any_more);
  ADD ("version-deleted", 1, test_version_that_is_not_current_any_more);
  ADD ("probe-finds-the-version-gone", 0, test_probe_finds_the_version_gone);
  ADD ("keys-that-the-server-lost-are-sent-again", 0, test_keys_that_the_server_lost_are_sent_again);
  ADD ("count-that-always-falls-is-audited-once", 0, test_count_that_always_falls_is_audited_once);
  ADD ("damaged-rows-do-not-stop-what-lies-behind", 0, test_damaged_rows_do_not_stop_what_lies_behind);
  ADD ("key-damaged-in-its-parts-is-put-aside", 0, test_key_damaged_in_its_parts_is_put_aside);
  ADD ("only-damaged-keys-send-nothing", 0, test_only_damaged_keys_send_nothing);
  ADD ("key-that-becomes-better-meanwhile-is-sent-again", 0,
       test_key_that_becomes_better_meanwhile_is_sent_again);
  ADD ("memory-is-flat", 0, test_memory_is_flat);
  return g_test_run ();
}
