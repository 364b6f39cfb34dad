/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys that say more of themselves than keys do, by the hundred: a server, or whoever made a
 * key file, decides how long each is, and not how much of it we hold at a time.
 */

#include "engine/restore/ks-restore.h"

#include "engine/key-file-fixture.h"
#include "engine/keys/ks-key-origin.h"

/* As few as show it. */
#define KEYS 1200

static KsStoredRoomKey *
make_wordy_key (void)
{
  KsStoredRoomKey *key = engine_make_key (ENGINE_ROOM, 0);
  g_autoptr (GString) chain = g_string_new ("[\"" KEY_FILE_LINK "\"");

  /* No key has need of it, and no more comes in. */
  for (guint i = 1; i < KS_KEY_CHAIN_MAX_LENGTH; i++)
    g_string_append (chain, ",\"" KEY_FILE_LINK "\"");
  g_string_append_c (chain, ']');
  key->forwarding_chain = g_strdup (chain->str);
  return key;
}

static GPtrArray *
make_wordy_keys (void)
{
  GPtrArray *keys = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);

  for (guint i = 0; i < KEYS; i++)
    g_ptr_array_add (keys, make_wordy_key ());
  return keys;
}

/* --- a disk that takes its time --- */

typedef struct
{
  GMutex mutex; /* whoever has it keeps the database's thread from going on */
  GPtrArray *keys;
  GAsyncResult *put; /* owned; NULL: not done */
} SlowDisk;

static KsRoomKeyMerge
wait_for_disk (const KsStoredRoomKey *here, KsStoredRoomKey *offered, gpointer data)
{
  SlowDisk *disk = data;

  g_mutex_lock (&disk->mutex);
  g_mutex_unlock (&disk->mutex);
  return KS_ROOM_KEY_KEEP;
}

static void
slow_disk_begin (SlowDisk *disk, UploadFixture *f)
{
  g_mutex_init (&disk->mutex);
  g_mutex_lock (&disk->mutex);
  disk->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
  g_ptr_array_add (disk->keys, engine_make_key (ENGINE_ROOM, 0));
  engine_put_keys (&f->engine, disk->keys);
  ks_key_store_put_async (f->engine.keys, disk->keys, wait_for_disk, disk, NULL, NULL, engine_done,
                          &disk->put);
}

static void
slow_disk_end (SlowDisk *disk, UploadFixture *f)
{
  g_autoptr (GError) error = NULL;

  g_mutex_unlock (&disk->mutex);
  ks_key_store_put_finish (f->engine.keys, engine_wait (&disk->put), NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&disk->put);
  g_ptr_array_unref (disk->keys);
  g_mutex_clear (&disk->mutex);
}

static gboolean
tick (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_CONTINUE;
}

/* Until nothing has happened for half a second but the ticks of a clock. A machine that is
 * slower than that proves less, and fails nothing. */
static void
run_until_quiet (void)
{
  gboolean ticked = FALSE;
  guint clock = g_timeout_add (50, tick, &ticked);
  guint quiet = 0;

  while (quiet < 10)
    {
      guint n = 0;

      ticked = FALSE;
      while (!ticked)
        {
          g_main_context_iteration (NULL, TRUE);
          n++;
        }
      quiet = n == 1 ? quiet + 1 : 0;
    }
  g_source_remove (clock);
}

/* --- the tests --- */

static void
test_server_that_sends_much_waits_for_the_disk (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made = make_wordy_keys ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  KsKeyReport *report = NULL;
  SlowDisk disk = { 0 };
  g_autoptr (GError) error = NULL;

  engine_put_keys (&f->engine, made);
  upload (f, NULL, NULL, &error);
  g_assert_no_error (error);
  engine_sql (&f->engine, "DELETE FROM room_keys");

  slow_disk_begin (&disk, f);
  ks_restore_async (f->engine.http, f->engine.keys, f->version, NULL, f->private_key, NULL, NULL, cancellable,
                    engine_done, &result);
  run_until_quiet ();
  g_cancellable_cancel (cancellable);
  slow_disk_end (&disk, f);
  g_assert_false (ks_restore_finish (f->engine.http, engine_wait (&result), &report, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (report->total, >, 0);
  g_assert_cmpuint (report->total, <, 700);
  /* What has come is kept, as ever. */
  g_assert_cmpuint (report->added, ==, report->total);
  ks_key_report_free (report);

  g_clear_object (&result);
  g_clear_error (&error);
  ks_restore_async (f->engine.http, f->engine.keys, f->version, NULL, f->private_key, NULL, NULL, NULL,
                    engine_done, &result);
  g_assert_true (ks_restore_finish (f->engine.http, engine_wait (&result), &report, &error));
  g_assert_cmpuint (report->total, ==, KEYS);
  g_assert_cmpuint (report->added + report->here, ==, KEYS);
  ks_key_report_free (report);
}

static void
on_importing (KsRecovery *recovery, guint64 keys, guint64 done, guint64 size, gpointer between)
{
  if (keys > 0 && keys < KEYS)
    *(gboolean *) between = TRUE;
}

static void
test_file_that_says_much_comes_in_parts (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made = make_wordy_keys ();
  g_autofree char *list = key_file_list (made);
  g_autofree char *path = key_file_save_plain (&f->engine, "keys.txt", list);
  g_autoptr (KsKeyReport) report = NULL;
  g_autoptr (GError) error = NULL;
  gboolean between = FALSE;

  g_signal_connect (f->engine.recovery, "importing", G_CALLBACK (on_importing), &between);
  report = key_file_import (&f->engine, path, KEY_FILE_PHRASE, KS_IMPORT_ALL_OR_NOTHING, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report->added, ==, KEYS);
  g_assert_true (between);
}

#define ADD(name, func) \
  g_test_add ("/key-flood/" name, UploadFixture, NULL, upload_set_up, func, upload_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("server-that-sends-much-waits-for-the-disk", test_server_that_sends_much_waits_for_the_disk);
  ADD ("file-that-says-much-comes-in-parts", test_file_that_says_much_comes_in_parts);
  return g_test_run ();
}
