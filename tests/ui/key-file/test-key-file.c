/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog that imports room keys, from file to counts, with a real account. What needs a
 * file chooser is in tests/e2e.
 */

#include "ui/key-file/ks-key-file-dialog.h"

#include "engine/key-file-fixture.h"
#include "ui/key-file/ks-export-page.h"
#include "ui/key-file/ks-import-page.h"
#include "ui/key-file/ks-imported-page.h"
#include "ui/key-file/ks-key-file-text.h"
#include "ui/steps/ks-note.h"

#include <string.h>

typedef struct
{
  EngineFixture engine;
  GtkWidget *window;
  KsKeyFileDialog *dialog; /* borrowed, weak */
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
part (gpointer widget, GType type, const char *name)
{
  GObject *child = gtk_widget_get_template_child (widget, type, name);

  g_assert_nonnull (child);
  return child;
}

#define DIALOG(f, name) part ((f)->dialog, KS_TYPE_KEY_FILE_DIALOG, name)
#define IMPORT(f, name) part (DIALOG (f, "import_page"), KS_TYPE_IMPORT_PAGE, name)
#define EXPORT(f, name) part (DIALOG (f, "export_page"), KS_TYPE_EXPORT_PAGE, name)
#define IMPORTED(f, name) part (DIALOG (f, "imported_page"), KS_TYPE_IMPORTED_PAGE, name)

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
show (Fixture *f, KsKeyFileDialog *dialog)
{
  f->dialog = dialog;
  g_object_add_weak_pointer (G_OBJECT (f->dialog), (gpointer *) &f->dialog);
  gtk_window_present (GTK_WINDOW (f->dialog));
}

/* With @path chosen, and looked at. */
static void
open_import (Fixture *f, const char *path)
{
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);

  show (f, ks_key_file_dialog_new_import (GTK_WINDOW (f->window), f->engine.profile, uri));
  while (ks_step_page_get_busy (page (f)))
    g_main_context_iteration (NULL, TRUE);
}

static void
give (Fixture *f, const char *phrase)
{
  gtk_editable_set_text (IMPORT (f, "phrase"), phrase);
  ks_step_page_forward (page (f));
}

static const char *
problem (Fixture *f)
{
  return gtk_label_get_label (part (IMPORT (f, "problem"), KS_TYPE_NOTE, "label"));
}

static void
assert_count (gpointer label, const char *count)
{
  g_assert_cmpstr (gtk_label_get_label (label), ==, count);
}

static char *
save (Fixture *f, guint n, const char *more)
{
  g_autoptr (GPtrArray) keys = key_file_make_keys (n);
  g_autofree char *list = key_file_list (keys);
  g_autofree char *text = NULL;

  list[strlen (list) - 1] = '\0';
  text = g_strconcat (list, more, "]", NULL);
  return key_file_save_plain (&f->engine, "keys.txt", text);
}

static void
test_file_comes_in (Fixture *f, gconstpointer data)
{
  g_autofree char *path = save (f, 30, "");

  open_import (f, path);
  g_assert_false (ks_step_page_get_complete (page (f)));
  give (f, KEY_FILE_PHRASE);
  until_page (f, "imported_page");
  g_assert_cmpstr (ks_step_page_get_title (page (f)), ==, "Room Keys Imported");
  assert_count (IMPORTED (f, "added"), "30");
  assert_count (IMPORTED (f, "here"), "0");
  g_assert_cmpuint (key_file_count_keys (&f->engine), ==, 30);
  /* The phrase is not left in the window. */
  g_assert_cmpstr (gtk_editable_get_text (IMPORT (f, "phrase")), ==, "");
}

static void
test_wrong_phrase_is_said_and_can_be_put_right (Fixture *f, gconstpointer data)
{
  g_autofree char *path = save (f, 3, "");

  open_import (f, path);
  give (f, "another phrase");
  until_page (f, "working_page");
  until_page (f, "import_page");
  g_assert_nonnull (strstr (problem (f), "This is not the phrase"));
  /* What was typed is there for mending, and the word against it goes with the first change. */
  g_assert_cmpstr (gtk_editable_get_text (IMPORT (f, "phrase")), ==, "another phrase");
  gtk_editable_set_text (IMPORT (f, "phrase"), "s");
  g_assert_false (gtk_widget_get_visible (IMPORT (f, "problem")));
  give (f, KEY_FILE_PHRASE);
  until_page (f, "imported_page");
}

static void
test_other_file_is_said_before_a_phrase_is_asked_for (Fixture *f, gconstpointer data)
{
  static const char key[] = "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d";
  g_autofree char *path = key_file_save (&f->engine, "key.txt", key, strlen (key));

  open_import (f, path);
  g_assert_nonnull (strstr (problem (f), "Security Key"));
  gtk_editable_set_text (IMPORT (f, "phrase"), KEY_FILE_PHRASE);
  g_assert_false (ks_step_page_get_complete (page (f)));
  g_assert_true (gtk_widget_get_visible (IMPORT (f, "problem")));
}

