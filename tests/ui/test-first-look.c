/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the window shows after signing in: "Protect Your Messages" where there is no
 * Secure Backup, and no page that goes away again.
 */

#include "ui/ks-window.h"

#include "engine/account/ks-sign-in.h"
#include "engine/engine-fixture.h"
#include "ui/main/ks-main-view.h"
#include "ui/restore/ks-restore-dialog.h"
#include "ui/set-up/ks-set-up-dialog.h"
#include "ui/welcome/ks-protect-page.h"

#include <string.h>

typedef struct
{
  EngineFixture engine; /* its profile is another session of the same account */
  KsProfile *profile;   /* owned */
  KsWindow *window;
  GString *shown; /* owned: the pages, in the order in which they came */
} Fixture;

static GtkStack *
stack (Fixture *f, const char *name)
{
  return GTK_STACK (gtk_widget_get_template_child (GTK_WIDGET (f->window), KS_TYPE_WINDOW, name));
}

static GtkWidget *
main_view (Fixture *f)
{
  return GTK_WIDGET (gtk_widget_get_template_child (GTK_WIDGET (f->window), KS_TYPE_WINDOW, "main_view"));
}

/* The page beside the sidebar. */
static const char *
open_page (Fixture *f)
{
  return gtk_stack_get_visible_child_name (
      GTK_STACK (gtk_widget_get_template_child (main_view (f), KS_TYPE_MAIN_VIEW, "pages")));
}

static const char *
shown_page (Fixture *f)
{
  const char *stage = gtk_stack_get_visible_child_name (stack (f, "stage"));

  return g_str_equal (stage, "plain") ? gtk_stack_get_visible_child_name (stack (f, "plain_pages")) : stage;
}

static void
on_page_changed (Fixture *f)
{
  const char *page = shown_page (f);

  if (!g_str_has_suffix (f->shown->str, page))
    g_string_append_printf (f->shown, " %s", page);
}

static void
until_shown (Fixture *f, const char *page)
{
  while (!g_str_equal (shown_page (f), page))
    g_main_context_iteration (NULL, TRUE);
}

static void
open_window (Fixture *f)
{
  g_autofree char *directory = g_build_filename (f->engine.top, "window", NULL);
  g_autofree char *key_file = g_build_filename (f->engine.top, "window-key", NULL);

  f->profile = ks_profile_new (directory, key_file);
  f->window = ks_window_new (NULL, f->profile);
  f->shown = g_string_new (NULL);
  g_signal_connect_swapped (stack (f, "stage"), "notify::visible-child", G_CALLBACK (on_page_changed), f);
  g_signal_connect_swapped (stack (f, "plain_pages"), "notify::visible-child", G_CALLBACK (on_page_changed),
                            f);
  gtk_window_present (GTK_WINDOW (f->window));
}

static void
close_window (Fixture *f)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  g_clear_object (&f->profile);
  g_string_free (f->shown, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  engine_set_up (&f->engine, data);
  open_window (f);
  until_shown (f, "welcome");
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.sign-in", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  close_window (f);
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

/* Slow enough for anything that comes too early to be seen. */
static void
be_slow (Fixture *f)
{
  hs_fixture_rule (f->engine.server, "{\"path\":\"account_data\",\"delay\":0.7}");
}

static void
test_not_set_up_is_offered_at_once (Fixture *f, gconstpointer data)
{
  be_slow (f);
  sign_in (f);
  g_assert_cmpstr (shown_page (f), ==, "sign-in");
  until_shown (f, "protect");
  g_assert_true (g_str_has_suffix (f->shown->str, " sign-in protect"));
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.later", NULL);
  g_assert_cmpstr (shown_page (f), ==, "main");

  /* Not at later starts. */
  close_window (f);
  open_window (f);
  until_shown (f, "main");
  g_assert_null (strstr (f->shown->str, "protect"));
}

/* The one dialog of @type that is open; it is closed. FALSE: there is none. */
static gboolean
close_one (GType type)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (!G_TYPE_CHECK_INSTANCE_TYPE (window, type))
        continue;
      gtk_window_destroy (window);
      return TRUE;
    }
  return FALSE;
}

