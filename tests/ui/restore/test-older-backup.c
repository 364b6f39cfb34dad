/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A key that opens nothing but an older backup, entered in the window: what it brings, and what is said.
 */

#include "crypto/ks-backup-cipher.h"
#include "crypto/ks-encoding.h"
#include "engine/account/ks-account-life.h"
#include "engine/secrets/ks-secret-storage.h"
#include "engine/unlock-fixture.h"
#include "ui/restore/ks-restore-dialog.h"
#include "ui/restore/ks-restored-page.h"
#include "ui/restore/ks-unlock-page.h"
#include "ui/security/ks-security-page.h"
#include "ui/steps/ks-note.h"

#include <adwaita.h>

#define KEYS 3

typedef struct
{
  UnlockFixture unlock;
  GtkWidget *window;
  char *older; /* owned: the key that opens the backup before, as a person has it */
} Fixture;

/* Another client goes on with a backup of its own. */
static void
make_new_backup (Fixture *f)
{
  g_autoptr (KsSecret) private_key = ks_secret_new_random (32);
  uint8_t half[32];
  g_autofree char *text = NULL;
  g_autofree char *body = NULL;

  g_assert_true (ks_backup_public_key (private_key, half));
  text = ks_base64_encode (half, sizeof half, KS_BASE64_UNPADDED);
  body = g_strdup_printf ("{\"algorithm\":\"m.megolm_backup.v1.curve25519-aes-sha2\","
                          "\"auth_data\":{\"public_key\":\"%s\",\"signatures\":{}}}",
                          text);
  g_free (hs_fixture_request (f->unlock.engine.server, "POST", ENGINE_BACKUP, f->unlock.engine.observer, body,
                              NULL));
  unlock_put (&f->unlock, KS_SECRET_BACKUP, f->unlock.key_id, f->unlock.key, private_key);
}

/* The key of the first backup lies under another key, that of the second under the default one. */
static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (32);
  g_autoptr (JsonObject) description = ks_secret_storage_describe (other, NULL, 0);
  g_autoptr (KsSecret) backup = NULL;

  engine_set_up (&f->unlock.engine, NULL);
  engine_add_keys (&f->unlock.engine, KEYS, NULL);
  f->unlock.key = engine_set_up_whole (&f->unlock.engine);
  f->unlock.text = unlock_format (f->unlock.key);
  f->unlock.key_id = g_strdup (ks_set_up_get_outcome (f->unlock.engine.set_up)->key_id);
  f->older = unlock_format (other);
  backup = unlock_open (&f->unlock, KS_SECRET_BACKUP);
  unlock_write (&f->unlock, KS_KEY_TYPE_PREFIX "other", description);
  unlock_put (&f->unlock, KS_SECRET_BACKUP, "other", other, backup);
  make_new_backup (f);
  engine_reinstall (&f->unlock.engine);
  f->window = gtk_window_new ();
  gtk_window_present (GTK_WINDOW (f->window));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  g_free (f->older);
  unlock_tear_down (&f->unlock, data);
}

static gpointer
part (gpointer widget, GType type, const char *name)
{
  GObject *child = gtk_widget_get_template_child (widget, type, name);

  g_assert_nonnull (child);
  return child;
}

static void
assert_count (KsRestoredPage *page, const char *name, const char *count)
{
  g_assert_cmpstr (gtk_label_get_label (part (page, KS_TYPE_RESTORED_PAGE, name)), ==, count);
}

