/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog that repairs Secure Backup, on accounts as other clients leave them.
 */

#include "ui/repair/ks-repair-dialog.h"

#include "crypto/ks-recovery-key.h"
#include "engine/engine-fixture.h"
#include "engine/repair/ks-recovery-repair.h"
#include "engine/unlock/ks-recovery-unlock.h"
#include "ui/repair/ks-repair-plan-page.h"
#include "ui/repair/ks-repaired-page.h"
#include "ui/repair/ks-repairing-page.h"
#include "ui/repair/ks-unrepairable-page.h"
#include "ui/restore/ks-unlock-page.h"
#include "ui/set-up/ks-forward-button.h"
#include "ui/set-up/ks-identify-page.h"
#include "ui/set-up/ks-note.h"

#include <string.h>

#define KEYS 20
#define USER_SIGNING ENGINE_DATA "m.cross_signing.user_signing"

typedef struct
{
  EngineFixture engine;
  GtkWidget *window;
  KsRepairDialog *dialog; /* borrowed, weak */
  char key[KS_RECOVERY_KEY_LENGTH + 1];
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  engine_set_up (&f->engine, NULL);
  f->window = gtk_window_new ();
  gtk_window_present (GTK_WINDOW (f->window));
}

/* All of it, with room keys. */
static void
make_whole (Fixture *f)
{
  g_autoptr (KsSecret) key = NULL;

  engine_add_keys (&f->engine, KEYS, NULL);
  key = engine_set_up_whole (&f->engine);
  g_assert_true (ks_recovery_key_format (key, f->key));
}

static void
close_dialog (Fixture *f)
{
  if (f->dialog != NULL)
    gtk_window_destroy (GTK_WINDOW (f->dialog));
  while (f->dialog != NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  close_dialog (f);
  gtk_window_destroy (GTK_WINDOW (f->window));
  engine_tear_down (&f->engine, NULL);
}

static void
open_dialog (Fixture *f)
{
  g_assert_true (ks_repair_dialog_is_due (f->engine.recovery));
  f->dialog = ks_repair_dialog_new (GTK_WINDOW (f->window), ks_profile_get_account (f->engine.profile));
  g_object_add_weak_pointer (G_OBJECT (f->dialog), (gpointer *) &f->dialog);
  gtk_window_present (GTK_WINDOW (f->dialog));
}

static void
unlock (Fixture *f, const char *text)
{
  g_autoptr (KsSecret) secret = ks_secret_new_copy (text, strlen (text));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ks_recovery_unlock_async (f->engine.recovery, secret, KS_KEY_ENTRY_TYPED, KS_UNLOCK_DEFAULT, NULL,
                            engine_done, &result);
  ks_unlock_result_free (ks_recovery_unlock_finish (f->engine.recovery, engine_wait (&result), &error));
  g_assert_no_error (error);
}

static gpointer
part (gpointer widget, GType type, const char *name)
{
  GObject *child = gtk_widget_get_template_child (widget, type, name);

  g_assert_nonnull (child);
  return child;
}

#define DIALOG(f, name) part ((f)->dialog, KS_TYPE_REPAIR_DIALOG, name)
#define PLAN(f, name) part (DIALOG (f, "plan_page"), KS_TYPE_REPAIR_PLAN_PAGE, name)
#define STUCK(f, name) part (DIALOG (f, "unrepairable_page"), KS_TYPE_UNREPAIRABLE_PAGE, name)

static KsSetUpPage *
page (Fixture *f)
{
  return KS_SET_UP_PAGE (gtk_stack_get_visible_child (DIALOG (f, "pages")));
}

static gboolean
is_shown (Fixture *f, const char *name)
{
  return (gpointer) page (f) == DIALOG (f, name);
}

static void
until_page (Fixture *f, const char *name)
{
  while (!is_shown (f, name))
    g_main_context_iteration (NULL, TRUE);
}

/* As Enter does. */
static void
go_on (Fixture *f)
{
  GtkWidget *button = gtk_window_get_default_widget (GTK_WINDOW (f->dialog));

  g_assert_true (button == ks_forward_button_get_button (DIALOG (f, "forward")));
  g_assert_true (gtk_widget_get_visible (button) && gtk_widget_is_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
}

/* "title: subtitle" of each row, one a line. */
static char *
rows_of (gpointer list)
{
  GString *text = g_string_new (NULL);
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (list, i)) != NULL; i++)
    {
      const char *subtitle = adw_action_row_get_subtitle (ADW_ACTION_ROW (row));

      g_string_append (text, adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)));
      if (subtitle != NULL && subtitle[0] != '\0')
        g_string_append_printf (text, ": %s", subtitle);
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