/* Nothing of the account can be reached from the page but what it offers. */
static void
test_set_up_leads_to_security (Fixture *f, gconstpointer data)
{
  sign_in (f);
  until_shown (f, "protect");
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.back", NULL);
  g_assert_cmpstr (shown_page (f), ==, "protect");
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.set-up", NULL);
  g_assert_cmpstr (shown_page (f), ==, "main");
  g_assert_cmpstr (open_page (f), ==, "security");
  g_assert_true (close_one (KS_TYPE_SET_UP_DIALOG));
  g_assert_cmpstr (shown_page (f), ==, "main");
}

static GtkWidget *
set_up_button (Fixture *f)
{
  GObject *page = gtk_widget_get_template_child (GTK_WIDGET (f->window), KS_TYPE_WINDOW, "protect_page");

  return GTK_WIDGET (
      gtk_widget_get_template_child (GTK_WIDGET (page), KS_TYPE_PROTECT_PAGE, "set_up_button"));
}

/* Return is enough; and on the pages that come after it means nothing of the kind. */
static void
test_set_up_has_the_focus_and_is_the_default (Fixture *f, gconstpointer data)
{
  sign_in (f);
  until_shown (f, "protect");
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (f->window)) == set_up_button (f));
  while (!gtk_widget_get_mapped (set_up_button (f)))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (gtk_window_get_default_widget (GTK_WINDOW (f->window)) == set_up_button (f));
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.later", NULL);
  while (gtk_widget_get_mapped (set_up_button (f)))
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (gtk_window_get_default_widget (GTK_WINDOW (f->window)));
}

static GtkWidget *
banner (Fixture *f)
{
  return GTK_WIDGET (gtk_widget_get_template_child (main_view (f), KS_TYPE_MAIN_VIEW, "banner"));
}

/* What is there is not offered to be set up, but to be opened: at once, and for as long as it
 * is locked. */
static void
test_what_is_set_up_is_to_be_verified (Fixture *f, gconstpointer data)
{
  ks_secret_unref (engine_set_up_whole (&f->engine));
  be_slow (f);
  sign_in (f);
  until_shown (f, "verify");
  g_assert_true (g_str_has_suffix (f->shown->str, " sign-in verify"));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (f->window), "win.later", NULL));
  g_assert_cmpstr (shown_page (f), ==, "main");
  g_assert_true (gtk_revealer_get_reveal_child (GTK_REVEALER (banner (f))));

  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.verify", NULL);
  g_assert_cmpstr (shown_page (f), ==, "verify");
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.restore", NULL);
  g_assert_cmpstr (shown_page (f), ==, "main");
  g_assert_cmpstr (open_page (f), ==, "security");
  g_assert_true (close_one (KS_TYPE_RESTORE_DIALOG));
}

/* "Not set up" is nothing that a failure says. */
static void
test_look_that_fails_leads_to_the_window (Fixture *f, gconstpointer data)
{
  hs_fixture_rule (f->engine.server, "{\"path\":\"account_data\",\"times\":0,\"action\":\"answer\","
                                     "\"kind\":\"html\"}");
  sign_in (f);
  until_shown (f, "main");
  g_assert_null (strstr (f->shown->str, "protect"));
}

/* Nobody waits for a server that does not answer. */
static void
test_silence_leads_to_the_window (Fixture *f, gconstpointer data)
{
  hs_fixture_rule (f->engine.server, "{\"path\":\"account_data\",\"times\":0,\"action\":\"hold\"}");
  sign_in (f);
  until_shown (f, "main");
  g_assert_null (strstr (f->shown->str, "protect"));
  engine_no_rules (&f->engine);
}

#define ADD(name, test) g_test_add ("/first-look/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("not-set-up", test_not_set_up_is_offered_at_once);
  ADD ("set-up-from-it", test_set_up_leads_to_security);
  ADD ("protect-by-keyboard", test_set_up_has_the_focus_and_is_the_default);
  ADD ("set-up-before", test_what_is_set_up_is_to_be_verified);
  ADD ("failure", test_look_that_fails_leads_to_the_window);
  ADD ("silence", test_silence_leads_to_the_window);
  return g_test_run ();
}
