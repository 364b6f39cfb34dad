/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Unlocking accounts that have several keys, an old one, a planted one, or none but that
 * of the backup itself.
 */

#include "engine/unlock-fixture.h"

#include "crypto/ks-backup-cipher.h"
#include "crypto/ks-encoding.h"
#include "crypto/ks-kdf.h"
#include "engine/secrets/ks-secret-storage.h"

static void
put_key (UnlockFixture *f, const char *key_id, const KsSecret *key)
{
  g_autofree char *type = g_strconcat (KS_KEY_TYPE_PREFIX, key_id, NULL);
  g_autoptr (JsonObject) description = ks_secret_storage_describe (key, NULL, 0);

  unlock_write (f, type, description);
}

static void
set_default_key (UnlockFixture *f, const char *key_id)
{
  g_autofree char *json = g_strdup_printf ("{\"key\":\"%s\"}", key_id);

  engine_write (&f->engine, ENGINE_DEFAULT_KEY, json);
}

/* Several keys, of which the person has one. */
static void
test_secrets_under_a_key_that_is_not_the_default (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (32);
  g_autofree char *other_text = unlock_format (other);
  g_autoptr (KsUnlockResult) result = NULL;

  put_key (f, "another", other);
  set_default_key (f, "another");
  /* This one fits, and there is nothing behind it. */
  unlock_assert_refused (f, other_text, KS_RECOVERY_ERROR_NOTHING_STORED);
  result = unlock_whole (f, f->text);
  g_assert_cmpstr (result->key_id, ==, f->key_id);
  g_assert_false (result->is_default_key);
  /* Other clients would ask for the other key: not whole. */
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_INCOMPLETE);
}

/* Both open all: that is what two keys are for. */
static void
test_several_keys (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (32);
  g_autofree char *other_text = unlock_format (other);
  g_autoptr (KsUnlockResult) by_other = NULL;
  g_autoptr (KsUnlockResult) by_default = NULL;

  put_key (f, "another/one+more", other);
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autoptr (KsSecret) value = unlock_open (f, (KsSecretName) i);

      unlock_put (f, (KsSecretName) i, "another/one+more", other, value);
    }
  by_other = unlock_whole (f, other_text);
  g_assert_cmpstr (by_other->key_id, ==, "another/one+more");
  g_assert_false (by_other->is_default_key);
  by_default = unlock_whole (f, f->text);
  g_assert_true (by_default->is_default_key);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_READY);
}

/* What an account had before it was reset: the old key fits its own description. */
static void
test_old_key_of_the_account (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) old = ks_secret_new_random (32);
  g_autofree char *old_text = unlock_format (old);

  put_key (f, "old", old);
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autoptr (KsSecret) value = ks_secret_new_random (32);

      unlock_put (f, (KsSecretName) i, "old", old, value);
    }
  unlock_assert_refused (f, old_text, KS_RECOVERY_ERROR_OLD_KEY);
}

/* Where something is stored under it, and where not: other clients overwrite what the old
 * key opened, and leave its description. */
static void
test_old_key_and_phrase_that_open_nothing (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) old = ks_secret_new_random (32);
  g_autofree char *old_text = unlock_format (old);
  g_autoptr (KsSecret) phrase = ks_secret_new_copy ("old times", 9);
  g_autoptr (KsSecret) of_phrase = NULL;
  g_autoptr (JsonObject) description = NULL;

  put_key (f, "old", old);
  g_assert_cmpint (ks_phrase_to_storage_key (phrase, "salt", 4, 1000, 256, &of_phrase), ==, KS_PBKDF2_OK);
  description = ks_secret_storage_describe (of_phrase, "salt", 1000);
  unlock_write (f, KS_KEY_TYPE_PREFIX "older/still", description);
  unlock_assert_refused (f, old_text, KS_RECOVERY_ERROR_OLD_KEY);
  unlock_assert_refused (f, "old times", KS_RECOVERY_ERROR_OLD_KEY);
  unlock_assert_refused (f, "other times", KS_RECOVERY_ERROR_NO_PHRASE);
  /* Where that cannot be found out, it is just a wrong key. */
  hs_fixture_rule (f->engine.server,
                   "{\"path\":\"/sync\",\"times\":0,\"action\":\"answer\",\"kind\":\"html\"}");
  unlock_assert_refused (f, old_text, KS_RECOVERY_ERROR_WRONG_KEY);
}

/* Threat A19, fault F29: a key description of the server's own, without a check and of one round,
 * which claims all secrets. The person's phrase is tried on it, opens nothing there, and
 * the real key is found; nothing is encrypted to the planted one. */
