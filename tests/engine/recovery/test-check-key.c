/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/engine-fixture.h"

static void
assert_fails (EngineFixture *f, KsSecret *key, KsRecoveryError code)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ks_recovery_check_key_async (f->recovery, key, NULL, engine_done, &result);
  g_assert_false (ks_recovery_check_key_finish (f->recovery, engine_wait (&result), NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, (int) code);
}

/* Only a key that opens all of it, being what is published, is good. */
static void
test_security_key_is_checked (EngineFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (32);
  g_autoptr (KsSecret) key = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *honest = NULL;
  guint checked = 0;

  assert_fails (f, other, KS_RECOVERY_ERROR_NOT_SET_UP);
  engine_add_keys (f, 3, NULL);
  key = engine_set_up_whole (f);
  ks_recovery_check_key_async (f->recovery, key, NULL, engine_done, &result);
  g_assert_true (ks_recovery_check_key_finish (f->recovery, engine_wait (&result), &checked, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (checked, ==, 3);
  assert_fails (f, other, KS_RECOVERY_ERROR_WRONG_KEY);

  honest = engine_read (f, ENGINE_DATA "m.cross_signing.user_signing");
  engine_write (f, ENGINE_DATA "m.cross_signing.user_signing", "{}");
  assert_fails (f, key, KS_RECOVERY_ERROR_CORRUPT);
  engine_write (f, ENGINE_DATA "m.cross_signing.user_signing", honest);
  g_free (hs_fixture_request (f->server, "POST", ENGINE_BACKUP, f->observer,
                              "{\"algorithm\":\"m.megolm_backup.v1.curve25519-aes-sha2\",\"auth_data\":"
                              "{\"public_key\":\"hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo\"}}",
                              NULL));
  assert_fails (f, key, KS_RECOVERY_ERROR_CORRUPT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/check-key/whole-or-not", EngineFixture, NULL, engine_set_up, test_security_key_is_checked,
              engine_tear_down);
  return g_test_run ();
}