static void
assert_rows (gpointer list, const char *expected)
{
  g_autofree char *rows = rows_of (list);

  g_assert_cmpstr (rows, ==, expected);
}

static void
assert_facts (Fixture *f, const char *expected)
{
  assert_rows (part (DIALOG (f, "repaired_page"), KS_TYPE_REPAIRED_PAGE, "facts"), expected);
}

static const char *
note_of (gpointer page, GType type)
{
  return gtk_label_get_label (part (part (page, type, "problem"), KS_TYPE_NOTE, "label"));
}

static void
until_told (gpointer page, GType type)
{
  while (!gtk_widget_get_visible (part (page, type, "problem")))
    g_main_context_iteration (NULL, TRUE);
}

static void
give_key (Fixture *f, const char *text)
{
  gtk_editable_set_text (part (DIALOG (f, "key_page"), KS_TYPE_UNLOCK_PAGE, "entry"), text);
  go_on (f);
}

static void
give_password (Fixture *f, const char *text)
{
  gtk_editable_set_text (part (DIALOG (f, "identify_page"), KS_TYPE_IDENTIFY_PAGE, "entry"), text);
  go_on (f);
}

static void
delete_backup (Fixture *f)
{
  g_free (
      hs_fixture_request (f->engine.server, "DELETE", ENGINE_BACKUP "/1", f->engine.observer, NULL, NULL));
}

/* All four, as other clients do (matrix-js-sdk#5474). */
static void
empty_secrets (Fixture *f)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autofree char *path = g_strconcat (ENGINE_DATA, ks_secret_name_to_string ((KsSecretName) i), NULL);

      engine_write (&f->engine, path, "{}");
    }
}

