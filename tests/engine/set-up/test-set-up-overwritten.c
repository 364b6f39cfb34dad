/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Another client writes where a set-up writes: what is lost is owned up to, what can be
 * kept is kept, and what is replaced is called a conflict at once.
 */

#include "engine/rival.h"

#include "matrix/ks-json.h"

#include <string.h>

typedef struct
{
  EngineFixture *f;
  gboolean now; /* the step is entered, and nothing sent yet */
} Other;

static void
on_step (gpointer data)
{
  ((Other *) data)->now = TRUE;
}

/* When theirs comes. A step of one name may be entered more than once. */
typedef struct
{
  const char *step;
  guint nth;
} Case;

/* Another client's four secrets, beside whatever is there; all of it under @key_id. */
static void
store_secrets_under (EngineFixture *f, const char *key_id)
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
      json_object_set_string_member (ks_json_add_object (encrypted, key_id), "ciphertext", "x");
      text = ks_json_to_text (content, NULL, NULL);
      engine_write (f, path, text);
    }
}

static void
store_their_secrets (EngineFixture *f)
{
  store_secrets_under (f, "theirs");
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

static Other *running; /* borrowed: of the run that goes on */

/* A run, with @func when a step is entered and nothing sent yet. */
static gboolean
run_with (EngineFixture *f, const char *step, guint nth, void (*func) (EngineFixture *f), GError **error)
{
  Other other = { .f = f };
  g_autoptr (GAsyncResult) result = NULL;

  running = &other;
  engine_at_step (step, nth, on_step, &other);
  ks_set_up_run_async (f->set_up, NULL, engine_done, &result);
  while (result == NULL)
    {
      g_main_context_iteration (NULL, TRUE);
      if (other.now)
        func (f);
      other.now = FALSE;
    }
  running = NULL;
  return ks_set_up_run_finish (f->set_up, result, error);
}

static void
set_theirs_up (EngineFixture *f)
{
  store_their_secrets (f);
  rival_make_identity (f);
  rival_make_backup (f);
  rival_make_default_key (f);
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

/* Theirs comes with the commit itself: it is handed back. */
static void
test_default_key_is_handed_back (EngineFixture *f, gconstpointer data)
{
  g_autofree char *default_key = NULL;
  g_autoptr (GError) error = NULL;

  prepare (f);
  g_assert_false (run_with (f, "name", 1, set_theirs_up, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CONFLICT);
  default_key = rival_read_part (f, RIVAL_DEFAULT_KEY);
  g_assert_nonnull (strstr (default_key, "theirs"));
}

/* A third client's comes between the look that found theirs and the handing back. It stays;
 * that its secrets were not there when looked at is no more than a suspicion. */
static void
set_a_third_up_at_hand_back (EngineFixture *f)
{
  static guint calls;

  if (calls++ == 0)
    {
      set_theirs_up (f);
      engine_at_step ("hand back", 1, on_step, running);
      return;
    }
  engine_write (f, ENGINE_DEFAULT_KEY, "{\"key\":\"third\"}");
}

static void
test_only_what_is_ours_is_handed_back (EngineFixture *f, gconstpointer data)
{
  g_autofree char *default_key = NULL;
  g_autoptr (GError) error = NULL;

  prepare (f);
  g_assert_false (run_with (f, "name", 1, set_a_third_up_at_hand_back, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_OVERWRITTEN);
  default_key = rival_read_part (f, RIVAL_DEFAULT_KEY);
  g_assert_nonnull (strstr (default_key, "third"));
}

/* The line swallows @data of the write that follows the commit's: what came to the server is
 * not written once more, and what did not is. */
static void
test_swallowed_hand_back_is_looked_after (EngineFixture *f, gconstpointer data)
{
  g_autofree char *rule = g_strdup_printf ("{\"method\":\"PUT\",\"path\":\"default_key\",\"nth\":2,"
                                           "\"at\":\"%s\",\"action\":\"cut\"}",
                                           (const char *) data);
  g_autofree char *default_key = NULL;
  g_autoptr (GError) error = NULL;

  prepare (f);
  hs_fixture_rule (f->server, rule);
  g_assert_false (run_with (f, "name", 1, set_theirs_up, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CONFLICT);
  default_key = rival_read_part (f, RIVAL_DEFAULT_KEY);
  g_assert_nonnull (strstr (default_key, "theirs"));
  /* Theirs, ours, and theirs handed back. */
  g_assert_cmpuint (hs_fixture_count (f->server, "^PUT .*default_key"), ==, 3);
}

/* One of their secrets is lost and all else comes with the commit: then there is no whole
 * key to hand the account back to, and that is owned up to. */
static void
set_the_rest_up_at_commit (EngineFixture *f)
{
  static guint calls;

  if (calls++ == 0)
    {
      store_their_secrets (f);
      engine_at_step ("name", 1, on_step, running);
      return;
    }
  rival_make_identity (f);
  rival_make_default_key (f);
}

static void
test_no_whole_key_to_hand_back_to (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  prepare (f);
  g_assert_false (run_with (f, "put", 1, set_the_rest_up_at_commit, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_OVERWRITTEN);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_NONE);
  /* The default key is ours, and so the backup stays, with its key here. */
  engine_refresh (f);
  g_assert_true (ks_recovery_get_snapshot (f->recovery)->matches[KS_SECRET_BACKUP]);
}

/* Beside what a set-up that came to nothing has left, theirs is known. */
static void
test_handed_back_past_an_orphan (EngineFixture *f, gconstpointer data)
{
  g_autofree char *default_key = NULL;
  g_autoptr (GError) error = NULL;

  store_secrets_under (f, "orphan");
  prepare (f);
  g_assert_false (run_with (f, "name", 1, set_theirs_up, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CONFLICT);
  default_key = rival_read_part (f, RIVAL_DEFAULT_KEY);
  g_assert_nonnull (strstr (default_key, "theirs"));
}

/* As Element begins: its default key first, its secrets much later. */
static void
begin_theirs (EngineFixture *f)
{
  rival_make_identity (f);
  rival_make_default_key (f);
}

/* Theirs cannot be told, and the one key that all secrets are under is nobody's: the account
 * is not handed to that. */
static void
test_nothing_is_handed_to_an_orphan (EngineFixture *f, gconstpointer data)
{
  g_autofree char *default_key = NULL;
  g_autoptr (GError) error = NULL;

  store_secrets_under (f, "orphan");
  prepare (f);
  g_assert_false (run_with (f, "name", 1, begin_theirs, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_OVERWRITTEN);
  default_key = rival_read_part (f, RIVAL_DEFAULT_KEY);
  g_assert_null (strstr (default_key, "orphan"));
}

static void
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

/* As above, but the program was killed after the commit: whose a key is that was there before
 * the set-up, and whose came beside it, nobody can tell any more. */
static void
test_nothing_is_handed_to_an_orphan_after_a_restart (EngineFixture *f, gconstpointer data)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  store_secrets_under (f, "orphan");
  prepare (f);
  engine_at_step ("look at all", 1, cancel, cancellable);
  g_assert_false (engine_run (f, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  engine_restart (f);
  engine_refresh (f);
  before = rival_read_part (f, RIVAL_DEFAULT_KEY);
  rival_make_identity (f);
  g_assert_false (engine_run (f, NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_OVERWRITTEN);
  after = rival_read_part (f, RIVAL_DEFAULT_KEY);
  g_assert_cmpstr (after, ==, before);
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
  rival_make_identity (f);
  /* Ours may not be there yet. */
  g_free (hs_fixture_request (f->server, "DELETE", ENGINE_BACKUP "/1", f->observer, NULL, &status));
  rival_make_backup (f);
  rival_make_default_key (f);
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
  version = rival_read_part (f, RIVAL_BACKUP);
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
  g_test_add ("/set-up-overwritten/" name, EngineFixture, data, engine_set_up, test, engine_tear_down)

int
main (int argc, char **argv)
{
  /* "upload" is a step of the identity too. */
  static const Case replaced[] = {
    { "read back", 1 }, { "sign", 1 }, { "look at all", 1 }, { "upload", 2 }, { "drill", 1 }
  };

  g_test_init (&argc, &argv, NULL);
  ADD ("overwritten-secret-is-owned-up-to/first", GUINT_TO_POINTER (1),
       test_overwritten_secret_is_owned_up_to);
  ADD ("overwritten-secret-is-owned-up-to/last", GUINT_TO_POINTER (4),
       test_overwritten_secret_is_owned_up_to);
  ADD ("nothing-overwritten-is-a-conflict-only/first", GUINT_TO_POINTER (1),
       test_nothing_overwritten_is_a_conflict_only);
  ADD ("nothing-overwritten-is-a-conflict-only/last", GUINT_TO_POINTER (4),
       test_nothing_overwritten_is_a_conflict_only);
  ADD ("default-key-is-handed-back", NULL, test_default_key_is_handed_back);
  ADD ("only-what-is-ours-is-handed-back", NULL, test_only_what_is_ours_is_handed_back);
  ADD ("swallowed-hand-back/request", "request", test_swallowed_hand_back_is_looked_after);
  ADD ("swallowed-hand-back/response", "response", test_swallowed_hand_back_is_looked_after);
  ADD ("handed-back-past-an-orphan", NULL, test_handed_back_past_an_orphan);
  ADD ("nothing-is-handed-to-an-orphan", NULL, test_nothing_is_handed_to_an_orphan);
  ADD ("nothing-is-handed-to-an-orphan/after-a-restart", NULL,
       test_nothing_is_handed_to_an_orphan_after_a_restart);
  ADD ("no-whole-key-to-hand-back-to", NULL, test_no_whole_key_to_hand_back_to);
  for (gsize i = 0; i < G_N_ELEMENTS (replaced); i++)
    {
      g_autofree char *name =
          g_strconcat ("/set-up-overwritten/replaced-is-a-conflict-at-once/", replaced[i].step, NULL);

      g_strdelimit (name, " ", '-');
      g_test_add (name, EngineFixture, &replaced[i], engine_set_up, test_replaced_is_a_conflict_at_once,
                  engine_tear_down);
    }
  ADD ("damage-is-no-conflict", NULL, test_damage_is_no_conflict);
  ADD ("what-a-late-write-took-is-put-back", NULL, test_what_a_late_write_took_is_put_back);
  ADD ("what-cannot-be-put-back-is-told", NULL, test_what_cannot_be_put_back_is_told);
  ADD ("nothing-shared-is-written-twice/secret", "m.cross_signing.user_signing",
       test_nothing_shared_is_written_twice);
  ADD ("nothing-shared-is-written-twice/default-key", "m.secret_storage.default_key",
       test_nothing_shared_is_written_twice);
  return g_test_run ();
}
