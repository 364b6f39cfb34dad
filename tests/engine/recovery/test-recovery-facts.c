/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said of Secure Backup when the server no longer tells what a session knows to
 * be its own.
 */

#include "engine/recovery/ks-recovery-facts.h"
#include "engine/recovery/ks-recovery-state.h"

#include "crypto/ks-encoding.h"
#include "engine/backup/ks-backup-auth.h"
#include "engine/identity/ks-signed-json.h"
#include "engine/secrets/ks-secret-storage.h"
#include "engine/set-up/ks-set-up-private.h"
#include "engine/upload-fixture.h"
#include "matrix/ks-json.h"

#include <string.h>

#define BACKUP "room_keys/version$"
#define QUERY "keys/query$"
#define DEFAULT "secret_storage.default_key$"

/* The server answers @body, or 404, to requests for @path. */
static void
lie (EngineFixture *f, const char *path, const char *body)
{
  g_autofree char *escaped = g_strescape (body != NULL ? body : "{\"errcode\":\"M_NOT_FOUND\"}", NULL);
  g_autofree char *rule =
      g_strdup_printf ("{\"path\":\"%s\",\"times\":0,\"action\":\"answer\",\"status\":%d,\"body\":\"%s\"}",
                       path, body != NULL ? 200 : 404, escaped);

  hs_fixture_rule (f->server, rule);
}

static void
lie_object (EngineFixture *f, const char *path, JsonObject *body)
{
  g_autofree char *text = ks_json_to_text (body, NULL, NULL);

  lie (f, path, text);
}

static const KsRecoverySnapshot *
look (EngineFixture *f, KsRecoveryState state)
{
  g_assert_cmpint (engine_refresh (f), ==, state);
  engine_no_rules (f);
  return ks_recovery_get_snapshot (f->recovery);
}

static JsonObject *
query (EngineFixture *f)
{
  g_autofree char *answer =
      hs_fixture_request (f->server, "POST", "/_matrix/client/v3/keys/query", f->observer,
                          "{\"device_keys\":{\"" ENGINE_USER "\":[]}}", NULL);
  JsonObject *object = ks_json_parse_object (answer, strlen (answer), NULL);

  g_assert_nonnull (object);
  return object;
}

/* A member of a member …, ended by NULL; borrowed. */
static JsonObject *
inside (JsonObject *object, ...)
{
  va_list names;
  const char *name;

  va_start (names, object);
  while ((name = va_arg (names, const char *)) != NULL)
    g_assert_true (ks_json_get_object (object, name, &object));
  va_end (names);
  return object;
}

static void
set_up (EngineFixture *f, gconstpointer data)
{
  engine_set_up (f, data);
  ks_secret_unref (engine_set_up_whole (f));
  look (f, KS_RECOVERY_READY);
}

/* A17: anybody can make a version with a key of his own; A22: or show one of before. */
static void
test_version_with_a_foreign_key (EngineFixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) version = engine_read_object (f, ENGINE_BACKUP);
  JsonObject *auth_data = inside (version, "auth_data", NULL);
  const KsRecoverySnapshot *seen;

  json_object_set_string_member (auth_data, "public_key", "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo");
  lie_object (f, BACKUP, version);
  seen = look (f, KS_RECOVERY_UNTRUSTED);
  g_assert_cmpint (seen->backup_trust, ==, KS_BACKUP_TRUST_NONE);
  g_assert_false (seen->matches[KS_SECRET_BACKUP]);

  json_object_remove_member (auth_data, "signatures");
  json_object_set_string_member (version, "version", "0");
  lie_object (f, BACKUP, version);
  seen = look (f, KS_RECOVERY_UNTRUSTED);
  g_assert_true (seen->backup_changed);
}

/* A18. */
static void
test_version_of_an_unknown_algorithm (EngineFixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) version = engine_read_object (f, ENGINE_BACKUP);
  const KsRecoverySnapshot *seen;

  json_object_set_string_member (version, "algorithm", "m.megolm_backup.v2");
  lie_object (f, BACKUP, version);
  seen = look (f, KS_RECOVERY_UNTRUSTED);
  g_assert_false (seen->backup_readable);
  g_assert_cmpint (seen->backup_trust, ==, KS_BACKUP_TRUST_NONE);
}

