/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Another client sets something up while a set-up is under way.
 */

#include "engine/engine-fixture.h"

#include "engine/identity/ks-cross-signing.h"
#include "engine/identity/ks-signed-json.h"
#include "matrix/ks-json.h"

#include <string.h>

#define THEIR_BACKUP                                                         \
  "{\"algorithm\":\"m.megolm_backup.v1.curve25519-aes-sha2\",\"auth_data\":" \
  "{\"public_key\":\"hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo\"}}"

typedef enum
{
  DEFAULT_KEY,
  IDENTITY,
  BACKUP,
} Part;

static void
make_default_key (EngineFixture *f)
{
  engine_write (f, ENGINE_DEFAULT_KEY, "{\"key\":\"theirs\"}");
}

static void
make_backup (EngineFixture *f)
{
  g_free (hs_fixture_request (f->server, "POST", ENGINE_BACKUP, f->observer, THEIR_BACKUP, NULL));
}

/* With the password, for there may be an identity already. */
static void
make_identity (EngineFixture *f)
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
static char *
read_part (EngineFixture *f, Part part)
{
  g_autofree char *answer = NULL;
  const char *end;

  if (part == DEFAULT_KEY)
    return engine_read (f, ENGINE_DEFAULT_KEY);
  if (part == BACKUP)
    return engine_read (f, ENGINE_BACKUP);
  answer = hs_fixture_request (f->server, "POST", "/_matrix/client/v3/keys/query", f->observer,
                               "{\"device_keys\":{\"" ENGINE_USER "\":[\"NONE\"]}}", NULL);
  end = strstr (answer, "\"master_keys\"");
  g_assert_nonnull (end);
  return g_strdup (end);
}

typedef struct
{
  EngineFixture *f;
  Part part;
  gboolean now; /* the step is entered, and nothing sent yet */
} Other;

static void
on_step (gpointer data)
{
  ((Other *) data)->now = TRUE;
}

typedef struct
{
  const char *step;
  guint nth;
  Part part;
} Case;

/* The other client comes at that step. A look at the server has steps "identity" and
 * "backup" too: the second of these is the one that publishes. */
static gboolean
run_with_another (EngineFixture *f, const Case *which, char **theirs, GError **error)
{
  Other other = { .f = f, .part = which->part };
  g_autoptr (GAsyncResult) result = NULL;

  engine_at_step (which->step, which->nth, on_step, &other);
  ks_set_up_run_async (f->set_up, NULL, engine_done, &result);
  while (result == NULL)
    {
      g_main_context_iteration (NULL, TRUE);
      if (!other.now)
        continue;
      other.now = FALSE;
      if (which->part == DEFAULT_KEY)
        make_default_key (f);
      else if (which->part == BACKUP)
        make_backup (f);
      else
        make_identity (f);
      *theirs = read_part (f, which->part);
    }
  g_assert_nonnull (*theirs);
  return ks_set_up_run_finish (f->set_up, result, error);
}

static void
test_another_is_faster (EngineFixture *f, gconstpointer data)
{
  const Case *which = data;
  g_autofree char *theirs = NULL;
  g_autofree char *now = NULL;
  g_autofree char *backup = NULL;
  g_autofree char *default_key = NULL;
  g_autoptr (GError) error = NULL;

  engine_add_keys (f, 3, NULL);
  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  engine_note_saved (f, &error);
  g_assert_no_error (error);
  /* At "sign" the server does not take a signature by an identity that is no more. That
   * is no more than what it looks like from near. */
  g_assert_false (run_with_another (f, which, &theirs, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CONFLICT);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_NONE);
  g_assert_null (ks_set_up_get_key (f->set_up));

  now = read_part (f, which->part);
  g_assert_cmpstr (now, ==, theirs);
  /* An empty backup of ours that nobody can use is in nobody's way, and no key went up. */
  backup = read_part (f, BACKUP);
  default_key = read_part (f, DEFAULT_KEY);
  if (which->part != BACKUP && (default_key == NULL || which->part == DEFAULT_KEY))
    g_assert_null (backup);
  g_assert_cmpuint (hs_fixture_count (f->server, "^PUT .*room_keys/keys"), ==, 0);

  /* And it is not gone on with later. */
  engine_restart (f);
  engine_refresh (f);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_NONE);
  g_assert_cmpint (ks_recovery_get_state (f->recovery), !=, KS_RECOVERY_READY);
}