static void
test_missing_key_is_stored_again_with_the_security_key (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (KS_RECOVERY_KEY_SIZE);
  char wrong[KS_RECOVERY_KEY_LENGTH + 1];
  g_autofree char *stored = NULL;

  make_whole (f);
  engine_write (&f->engine, USER_SIGNING, "{}");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_INCOMPLETE);
  open_dialog (f);
  g_assert_true (is_shown (f, "plan_page"));
  assert_rows (PLAN (f, "missing"),
               "One of your identity keys: It's here, but your Security Key doesn't bring it back\n");
  assert_rows (PLAN (f, "to_do"), "Add the missing key: Locked with your Security Key\n");
  assert_rows (PLAN (f, "same"), "Your Security Key and Security Phrase\n"
                                 "Your identity and your verified sessions\n");
  g_assert_false (gtk_widget_get_visible (PLAN (f, "other_key")));
  go_on (f);
  g_assert_true (is_shown (f, "key_page"));
  g_assert_true (ks_recovery_key_format (other, wrong));
  give_key (f, wrong);
  until_told (DIALOG (f, "key_page"), KS_TYPE_UNLOCK_PAGE);
  g_assert_nonnull (strstr (note_of (DIALOG (f, "key_page"), KS_TYPE_UNLOCK_PAGE), "doesn't fit"));
  give_key (f, f->key);
  until_page (f, "repaired_page");
  g_assert_cmpstr (ks_set_up_page_get_title (page (f)), ==, "Secure Backup Is Repaired");
  assert_facts (f, "Room keys: 20 backed up\nIdentity keys: All 3 in Secure Backup\n"
                   "Security Key: The same as before\nThis session: Verified\n");
  stored = engine_read (&f->engine, USER_SIGNING);
  g_assert_nonnull (strstr (stored, "ciphertext"));
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
  go_on (f);
  while (f->dialog != NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* What the key brings to light is shown before it is done. */
static void
test_more_that_the_key_shows_is_shown_first (Fixture *f, gconstpointer data)
{
  const char *path = ENGINE_DATA "m.cross_signing.self_signing";
  g_autofree char *stored = NULL;
  char *mac;

  make_whole (f);
  /* Of an earlier version, which did not know what the key had opened. */
  engine_sql (&f->engine, "UPDATE recovery SET storage_proof = NULL");
  engine_write (&f->engine, USER_SIGNING, "{}");
  stored = engine_read (&f->engine, path);
  mac = strstr (stored, "\"mac\":\"");
  g_assert_nonnull (mac);
  mac[7] = mac[7] == 'A' ? 'B' : 'A';
  engine_write (&f->engine, path, stored);
  engine_refresh (&f->engine);
  open_dialog (f);
  assert_rows (PLAN (f, "to_do"), "Add the missing key: Locked with your Security Key\n");
  go_on (f);
  give_key (f, f->key);
  until_page (f, "plan_page");
  assert_rows (PLAN (f, "missing"),
               "Two of your identity keys: They are here, but your Security Key doesn't bring them back\n");
  assert_rows (PLAN (f, "to_do"), "Add the missing keys: Locked with your Security Key\n");
  g_assert_cmpstr (ks_set_up_page_get_forward_label (page (f)), ==, "_Repair");
  go_on (f);
  until_page (f, "repaired_page");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
}

static void
prepare_without_backup (Fixture *f)
{
  make_whole (f);
  delete_backup (f);
  unlock (f, f->key);
  g_assert_cmpint (ks_recovery_get_next_step (f->engine.recovery), ==, KS_NEXT_STEP_REPAIR);
}

static void
test_backup_is_made_anew (Fixture *f, gconstpointer data)
{
  g_autofree char *version = NULL;

  prepare_without_backup (f);
  open_dialog (f);
  assert_rows (PLAN (f, "missing"), "A backup of your room keys: So new messages aren't backed up\n");
  assert_rows (PLAN (f, "to_do"), "Create a new backup: 20 room keys go into it\n");
  g_assert_cmpstr (ks_set_up_page_get_forward_label (page (f)), ==, "_Repair");
  go_on (f);
  g_assert_true (is_shown (f, "repairing_page"));
  g_assert_false (gtk_widget_get_visible (DIALOG (f, "cancel")));
  until_page (f, "repaired_page");
  assert_facts (f, "Room keys: 20 backed up\nIdentity keys: All 3 in Secure Backup\n"
                   "Security Key: The same as before\nThis session: Verified\n");
  version = engine_read (&f->engine, ENGINE_BACKUP);
  g_assert_nonnull (version);
  g_assert_nonnull (strstr (version, "\"count\":20"));
}

static void
test_repair_that_stopped_can_be_tried_again (Fixture *f, gconstpointer data)
{
  prepare_without_backup (f);
  open_dialog (f);
  hs_fixture_rule (f->engine.server, "{\"path\":\"room_keys/version$\",\"method\":\"POST\",\"times\":0,"
                                     "\"action\":\"answer\",\"status\":500,\"body\":\"{}\"}");
  go_on (f);
  until_told (DIALOG (f, "repairing_page"), KS_TYPE_REPAIRING_PAGE);
  g_assert_cmpstr (ks_set_up_page_get_title (page (f)), ==, "Repairing Stopped");
  g_assert_cmpstr (ks_set_up_page_get_forward_label (page (f)), ==, "_Try Again");
  g_assert_true (gtk_widget_get_visible (DIALOG (f, "cancel")));
  engine_no_rules (&f->engine);
  go_on (f);
  until_page (f, "repaired_page");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
}

static void
test_repair_goes_on_without_the_dialog (Fixture *f, gconstpointer data)
{
  prepare_without_backup (f);
  open_dialog (f);
  go_on (f);
  g_assert_true (is_shown (f, "repairing_page"));
  go_on (f);
  while (f->dialog != NULL)
    g_main_context_iteration (NULL, TRUE);
  while (ks_recovery_get_state (f->engine.recovery) != KS_RECOVERY_READY)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_password_is_asked_for_as_often_as_it_takes (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) key = engine_make_backup_alone (&f->engine);

  g_assert_true (ks_recovery_key_format (key, f->key));
  hs_fixture_persona (f->engine.server,
                      "{\"name\":\"always-authenticates\",\"path\":\"device_signing/upload$\"}");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_INCOMPLETE);
  g_assert_cmpint (ks_recovery_get_next_step (f->engine.recovery), ==, KS_NEXT_STEP_UNLOCK);
  g_assert_false (ks_repair_dialog_is_due (f->engine.recovery));
  unlock (f, f->key);
  open_dialog (f);
  assert_rows (PLAN (f, "to_do"),
               "Tell other apps about your Security Key\n"
               "Add the missing keys: Locked with your Security Key\n"
               "Create the missing identity keys: Your homeserver may ask for your "
               "password\nVerify this session\nHave other apps ask for this Security Key\n");
  go_on (f);
  until_page (f, "identify_page");
  give_password (f, "not it");
  until_page (f, "repairing_page");
  until_page (f, "identify_page");
  g_assert_nonnull (strstr (note_of (DIALOG (f, "identify_page"), KS_TYPE_IDENTIFY_PAGE), "Wrong password"));
  give_password (f, ENGINE_PASSWORD);
  until_page (f, "repaired_page");
  /* An empty backup is not called one that is safe. */
  g_assert_cmpstr (ks_set_up_page_get_title (page (f)), ==, "Repaired, but Nothing Is in It Yet");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
}

