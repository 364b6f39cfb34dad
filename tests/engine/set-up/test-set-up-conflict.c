/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Another client sets something up while a set-up is under way.
 */

#include "engine/account/ks-only-here.h"
#include "engine/rival.h"

#include "engine/identity/ks-cross-signing.h"

#include <string.h>

typedef struct
{
  EngineFixture *f;
  RivalPart part;
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
  RivalPart part;
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
      if (which->part == RIVAL_DEFAULT_KEY)
        rival_make_default_key (f);
      else if (which->part == RIVAL_BACKUP)
        rival_make_backup (f);
      else
        rival_make_identity (f);
      *theirs = rival_read_part (f, which->part);
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

  now = rival_read_part (f, which->part);
  g_assert_cmpstr (now, ==, theirs);
  /* An empty backup of ours that nobody can use is in nobody's way, and no key went up. */
  backup = rival_read_part (f, RIVAL_BACKUP);
  default_key = rival_read_part (f, RIVAL_DEFAULT_KEY);
  if (which->part != RIVAL_BACKUP && (default_key == NULL || which->part == RIVAL_DEFAULT_KEY))
    g_assert_null (backup);
  g_assert_cmpuint (hs_fixture_count (f->server, "^PUT .*room_keys/keys"), ==, 0);

  /* And it is not gone on with later. */
  engine_restart (f);
  engine_refresh (f);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_NONE);
  g_assert_cmpint (ks_recovery_get_state (f->recovery), !=, KS_RECOVERY_READY);
}

#define MASTER ENGINE_DATA "m.cross_signing.master"

/* As another set-up does that looked at a secret before ours was in it, and writes it afterwards. */
static gboolean
run_disturbed (EngineFixture *f, gboolean and_lost, GError **error)
{
  Other other = { .f = f };
  g_autoptr (GAsyncResult) result = NULL;
  gboolean disturbed = FALSE;

  engine_make_security_key (f, NULL, error);
  engine_note_saved (f, error);
  g_assert_no_error (*error);
  engine_at_step ("read back", 1, on_step, &other);
  ks_set_up_run_async (f->set_up, NULL, engine_done, &result);
  while (result == NULL)
    {
      g_main_context_iteration (NULL, TRUE);
      if (!other.now)
        continue;
      other.now = FALSE;
      if (disturbed)
        rival_make_identity (f);
      else
        engine_write (f, MASTER, "{\"encrypted\":{\"theirs\":{\"ciphertext\":\"x\"}}}");
      disturbed = TRUE;
      /* Past two looks: where the identity is published. */
      if (and_lost)
        engine_at_step ("identity", 3, on_step, &other);
      and_lost = FALSE;
    }
  return ks_set_up_run_finish (f->set_up, result, error);
}

/* Nobody has won yet: the set-up stores its secret once more, and may be the one. */
static void
test_disturbed_by_one_that_is_no_further (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *master = NULL;

  g_assert_true (run_disturbed (f, FALSE, &error));
  g_assert_no_error (error);
  master = engine_read (f, MASTER);
  g_assert_nonnull (strstr (master, "theirs"));
  g_assert_cmpint (engine_refresh (f), ==, KS_RECOVERY_READY);
}

/* As above, but the other one is faster: that is a conflict, and no damage. */
static void
test_disturbed_by_one_that_wins (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (run_disturbed (f, TRUE, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CONFLICT);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_NONE);
}

/* At the end of the last look, which began with the default key. */
static void
at_the_end_of_a_look (gpointer other)
{
  engine_at_step ("backup", 1, on_step, other);
}

/* Whoever commits in the last moment that can be seen is not overwritten for a while either:
 * theirs is the one write of it. */
