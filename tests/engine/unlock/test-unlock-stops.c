/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Unlocking that is stopped: by the line, by the person, by the disk. Afterwards the
 * session is as locked as before, or unlocked whole.
 */

#include "engine/unlock-fixture.h"

#include "matrix/ks-matrix-error.h"

#include <string.h>

/* Milliseconds: so long are a line that is cut and a server's own trouble waited out. */
#define PATIENCE 150

static void
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

static KsUnlockResult *
unlock_cancellable (UnlockFixture *f, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (KsSecret) secret = ks_secret_new_copy (f->text, strlen (f->text));

  ks_recovery_unlock_async (f->engine.recovery, secret, KS_KEY_ENTRY_TYPED, KS_UNLOCK_DEFAULT, cancellable,
                            engine_done, &result);
  return ks_recovery_unlock_finish (f->engine.recovery, engine_wait (&result), error);
}

/* As the next start of the program finds it. */
static void
assert_locked_after_a_restart (UnlockFixture *f)
{
  engine_restart (&f->engine);
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_LOCKED);
  unlock_assert_locked (f);
}

static void
assert_whole_after_a_restart (UnlockFixture *f)
{
  engine_restart (&f->engine);
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
}

/* Each step in its turn is cancelled as it begins. From the first signature on it is too
 * late, and the end is told as it was. */
static void
test_cancelled_at_every_step (UnlockFixture *f, gconstpointer data)
{
  guint at = 0;
  gboolean done = FALSE;

  while (!done)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (KsUnlockResult) result = NULL;

      engine_at_step (NULL, ++at, cancel, cancellable);
      result = unlock_cancellable (f, cancellable, &error);
      engine_at_step (NULL, 0, NULL, NULL);
      done = result != NULL;
      if (done)
        break;
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      unlock_assert_locked (f);
    }
  g_test_message ("done after %u runs", at);
  g_assert_cmpuint (at, >, 12);
  assert_whole_after_a_restart (f);
}

/* What a session claims after it was stopped anywhere: each secret that is here is the half of
 * what is published, and it is called verified only where others see it so. */
static void
assert_claims_are_true (UnlockFixture *f)
{
  const KsRecoverySnapshot *seen;

  engine_restart (&f->engine);
  engine_refresh (&f->engine);
  seen = ks_recovery_get_snapshot (f->engine.recovery);
  for (int i = 0; i < KS_N_SECRETS; i++)
    g_assert_cmpint (seen->here[i], ==, seen->matches[i]);
  g_assert_cmpint (seen->backup_trust == KS_BACKUP_TRUST_KEY, ==, seen->here[KS_SECRET_BACKUP]);
}

/* The requests of an unlock up to the last that writes. */
#define N_REQUESTS 17

/* The n-th request of the n-th run goes wrong: that costs its part at most, and the next
 * unlock opens all. */
static void
test_each_request_fails (UnlockFixture *f, gconstpointer data)
{
  guint errors = 0;

  for (guint n = 1; n <= N_REQUESTS; n++)
    {
      g_autofree char *rule =
          g_strdup_printf ("{\"path\":\"_matrix\",\"nth\":%u,%s}", n, (const char *) data);
      g_autoptr (GError) error = NULL;
      g_autoptr (KsUnlockResult) result = NULL;

      ks_http_set_patience (f->engine.http, PATIENCE);
      hs_fixture_rule (f->engine.server, rule);
      result = unlock_cancellable (f, NULL, &error);
      engine_no_rules (&f->engine);
      if (result == NULL)
        {
          g_test_message ("%u: %s", n, error->message);
          g_assert_true (error->domain == KS_RECOVERY_ERROR || error->domain == KS_MATRIX_ERROR);
          errors++;
          assert_locked_after_a_restart (f);
          continue;
        }
      assert_claims_are_true (f);
      ks_unlock_result_free (unlock_whole (f, f->text));
      engine_reinstall (&f->engine);
    }
  g_test_message ("%u errors", errors);
  g_assert_cmpuint (errors, <, N_REQUESTS);
  ks_unlock_result_free (unlock_whole (f, f->text));
  assert_whole_after_a_restart (f);
  g_assert_cmpuint (hs_fixture_count (f->engine.server, "^POST .*device_signing/upload"), ==, 1);
}

/* To "{}" no error can be told from "there is none": then it opens less, or fails, and the
 * next time opens all. */
static void
test_empty_object (UnlockFixture *f, gconstpointer data)
{
  for (guint nth = 1; nth <= 14; nth++)
    {
      g_autofree char *rule =
          g_strdup_printf ("{\"path\":\"_matrix\",\"nth\":%u,\"action\":\"answer\",\"body\":\"{}\"}", nth);
      g_autoptr (GError) error = NULL;
      g_autoptr (KsUnlockResult) result = NULL;

      hs_fixture_rule (f->engine.server, rule);
      result = unlock_cancellable (f, NULL, &error);
      engine_no_rules (&f->engine);
      if (result == NULL)
        {
          g_test_message ("%u: %s", nth, error->message);
          g_assert_true (error->domain == KS_RECOVERY_ERROR || error->domain == KS_MATRIX_ERROR);
        }
      g_clear_pointer (&result, ks_unlock_result_free);
      result = unlock_whole (f, f->text);
      assert_whole_after_a_restart (f);
      engine_reinstall (&f->engine);
    }
}

/* The disk takes neither or both. */
static void
test_disk_that_fails (UnlockFixture *f, gconstpointer data)
{
  const char *tables[] = { "olm_accounts", "secrets", "recovery" };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_autofree char *away = g_strdup_printf ("ALTER TABLE %s RENAME TO out_of_the_way", tables[i]);
      g_autofree char *back = g_strdup_printf ("ALTER TABLE out_of_the_way RENAME TO %s", tables[i]);
      g_autoptr (GError) error = NULL;

      engine_sql (&f->engine, away);
      g_assert_null (unlock_cancellable (f, NULL, &error));
      g_test_message ("%s", error->message);
      engine_sql (&f->engine, back);
      assert_locked_after_a_restart (f);
    }
  ks_unlock_result_free (unlock_whole (f, f->text));
  assert_whole_after_a_restart (f);
}

static void
add (const char *name, const char *way)
{
  g_autofree char *path = g_strconcat ("/unlock-stops/", name, NULL);

  g_test_add (path, UnlockFixture, way, unlock_set_up, test_each_request_fails, unlock_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/unlock-stops/cancelled-at-every-step", UnlockFixture, NULL, unlock_set_up,
              test_cancelled_at_every_step, unlock_tear_down);
  g_test_add ("/unlock-stops/disk-that-fails", UnlockFixture, NULL, unlock_set_up, test_disk_that_fails,
              unlock_tear_down);
  g_test_add ("/unlock-stops/empty-object", UnlockFixture, NULL, unlock_set_up, test_empty_object,
              unlock_tear_down);
  add ("html", "\"action\":\"answer\",\"kind\":\"html\"");
  add ("html-instead-of-the-answer", "\"at\":\"response\",\"action\":\"answer\",\"kind\":\"html\"");
  add ("server-error", "\"times\":0,\"action\":\"answer\",\"status\":502,\"body\":\"{}\"");
  add ("cut", "\"times\":0,\"action\":\"cut\"");
  add ("cut-after-it-was-done", "\"times\":0,\"at\":\"response\",\"action\":\"cut\"");
  return g_test_run ();
}
