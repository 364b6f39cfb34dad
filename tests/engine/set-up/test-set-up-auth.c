/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A set-up on a server that wants to know that it is the person.
 */

#include "engine/engine-fixture.h"

#include "engine/set-up/ks-set-up-private.h"
#include "matrix/ks-matrix-error.h"

#include <string.h>

static void
prepare (EngineFixture *f)
{
  g_autoptr (GError) error = NULL;

  hs_fixture_persona (f->server, "{\"name\":\"always-authenticates\",\"path\":\"device_signing/upload$\"}");
  engine_add_keys (f, 3, NULL);
  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  engine_note_saved (f, &error);
  g_assert_no_error (error);
  g_assert_null (ks_set_up_get_challenge (f->set_up));
  g_assert_false (engine_run (f, NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_AUTH_NEEDED);
  g_assert_nonnull (ks_set_up_get_challenge (f->set_up));
}

static void
answer_password (EngineFixture *f, const char *text)
{
  g_autoptr (KsSecret) password = ks_secret_new_copy (text, strlen (text));
  g_autoptr (KsUiaAnswer) answer =
      ks_uia_answer_password (ks_set_up_get_challenge (f->set_up), ENGINE_USER, password);

  ks_set_up_answer (f->set_up, answer);
}

static void
assert_nothing_published (EngineFixture *f)
{
  g_autofree char *version = engine_read (f, ENGINE_BACKUP);
  g_autofree char *default_key = engine_read (f, ENGINE_DEFAULT_KEY);

  g_assert_null (version);
  g_assert_null (default_key);
  engine_refresh (f);
  for (int i = 0; i < KS_N_SECRETS - 1; i++)
    g_assert_false (ks_recovery_get_snapshot (f->recovery)->published[i]);
}

static void
test_right_password (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KsUiaStage stage;
  const char *name;

  prepare (f);
  assert_nothing_published (f);
  g_assert_true (
      ks_uia_next_stage (ks_set_up_get_challenge (f->set_up), KS_UIA_STAGE_PASSWORD, &stage, &name, NULL));
  answer_password (f, ENGINE_PASSWORD);
  engine_run (f, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (ks_set_up_get_challenge (f->set_up));
  g_assert_cmpint (engine_refresh (f), ==, KS_RECOVERY_READY);
}

/* As often as it takes, and over a restart, which knows no password. */
static void
test_wrong_passwords (EngineFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) key = NULL;
  g_autoptr (GError) failure = NULL;

  prepare (f);
  key = ks_secret_ref (ks_set_up_get_key (f->set_up));
  for (int i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;

      answer_password (f, "something else");
      g_assert_false (engine_run (f, NULL, &error));
      g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_AUTH_WRONG);
      g_assert_nonnull (ks_set_up_get_challenge (f->set_up));
      g_clear_error (&error);
      /* An answer is good for one run. */
      g_assert_false (engine_run (f, NULL, &error));
      g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_AUTH_NEEDED);
      assert_nothing_published (f);
      engine_restart (f);
      g_assert_cmpint (engine_refresh (f), ==, KS_RECOVERY_SETTING_UP);
      g_clear_error (&error);
      g_assert_false (engine_run (f, NULL, &error));
      g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_AUTH_NEEDED);
    }
  answer_password (f, ENGINE_PASSWORD);
  engine_run (f, NULL, &failure);
  g_assert_no_error (failure);
  g_assert_true (ks_secret_equal (ks_set_up_get_key (f->set_up), key));
  g_assert_cmpint (engine_refresh (f), ==, KS_RECOVERY_READY);
}

/* A stage that the server does not know, and a session that it has forgotten, are no
 * wrong passwords; the next run is asked anew. */
static void
test_answers_that_the_server_does_not_take (EngineFixture *f, gconstpointer data)
{
  g_autoptr (KsUiaAnswer) unknown = NULL;
  g_autoptr (GError) error = NULL;

  prepare (f);
  unknown = ks_uia_answer_done (ks_set_up_get_challenge (f->set_up), "org.example.stage");
  ks_set_up_answer (f->set_up, unknown);
  g_assert_false (engine_run (f, NULL, &error));
  g_assert_cmpuint (error->domain, ==, KS_MATRIX_ERROR);
  g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_KEY_SAVED);
  g_assert_null (ks_set_up_get_challenge (f->set_up));
  g_clear_error (&error);
  g_assert_false (engine_run (f, NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_AUTH_NEEDED);
  assert_nothing_published (f);
}

/* The server takes the identity, and nobody hears of it: the next run needs no password. */
static void
test_lost_answer_to_the_password (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  prepare (f);
  answer_password (f, ENGINE_PASSWORD);
  hs_fixture_rule (f->server, "{\"path\":\"device_signing/upload$\",\"at\":\"response\",\"times\":0,"
                              "\"action\":\"answer\",\"kind\":\"html\"}");
  g_assert_false (engine_run (f, NULL, &error));
  g_clear_error (&error);
  engine_no_rules (f);
  engine_run (f, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (engine_refresh (f), ==, KS_RECOVERY_READY);
}

/* A run that ends before the server was told the password keeps it for no other. */
static void
test_password_of_a_run_that_ends_early_is_wiped (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  prepare (f);
  answer_password (f, ENGINE_PASSWORD);
  hs_fixture_rule (f->server, "{\"path\":\"m.secret_storage\",\"times\":0,\"action\":\"answer\","
                              "\"kind\":\"html\"}");
  g_assert_false (engine_run (f, NULL, &error));
  g_assert_cmpuint (error->domain, ==, KS_MATRIX_ERROR);
  g_assert_null (f->set_up->answer);
  g_clear_error (&error);
  engine_no_rules (f);
  g_assert_false (engine_run (f, NULL, &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_AUTH_NEEDED);
}

#define ADD(name, test) \
  g_test_add ("/set-up-auth/" name, EngineFixture, NULL, engine_set_up, test, engine_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("right-password", test_right_password);
  ADD ("wrong-passwords", test_wrong_passwords);
  ADD ("answers-that-the-server-does-not-take", test_answers_that_the_server_does_not_take);
  ADD ("lost-answer-to-the-password", test_lost_answer_to_the_password);
  ADD ("password-of-a-run-that-ends-early-is-wiped", test_password_of_a_run_that_ends_early_is_wiped);
  return g_test_run ();
}