/* All that was in it is here. */
static void
test_empty_storage_takes_the_key_that_is_given (Fixture *f, gconstpointer data)
{
  make_whole (f);
  empty_secrets (f);
  engine_write (&f->engine, ENGINE_DATA "m.secret_storage.default_key", "{}");
  engine_refresh (&f->engine);
  open_dialog (f);
  go_on (f);
  g_assert_true (is_shown (f, "key_page"));
  give_key (f, "no key at all");
  until_page (f, "repairing_page");
  until_page (f, "key_page");
  g_assert_true (gtk_widget_get_visible (part (page (f), KS_TYPE_UNLOCK_PAGE, "problem")));
  give_key (f, f->key);
  until_page (f, "repaired_page");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
}

/* The four are gone and the key's description is not: the key opens nothing, and is the right one. */
static void
test_storage_without_secrets_takes_its_own_key (Fixture *f, gconstpointer data)
{
  make_whole (f);
  empty_secrets (f);
  engine_refresh (&f->engine);
  open_dialog (f);
  assert_rows (PLAN (f, "missing"),
               "Your identity keys: They are here, but your Security Key doesn't bring them back\n"
               "The key of your backup: It's here, but your Security Key doesn't bring it back\n");
  go_on (f);
  g_assert_true (is_shown (f, "key_page"));
  give_key (f, f->key);
  until_page (f, "repaired_page");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
}

