/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the window does with a file that is dropped on it, and when it takes one at all.
 */

#include "ui/ks-window.h"

#include "engine/account/ks-sign-in.h"
#include "engine/key-file-fixture.h"
#include "ui/key-file/ks-key-file-dialog.h"
#include "ui/steps/ks-step-page.h"

#include <string.h>

typedef struct
{
  EngineFixture engine; /* its profile is another session of the same account */
  KsProfile *profile;   /* owned */
  KsWindow *window;
} Fixture;

static gpointer
part (gpointer widget, GType type, const char *name)
{
  GObject *child = gtk_widget_get_template_child (widget, type, name);

  g_assert_nonnull (child);
  return child;
}

static const char *
shown_page (Fixture *f)
{
  const char *stage = gtk_stack_get_visible_child_name (part (f->window, KS_TYPE_WINDOW, "stage"));

  return g_str_equal (stage, "plain")
             ? gtk_stack_get_visible_child_name (part (f->window, KS_TYPE_WINDOW, "plain_pages"))
             : stage;
}

static void
until_shown (Fixture *f, const char *page)
{
  while (!g_str_equal (shown_page (f), page))
    g_main_context_iteration (NULL, TRUE);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *directory = NULL;
  g_autofree char *key_file = NULL;

  engine_set_up (&f->engine, data);
  directory = g_build_filename (f->engine.top, "window", NULL);
  key_file = g_build_filename (f->engine.top, "key", NULL);
  f->profile = ks_profile_new (directory, key_file);
  f->window = ks_window_new (NULL, f->profile);
  gtk_window_present (GTK_WINDOW (f->window));
  until_shown (f, "welcome");
}

/* What is in front of the window; NULL: nothing. */
static GtkWindow *
dialog (Fixture *f)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (toplevels, i);

      if (gtk_window_get_transient_for (window) == GTK_WINDOW (f->window))
        return window;
    }
  return NULL;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  if (dialog (f) != NULL)
    gtk_window_destroy (dialog (f));
  gtk_window_destroy (GTK_WINDOW (f->window));
  g_clear_object (&f->profile);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  engine_tear_down (&f->engine, data);
}

static void
sign_in (Fixture *f)
{
  g_autoptr (GAsyncResult) found = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsHomeserver) homeserver = NULL;
  g_autoptr (KsSecret) password = ks_secret_new_copy (ENGINE_PASSWORD, strlen (ENGINE_PASSWORD));

  ks_find_homeserver_async (hs_fixture_url (f->engine.server), NULL, engine_done, &found);
  homeserver = ks_find_homeserver_finish (engine_wait (&found), &error);
  g_assert_no_error (error);
  ks_sign_in_async (f->profile, homeserver, "alice", password, "Keepsake in a window", NULL, engine_done,
                    &result);
  ks_sign_in_finish (f->profile, engine_wait (&result), &error);
  g_assert_no_error (error);
}

static GtkDropTarget *
target (Fixture *f)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (f->window));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_DROP_TARGET (controller))
        return GTK_DROP_TARGET (controller);
    }
  g_assert_not_reached ();
}

static gboolean
takes_files (Fixture *f)
{
  return gtk_event_controller_get_propagation_phase (GTK_EVENT_CONTROLLER (target (f))) != GTK_PHASE_NONE;
}

/* As GTK does once the pointer lets go. */
static gboolean
drop (Fixture *f, const char *path)
{
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean taken = FALSE;

  g_value_init (&value, G_TYPE_FILE);
  g_value_take_object (&value, g_file_new_for_path (path));
  g_signal_emit_by_name (target (f), "drop", &value, 10.0, 10.0, &taken);
  return taken;
}

/* The database of the earlier session, whose store-key file is this one's, too. */
static char *
set_aside (Fixture *f)
{
  g_autofree char *from = g_build_filename (f->engine.top, "profile", "keepsake.db", NULL);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  engine_add_keys (&f->engine, 30, NULL);
  engine_sql (&f->engine, "PRAGMA wal_checkpoint (TRUNCATE)");
  g_file_get_contents (from, &content, &size, &error);
  g_assert_no_error (error);
  return key_file_save (&f->engine, "keepsake-set-aside.db", content, size);
}

static void
test_nobody_signed_in_is_told_to_sign_in (Fixture *f, gconstpointer data)
{
  g_autofree char *path = set_aside (f);

  g_assert_true (takes_files (f));
  g_assert_true (drop (f, path));
  g_assert_true (ADW_IS_MESSAGE_DIALOG (dialog (f)));
  g_assert_cmpstr (adw_message_dialog_get_heading (ADW_MESSAGE_DIALOG (dialog (f))), ==, "Sign In First");
  /* One question is enough. */
  g_assert_false (drop (f, path));
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog (f)), "yes");
  until_shown (f, "sign-in");
}

static void
until_imported (Fixture *f)
{
  gpointer pages = part (dialog (f), KS_TYPE_KEY_FILE_DIALOG, "pages");
  gpointer imported = part (dialog (f), KS_TYPE_KEY_FILE_DIALOG, "imported_page");

  while ((gpointer) gtk_stack_get_visible_child (pages) != imported)
    g_main_context_iteration (NULL, TRUE);
}

/* Also on the page that comes after signing in, where nothing else can be imported. */
static void
test_database_that_was_set_aside_comes_in (Fixture *f, gconstpointer data)
{
  g_autofree char *path = set_aside (f);

  sign_in (f);
  until_shown (f, "protect");
  g_assert_true (takes_files (f));
  g_assert_true (drop (f, path));
  g_assert_cmpstr (shown_page (f), ==, "main");
  until_imported (f);
  g_assert_cmpstr (ks_step_page_get_title (part (dialog (f), KS_TYPE_KEY_FILE_DIALOG, "imported_page")), ==,
                   "Room Keys Imported");
}

static void
test_other_files_are_looked_at_too (Fixture *f, gconstpointer data)
{
  g_autofree char *path = key_file_save_plain (&f->engine, "keys.txt", "[]");

  sign_in (f);
  until_shown (f, "protect");
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.later", NULL);
  g_assert_true (drop (f, path));
  g_assert_true (KS_IS_KEY_FILE_DIALOG (dialog (f)));
  /* What is in front has a drop target of its own. */
  g_assert_false (drop (f, path));
}

/* Just signed in, nobody knows yet which page comes next. */
static void
test_nothing_is_taken_while_the_window_has_no_page (Fixture *f, gconstpointer data)
{
  hs_fixture_rule (f->engine.server, "{\"path\":\"account_data\",\"delay\":0.7}");
  sign_in (f);
  g_assert_false (takes_files (f));
  until_shown (f, "protect");
  g_assert_true (takes_files (f));
}

#define ADD(name, test) g_test_add ("/window-drop/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("nobody-signed-in-is-told-to-sign-in", test_nobody_signed_in_is_told_to_sign_in);
  ADD ("database-that-was-set-aside-comes-in", test_database_that_was_set_aside_comes_in);
  ADD ("other-files-are-looked-at-too", test_other_files_are_looked_at_too);
  ADD ("nothing-is-taken-while-the-window-has-no-page", test_nothing_is_taken_while_the_window_has_no_page);
  return g_test_run ();
}
