/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/engine-fixture.h"

#include "crypto/ks-encoding.h"
#include "engine/identity/ks-signed-json.h"
#include "matrix/ks-json.h"
#include "matrix/ks-matrix-error.h"
#include "store/ks-store-error.h"

#include <string.h>

#define PHRASE "correct horse battery staple"

/* The account is recoverable with what the person has, once. */
static void
assert_ready (EngineFixture *f)
{
  const KsRecoverySnapshot *seen;
  g_autofree char *second = NULL;

  g_assert_cmpint (engine_refresh (f), ==, KS_RECOVERY_READY);
  seen = ks_recovery_get_snapshot (f->recovery);
  for (int i = 0; i < KS_N_SECRETS; i++)
    g_assert_true (seen->stored[i] && seen->here[i] && seen->matches[i]);
  g_assert_true (seen->device_verified);
  g_assert_cmpstr (seen->backup_version, ==, "1");
  g_assert_cmpint (seen->backup_trust, ==, KS_BACKUP_TRUST_KEY);
  g_assert_false (seen->master_changed || seen->key_changed || seen->backup_changed);
  second = engine_read (f, ENGINE_BACKUP "/2");
  g_assert_null (second);
}

static void
count_notify (GObject *object, GParamSpec *property, gpointer data)
{
  *(guint *) data += 1;
}

/* What a page that shows it goes by. */
static void
test_stage_and_part_are_told (EngineFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) key = NULL;
  guint stages = 0;
  guint parts = 0;
  KsSetUpStage stage;
  KsSetUpPart part;

  g_signal_connect (f->set_up, "notify::stage", G_CALLBACK (count_notify), &stages);
  g_signal_connect (f->set_up, "notify::part", G_CALLBACK (count_notify), &parts);
  key = engine_set_up_whole (f);
  g_assert_cmpuint (stages, ==, 4); /* made, saved, running, done */
  g_assert_cmpuint (parts, ==, 4);  /* behind the first */
  g_object_get (f->set_up, "stage", &stage, "part", &part, NULL);
  g_assert_cmpint (stage, ==, KS_SET_UP_DONE);
  g_assert_cmpint (part, ==, KS_SET_UP_CHECK);
  g_assert_cmpint (ks_set_up_get_saved (f->set_up), ==, KS_KEY_SAVED_FILE);
  g_assert_cmpstr (ks_set_up_get_file_name (f->set_up), ==, "key.txt");
  ks_set_up_forget (f->set_up);
  g_assert_cmpint (ks_set_up_get_saved (f->set_up), ==, 0);
  g_assert_null (ks_set_up_get_file_name (f->set_up));
}

static void
test_whole_way (EngineFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) key = NULL;
  const KsSetUpOutcome *outcome;
  guint64 done;
  guint64 total;

  engine_add_keys (f, 30, NULL);
  g_assert_cmpint (engine_refresh (f), ==, KS_RECOVERY_NOT_SET_UP);
  key = engine_set_up_whole (f);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_DONE);
  outcome = ks_set_up_get_outcome (f->set_up);
  g_assert_cmpstr (outcome->backup_version, ==, "1");
  g_assert_cmpuint (outcome->uploaded, ==, 30);
  g_assert_cmpuint (outcome->refused, ==, 0);
  g_assert_cmpuint (outcome->checked, ==, 5);
  g_assert_false (outcome->in_keyring);
  ks_set_up_get_keys (f->set_up, &done, &total);
  g_assert_cmpuint (done, ==, 30);
  g_assert_cmpuint (total, ==, 30);
  g_assert_cmpint (ks_set_up_get_part (f->set_up), ==, KS_SET_UP_CHECK);
  assert_ready (f);
  g_assert_cmpint (ks_recovery_get_snapshot (f->recovery)->check_result, ==, KS_LAST_CHECK_GOOD);

  ks_set_up_forget (f->set_up);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_NONE);
  g_assert_null (ks_set_up_get_key (f->set_up));
  g_assert_null (ks_set_up_get_outcome (f->set_up));
  engine_restart (f);
  assert_ready (f);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_NONE);
}

/* The session's signature of the master key goes up with the key: a server may throw one away
 * that comes later, and answer 200 (tuwunel#552). */
static void
test_master_key_is_published_signed (EngineFixture *f, gconstpointer data)
{
  g_autofree char *answer = NULL;
  g_autoptr (JsonObject) object = NULL;
  JsonObject *master = NULL;
  uint8_t key[KS_SIGNING_PUBLIC_KEY_SIZE];
  const char *text;

  hs_fixture_persona (f->server, "{\"name\":\"forgets-master-signatures\"}");
  ks_secret_unref (engine_set_up_whole (f));
  assert_ready (f);
  answer = hs_fixture_request (f->server, "POST", "/_matrix/client/v3/keys/query", f->observer,
                               "{\"device_keys\":{\"" ENGINE_USER "\":[]}}", NULL);
  object = ks_json_parse_object (answer, strlen (answer), NULL);
  g_assert_true (
      ks_json_get_object (json_object_get_object_member (object, "master_keys"), ENGINE_USER, &master));
  text = ks_recovery_get_snapshot (f->recovery)->device_key;
  g_assert_cmpint (ks_base64_decode_exact (text, strlen (text), key, sizeof key), ==, KS_DECODE_OK);
  g_assert_true (ks_signed_json_verify (master, ENGINE_USER, f->device_id, key));
}