/* Another of the person's clients has made a new backup: its key is not here. */
static void
test_version_signed_by_the_identity (EngineFixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) version = engine_read_object (f, ENGINE_BACKUP);
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
  g_autoptr (JsonObject) auth_data =
      ks_backup_auth_make (ENGINE_USER, key, f->set_up->secrets->secrets[KS_SECRET_MASTER], NULL);
  g_autoptr (JsonObject) forged = NULL;
  g_autoptr (GList) names = NULL;
  const KsRecoverySnapshot *seen;

  ks_json_set_object (version, "auth_data", auth_data);
  json_object_set_string_member (version, "version", "2");
  lie_object (f, BACKUP, version);
  seen = look (f, KS_RECOVERY_LOCKED);
  g_assert_cmpint (seen->backup_trust, ==, KS_BACKUP_TRUST_SIGNATURE);
  g_assert_true (seen->backup_changed);
  g_assert_false (seen->matches[KS_SECRET_BACKUP]);

  /* By another key that calls itself the same. */
  forged = ks_backup_auth_make (ENGINE_USER, key, key, NULL);
  json_object_remove_member (forged, "signatures");
  names = json_object_get_members (inside (auth_data, "signatures", ENGINE_USER, NULL));
  g_assert_true (ks_signed_json_sign (forged, ENGINE_USER,
                                      (const char *) names->data + strlen (KS_ED25519_PREFIX), key, NULL));
  ks_json_set_object (version, "auth_data", forged);
  lie_object (f, BACKUP, version);
  seen = look (f, KS_RECOVERY_UNTRUSTED);
  g_assert_cmpint (seen->backup_trust, ==, KS_BACKUP_TRUST_NONE);
}

/* A session @id with keys of @seed's, signed by itself unless @careless, in what @answer
 * lists. */
static void
add_session (JsonObject *answer, const char *id, const KsSecret *seed, gboolean careless)
{
  g_autoptr (JsonObject) device = json_object_new ();
  g_autoptr (JsonObject) keys = json_object_new ();
  g_autoptr (JsonObject) extra = json_object_new ();
  g_autofree char *name = g_strconcat (KS_ED25519_PREFIX, id, NULL);
  g_autofree char *text = NULL;
  uint8_t key[KS_SIGNING_PUBLIC_KEY_SIZE];

  g_assert_true (ks_signing_public_key (seed, key));
  text = ks_base64_encode (key, sizeof key, KS_BASE64_UNPADDED);
  json_object_set_string_member (keys, name, text);
  json_object_set_string_member (extra, "device_display_name", "Element on a phone");
  json_object_set_string_member (device, "user_id", ENGINE_USER);
  json_object_set_string_member (device, "device_id", id);
  ks_json_set_object (device, "keys", keys);
  if (!careless)
    g_assert_true (ks_signed_json_sign (device, ENGINE_USER, id, seed, NULL));
  ks_json_set_object (device, "unsigned", extra);
  ks_json_set_object (inside (answer, "device_keys", ENGINE_USER, NULL), id, device);
}

static const KsRecoverySnapshot *
look_at_signed (EngineFixture *f, JsonObject *version, JsonObject *answer)
{
  lie_object (f, BACKUP, version);
  if (answer != NULL)
    lie_object (f, QUERY, answer);
  return look (f, KS_RECOVERY_READY);
}

/* A name is told only where the signature is good under a key that is listed for it. */
static void
test_signer_of_the_version (EngineFixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) version = engine_read_object (f, ENGINE_BACKUP);
  g_autoptr (JsonObject) answer = query (f);
  JsonObject *auth_data = inside (version, "auth_data", NULL);
  g_autoptr (JsonObject) signatures = json_object_ref (inside (auth_data, "signatures", ENGINE_USER, NULL));
  g_autoptr (KsSecret) seed = ks_secret_new_random (32);
  g_autoptr (KsSecret) other = ks_secret_new_random (32);
  g_autofree char *own = g_strconcat (KS_ED25519_PREFIX, f->device_id, NULL);
  g_autoptr (GList) names = json_object_get_members (signatures);
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (f->recovery);

  g_assert_cmpint (seen->backup_signer, ==, KS_BACKUP_SIGNER_IDENTITY);
  for (GList *name = names; name != NULL; name = name->next)
    if (!g_str_equal (name->data, own))
      json_object_remove_member (signatures, name->data);
  seen = look_at_signed (f, version, NULL);
  g_assert_cmpint (seen->backup_signer, ==, KS_BACKUP_SIGNER_HERE);
  g_assert_null (seen->backup_signer_name);

  json_object_remove_member (auth_data, "signatures");
  g_assert_true (ks_signed_json_sign (auth_data, ENGINE_USER, "OTHER", seed, NULL));
  seen = look_at_signed (f, version, NULL);
  g_assert_cmpint (seen->backup_signer, ==, KS_BACKUP_SIGNER_NOBODY);
  add_session (answer, "OTHER", seed, FALSE);
  seen = look_at_signed (f, version, answer);
  g_assert_cmpint (seen->backup_signer, ==, KS_BACKUP_SIGNER_SESSION);
  g_assert_cmpstr (seen->backup_signer_name, ==, "Element on a phone");

  add_session (answer, "OTHER", seed, TRUE);
  seen = look_at_signed (f, version, answer);
  g_assert_cmpint (seen->backup_signer, ==, KS_BACKUP_SIGNER_NOBODY);
  add_session (answer, "OTHER", other, FALSE);
  seen = look_at_signed (f, version, answer);
  g_assert_cmpint (seen->backup_signer, ==, KS_BACKUP_SIGNER_NOBODY);
  g_assert_null (seen->backup_signer_name);
}

