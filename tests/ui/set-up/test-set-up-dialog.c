/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The wizard, with a real account: what it shows of a run that it did not begin, and what
 * closing it and going back may throw away. What needs a file chooser is in tests/e2e.
 */

#include "ui/set-up/ks-set-up-dialog.h"

#include "crypto/ks-recovery-key.h"
#include "engine/engine-fixture.h"
#include "ui/set-up/ks-choice-page.h"
#include "ui/set-up/ks-confirm-page.h"
#include "ui/set-up/ks-progress-page.h"
#include "ui/set-up/ks-save-key-page.h"

#include <string.h>

/* The file that is chosen where one is asked for. */
static GFile *chosen;

void __wrap_ks_choose_file_to_save_async (
    GtkWindow *parent, const char *title, const char *name, GAsyncReadyCallback callback, gpointer user_data);

/* In the place of the dialog. */
void
__wrap_ks_choose_file_to_save_async (
    GtkWindow *parent, const char *title, const char *name, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (parent, NULL, callback, user_data);

  g_task_return_pointer (task, g_object_ref (chosen), g_object_unref);
}

typedef struct
{
  EngineFixture engine;
  GtkWidget *window;
  KsSetUpDialog *dialog; /* borrowed, weak; NULL while there is none */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  engine_set_up (&f->engine, data);
  f->window = gtk_window_new ();
  gtk_window_present (GTK_WINDOW (f->window));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  if (f->dialog != NULL)
    gtk_window_destroy (GTK_WINDOW (f->dialog));
  while (f->dialog != NULL)
    g_main_context_iteration (NULL, TRUE);
  gtk_window_destroy (GTK_WINDOW (f->window));
  engine_tear_down (&f->engine, data);
}

static gpointer
part (Fixture *f, const char *name)
{
  GObject *child = gtk_widget_get_template_child (GTK_WIDGET (f->dialog), KS_TYPE_SET_UP_DIALOG, name);

  g_assert_nonnull (child);
  return child;
}

static KsStepPage *
page (Fixture *f)
{
  return KS_STEP_PAGE (gtk_stack_get_visible_child (part (f, "pages")));
}

static void
until_page (Fixture *f, const char *name)
{
  while ((gpointer) page (f) != part (f, name))
    g_main_context_iteration (NULL, TRUE);
}

static void
open_dialog (Fixture *f)
{
  f->dialog = ks_set_up_dialog_new (GTK_WINDOW (f->window), f->engine.profile,
                                    ks_profile_get_account (f->engine.profile));
  g_object_add_weak_pointer (G_OBJECT (f->dialog), (gpointer *) &f->dialog);
  gtk_window_present (GTK_WINDOW (f->dialog));
}

static void
make_key (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  engine_make_security_key (&f->engine, NULL, &error);
  g_assert_no_error (error);
}

static void
note_saved (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  engine_note_saved (&f->engine, &error);
  g_assert_no_error (error);
}

/* Begins a run as the program does at its start, and opens the wizard on it. */
static void
open_on_a_run (Fixture *f, GAsyncResult **result)
{
  make_key (f);
  note_saved (f);
  /* Slow enough for the wizard to be there. */
  hs_fixture_rule (f->engine.server, "{\"path\":\"keys/upload\",\"delay\":0.7}");
  ks_set_up_run_async (f->engine.set_up, NULL, engine_done, result);
  open_dialog (f);
  until_page (f, "progress_page");
  g_assert_cmpint (ks_set_up_get_stage (f->engine.set_up), ==, KS_SET_UP_RUNNING);
  g_assert_false (ks_progress_page_has_failed (part (f, "progress_page")));
}

static void
on_primary_changed (GdkClipboard *primary, guint *changes)
{
  *changes += 1;
}

/* What is selected can be read by every app, and is pasted by the middle button. */
static void
test_key_is_not_selected_by_itself (Fixture *f, gconstpointer data)
{
  GdkClipboard *primary = gdk_display_get_primary_clipboard (gdk_display_get_default ());
  guint changes = 0;
  gulong handler = g_signal_connect (primary, "changed", G_CALLBACK (on_primary_changed), &changes);
  GtkLabel *label;

  open_dialog (f);
  while (ks_step_page_get_busy (page (f)) || gtk_window_get_focus (GTK_WINDOW (f->dialog)) == NULL)
    g_main_context_iteration (NULL, TRUE);
  ks_step_page_forward (page (f));
  until_page (f, "save_page");
  label = GTK_LABEL (gtk_widget_get_first_child (
      GTK_WIDGET (gtk_widget_get_template_child (GTK_WIDGET (page (f)), KS_TYPE_SAVE_KEY_PAGE, "card"))));
  g_assert_cmpuint (strlen (gtk_label_get_text (label)), ==, KS_RECOVERY_KEY_LENGTH);
  g_assert_false (gtk_label_get_selection_bounds (label, NULL, NULL));
  gtk_widget_grab_focus (GTK_WIDGET (label));
  g_assert_true (gtk_widget_has_focus (GTK_WIDGET (label)));
  g_assert_false (gtk_label_get_selection_bounds (label, NULL, NULL));
  g_assert_cmpuint (changes, ==, 0);
  g_signal_handler_disconnect (primary, handler);
}

