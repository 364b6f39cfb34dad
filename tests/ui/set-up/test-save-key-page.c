/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page that shows the Security Key until the person has it: what counts as given back,
 * how long the copy stays, and that its answers are seen in a small window. A second connection to the display is the other app. What
 * needs a file chooser is in tests/e2e.
 */

#include "ui/set-up/ks-save-key-page.h"

#include "crypto/ks-recovery-key.h"
#include "ui/steps/ks-note.h"
#include "ui/steps/ks-secret-clipboard.h"

#include <glib/gstdio.h>

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
  GtkWidget *window;
  KsSaveKeyPage *page; /* borrowed */
  KsSecret *key;       /* owned */
  char text[KS_RECOVERY_KEY_LENGTH + 1];
} Fixture;

/* The end of the copy's time, which nobody waits for here. */
static GSourceFunc time_over;
static gpointer time_over_data;
static guint time_over_source;

/* In the place of GLib's. */
guint
g_timeout_add_seconds (guint seconds, GSourceFunc func, gpointer data)
{
  guint source = g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, seconds, func, data, NULL);

  if (seconds == KS_SECRET_CLIPBOARD_SECONDS)
    {
      time_over = func;
      time_over_data = data;
      time_over_source = source;
    }
  return source;
}

static void
let_time_pass (void)
{
  g_assert_true (g_source_remove (time_over_source));
  time_over (time_over_data);
}

static GObject *
part (Fixture *f, const char *name)
{
  GObject *child = gtk_widget_get_template_child (GTK_WIDGET (f->page), KS_TYPE_SAVE_KEY_PAGE, name);

  g_assert_nonnull (child);
  return child;
}

static GtkEditable *
entry (Fixture *f)
{
  return GTK_EDITABLE (part (f, "paste_entry"));
}

static GdkClipboard *
clipboard (Fixture *f)
{
  return gtk_widget_get_clipboard (f->window);
}

static const char *
problem (Fixture *f)
{
  return gtk_label_get_label (
      GTK_LABEL (gtk_widget_get_template_child (GTK_WIDGET (part (f, "problem")), KS_TYPE_NOTE, "label")));
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->key = ks_secret_new_random (KS_RECOVERY_KEY_SIZE);
  g_assert_true (ks_recovery_key_format (f->key, f->text));
  f->window = gtk_window_new ();
  f->page = g_object_new (KS_TYPE_SAVE_KEY_PAGE, NULL);
  gtk_window_set_child (GTK_WINDOW (f->window), GTK_WIDGET (f->page));
  ks_save_key_page_set_key (f->page, f->key, FALSE, "@alice:example.org");
  gtk_window_present (GTK_WINDOW (f->window));
  g_signal_emit_by_name (part (f, "copy_button"), "clicked");
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (part (f, "paste_box"))));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  ks_secret_unref (f->key);
}

/* As Ctrl+V does, Shift+Insert, and "Paste" in the menu. */
static void
paste (Fixture *f)
{
  g_signal_emit_by_name (gtk_editable_get_delegate (entry (f)), "paste-clipboard");
}

static void
test_own_copy_is_not_given_back (Fixture *f, gconstpointer data)
{
  paste (f);
  g_assert_nonnull (strstr (problem (f), "Keepsake has copied itself"));
  /* Nothing is under way that would put it there later. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpstr (gtk_editable_get_text (entry (f)), ==, "");
  g_assert_null (ks_save_key_page_get_as_saved (f->page));
  g_assert_false (ks_step_page_get_complete (KS_STEP_PAGE (f->page)));
  /* Nor has that taken the copy away. */
  g_assert_nonnull (gdk_clipboard_get_content (clipboard (f)));
}

/* What the person does with a password manager: pastes it there, and copies it from there. */
static void
test_copy_of_another_app_is_given_back (Fixture *f, gconstpointer data)
{
  GdkDisplay *other = gdk_display_open (NULL);

  g_assert_nonnull (other);
  paste (f);
  g_assert_false (ks_save_key_page_get_saved (f->page) & KS_KEY_SAVED_COPY);
  gdk_clipboard_set_text (gdk_display_get_clipboard (other), f->text);
  while (gdk_clipboard_is_local (clipboard (f)))
    g_main_context_iteration (NULL, TRUE);
  paste (f);
  while (!ks_step_page_get_complete (KS_STEP_PAGE (f->page)))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (ks_save_key_page_get_saved (f->page) & KS_KEY_SAVED_COPY);
  g_assert_true (ks_secret_equal (ks_save_key_page_get_as_saved (f->page), f->key));
  g_assert_cmpstr (problem (f), ==, "");
  gdk_display_close (other);
}

