/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Unlocking what others wrote: forms that are allowed, old ones, and what a server may
 * have changed.
 */

#include "engine/recovery/ks-recovery-repair.h"
#include "engine/unlock-fixture.h"

#include "crypto/ks-aes-hmac.h"
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

/* As nheko writes them. All opens; but not for Element, until they are written again. */
static void
test_ivs_of_32_bytes (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;
  const KsRepairPlan *plan;

  change_all (f, lengthen_iv);
  result = unlock_whole (f, f->text);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_INCOMPLETE);
  g_assert_cmpint (ks_recovery_get_next_step (f->engine.recovery), ==, KS_NEXT_STEP_REPAIR);
  plan = ks_recovery_get_plan (f->engine.recovery);
  g_assert_true (plan->actions[KS_REPAIR_DESCRIBE_KEY]);
  for (int i = 0; i < KS_N_SECRETS; i++)
    g_assert_true (plan->store[i]);
  g_assert_false (plan->needs_key || plan->actions[KS_REPAIR_BACKUP] || plan->actions[KS_REPAIR_PUBLISH]);
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

/* It opens and is used, and is not called whole: no other client reads it. */
static void
assert_is_to_be_stored_again (UnlockFixture *f, KsSecretName name)
{
  const KsRepairPlan *plan = ks_recovery_get_plan (f->engine.recovery);

  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_INCOMPLETE);
  g_assert_cmpint (ks_recovery_get_next_step (f->engine.recovery), ==, KS_NEXT_STEP_REPAIR);
  for (int i = 0; i < KS_N_SECRETS; i++)
    g_assert_true (plan->store[i] == (i == (int) name));
  g_assert_false (plan->needs_key || plan->actions[KS_REPAIR_BACKUP]);
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
  assert_is_to_be_stored_again (f, KS_SECRET_BACKUP);
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
  ADD ("backup-key-as-decimal-numbers", NULL, test_backup_key_as_decimal_numbers);
  ADD ("missing-secrets", NULL, test_missing_secrets);
  ADD ("missing-master-key", NULL, test_missing_master_key);
  ADD ("file-of-the-key-is-remembered-with-the-key-alone", NULL,
       test_file_of_the_key_is_remembered_with_the_key_alone);
  ADD ("unsigned-backup-is-vouched-for", NULL, test_unsigned_backup_is_vouched_for);
  return g_test_run ();
}