/* While the conflict is tidied up the line breaks: the next run does that. */
static void
test_giving_up_goes_on_later (EngineFixture *f, gconstpointer data)
{
  const Case which = { "look at all", 1, DEFAULT_KEY };
  g_autofree char *theirs = NULL;
  g_autofree char *backup = NULL;
  g_autoptr (GError) error = NULL;

  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  engine_note_saved (f, &error);
  g_assert_no_error (error);
  hs_fixture_rule (f->server, "{\"method\":\"DELETE\",\"path\":\"room_keys/version\",\"times\":0,"
                              "\"action\":\"answer\",\"kind\":\"html\"}");
  g_assert_false (run_with_another (f, &which, &theirs, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CONFLICT);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_KEY_SAVED);
  engine_no_rules (f);
  engine_restart (f);
  g_assert_cmpint (engine_refresh (f), ==, KS_RECOVERY_SETTING_UP);
  g_clear_error (&error);
  g_assert_false (engine_run (f, NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CONFLICT);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_NONE);
  backup = read_part (f, BACKUP);
  g_assert_null (backup);
}

/* The private keys of what is published stay here: nobody else has them. */
static void
test_published_identity_keeps_its_private_keys (EngineFixture *f, gconstpointer data)
{
  const Case which = { "backup", 2, BACKUP };
  g_autofree char *theirs = NULL;
  g_autoptr (GError) error = NULL;

  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  engine_note_saved (f, &error);
  g_assert_no_error (error);
  g_assert_false (run_with_another (f, &which, &theirs, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CONFLICT);
  engine_refresh (f);
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    g_assert_true (ks_recovery_get_snapshot (f->recovery)->matches[i]);
}

/* Another client's four secrets, beside whatever is there; all of it under "theirs". */
static void
store_their_secrets (EngineFixture *f)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autofree char *path = g_strconcat (ENGINE_DATA, ks_secret_name_to_string ((KsSecretName) i), NULL);
      g_autoptr (JsonObject) content = engine_read_object (f, path);
      g_autofree char *text = NULL;
      JsonObject *encrypted;

      if (content == NULL)
        content = json_object_new ();
      if (!ks_json_get_object (content, "encrypted", &encrypted))
        encrypted = ks_json_add_object (content, "encrypted");
      json_object_set_string_member (ks_json_add_object (encrypted, "theirs"), "ciphertext", "x");
      text = ks_json_to_text (content, NULL, NULL);
      engine_write (f, path, text);
    }
}

static gboolean
has_theirs (EngineFixture *f, KsSecretName name)
{
  g_autofree char *path = g_strconcat (ENGINE_DATA, ks_secret_name_to_string (name), NULL);
  g_autoptr (JsonObject) content = engine_read_object (f, path);
  JsonObject *encrypted;
  JsonObject *entry;

  g_assert_true (ks_json_get_object (content, "encrypted", &encrypted));
  return ks_json_get_object (encrypted, "theirs", &entry);
}

static void
prepare (EngineFixture *f)
{
  g_autoptr (GError) error = NULL;

  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  engine_note_saved (f, &error);
  g_assert_no_error (error);
}

/* A run, with @func when a step is entered and nothing sent yet. */
static gboolean
run_with (EngineFixture *f, const char *step, guint nth, void (*func) (EngineFixture *f), GError **error)
{
  Other other = { .f = f };
  g_autoptr (GAsyncResult) result = NULL;

  engine_at_step (step, nth, on_step, &other);
  ks_set_up_run_async (f->set_up, NULL, engine_done, &result);
  while (result == NULL)
    {
      g_main_context_iteration (NULL, TRUE);
      if (other.now)
        func (f);
      other.now = FALSE;
    }
  return ks_set_up_run_finish (f->set_up, result, error);
}

static void
set_theirs_up (EngineFixture *f)
{
  store_their_secrets (f);
  make_identity (f);
  make_backup (f);
  make_default_key (f);
}

/* All of theirs comes between our look at a secret and our write of it. What is lost by
 * that is not called untouched. */
