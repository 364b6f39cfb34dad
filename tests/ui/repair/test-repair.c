/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog that repairs Secure Backup: what it shows of accounts as other clients leave them, and
 * how it goes on, stops and ends. Which key opens what: test-repair-keys.c.
 */

#include "ui/repair-fixture.h"

#include <string.h>

static void
prepare_without_backup (RepairFixture *f)
{
  repair_make_whole (f);
  repair_delete_backup (f);
  repair_unlock (f, f->key);
  g_assert_cmpint (ks_recovery_get_next_step (f->engine.recovery), ==, KS_NEXT_STEP_REPAIR);
}

static void
assert_heard (GtkListBoxRow *row, const char *name, const char *description)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (row);

  g_assert_null (gtk_test_accessible_check_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL, name));
  g_assert_null (
      gtk_test_accessible_check_property (accessible, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description));
}

/* The keyboard is where a person goes on, and Enter in a row is for that row. */
static void
test_keyboard_is_where_one_goes_on (RepairFixture *f, gconstpointer data)
{
  GtkWidget *row;

  prepare_without_backup (f);
  repair_open_dialog (f);
  g_assert_true (repair_has_focus (f, repair_forward (f)));
  /* What opens belongs to libadwaita: the first row in it. */
  g_assert_true (gtk_widget_child_focus (PLAN (f, "details"), GTK_DIR_TAB_FORWARD));
  row = gtk_window_get_focus (GTK_WINDOW (f->dialog));
  repair_enter (f, row);
  g_assert_true (adw_expander_row_get_expanded (PLAN (f, "details")));
  g_assert_true (repair_is_shown (f, "plan_page"));
  repair_go_on (f);
  g_assert_true (repair_is_shown (f, "repairing_page"));
  g_assert_true (repair_has_focus (f, repair_part (repair_page (f), KS_TYPE_REPAIRING_PAGE, "steps")));
  repair_until_page (f, "repaired_page");
  g_assert_true (repair_has_focus (f, repair_forward (f)));
}

/* What runs is read out, and by the step that it is at. */
static void
test_steps_are_heard (RepairFixture *f, gconstpointer data)
{
  GtkListBox *steps;

  prepare_without_backup (f);
  repair_open_dialog (f);
  repair_go_on (f);
  steps = repair_part (repair_page (f), KS_TYPE_REPAIRING_PAGE, "steps");
  assert_heard (gtk_list_box_get_row_at_index (steps, 0), "Check what is there", "In progress");
  assert_heard (gtk_list_box_get_row_at_index (steps, 1), "Create a new backup", "To do");
  repair_until_page (f, "repaired_page");
  assert_heard (gtk_list_box_get_row_at_index (steps, 0), "Check what is there", "Done");
  assert_heard (gtk_list_box_get_row_at_index (steps, 1), "Create a new backup", "Done");
}

static void
test_backup_is_made_anew (RepairFixture *f, gconstpointer data)
{
  g_autofree char *version = NULL;

  prepare_without_backup (f);
  repair_open_dialog (f);
  repair_assert_rows (PLAN (f, "missing"), "A backup of your room keys: So new messages aren't backed up\n");
  repair_assert_rows (PLAN (f, "to_do"), "Create a new backup: 20 room keys go into it\n");
  g_assert_cmpstr (ks_step_page_get_forward_label (repair_page (f)), ==, "_Repair");
  repair_go_on (f);
  g_assert_true (repair_is_shown (f, "repairing_page"));
  g_assert_false (gtk_widget_get_visible (DIALOG (f, "cancel")));
  repair_until_page (f, "repaired_page");
  repair_assert_facts (f, "Room keys: 20 backed up\nIdentity keys: All 3 in Secure Backup\n"
                          "Security Key: The same as before\nThis session: Verified\n");
  version = engine_read (&f->engine, ENGINE_BACKUP);
  g_assert_nonnull (version);
  g_assert_nonnull (strstr (version, "\"count\":20"));
}

static void
test_repair_that_stopped_can_be_tried_again (RepairFixture *f, gconstpointer data)
{
  prepare_without_backup (f);
  repair_open_dialog (f);
  hs_fixture_rule (f->engine.server, "{\"path\":\"room_keys/version$\",\"method\":\"POST\",\"times\":0,"
                                     "\"action\":\"answer\",\"status\":500,\"body\":\"{}\"}");
  repair_go_on (f);
  repair_until_told (DIALOG (f, "repairing_page"), KS_TYPE_REPAIRING_PAGE);
  g_assert_cmpstr (ks_step_page_get_title (repair_page (f)), ==, "Repairing Stopped");
  g_assert_cmpstr (repair_note_of (repair_page (f), KS_TYPE_REPAIRING_PAGE), ==,
                   "The homeserver has a problem of its own. Try again later.");
  g_assert_true (repair_has_focus (f, repair_forward (f)));
  g_assert_cmpstr (ks_step_page_get_forward_label (repair_page (f)), ==, "_Try Again");
  g_assert_true (gtk_widget_get_visible (DIALOG (f, "cancel")));
  engine_no_rules (&f->engine);
  repair_go_on (f);
  repair_until_page (f, "repaired_page");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
}

