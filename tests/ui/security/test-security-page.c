/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rows of "Security & Privacy" in each state of a real account, in a window of a
 * screen of its own with a keyring of its own.
 */

#include "ui/security/ks-security-page.h"

#include "crypto/ks-recovery-key.h"
#include "engine/account/ks-account-life.h"
#include "engine/engine-fixture.h"
#include "ui/security/ks-cross-signing-group.h"
#include "ui/security/ks-cryptography-group.h"
#include "ui/security/ks-key-row.h"
#include "ui/security/ks-show-key-dialog.h"
#include "ui/steps/ks-key-card.h"

#include <string.h>

typedef struct
{
  EngineFixture engine;
  GtkWidget *window;
  KsSecurityPage *page;
  guint looks;
} Fixture;

static void
on_looked (Fixture *f)
{
  f->looks++;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  engine_set_up (&f->engine, data);
  f->window = gtk_window_new ();
  f->page = g_object_ref_sink (g_object_new (KS_TYPE_SECURITY_PAGE, NULL));
  gtk_window_set_child (GTK_WINDOW (f->window), GTK_WIDGET (f->page));
  gtk_window_present (GTK_WINDOW (f->window));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ks_security_page_set_account (f->page, NULL, NULL);
  gtk_window_destroy (GTK_WINDOW (f->window));
  g_object_unref (f->page);
  engine_tear_down (&f->engine, data);
}

/* Shows the account, anew, until all that is said of it is there. */
static void
look (Fixture *f)
{
  guint before = f->looks;
  KsAccount *account = ks_profile_get_account (f->engine.profile);

  ks_account_start (account);
  g_signal_handlers_disconnect_by_data (ks_account_get_life (account), f);
  g_signal_connect_swapped (ks_account_get_life (account), "looked", G_CALLBACK (on_looked), f);
  ks_security_page_set_account (f->page, f->engine.profile, account);
  ks_security_page_refresh (f->page);
  while (f->looks == before)
    g_main_context_iteration (NULL, TRUE);
}

static GtkWidget *
part (gpointer widget, GType type, const char *name)
{
  GObject *child = gtk_widget_get_template_child (widget, type, name);

  g_assert_nonnull (child);
  return GTK_WIDGET (child);
}

#define PAGE(f, name) part ((f)->page, KS_TYPE_SECURITY_PAGE, name)

static const char *
subtitle (gpointer row)
{
  return adw_action_row_get_subtitle (ADW_ACTION_ROW (row));
}

static const char *
label (gpointer widget)
{
  return gtk_label_get_text (GTK_LABEL (widget));
}

static void
assert_cell (Fixture *f, int column, int row, const char *name)
{
  GtkWidget *keys = part (PAGE (f, "cross_signing"), KS_TYPE_CROSS_SIGNING_GROUP, "keys");
  GtkWidget *cell = gtk_grid_get_child_at (GTK_GRID (keys), column, row);

  g_assert_cmpstr (gtk_widget_get_tooltip_text (cell), ==, name);
  g_assert_null (
      gtk_test_accessible_check_property (GTK_ACCESSIBLE (cell), GTK_ACCESSIBLE_PROPERTY_LABEL, name));
}

static const char *
session_word (Fixture *f)
{
  return label (part (PAGE (f, "cross_signing"), KS_TYPE_CROSS_SIGNING_GROUP, "session_label"));
}