/* A check of nothing is not called a good one. */
static void
test_without_room_keys_nothing_is_called_checked (EngineFixture *f, gconstpointer data)
{
  ks_secret_unref (engine_set_up_whole (f));
  g_assert_cmpuint (ks_set_up_get_outcome (f->set_up)->checked, ==, 0);
  assert_ready (f);
  g_assert_cmpint (ks_recovery_get_snapshot (f->recovery)->check_result, ==, KS_LAST_CHECK_NOTHING_THERE);
}

static void
test_phrase (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) first = NULL;
  g_autoptr (KsSecret) other = NULL;

  engine_make_security_key (f, PHRASE, &error);
  g_assert_no_error (error);
  g_assert_true (ks_set_up_has_phrase (f->set_up));
  first = ks_secret_ref (ks_set_up_get_key (f->set_up));

  /* The same phrase is the same key, also after a restart; another one is another. */
  engine_make_security_key (f, PHRASE, &error);
  g_assert_no_error (error);
  g_assert_true (ks_secret_equal (ks_set_up_get_key (f->set_up), first));
  engine_restart (f);
  engine_refresh (f);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_KEY_MADE);
  engine_make_security_key (f, PHRASE, &error);
  g_assert_no_error (error);
  g_assert_true (ks_secret_equal (ks_set_up_get_key (f->set_up), first));
  engine_make_security_key (f, PHRASE "!", &error);
  g_assert_no_error (error);
  other = ks_secret_ref (ks_set_up_get_key (f->set_up));
  g_assert_false (ks_secret_equal (other, first));

  engine_note_saved (f, &error);
  g_assert_no_error (error);
  engine_run (f, NULL, &error);
  g_assert_no_error (error);
  assert_ready (f);
}

static void
test_phrase_after_a_generated_key_and_back (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) generated = NULL;

  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  generated = ks_secret_ref (ks_set_up_get_key (f->set_up));
  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (ks_secret_equal (ks_set_up_get_key (f->set_up), generated));
  engine_make_security_key (f, PHRASE, &error);
  g_assert_no_error (error);
  g_assert_true (ks_set_up_has_phrase (f->set_up));
  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (ks_set_up_has_phrase (f->set_up));
  g_assert_false (ks_secret_equal (ks_set_up_get_key (f->set_up), generated));
}

static gboolean
note_saved (EngineFixture *f, KsSecret *key, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_set_up_note_saved_async (f->set_up, key, KS_KEY_SAVED_COPY, NULL, NULL, engine_done, &result);
  return ks_set_up_note_saved_finish (f->set_up, engine_wait (&result), error);
}

static void
test_nothing_happens_before_the_key_is_saved (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) other = ks_secret_new_random (32);

  g_assert_false (engine_run (f, NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NOT_SET_UP);
  g_clear_error (&error);
  g_assert_false (note_saved (f, other, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NOT_SET_UP);
  g_clear_error (&error);

  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (engine_run (f, NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NOT_SAVED);
  g_clear_error (&error);
  g_assert_false (note_saved (f, other, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_WRONG_KEY);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_KEY_MADE);
  g_assert_cmpuint (hs_fixture_count (f->server, "^(PUT|POST) .*(account_data|keys/|room_keys)"), <=, 1);
}

static gboolean
discard (EngineFixture *f, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_set_up_discard_async (f->set_up, NULL, engine_done, &result);
  return ks_set_up_discard_finish (f->set_up, engine_wait (&result), error);
}

static void
test_discarding (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  /* Nothing, a key, a saved key: each is forgotten. */
  for (int i = 0; i < 3; i++)
    {
      if (i > 0)
        engine_make_security_key (f, NULL, &error);
      g_assert_no_error (error);
      if (i > 1)
        engine_note_saved (f, &error);
      g_assert_no_error (error);
      discard (f, &error);
      g_assert_no_error (error);
      g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_NONE);
      g_assert_null (ks_set_up_get_key (f->set_up));
      engine_restart (f);
      g_assert_cmpint (engine_refresh (f), ==, KS_RECOVERY_NOT_SET_UP);
      g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_NONE);
    }

  /* Once something may be on the server, no more, not even after a restart. */
  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  engine_note_saved (f, &error);
  g_assert_no_error (error);
  hs_fixture_rule (f->server,
                   "{\"path\":\"keys/upload\",\"times\":0,\"action\":\"answer\",\"kind\":\"html\"}");
  g_assert_false (engine_run (f, NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_clear_error (&error);
  for (int i = 0; i < 2; i++)
    {
      g_assert_false (discard (f, &error));
      g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_EXISTS);
      g_clear_error (&error);
      g_assert_false (engine_make_security_key (f, NULL, &error));
      g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_EXISTS);
      g_clear_error (&error);
      g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_KEY_SAVED);
      engine_restart (f);
      g_assert_cmpint (engine_refresh (f), ==, KS_RECOVERY_SETTING_UP);
    }
}

