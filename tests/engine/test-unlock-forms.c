/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Unlocking what others wrote: forms that are allowed, old ones, and what a server may
 * have changed.
 */

#include "engine/unlock-fixture.h"

#include "crypto/ks-aes-hmac.h"
#include "crypto/ks-backup-cipher.h"
#include "crypto/ks-encoding.h"
#include "crypto/ks-kdf.h"
#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-json.h"

#include <string.h>

/* Calls @change with the description and with the entry of each secret under the key. */
static void
change_all (UnlockFixture *f, void (*change) (JsonObject *object))
{
  g_autoptr (JsonObject) description = unlock_read_description (f);

  change (description);
  unlock_write_description (f, description);
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      const char *type = ks_secret_name_to_string ((KsSecretName) i);
      g_autoptr (JsonObject) content = unlock_read (f, type);

      change (
          json_object_get_object_member (json_object_get_object_member (content, "encrypted"), f->key_id));
      unlock_write (f, type, content);
    }
}

static void
write_again (JsonObject *object, const char *name, gsize longer, KsBase64Padding padding)
{
  const char *text = json_object_get_string_member_with_default (object, name, NULL);
  uint8_t bytes[256] = { 0 };
  g_autofree char *again = NULL;
  gsize size;

  if (text == NULL)
    return;
  g_assert_cmpuint (strlen (text), <, 200);
  g_assert_cmpint (ks_base64_decode (text, strlen (text), bytes, &size), ==, KS_DECODE_OK);
  ks_random (bytes + size, longer);
  again = ks_base64_encode (bytes, size + longer, padding);
  json_object_set_string_member (object, name, again);
}

static void
lengthen_iv (JsonObject *object)
{
  write_again (object, "iv", 16, KS_BASE64_UNPADDED);
}

static void
pad (JsonObject *object)
{
  const char *names[] = { "iv", "mac", "ciphertext" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    write_again (object, names[i], 0, KS_BASE64_PADDED);
}

/* As nheko wrote them until 2026. */
static void
test_ivs_of_32_bytes (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;

  change_all (f, lengthen_iv);
  result = unlock_whole (f, f->text);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_READY);
}

/* As matrix-js-sdk writes all of it, and others the secrets themselves. */
static void
test_padded_base64 (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;

  change_all (f, pad);
  result = unlock_whole (f, f->text);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_READY);
}

static void
remove_check (UnlockFixture *f)
{
  g_autoptr (JsonObject) description = unlock_read_description (f);

  json_object_remove_member (description, "iv");
  json_object_remove_member (description, "mac");
  unlock_write_description (f, description);
}

/* Then a secret that decrypts is the check, for a mistyped key too. */
static void
test_description_without_a_check (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (32);
  g_autofree char *other_text = unlock_format (other);
  g_autofree char *mistyped = g_strdup (f->text);
  g_autoptr (KsUnlockResult) result = NULL;

  remove_check (f);
  unlock_assert_refused (f, other_text, KS_RECOVERY_ERROR_WRONG_KEY);
  mistyped[30] = mistyped[30] == 'x' ? 'y' : 'x';
  result = unlock_whole (f, mistyped);
  g_assert_true (ks_secret_equal (result->found->key, f->key));
}

/* Where no description can be read there is nothing to try a key on. */
static void
test_description_of_an_unknown_kind (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) description = unlock_read_description (f);

  json_object_set_string_member (description, "algorithm", "m.secret_storage.v9");
  unlock_write_description (f, description);
  /* Only the backup is left, and that this is not its key makes it no wrong one. */
  unlock_assert_refused (f, f->text, KS_RECOVERY_ERROR_UNSUPPORTED);
  hs_fixture_rule (f->engine.server,
                   "{\"path\":\"room_keys/version\",\"times\":0,\"action\":\"answer\",\"status\":404,"
                   "\"body\":\"{\\\"errcode\\\":\\\"M_NOT_FOUND\\\"}\"}");
  unlock_assert_refused (f, f->text, KS_RECOVERY_ERROR_UNSUPPORTED);
}