/* Waits for @widget to be seen, as @visible says. */
static void
until_visible (GtkWidget *widget, gboolean visible)
{
  while (gtk_widget_get_visible (widget) != visible)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_not_set_up_shows_nothing_of_a_key (Fixture *f, gconstpointer data)
{
  GtkWidget *cryptography = PAGE (f, "cryptography");

  look (f);
  g_assert_true (gtk_widget_get_visible (PAGE (f, "set_up_button")));
  g_assert_true (gtk_widget_get_visible (PAGE (f, "state_row")));
  g_assert_false (gtk_widget_get_visible (PAGE (f, "quiet_row")));
  g_assert_false (gtk_widget_get_visible (PAGE (f, "key_row")));
  g_assert_false (gtk_widget_get_visible (PAGE (f, "parts_row")));
  g_assert_cmpstr (session_word (f), ==, "Not Set Up");
  g_assert_false (
      gtk_widget_get_visible (part (PAGE (f, "cross_signing"), KS_TYPE_CROSS_SIGNING_GROUP, "keys_row")));
  g_assert_cmpstr (subtitle (part (cryptography, KS_TYPE_CRYPTOGRAPHY_GROUP, "session_id_row")), ==,
                   f->engine.device_id);
}

/* Without a word or a click: the page says so for as long as it takes, and then is quiet again. */
static void
test_keys_that_come_later_are_backed_up (Fixture *f, gconstpointer data)
{
  engine_add_keys (&f->engine, 5, NULL);
  ks_secret_unref (engine_set_up_whole (&f->engine));
  look (f);
  engine_add_keys (&f->engine, 3, NULL);
  ks_security_page_refresh (f->page);
  until_visible (PAGE (f, "quiet_row"), FALSE);
  until_visible (PAGE (f, "quiet_row"), TRUE);
  g_assert_cmpstr (label (PAGE (f, "quiet_text")), ==, "On. 8 room keys are backed up.");
}

/* What this session has made and filled is one quiet row; an empty one is not. */
static void
test_ready_is_quiet_once_it_is_filled (Fixture *f, gconstpointer data)
{
  GtkWidget *key_row = PAGE (f, "key_row");
  GtkWidget *session_key;

  engine_add_keys (&f->engine, 5, NULL);
  ks_secret_unref (engine_set_up_whole (&f->engine));
  look (f);
  g_assert_true (gtk_widget_get_visible (PAGE (f, "quiet_row")));
  g_assert_false (gtk_widget_get_visible (PAGE (f, "state_row")));
  g_assert_cmpstr (label (PAGE (f, "quiet_text")), ==, "On. 5 room keys are backed up.");
  /* There is no version before the first. */
  g_assert_false (gtk_widget_get_visible (PAGE (f, "other_key_row")));
  g_assert_false (gtk_widget_get_visible (PAGE (f, "set_up_button")));
  g_assert_false (gtk_widget_get_visible (PAGE (f, "parts_row")));
  g_assert_false (gtk_widget_get_visible (PAGE (f, "backup_row")));
  g_assert_false (gtk_widget_get_visible (PAGE (f, "unlock_button")));
  g_assert_true (gtk_widget_get_visible (PAGE (f, "restore_row")));
  g_assert_cmpstr (session_word (f), ==, "Verified");
  assert_cell (f, 1, 1, "Master key: on the server");
  assert_cell (f, 2, 2, "Self-signing key: in secret storage");
  assert_cell (f, 3, 3, "User-signing key: here");
  session_key = part (PAGE (f, "cryptography"), KS_TYPE_CRYPTOGRAPHY_GROUP, "session_key_row");
  g_assert_true (gtk_widget_get_visible (session_key));
  g_assert_cmpuint (strlen (subtitle (session_key)), ==, 43 + 10);

  /* The keyring is there and has nothing: only what the person did is told. */
  until_visible (key_row, TRUE);
  g_assert_cmpstr (subtitle (key_row), ==, "Saved to key.txt");
  g_assert_false (gtk_widget_get_visible (part (key_row, KS_TYPE_KEY_ROW, "buttons")));
}

/* Of the buttons that lead on there is one, and it is @name; NULL: whichever. */
static void
assert_button (Fixture *f, const char *name)
{
  static const char *const names[] = { "set_up_button", "unlock_button", "repair_button", "retry_button" };
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gboolean visible = gtk_widget_get_visible (PAGE (f, names[i]));

      n += visible ? 1 : 0;
      g_assert_true (!visible || name == NULL || g_str_equal (name, names[i]));
    }
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpstr (label (PAGE (f, "state_text")), !=, "");
}

/* As another app's set-up is found by a session that knows nothing of it. */
static void
test_set_up_of_another_app_is_described (Fixture *f, gconstpointer data)
{
  ks_secret_unref (engine_set_up_whole (&f->engine));
  engine_sql (&f->engine, "DELETE FROM secrets; DELETE FROM recovery");
  engine_restart (&f->engine);
  look (f);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_LOCKED);
  assert_button (f, "unlock_button");
  g_assert_false (gtk_widget_get_visible (PAGE (f, "restore_row")));
  g_assert_cmpstr (subtitle (PAGE (f, "parts_row")), ==,
                   "Secret storage with a Security Key, Cross-signing, Key backup");
  g_assert_false (gtk_widget_get_visible (PAGE (f, "missing_row")));
  g_assert_cmpstr (subtitle (PAGE (f, "backup_row")), ==,
                   "Version 1, signed by your account's identity as the homeserver shows it");
  g_assert_cmpstr (session_word (f), ==, "Not Verified");
  assert_cell (f, 1, 1, "Master key: on the server");
  assert_cell (f, 3, 1, "Master key: not here");
  until_visible (PAGE (f, "key_row"), TRUE);
  g_assert_cmpstr (subtitle (PAGE (f, "key_row")), ==, "Only where you saved it");

  hs_fixture_rule (f->engine.server, "{\"path\":\"room_keys/version$\",\"times\":0,\"action\":\"answer\","
                                     "\"status\":404,\"body\":\"{\\\"errcode\\\":\\\"M_NOT_FOUND\\\"}\"}");
  look (f);
  g_assert_cmpint (ks_recovery_get_state (f->engine.recovery), ==, KS_RECOVERY_INCOMPLETE);
  g_assert_cmpstr (subtitle (PAGE (f, "missing_row")), ==, "Key backup");
  g_assert_false (gtk_widget_get_visible (PAGE (f, "backup_row")));
  /* What is there can be opened all the same. */
  assert_button (f, "unlock_button");
  g_assert_cmpstr (label (PAGE (f, "state_title")), ==, "Secure Backup Is Incomplete");
}