static void
type (Fixture *f)
{
  int at = 0;

  for (const char *character = f->text; *character != '\0'; character++)
    gtk_editable_insert_text (entry (f), character, 1, &at);
}

static void
test_typed_is_given_back (Fixture *f, gconstpointer data)
{
  type (f);
  g_assert_true (ks_save_key_page_get_saved (f->page) & KS_KEY_SAVED_COPY);
  g_assert_true (ks_step_page_get_complete (KS_STEP_PAGE (f->page)));
}

/* It may be on its way to where the person keeps it. */
static void
test_copy_keeps_its_time_once_the_key_is_had (Fixture *f, gconstpointer data)
{
  GdkContentProvider *copy = gdk_clipboard_get_content (clipboard (f));

  g_assert_nonnull (copy);
  type (f);
  g_assert_true (gdk_clipboard_get_content (clipboard (f)) == copy);
  ks_step_page_wipe (KS_STEP_PAGE (f->page));
  g_assert_null (ks_save_key_page_get_as_saved (f->page));
  g_assert_true (gdk_clipboard_get_content (clipboard (f)) == copy);
  let_time_pass ();
  g_assert_null (gdk_clipboard_get_content (clipboard (f)));
}

/* A key that nobody has is thrown away with the page. */
static void
test_copy_of_a_key_that_is_not_had_goes (Fixture *f, gconstpointer data)
{
  ks_step_page_wipe (KS_STEP_PAGE (f->page));
  g_assert_null (gdk_clipboard_get_content (clipboard (f)));
}

/* What somebody else has put there since is theirs. */
static void
test_time_takes_nothing_of_others (Fixture *f, gconstpointer data)
{
  type (f);
  ks_step_page_wipe (KS_STEP_PAGE (f->page));
  gdk_clipboard_set_text (clipboard (f), "a shopping list");
  let_time_pass ();
  g_assert_nonnull (gdk_clipboard_get_content (clipboard (f)));
}

/* As on a phone, or with large text. */
static void
make_small (Fixture *f)
{
  gtk_window_set_default_size (GTK_WINDOW (f->window), 360, 294);
}

static void
until_in_view (Fixture *f, const char *name)
{
  GtkWidget *widget = GTK_WIDGET (part (f, name));
  GtkWidget *viewport = gtk_widget_get_ancestor (widget, GTK_TYPE_VIEWPORT);
  GtkAdjustment *place = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (viewport));
  graphene_rect_t bounds;

  do
    {
      g_main_context_iteration (NULL, TRUE);
      g_assert_true (gtk_widget_compute_bounds (widget, viewport, &bounds));
    }
  while (bounds.size.height <= 0 || bounds.origin.y < 0
         || bounds.origin.y + bounds.size.height > (float) gtk_widget_get_height (viewport) + 0.5F);
  /* It was not there from the start. */
  g_assert_cmpfloat (gtk_adjustment_get_value (place), >, 0);
}

static void
test_problem_is_scrolled_into_view (Fixture *f, gconstpointer data)
{
  make_small (f);
  f->text[0] = f->text[0] == 'a' ? 'b' : 'a';
  gtk_editable_set_text (entry (f), f->text);
  g_assert_cmpstr (problem (f), !=, "");
  until_in_view (f, "problem");
}

static void
test_file_ends_giving_back_and_is_seen (Fixture *f, gconstpointer data)
{
  g_autofree char *directory = g_dir_make_tmp ("keepsake-save-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "key.txt", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  make_small (f);
  gtk_editable_set_text (entry (f), "EsT");
  chosen = file;
  g_signal_emit_by_name (part (f, "save_button"), "clicked");
  while (!ks_step_page_get_complete (KS_STEP_PAGE (f->page)))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (ks_save_key_page_get_saved (f->page) & (KS_KEY_SAVED_FILE | KS_KEY_SAVED_COPY), ==,
                   KS_KEY_SAVED_FILE);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (part (f, "paste_box"))));
  g_assert_cmpstr (gtk_editable_get_text (entry (f)), ==, "");
  until_in_view (f, "status_box");
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

#define ADD(name, test) g_test_add ("/save-key-page/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("own-copy", test_own_copy_is_not_given_back);
  ADD ("copy-of-another-app", test_copy_of_another_app_is_given_back);
  ADD ("typed", test_typed_is_given_back);
  ADD ("copy-keeps-its-time", test_copy_keeps_its_time_once_the_key_is_had);
  ADD ("copy-of-no-use-goes", test_copy_of_a_key_that_is_not_had_goes);
  ADD ("time-takes-nothing-of-others", test_time_takes_nothing_of_others);
  ADD ("problem-in-view", test_problem_is_scrolled_into_view);
  ADD ("file-in-view", test_file_ends_giving_back_and_is_seen);
  return g_test_run ();
}