static void
test_failure_of_another_run_is_shown (Fixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  hs_fixture_rule (f->engine.server, "{\"path\":\"room_keys/version\",\"method\":\"POST\",\"times\":0,"
                                     "\"action\":\"answer\",\"kind\":\"html\"}");
  open_on_a_run (f, &result);
  g_assert_false (ks_set_up_run_finish (f->engine.set_up, engine_wait (&result), &error));
  g_assert_true (ks_progress_page_has_failed (part (f, "progress_page")));
  g_assert_cmpstr (ks_step_page_get_forward_label (page (f)), ==, "_Try Again");
  g_assert_true (gtk_widget_get_visible (part (f, "cancel")));
  engine_no_rules (&f->engine);
  ks_step_page_forward (page (f));
  g_assert_false (ks_progress_page_has_failed (part (f, "progress_page")));
  until_page (f, "done_page");
}

/* And whoever tries again elsewhere is followed too. */
static void
test_next_run_is_followed (Fixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  hs_fixture_rule (f->engine.server, "{\"path\":\"room_keys/version\",\"method\":\"POST\",\"times\":0,"
                                     "\"action\":\"answer\",\"kind\":\"html\"}");
  open_on_a_run (f, &result);
  g_assert_false (ks_set_up_run_finish (f->engine.set_up, engine_wait (&result), &error));
  g_clear_error (&error);
  engine_no_rules (&f->engine);
  g_clear_object (&result);
  ks_set_up_run_async (f->engine.set_up, NULL, engine_done, &result);
  g_assert_false (ks_progress_page_has_failed (part (f, "progress_page")));
  ks_set_up_run_finish (f->engine.set_up, engine_wait (&result), &error);
  g_assert_no_error (error);
  g_assert_true ((gpointer) page (f) == part (f, "done_page"));
}

static void
test_question_of_another_run_is_asked (Fixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  hs_fixture_persona (f->engine.server,
                      "{\"name\":\"always-authenticates\",\"path\":\"device_signing/upload$\"}");
  open_on_a_run (f, &result);
  g_assert_false (ks_set_up_run_finish (f->engine.set_up, engine_wait (&result), &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_AUTH_NEEDED);
  g_assert_true ((gpointer) page (f) == part (f, "identify_page"));
}

static void
assert_says (KsProgressPage *progress, const char *words, gboolean said)
{
  g_autofree char *description = NULL;

  g_object_get (progress, "description", &description, NULL);
  g_assert_cmpint (strstr (description, words) != NULL, ==, said);
}

/* What would end with the program is not said to go on later. */
static void
test_end_of_what_is_kept_nowhere_is_said (Fixture *f, gconstpointer data)
{
  g_autoptr (KsProgressPage) progress = g_object_ref_sink (g_object_new (KS_TYPE_PROGRESS_PAGE, NULL));
  g_autoptr (GError) failure = g_error_new_literal (KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_REFUSED, "a test");

  ks_progress_page_set_set_up (progress, f->engine.set_up);
  ks_progress_page_set_failure (progress, NULL);
  assert_says (progress, "Keep Keepsake open", FALSE);
  ks_progress_page_set_in_memory (progress, TRUE);
  assert_says (progress, "Keep Keepsake open", TRUE);
  ks_progress_page_set_failure (progress, failure);
  assert_says (progress, "only until Keepsake is closed", TRUE);
}

/* The question that is open. */
static AdwMessageDialog *
question (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (ADW_IS_MESSAGE_DIALOG (window))
        return ADW_MESSAGE_DIALOG (window);
    }
  return NULL;
}