static void
test_planted_key_description (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) planted = ks_secret_new_random (32);
  g_autoptr (KsUnlockResult) result = NULL;
  guint before;

  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autoptr (KsSecret) value = ks_secret_new_random (32);

      unlock_put (f, (KsSecretName) i, "planted", planted, value);
    }
  engine_write (&f->engine, UNLOCK_KEY "planted",
                "{\"algorithm\":\"m.secret_storage.v1.aes-hmac-sha2\",\"passphrase\":{\"algorithm\":\"m."
                "pbkdf2\","
                "\"iterations\":1,\"salt\":\"a\"}}");
  set_default_key (f, "planted");
  before = hs_fixture_count (f->engine.server, "^PUT .*account_data");
  result = unlock_whole (f, data);
  g_assert_cmpstr (result->key_id, ==, f->key_id);
  g_assert_false (result->is_default_key);
  g_assert_cmpuint (hs_fixture_count (f->engine.server, "^PUT .*account_data"), ==, before);
  /* Somebody claims the person's secrets for another key: that is said. */
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_CONFLICT);
}

static void
forget_storage (UnlockFixture *f)
{
  engine_write (&f->engine, ENGINE_DEFAULT_KEY, "{}");
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autofree char *path = g_strconcat (ENGINE_DATA, ks_secret_name_to_string ((KsSecretName) i), NULL);

      engine_write (&f->engine, path, "{}");
    }
}

static void
assert_only_backup (UnlockFixture *f, const KsUnlockResult *result)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (f->engine.recovery);

  g_assert_null (result->key_id);
  g_assert_false (result->device_verified);
  g_assert_nonnull (result->backup_version);
  g_assert_true (seen->here[KS_SECRET_BACKUP] && seen->matches[KS_SECRET_BACKUP]);
  g_assert_false (seen->here[KS_SECRET_MASTER]);
  g_assert_cmpint (seen->backup_trust, ==, KS_BACKUP_TRUST_KEY);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_INCOMPLETE);
}

/* Before there was secret storage the person had the key of the backup itself. */
static void
test_key_of_the_backup_itself (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) backup = unlock_open (f, KS_SECRET_BACKUP);
  g_autofree char *text = unlock_format (backup);
  g_autoptr (KsUnlockResult) result = NULL;
  g_autoptr (GError) error = NULL;

  forget_storage (f);
  unlock_assert_refused (f, f->text, KS_RECOVERY_ERROR_OLD_KEY);
  engine_add_keys (&f->engine, 3, NULL);
  result = unlock_with (f, text, KS_KEY_ENTRY_TYPED, &error);
  g_assert_no_error (error);
  assert_only_backup (f, result);
  g_assert_cmpuint (result->uploaded, ==, 3);
}

/* And it may have come from a phrase. */
static void
test_phrase_of_the_backup_itself (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) phrase = ks_secret_new_copy ("old times", 9);
  g_autoptr (KsSecret) key = NULL;
  uint8_t public_key[KS_BACKUP_KEY_SIZE];
  g_autofree char *half = NULL;
  g_autofree char *body = NULL;
  g_autoptr (KsUnlockResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (ks_phrase_to_storage_key (phrase, "salt", 4, 100000, 256, &key), ==, KS_PBKDF2_OK);
  g_assert_true (ks_backup_public_key (key, public_key));
  half = ks_base64_encode (public_key, sizeof public_key, KS_BASE64_UNPADDED);
  body = g_strdup_printf ("{\"algorithm\":\"m.megolm_backup.v1.curve25519-aes-sha2\",\"auth_data\":{"
                          "\"public_key\":\"%s\",\"private_key_salt\":\"salt\","
                          "\"private_key_iterations\":100000,\"signatures\":{}}}",
                          half);
  forget_storage (f);
  g_free (hs_fixture_request (f->engine.server, "POST", ENGINE_BACKUP, f->engine.observer, body, NULL));
  unlock_assert_refused (f, "new times", KS_RECOVERY_ERROR_WRONG_PHRASE);
  result = unlock_with (f, "old times", KS_KEY_ENTRY_TYPED, &error);
  g_assert_no_error (error);
  assert_only_backup (f, result);
}

static void
test_account_with_nothing (UnlockFixture *f, gconstpointer data)
{
  forget_storage (f);
  g_free (
      hs_fixture_request (f->engine.server, "DELETE", ENGINE_BACKUP "/1", f->engine.observer, NULL, NULL));
  unlock_assert_refused (f, f->text, KS_RECOVERY_ERROR_NOT_SET_UP);
}

#define ADD(name, phrase, test) \
  g_test_add ("/unlock-keys/" name, UnlockFixture, phrase, unlock_set_up, test, unlock_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("secrets-under-a-key-that-is-not-the-default", NULL, test_secrets_under_a_key_that_is_not_the_default);
  ADD ("several-keys", NULL, test_several_keys);
  ADD ("old-key-of-the-account", NULL, test_old_key_of_the_account);
  ADD ("planted-key-description", "a phrase for tests", test_planted_key_description);
  ADD ("key-of-the-backup-itself", NULL, test_key_of_the_backup_itself);
  ADD ("phrase-of-the-backup-itself", NULL, test_phrase_of_the_backup_itself);
  ADD ("account-with-nothing", NULL, test_account_with_nothing);
  ADD ("old-key-and-phrase-that-open-nothing", NULL, test_old_key_and_phrase_that_open_nothing);
  return g_test_run ();
}
