/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Unlocking accounts of which a part is missing, odd, or not told by the server: what can be
 * proven opens, what cannot is named, and neither hides the other.
 */

#include "engine/unlock-fixture.h"

#include "crypto/ks-aes-hmac.h"
#include "crypto/ks-backup-cipher.h"
#include "crypto/ks-encoding.h"
#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-json.h"
#include "matrix/ks-matrix-error.h"

#include <string.h>

/* Asserts that all secrets but @but are open, kept and used, and that @but is not. */
static void
assert_all_but (UnlockFixture *f, const KsUnlockResult *result, KsSecretName but, KsOpened opened)
{
  const KsRecoverySnapshot *seen;

  engine_refresh (&f->engine);
  seen = ks_recovery_get_snapshot (f->engine.recovery);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), !=, KS_RECOVERY_READY);
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_assert_cmpint (result->opened[i], ==, i == (int) but ? opened : KS_OPENED_SECRET);
      g_assert_cmpint (seen->here[i], ==, i != (int) but);
      g_assert_cmpint (seen->matches[i], ==, i != (int) but);
    }
  /* Without the master key nobody knows whose identity it is that signs. */
  g_assert_cmpint (result->device_verified, ==, but != KS_SECRET_MASTER && but != KS_SECRET_SELF_SIGNING);
  g_assert_cmpint (seen->device_verified, ==, result->device_verified);
  g_assert_cmpint (result->backup_version != NULL, ==, but != KS_SECRET_BACKUP);
  g_assert_cmpint (seen->backup_trust, ==,
                   but != KS_SECRET_BACKUP   ? KS_BACKUP_TRUST_KEY
                   : but != KS_SECRET_MASTER ? KS_BACKUP_TRUST_SIGNATURE
                                             : KS_BACKUP_TRUST_NONE);
}

static void
remove_mac (UnlockFixture *f, KsSecretName name)
{
  const char *type = ks_secret_name_to_string (name);
  g_autoptr (JsonObject) content = unlock_read (f, type);

  json_object_remove_member (unlock_entry_of (f, content), "mac");
  unlock_write (f, type, content);
}

/* Threat A20: one bit of the IV flipped, which no MAC covers. */
static void
flip_iv (UnlockFixture *f, KsSecretName name)
{
  const char *type = ks_secret_name_to_string (name);
  g_autoptr (JsonObject) content = unlock_read (f, type);
  uint8_t iv[KS_AES_HMAC_IV_SIZE];
  g_autofree char *flipped = NULL;
  const char *text;

  g_assert_true (ks_json_get_string (unlock_entry_of (f, content), "iv", &text));
  g_assert_cmpint (ks_base64_decode_exact (text, strlen (text), iv, sizeof iv), ==, KS_DECODE_OK);
  iv[0] ^= 1;
  flipped = ks_base64_encode (iv, sizeof iv, KS_BASE64_PADDED);
  json_object_set_string_member (unlock_entry_of (f, content), "iv", flipped);
  unlock_write (f, type, content);
}

/* Threat A21: another secret of the same key moved to this name. */
static void
move_there (UnlockFixture *f, KsSecretName name)
{
  g_autoptr (JsonObject) other = unlock_read (f, ks_secret_name_to_string ((KsSecretName) (3 - (int) name)));

  unlock_write (f, ks_secret_name_to_string (name), other);
}

static void
store_31_bytes (UnlockFixture *f, KsSecretName name)
{
  g_autoptr (KsSecret) value = ks_secret_new_random (31);

  unlock_put (f, name, f->key_id, f->key, value);
}

static void
store_another (UnlockFixture *f, KsSecretName name)
{
  g_autoptr (KsSecret) value = ks_secret_new_random (32);

  unlock_put (f, name, f->key_id, f->key, value);
}