/* As Element stored the backup's key for a while in 2020. */
static void
test_backup_key_as_decimal_numbers (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) backup = unlock_open (f, KS_SECRET_BACKUP);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (JsonObject) content = json_object_new ();
  JsonObject *entry = ks_json_add_object (ks_json_add_object (content, "encrypted"), f->key_id);
  uint8_t iv[KS_AES_HMAC_IV_SIZE];
  uint8_t mac[KS_AES_HMAC_MAC_SIZE];
  uint8_t ciphertext[256];
  g_autofree char *iv_text = NULL;
  g_autofree char *mac_text = NULL;
  g_autofree char *ciphertext_text = NULL;
  g_autoptr (KsUnlockResult) result = NULL;

  for (gsize i = 0; i < ks_secret_size (backup); i++)
    g_string_append_printf (text, "%s%u", i > 0 ? "," : "", ks_secret_bytes (backup)[i]);
  g_assert_cmpint (ks_aes_hmac_encrypt (f->key, "m.megolm_backup.v1", text->str, text->len, iv, ciphertext,
                                        mac),
                   ==, KS_AES_HMAC_OK);
  iv_text = ks_base64_encode (iv, sizeof iv, KS_BASE64_PADDED);
  mac_text = ks_base64_encode (mac, sizeof mac, KS_BASE64_PADDED);
  ciphertext_text = ks_base64_encode (ciphertext, text->len, KS_BASE64_PADDED);
  ks_json_set_strings (entry, "iv", iv_text, "mac", mac_text, "ciphertext", ciphertext_text, NULL);
  unlock_write (f, "m.megolm_backup.v1", content);
  result = unlock_whole (f, f->text);
}

/* A secret that is not there is told, and the rest opens. */
static void
test_missing_secrets (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;
  g_autoptr (GError) error = NULL;

  engine_write (&f->engine, ENGINE_DATA "m.cross_signing.user_signing", "{}");
  engine_write (&f->engine, ENGINE_DATA "m.megolm_backup.v1", "{\"encrypted\":{}}");
  result = unlock_with (f, f->text, KS_KEY_ENTRY_TYPED, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result->opened[KS_SECRET_MASTER], ==, KS_OPENED_SECRET);
  g_assert_cmpint (result->opened[KS_SECRET_SELF_SIGNING], ==, KS_OPENED_SECRET);
  g_assert_cmpint (result->opened[KS_SECRET_USER_SIGNING], ==, KS_OPENED_NOTHING);
  g_assert_cmpint (result->opened[KS_SECRET_BACKUP], ==, KS_OPENED_NOTHING);
  g_assert_true (result->device_verified);
  g_assert_null (result->backup_version);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_INCOMPLETE);
}

/* The self-signing key alone does not prove whose identity it is that the server shows. */
static void
test_missing_master_key (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;
  g_autoptr (GError) error = NULL;

  engine_write (&f->engine, ENGINE_DATA "m.cross_signing.master", "{}");
  result = unlock_with (f, f->text, KS_KEY_ENTRY_TYPED, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result->opened[KS_SECRET_MASTER], ==, KS_OPENED_NOTHING);
  g_assert_cmpint (result->opened[KS_SECRET_SELF_SIGNING], ==, KS_OPENED_SECRET);
  g_assert_false (result->device_verified);
  g_assert_false (ks_recovery_get_snapshot (f->engine.recovery)->device_verified);
  g_assert_nonnull (result->backup_version);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_INCOMPLETE);
}

/* Threat A20: @type's secret with one bit of its IV flipped, which no MAC covers. */
static void
flip_iv (UnlockFixture *f, const char *type)
{
  g_autoptr (JsonObject) content = unlock_read (f, type);
  JsonObject *entry =
      json_object_get_object_member (json_object_get_object_member (content, "encrypted"), f->key_id);
  uint8_t iv[KS_AES_HMAC_IV_SIZE];
  g_autofree char *flipped = NULL;
  const char *text;

  g_assert_true (ks_json_get_string (entry, "iv", &text));
  g_assert_cmpint (ks_base64_decode_exact (text, strlen (text), iv, sizeof iv), ==, KS_DECODE_OK);
  iv[0] ^= 1;
  flipped = ks_base64_encode (iv, sizeof iv, KS_BASE64_UNPADDED);
  json_object_set_string_member (entry, "iv", flipped);
  unlock_write (f, type, content);
}

