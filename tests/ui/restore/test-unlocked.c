/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the window says of what a key has opened, and of what it has not: the reason of each part, and
 * what leads on.
 */

#include "engine/secrets/ks-secret-storage.h"
#include "engine/unlock-fixture.h"
#include "ui/restore/ks-restore-dialog.h"
#include "ui/restore/ks-restored-page.h"
#include "ui/restore/ks-unlock-page.h"
#include "ui/restore/ks-unlocked-text.h"
#include "ui/steps/ks-note.h"

#include <adwaita.h>
#include <string.h>

/* Asserts what is said of an unlock with the Security Key: the notes, and why there is nothing to restore. */
static void
assert_said (UnlockFixture *f, const char *notes, const char *nothing)
{
  g_autoptr (KsUnlockResult) result = unlock_some (f);
  g_autofree char *said = ks_unlocked_text_notes (result, f->engine.recovery);
  g_autofree char *why = ks_unlocked_text_without_backup (result, f->engine.recovery);

  g_assert_cmpstr (said, ==, notes);
  if (nothing != NULL)
    g_assert_cmpstr (why, ==, nothing);
}

static void
test_whole_needs_no_words (UnlockFixture *f, gconstpointer data)
{
  assert_said (f, NULL, NULL);
}

static void
test_key_of_the_backup_under_another_key (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (32);
  g_autoptr (JsonObject) description = ks_secret_storage_describe (other, NULL, 0);
  g_autoptr (KsSecret) backup = unlock_open (f, KS_SECRET_BACKUP);

  unlock_empty (f, KS_SECRET_BACKUP);
  unlock_write (f, KS_KEY_TYPE_PREFIX "other", description);
  unlock_put (f, KS_SECRET_BACKUP, "other", other, backup);
  assert_said (f,
               "Under another Security Key than this one: the backup's key.\n"
               "Another Security Key or Phrase of yours may open the rest.",
               "This session is verified now. The key of the backup is under another Security Key, so no "
               "room "
               "keys can be restored with this one.");
}

static void
test_account_without_a_backup (UnlockFixture *f, gconstpointer data)
{
  g_free (
      hs_fixture_request (f->engine.server, "DELETE", ENGINE_BACKUP "/1", f->engine.observer, NULL, NULL));
  assert_said (f,
               "In Secure Backup, but what belongs to it is missing on the homeserver: the backup's key.\n"
               "Keepsake can repair this: Security & Privacy has the button for it.",
               "This session is verified now. There is no backup on the homeserver, so there are no room "
               "keys "
               "to restore.");
}

/* As nheko leaves every account. */
static void
test_backup_that_nobody_can_use (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (32);

  unlock_put (f, KS_SECRET_BACKUP, f->key_id, f->key, other);
  assert_said (f,
               "In Secure Backup, but not usable: the backup's key.\n"
               "Keepsake can repair this: Security & Privacy has the button for it.",
               "This session is verified now. What is in Secure Backup doesn't open the backup on the "
               "homeserver, so no room keys can be restored with this.");
}

static void
test_parts_are_named_by_their_reasons (UnlockFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (32);

  unlock_empty (f, KS_SECRET_SELF_SIGNING);
  unlock_put (f, KS_SECRET_USER_SIGNING, f->key_id, f->key, other);
  assert_said (f,
               "This session is not verified yet: the key for that didn't open.\n"
               "Not in Secure Backup: the key that verifies your sessions.\n"
               "In Secure Backup, but not usable: the key that verifies other people.\n"
               "Another session of yours may still have what is missing.",
               NULL);
}

static gpointer
part (gpointer widget, GType type, const char *name)
{
  GObject *child = gtk_widget_get_template_child (widget, type, name);

  g_assert_nonnull (child);
  return child;
}

/* Where the right key opens nothing there is more to do than to cancel. */
static void
test_right_key_that_opens_nothing_leads_to_the_repair (UnlockFixture *f, gconstpointer data)
{
  GtkWidget *window = gtk_window_new ();
  g_autoptr (KsRestoreJob) job = ks_restore_job_new (f->engine.recovery);
  KsRestoreDialog *dialog;
  gpointer page;

  for (int i = 0; i < KS_N_SECRETS; i++)
    unlock_empty (f, (KsSecretName) i);
  dialog =
      ks_restore_dialog_new_unlock (GTK_WINDOW (window), ks_profile_get_account (f->engine.profile), job);
  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *) &dialog);
  gtk_window_present (GTK_WINDOW (dialog));
  page = part (dialog, KS_TYPE_RESTORE_DIALOG, "unlock_page");
  g_assert_false (gtk_widget_get_visible (part (page, KS_TYPE_UNLOCK_PAGE, "repair_list")));
  ks_unlock_page_enter (page, f->text);
  ks_step_page_forward (page);
  while (!gtk_widget_get_visible (part (page, KS_TYPE_UNLOCK_PAGE, "problem")))
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (
      strstr (gtk_label_get_label (part (part (page, KS_TYPE_UNLOCK_PAGE, "problem"), KS_TYPE_NOTE, "label")),
              "stores nothing under it"));
  g_assert_true (gtk_widget_get_visible (part (page, KS_TYPE_UNLOCK_PAGE, "repair_list")));
  ks_unlock_page_enter (page, "something else");
  g_assert_false (gtk_widget_get_visible (part (page, KS_TYPE_UNLOCK_PAGE, "repair_list")));
  gtk_window_destroy (GTK_WINDOW (dialog));
  while (dialog != NULL)
    g_main_context_iteration (NULL, TRUE);
  gtk_window_destroy (GTK_WINDOW (window));
}

#define ADD(name, test) \
  g_test_add ("/unlocked/" name, UnlockFixture, NULL, unlock_set_up, test, unlock_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("whole", test_whole_needs_no_words);
  ADD ("another-key", test_key_of_the_backup_under_another_key);
  ADD ("no-backup", test_account_without_a_backup);
  ADD ("unusable", test_backup_that_nobody_can_use);
  ADD ("reasons", test_parts_are_named_by_their_reasons);
  ADD ("repair", test_right_key_that_opens_nothing_leads_to_the_repair);
  return g_test_run ();
}
