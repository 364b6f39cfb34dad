/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog that unlocks and restores, and its row in "Security & Privacy", with a real
 * account that was set up and filled by an earlier session.
 */

#include "ui/restore/ks-restore-dialog.h"

#include "crypto/ks-recovery-key.h"
#include "engine/engine-fixture.h"
#include "ui/restore/ks-restore-row.h"
#include "ui/restore/ks-restore-text.h"
#include "ui/restore/ks-restored-page.h"
#include "ui/restore/ks-restoring-page.h"
#include "ui/restore/ks-unlock-page.h"
#include "ui/steps/ks-note.h"

#include <string.h>

#define KEYS 20

typedef struct
{
  EngineFixture engine;
  GtkWidget *window;
  KsRestoreJob *job;
  KsRestoreDialog *dialog; /* borrowed, weak */
  char key[KS_RECOVERY_KEY_LENGTH + 1];
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) key = NULL;

  engine_set_up (&f->engine, data);
  engine_add_keys (&f->engine, KEYS, NULL);
  key = engine_set_up_whole (&f->engine);
  g_assert_true (ks_recovery_key_format (key, f->key));
  engine_reinstall (&f->engine);
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_LOCKED);
  f->window = gtk_window_new ();
  gtk_window_present (GTK_WINDOW (f->window));
  f->job = ks_restore_job_new (f->engine.recovery);
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
  g_object_unref (f->job);
  engine_tear_down (&f->engine, data);
}

static void
open_dialog (Fixture *f)
{
  f->dialog =
      ks_restore_dialog_new (GTK_WINDOW (f->window), ks_profile_get_account (f->engine.profile), f->job);
  g_object_add_weak_pointer (G_OBJECT (f->dialog), (gpointer *) &f->dialog);
  gtk_window_present (GTK_WINDOW (f->dialog));
}

static gpointer
part (gpointer widget, GType type, const char *name)
{
  GObject *child = gtk_widget_get_template_child (widget, type, name);

  g_assert_nonnull (child);
  return child;
}

#define DIALOG(f, name) part ((f)->dialog, KS_TYPE_RESTORE_DIALOG, name)
#define UNLOCK(f, name) part (DIALOG (f, "unlock_page"), KS_TYPE_UNLOCK_PAGE, name)
#define RESTORED(f, name) part (DIALOG (f, "restored_page"), KS_TYPE_RESTORED_PAGE, name)

static KsStepPage *
page (Fixture *f)
{
  return KS_STEP_PAGE (gtk_stack_get_visible_child (DIALOG (f, "pages")));
}

static void
until_page (Fixture *f, const char *name)
{
  while ((gpointer) page (f) != DIALOG (f, name))
    g_main_context_iteration (NULL, TRUE);
}

static void
until_told (Fixture *f)
{
  while (!gtk_widget_get_visible (UNLOCK (f, "problem")))
    g_main_context_iteration (NULL, TRUE);
}

static const char *
note (gpointer widget)
{
  return gtk_label_get_label (part (widget, KS_TYPE_NOTE, "label"));
}

static void
type_in (Fixture *f, const char *text)
{
  gtk_editable_set_text (UNLOCK (f, "entry"), text);
}

static void
give (Fixture *f, const char *text)
{
  type_in (f, text);
  ks_step_page_forward (page (f));
}

static void
assert_count (gpointer label, const char *count)
{
  g_assert_cmpstr (gtk_label_get_label (label), ==, count);
}

static void
assert_described (Fixture *f, const char *begin)
{
  g_autofree char *description = NULL;

  g_object_get (page (f), "description", &description, NULL);
  g_assert_true (g_str_has_prefix (description, begin));
}

static void
test_unlocked_by_a_key_all_keys_come_back (Fixture *f, gconstpointer data)
{
  open_dialog (f);
  g_assert_true ((gpointer) page (f) == DIALOG (f, "unlock_page"));
  g_assert_false (ks_step_page_get_complete (page (f)));
  give (f, f->key);
  g_assert_true (ks_step_page_get_busy (page (f)));
  until_page (f, "restored_page");
  g_assert_cmpstr (ks_step_page_get_title (page (f)), ==, "History Restored");
  assert_described (f, "20 room keys came back. Messages whose keys were never backed up stay locked.");
  assert_count (RESTORED (f, "added"), "20");
  assert_count (RESTORED (f, "better"), "0");
  assert_count (RESTORED (f, "here"), "0");
  g_assert_false (gtk_widget_get_visible (RESTORED (f, "held_back_row")));
  g_assert_false (gtk_widget_get_visible (RESTORED (f, "notes")));
  g_assert_cmpstr (gtk_editable_get_text (UNLOCK (f, "entry")), ==, "");
}