static void
store_a_list (UnlockFixture *f, KsSecretName name)
{
  const char *type = ks_secret_name_to_string (name);
  g_autofree char *path = g_strconcat (ENGINE_DATA, type, NULL);

  engine_write (&f->engine, path, "{\"encrypted\":[]}");
}

/* Each of the four in turn, spoiled in each way. */
static void
test_one_secret_spoiled_costs_only_itself (UnlockFixture *f, gconstpointer data)
{
  const struct
  {
    void (*spoil) (UnlockFixture *f, KsSecretName name);
    KsOpened opened;
  } ways[] = {
    { move_there, KS_OPENED_DAMAGED },     { flip_iv, KS_OPENED_DAMAGED },
    { remove_mac, KS_OPENED_DAMAGED },     { store_31_bytes, KS_OPENED_DAMAGED },
    { store_another, KS_OPENED_MISMATCH }, { store_a_list, KS_OPENED_DAMAGED },
    { unlock_empty, KS_OPENED_NOTHING },
  };

  for (int name = 0; name < KS_N_SECRETS; name++)
    {
      const char *type = ks_secret_name_to_string ((KsSecretName) name);
      g_autoptr (JsonObject) right = unlock_read (f, type);

      for (guint way = 0; way < G_N_ELEMENTS (ways); way++)
        {
          g_autoptr (KsUnlockResult) result = NULL;

          g_test_message ("%s, %u", type, way);
          ways[way].spoil (f, (KsSecretName) name);
          result = unlock_some (f);
          assert_all_but (f, result, (KsSecretName) name, ways[way].opened);
          unlock_write (f, type, right);
          engine_reinstall (&f->engine);
        }
    }
  ks_unlock_result_free (unlock_whole (f, f->text));
}

/* A flipped IV can open to 32 other bytes as well; it is no half of anything then. */
static void
test_all_secrets_spoiled_open_nothing (UnlockFixture *f, gconstpointer data)
{
  for (int name = 0; name < KS_N_SECRETS; name++)
    remove_mac (f, (KsSecretName) name);
  unlock_assert_refused (f, f->text, KS_RECOVERY_ERROR_DAMAGED_SECRET);
  for (int name = 0; name < KS_N_SECRETS; name++)
    store_another (f, (KsSecretName) name);
  unlock_assert_refused (f, f->text, KS_RECOVERY_ERROR_MISMATCH);
}

/* Threat A17: a backup of the server's own. The identity opens, and nothing goes up. */
static void
test_backup_of_another_key (UnlockFixture *f, gconstpointer data)
{
  uint8_t half[KS_BACKUP_KEY_SIZE];
  g_autoptr (KsSecret) key = ks_secret_new_random (32);
  g_autofree char *text = NULL;
  g_autoptr (KsUnlockResult) result = NULL;

  g_assert_true (ks_backup_public_key (key, half));
  text = ks_base64_encode (half, sizeof half, KS_BASE64_UNPADDED);
  engine_add_keys (&f->engine, 3, NULL);
  unlock_answer_version (f, text);
  result = unlock_some (f);
  g_assert_true (result->device_verified);
  g_assert_null (result->backup_version);
  g_assert_cmpint (result->opened[KS_SECRET_MASTER], ==, KS_OPENED_SECRET);
  g_assert_cmpint (result->opened[KS_SECRET_BACKUP], ==, KS_OPENED_MISMATCH);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_UNTRUSTED);
  g_assert_cmpuint (hs_fixture_count (f->engine.server, "^PUT .*room_keys"), ==, 0);
}

