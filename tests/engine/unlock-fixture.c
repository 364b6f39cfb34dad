/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock-fixture.h"

#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-json.h"

#include <string.h>

/* What writes anything on the server. */
#define WRITES "^(PUT|DELETE|POST .*(upload|version))"

char *
unlock_format (const KsSecret *key)
{
  char *text = g_malloc (KS_RECOVERY_KEY_LENGTH + 1);

  g_assert_true (ks_recovery_key_format (key, text));
  return text;
}

static void
set_secure_backup_up (UnlockFixture *f, const char *phrase)
{
  g_autoptr (GError) error = NULL;

  engine_make_security_key (&f->engine, phrase, &error);
  g_assert_no_error (error);
  engine_note_saved (&f->engine, &error);
  g_assert_no_error (error);
  f->key = ks_secret_ref (ks_set_up_get_key (f->engine.set_up));
  engine_run (&f->engine, NULL, &error);
  g_assert_no_error (error);
  f->key_id = g_strdup (ks_set_up_get_outcome (f->engine.set_up)->key_id);
  f->text = unlock_format (f->key);
}

void
unlock_set_up (UnlockFixture *f, gconstpointer data)
{
  engine_set_up (&f->engine, NULL);
  set_secure_backup_up (f, data);
  engine_reinstall (&f->engine);
}

void
unlock_tear_down (UnlockFixture *f, gconstpointer data)
{
  ks_secret_unref (f->key);
  g_free (f->text);
  g_free (f->key_id);
  engine_tear_down (&f->engine, NULL);
}

KsUnlockResult *
unlock_with (UnlockFixture *f, const char *text, KsKeyEntrySource source, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (KsSecret) secret = ks_secret_new_copy (text, strlen (text));

  ks_recovery_unlock_async (f->engine.recovery, secret, source, KS_UNLOCK_DEFAULT, NULL, engine_done,
                            &result);
  return ks_recovery_unlock_finish (f->engine.recovery, engine_wait (&result), error);
}

KsUnlockResult *
unlock_whole (UnlockFixture *f, const char *text)
{
  g_autoptr (GError) error = NULL;
  KsUnlockResult *result = unlock_with (f, text, KS_KEY_ENTRY_TYPED, &error);
  const KsRecoverySnapshot *seen;

  g_assert_no_error (error);
  g_assert_no_error (result->upload);
  g_assert_true (result->device_verified);
  g_assert_nonnull (result->backup_version);
  seen = ks_recovery_get_snapshot (f->engine.recovery);
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_assert_cmpint (result->opened[i], ==, KS_OPENED_SECRET);
      g_assert_true (seen->here[i] && seen->matches[i]);
    }
  g_assert_true (seen->device_verified);
  g_assert_cmpint (seen->backup_trust, ==, KS_BACKUP_TRUST_KEY);
  return result;
}

void
unlock_assert_locked (UnlockFixture *f)
{
  const KsRecoverySnapshot *seen;
  KsRecoveryState state = engine_refresh (&f->engine);

  g_assert_cmpint (state, !=, KS_RECOVERY_READY);
  seen = ks_recovery_get_snapshot (f->engine.recovery);
  g_assert_false (seen->device_verified);
  g_assert_cmpint (seen->backup_trust, ==, KS_BACKUP_TRUST_NONE);
  for (int i = 0; i < KS_N_SECRETS; i++)
    g_assert_false (seen->here[i]);
}

void
unlock_assert_refused (UnlockFixture *f, const char *text, KsRecoveryError code)
{
  g_autoptr (GError) error = NULL;
  guint before = hs_fixture_count (f->engine.server, WRITES);
  g_autoptr (KsUnlockResult) result = unlock_with (f, text, KS_KEY_ENTRY_TYPED, &error);

  g_assert_error (error, KS_RECOVERY_ERROR, (int) code);
  g_test_message ("%s", error->message);
  g_assert_null (result);
  g_assert_cmpuint (hs_fixture_count (f->engine.server, WRITES), ==, before);
  unlock_assert_locked (f);
}

static char *
path_of (const char *type)
{
  g_autofree char *escaped = g_uri_escape_string (type, NULL, FALSE);

  return g_strconcat (ENGINE_DATA, escaped, NULL);
}

JsonObject *
unlock_read (UnlockFixture *f, const char *type)
{
  g_autofree char *path = path_of (type);
  JsonObject *content = engine_read_object (&f->engine, path);

  g_assert_nonnull (content);
  return content;
}

void
unlock_write (UnlockFixture *f, const char *type, JsonObject *content)
{
  g_autofree char *path = path_of (type);
  g_autofree char *text = ks_json_to_text (content, NULL, NULL);

  engine_write (&f->engine, path, text);
}

JsonObject *
unlock_read_description (UnlockFixture *f)
{
  g_autofree char *type = g_strconcat (KS_KEY_TYPE_PREFIX, f->key_id, NULL);

  return unlock_read (f, type);
}

void
unlock_write_description (UnlockFixture *f, JsonObject *content)
{
  g_autofree char *type = g_strconcat (KS_KEY_TYPE_PREFIX, f->key_id, NULL);

  unlock_write (f, type, content);
}

KsSecret *
unlock_open (UnlockFixture *f, KsSecretName name)
{
  const char *type = ks_secret_name_to_string (name);
  g_autoptr (JsonObject) content = unlock_read (f, type);
  KsSecret *value;

  g_assert_cmpint (ks_secret_storage_open (content, type, f->key_id, f->key, &value), ==,
                   KS_STORED_SECRET_OK);
  return value;
}

void
unlock_put (
    UnlockFixture *f, KsSecretName name, const char *key_id, const KsSecret *key, const KsSecret *value)
{
  const char *type = ks_secret_name_to_string (name);
  g_autoptr (JsonObject) present = unlock_read (f, type);
  g_autoptr (JsonObject) content = ks_secret_storage_put (present, type, key_id, key, value);

  unlock_write (f, type, content);
}

KsUnlockResult *
unlock_some (UnlockFixture *f)
{
  g_autoptr (GError) error = NULL;
  KsUnlockResult *result = unlock_with (f, f->text, KS_KEY_ENTRY_TYPED, &error);

  g_assert_no_error (error);
  return result;
}

JsonObject *
unlock_entry_of (UnlockFixture *f, JsonObject *content)
{
  return json_object_get_object_member (json_object_get_object_member (content, "encrypted"), f->key_id);
}

void
unlock_empty (UnlockFixture *f, KsSecretName name)
{
  g_autofree char *path = g_strconcat (ENGINE_DATA, ks_secret_name_to_string (name), NULL);

  engine_write (&f->engine, path, "{}");
}

void
unlock_answer_version (UnlockFixture *f, const char *public_key)
{
  g_autofree char *rule =
      g_strdup_printf ("{\"path\":\"room_keys/"
                       "version\",\"times\":0,\"action\":\"answer\",\"body\":\"{\\\"version\\\":\\\"1\\\","
                       "\\\"algorithm\\\":\\\"m.megolm_backup.v1.curve25519-aes-sha2\\\",\\\"auth_data\\\":{"
                       "\\\"public_key\\\":\\\"%s\\\"},\\\"etag\\\":\\\"0\\\",\\\"count\\\":7}\"}",
                       public_key);

  hs_fixture_rule (f->engine.server, rule);
}