static void
test_nothing_new_is_not_called_restored (Fixture *f, gconstpointer data)
{
  open_dialog (f);
  give (f, f->key);
  until_page (f, "restored_page");
  close_dialog (f);
  open_dialog (f);
  until_page (f, "restored_page");
  g_assert_cmpstr (ks_step_page_get_title (page (f)), ==, "Everything Was Here Already");
  assert_described (f, "No room key was new");
  assert_count (RESTORED (f, "here"), "20");
}

/* Half a key, tried as a phrase, is not called a wrong phrase. */
static void
test_part_of_a_key_is_told (Fixture *f, gconstpointer data)
{
  open_dialog (f);
  give (f, "EsTj 3yST y93F SLpB jJsz eAXc 2XzA");
  until_told (f);
  g_assert_nonnull (strstr (note (UNLOCK (f, "problem")), "7 of its 12 groups"));
  type_in (f, "brass otter lantern quietly");
  give (f, "brass otter lantern quietly");
  until_told (f);
  g_assert_null (strstr (note (UNLOCK (f, "problem")), "only a part"));
}

static void
test_wrong_key_is_said_and_can_be_put_right (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (KS_RECOVERY_KEY_SIZE);
  char text[KS_RECOVERY_KEY_LENGTH + 1];

  g_assert_true (ks_recovery_key_format (other, text));
  open_dialog (f);
  give (f, text);
  until_told (f);
  g_assert_nonnull (strstr (note (UNLOCK (f, "problem")), "doesn't fit"));
  g_assert_true (gtk_widget_get_visible (UNLOCK (f, "help_list")));
  g_assert_false (ks_step_page_get_busy (page (f)));
  g_assert_cmpstr (gtk_editable_get_text (UNLOCK (f, "entry")), ==, text);
  g_assert_cmpint (ks_restore_job_get_state (f->job), ==, KS_RESTORE_JOB_IDLE);
  type_in (f, "something else");
  g_assert_false (gtk_widget_get_visible (UNLOCK (f, "problem")));
  g_assert_false (gtk_widget_get_visible (UNLOCK (f, "help_list")));
}

/* The person is told the group, to mend what is written down. */
static void
test_mistake_that_was_found_is_told (Fixture *f, gconstpointer data)
{
  char text[KS_RECOVERY_KEY_LENGTH + 1];
  g_autofree char *said = NULL;

  memcpy (text, f->key, sizeof text);
  text[10] = text[10] == '3' ? '4' : '3';
  said = g_strdup_printf ("There was a mistake in group 3 of the key. It has to be: %.4s", f->key + 10);
  open_dialog (f);
  give (f, text);
  until_page (f, "restored_page");
  g_assert_cmpstr (note (RESTORED (f, "notes")), ==, said);
}

static void
test_cancelled_check_stays_where_it_was (Fixture *f, gconstpointer data)
{
  hs_fixture_rule (f->engine.server, "{\"times\":0,\"action\":\"drop\"}");
  open_dialog (f);
  give (f, f->key);
  gtk_widget_activate_action (GTK_WIDGET (f->dialog), "restore.cancel", NULL);
  while (ks_step_page_get_busy (page (f)))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true ((gpointer) page (f) == DIALOG (f, "unlock_page"));
  g_assert_false (gtk_widget_get_visible (UNLOCK (f, "problem")));
  engine_no_rules (&f->engine);
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_LOCKED);
}

static void
test_key_is_found_in_a_file_with_more_in_it (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->engine.top, "note.txt", NULL);
  g_autofree char *content = g_strdup_printf ("Matrix, keep!\n\n%s\n", f->key);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFile) directory = g_file_new_for_path (f->engine.top);
  g_autofree char *name = g_path_get_basename (f->engine.top);

  g_assert_true (g_file_set_contents (path, content, -1, NULL));
  open_dialog (f);
  ks_unlock_page_open_file (DIALOG (f, "unlock_page"), directory);
  until_told (f);
  g_assert_nonnull (strstr (note (UNLOCK (f, "problem")), "not a file"));
  g_assert_nonnull (strstr (note (UNLOCK (f, "problem")), name));
  ks_unlock_page_open_file (DIALOG (f, "unlock_page"), file);
  until_page (f, "restored_page");
  assert_count (RESTORED (f, "added"), "20");
}

/* What GTK does when something is let go over the dialog; tests/e2e/ has a file dragged there from
 * another program's window. */