/* Another identity than the secrets are of: the backup opens, and nothing is signed. */
static void
test_identity_of_another (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;
  guint before = hs_fixture_count (f->engine.server, "signatures/upload");

  hs_fixture_rule (f->engine.server,
                   "{\"path\":\"keys/"
                   "query\",\"times\":0,\"action\":\"answer\",\"body\":\"{\\\"master_keys\\\":"
                   "{\\\"" ENGINE_USER "\\\":{\\\"keys\\\":{}}}}\"}");
  result = unlock_some (f);
  g_assert_false (result->device_verified);
  g_assert_cmpint (result->opened[KS_SECRET_MASTER], ==, KS_OPENED_MISMATCH);
  g_assert_cmpint (result->opened[KS_SECRET_SELF_SIGNING], ==, KS_OPENED_UNUSED);
  g_assert_cmpint (result->opened[KS_SECRET_BACKUP], ==, KS_OPENED_SECRET);
  g_assert_nonnull (result->backup_version);
  g_assert_cmpuint (hs_fixture_count (f->engine.server, "signatures/upload"), ==, before);
}

/* Threats A8 and A22: a session that knew an identity is not led to another one by a server; the
 * person can want it. The backup opens by its own key, and nothing goes up to it meanwhile. */
static void
test_other_identity_than_was_known (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) first G_GNUC_UNUSED = unlock_whole (f, f->text);
  g_autoptr (KsUnlockResult) second = NULL;
  g_autoptr (KsUnlockResult) taken = NULL;
  g_autoptr (KsSecret) secret = ks_secret_new_copy (f->text, strlen (f->text));
  g_autoptr (GAsyncResult) async = NULL;
  g_autoptr (GError) error = NULL;
  guint before = hs_fixture_count (f->engine.server, "signatures/upload");

  engine_sql (&f->engine, "UPDATE recovery SET master_key = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_CONFLICT);
  engine_add_keys (&f->engine, 3, NULL);
  second = unlock_some (f);
  g_assert_true (second->identity_changed);
  g_assert_false (second->device_verified);
  g_assert_cmpint (second->opened[KS_SECRET_MASTER], ==, KS_OPENED_CHANGED);
  g_assert_cmpint (second->opened[KS_SECRET_BACKUP], ==, KS_OPENED_SECRET);
  g_assert_cmpuint (second->uploaded, ==, 0);
  g_assert_cmpuint (hs_fixture_count (f->engine.server, "signatures/upload"), ==, before);
  g_assert_cmpuint (hs_fixture_count (f->engine.server, "^PUT .*room_keys/keys"), ==, 0);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_CONFLICT);

  ks_recovery_unlock_async (f->engine.recovery, secret, KS_KEY_ENTRY_TYPED, KS_UNLOCK_TAKE_OTHER_IDENTITY,
                            NULL, engine_done, &async);
  taken = ks_recovery_unlock_finish (f->engine.recovery, engine_wait (&async), &error);
  g_assert_no_error (error);
  g_assert_false (taken->identity_changed);
  g_assert_cmpuint (taken->uploaded, ==, 3);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_READY);
}

/* Where nothing but the identity could open, a changed one is an error as before. */
static void
test_other_identity_and_no_backup (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) first G_GNUC_UNUSED = unlock_whole (f, f->text);
  g_autoptr (GError) error = NULL;

  engine_sql (&f->engine, "UPDATE recovery SET master_key = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'");
  unlock_empty (f, KS_SECRET_BACKUP);
  g_assert_null (unlock_with (f, f->text, KS_KEY_ENTRY_TYPED, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CHANGED);
}

/* Milliseconds: so long is a failing server waited for. An honest answer has to come within that time too, on a
 * busy machine and with sanitizers. */
#define HASTY 1500

#define FAILING \
  "\"times\":0,\"action\":\"answer\",\"status\":500,\"body\":\"{\\\"errcode\\\":\\\"M_UNKNOWN\\\"}\"}"
#define ODD                                                                                                \
  "\"times\":0,\"action\":\"answer\",\"body\":\"{\\\"version\\\":[7],\\\"device_keys\\\":7,\\\"key\\\":7}" \
  "\"}"