/* Each of the four in turn: a flipped bit, another secret, one moved there. */
static void
test_any_secret_spoiled (UnlockFixture *f, gconstpointer data)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      const char *type = ks_secret_name_to_string ((KsSecretName) i);
      g_autoptr (JsonObject) right = unlock_read (f, type);
      g_autoptr (JsonObject) other = unlock_read (f, ks_secret_name_to_string ((KsSecretName) (3 - i)));
      g_autoptr (JsonObject) no_mac = unlock_read (f, type);
      g_autoptr (KsSecret) random = ks_secret_new_random (32);
      g_autoptr (KsSecret) shorter = ks_secret_new_random (31);

      unlock_write (f, type, other); /* threat A21 */
      unlock_assert_refused (f, f->text, KS_RECOVERY_ERROR_DAMAGED_SECRET);
      unlock_write (f, type, right);
      flip_iv (f, type);
      unlock_assert_refused (f, f->text, KS_RECOVERY_ERROR_DAMAGED_SECRET);
      json_object_remove_member (json_object_get_object_member (json_object_get_object_member (no_mac,
                                                                                               "encrypted"),
                                                                f->key_id),
                                 "mac");
      unlock_write (f, type, no_mac);
      unlock_assert_refused (f, f->text, KS_RECOVERY_ERROR_DAMAGED_SECRET);
      unlock_put (f, (KsSecretName) i, f->key_id, f->key, shorter);
      unlock_assert_refused (f, f->text, KS_RECOVERY_ERROR_DAMAGED_SECRET);
      unlock_put (f, (KsSecretName) i, f->key_id, f->key, random);
      unlock_assert_refused (f, f->text, KS_RECOVERY_ERROR_MISMATCH);
      unlock_write (f, type, right);
    }
  ks_unlock_result_free (unlock_whole (f, f->text));
}

/* The server publishes halves of its own: an identity, or a backup (threat A17). */
static void
test_published_halves_that_differ (UnlockFixture *f, gconstpointer data)
{
  g_autofree char *rule = NULL;
  uint8_t half[KS_BACKUP_KEY_SIZE];
  g_autoptr (KsSecret) key = ks_secret_new_random (32);
  g_autofree char *text = NULL;

  g_assert_true (ks_backup_public_key (key, half));
  text = ks_base64_encode (half, sizeof half, KS_BASE64_UNPADDED);
  rule = g_strdup_printf ("{\"path\":\"room_keys/version\",\"times\":0,\"action\":\"answer\",\"body\":\""
                          "{\\\"version\\\":\\\"1\\\",\\\"algorithm\\\":"
                          "\\\"m.megolm_backup.v1.curve25519-aes-sha2\\\",\\\"auth_data\\\":{"
                          "\\\"public_key\\\":\\\"%s\\\"},\\\"etag\\\":\\\"0\\\",\\\"count\\\":7}\"}",
                          text);
  hs_fixture_rule (f->engine.server, rule);
  unlock_assert_refused (f, f->text, KS_RECOVERY_ERROR_MISMATCH);
  engine_no_rules (&f->engine);
  hs_fixture_rule (f->engine.server,
                   "{\"path\":\"keys/"
                   "query\",\"times\":0,\"action\":\"answer\",\"body\":\"{\\\"master_keys\\\":"
                   "{\\\"" ENGINE_USER "\\\":{\\\"keys\\\":{}}}}\"}");
  unlock_assert_refused (f, f->text, KS_RECOVERY_ERROR_MISMATCH);
}

/* The file that a person saved the key to is named as long as it is this key. */
static void
test_file_of_the_key_is_remembered_with_the_key_alone (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result G_GNUC_UNUSED = unlock_whole (f, f->text);
  g_autoptr (KsUnlockResult) same = NULL;
  g_autoptr (KsUnlockResult) other = NULL;

  engine_sql (&f->engine, "UPDATE recovery SET key_file = 'key.txt'");
  same = unlock_whole (f, f->text);
  g_assert_cmpstr (ks_recovery_get_snapshot (f->engine.recovery)->key_file, ==, "key.txt");
  engine_sql (&f->engine, "UPDATE recovery SET default_key_id = 'before'");
  other = unlock_whole (f, f->text);
  g_assert_null (ks_recovery_get_snapshot (f->engine.recovery)->key_file);
}

