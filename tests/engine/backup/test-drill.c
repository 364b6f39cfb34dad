/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/backup/ks-drill.h"

#include "crypto/ks-encoding.h"
#include "engine/backup/ks-backup-entry.h"
#include "engine/engine-fixture.h"
#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-json.h"
#include "matrix/ks-matrix-error.h"

#include <string.h>

/* After a set-up, with some keys in the backup. */
typedef struct
{
  EngineFixture engine;
  KsSecret *key;   /* owned: the Security Key */
  char *key_id;    /* owned */
  GPtrArray *made; /* owned: the room keys */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  engine_set_up (&f->engine, data);
  engine_add_keys (&f->engine, GPOINTER_TO_UINT (data), &f->made);
  f->key = engine_set_up_whole (&f->engine);
  f->key_id = g_strdup (ks_set_up_get_outcome (f->engine.set_up)->key_id);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_free (f->key_id);
  ks_secret_unref (f->key);
  g_ptr_array_unref (f->made);
  engine_tear_down (&f->engine, data);
}

static gboolean
drill (Fixture *f, KsSecret *key, guint *checked, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_drill_async (f->engine.http, f->engine.keys, ENGINE_USER, f->key_id, "1", key, NULL, engine_done,
                  &result);
  return ks_drill_finish (f->engine.http, engine_wait (&result), checked, error);
}