static gboolean
drop (Fixture *f, GType type, gconstpointer what)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (f->dialog));
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean taken = FALSE;

  g_value_init (&value, type);
  if (type == G_TYPE_FILE)
    g_value_set_object (&value, (gpointer) what);
  else
    g_value_set_string (&value, what);
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (!GTK_IS_DROP_TARGET (controller))
        continue;
      g_assert_true (
          gdk_content_formats_contain_gtype (gtk_drop_target_get_formats (GTK_DROP_TARGET (controller)),
                                             type));
      g_signal_emit_by_name (controller, "drop", &value, 10.0, 10.0, &taken);
    }
  return taken;
}

static void
test_key_is_taken_from_what_is_dropped (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->engine.top, "key.txt", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  g_assert_true (g_file_set_contents (path, f->key, -1, NULL));
  open_dialog (f);
  g_assert_true (drop (f, G_TYPE_STRING, "some words"));
  g_assert_cmpstr (gtk_editable_get_text (UNLOCK (f, "entry")), ==, "some words");
  g_assert_true (drop (f, G_TYPE_FILE, file));
  /* One at a time. */
  g_assert_false (drop (f, G_TYPE_FILE, file));
  until_page (f, "restored_page");
  assert_count (RESTORED (f, "added"), "20");
  g_assert_false (drop (f, G_TYPE_FILE, file));
}

/* Closed, it goes on; how it ended is there for whoever opens the dialog next. */
static void
test_restore_goes_on_without_the_dialog (Fixture *f, gconstpointer data)
{
  g_autoptr (KsRestoreRow) row = g_object_ref_sink (g_object_new (KS_TYPE_RESTORE_ROW, NULL));

  ks_restore_row_set_job (row, f->job);
  g_assert_cmpstr (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), ==, "Restore From Backup…");
  open_dialog (f);
  give (f, f->key);
  until_page (f, "restoring_page");
  ks_step_page_forward (page (f));
  while (f->dialog != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (ks_restore_job_get_watched (f->job));
  g_assert_cmpint (ks_restore_job_get_state (f->job), ==, KS_RESTORE_JOB_RUNNING);
  g_assert_cmpstr (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), ==, "Restoring From Backup");
  while (ks_restore_job_get_state (f->job) == KS_RESTORE_JOB_RUNNING)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), ==, "History Restored");
  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), ==, "20 room keys came back.");
  open_dialog (f);
  g_assert_true ((gpointer) page (f) == DIALOG (f, "restored_page"));
  close_dialog (f);
  g_assert_cmpint (ks_restore_job_get_state (f->job), ==, KS_RESTORE_JOB_IDLE);
  ks_restore_row_set_job (row, NULL);
}

/* Its end is not the end of the way: what stopped it is said, and it can be tried again. */
static void
test_failed_restore_can_be_tried_again (Fixture *f, gconstpointer data)
{
  hs_fixture_rule (f->engine.server,
                   "{\"path\":\"room_keys/keys\",\"method\":\"GET\",\"times\":1,\"action\":\"answer\","
                   "\"status\":403,\"body\":\"{\\\"errcode\\\":\\\"M_FORBIDDEN\\\"}\"}");
  open_dialog (f);
  give (f, f->key);
  while (ks_restore_job_get_state (f->job) != KS_RESTORE_JOB_FAILED)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true ((gpointer) page (f) == DIALOG (f, "restoring_page"));
  g_assert_cmpstr (ks_step_page_get_title (page (f)), ==, "Restoring Stopped");
  ks_step_page_forward (page (f));
  until_page (f, "restored_page");
  assert_count (RESTORED (f, "added"), "20");
}

/* One that an earlier start began, where the key is gone since: trying again is no way. */
static void
test_restore_that_is_locked_out_leads_to_unlocking (Fixture *f, gconstpointer data)
{
  ks_restore_job_run (f->job);
  while (ks_restore_job_get_state (f->job) == KS_RESTORE_JOB_RUNNING)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (ks_restore_job_get_failure (f->job), KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_LOCKED);
  open_dialog (f);
  g_assert_true ((gpointer) page (f) == DIALOG (f, "unlock_page"));
  give (f, f->key);
  until_page (f, "restored_page");
  assert_count (RESTORED (f, "added"), "20");
}

