/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A set-up on a bad line: every request of it goes wrong, in every way.
 */

#include "engine/engine-fixture.h"

#include "matrix/ks-matrix-error.h"

/* Milliseconds: so long are a line that is cut and a server's own trouble waited out. */
#define PATIENCE 150

static void
assert_error_is_told (const GError *error)
{
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  /* A fault of the line is neither a conflict nor a reason to give up. */
  if (error->domain == KS_RECOVERY_ERROR)
    g_assert_true (error->code == KS_RECOVERY_ERROR_CORRUPT || error->code == KS_RECOVERY_ERROR_REFUSED);
  else
    g_assert_cmpuint (error->domain, ==, KS_MATRIX_ERROR);
}

/* The n-th request of the n-th run fails; each run goes on where the one before it ended,
 * until one gets through. Then all of it is there once, with the key that the person
 * saved before the first run. */
static void
test_each_request_fails (EngineFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) key = NULL;
  g_autoptr (GError) prepared = NULL;
  g_autofree char *second = NULL;
  guint runs = 0;
  guint failed = 0;
  gboolean done = FALSE;

  ks_http_set_patience (f->http, PATIENCE);
  engine_add_keys (f, 4, NULL);
  engine_make_security_key (f, NULL, &prepared);
  g_assert_no_error (prepared);
  engine_note_saved (f, &prepared);
  g_assert_no_error (prepared);
  key = ks_secret_ref (ks_set_up_get_key (f->set_up));
  while (!done && runs < 200)
    {
      g_autofree char *rule =
          g_strdup_printf ("{\"path\":\"_matrix\",\"nth\":%u,%s}", ++runs, (const char *) data);
      g_autoptr (GError) error = NULL;

      hs_fixture_rule (f->server, rule);
      if (ks_set_up_get_stage (f->set_up) == KS_SET_UP_KEY_SAVED)
        done = engine_run (f, NULL, &error);
      g_assert_true (ks_secret_equal (ks_set_up_get_key (f->set_up), key));
      engine_no_rules (f);
      if (done)
        break;
      failed++;
      assert_error_is_told (error);
      g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_KEY_SAVED);
    }
  g_test_message ("%u runs, %u of them failed", runs, failed);
  g_assert_true (done);
  g_assert_cmpuint (ks_set_up_get_outcome (f->set_up)->uploaded, ==, 4);
  g_assert_cmpuint (ks_set_up_get_outcome (f->set_up)->refused, ==, 0);
  g_assert_cmpuint (ks_set_up_get_outcome (f->set_up)->checked, ==, 4);
  second = engine_read (f, ENGINE_BACKUP "/2");
  g_assert_null (second);
  g_assert_cmpint (engine_refresh (f), ==, KS_RECOVERY_READY);
}

/* To "{}" no error can be told from "there is none": one such answer must do no harm. */
static void
test_empty_object (EngineFixture *f, gconstpointer data)
{
  g_autofree char *rule =
      g_strdup_printf ("{\"path\":\"_matrix\",\"nth\":%d,\"action\":\"answer\",\"body\":\"{}\"}",
                       GPOINTER_TO_INT (data));
  g_autoptr (KsSecret) key = NULL;
  g_autofree char *second = NULL;
  g_autoptr (GError) error = NULL;

  engine_add_keys (f, 4, NULL);
  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  engine_note_saved (f, &error);
  g_assert_no_error (error);
  key = ks_secret_ref (ks_set_up_get_key (f->set_up));
  hs_fixture_rule (f->server, rule);
  if (!engine_run (f, NULL, &error))
    {
      assert_error_is_told (error);
      g_assert_cmpint (ks_set_up_get_stage (f->set_up), ==, KS_SET_UP_KEY_SAVED);
      g_clear_error (&error);
      engine_run (f, NULL, &error);
    }
  g_assert_no_error (error);
  g_assert_true (ks_secret_equal (ks_set_up_get_key (f->set_up), key));
  second = engine_read (f, ENGINE_BACKUP "/2");
  g_assert_null (second);
  engine_no_rules (f);
  g_assert_cmpint (engine_refresh (f), ==, KS_RECOVERY_READY);
}

static void
add (const char *name, const char *way)
{
  g_autofree char *path = g_strconcat ("/set-up-faults/", name, NULL);

  g_test_add (path, EngineFixture, way, engine_set_up, test_each_request_fails, engine_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("html", "\"action\":\"answer\",\"kind\":\"html\"");
  add ("html-instead-of-the-answer", "\"at\":\"response\",\"action\":\"answer\",\"kind\":\"html\"");
  add ("server-error", "\"times\":0,\"action\":\"answer\",\"status\":502,\"body\":\"{}\"");
  add ("cut", "\"times\":0,\"action\":\"cut\"");
  add ("cut-after-it-was-done", "\"times\":0,\"at\":\"response\",\"action\":\"cut\"");
  for (int n = 1; n <= 46; n += 3)
    {
      g_autofree char *path = g_strdup_printf ("/set-up-faults/empty-object/%d", n);

      g_test_add (path, EngineFixture, GINT_TO_POINTER (n), engine_set_up, test_empty_object,
                  engine_tear_down);
    }
  return g_test_run ();
}
