/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What of secret storage was proven, and what is said when it is not that any more.
 */

#include "engine/secrets/ks-storage-proof.h"

#include "crypto/ks-encoding.h"
#include "engine/account/ks-only-here.h"
#include "engine/recovery/ks-recovery-repair.h"
#include "engine/secrets/ks-secret-storage.h"
#include "engine/unlock-fixture.h"
#include "matrix/ks-json.h"

#include <string.h>

#define ID "key"

typedef struct
{
  KsSecret *key;           /* owned */
  KsSecret *value;         /* owned */
  JsonObject *content;     /* owned */
  JsonObject *description; /* owned */
  KsStorageProof proof;
} ProofFixture;

static void
set_up (ProofFixture *f, gconstpointer data)
{
  f->key = ks_secret_new_random (KS_STORED_SECRET_SIZE);
  f->value = ks_secret_new_random (KS_STORED_SECRET_SIZE);
  f->content =
      ks_secret_storage_put (NULL, ks_secret_name_to_string (KS_SECRET_BACKUP), ID, f->key, f->value);
  f->description = ks_secret_storage_describe (f->key, "salt", 500000);
  ks_storage_proof_take_secret (&f->proof, KS_SECRET_BACKUP, f->content, ID, f->key, f->value);
  ks_storage_proof_take_description (&f->proof, f->description, f->key);
}

static void
tear_down (ProofFixture *f, gconstpointer data)
{
  json_object_unref (f->description);
  json_object_unref (f->content);
  ks_secret_unref (f->value);
  ks_secret_unref (f->key);
}

static gboolean
has_secret (ProofFixture *f)
{
  return ks_storage_proof_has_secret (&f->proof, KS_SECRET_BACKUP, f->content, ID);
}

static gboolean
has_description (ProofFixture *f)
{
  return ks_storage_proof_has_description (&f->proof, f->description);
}

/* Without the signs of padding in the members of @object. */
static void
strip (JsonObject *object)
{
  static const char *const names[] = { "iv", "mac", "ciphertext" };
  const char *text;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (ks_json_get_string (object, names[i], &text))
      {
        g_autofree char *stripped = g_strndup (text, strcspn (text, "="));

        json_object_set_string_member (object, names[i], stripped);
      }
}

static JsonObject *
entry (ProofFixture *f)
{
  return json_object_get_object_member (json_object_get_object_member (f->content, "encrypted"), ID);
}

static void
test_spelling_makes_no_difference (ProofFixture *f, gconstpointer data)
{
  strip (entry (f));
  strip (f->description);
  json_object_set_string_member (f->description, "name", "My key");
  json_object_set_string_member (f->content, "of.another.client", "x");
  g_assert_true (has_secret (f));
  g_assert_true (has_description (f));
}

static void
test_other_keys_make_no_difference (ProofFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (KS_STORED_SECRET_SIZE);
  JsonObject *content = ks_secret_storage_put (f->content, ks_secret_name_to_string (KS_SECRET_BACKUP),
                                               "other", other, f->value);

  json_object_unref (f->content);
  f->content = content;
  g_assert_true (has_secret (f));
  g_assert_false (ks_storage_proof_has_secret (&f->proof, KS_SECRET_BACKUP, f->content, "other"));
  g_assert_false (ks_storage_proof_has_secret (&f->proof, KS_SECRET_MASTER, f->content, ID));
}

static void
test_any_other_byte_is_noticed (ProofFixture *f, gconstpointer data)
{
  static const char *const names[] = { "iv", "mac", "ciphertext" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (JsonObject) before = ks_json_copy_object (f->content);
      g_autofree char *text = g_strdup (json_object_get_string_member (entry (f), names[i]));

      text[0] = text[0] == 'A' ? 'B' : 'A';
      json_object_set_string_member (entry (f), names[i], text);
      g_assert_false (has_secret (f));
      json_object_unref (f->content);
      f->content = g_steal_pointer (&before);
      g_assert_true (has_secret (f));
    }
}

/* Whoever only has the phrase is locked out by another salt. */
static void
test_other_description_is_noticed (ProofFixture *f, gconstpointer data)
{
  JsonObject *passphrase = json_object_get_object_member (f->description, "passphrase");

  json_object_set_string_member (passphrase, "salt", "salx");
  g_assert_false (has_description (f));
  json_object_set_string_member (passphrase, "salt", "salt");
  json_object_set_int_member (passphrase, "iterations", 500001);
  g_assert_false (has_description (f));
  json_object_set_int_member (passphrase, "iterations", 500000);
  g_assert_true (ks_storage_proof_describes (&f->proof, f->description, f->key));
  g_assert_false (ks_storage_proof_describes (&f->proof, f->description, f->value));
  json_object_unref (f->description);
  f->description = ks_secret_storage_describe (f->key, "salt", 500000);
  g_assert_false (has_description (f));
}