/* While a run is under way there is nothing to discard, however early it is. */
static void
test_no_discarding_while_running (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) ran = NULL;

  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  engine_note_saved (f, &error);
  g_assert_no_error (error);
  ks_set_up_run_async (f->set_up, NULL, engine_done, &ran);
  g_assert_false (discard (f, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_false (note_saved (f, ks_set_up_get_key (f->set_up), &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NOT_SET_UP);
  g_clear_error (&error);
  g_assert_false (engine_run (f, NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NOT_SET_UP);
  g_clear_error (&error);
  ks_set_up_run_finish (f->set_up, engine_wait (&ran), &error);
  g_assert_no_error (error);
  assert_ready (f);
}

/* What other clients made is never replaced. */
static void
test_account_that_has_a_part_already (EngineFixture *f, gconstpointer data)
{
  const char *body = "{\"algorithm\":\"m.megolm_backup.v1.curve25519-aes-sha2\",\"auth_data\":"
                     "{\"public_key\":\"hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo\"}}";
  g_autoptr (GError) error = NULL;

  engine_write (f, ENGINE_DEFAULT_KEY, "{\"key\":\"theirs\"}");
  g_assert_false (engine_make_security_key (f, NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_EXISTS);
  g_clear_error (&error);
  /* Switched off again, as clients do it. */
  engine_write (f, ENGINE_DEFAULT_KEY, "{}");
  g_free (hs_fixture_request (f->server, "POST", ENGINE_BACKUP, f->observer, body, NULL));
  g_assert_false (engine_make_security_key (f, NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_null (ks_set_up_get_key (f->set_up));
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_NONE);
}

/* What others have stored for other keys stays as it was, whatever it is. */
static void
test_entries_of_others_are_carried_over (EngineFixture *f, gconstpointer data)
{
  const char *theirs = "{\"ciphertext\":\"x\",\"new\":[1,{\"a\":null,\"\\u00e9\":\"\\\"\"},true],\"iv\":7}";
  g_autoptr (KsSecret) key = NULL;
  g_autofree char *content =
      g_strdup_printf ("{\"encrypted\":{\"other\":%s,\"odd\":[]},\"around\":{\"b\":%s}}", theirs, theirs);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (JsonObject) object = NULL;
  JsonObject *encrypted;

  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autofree char *path = g_strconcat (ENGINE_DATA, ks_secret_name_to_string ((KsSecretName) i), NULL);

      engine_write (f, path, content);
    }
  before = engine_read (f, ENGINE_DATA "m.cross_signing.master");
  key = engine_set_up_whole (f);
  assert_ready (f);
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autofree char *path = g_strconcat (ENGINE_DATA, ks_secret_name_to_string ((KsSecretName) i), NULL);

      g_clear_pointer (&object, json_object_unref);
      g_clear_pointer (&after, g_free);
      object = engine_read_object (f, path);
      g_assert_true (ks_json_get_object (object, "encrypted", &encrypted));
      g_assert_cmpuint (json_object_get_size (encrypted), ==, 3);
      json_object_remove_member (encrypted, ks_set_up_get_outcome (f->set_up)->key_id);
      after = ks_json_to_text (object, NULL, NULL);
      g_clear_pointer (&object, json_object_unref);
      object = ks_json_parse_object (before, strlen (before), NULL);
      g_free (before);
      before = ks_json_to_text (object, NULL, NULL);
      g_assert_cmpstr (after, ==, before);
    }
}

#define ADD(name, test) \
  g_test_add ("/set-up/" name, EngineFixture, NULL, engine_set_up, test, engine_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("stage-and-part-are-told", test_stage_and_part_are_told);
  ADD ("whole-way", test_whole_way);
  ADD ("master-key-is-published-signed", test_master_key_is_published_signed);
  ADD ("without-room-keys-nothing-is-called-checked", test_without_room_keys_nothing_is_called_checked);
  ADD ("phrase", test_phrase);
  ADD ("phrase-after-a-generated-key-and-back", test_phrase_after_a_generated_key_and_back);
  ADD ("nothing-happens-before-the-key-is-saved", test_nothing_happens_before_the_key_is_saved);
  ADD ("discarding", test_discarding);
  ADD ("no-discarding-while-running", test_no_discarding_while_running);
  ADD ("account-that-has-a-part-already", test_account_that_has_a_part_already);
  ADD ("entries-of-others-are-carried-over", test_entries_of_others_are_carried_over);
  return g_test_run ();
}