/* Where the person saved the key is told of the key that is asked for, and no other. */
static void
test_file_of_the_key (EngineFixture *f, gconstpointer data)
{
  g_assert_cmpstr (ks_recovery_get_snapshot (f->recovery)->key_file, ==, "key.txt");
  lie (f, DEFAULT, "{\"key\":\"older\"}");
  g_assert_null (look (f, KS_RECOVERY_CONFLICT)->key_file);
}

/* The key's description tells another key; a server that shows none proves nothing. */
static void
test_other_key_is_noticed (EngineFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) key = ks_secret_ref (f->set_up->secrets->key);
  g_autoptr (KsSecret) other = ks_secret_new_random (32);

  g_assert_false (ks_recovery_is_other_key (f->recovery, key));
  g_assert_true (ks_recovery_is_other_key (f->recovery, other));
  lie (f, "secret_storage.key", NULL);
  look (f, KS_RECOVERY_INCOMPLETE);
  g_assert_false (ks_recovery_is_other_key (f->recovery, other));
}

/* A22. */
static void
test_other_default_key (EngineFixture *f, gconstpointer data)
{
  lie (f, DEFAULT, "{\"key\":\"older\"}");
  g_assert_true (look (f, KS_RECOVERY_CONFLICT)->key_changed);
}

/* A22, and an identity that is gone. */
static void
test_other_identity (EngineFixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) answer = query (f);
  g_autoptr (KsSecret) seed = ks_secret_new_random (32);
  g_autoptr (JsonObject) master = ks_cross_signing_make (KS_SECRET_MASTER, ENGINE_USER, seed, NULL, NULL);

  ks_json_set_object (inside (answer, "master_keys", NULL), ENGINE_USER, master);
  lie_object (f, QUERY, answer);
  g_assert_true (look (f, KS_RECOVERY_CONFLICT)->master_changed);
  lie (f, QUERY, "{}");
  g_assert_true (look (f, KS_RECOVERY_CONFLICT)->master_changed);
}

/* A23: what was there is missed, never taken for "never was". */
static void
test_parts_that_vanish (EngineFixture *f, gconstpointer data)
{
  const KsRecoverySnapshot *seen;

  lie (f, BACKUP, NULL);
  seen = look (f, KS_RECOVERY_INCOMPLETE);
  g_assert_null (seen->backup_version);
  g_assert_true (seen->backup_changed);
  lie (f, DEFAULT, NULL);
  g_assert_true (look (f, KS_RECOVERY_INCOMPLETE)->key_changed);
  lie (f, "secret_storage.key", NULL);
  g_assert_false (look (f, KS_RECOVERY_INCOMPLETE)->key_described);
  lie (f, "account_data/m.megolm_backup.v1$", "{}");
  g_assert_false (look (f, KS_RECOVERY_INCOMPLETE)->stored[KS_SECRET_BACKUP]);
  lie (f, "account_data", NULL);
  lie (f, BACKUP, NULL);
  look (f, KS_RECOVERY_INCOMPLETE);
  look (f, KS_RECOVERY_READY);
}