/* Threat A22: a session that knew an identity is not led to another one by a server; but
 * the person can want it. */
static void
test_other_identity_than_was_known (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result G_GNUC_UNUSED = unlock_whole (f, f->text);
  g_autoptr (KsUnlockResult) taken = NULL;
  g_autoptr (KsSecret) secret = ks_secret_new_copy (f->text, strlen (f->text));
  g_autoptr (GAsyncResult) async = NULL;
  g_autoptr (GError) error = NULL;

  engine_sql (&f->engine, "UPDATE recovery SET master_key = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_CONFLICT);
  g_assert_null (unlock_with (f, f->text, KS_KEY_ENTRY_TYPED, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CHANGED);
  g_clear_error (&error);
  ks_recovery_unlock_async (f->engine.recovery, secret, KS_KEY_ENTRY_TYPED, KS_UNLOCK_TAKE_OTHER_IDENTITY,
                            NULL, engine_done, &async);
  taken = ks_recovery_unlock_finish (f->engine.recovery, engine_wait (&async), &error);
  g_assert_no_error (error);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_READY);
}

static JsonObject *
read_auth_data (UnlockFixture *f)
{
  g_autoptr (JsonObject) version = engine_read_object (&f->engine, ENGINE_BACKUP);

  return json_object_ref (json_object_get_object_member (version, "auth_data"));
}

static void
write_auth_data (UnlockFixture *f, const char *more)
{
  g_autoptr (JsonObject) auth_data = read_auth_data (f);
  g_autofree char *body =
      g_strdup_printf ("{\"version\":\"1\",\"algorithm\":\"m.megolm_backup.v1.curve25519-aes-sha2\","
                       "\"auth_data\":{\"public_key\":\"%s\"%s}}",
                       json_object_get_string_member (auth_data, "public_key"), more);

  engine_write (&f->engine, ENGINE_BACKUP "/1", body);
}

/* A backup that nobody has signed is signed, since its key is the person's; what a server
 * has put beside the key is not. */
static void
test_unsigned_backup_is_vouched_for (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;
  g_autoptr (KsUnlockResult) again = NULL;
  g_autoptr (JsonObject) auth_data = NULL;
  g_autoptr (JsonObject) with_more = NULL;

  write_auth_data (f, "");
  result = unlock_whole (f, f->text);
  auth_data = read_auth_data (f);
  g_assert_cmpuint (json_object_get_size (
                        json_object_get_object_member (json_object_get_object_member (auth_data,
                                                                                      "signatures"),
                                                       ENGINE_USER)),
                    ==, 2);
  write_auth_data (f, ",\"private_key_salt\":\"a\",\"private_key_iterations\":1");
  again = unlock_whole (f, f->text);
  with_more = read_auth_data (f);
  g_assert_false (json_object_has_member (with_more, "signatures"));
}

#define ADD(name, phrase, test) \
  g_test_add ("/unlock-forms/" name, UnlockFixture, phrase, unlock_set_up, test, unlock_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("ivs-of-32-bytes", NULL, test_ivs_of_32_bytes);
  ADD ("padded-base64", NULL, test_padded_base64);
  ADD ("description-without-a-check", NULL, test_description_without_a_check);
  ADD ("description-of-an-unknown-kind", NULL, test_description_of_an_unknown_kind);
  ADD ("backup-key-as-decimal-numbers", NULL, test_backup_key_as_decimal_numbers);
  ADD ("missing-secrets", NULL, test_missing_secrets);
  ADD ("missing-master-key", NULL, test_missing_master_key);
  ADD ("any-secret-spoiled", NULL, test_any_secret_spoiled);
  ADD ("published-halves-that-differ", NULL, test_published_halves_that_differ);
  ADD ("file-of-the-key-is-remembered-with-the-key-alone", NULL,
       test_file_of_the_key_is_remembered_with_the_key_alone);
  ADD ("other-identity-than-was-known", NULL, test_other_identity_than_was_known);
  ADD ("unsigned-backup-is-vouched-for", NULL, test_unsigned_backup_is_vouched_for);
  return g_test_run ();
}
