/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/rival.h"

#include "engine/identity/ks-cross-signing.h"
#include "engine/identity/ks-signed-json.h"
#include "matrix/ks-json.h"

#include <string.h>

#define THEIR_BACKUP                                                         \
  "{\"algorithm\":\"m.megolm_backup.v1.curve25519-aes-sha2\",\"auth_data\":" \
  "{\"public_key\":\"hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo\"}}"

void
rival_make_default_key (EngineFixture *f)
{
  engine_write (f, ENGINE_DEFAULT_KEY, "{\"key\":\"theirs\"}");
}

void
rival_make_backup (EngineFixture *f)
{
  g_free (hs_fixture_request (f->server, "POST", ENGINE_BACKUP, f->observer, THEIR_BACKUP, NULL));
}

/* With the password, for there may be an identity already. */
void
rival_make_identity (EngineFixture *f)
{
  const char *members[] = { "master_key", "self_signing_key", "user_signing_key" };
  g_autoptr (JsonObject) body =
      ks_json_parse_object ("{\"auth\":{\"type\":\"m.login.password\",\"identifier\":{\"type\":\"m.id.user\","
                            "\"user\":\"alice\"},\"password\":\"" ENGINE_PASSWORD "\"}}",
                            strlen ("{\"auth\":{\"type\":\"m.login.password\",\"identifier\":{\"type\":"
                                    "\"m.id.user\",\"user\":\"alice\"},\"password\":\"" ENGINE_PASSWORD
                                    "\"}}"),
                            NULL);
  g_autoptr (KsSecret) master = ks_secret_new_random (32);
  g_autofree char *text = NULL;

  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    {
      g_autoptr (KsSecret) seed = i == 0 ? ks_secret_ref (master) : ks_secret_new_random (32);
      g_autoptr (JsonObject) key =
          ks_cross_signing_make ((KsSecretName) i, ENGINE_USER, seed, i == 0 ? NULL : master, NULL);

      g_assert_nonnull (key);
      ks_json_set_object (body, members[i], key);
    }
  text = ks_json_to_text (body, NULL, NULL);
  g_free (hs_fixture_request (f->server, "POST", "/_matrix/client/v3/keys/device_signing/upload", f->observer,
                              text, NULL));
}

/* What the server has of a part, as text. */
char *
rival_read_part (EngineFixture *f, RivalPart part)
{
  g_autofree char *answer = NULL;
  const char *end;

  if (part == RIVAL_DEFAULT_KEY)
    return engine_read (f, ENGINE_DEFAULT_KEY);
  if (part == RIVAL_BACKUP)
    return engine_read (f, ENGINE_BACKUP);
  answer = hs_fixture_request (f->server, "POST", "/_matrix/client/v3/keys/query", f->observer,
                               "{\"device_keys\":{\"" ENGINE_USER "\":[\"NONE\"]}}", NULL);
  end = strstr (answer, "\"master_keys\"");
  g_assert_nonnull (end);
  return g_strdup (end);
}