/* What the server does not tell of the backup costs nothing of the identity. */
static void
test_backup_that_is_not_told (UnlockFixture *f, gconstpointer data)
{
  const char *rules[] = { "{\"path\":\"room_keys/version\"," FAILING,
                          "{\"path\":\"room_keys/version\"," ODD };

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autoptr (KsUnlockResult) result = NULL;

      hs_fixture_rule (f->engine.server, rules[i]);
      ks_http_set_patience (f->engine.http, HASTY);
      result = unlock_some (f);
      g_assert_true (result->device_verified);
      g_assert_cmpint (result->opened[KS_SECRET_MASTER], ==, KS_OPENED_SECRET);
      g_assert_cmpint (result->opened[KS_SECRET_BACKUP], ==, KS_OPENED_UNKNOWN);
      g_assert_null (result->backup_version);
      engine_no_rules (&f->engine);
      ks_http_set_patience (f->engine.http, ENGINE_PATIENCE);
      ks_unlock_result_free (unlock_whole (f, f->text));
      engine_reinstall (&f->engine);
    }
}

/* And the other way round. */
static void
test_identity_that_is_not_told (UnlockFixture *f, gconstpointer data)
{
  const char *rules[] = { "{\"path\":\"keys/query\"," FAILING, "{\"path\":\"keys/query\"," ODD };

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autoptr (KsUnlockResult) result = NULL;

      hs_fixture_rule (f->engine.server, rules[i]);
      ks_http_set_patience (f->engine.http, HASTY);
      result = unlock_some (f);
      g_assert_false (result->device_verified);
      g_assert_cmpint (result->opened[KS_SECRET_MASTER], ==, KS_OPENED_UNKNOWN);
      g_assert_cmpint (result->opened[KS_SECRET_BACKUP], ==, KS_OPENED_SECRET);
      engine_no_rules (&f->engine);
      ks_http_set_patience (f->engine.http, ENGINE_PATIENCE);
      g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), !=, KS_RECOVERY_READY);
      engine_refresh (&f->engine);
      g_assert_true (ks_recovery_get_snapshot (f->engine.recovery)->matches[KS_SECRET_BACKUP]);
      ks_unlock_result_free (unlock_whole (f, f->text));
      engine_reinstall (&f->engine);
    }
}

/* One secret, the description, or the name of the default key that is not told. */
static void
test_account_data_that_is_not_told (UnlockFixture *f, gconstpointer data)
{
  const char *types[] = { "m.secret_storage.default_key", "m.secret_storage.key", "m.cross_signing.master",
                          "m.megolm_backup.v1" };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *rule = g_strdup_printf ("{\"path\":\"%s\"," FAILING, types[i]);
      g_autoptr (KsUnlockResult) result = NULL;

      g_test_message ("%s", types[i]);
      hs_fixture_rule (f->engine.server, rule);
      ks_http_set_patience (f->engine.http, HASTY);
      result = unlock_some (f);
      g_assert_cmpint (result->opened[KS_SECRET_SELF_SIGNING], ==, KS_OPENED_SECRET);
      g_assert_cmpint (result->opened[KS_SECRET_MASTER], ==, i == 2 ? KS_OPENED_UNKNOWN : KS_OPENED_SECRET);
      g_assert_cmpint (result->opened[KS_SECRET_BACKUP], ==, i == 3 ? KS_OPENED_UNKNOWN : KS_OPENED_SECRET);
      engine_no_rules (&f->engine);
      ks_http_set_patience (f->engine.http, ENGINE_PATIENCE);
      ks_unlock_result_free (unlock_whole (f, f->text));
      engine_reinstall (&f->engine);
    }
}

/* A wrong key is not called wrong while the server keeps back what it may be for. */
static void
test_nothing_is_called_wrong_that_could_not_be_tried (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (32);
  g_autofree char *text = unlock_format (other);
  const char *types[] = { "m.secret_storage.default_key", "m.secret_storage.key", "m.cross_signing.master" };

  ks_http_set_patience (f->engine.http, HASTY);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *rule = g_strdup_printf ("{\"path\":\"%s\"," FAILING, types[i]);
      g_autoptr (GError) error = NULL;

      hs_fixture_rule (f->engine.server, rule);
      g_assert_null (unlock_with (f, text, KS_KEY_ENTRY_TYPED, &error));
      g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_SERVER);
      engine_no_rules (&f->engine);
      ks_http_set_patience (f->engine.http, ENGINE_PATIENCE);
    }
  unlock_assert_refused (f, text, KS_RECOVERY_ERROR_WRONG_KEY);
}