/* A key that is nowhere: said, with what is left, and looked at again when asked for. */
static void
test_lost_key_is_said_to_be_beyond_repair (Fixture *f, gconstpointer data)
{
  make_whole (f);
  engine_write (&f->engine, USER_SIGNING, "{}");
  engine_sql (&f->engine, "DELETE FROM secrets WHERE name = 'm.cross_signing.user_signing'");
  engine_restart (&f->engine);
  engine_refresh (&f->engine);
  g_assert_true (ks_repair_dialog_is_stuck (f->engine.recovery));
  open_dialog (f);
  g_assert_true (is_shown (f, "unrepairable_page"));
  g_assert_cmpstr (ks_set_up_page_get_title (page (f)), ==, "This Can't Be Repaired Here");
  assert_rows (STUCK (f, "missing"), "The key that verifies other people: Not on this computer\n");
  g_assert_false (gtk_widget_get_visible (STUCK (f, "other_key")));
  g_assert_true (gtk_widget_get_visible (STUCK (f, "keys_group")));
  g_assert_cmpstr (adw_preferences_row_get_title (STUCK (f, "keys_row")), ==,
                   "20 room keys on this computer");
  go_on (f);
  g_assert_true (ks_set_up_page_get_busy (page (f)));
  while (ks_set_up_page_get_busy (page (f)))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (is_shown (f, "unrepairable_page"));
  /* Now there is something that the key may open: the page behind the dialog has it. */
  delete_backup (f);
  go_on (f);
  while (f->dialog != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (ks_recovery_get_next_step (f->engine.recovery), ==, KS_NEXT_STEP_UNLOCK);
}

/* A key that opens all but one: the others may be opened by another key, which is asked for. */
static void
test_another_key_is_asked_for_what_the_first_does_not_open (Fixture *f, gconstpointer data)
{
  g_autofree char *stored = NULL;
  g_auto (GStrv) parts = NULL;
  g_autofree char *moved = NULL;
  char *mac;

  make_whole (f);
  engine_refresh (&f->engine);
  stored = engine_read (&f->engine, USER_SIGNING);
  parts = g_strsplit (stored, ks_recovery_get_snapshot (f->engine.recovery)->default_key_id, -1);
  moved = g_strjoinv ("another", parts);
  g_assert_cmpstr (moved, !=, stored);
  /* Nor is it this key under another ID. */
  mac = strstr (moved, "\"mac\":\"");
  g_assert_nonnull (mac);
  mac[7] = mac[7] == 'A' ? 'B' : 'A';
  engine_write (&f->engine, USER_SIGNING, moved);
  engine_reinstall (&f->engine);
  engine_refresh (&f->engine);
  g_assert_false (ks_repair_dialog_is_due (f->engine.recovery));
  unlock (f, f->key);
  g_assert_cmpint (ks_recovery_get_next_step (f->engine.recovery), ==, KS_NEXT_STEP_UNLOCK);
  open_dialog (f);
  g_assert_true (is_shown (f, "unrepairable_page"));
  g_assert_true (gtk_widget_get_visible (STUCK (f, "helps_group")));
  g_assert_true (gtk_widget_get_visible (STUCK (f, "other_key")));
  g_assert_false (gtk_widget_get_visible (STUCK (f, "without")));
  gtk_widget_activate_action (GTK_WIDGET (f->dialog), "repair.enter-key", NULL);
  while (f->dialog != NULL)
    g_main_context_iteration (NULL, TRUE);
}

#define ADD(name, test) g_test_add ("/repair/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("with-the-key", test_missing_key_is_stored_again_with_the_security_key);
  ADD ("more", test_more_that_the_key_shows_is_shown_first);
  ADD ("backup", test_backup_is_made_anew);
  ADD ("stopped", test_repair_that_stopped_can_be_tried_again);
  ADD ("background", test_repair_goes_on_without_the_dialog);
  ADD ("password", test_password_is_asked_for_as_often_as_it_takes);
  ADD ("empty-storage", test_empty_storage_takes_the_key_that_is_given);
  ADD ("storage-without-secrets", test_storage_without_secrets_takes_its_own_key);
  ADD ("lost", test_lost_key_is_said_to_be_beyond_repair);
  ADD ("another-key", test_another_key_is_asked_for_what_the_first_does_not_open);
  return g_test_run ();
}