/* Enters the older key, and asserts what is then said of it. */
static void
enter_older (Fixture *f, const char *sentence)
{
  g_autoptr (KsRestoreJob) job = ks_restore_job_new (f->unlock.engine.recovery);
  KsRestoreDialog *dialog =
      ks_restore_dialog_new_unlock (GTK_WINDOW (f->window), ks_profile_get_account (f->unlock.engine.profile),
                                    job);
  gpointer pages = part (dialog, KS_TYPE_RESTORE_DIALOG, "pages");
  KsUnlockPage *page = part (dialog, KS_TYPE_RESTORE_DIALOG, "unlock_page");
  KsRestoredPage *end = part (dialog, KS_TYPE_RESTORE_DIALOG, "restored_page");
  g_autofree char *description = NULL;

  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *) &dialog);
  gtk_window_present (GTK_WINDOW (dialog));
  ks_unlock_page_enter (page, f->older);
  ks_step_page_forward (KS_STEP_PAGE (page));
  while ((gpointer) gtk_stack_get_visible_child (pages) != end)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (ks_step_page_get_title (KS_STEP_PAGE (end)), ==, "Older Backup Restored");
  g_object_get (end, "description", &description, NULL);
  g_assert_cmpstr (description, ==, sentence);
  g_assert_false (gtk_widget_get_visible (part (end, KS_TYPE_RESTORED_PAGE, "notes")));
  assert_count (end, "added", "3");
  assert_count (end, "here", "0");
  gtk_window_destroy (GTK_WINDOW (dialog));
  while (dialog != NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_older_key_of_a_locked_session (Fixture *f, gconstpointer data)
{
  guint64 pending;

  enter_older (f, "This key opens an older backup. Its room keys are here now. The current backup opens with "
                  "the key or phrase of the last time that you set up or reset Secure Backup.");
  unlock_assert_locked (&f->unlock);
  engine_count (&f->unlock.engine, "2", &pending, NULL);
  g_assert_cmpuint (pending, ==, KEYS);
}

static void
test_older_key_of_an_open_session (Fixture *f, gconstpointer data)
{
  guint64 pending;

  ks_unlock_result_free (unlock_whole (&f->unlock, f->unlock.text));
  enter_older (f,
               "This key opens an older backup. Its room keys are here now, and go into the current backup "
               "too.");
  g_assert_cmpint (ks_recovery_get_state (f->unlock.engine.recovery), ==, KS_RECOVERY_READY);
  engine_count (&f->unlock.engine, "2", &pending, NULL);
  g_assert_cmpuint (pending, ==, 0);
}

static void
assert_row (KsSecurityPage *page, gboolean visible)
{
  g_assert_cmpint (gtk_widget_get_visible (part (page, KS_TYPE_SECURITY_PAGE, "other_key_row")), ==, visible);
}

static void
on_looked (KsSecurityPage *page, gboolean answered, guint *looks)
{
  (*looks)++;
}

static void
look_again (KsSecurityPage *page, KsAccountLife *life)
{
  guint looks = 0;
  gulong handler = g_signal_connect (life, "looked", G_CALLBACK (on_looked), &looks);

  ks_security_page_refresh (page);
  while (looks == 0)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handler_disconnect (life, handler);
}

/* As long as the button does not lead there, and there may be a version before the current one. */
static void
test_page_offers_to_enter_an_older_key (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecurityPage) page = g_object_ref_sink (g_object_new (KS_TYPE_SECURITY_PAGE, NULL));
  KsAccount *account = ks_profile_get_account (f->unlock.engine.profile);
  g_autoptr (KsAccountLife) life = NULL;
  g_autoptr (JsonObject) stored = NULL;

  ks_account_start (account);
  life = g_object_ref (ks_account_get_life (account));
  ks_security_page_set_account (page, f->unlock.engine.profile, account);
  look_again (page, life);
  assert_row (page, FALSE);
  ks_unlock_result_free (unlock_whole (&f->unlock, f->unlock.text));
  look_again (page, life);
  assert_row (page, TRUE);
  /* Its own key may be written down on paper. */
  stored = unlock_read (&f->unlock, "m.megolm_backup.v1");
  json_object_remove_member (json_object_get_object_member (stored, "encrypted"), "other");
  unlock_write (&f->unlock, "m.megolm_backup.v1", stored);
  look_again (page, life);
  assert_row (page, TRUE);
  ks_security_page_set_account (page, NULL, NULL);
}

#define ADD(name, test) g_test_add ("/older-backup/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("locked", test_older_key_of_a_locked_session);
  ADD ("open", test_older_key_of_an_open_session);
  ADD ("row", test_page_offers_to_enter_an_older_key);
  return g_test_run ();
}
