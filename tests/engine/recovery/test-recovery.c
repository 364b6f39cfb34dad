/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/recovery/ks-recovery-private.h"

#include "engine/account/ks-profile-private.h"

#include "homeserver/hs-fixture.h"
#include "matrix/ks-matrix-error.h"

#include <string.h>

/* What a set-up account has on the server, as account data and answers; every part
 * of it can be taken away or spoiled. */
typedef struct
{
  const char *path; /* regular expression */
  const char *body; /* JSON, or NULL: as if it had never been */
} Part;

enum
{
  DEFAULT,
  KEY,
  MASTER,
  SELF_SIGNING,
  USER_SIGNING,
  MEGOLM,
  IDENTITY,
  BACKUP,
  N_PARTS
};

#define MAC "kyqv9zTLc1gQm9dcyNpw+ggNToBoaKQqhiJ/7oOYcwk="
#define IV "gdvRI2liJqhDdZLiiGNQcA=="
#define SECRET "{\"encrypted\":{\"k\":{\"iv\":\"" IV "\",\"mac\":\"" MAC "\",\"ciphertext\":\"AAAA\"}}}"
#define IDENTITY_OF(kind) "\"" kind "\":{\"@alice:localhost\":{\"keys\":{}}}"

static const Part whole[N_PARTS] = {
  [DEFAULT] = { "secret_storage.default_key$", "{\"key\":\"k\"}" },
  [KEY] = { "secret_storage.key.k$",
            "{\"algorithm\":\"m.secret_storage.v1.aes-hmac-sha2\",\"iv\":\"" IV "\",\"mac\":\"" MAC "\"}" },
  [MASTER] = { "cross_signing.master$", SECRET },
  [SELF_SIGNING] = { "cross_signing.self_signing$", SECRET },
  [USER_SIGNING] = { "cross_signing.user_signing$", SECRET },
  [MEGOLM] = { "account_data/m.megolm_backup.v1$", SECRET },
  [IDENTITY] = { "keys/query$", "{" IDENTITY_OF ("master_keys") "," IDENTITY_OF (
                                    "self_signing_keys") "," IDENTITY_OF ("user_signing_keys") "}" },
  [BACKUP] = { "room_keys/version$",
               "{\"version\":\"1\",\"algorithm\":\"m.megolm_backup.v1.curve25519-aes-sha2\",\"auth_data\":{"
               "\"public_key\":\"hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo\"},"
               "\"etag\":\"0\",\"count\":7}" },
};

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static gboolean
refresh (KsRecovery *recovery, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_recovery_refresh_async (recovery, NULL, on_done, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return ks_recovery_refresh_finish (recovery, result, error);
}

static char *
escape (const char *json)
{
  g_autofree char *escaped = g_strescape (json, NULL);

  return g_strdup_printf ("\"%s\"", escaped);
}

static KsProfile *
open_profile_in_memory (void)
{
  KsProfile *profile = ks_profile_new (NULL, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ks_profile_open_async (profile, KS_PROFILE_OPEN_IN_MEMORY, NULL, on_done, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  ks_profile_open_finish (profile, result, &error);
  g_assert_no_error (error);
  return profile;
}

/* The state when @but, if it is not N_PARTS, is @body instead. */
static KsRecoveryState
state_with (int but, const char *body)
{
  g_autoptr (HsFixture) server = hs_fixture_new (NULL);
  g_autoptr (KsProfile) profile = open_profile_in_memory ();
  const KsAccountRecord account = { .id = 1,
                                    .user_id = (char *) "@alice:localhost",
                                    .device_id = (char *) "DEVICE" };
  g_autoptr (KsHttp) http = NULL;
  g_autoptr (KsRecovery) recovery = NULL;
  g_autoptr (KsSecret) token = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = hs_fixture_register (server, "alice", "a password for tests", NULL);

  hs_fixture_start_proxy (server);
  for (int i = 0; i < N_PARTS; i++)
    {
      const char *now = i == but ? body : whole[i].body;
      g_autofree char *quoted = escape (now != NULL ? now : "{\"errcode\":\"M_NOT_FOUND\"}");
      g_autofree char *rule = g_strdup_printf ("{\"path\":\"%s\",\"times\":0,\"action\":\"answer\","
                                               "\"status\":%d,\"body\":%s}",
                                               whole[i].path, now != NULL ? 200 : 404, quoted);

      hs_fixture_rule (server, rule);
    }
  http = ks_http_new (hs_fixture_url (server), &error);
  g_assert_no_error (error);
  token = ks_secret_new_copy (text, strlen (text));
  g_assert_true (ks_http_set_token (http, token));
  recovery = ks_recovery_new (http, ks_profile_get_database (profile), NULL, &account);
  g_assert_cmpint (ks_recovery_get_state (recovery), ==, KS_RECOVERY_UNKNOWN);
  refresh (recovery, &error);
  g_assert_no_error (error);
  return ks_recovery_get_state (recovery);
}

static void
test_whole (void)
{
  g_assert_cmpint (state_with (N_PARTS, NULL), ==, KS_RECOVERY_LOCKED);
}

static void
test_any_part_missing (void)
{
  for (int i = 0; i < N_PARTS; i++)
    g_assert_cmpint (state_with (i, i == IDENTITY ? "{}" : NULL), ==, KS_RECOVERY_INCOMPLETE);
}

/* What is there and cannot be used brings no message back: none of it may look whole. */
static void
test_any_part_spoiled (void)
{
  const Part spoiled[] = {
    { "default emptied", "{}" },
    { "key emptied", "{}" },
    { "key of an unknown kind", "{\"algorithm\":\"m.secret_storage.v9\"}" },
    { "key with half a check", "{\"algorithm\":\"m.secret_storage.v1.aes-hmac-sha2\",\"iv\":\"" IV "\"}" },
    { "secret under no key", "{\"encrypted\":{}}" },
    { "secret without content", "{\"encrypted\":{\"k\":{}}}" },
    { "secret that is none", "{\"encrypted\":{\"k\":{\"iv\":\"" IV "\",\"mac\":\"\",\"ciphertext\":\"\"}}}" },
    { "backup without a key",
      "{\"version\":\"1\",\"algorithm\":\"m.megolm_backup.v1.curve25519-aes-sha2\",\"auth_data\":{},"
      "\"etag\":\"0\",\"count\":7}" },
    { "backup of an unknown kind",
      "{\"version\":\"1\",\"algorithm\":\"m.other\",\"auth_data\":{},\"etag\":\"0\",\"count\":7}" },
  };
  const int parts[] = { DEFAULT, KEY, KEY, KEY, MASTER, MEGOLM, USER_SIGNING, BACKUP, BACKUP };

  for (gsize i = 0; i < G_N_ELEMENTS (spoiled); i++)
    {
      g_test_message ("%s", spoiled[i].path);
      g_assert_cmpint (state_with (parts[i], spoiled[i].body), ==, KS_RECOVERY_INCOMPLETE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recovery/whole", test_whole);
  g_test_add_func ("/recovery/any-part-missing", test_any_part_missing);
  g_test_add_func ("/recovery/any-part-spoiled", test_any_part_spoiled);
  return g_test_run ();
}
