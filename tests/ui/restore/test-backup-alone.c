/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An account of 2019, which has a backup and no secret storage: what the window's pages lead to.
 */

#include "crypto/ks-recovery-key.h"
#include "engine/engine-fixture.h"
#include "engine/recovery/ks-recovery-unlock.h"
#include "ui/history/ks-history-page.h"
#include "ui/restore/ks-restore-dialog.h"
#include "ui/restore/ks-unlock-page.h"

#include <adwaita.h>

typedef struct
{
  EngineFixture engine;
  GtkWidget *window;
  char key[KS_RECOVERY_KEY_LENGTH + 1];
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) key = NULL;

  engine_set_up (&f->engine, data);
  key = engine_make_backup_alone (&f->engine);
  g_assert_true (ks_recovery_key_format (key, f->key));
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_INCOMPLETE);
  f->window = gtk_window_new ();
  gtk_window_present (GTK_WINDOW (f->window));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  engine_tear_down (&f->engine, data);
}

static gpointer
part (gpointer widget, GType type, const char *name)
{
  GObject *child = gtk_widget_get_template_child (widget, type, name);

  g_assert_nonnull (child);
  return child;
}

static void
until_page (KsRestoreDialog *dialog, const char *name)
{
  gpointer pages = part (dialog, KS_TYPE_RESTORE_DIALOG, "pages");

  while ((gpointer) gtk_stack_get_visible_child (pages) != part (dialog, KS_TYPE_RESTORE_DIALOG, name))
    g_main_context_iteration (NULL, TRUE);
}

/* By the way of "Restore…", also where how an earlier try ended is all that is known. */
static void
test_restoring_leads_to_unlocking (Fixture *f, gconstpointer data)
{
  g_autoptr (KsRestoreJob) job = ks_restore_job_new (f->engine.recovery);
  KsRestoreDialog *dialog;
  KsUnlockPage *page;

  ks_restore_job_run (job);
  while (ks_restore_job_get_state (job) == KS_RESTORE_JOB_RUNNING)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (ks_restore_job_get_failure (job), KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_LOCKED);
  dialog = ks_restore_dialog_new (GTK_WINDOW (f->window), ks_profile_get_account (f->engine.profile), job);
  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *) &dialog);
  gtk_window_present (GTK_WINDOW (dialog));
  page = part (dialog, KS_TYPE_RESTORE_DIALOG, "unlock_page");
  until_page (dialog, "unlock_page");
  ks_unlock_page_enter (page, f->key);
  ks_step_page_forward (KS_STEP_PAGE (page));
  until_page (dialog, "restored_page");
  g_assert_true (ks_recovery_is_backup_open (f->engine.recovery));
  gtk_window_destroy (GTK_WINDOW (dialog));
  while (dialog != NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* A session that has not looked yet finds out by trying. */
static void
test_locked_restore_leads_to_unlocking (Fixture *f, gconstpointer data)
{
  g_autoptr (KsRestoreJob) job = NULL;
  KsRestoreDialog *dialog;

  engine_restart (&f->engine);
  job = ks_restore_job_new (f->engine.recovery);
  dialog = ks_restore_dialog_new (GTK_WINDOW (f->window), ks_profile_get_account (f->engine.profile), job);
  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *) &dialog);
  gtk_window_present (GTK_WINDOW (dialog));
  until_page (dialog, "restoring_page");
  until_page (dialog, "unlock_page");
  gtk_window_destroy (GTK_WINDOW (dialog));
  while (dialog != NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
assert_history_offers (KsHistoryPage *page, const char *button)
{
  static const char *const buttons[] = { "unlock_button", "restore_button" };

  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++)
    g_assert_cmpint (gtk_widget_get_visible (part (page, KS_TYPE_HISTORY_PAGE, buttons[i])), ==,
                     g_str_equal (buttons[i], button));
}

static void
test_history_offers_unlocking_until_it_is_open (Fixture *f, gconstpointer data)
{
  g_autoptr (KsHistoryPage) page = g_object_ref_sink (g_object_new (KS_TYPE_HISTORY_PAGE, NULL));
  g_autoptr (KsSecret) text = ks_secret_new_copy (f->key, KS_RECOVERY_KEY_LENGTH);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ks_history_page_set_account (page, ks_profile_get_account (f->engine.profile));
  assert_history_offers (page, "unlock_button");
  ks_recovery_unlock_async (f->engine.recovery, text, KS_KEY_ENTRY_TYPED, KS_UNLOCK_DEFAULT, NULL,
                            engine_done, &result);
  ks_unlock_result_free (ks_recovery_unlock_finish (f->engine.recovery, engine_wait (&result), &error));
  g_assert_no_error (error);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_INCOMPLETE);
  assert_history_offers (page, "restore_button");
  ks_history_page_set_account (page, NULL);
}

#define ADD(name, test) g_test_add ("/backup-alone/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("restore", test_restoring_leads_to_unlocking);
  ADD ("locked", test_locked_restore_leads_to_unlocking);
  ADD ("history", test_history_offers_unlocking_until_it_is_open);
  return g_test_run ();
}