static void
ask_to_stop (Fixture *f)
{
  open_dialog (f);
  until_page (f, "save_page");
  gtk_window_close (GTK_WINDOW (f->dialog));
  while (question () == NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* As its button does. */
static void
answer (const char *response)
{
  AdwMessageDialog *dialog = question ();

  adw_message_dialog_response (dialog, response);
  gtk_window_destroy (GTK_WINDOW (dialog));
}

static void
test_stop_throws_the_key_away (Fixture *f, gconstpointer data)
{
  make_key (f);
  ask_to_stop (f);
  answer ("yes");
  while (f->dialog != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (ks_set_up_get_stage (f->engine.set_up), ==, KS_SET_UP_NONE);
  g_assert_null (ks_set_up_get_key (f->engine.set_up));
}

/* "Cancel" was the button that led there: the answers say what they do. */
static void
test_stop_is_asked_without_the_word_cancel (Fixture *f, gconstpointer data)
{
  make_key (f);
  ask_to_stop (f);
  g_assert_cmpstr (adw_message_dialog_get_response_label (question (), "cancel"), ==, "_Go On Setting Up");
  g_assert_cmpstr (adw_message_dialog_get_response_label (question (), "yes"), ==, "_Stop");
  g_assert_cmpstr (adw_message_dialog_get_default_response (question ()), ==, "cancel");
  answer ("cancel");
  engine_refresh (&f->engine);
  g_assert_nonnull (f->dialog);
  g_assert_cmpint (ks_set_up_get_stage (f->engine.set_up), ==, KS_SET_UP_KEY_MADE);
}

/* It was noted meanwhile that the person has the key: then it is no key to throw away. */
static void
test_stop_that_is_answered_late_keeps_the_key (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) key = NULL;
  g_autoptr (GError) error = NULL;

  make_key (f);
  key = ks_secret_ref (ks_set_up_get_key (f->engine.set_up));
  ask_to_stop (f);
  note_saved (f);
  answer ("yes");
  /* Whatever the answer has set going is through before this is. */
  engine_refresh (&f->engine);
  g_assert_nonnull (f->dialog);
  g_assert_cmpint (ks_set_up_get_stage (f->engine.set_up), ==, KS_SET_UP_KEY_SAVED);
  g_assert_true (ks_secret_equal (ks_set_up_get_key (f->engine.set_up), key));
  /* Its row is there as well, for otherwise nothing could be noted in it. */
  engine_run (&f->engine, NULL, &error);
  g_assert_no_error (error);
}

/* The page is busy at first, and then nothing on it takes the focus. */
static void
test_first_page_has_the_focus_on_what_is_chosen (Fixture *f, gconstpointer data)
{
  open_dialog (f);
  while (ks_step_page_get_busy (page (f)))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true ((gpointer) page (f) == part (f, "choice_page"));
  g_assert_true (
      gtk_window_get_focus (GTK_WINDOW (f->dialog))
      == GTK_WIDGET (gtk_widget_get_template_child (GTK_WIDGET (page (f)), KS_TYPE_CHOICE_PAGE, "generate")));
}

static void
assert_phrases_differ (KsConfirmPage *page, const char *typed, gboolean differ)
{
  GObject *entry = gtk_widget_get_template_child (GTK_WIDGET (page), KS_TYPE_CONFIRM_PAGE, "entry");
  GtkWidget *problem =
      GTK_WIDGET (gtk_widget_get_template_child (GTK_WIDGET (page), KS_TYPE_CONFIRM_PAGE, "problem"));

  gtk_editable_set_text (GTK_EDITABLE (entry), typed);
  g_assert_cmpint (gtk_widget_get_visible (problem), ==, differ);
}

static void
test_mistake_in_the_repetition_is_said_at_once (Fixture *f, gconstpointer data)
{
  g_autoptr (KsConfirmPage) page = g_object_ref_sink (g_object_new (KS_TYPE_CONFIRM_PAGE, NULL));
  g_autoptr (KsSecret) phrase = ks_secret_new_copy ("four wörds", strlen ("four wörds"));

  ks_confirm_page_set_phrase (page, phrase);
  assert_phrases_differ (page, "four", FALSE);
  assert_phrases_differ (page, "four u", TRUE);
  assert_phrases_differ (page, "four w", FALSE);
  assert_phrases_differ (page, "four wo", TRUE);
  assert_phrases_differ (page, "", FALSE);
  assert_phrases_differ (page, "four wörds", FALSE);
  g_assert_true (ks_step_page_get_complete (KS_STEP_PAGE (page)));
  assert_phrases_differ (page, "four wördss", TRUE);
  g_assert_false (ks_step_page_get_complete (KS_STEP_PAGE (page)));
  ks_step_page_wipe (KS_STEP_PAGE (page));
  assert_phrases_differ (page, "", FALSE);
}

static GtkWidget *
save_part (Fixture *f, const char *name)
{
  return GTK_WIDGET (
      gtk_widget_get_template_child (GTK_WIDGET (part (f, "save_page")), KS_TYPE_SAVE_KEY_PAGE, name));
}

static void
open_on_a_key (Fixture *f)
{
  make_key (f);
  open_dialog (f);
  until_page (f, "save_page");
}

static void
save_to (Fixture *f, const char *name)
{
  g_autofree char *path = g_build_filename (f->engine.top, name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  chosen = file;
  g_signal_emit_by_name (save_part (f, "save_button"), "clicked");
  while (g_strcmp0 (ks_save_key_page_get_file_name (part (f, "save_page")), name) != 0)
    g_main_context_iteration (NULL, TRUE);
}

/* Asks to go back, which is answered with a question of @words. */
static void
back_asks (Fixture *f, const char *words)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (f->dialog), "set-up.back", NULL));
  g_assert_true ((gpointer) page (f) == part (f, "save_page"));
  g_assert_nonnull (question ());
  g_assert_cmpstr (adw_message_dialog_get_heading (question ()), ==, "Make Another Key?");
  g_assert_nonnull (strstr (adw_message_dialog_get_body (question ()), words));
  g_assert_cmpstr (adw_message_dialog_get_default_response (question ()), ==, "cancel");
  g_assert_cmpint (adw_message_dialog_get_response_appearance (question (), "yes"), ==,
                   ADW_RESPONSE_DESTRUCTIVE);
}