static void
test_repair_goes_on_without_the_dialog (RepairFixture *f, gconstpointer data)
{
  prepare_without_backup (f);
  repair_open_dialog (f);
  repair_go_on (f);
  g_assert_true (repair_is_shown (f, "repairing_page"));
  repair_go_on (f);
  repair_until_closed (f);
  while (ks_recovery_get_state (f->engine.recovery) != KS_RECOVERY_READY)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_password_is_asked_for_as_often_as_it_takes (RepairFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) key = engine_make_backup_alone (&f->engine);

  g_assert_true (ks_recovery_key_format (key, f->key));
  hs_fixture_persona (f->engine.server,
                      "{\"name\":\"always-authenticates\",\"path\":\"device_signing/upload$\"}");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_INCOMPLETE);
  g_assert_cmpint (ks_recovery_get_next_step (f->engine.recovery), ==, KS_NEXT_STEP_UNLOCK);
  g_assert_false (ks_repair_is_due (f->engine.recovery));
  repair_unlock (f, f->key);
  repair_open_dialog (f);
  repair_assert_rows (PLAN (f, "to_do"),
                      "Tell other apps about your Security Key\n"
                      "Add the missing keys: Locked with your Security Key\n"
                      "Create the missing identity keys: Your homeserver may ask for your "
                      "password\nVerify this session\nHave other apps ask for this Security Key\n");
  repair_go_on (f);
  repair_until_page (f, "identify_page");
  repair_give_password (f, "not it");
  repair_until_page (f, "repairing_page");
  repair_until_page (f, "identify_page");
  g_assert_nonnull (
      strstr (repair_note_of (DIALOG (f, "identify_page"), KS_TYPE_IDENTIFY_PAGE), "Wrong password"));
  repair_give_password (f, ENGINE_PASSWORD);
  repair_until_page (f, "repaired_page");
  /* An empty backup is not called one that is safe. */
  g_assert_cmpstr (ks_step_page_get_title (repair_page (f)), ==, "Repaired, but Nothing Is in It Yet");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
}

/* A key that is nowhere: said, with what is left, and looked at again when asked for. */
static void
test_lost_key_is_said_to_be_beyond_repair (RepairFixture *f, gconstpointer data)
{
  repair_make_whole (f);
  engine_write (&f->engine, REPAIR_USER_SIGNING, "{}");
  engine_sql (&f->engine, "DELETE FROM secrets WHERE name = 'm.cross_signing.user_signing'");
  engine_restart (&f->engine);
  engine_refresh (&f->engine);
  g_assert_true (ks_repair_is_stuck (f->engine.recovery));
  repair_open_dialog (f);
  g_assert_true (repair_is_shown (f, "unrepairable_page"));
  g_assert_cmpstr (ks_step_page_get_title (repair_page (f)), ==, "This Can't Be Repaired Here");
  g_assert_true (repair_has_focus (f, STUCK (f, "missing")));
  repair_assert_rows (STUCK (f, "missing"), "The key that verifies other people: Not on this computer\n");
  g_assert_false (gtk_widget_get_visible (STUCK (f, "other_key")));
  g_assert_true (gtk_widget_get_visible (STUCK (f, "keys_group")));
  g_assert_cmpstr (adw_preferences_row_get_title (STUCK (f, "keys_row")), ==,
                   "20 room keys on this computer");
  repair_go_on (f);
  g_assert_true (ks_step_page_get_busy (repair_page (f)));
  while (ks_step_page_get_busy (repair_page (f)))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (repair_is_shown (f, "unrepairable_page"));
  g_assert_true (repair_has_focus (f, STUCK (f, "missing")));
  /* Now there is something that the key may open: the page behind the dialog has it. */
  repair_delete_backup (f);
  repair_go_on (f);
  repair_until_closed (f);
  g_assert_cmpint (ks_recovery_get_next_step (f->engine.recovery), ==, KS_NEXT_STEP_UNLOCK);
}

/* A session that has nothing, and a person who has no key. */
static void
test_without_a_key_it_says_where_to_look_and_what_is_left (RepairFixture *f, gconstpointer data)
{
  repair_make_whole (f);
  engine_reinstall (&f->engine);
  engine_add_keys (&f->engine, 1, NULL);
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_LOCKED);
  g_assert_false (ks_repair_is_due (f->engine.recovery));
  repair_open_dialog_without_key (f);
  g_assert_true (repair_is_shown (f, "unrepairable_page"));
  g_assert_cmpstr (ks_step_page_get_title (repair_page (f)), ==, "If You Don't Have the Key");
  g_assert_false (gtk_widget_get_visible (STUCK (f, "missing_group")));
  g_assert_false (gtk_widget_get_visible (STUCK (f, "without")));
  g_assert_true (repair_has_focus (f, STUCK (f, "other_key")));
  g_assert_true (gtk_widget_get_visible (STUCK (f, "sessions")));
  g_assert_cmpstr (adw_preferences_row_get_title (STUCK (f, "keys_row")), ==, "1 room key on this computer");
}

#define ADD(name, test) \
  g_test_add ("/repair/" name, RepairFixture, NULL, repair_set_up, test, repair_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("keyboard", test_keyboard_is_where_one_goes_on);
  ADD ("steps", test_steps_are_heard);
  ADD ("backup", test_backup_is_made_anew);
  ADD ("stopped", test_repair_that_stopped_can_be_tried_again);
  ADD ("background", test_repair_goes_on_without_the_dialog);
  ADD ("password", test_password_is_asked_for_as_often_as_it_takes);
  ADD ("lost", test_lost_key_is_said_to_be_beyond_repair);
  ADD ("without-key", test_without_a_key_it_says_where_to_look_and_what_is_left);
  return g_test_run ();
}