static void
test_overwritten_secret_is_owned_up_to (EngineFixture *f, gconstpointer data)
{
  guint nth = GPOINTER_TO_UINT (data);
  g_autoptr (GError) error = NULL;

  prepare (f);
  g_assert_false (run_with (f, "put", nth, set_theirs_up, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_OVERWRITTEN);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_NONE);
  for (guint i = 0; i < KS_N_SECRETS; i++)
    g_assert_cmpint (has_theirs (f, (KsSecretName) i), ==, i + 1 != nth);
  /* Nor gone on with. */
  engine_restart (f);
  engine_refresh (f);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_NONE);
}

static void
test_nothing_overwritten_is_a_conflict_only (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  prepare (f);
  g_assert_false (run_with (f, "get", GPOINTER_TO_UINT (data), set_theirs_up, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CONFLICT);
  for (int i = 0; i < KS_N_SECRETS; i++)
    g_assert_true (has_theirs (f, (KsSecretName) i));
}

/* Theirs and nothing else, as Element writes it. */
static void
replace_all (EngineFixture *f)
{
  guint status;

  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autofree char *path = g_strconcat (ENGINE_DATA, ks_secret_name_to_string ((KsSecretName) i), NULL);

      engine_write (f, path, "{\"encrypted\":{\"theirs\":{\"ciphertext\":\"x\"}}}");
    }
  make_identity (f);
  /* Ours may not be there yet. */
  g_free (hs_fixture_request (f->server, "DELETE", ENGINE_BACKUP "/1", f->observer, NULL, &status));
  make_backup (f);
  make_default_key (f);
}

/* What first looks like damage, or like a backup that cannot be trusted, or like another
 * key, is called what it is at once; and what was on is not undone. */
static void
test_replaced_is_a_conflict_at_once (EngineFixture *f, gconstpointer data)
{
  const Case *which = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *version = NULL;

  engine_add_keys (f, 3, NULL);
  prepare (f);
  g_assert_false (run_with (f, which->step, which->nth, replace_all, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CONFLICT);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_NONE);
  for (int i = 0; i < KS_N_SECRETS; i++)
    g_assert_true (has_theirs (f, (KsSecretName) i));
  version = read_part (f, BACKUP);
  g_assert_nonnull (strstr (version, "hSDwCYkwp1R0i33ctD73Wg2"));
}