static void
test_default_key_of_the_last_moment_stays (EngineFixture *f, gconstpointer data)
{
  Other other = { .f = f, .part = RIVAL_DEFAULT_KEY };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *default_key = NULL;

  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  engine_note_saved (f, &error);
  g_assert_no_error (error);
  engine_at_step ("look again", 1, at_the_end_of_a_look, &other);
  ks_set_up_run_async (f->set_up, NULL, engine_done, &result);
  while (!other.now)
    g_main_context_iteration (NULL, TRUE);
  rival_make_default_key (f);
  g_assert_false (ks_set_up_run_finish (f->set_up, engine_wait (&result), &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CONFLICT);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_NONE);
  default_key = rival_read_part (f, RIVAL_DEFAULT_KEY);
  g_assert_nonnull (strstr (default_key, "theirs"));
  g_assert_cmpuint (hs_fixture_count (f->server, "^PUT .*m.secret_storage.default_key"), ==, 1);
}

/* While the conflict is tidied up the line breaks: the next run does that. */
static void
test_giving_up_goes_on_later (EngineFixture *f, gconstpointer data)
{
  const Case which = { "look at all", 1, RIVAL_DEFAULT_KEY };
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
  backup = rival_read_part (f, RIVAL_BACKUP);
  g_assert_null (backup);
}

/* The private keys of what is published stay here: nobody else has them. */
static void
test_published_identity_keeps_its_private_keys (EngineFixture *f, gconstpointer data)
{
  const Case which = { "backup", 2, RIVAL_BACKUP };
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

/* And so ending the session loses them: the published identity would be nobody's. */
static void
test_what_giving_up_keeps_is_only_here (EngineFixture *f, gconstpointer data)
{
  const Case which = { "backup", 2, RIVAL_BACKUP };
  g_autofree char *theirs = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  KsAccount *account = ks_profile_get_account (f->profile);
  KsOnlyHere found;

  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  engine_note_saved (f, &error);
  g_assert_no_error (error);
  g_assert_false (run_with_another (f, &which, &theirs, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CONFLICT);
  ks_only_here_look_async (account, NULL, engine_done, &result);
  ks_only_here_look_finish (account, engine_wait (&result), &found, NULL);
  g_assert_true (ks_recovery_get_snapshot (f->recovery)->matches[KS_SECRET_MASTER]);
  g_assert_true (found.secrets);
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
    { "secrets", 1, RIVAL_DEFAULT_KEY },     { "secrets", 1, RIVAL_IDENTITY },
    { "secrets", 1, RIVAL_BACKUP },          { "identity", 2, RIVAL_DEFAULT_KEY },
    { "identity", 2, RIVAL_IDENTITY },       { "identity", 2, RIVAL_BACKUP },
    { "sign", 1, RIVAL_IDENTITY },           { "backup", 2, RIVAL_DEFAULT_KEY },
    { "backup", 2, RIVAL_IDENTITY },         { "backup", 2, RIVAL_BACKUP },
    { "look again", 1, RIVAL_DEFAULT_KEY },  { "look again", 1, RIVAL_IDENTITY },
    { "look again", 1, RIVAL_BACKUP },       { "ask", 1, RIVAL_DEFAULT_KEY },
    { "look at all", 1, RIVAL_DEFAULT_KEY }, { "look at all", 1, RIVAL_IDENTITY },
    { "look at all", 1, RIVAL_BACKUP },
  };
  const char *parts[] = { "default-key", "identity", "backup" };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    add_case ("another-is-faster", &cases[i], parts[cases[i].part], test_another_is_faster);
  ADD ("disturbed/by-one-that-is-no-further", NULL, test_disturbed_by_one_that_is_no_further);
  ADD ("disturbed/by-one-that-wins", NULL, test_disturbed_by_one_that_wins);
  ADD ("default-key-of-the-last-moment-stays", NULL, test_default_key_of_the_last_moment_stays);
  ADD ("giving-up-goes-on-later", NULL, test_giving_up_goes_on_later);
  ADD ("published-identity-keeps-its-private-keys", NULL, test_published_identity_keeps_its_private_keys);
  ADD ("what-giving-up-keeps-is-only-here", NULL, test_what_giving_up_keeps_is_only_here);
  return g_test_run ();
}
