/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Unlocking accounts whose keys are not where, or not spelled as, the specification has them.
 */

#include "engine/unlock-fixture.h"

#include "crypto/ks-aes-hmac.h"
#include "crypto/ks-backup-cipher.h"
#include "crypto/ks-encoding.h"
#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-json.h"

#include <string.h>

static void
write_description (UnlockFixture *f, const char *json)
{
  g_autoptr (JsonObject) description = ks_json_parse_object (json, strlen (json), NULL);

  g_assert_nonnull (description);
  unlock_write_description (f, description);
}

/* Whatever became of the description: the right key is tried on the secrets. */
static void
test_key_without_a_description (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (32);
  g_autofree char *text = unlock_format (other);
  g_autoptr (JsonObject) of_other = ks_secret_storage_describe (other, NULL, 0);
  g_autofree char *others = ks_json_to_text (of_other, NULL, NULL);
  const struct
  {
    const char *description;
    KsRecoveryError wrong;
  } cases[] = {
    { "{}", KS_RECOVERY_ERROR_WRONG_KEY },
    { "{\"algorithm\":\"m.secret_storage.v1.aes-hmac-sha2\",\"iv\":7,\"mac\":[]}",
      KS_RECOVERY_ERROR_WRONG_KEY },
    { "{\"algorithm\":\"m.secret_storage.v1.aes-hmac-sha2\",\"iv\":\"AAAA\",\"mac\":\"!\"}",
      KS_RECOVERY_ERROR_WRONG_KEY },
    { "{\"algorithm\":\"m.secret_storage.v1.aes-hmac-sha2\",\"passphrase\":7}", KS_RECOVERY_ERROR_WRONG_KEY },
    { "{\"iv\":\"AAAA\"}", KS_RECOVERY_ERROR_WRONG_KEY },
    { "{\"algorithm\":\"m.secret_storage.v9\"}", KS_RECOVERY_ERROR_UNSUPPORTED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (KsUnlockResult) result = NULL;

      g_test_message ("%s", cases[i].description);
      write_description (f, cases[i].description);
      unlock_assert_refused (f, text, cases[i].wrong);
      /* How the key came from a phrase cannot be known. */
      unlock_assert_refused (f, "a phrase", KS_RECOVERY_ERROR_UNSUPPORTED);
      result = unlock_some (f);
      for (int name = 0; name < KS_N_SECRETS; name++)
        g_assert_cmpint (result->opened[name], ==, KS_OPENED_SECRET);
      g_assert_true (result->device_verified && result->is_default_key);
      g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_INCOMPLETE);
      engine_reinstall (&f->engine);
    }
  /* Another key's description: that key fits it and opens nothing. */
  write_description (f, others);
  unlock_assert_refused (f, text, KS_RECOVERY_ERROR_DAMAGED_SECRET);
  ks_unlock_result_free (unlock_some (f));
}

static void
write_backup_entry (UnlockFixture *f, const char *json)
{
  g_autoptr (JsonObject) content = json_object_new ();
  g_autoptr (JsonObject) entry = ks_json_parse_object (json, strlen (json), NULL);

  ks_json_set_object (ks_json_add_object (content, "encrypted"), f->key_id, entry);
  unlock_write (f, "m.megolm_backup.v1", content);
}

/* A backup whose private key is the storage key itself, as Element made them in 2020. */
static void
make_backup_of_the_key (UnlockFixture *f, const char *auth_data_more)
{
  uint8_t half[KS_BACKUP_KEY_SIZE];
  g_autofree char *text = NULL;
  g_autofree char *body = NULL;

  g_assert_true (ks_backup_public_key (f->key, half));
  text = ks_base64_encode (half, sizeof half, KS_BASE64_UNPADDED);
  body = g_strdup_printf ("{\"algorithm\":\"m.megolm_backup.v1.curve25519-aes-sha2\",\"auth_data\":{"
                          "\"public_key\":\"%s\"%s,\"signatures\":{}}}",
                          text, auth_data_more);
  g_free (hs_fixture_request (f->engine.server, "POST", ENGINE_BACKUP, f->engine.observer, body, NULL));
}

static void
test_passthrough (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) wrong = NULL;
  g_autoptr (KsUnlockResult) right = NULL;

  /* Of a backup with another key it proves nothing. */
  write_backup_entry (f, "{\"passthrough\":true}");
  wrong = unlock_some (f);
  g_assert_cmpint (wrong->opened[KS_SECRET_BACKUP], ==, KS_OPENED_MISMATCH);
  make_backup_of_the_key (f, "");
  right = unlock_whole (f, f->text);
  g_assert_cmpstr (right->backup_version, ==, "2");
}

/* A description that fits, with nothing behind it: the key is that of the backup. */
static void
test_key_that_fits_a_description_and_opens_only_the_backup (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;

  for (int name = 0; name < KS_N_SECRETS; name++)
    unlock_empty (f, (KsSecretName) name);
  unlock_assert_refused (f, f->text, KS_RECOVERY_ERROR_NOTHING_STORED);
  make_backup_of_the_key (f, "");
  result = unlock_some (f);
  g_assert_cmpstr (result->backup_version, ==, "2");
  g_assert_cmpint (result->opened[KS_SECRET_BACKUP], ==, KS_OPENED_SECRET);
}