static void
assert_fails (Fixture *f, KsSecret *key, KsRecoveryError code)
{
  g_autoptr (GError) error = NULL;
  guint checked;

  g_assert_false (drill (f, key, &checked, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, (int) code);
}

static void
test_good (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint checked;

  drill (f, f->key, &checked, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (checked, ==, 5);
  g_assert_cmpuint (hs_fixture_count (f->engine.server, "^(PUT|POST|DELETE) .*room_keys/keys"), ==, 1);
}

/* What is said to be checked was checked: none is counted twice. Rows that were removed
 * leave the others behind places that nothing is at. */
static void
test_each_is_counted_once (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *requests = NULL;
  guint checked;

  engine_sql (&f->engine, "DELETE FROM room_keys WHERE id <= 96");
  g_free (hs_fixture_request (f->engine.server, "DELETE", "/_keepsake/requests", NULL, NULL, NULL));
  drill (f, f->key, &checked, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (checked, ==, 4);
  requests = engine_read (&f->engine, "/_keepsake/requests");
  for (guint i = 96; i < 100; i++)
    {
      const KsStoredRoomKey *key = g_ptr_array_index (f->made, i);
      g_autofree char *escaped = g_uri_escape_string (key->session_id, NULL, FALSE);

      g_assert_nonnull (strstr (requests, escaped));
    }
}

/* A long row of keys that are not in the backup lies before the one that is. */
static void
test_the_only_one_is_found (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint checked;

  engine_sql (&f->engine, "UPDATE room_keys SET backed_up_version = NULL WHERE id != 100");
  drill (f, f->key, &checked, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (checked, ==, 1);
}

static void
test_nothing_there (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint checked = 7;

  drill (f, f->key, &checked, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (checked, ==, 0);
  /* Keys that are only here prove nothing either. */
  g_clear_pointer (&f->made, g_ptr_array_unref);
  engine_add_keys (&f->engine, 3, &f->made);
  checked = 7;
  drill (f, f->key, &checked, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (checked, ==, 0);
}

static void
test_wrong_security_key (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (32);

  assert_fails (f, other, KS_RECOVERY_ERROR_WRONG_KEY);
}

static char *
entry_path (const KsStoredRoomKey *key)
{
  g_autofree char *room = g_uri_escape_string (key->room_id, NULL, FALSE);
  g_autofree char *session = g_uri_escape_string (key->session_id, NULL, FALSE);

  return g_strdup_printf ("/_matrix/client/v3/room_keys/keys/%s/%s?version=1", room, session);
}

static void
test_missing_entry (Fixture *f, gconstpointer data)
{
  g_autofree char *path = entry_path (g_ptr_array_index (f->made, 0));

  g_free (hs_fixture_request (f->engine.server, "DELETE", path, f->engine.observer, NULL, NULL));
  assert_fails (f, f->key, KS_RECOVERY_ERROR_CORRUPT);
}

/* Threat A23: whichever keys were picked, a server that has fewer than went up has lost some. */
static void
test_fewer_than_went_up (Fixture *f, gconstpointer data)
{
  g_autofree char *path = entry_path (g_ptr_array_index (f->made, 57));

  g_free (hs_fixture_request (f->engine.server, "DELETE", path, f->engine.observer, NULL, NULL));
  assert_fails (f, f->key, KS_RECOVERY_ERROR_CORRUPT);
}

/* @entry in the place of the one on the server; the server takes it for a better one. */
static void
replace (Fixture *f, const KsStoredRoomKey *key, JsonObject *entry)
{
  g_autofree char *path = entry_path (key);
  g_autofree char *text = NULL;

  json_object_set_boolean_member (entry, "is_verified", TRUE);
  text = ks_json_to_text (entry, NULL, NULL);
  engine_write (&f->engine, path, text);
}

static void
test_two_entries_swapped (Fixture *f, gconstpointer data)
{
  g_autofree char *first = entry_path (g_ptr_array_index (f->made, 0));
  g_autofree char *second = entry_path (g_ptr_array_index (f->made, 1));
  g_autoptr (JsonObject) of_first = engine_read_object (&f->engine, first);
  g_autoptr (JsonObject) of_second = engine_read_object (&f->engine, second);

  replace (f, g_ptr_array_index (f->made, 0), of_second);
  replace (f, g_ptr_array_index (f->made, 1), of_first);
  assert_fails (f, f->key, KS_RECOVERY_ERROR_CORRUPT);
}

/* The same session ID around another ratchet, which anybody can seal. */
static void
test_made_up_entry (Fixture *f, gconstpointer data)
{
  KsStoredRoomKey *key = g_ptr_array_index (f->made, 0);
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
  key->session_key[50] ^= 1;
  g_assert_true (ks_backup_entry_append (json, encryptor, key));
  g_string_append_c (json, '}');
  sessions = ks_json_parse_object (json->str, json->len, NULL);
  g_assert_true (ks_json_get_object (sessions, key->session_id, &part));
  replace (f, key, part);
  assert_fails (f, f->key, KS_RECOVERY_ERROR_CORRUPT);
}

/* A bit flipped at each place of one entry: an entry that does not bring back what is
 * here never passes. */
static void
test_flipped_bits (Fixture *f, gconstpointer data)
{
  const char *members[] = { "mac", "ephemeral", "ciphertext" };
  g_autofree char *path = entry_path (g_ptr_array_index (f->made, 0));
  g_autoptr (JsonObject) entry = engine_read_object (&f->engine, path);
  g_autofree char *pattern = g_strdup ("room_keys/keys/");
  JsonObject *parts;

  g_assert_true (ks_json_get_object (entry, "session_data", &parts));
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autofree char *honest = g_strdup (json_object_get_string_member (parts, members[i]));
      g_autofree char *changed = g_strdup (honest);

      /* In the ciphertext: within "session_key", which is what is compared. */
      changed[i == 2 ? 400 : 3] = honest[i == 2 ? 400 : 3] == 'A' ? 'B' : 'A';
      json_object_set_string_member (parts, members[i], changed);
      {
        g_autofree char *text = ks_json_to_text (entry, NULL, NULL);
        g_autofree char *escaped = g_strescape (text, NULL);
        g_autofree char *rule =
            g_strdup_printf ("{\"path\":\"%s\",\"times\":0,\"action\":\"answer\",\"body\":\"%s\"}", pattern,
                             escaped);

        hs_fixture_rule (f->engine.server, rule);
      }
      assert_fails (f, f->key, KS_RECOVERY_ERROR_CORRUPT);
      engine_no_rules (&f->engine);
      json_object_set_string_member (parts, members[i], honest);
    }
}

static void
test_another_backup_version (Fixture *f, gconstpointer data)
{
  g_free (hs_fixture_request (f->engine.server, "POST", ENGINE_BACKUP, f->engine.observer,
                              "{\"algorithm\":\"m.megolm_backup.v1.curve25519-aes-sha2\",\"auth_data\":"
                              "{\"public_key\":\"hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo\"}}",
                              NULL));
  assert_fails (f, f->key, KS_RECOVERY_ERROR_UNTRUSTED);
}

static void
test_backup_deleted (Fixture *f, gconstpointer data)
{
  g_free (
      hs_fixture_request (f->engine.server, "DELETE", ENGINE_BACKUP "/1", f->engine.observer, NULL, NULL));
  assert_fails (f, f->key, KS_RECOVERY_ERROR_UNTRUSTED);
}

/* Flipped bits of the IV give another key under a good MAC; a secret of another name has
 * none; one that is gone is gone. */
static void
test_spoilt_secret (Fixture *f, gconstpointer data)
{
  const char *path = ENGINE_DATA "m.megolm_backup.v1";
  g_autoptr (JsonObject) honest = engine_read_object (&f->engine, path);
  g_autofree char *other = engine_read (&f->engine, ENGINE_DATA "m.cross_signing.master");
  g_autofree char *flipped = NULL;
  g_autofree char *iv = NULL;
  JsonObject *entry;

  engine_write (&f->engine, path, other);
  assert_fails (f, f->key, KS_RECOVERY_ERROR_WRONG_KEY);
  engine_write (&f->engine, path, "{}");
  assert_fails (f, f->key, KS_RECOVERY_ERROR_CORRUPT);
  engine_write (&f->engine, path, "{\"encrypted\":[]}");
  assert_fails (f, f->key, KS_RECOVERY_ERROR_CORRUPT);

  g_assert_true (ks_json_get_object (honest, "encrypted", &entry));
  g_assert_true (ks_json_get_object (entry, f->key_id, &entry));
  iv = g_strdup (json_object_get_string_member (entry, "iv"));
  iv[3] = iv[3] == 'A' ? 'B' : 'A';
  json_object_set_string_member (entry, "iv", iv);
  flipped = ks_json_to_text (honest, NULL, NULL);
  engine_write (&f->engine, path, flipped);
  {
    g_autoptr (GError) error = NULL;

    g_assert_false (drill (f, f->key, NULL, &error));
    /* What it opens to is no base64 of a key, or that of another backup. */
    g_assert_true (g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT)
                   || g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_UNTRUSTED));
  }
}

static void
test_bad_line (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  hs_fixture_rule (f->engine.server,
                   "{\"path\":\"room_keys/keys/\",\"times\":0,\"action\":\"answer\",\"kind\":\"html\"}");
  g_assert_false (drill (f, f->key, NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
}

#define ADD(name, n, test) g_test_add ("/drill/" name, Fixture, GUINT_TO_POINTER (n), set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("good", 12, test_good);
  ADD ("each-is-counted-once", 100, test_each_is_counted_once);
  ADD ("the-only-one-is-found", 200, test_the_only_one_is_found);
  ADD ("nothing-there", 0, test_nothing_there);
  ADD ("wrong-security-key", 2, test_wrong_security_key);
  ADD ("missing-entry", 2, test_missing_entry);
  ADD ("fewer-than-went-up", 100, test_fewer_than_went_up);
  ADD ("two-entries-swapped", 2, test_two_entries_swapped);
  ADD ("made-up-entry", 1, test_made_up_entry);
  ADD ("flipped-bits", 1, test_flipped_bits);
  ADD ("another-backup-version", 2, test_another_backup_version);
  ADD ("backup-deleted", 2, test_backup_deleted);
  ADD ("spoilt-secret", 2, test_spoilt_secret);
  ADD ("bad-line", 2, test_bad_line);
  return g_test_run ();
}