/* A20: what is well-formed is not yet what the key has opened; of another default key nothing is known. */
static void
test_storage_that_changed (EngineFixture *f, gconstpointer data)
{
  g_autofree char *id = g_strdup (ks_recovery_get_snapshot (f->recovery)->default_key_id);
  g_autofree char *master = engine_read (f, ENGINE_DATA "m.cross_signing.master");
  g_autoptr (KsSecret) other = ks_secret_new_random (32);
  g_autoptr (JsonObject) described = ks_secret_storage_describe (other, NULL, 0);
  const KsRecoverySnapshot *seen;

  lie (f, "account_data/m.megolm_backup.v1$", master);
  seen = look (f, KS_RECOVERY_INCOMPLETE);
  g_assert_false (seen->stored[KS_SECRET_BACKUP] || seen->saved[KS_SECRET_BACKUP]);
  g_assert_true (seen->stored[KS_SECRET_MASTER] && seen->saved[KS_SECRET_MASTER]);
  g_assert_true (seen->storage_changed && seen->to_unlock);
  g_assert_cmpint (ks_recovery_get_next_step (f->recovery), ==, KS_NEXT_STEP_UNLOCK);
  lie_object (f, "secret_storage.key", described);
  seen = look (f, KS_RECOVERY_INCOMPLETE);
  g_assert_false (seen->key_described || seen->saved[KS_SECRET_MASTER]);
  g_assert_cmpint (ks_recovery_get_next_step (f->recovery), ==, KS_NEXT_STEP_UNLOCK);
  seen = look (f, KS_RECOVERY_READY);
  g_assert_cmpstr (seen->default_key_id, ==, id);
  g_assert_false (seen->storage_changed || seen->to_unlock);
  for (int i = 0; i < KS_N_SECRETS; i++)
    g_assert_true (seen->saved[i] && !seen->replaced[i]);
}

/* This session is verified only by a signature that verifies, by the identity whose
 * private half is here, of the keys that are here. */
static void
test_this_session (EngineFixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) answer = query (f);
  JsonObject *devices = inside (answer, "device_keys", ENGINE_USER, NULL);
  g_autoptr (JsonObject) honest = json_object_ref (inside (devices, f->device_id, NULL));
  g_autoptr (JsonObject) unsigned_device = ks_json_copy_object (honest);
  g_autoptr (JsonObject) forged = ks_json_copy_object (honest);
  g_autoptr (JsonObject) other_key = ks_json_copy_object (honest);
  g_autoptr (KsSecret) seed = ks_secret_new_random (32);
  g_autoptr (GList) names = NULL;
  g_autofree char *own = g_strconcat (KS_ED25519_PREFIX, f->device_id, NULL);
  const KsRecoverySnapshot *seen;

  g_assert_true (ks_recovery_get_snapshot (f->recovery)->device_verified);
  json_object_remove_member (unsigned_device, "signatures");
  ks_json_set_object (devices, f->device_id, unsigned_device);
  lie_object (f, QUERY, answer);
  g_assert_false (look (f, KS_RECOVERY_LOCKED)->device_verified);

  /* Signed anew, by nobody's key under every name. */
  names = json_object_get_members (inside (honest, "signatures", ENGINE_USER, NULL));
  json_object_remove_member (forged, "signatures");
  for (GList *name = names; name != NULL; name = name->next)
    g_assert_true (ks_signed_json_sign (forged, ENGINE_USER,
                                        (const char *) name->data + strlen (KS_ED25519_PREFIX), seed, NULL));
  ks_json_set_object (devices, f->device_id, forged);
  lie_object (f, QUERY, answer);
  g_assert_false (look (f, KS_RECOVERY_LOCKED)->device_verified);

  /* The keys of another session, rightly signed, under this one's name. */
  json_object_set_string_member (inside (other_key, "keys", NULL), own,
                                 "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo");
  json_object_remove_member (other_key, "signatures");
  for (GList *name = names; name != NULL; name = name->next)
    g_assert_true (ks_signed_json_sign (other_key, ENGINE_USER,
                                        (const char *) name->data + strlen (KS_ED25519_PREFIX),
                                        f->set_up->secrets->secrets[KS_SECRET_SELF_SIGNING], NULL));
  ks_json_set_object (devices, f->device_id, other_key);
  lie_object (f, QUERY, answer);
  g_assert_false (look (f, KS_RECOVERY_LOCKED)->device_verified);

  json_object_remove_member (devices, f->device_id);
  lie_object (f, QUERY, answer);
  seen = look (f, KS_RECOVERY_LOCKED);
  g_assert_false (seen->device_published);
  g_assert_false (seen->device_verified);
}