static void
put_text (UnlockFixture *f, KsSecretName name, const char *text)
{
  const char *type = ks_secret_name_to_string (name);
  g_autoptr (JsonObject) content = unlock_read (f, type);
  uint8_t iv[KS_AES_HMAC_IV_SIZE];
  uint8_t mac[KS_AES_HMAC_MAC_SIZE];
  g_autofree uint8_t *ciphertext = g_malloc (strlen (text));
  g_autofree char *iv_text = NULL;
  g_autofree char *mac_text = NULL;
  g_autofree char *ciphertext_text = NULL;

  g_assert_cmpint (ks_aes_hmac_encrypt (f->key, type, text, strlen (text), iv, ciphertext, mac), ==,
                   KS_AES_HMAC_OK);
  iv_text = ks_base64_encode (iv, sizeof iv, KS_BASE64_PADDED);
  mac_text = ks_base64_encode (mac, sizeof mac, KS_BASE64_PADDED);
  ciphertext_text = ks_base64_encode (ciphertext, strlen (text), KS_BASE64_PADDED);
  ks_json_set_strings (unlock_entry_of (f, content), "iv", iv_text, "mac", mac_text, "ciphertext",
                       ciphertext_text, NULL);
  unlock_write (f, type, content);
}

/* Base64 of base64, padded or not, for any of the four. */
static void
test_secrets_that_were_encoded_twice (UnlockFixture *f, gconstpointer data)
{
  for (int name = 0; name < KS_N_SECRETS; name++)
    {
      g_autoptr (KsSecret) value = unlock_open (f, (KsSecretName) name);
      KsBase64Padding padding = name % 2 == 0 ? KS_BASE64_PADDED : KS_BASE64_UNPADDED;
      g_autofree char *once = ks_base64_encode (ks_secret_bytes (value), ks_secret_size (value), padding);
      g_autofree char *twice = ks_base64_encode (once, strlen (once), padding);

      put_text (f, (KsSecretName) name, twice);
    }
  ks_unlock_result_free (unlock_whole (f, f->text));
}

/* nheko#1830: the public key was encoded twice. What is in the backup can be read; no other
 * client can, so that nothing goes up, and the state is not called whole. */
static void
test_backup_whose_public_key_was_encoded_twice (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) version = engine_read_object (&f->engine, ENGINE_BACKUP);
  const char *once =
      json_object_get_string_member (json_object_get_object_member (version, "auth_data"), "public_key");
  g_autofree char *twice = ks_base64_encode (once, strlen (once), KS_BASE64_UNPADDED);
  g_autoptr (KsUnlockResult) result = NULL;
  const KsRecoverySnapshot *seen;

  engine_add_keys (&f->engine, 3, NULL);
  unlock_answer_version (f, twice);
  result = unlock_some (f);
  g_assert_true (result->device_verified);
  g_assert_cmpint (result->opened[KS_SECRET_BACKUP], ==, KS_OPENED_SECRET);
  g_assert_cmpstr (result->backup_version, ==, "1");
  g_assert_false (result->backup_writable);
  seen = ks_recovery_get_snapshot (f->engine.recovery);
  g_assert_true (seen->backup_readable && seen->matches[KS_SECRET_BACKUP]);
  g_assert_false (seen->backup_usable);
  g_assert_cmpint (seen->backup_trust, ==, KS_BACKUP_TRUST_NONE);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_INCOMPLETE);
  g_assert_cmpuint (hs_fixture_count (f->engine.server, "^PUT .*room_keys"), ==, 0);
}

/* Forty-five bytes are no key in any spelling: the identity opens, the backup is named. */
static void
test_backup_whose_public_key_is_none (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;

  unlock_answer_version (f, "2gBD+WfWCYSyOkuuzm3hLspklfgxaPbbZg4rW1Z/Z6Y12Fa4skBcyW/iVw9x");
  result = unlock_some (f);
  g_assert_true (result->device_verified);
  g_assert_cmpint (result->opened[KS_SECRET_BACKUP], ==, KS_OPENED_MISMATCH);
  g_assert_false (ks_recovery_get_snapshot (f->engine.recovery)->backup_readable);
}

/* No public half is there for what the key opens: it is good for a repair, and kept nowhere. */
static void
test_halves_that_are_not_published (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;

  hs_fixture_rule (f->engine.server,
                   "{\"path\":\"keys/query\",\"times\":0,\"action\":\"answer\",\"body\":\"{}\"}");
  g_free (
      hs_fixture_request (f->engine.server, "DELETE", ENGINE_BACKUP "/1", f->engine.observer, NULL, NULL));
  result = unlock_some (f);
  for (int name = 0; name < KS_N_SECRETS; name++)
    g_assert_cmpint (result->opened[name], ==, KS_OPENED_UNUSED);
  unlock_assert_locked (f);
}

#define ADD(name, test) \
  g_test_add ("/unlock-places/" name, UnlockFixture, NULL, unlock_set_up, test, unlock_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("key-without-a-description", test_key_without_a_description);
  ADD ("passthrough", test_passthrough);
  ADD ("key-that-fits-a-description-and-opens-only-the-backup",
       test_key_that_fits_a_description_and_opens_only_the_backup);
  ADD ("secrets-that-were-encoded-twice", test_secrets_that_were_encoded_twice);
  ADD ("backup-whose-public-key-was-encoded-twice", test_backup_whose_public_key_was_encoded_twice);
  ADD ("backup-whose-public-key-is-none", test_backup_whose_public_key_is_none);
  ADD ("halves-that-are-not-published", test_halves_that_are_not_published);
  return g_test_run ();
}