static void
empty (Fixture *f, const char *type)
{
  g_autofree char *path = g_strconcat (ENGINE_DATA, type, NULL);

  engine_write (&f->engine, path, "{}");
}

/* The page lets go of the account first. */
static void
restart (Fixture *f)
{
  ks_security_page_set_account (f->page, NULL, NULL);
  engine_restart (&f->engine);
}

static void
test_what_can_be_repaired_is_offered (Fixture *f, gconstpointer data)
{
  engine_add_keys (&f->engine, 5, NULL);
  ks_secret_unref (engine_set_up_whole (&f->engine));
  empty (f, "m.cross_signing.user_signing");
  look (f);
  assert_button (f, "repair_button");
  g_assert_cmpstr (label (PAGE (f, "repair_label")), ==, "Repair…");
  g_assert_true (g_str_has_prefix (label (PAGE (f, "state_text")), "Some of your keys are not in it"));
  engine_sql (&f->engine, "DELETE FROM secrets WHERE name = 'm.cross_signing.user_signing'");
  restart (f);
  look (f);
  assert_button (f, "repair_button");
  g_assert_cmpstr (label (PAGE (f, "repair_label")), ==, "See What Helps…");
  g_assert_nonnull (strstr (label (PAGE (f, "state_text")), "export your room keys"));
}

/* Whatever is missing, and whatever is here of it. */
static void
test_no_account_is_without_a_button (Fixture *f, gconstpointer data)
{
  static const char *const types[] = { "m.secret_storage.default_key", "m.cross_signing.master",
                                       "m.cross_signing.self_signing", "m.cross_signing.user_signing",
                                       "m.megolm_backup.v1" };

  ks_secret_unref (engine_set_up_whole (&f->engine));
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      empty (f, types[i]);
      look (f);
      g_test_message ("without %s", types[i]);
      assert_button (f, NULL);
    }
  g_free (
      hs_fixture_request (f->engine.server, "DELETE", ENGINE_BACKUP "/1", f->engine.observer, NULL, NULL));
  look (f);
  assert_button (f, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *sql = g_strdup_printf ("DELETE FROM secrets WHERE name = '%s'", types[i]);

      engine_sql (&f->engine, sql);
      restart (f);
      look (f);
      g_test_message ("and without %s here", types[i]);
      assert_button (f, NULL);
    }
  ks_security_page_set_account (f->page, NULL, NULL);
  engine_reinstall (&f->engine);
  look (f);
  assert_button (f, NULL);
}

/* Without the server, what was seen last stays, and what failed is said. */
static void
test_offline_keeps_the_rows (Fixture *f, gconstpointer data)
{
  ks_secret_unref (engine_set_up_whole (&f->engine));
  look (f);
  hs_fixture_rule (f->engine.server, "{\"times\":0,\"action\":\"cut\"}");
  look (f);
  g_assert_cmpstr (label (PAGE (f, "state_title")), ==, "Homeserver Can't Be Reached");
  g_assert_true (gtk_widget_get_visible (PAGE (f, "retry_button")));
  g_assert_cmpstr (session_word (f), ==, "Verified");
  until_visible (PAGE (f, "key_row"), TRUE);
}

/* The keyring of the screen. */

static void
keep (Fixture *f, const KsSecret *key)
{
  char text[KS_RECOVERY_KEY_LENGTH + 1];
  g_autoptr (KsSecret) secret = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  KsKeyring *keyring = ks_profile_get_keyring (f->engine.profile);

  g_assert_true (ks_recovery_key_format (key, text));
  secret = ks_secret_new_copy (text, KS_RECOVERY_KEY_LENGTH);
  ks_keyring_store_async (keyring, KS_KEYRING_SECURITY_KEY, ENGINE_USER, f->engine.device_id, secret, FALSE,
                          NULL, engine_done, &result);
  ks_keyring_store_finish (keyring, engine_wait (&result), &error);
  g_assert_no_error (error);
}

/* The first button of the row is "Show". */
static GtkWindow *
show_key (Fixture *f)
{
  GtkWidget *buttons = part (PAGE (f, "key_row"), KS_TYPE_KEY_ROW, "buttons");
  GListModel *windows = gtk_window_get_toplevels ();
  guint before = g_list_model_get_n_items (windows);

  until_visible (buttons, TRUE);
  g_signal_emit_by_name (gtk_widget_get_first_child (buttons), "clicked");
  while (g_list_model_get_n_items (windows) == before)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (KS_IS_SHOW_KEY_DIALOG (window))
        return window;
    }
  g_assert_not_reached ();
}