/* A26: a version is opaque; what is asked for is one path segment whatever it is. */
static void
test_version_is_never_a_path (EngineFixture *f, gconstpointer data)
{
  const char *name = "1/../../x";
  g_autoptr (JsonObject) version = engine_read_object (f, ENGINE_BACKUP);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  uint8_t public_key[KS_BACKUP_KEY_SIZE];

  json_object_set_string_member (version, "version", name);
  lie_object (f, BACKUP, version);
  g_assert_cmpstr (look (f, KS_RECOVERY_READY)->backup_version, ==, name);

  engine_add_keys (f, 1, NULL);
  g_assert_true (ks_backup_public_key (f->set_up->secrets->secrets[KS_SECRET_BACKUP], public_key));
  hs_fixture_rule (f->server,
                   "{\"method\":\"PUT\",\"path\":\"room_keys/keys[?]version=1%2F[.][.]%2F[.][.]%2Fx$\","
                   "\"times\":0,\"action\":\"answer\",\"status\":500,\"body\":\"{}\"}");
  ks_upload_async (f->http, f->keys, name, public_key, NULL, NULL, NULL, engine_done, &result);
  g_assert_false (ks_upload_finish (f->http, engine_wait (&result), NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_UNTRUSTED);
  g_assert_cmpuint (hs_fixture_count (f->server, "^PUT .*room_keys"), ==, 0);
  g_assert_cmpuint (hs_fixture_count (f->server,
                                      "^GET /_matrix/client/v3/room_keys/version/1%2F[.][.]%2F[.][.]%2Fx$"),
                    ==, 1);
}

/* The server is not there, then it is. */
static void
test_offline_keeps_what_was_seen (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  hs_fixture_rule (f->server, "{\"times\":0,\"action\":\"cut\"}");
  ks_recovery_refresh_async (f->recovery, NULL, engine_done, &result);
  g_assert_false (ks_recovery_refresh_finish (f->recovery, engine_wait (&result), &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
  g_assert_cmpint (ks_recovery_get_state (f->recovery), ==, KS_RECOVERY_OFFLINE);
  g_assert_true (ks_recovery_get_snapshot (f->recovery)->device_verified);
  engine_no_rules (f);
  look (f, KS_RECOVERY_READY);
}

/* Nobody waits for its end, and the state is right all the same. */
static void
test_look_that_nobody_waits_for (EngineFixture *f, gconstpointer data)
{
  engine_restart (f);
  g_assert_cmpint (ks_recovery_get_state (f->recovery), ==, KS_RECOVERY_UNKNOWN);
  ks_recovery_refresh_async (f->recovery, NULL, NULL, NULL);
  while (ks_recovery_get_state (f->recovery) == KS_RECOVERY_UNKNOWN)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (ks_recovery_get_state (f->recovery), ==, KS_RECOVERY_READY);
  g_assert_nonnull (ks_recovery_get_snapshot (f->recovery)->backup_version);
  hs_fixture_rule (f->server, "{\"path\":\"_matrix\",\"times\":0,\"action\":\"answer\",\"status\":502}");
  ks_recovery_refresh_async (f->recovery, NULL, NULL, NULL);
  while (ks_recovery_get_state (f->recovery) == KS_RECOVERY_READY)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (ks_recovery_get_state (f->recovery), ==, KS_RECOVERY_OFFLINE);
  g_assert_nonnull (ks_recovery_get_snapshot (f->recovery)->backup_version);
}

#define ADD(name, test) \
  g_test_add ("/recovery-facts/" name, EngineFixture, NULL, set_up, test, engine_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("version-with-a-foreign-key", test_version_with_a_foreign_key);
  ADD ("version-of-an-unknown-algorithm", test_version_of_an_unknown_algorithm);
  ADD ("version-signed-by-the-identity", test_version_signed_by_the_identity);
  ADD ("signer-of-the-version", test_signer_of_the_version);
  ADD ("file-of-the-key", test_file_of_the_key);
  ADD ("other-key-is-noticed", test_other_key_is_noticed);
  ADD ("other-default-key", test_other_default_key);
  ADD ("other-identity", test_other_identity);
  ADD ("parts-that-vanish", test_parts_that_vanish);
  ADD ("storage-that-changed", test_storage_that_changed);
  ADD ("this-session", test_this_session);
  ADD ("version-is-never-a-path", test_version_is_never_a_path);
  ADD ("offline-keeps-what-was-seen", test_offline_keeps_what_was_seen);
  ADD ("look-that-nobody-waits-for", test_look_that_nobody_waits_for);
  return g_test_run ();
}