static void
test_back_from_a_saved_key_asks (Fixture *f, gconstpointer data)
{
  open_on_a_key (f);
  save_to (f, "key1.txt");
  back_asks (f, "You saved this key to key1.txt. If you go back");
  /* Twice is once. */
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (f->dialog), "set-up.back", NULL));
  answer ("cancel");
  g_assert_null (question ());
  engine_refresh (&f->engine);
  g_assert_true ((gpointer) page (f) == part (f, "save_page"));
  g_assert_true (ks_step_page_get_complete (page (f)));
  g_assert_nonnull (ks_save_key_page_get_as_saved (part (f, "save_page")));

  save_to (f, "key2.txt");
  back_asks (f, "You saved this key to key2.txt and elsewhere.");
  answer ("yes");
  until_page (f, "choice_page");
  g_assert_null (ks_save_key_page_get_as_saved (part (f, "save_page")));
}

/* Where it is then, nobody knows; nor whether it was given back matters. */
static void
test_back_from_a_copied_key_asks (Fixture *f, gconstpointer data)
{
  open_on_a_key (f);
  g_signal_emit_by_name (save_part (f, "copy_button"), "clicked");
  back_asks (f, "You copied this key.");
  answer ("yes");
  until_page (f, "choice_page");
}

/* And once that was answered, the key that is shown next is nowhere yet. */
static void
test_back_from_a_key_that_is_nowhere_asks_nothing (Fixture *f, gconstpointer data)
{
  open_on_a_key (f);
  g_signal_emit_by_name (save_part (f, "copy_button"), "clicked");
  back_asks (f, "You copied this key.");
  answer ("yes");
  until_page (f, "choice_page");
  ks_step_page_forward (page (f));
  until_page (f, "save_page");
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (f->dialog), "set-up.back", NULL));
  g_assert_null (question ());
  g_assert_true ((gpointer) page (f) == part (f, "choice_page"));
}

#define ADD(name, test) g_test_add ("/set-up-dialog/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  /* libadwaita 1.7 tries whether the buttons of an AdwMessageDialog fit side by side, of which the GTK beside
   * it warns. */
  if (gtk_check_version (4, 16, 0) == NULL)
    engine_pass_over_warning ("Gtk", "Trying to measure GtkLabel");
  ADD ("failure-of-another-run", test_failure_of_another_run_is_shown);
  ADD ("key-is-not-selected", test_key_is_not_selected_by_itself);
  ADD ("next-run-is-followed", test_next_run_is_followed);
  ADD ("question-of-another-run", test_question_of_another_run_is_asked);
  ADD ("kept-nowhere", test_end_of_what_is_kept_nowhere_is_said);
  ADD ("stop", test_stop_throws_the_key_away);
  ADD ("stop-without-cancel", test_stop_is_asked_without_the_word_cancel);
  ADD ("stop-answered-late", test_stop_that_is_answered_late_keeps_the_key);
  ADD ("first-focus", test_first_page_has_the_focus_on_what_is_chosen);
  ADD ("phrases-differ", test_mistake_in_the_repetition_is_said_at_once);
  ADD ("back-from-saved", test_back_from_a_saved_key_asks);
  ADD ("back-from-copied", test_back_from_a_copied_key_asks);
  ADD ("back-from-nowhere", test_back_from_a_key_that_is_nowhere_asks_nothing);
  return g_test_run ();
}