/* What does not open, or to something else, is not proven, whatever was before. */
static void
test_only_what_opens_is_proven (ProofFixture *f, gconstpointer data)
{
  ks_storage_proof_take_secret (&f->proof, KS_SECRET_BACKUP, f->content, ID, f->key, f->key);
  g_assert_false (has_secret (f));
  ks_storage_proof_take_secret (&f->proof, KS_SECRET_BACKUP, f->content, ID, f->key, f->value);
  g_assert_true (has_secret (f));
  ks_storage_proof_take_secret (&f->proof, KS_SECRET_BACKUP, f->content, ID, f->value, f->value);
  g_assert_false (has_secret (f));
  ks_storage_proof_take_description (&f->proof, f->description, f->value);
  g_assert_false (has_description (f));
}

static void
test_written_and_read (ProofFixture *f, gconstpointer data)
{
  static const char *const texts[] = { "", "- - - -", "- - - - - -", "x - - x x", "- - - A -" };
  g_autofree char *text = ks_storage_proof_write (&f->proof);

  ks_storage_proof_read (&f->proof, ID, ID, text);
  g_assert_true (has_secret (f));
  g_assert_true (has_description (f));
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      ks_storage_proof_read (&f->proof, ID, ID, texts[i]);
      g_assert_true (f->proof.known);
      g_assert_false (has_secret (f));
      g_assert_false (has_description (f));
    }
  /* Of what nobody has noted anything, nothing is said. */
  ks_storage_proof_read (&f->proof, ID, ID, NULL);
  g_assert_true (has_secret (f));
  ks_storage_proof_read (&f->proof, ID, "other", text);
  g_assert_true (has_secret (f));
  ks_storage_proof_read (&f->proof, NULL, NULL, text);
  g_assert_true (has_secret (f));
}

/* An account that is open. */
static void
unlock_first (UnlockFixture *f, gconstpointer data)
{
  unlock_set_up (f, data);
  ks_unlock_result_free (unlock_whole (f, f->text));
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
}

static KsOnlyHere
only_here (UnlockFixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  KsAccount *account = ks_profile_get_account (f->engine.profile);
  KsOnlyHere found;

  ks_only_here_look_async (account, NULL, engine_done, &result);
  g_assert_true (ks_only_here_look_finish (account, engine_wait (&result), &found, NULL));
  return found;
}

/* What is stored is not what the key has opened. */
static void
assert_changed (UnlockFixture *f)
{
  const KsRecoverySnapshot *seen;
  const KsRepairPlan *plan;
  KsOnlyHere found;

  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_INCOMPLETE);
  seen = ks_recovery_get_snapshot (f->engine.recovery);
  g_assert_true (seen->storage_changed);
  g_assert_true (seen->to_unlock);
  g_assert_cmpint (ks_recovery_get_next_step (f->engine.recovery), ==, KS_NEXT_STEP_UNLOCK);
  plan = ks_recovery_get_plan (f->engine.recovery);
  g_assert_true (plan->needs_key);
  for (int i = 0; i < KS_N_SECRETS; i++)
    g_assert_cmpint (plan->store[i], ==, !seen->stored[i]);
  found = only_here (f);
  g_assert_true (found.secrets && found.changed);
  g_assert_false (found.replaced);
}

static void
assert_ready (UnlockFixture *f)
{
  KsOnlyHere found = only_here (f);

  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_READY);
  g_assert_true (ks_only_here_is_nothing (&found));
}

static void
repair (UnlockFixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsRepairOutcome) outcome = NULL;
  KsUia *challenge = NULL;

  ks_recovery_repair_async (f->engine.recovery, NULL, KS_KEY_ENTRY_TYPED, NULL, NULL, engine_done, &result);
  outcome = ks_recovery_repair_finish (f->engine.recovery, engine_wait (&result), &challenge, &error);
  g_assert_no_error (error);
  g_assert_null (challenge);
}

/* Seals the same, or something else, under the same ID. */
static void
seal_anew (UnlockFixture *f, KsSecretName name, gboolean other_key, gboolean other_value)
{
  g_autoptr (KsSecret) value = unlock_open (f, name);
  g_autoptr (KsSecret) other = ks_secret_new_random (KS_STORED_SECRET_SIZE);

  unlock_put (f, name, f->key_id, other_key ? other : f->key, other_value ? other : value);
}

/* Another client may well do that: the key shows that all is right. */
static void
test_same_secrets_sealed_anew (UnlockFixture *f, gconstpointer data)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      seal_anew (f, (KsSecretName) i, FALSE, FALSE);
      assert_changed (f);
    }
  ks_unlock_result_free (unlock_whole (f, f->text));
  assert_ready (f);
}