/* What the server said it has and does not hand over is not passed off as restored. */
static void
test_keys_that_the_server_keeps_back_are_counted (Fixture *f, gconstpointer data)
{
  hs_fixture_rule (f->engine.server, "{\"path\":\"room_keys/keys\",\"method\":\"GET\",\"times\":0,"
                                     "\"action\":\"answer\",\"body\":\"{\\\"rooms\\\":{}}\"}");
  open_dialog (f);
  give (f, f->key);
  until_page (f, "restored_page");
  g_assert_cmpstr (ks_step_page_get_title (page (f)), ==, "Not All of It Was Restored");
  g_assert_true (gtk_widget_get_visible (RESTORED (f, "held_back_row")));
  assert_count (RESTORED (f, "held_back"), "20");
}

static void
on_hint (GtkLabel *label, GParamSpec *pspec, gboolean *told)
{
  *told = *told || g_str_has_prefix (gtk_label_get_label (label), "Backing up");
}

static void
test_keys_that_are_only_here_go_up_first (Fixture *f, gconstpointer data)
{
  gboolean told = FALSE;

  engine_add_keys (&f->engine, 3, NULL);
  open_dialog (f);
  g_signal_connect (UNLOCK (f, "hint"), "notify::label", G_CALLBACK (on_hint), &told);
  give (f, f->key);
  until_page (f, "restored_page");
  g_assert_true (told);
  assert_count (RESTORED (f, "added"), "20");
  assert_count (RESTORED (f, "here"), "3");
}

/* Answers the question over the dialog, once it is asked. */
static void
answer (gboolean yes)
{
  GListModel *windows = gtk_window_get_toplevels ();
  AdwMessageDialog *asked = NULL;

  while (asked == NULL)
    {
      g_main_context_iteration (NULL, TRUE);
      for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
        {
          g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

          if (ADW_IS_MESSAGE_DIALOG (window))
            asked = ADW_MESSAGE_DIALOG (window);
        }
    }
  g_assert_cmpstr (adw_message_dialog_get_default_response (asked), ==, "cancel");
  adw_message_dialog_response (asked, yes ? "yes" : adw_message_dialog_get_close_response (asked));
  gtk_window_destroy (GTK_WINDOW (asked));
}

/* Threat A22. */
static void
test_other_identity_is_taken_only_when_wanted (Fixture *f, gconstpointer data)
{
  open_dialog (f);
  give (f, f->key);
  until_page (f, "restored_page");
  close_dialog (f);
  engine_sql (&f->engine, "UPDATE recovery SET master_key = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_CONFLICT);

  open_dialog (f);
  until_page (f, "unlock_page");
  give (f, f->key);
  answer (FALSE);
  until_told (f);
  g_assert_nonnull (strstr (note (UNLOCK (f, "problem")), "If you didn't reset it yourself"));
  g_assert_true ((gpointer) page (f) == DIALOG (f, "unlock_page"));
  g_assert_cmpint (ks_recovery_get_next_step (f->engine.recovery), ==, KS_NEXT_STEP_ACCEPT_IDENTITY);
  close_dialog (f);
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_CONFLICT);

  open_dialog (f);
  until_page (f, "unlock_page");
  give (f, f->key);
  answer (TRUE);
  until_page (f, "restored_page");
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_READY);
}

#define ADD(name, test) g_test_add ("/restore/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  /* libadwaita 1.7 tries whether the buttons of an AdwMessageDialog fit side by side, of which the GTK beside
   * it warns. */
  if (gtk_check_version (4, 16, 0) == NULL)
    engine_pass_over_warning ("Gtk", "Trying to measure GtkLabel");
  ADD ("by-key", test_unlocked_by_a_key_all_keys_come_back);
  ADD ("wrong-key", test_wrong_key_is_said_and_can_be_put_right);
  ADD ("mistake", test_mistake_that_was_found_is_told);
  ADD ("cancelled", test_cancelled_check_stays_where_it_was);
  ADD ("by-file", test_key_is_found_in_a_file_with_more_in_it);
  ADD ("part-of-a-key", test_part_of_a_key_is_told);
  ADD ("nothing-new-is-not-called-restored", test_nothing_new_is_not_called_restored);
  ADD ("dropped", test_key_is_taken_from_what_is_dropped);
  ADD ("background", test_restore_goes_on_without_the_dialog);
  ADD ("failed", test_failed_restore_can_be_tried_again);
  ADD ("locked-out", test_restore_that_is_locked_out_leads_to_unlocking);
  ADD ("upload", test_keys_that_are_only_here_go_up_first);
  ADD ("other-identity", test_other_identity_is_taken_only_when_wanted);
  ADD ("kept-back", test_keys_that_the_server_keeps_back_are_counted);
  return g_test_run ();
}