static GtkWidget *
shown_key (GtkWindow *dialog)
{
  return gtk_widget_get_first_child (part (dialog, KS_TYPE_SHOW_KEY_DIALOG, "card"));
}

static void
test_kept_key_is_shown_when_asked_for_and_gone_when_closed (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) key = engine_set_up_whole (&f->engine);
  g_autoptr (GtkWidget) shown = NULL;
  char text[KS_RECOVERY_KEY_LENGTH + 1];
  GtkWindow *dialog;

  keep (f, key);
  look (f);
  dialog = show_key (f);
  g_assert_cmpstr (subtitle (PAGE (f, "key_row")), ==, "Kept in the desktop keyring, and saved to key.txt");
  g_assert_true (ks_recovery_key_format (key, text));
  shown = g_object_ref (shown_key (dialog));
  g_assert_cmpstr (label (shown), ==, text);
  g_assert_false (gtk_widget_get_visible (part (dialog, KS_TYPE_SHOW_KEY_DIALOG, "note")));
  gtk_window_destroy (dialog);
  g_assert_cmpstr (label (shown), ==, "");
}

/* An older key is not thrown away, and not passed off as the one that opens the backup. */
static void
test_key_that_does_not_fit_is_shown_as_such (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (KS_RECOVERY_KEY_SIZE);
  GtkWindow *dialog;

  ks_secret_unref (engine_set_up_whole (&f->engine));
  keep (f, other);
  look (f);
  dialog = show_key (f);
  g_assert_true (gtk_widget_get_visible (part (dialog, KS_TYPE_SHOW_KEY_DIALOG, "note")));
  gtk_window_destroy (dialog);
}

/* Four groups to a line wherever there is room for four, whatever the language. */
static void
test_key_card_is_four_groups_wide (void)
{
  static const char *const languages[] = { "en", "zh-cn", "ar" };
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_RECOVERY_KEY_SIZE);

  for (guint i = 0; i < G_N_ELEMENTS (languages); i++)
    {
      GtkWidget *card = g_object_ref_sink (g_object_new (KS_TYPE_KEY_CARD, NULL));
      GtkWidget *text = gtk_widget_get_first_child (card);
      PangoLayout *layout;
      int natural;
      int height;

      pango_context_set_language (gtk_widget_get_pango_context (text),
                                  pango_language_from_string (languages[i]));
      ks_key_card_set_key (KS_KEY_CARD (card), key);
      gtk_widget_measure (card, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
      gtk_widget_measure (card, GTK_ORIENTATION_VERTICAL, natural, &height, NULL, NULL, NULL);
      gtk_widget_size_allocate (card, &(GtkAllocation){ .width = natural, .height = height }, -1);
      layout = gtk_label_get_layout (GTK_LABEL (text));
      g_assert_cmpint (pango_layout_get_line_count (layout), ==, 3);
      for (int line = 0; line < 3; line++)
        g_assert_cmpint (pango_layout_get_line_readonly (layout, line)->length, ==, line < 2 ? 20 : 19);

      /* And three where there is not. */
      gtk_widget_measure (card, GTK_ORIENTATION_VERTICAL, natural * 8 / 10, &height, NULL, NULL, NULL);
      gtk_widget_size_allocate (card, &(GtkAllocation){ .width = natural * 8 / 10, .height = height }, -1);
      g_assert_cmpint (pango_layout_get_line_count (gtk_label_get_layout (GTK_LABEL (text))), ==, 4);
      g_object_unref (card);
    }
}

/* As AdwApplication does: without it the key's font is another. */
static void
load_style (void)
{
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (provider, "/io/github/keepsake/Keepsake/style.css");
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

#define ADD(name, test) g_test_add ("/security-page/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  load_style ();
  g_test_add_func ("/security-page/key-card", test_key_card_is_four_groups_wide);
  ADD ("later", test_keys_that_come_later_are_backed_up);
  ADD ("not-set-up", test_not_set_up_shows_nothing_of_a_key);
  ADD ("ready", test_ready_is_quiet_once_it_is_filled);
  ADD ("of-another-app", test_set_up_of_another_app_is_described);
  ADD ("repair", test_what_can_be_repaired_is_offered);
  ADD ("button", test_no_account_is_without_a_button);
  ADD ("offline", test_offline_keeps_the_rows);
  ADD ("kept-key", test_kept_key_is_shown_when_asked_for_and_gone_when_closed);
  ADD ("other-key", test_key_that_does_not_fit_is_shown_as_such);
  return g_test_run ();
}