static void
test_description_made_anew (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) description = ks_secret_storage_describe (f->key, NULL, 0);

  unlock_write_description (f, description);
  assert_changed (f);
  ks_unlock_result_free (unlock_whole (f, f->text));
  assert_ready (f);
}

static void
test_one_that_does_not_open (UnlockFixture *f, gconstpointer data)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      seal_anew (f, (KsSecretName) i, i % 2 == 0, i % 2 != 0);
      assert_changed (f);
      ks_unlock_result_free (unlock_some (f));
      g_assert_cmpint (ks_recovery_get_next_step (f->engine.recovery), ==, KS_NEXT_STEP_REPAIR);
      g_assert_true (only_here (f).secrets);
      repair (f);
      assert_ready (f);
    }
}

/* Under the ID of the very key that has opened what was there, with which it is described. */
static void
test_none_that_opens (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsUnlockResult) result = NULL;

  for (int i = 0; i < KS_N_SECRETS; i++)
    seal_anew (f, (KsSecretName) i, TRUE, FALSE);
  assert_changed (f);
  result = unlock_with (f, f->text, KS_KEY_ENTRY_TYPED, &error);
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_DAMAGED_SECRET);
  g_assert_cmpint (ks_recovery_get_next_step (f->engine.recovery), ==, KS_NEXT_STEP_REPAIR);
  repair (f);
  assert_ready (f);
  ks_unlock_result_free (unlock_whole (f, f->text));
}

/* Other clients store what they have under keys of their own, beside it. */
static void
test_entries_beside_it (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (KS_STORED_SECRET_SIZE);

  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autoptr (KsSecret) value = unlock_open (f, (KsSecretName) i);

      unlock_put (f, (KsSecretName) i, "beside", other, value);
    }
  assert_ready (f);
}

/* What an earlier version has noted says nothing of it, until the key is entered again. */
static void
test_record_of_an_earlier_version (UnlockFixture *f, gconstpointer data)
{
  KsOnlyHere found;

  engine_sql (&f->engine, "UPDATE recovery SET storage_proof = NULL");
  seal_anew (f, KS_SECRET_MASTER, FALSE, FALSE);
  found = only_here (f);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_READY);
  /* Who signs out is told. */
  g_assert_true (found.secrets && found.changed && !found.replaced);
  ks_unlock_result_free (unlock_whole (f, f->text));
  assert_ready (f);
  seal_anew (f, KS_SECRET_MASTER, FALSE, FALSE);
  assert_changed (f);
}

/* A set-up has proven it before anybody unlocks. */
static void
test_after_a_set_up (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) backup = NULL;
  JsonObject *encrypted;

  engine_set_up (&f->engine, data);
  f->key = engine_set_up_whole (&f->engine);
  f->key_id = g_strdup (ks_set_up_get_outcome (f->engine.set_up)->key_id);
  f->text = unlock_format (f->key);
  engine_refresh (&f->engine);
  assert_ready (f);
  backup = unlock_read (f, "m.megolm_backup.v1");
  g_assert_true (ks_json_get_object (backup, "encrypted", &encrypted));
  strip (unlock_entry_of (f, backup));
  unlock_write (f, "m.megolm_backup.v1", backup);
  assert_ready (f);
  seal_anew (f, KS_SECRET_BACKUP, FALSE, TRUE);
  assert_changed (f);
}

#define ADD_PROOF(name, test) g_test_add ("/storage-proof/" name, ProofFixture, NULL, set_up, test, tear_down)
#define ADD(name, test) \
  g_test_add ("/storage-proof/" name, UnlockFixture, NULL, unlock_first, test, unlock_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_PROOF ("spelling", test_spelling_makes_no_difference);
  ADD_PROOF ("other-keys", test_other_keys_make_no_difference);
  ADD_PROOF ("other-byte", test_any_other_byte_is_noticed);
  ADD_PROOF ("other-description", test_other_description_is_noticed);
  ADD_PROOF ("only-what-opens", test_only_what_opens_is_proven);
  ADD_PROOF ("written-and-read", test_written_and_read);
  ADD ("sealed-anew", test_same_secrets_sealed_anew);
  ADD ("described-anew", test_description_made_anew);
  ADD ("one-damaged", test_one_that_does_not_open);
  ADD ("all-damaged", test_none_that_opens);
  ADD ("beside", test_entries_beside_it);
  ADD ("earlier-version", test_record_of_an_earlier_version);
  g_test_add ("/storage-proof/set-up", UnlockFixture, NULL, NULL, test_after_a_set_up, unlock_tear_down);
  return g_test_run ();
}
