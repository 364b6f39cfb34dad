/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A backup that does not have what was uploaded to it.
 */

#include "engine/engine-fixture.h"

#include "crypto/ks-encoding.h"
#include "engine/backup/ks-backup-entry.h"
#include "matrix/ks-json.h"

#include <string.h>

#define KEYS 4 /* fewer than the drill looks at, so that it sees all */
/* Of batches, not of the single entries that tests write. */
#define BATCHES "^PUT .*room_keys/keys([?]|$)"
#define ALL_KEYS "/_matrix/client/v3/room_keys/keys?version=1"

typedef struct
{
  EngineFixture engine;
  GPtrArray *made; /* owned: the room keys */
  gboolean now;    /* the step is entered, and nothing sent yet */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  engine_set_up (&f->engine, data);
  engine_add_keys (&f->engine, KEYS, &f->made);
  engine_make_security_key (&f->engine, NULL, &error);
  g_assert_no_error (error);
  engine_note_saved (&f->engine, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_ptr_array_unref (f->made);
  engine_tear_down (&f->engine, data);
}

static void
on_step (gpointer data)
{
  ((Fixture *) data)->now = TRUE;
}

/* A run, with @func once all is uploaded and nothing checked. */
static gboolean
run_with (Fixture *f, void (*func) (Fixture *f), GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  engine_at_step ("drill", 1, on_step, f);
  ks_set_up_run_async (f->engine.set_up, NULL, engine_done, &result);
  while (result == NULL)
    {
      g_main_context_iteration (NULL, TRUE);
      if (f->now)
        func (f);
      f->now = FALSE;
    }
  return ks_set_up_run_finish (f->engine.set_up, result, error);
}

static char *
entry_path (const KsStoredRoomKey *key)
{
  g_autofree char *room = g_uri_escape_string (key->room_id, NULL, FALSE);
  g_autofree char *session = g_uri_escape_string (key->session_id, NULL, FALSE);

  return g_strdup_printf ("/_matrix/client/v3/room_keys/keys/%s/%s?version=1", room, session);
}

/* All is there, proved, and it took @puts batches. */
static void
assert_whole (Fixture *f, guint puts)
{
  guint64 pending;

  g_assert_cmpuint (ks_set_up_get_outcome (f->engine.set_up)->uploaded, ==, KEYS);
  g_assert_cmpuint (ks_set_up_get_outcome (f->engine.set_up)->checked, ==, KEYS);
  for (guint i = 0; i < KEYS; i++)
    {
      g_autofree char *path = entry_path (g_ptr_array_index (f->made, i));
      g_autofree char *entry = engine_read (&f->engine, path);

      g_assert_nonnull (entry);
    }
  engine_count (&f->engine, "1", &pending, NULL);
  g_assert_cmpuint (pending, ==, 0);
  g_assert_cmpuint (hs_fixture_count (f->engine.server, BATCHES), ==, puts);
}

static void
delete_first (Fixture *f)
{
  g_autofree char *path = entry_path (g_ptr_array_index (f->made, 0));

  g_free (hs_fixture_request (f->engine.server, "DELETE", path, f->engine.observer, NULL, NULL));
}

static void
delete_all (Fixture *f)
{
  g_free (hs_fixture_request (f->engine.server, "DELETE", ALL_KEYS, f->engine.observer, NULL, NULL));
}

static void
test_missing_keys_are_brought_back (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  run_with (f, GPOINTER_TO_INT (data) == 1 ? delete_first : delete_all, &error);
  g_assert_no_error (error);
  assert_whole (f, 2);
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
}

/* @key as an entry. */
static JsonObject *
seal (Fixture *f, const KsStoredRoomKey *key)
{
  g_autoptr (JsonObject) version = engine_read_object (&f->engine, ENGINE_BACKUP);
  g_autoptr (GString) json = g_string_new ("{");
  g_autoptr (KsBackupEncryptor) encryptor = NULL;
  g_autoptr (JsonObject) sessions = NULL;
  uint8_t public_key[KS_BACKUP_KEY_SIZE];
  JsonObject *part;
  const char *text;

  g_assert_true (ks_json_get_object (version, "auth_data", &part)
                 && ks_json_get_string (part, "public_key", &text));
  g_assert_cmpint (ks_base64_decode_exact (text, strlen (text), public_key, sizeof public_key), ==,
                   KS_DECODE_OK);
  encryptor = ks_backup_encryptor_new (public_key);
  g_assert_true (ks_backup_entry_append (json, encryptor, key));
  g_string_append_c (json, '}');
  sessions = ks_json_parse_object (json->str, json->len, NULL);
  g_assert_true (ks_json_get_object (sessions, key->session_id, &part));
  return json_object_ref (part);
}

/* The first one makes room for a key of another session: the count tells nothing. */
static void
exchange_first (Fixture *f)
{
  g_autoptr (KsStoredRoomKey) other = engine_make_key (ENGINE_ROOM, 0);
  g_autofree char *path = entry_path (other);
  g_autoptr (JsonObject) entry = seal (f, other);
  g_autofree char *text = ks_json_to_text (entry, NULL, NULL);

  delete_first (f);
  engine_write (&f->engine, path, text);
}

static void
test_only_what_is_missing_is_sent_again (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint64 done;
  guint64 total;

  run_with (f, exchange_first, &error);
  g_assert_no_error (error);
  assert_whole (f, 2);
  /* Of the second upload. */
  ks_set_up_get_keys (f->engine.set_up, &done, &total);
  g_assert_cmpuint (total, ==, 1);
}

/* In the place of the first one, and better by what is written beside it. */
static void
replace_first (Fixture *f, JsonObject *entry)
{
  g_autofree char *path = entry_path (g_ptr_array_index (f->made, 0));
  g_autofree char *text = NULL;

  json_object_set_boolean_member (entry, "is_verified", TRUE);
  text = ks_json_to_text (entry, NULL, NULL);
  engine_write (&f->engine, path, text);
}

static void
spoil_first (Fixture *f)
{
  g_autofree char *path = entry_path (g_ptr_array_index (f->made, 1));
  g_autoptr (JsonObject) other = engine_read_object (&f->engine, path);

  replace_first (f, other);
}

static void
test_spoilt_entry_is_replaced (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  run_with (f, spoil_first, &error);
  g_assert_no_error (error);
  assert_whole (f, 2);
}

static void
make_first_up (Fixture *f)
{
  KsStoredRoomKey *key = g_ptr_array_index (f->made, 0);
  g_autoptr (JsonObject) entry = NULL;

  key->session_key[50] ^= 1;
  entry = seal (f, key);
  key->session_key[50] ^= 1;
  replace_first (f, entry);
}

/* Another key of the same ID is evidence, and nothing to tidy away. */
static void
test_made_up_entry_is_told_and_left (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (run_with (f, make_first_up, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT);
  g_assert_cmpint (ks_set_up_get_stage (f->engine.set_up), ==, KS_SET_UP_KEY_SAVED);
  g_assert_cmpuint (hs_fixture_count (f->engine.server, "^DELETE .*room_keys/keys"), ==, 0);
}

static void
lose_for_ever (Fixture *f)
{
  hs_fixture_rule (f->engine.server,
                   "{\"method\":\"GET\",\"path\":\"room_keys/keys/\",\"times\":0,\"action\":\"answer\","
                   "\"status\":404,\"body\":\"{\\\"errcode\\\":\\\"M_NOT_FOUND\\\"}\"}");
}

/* A server that takes keys and never has them is told about, not filled for ever; and
 * once it has mended its ways all goes up. */
static void
test_server_that_keeps_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (run_with (f, lose_for_ever, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT);
  g_assert_cmpuint (hs_fixture_count (f->engine.server, BATCHES), ==, 3);
  g_assert_cmpint (ks_set_up_get_stage (f->engine.set_up), ==, KS_SET_UP_KEY_SAVED);
  g_clear_error (&error);
  engine_no_rules (&f->engine);
  engine_restart (&f->engine);
  engine_refresh (&f->engine);
  engine_run (&f->engine, NULL, &error);
  g_assert_no_error (error);
  assert_whole (f, 3);
}

static void
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

/* Stopped between forgetting and uploading: the keys are pending, and the next run goes on. */
static void
test_stopped_in_mending (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  guint64 pending;

  lose_for_ever (f);
  /* The first is a step of the identity. */
  engine_at_step ("upload", 3, cancel, cancellable);
  g_assert_false (engine_run (&f->engine, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  engine_count (&f->engine, "1", &pending, NULL);
  g_assert_cmpuint (pending, ==, KEYS);
  g_clear_error (&error);
  engine_no_rules (&f->engine);
  engine_run (&f->engine, NULL, &error);
  g_assert_no_error (error);
  assert_whole (f, 2);
}

#define ADD(name, data, test) g_test_add ("/set-up-lost-keys/" name, Fixture, data, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("one-is-missing", GINT_TO_POINTER (1), test_missing_keys_are_brought_back);
  ADD ("all-are-missing", GINT_TO_POINTER (2), test_missing_keys_are_brought_back);
  ADD ("only-what-is-missing", NULL, test_only_what_is_missing_is_sent_again);
  ADD ("spoilt-entry-is-replaced", NULL, test_spoilt_entry_is_replaced);
  ADD ("made-up-entry-is-told-and-left", NULL, test_made_up_entry_is_told_and_left);
  ADD ("server-that-keeps-nothing", NULL, test_server_that_keeps_nothing);
  ADD ("stopped-in-mending", NULL, test_stopped_in_mending);
  return g_test_run ();
}