/* One-time keys that the server refuses for ever, as after a profile was put back. */
static void
test_one_time_keys_that_are_refused (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsUnlockResult) result = NULL;

  hs_fixture_rule (f->engine.server,
                   "{\"path\":\"keys/upload$\",\"nth\":2,\"times\":0,\"action\":"
                   "\"answer\",\"status\":400,\"body\":\"{\\\"errcode\\\":\\\"M_UNKNOWN\\\"}\"}");
  result = unlock_whole (f, f->text);
  g_assert_error (result->device, KS_MATRIX_ERROR, KS_MATRIX_ERROR_REFUSED);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_READY);
  /* And the next time they go up. */
  engine_no_rules (&f->engine);
  g_clear_pointer (&result, ks_unlock_result_free);
  result = unlock_whole (f, f->text);
  g_assert_no_error (result->device);
}

/* The session cannot be signed: its keys are refused, another's are published in their place, the
 * signature is thrown away. The secrets are open all the same. */
static void
test_session_that_cannot_be_signed (UnlockFixture *f, gconstpointer data)
{
  const char *rules[] = {
    "{\"path\":\"keys/upload$\"," FAILING,
    "{\"path\":\"signatures/upload\"," FAILING,
    "{\"path\":\"signatures/upload\",\"times\":0,\"action\":\"answer\",\"body\":\"{}\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autoptr (KsUnlockResult) result = NULL;

      g_test_message ("%u", i);
      hs_fixture_rule (f->engine.server, rules[i]);
      ks_http_set_patience (f->engine.http, HASTY);
      result = unlock_some (f);
      g_assert_false (result->device_verified);
      g_assert_true (result->device != NULL || result->signing != NULL);
      for (int name = 0; name < KS_N_SECRETS; name++)
        g_assert_cmpint (result->opened[name], ==, KS_OPENED_SECRET);
      g_assert_nonnull (result->backup_version);
      engine_no_rules (&f->engine);
      ks_http_set_patience (f->engine.http, ENGINE_PATIENCE);
      engine_refresh (&f->engine);
      g_assert_false (ks_recovery_get_snapshot (f->engine.recovery)->device_verified);
      ks_unlock_result_free (unlock_whole (f, f->text));
      engine_reinstall (&f->engine);
    }
}

#define ADD(name, test) \
  g_test_add ("/unlock-parts/" name, UnlockFixture, NULL, unlock_set_up, test, unlock_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("one-secret-spoiled-costs-only-itself", test_one_secret_spoiled_costs_only_itself);
  ADD ("all-secrets-spoiled-open-nothing", test_all_secrets_spoiled_open_nothing);
  ADD ("backup-of-another-key", test_backup_of_another_key);
  ADD ("identity-of-another", test_identity_of_another);
  ADD ("other-identity-than-was-known", test_other_identity_than_was_known);
  ADD ("other-identity-and-no-backup", test_other_identity_and_no_backup);
  ADD ("backup-that-is-not-told", test_backup_that_is_not_told);
  ADD ("identity-that-is-not-told", test_identity_that_is_not_told);
  ADD ("account-data-that-is-not-told", test_account_data_that_is_not_told);
  ADD ("nothing-is-called-wrong-that-could-not-be-tried",
       test_nothing_is_called_wrong_that_could_not_be_tried);
  ADD ("one-time-keys-that-are-refused", test_one_time_keys_that_are_refused);
  ADD ("session-that-cannot-be-signed", test_session_that_cannot_be_signed);
  return g_test_run ();
}
