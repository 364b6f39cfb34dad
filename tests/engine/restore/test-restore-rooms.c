/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What comes out of a backup that has a session under a room that is not its own (threat A16).
 */

#include "engine/restore/ks-restore.h"

#include "crypto/ks-room-key.h"
#include "engine/upload-fixture.h"

#include <string.h>

static KsKeyReport *
restore (UploadFixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  KsKeyReport *report = NULL;

  ks_restore_async (f->engine.http, f->engine.keys, f->version, NULL, f->private_key, NULL, NULL, NULL,
                    engine_done, &result);
  ks_restore_finish (f->engine.http, engine_wait (&result), &report, &error);
  g_assert_no_error (error);
  return report;
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

/* Threat A16, fault F37: nothing in an entry says which room it is of; what is here decides. */
static void
test_session_under_another_room_is_refused (UploadFixture *f, gconstpointer data)
{
  KsStoredRoomKey *real = engine_make_key (ENGINE_ROOM, 0);
  g_autoptr (GPtrArray) mine = only (real);
  g_autoptr (GPtrArray) moved = only (later (real, 0));
  g_autoptr (KsKeyReport) report = NULL;
  g_autoptr (KsStoredRoomKey) here = NULL;
  g_autoptr (GError) error = NULL;
  KsStoredRoomKey *there = moved->pdata[0];

  g_free (there->room_id);
  there->room_id = g_strdup ("!other:localhost");
  engine_put_keys (&f->engine, moved);
  upload (f, NULL, NULL, &error);
  g_assert_no_error (error);
  engine_sql (&f->engine, "DELETE FROM room_keys");
  engine_put_keys (&f->engine, mine);

  report = restore (f);
  g_assert_cmpuint (report->failed[KS_KEY_WRONG_ROOM], ==, 1);
  g_assert_cmpuint (report->added, ==, 0);
  g_assert_null (key_here (f, there));

  /* Its sender knows. */
  there->provenance = KS_ROOM_KEY_DIRECT;
  engine_put_keys (&f->engine, moved);
  here = key_here (f, there);
  assert_same (here, there);
}

/* Threat A16: of two rooms that a backup has for one session either may be the lie, whichever it gives
 * out first. */
static void
test_session_under_two_rooms_comes_back_under_both (UploadFixture *f, gconstpointer data)
{
  KsStoredRoomKey *real = engine_make_key (ENGINE_ROOM, 0);
  g_autoptr (GPtrArray) mine = only (real);
  g_autoptr (GPtrArray) moved = only (later (real, 0));
  g_autoptr (KsKeyReport) report = NULL;
  g_autoptr (GError) error = NULL;
  KsStoredRoomKey *there = moved->pdata[0];

  g_free (there->room_id);
  there->room_id = g_strdup ("!other:localhost");
  engine_put_keys (&f->engine, moved);
  engine_put_keys (&f->engine, mine);
  upload (f, NULL, NULL, &error);
  g_assert_no_error (error);
  engine_sql (&f->engine, "DELETE FROM room_keys");
  report = restore (f);
  g_assert_cmpuint (report->added, ==, 2);
  g_assert_cmpuint (ks_key_report_get_failed (report), ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      const KsStoredRoomKey *key = i == 0 ? real : there;
      g_autoptr (KsStoredRoomKey) here = key_here (f, key);

      assert_same (here, key);
    }
}

#define ADD(name, func) \
  g_test_add ("/restore-rooms/" name, UploadFixture, NULL, upload_set_up, func, upload_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("session-under-another-room-is-refused", test_session_under_another_room_is_refused);
  ADD ("session-under-two-rooms-comes-back-under-both", test_session_under_two_rooms_comes_back_under_both);
  return g_test_run ();
}