/* Nothing comes in before that was accepted. */
static void
test_rest_comes_in_once_it_is_wanted (Fixture *f, gconstpointer data)
{
  g_autofree char *path = save (f, 5, ",7,{}");

  open_import (f, path);
  give (f, KEY_FILE_PHRASE);
  until_page (f, "imported_page");
  g_assert_cmpstr (ks_step_page_get_title (page (f)), ==, "Not All Can Be Used");
  g_assert_cmpuint (key_file_count_keys (&f->engine), ==, 0);
  g_assert_true (gtk_widget_get_visible (DIALOG (f, "cancel")));
  ks_step_page_forward (page (f));
  until_page (f, "working_page");
  until_page (f, "imported_page");
  g_assert_cmpstr (ks_step_page_get_title (page (f)), ==, "Not All Were Imported");
  g_assert_cmpuint (key_file_count_keys (&f->engine), ==, 5);
  g_assert_false (gtk_widget_get_visible (DIALOG (f, "cancel")));
}

static void
test_cancelled_it_is_as_it_was (Fixture *f, gconstpointer data)
{
  g_autofree char *path = save (f, 5, "");

  open_import (f, path);
  give (f, KEY_FILE_PHRASE);
  until_page (f, "working_page");
  gtk_widget_activate_action (GTK_WIDGET (f->dialog), "key-file.cancel", NULL);
  until_page (f, "import_page");
  g_assert_false (gtk_widget_get_visible (IMPORT (f, "problem")));
  g_assert_cmpuint (key_file_count_keys (&f->engine), ==, 0);
}

static void
test_closed_in_the_middle_it_ends (Fixture *f, gconstpointer data)
{
  g_autofree char *path = save (f, 5, "");

  open_import (f, path);
  give (f, KEY_FILE_PHRASE);
  until_page (f, "working_page");
  gtk_window_destroy (GTK_WINDOW (f->dialog));
  while (f->dialog != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (key_file_count_keys (&f->engine), ==, 0);
}

static void
test_export_wants_a_good_phrase_twice (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *phrase;
    const char *again;
    gboolean complete;
    gboolean differ; /* for good; it is said at once */
  } cases[] = {
    { "", "", FALSE, FALSE },
    { "keepsake", "keepsake", FALSE, FALSE },
    { "brass otter lantern quietly", "", FALSE, FALSE },
    { "brass otter lantern quietly", "brass ot", FALSE, FALSE },
    { "brass otter lantern quietly", "brass oy", FALSE, TRUE },
    { "brass otter lantern quietly", "brass otter lantern quiet", FALSE, FALSE },
    { "brass otter lantern quietly", "brass otter lantern quietlyx", FALSE, TRUE },
    { "brass otter lantern quietly", "brass otter lantern quietly", TRUE, FALSE },
  };

  show (f, ks_key_file_dialog_new_export (GTK_WINDOW (f->window), f->engine.profile));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gtk_editable_set_text (EXPORT (f, "phrase"), cases[i].phrase);
      gtk_editable_set_text (EXPORT (f, "again"), cases[i].again);
      g_assert_cmpint (ks_step_page_get_complete (page (f)), ==, cases[i].complete);
      g_assert_cmpint (g_str_equal (gtk_label_get_label (EXPORT (f, "feedback")), "The two phrases differ."),
                       ==, cases[i].differ);
    }
}

static void
test_every_reason_has_words (void)
{
  for (int i = 0; i < KS_KEY_N_REASONS; i++)
    {
      g_assert_cmpuint (strlen (ks_key_file_text_reason ((KsKeyReason) i)), >, 5);
      g_assert_cmpuint (strlen (ks_key_file_text_advice ((KsKeyReason) i)), >, 5);
      /* There is no server in it. */
      g_assert_null (strstr (ks_key_file_text_reason ((KsKeyReason) i), "server"));
    }
}

#define ADD(name, test) g_test_add ("/ui-key-file/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/ui-key-file/every-reason-has-words", test_every_reason_has_words);
  ADD ("file-comes-in", test_file_comes_in);
  ADD ("wrong-phrase-is-said-and-can-be-put-right", test_wrong_phrase_is_said_and_can_be_put_right);
  ADD ("other-file-is-said-before-a-phrase-is-asked-for",
       test_other_file_is_said_before_a_phrase_is_asked_for);
  ADD ("rest-comes-in-once-it-is-wanted", test_rest_comes_in_once_it_is_wanted);
  ADD ("cancelled-it-is-as-it-was", test_cancelled_it_is_as_it_was);
  ADD ("closed-in-the-middle-it-ends", test_closed_in_the_middle_it_ends);
  ADD ("export-wants-a-good-phrase-twice", test_export_wants_a_good_phrase_twice);
  return g_test_run ();
}