/* A server that merely spoils things is no other client. */
static void
test_damage_is_no_conflict (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  prepare (f);
  hs_fixture_rule (f->server, "{\"method\":\"GET\",\"path\":\"m.cross_signing.master\",\"nth\":3,"
                              "\"times\":0,\"action\":\"answer\",\"body\":\"{}\"}");
  g_assert_false (engine_run (f, NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_KEY_SAVED);
}

/* As a write of ours does that was on the way for so long that another one followed it. */
static void
drop_theirs (EngineFixture *f)
{
  g_autoptr (JsonObject) content = engine_read_object (f, ENGINE_DATA "m.cross_signing.master");
  g_autofree char *text = NULL;
  JsonObject *encrypted;

  g_assert_true (ks_json_get_object (content, "encrypted", &encrypted));
  json_object_remove_member (encrypted, "theirs");
  text = ks_json_to_text (content, NULL, NULL);
  engine_write (f, ENGINE_DATA "m.cross_signing.master", text);
}

static void
test_what_a_late_write_took_is_put_back (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  store_their_secrets (f);
  prepare (f);
  run_with (f, "read back", 1, drop_theirs, &error);
  g_assert_no_error (error);
  g_assert_true (has_theirs (f, KS_SECRET_MASTER));
  g_assert_cmpint (engine_refresh (f), ==, KS_RECOVERY_READY);
}

/* A server that does not keep what is put back is not asked for ever. */
static void
test_what_cannot_be_put_back_is_told (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  store_their_secrets (f);
  prepare (f);
  hs_fixture_rule (f->server, "{\"method\":\"PUT\",\"path\":\"m.cross_signing.master\",\"nth\":2,"
                              "\"times\":0,\"action\":\"answer\",\"body\":\"{}\"}");
  g_assert_false (run_with (f, "read back", 1, drop_theirs, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_KEY_SAVED);
}

/* A write whose answer is lost is looked after, not sent again: by then another client may
 * have written there. */
static void
test_nothing_shared_is_written_twice (EngineFixture *f, gconstpointer data)
{
  const char *type = data;
  g_autofree char *rule =
      g_strdup_printf ("{\"method\":\"PUT\",\"path\":\"%s\",\"at\":\"response\",\"action\":\"cut\"}", type);
  g_autofree char *pattern = g_strdup_printf ("^PUT .*%s", type);
  g_autoptr (GError) error = NULL;

  prepare (f);
  hs_fixture_rule (f->server, rule);
  engine_run (f, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (hs_fixture_count (f->server, pattern), ==, 1);
  g_assert_cmpint (engine_refresh (f), ==, KS_RECOVERY_READY);
}

#define ADD(name, data, test) \
  g_test_add ("/set-up-conflict/" name, EngineFixture, data, engine_set_up, test, engine_tear_down)

static void
add_case (const char *name,
          const Case *which,
          const char *part,
          void (*test) (EngineFixture *, gconstpointer))
{
  g_autofree char *path = g_strjoin ("/", "/set-up-conflict", name, which->step, part, NULL);

  g_strdelimit (path, " ", '-');
  g_test_add (path, EngineFixture, which, engine_set_up, test, engine_tear_down);
}

int
main (int argc, char **argv)
{
  static const Case cases[] = {
    { "secrets", 1, DEFAULT_KEY },  { "secrets", 1, IDENTITY },        { "secrets", 1, BACKUP },
    { "identity", 2, DEFAULT_KEY }, { "identity", 2, IDENTITY },       { "identity", 2, BACKUP },
    { "sign", 1, IDENTITY },        { "backup", 2, DEFAULT_KEY },      { "backup", 2, IDENTITY },
    { "backup", 2, BACKUP },        { "look again", 1, DEFAULT_KEY },  { "look again", 1, IDENTITY },
    { "look again", 1, BACKUP },    { "look at all", 1, DEFAULT_KEY }, { "look at all", 1, IDENTITY },
    { "look at all", 1, BACKUP },
  };
  /* "upload" is a step of the identity too. */
  static const Case replaced[] = {
    { "read back", 1, 0 }, { "sign", 1, 0 }, { "look at all", 1, 0 }, { "upload", 2, 0 }, { "drill", 1, 0 }
  };
  const char *parts[] = { "default-key", "identity", "backup" };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    add_case ("another-is-faster", &cases[i], parts[cases[i].part], test_another_is_faster);
  ADD ("giving-up-goes-on-later", NULL, test_giving_up_goes_on_later);
  ADD ("published-identity-keeps-its-private-keys", NULL, test_published_identity_keeps_its_private_keys);
  ADD ("overwritten-secret-is-owned-up-to/first", GUINT_TO_POINTER (1),
       test_overwritten_secret_is_owned_up_to);
  ADD ("overwritten-secret-is-owned-up-to/last", GUINT_TO_POINTER (4),
       test_overwritten_secret_is_owned_up_to);
  ADD ("nothing-overwritten-is-a-conflict-only/first", GUINT_TO_POINTER (1),
       test_nothing_overwritten_is_a_conflict_only);
  ADD ("nothing-overwritten-is-a-conflict-only/last", GUINT_TO_POINTER (4),
       test_nothing_overwritten_is_a_conflict_only);
  for (gsize i = 0; i < G_N_ELEMENTS (replaced); i++)
    add_case ("replaced-at-once", &replaced[i], NULL, test_replaced_is_a_conflict_at_once);
  ADD ("damage-is-no-conflict", NULL, test_damage_is_no_conflict);
  ADD ("what-a-late-write-took-is-put-back", NULL, test_what_a_late_write_took_is_put_back);
  ADD ("what-cannot-be-put-back-is-told", NULL, test_what_cannot_be_put_back_is_told);
  ADD ("nothing-shared-is-written-twice/secret", "m.cross_signing.user_signing",
       test_nothing_shared_is_written_twice);
  ADD ("nothing-shared-is-written-twice/default-key", "m.secret_storage.default_key",
       test_nothing_shared_is_written_twice);
  return g_test_run ();
}
