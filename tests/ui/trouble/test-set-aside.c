/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog that imports, given a database that was set aside, or what may be taken for one: with a real
 * account and a real file. That a file is dropped on the window is in test-window-drop.c.
 */

#include "ui/key-file/ks-key-file-dialog.h"

#include "engine/key-file-fixture.h"
#include "engine/recovery/ks-backup-keeper.h"
#include "store/ks-store-error.h"
#include "ui/key-file/ks-import-page.h"
#include "ui/key-file/ks-imported-page.h"
#include "ui/key-file/ks-set-aside-text.h"
#include "ui/ks-error-text.h"
#include "ui/steps/ks-note.h"
#include "ui/trouble/ks-set-aside-notice.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define KEYS 50

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
  engine_add_keys (&f->engine, KEYS, NULL);
  f->window = gtk_window_new ();
  gtk_window_present (GTK_WINDOW (f->window));
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

/* With @path chosen, and looked at. */
static void
open_import (Fixture *f, const char *path)
{
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);

  f->dialog = ks_key_file_dialog_new_import (GTK_WINDOW (f->window), f->engine.profile, uri);
  g_object_add_weak_pointer (G_OBJECT (f->dialog), (gpointer *) &f->dialog);
  gtk_window_present (GTK_WINDOW (f->dialog));
  while (ks_step_page_get_busy (page (f)))
    g_main_context_iteration (NULL, TRUE);
}

/* The profile's database as it is now, as a file that was set aside. */
static char *
set_aside (Fixture *f)
{
  g_autofree char *from = g_build_filename (f->engine.top, "profile", "keepsake.db", NULL);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  char *path;
  gsize size;

  engine_sql (&f->engine, "PRAGMA wal_checkpoint (TRUNCATE)");
  g_file_get_contents (from, &content, &size, &error);
  g_assert_no_error (error);
  path = key_file_save (&f->engine, "no name tells what it is", content, size);
  g_assert_cmpint (g_chmod (path, 0400), ==, 0);
  return path;
}

/* Overwrites @size bytes at its beginning, or cuts it to @length bytes. */
static void
damage (const char *path, gsize size, gsize length)
{
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  gsize whole;

  g_file_get_contents (path, &content, &whole, &error);
  g_assert_no_error (error);
  memset (content, 0, size);
  g_file_set_contents (path, content, (gssize) MIN (whole, length), &error);
  g_assert_no_error (error);
}

static void
assert_counts (Fixture *f, const char *readable, const char *added, const char *here)
{
  g_assert_true (gtk_widget_get_visible (IMPORTED (f, "readable_row")));
  g_assert_cmpstr (gtk_label_get_label (IMPORTED (f, "readable")), ==, readable);
  g_assert_cmpstr (gtk_label_get_label (IMPORTED (f, "added")), ==, added);
  g_assert_cmpstr (gtk_label_get_label (IMPORTED (f, "here")), ==, here);
}

/* What the page that is shown says below its heading. */
static void
assert_says (Fixture *f, const char *part_of_it)
{
  g_autofree char *description = NULL;

  g_object_get (page (f), "description", &description, NULL);
  g_assert_nonnull (strstr (description, part_of_it));
}

/* The file is refused on the form, in these words, and no phrase is asked for if it is one of ours. */
static void
assert_refused (Fixture *f, const char *words)
{
  gpointer note = IMPORT (f, "problem");

  g_assert_true (gtk_widget_get_visible (note));
  g_assert_nonnull (strstr (gtk_label_get_label (part (note, KS_TYPE_NOTE, "label")), words));
}

static void
test_keys_that_are_lost_here_come_in (Fixture *f, gconstpointer data)
{
  g_autofree char *path = set_aside (f);
  struct stat info;

  engine_sql (&f->engine, "DELETE FROM room_keys WHERE id > 20");
  open_import (f, path);
  until_page (f, "imported_page");
  g_assert_cmpstr (ks_step_page_get_title (page (f)), ==, "Room Keys Imported");
  assert_counts (f, "50", "30", "20");
  assert_says (f, "30 room keys came in. They may not be in a backup yet.");
  g_assert_false (gtk_widget_get_visible (IMPORTED (f, "secrets_row")));
  g_assert_false (gtk_widget_get_visible (DIALOG (f, "cancel")));
  g_assert_cmpuint (key_file_count_keys (&f->engine), ==, KEYS);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0400);
}

static void
test_nothing_new_is_said (Fixture *f, gconstpointer data)
{
  g_autofree char *path = set_aside (f);

  open_import (f, path);
  until_page (f, "imported_page");
  g_assert_cmpstr (ks_step_page_get_title (page (f)), ==, "Nothing New in the File");
  assert_counts (f, "50", "0", "50");
}

static void
test_nothing_in_it_is_said (Fixture *f, gconstpointer data)
{
  g_autofree char *path = NULL;

  engine_sql (&f->engine, "DELETE FROM room_keys");
  path = set_aside (f);
  open_import (f, path);
  until_page (f, "imported_page");
  g_assert_cmpstr (ks_step_page_get_title (page (f)), ==, "Nothing Is in the File");
  assert_says (f, "Your history is as it was.");
}

/* Of the account, too; and what came in goes to the backup that is open. */
static void
test_private_keys_come_in_and_all_is_backed_up (Fixture *f, gconstpointer data)
{
  KsBackupKeeper *keeper = ks_backup_keeper_new (f->engine.recovery);
  g_autofree char *path = NULL;
  guint64 pending = KEYS;

  ks_secret_unref (engine_set_up_whole (&f->engine));
  engine_add_keys (&f->engine, KEYS, NULL);
  path = set_aside (f);
  engine_sql (&f->engine, "DELETE FROM secrets WHERE name = 'm.cross_signing.user_signing'");
  engine_sql (&f->engine, "DELETE FROM room_keys");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_LOCKED);
  open_import (f, path);
  until_page (f, "imported_page");
  assert_counts (f, "100", "100", "0");
  g_assert_true (gtk_widget_get_visible (IMPORTED (f, "secrets_row")));
  g_assert_cmpstr (gtk_label_get_label (IMPORTED (f, "secrets")), ==, "1");
  assert_says (f, "Keepsake is adding what your backup lacks.");
  while (pending > 0)
    {
      g_main_context_iteration (NULL, TRUE);
      engine_count (&f->engine, ks_recovery_get_snapshot (f->engine.recovery)->backup_version, &pending,
                    NULL);
    }
  g_object_unref (keeper);
}

/* Its first page holds what an SQLite database is known by. */
static void
test_file_without_its_first_page_comes_in (Fixture *f, gconstpointer data)
{
  g_autofree char *path = set_aside (f);

  damage (path, 4096, G_MAXSIZE);
  engine_sql (&f->engine, "DELETE FROM room_keys");
  open_import (f, path);
  until_page (f, "imported_page");
  assert_counts (f, "50", "50", "0");
}

static void
test_other_key_is_said (Fixture *f, gconstpointer data)
{
  g_autofree char *path = set_aside (f);

  engine_reinstall (&f->engine);
  open_import (f, path);
  until_page (f, "working_page");
  until_page (f, "import_page");
  assert_refused (f, "locked with a key that isn't on this computer");
  g_assert_false (gtk_widget_get_visible (IMPORT (f, "phrase_list")));
  g_assert_true (ks_step_page_get_complete (page (f)));
  g_assert_cmpuint (key_file_count_keys (&f->engine), ==, 0);
}

static void
test_other_account_is_said (Fixture *f, gconstpointer data)
{
  g_autofree char *path = NULL;

  engine_sql (&f->engine, "DELETE FROM accounts");
  path = set_aside (f);
  open_import (f, path);
  until_page (f, "working_page");
  until_page (f, "import_page");
  assert_refused (f, "holds nothing of your account");
}

/* A header and nothing behind it: known as ours, and of no use. */
static void
test_file_that_is_cut_short_is_said (Fixture *f, gconstpointer data)
{
  g_autofree char *path = set_aside (f);

  damage (path, 0, 100);
  open_import (f, path);
  until_page (f, "working_page");
  until_page (f, "import_page");
  assert_refused (f, "so damaged that nothing in it can be read");
  g_assert_cmpuint (key_file_count_keys (&f->engine), ==, KEYS);
}

/* All of these are known before anything is opened, and none makes the window wait. */
static void
test_what_is_none_is_said (Fixture *f, gconstpointer data)
{
  static const guint8 foreign[4096] = "SQLite format 3";
  g_autofree char *directory = key_file_directory (&f->engine);
  g_autofree char *missing = key_file_path (&f->engine, "missing");
  g_autofree char *empty = key_file_save (&f->engine, "empty", "", 0);
  g_autofree char *magic = key_file_save (&f->engine, "magic", foreign, 16);
  g_autofree char *other = key_file_save (&f->engine, "places.sqlite", foreign, sizeof foreign);
  g_autofree char *zeros = key_file_save (&f->engine, "zeros", foreign + 16, 4000);
  g_autofree char *fifo = key_file_path (&f->engine, "fifo");
  const struct
  {
    const char *path;
    const char *words;
  } files[] = {
    { directory, "This is not a file." },   { missing, "isn't there any more" },
    { empty, "The file is empty." },        { magic, "This is not a file of room keys." },
    { other, "a database of another app" }, { zeros, "This is not a file of room keys." },
    { fifo, "This is not a file." },
  };

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      open_import (f, files[i].path);
      g_assert_true ((gpointer) page (f) == DIALOG (f, "import_page"));
      assert_refused (f, files[i].words);
      g_assert_false (ks_step_page_get_complete (page (f)));
      g_assert_true (gtk_widget_get_visible (IMPORT (f, "phrase_list")));
      close_dialog (f);
    }
}

static void
vanish (gpointer path)
{
  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
test_file_that_goes_away_meanwhile_is_said (Fixture *f, gconstpointer data)
{
  g_autofree char *path = set_aside (f);

  engine_at_step ("copy", 1, vanish, path);
  open_import (f, path);
  until_page (f, "working_page");
  until_page (f, "import_page");
  assert_refused (f, "isn't there any more");
}

/* The form comes back at once, and the next try has nothing to do with the one before. */
static void
test_cancelled_it_can_be_tried_again (Fixture *f, gconstpointer data)
{
  g_autofree char *path = set_aside (f);

  engine_sql (&f->engine, "DELETE FROM room_keys");
  open_import (f, path);
  until_page (f, "working_page");
  gtk_widget_activate_action (GTK_WIDGET (f->dialog), "key-file.cancel", NULL);
  g_assert_true ((gpointer) page (f) == DIALOG (f, "import_page"));
  g_assert_false (gtk_widget_get_visible (IMPORT (f, "problem")));
  ks_step_page_forward (page (f));
  until_page (f, "working_page");
  until_page (f, "imported_page");
  assert_counts (f, "50", "50", "0");
}

static void
test_closed_in_the_middle_it_ends (Fixture *f, gconstpointer data)
{
  g_autofree char *path = set_aside (f);

  engine_sql (&f->engine, "DELETE FROM room_keys");
  open_import (f, path);
  until_page (f, "working_page");
  close_dialog (f);
  g_assert_cmpuint (key_file_count_keys (&f->engine), ==, 0);
}

static void
test_every_outcome_has_words (void)
{
  for (int i = 0; i < KS_KEY_N_REASONS; i++)
    g_assert_cmpuint (strlen (ks_set_aside_text_advice ((KsKeyReason) i)), >, 5);
  for (int bits = 0; bits < 16; bits++)
    {
      g_autoptr (KsKeyReport) report = ks_key_report_new ();
      guint secrets = (bits & 8) != 0;
      g_autofree char *sentence = NULL;

      report->added = (bits & 1) != 0;
      report->here = (bits & 2) != 0;
      report->failed[KS_KEY_CONFLICT] = (bits & 4) != 0;
      report->total = report->added + report->here + report->failed[KS_KEY_CONFLICT];
      sentence = ks_set_aside_text_sentence (report, secrets, FALSE);
      g_assert_true (g_str_has_suffix (sentence, "."));
      g_assert_cmpint (strstr (sentence, "came in") != NULL, ==, report->added > 0);
      g_assert_cmpint (g_str_equal (ks_set_aside_text_title (report, secrets), "Nothing Is in the File"), ==,
                       bits == 0);
    }
}

/* None of them speaks of the data that is here. */
static void
test_every_store_error_has_words (void)
{
  for (int code = KS_STORE_ERROR_FAILED; code <= KS_STORE_ERROR_NOT_FOUND; code++)
    {
      g_autoptr (GError) error = g_error_new (KS_STORE_ERROR, code, "for the log");
      g_autofree char *text = ks_error_text_set_aside (error);

      g_assert_true (g_str_has_suffix (text, "."));
      g_assert_null (strstr (text, "for the log"));
      if (code != KS_STORE_ERROR_FULL && code != KS_STORE_ERROR_HELD && code != KS_STORE_ERROR_LOCKED)
        g_assert_nonnull (strstr (text, "file"));
    }
}

/* By its name, which is all that a person has to find there. */
static void
test_notice_names_the_file (void)
{
  for (gboolean started_over = FALSE; started_over <= TRUE; started_over++)
    {
      g_autofree char *text = ks_set_aside_notice ("/nowhere/keepsake-set-aside-1.db", started_over);

      g_assert_nonnull (strstr (text, "choose keepsake-set-aside-1.db under"));
      g_assert_cmpint (strstr (text, "damaged") != NULL, ==, !started_over);
    }
}

#define ADD(name, test) g_test_add ("/set-aside/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/set-aside/every-outcome-has-words", test_every_outcome_has_words);
  g_test_add_func ("/set-aside/every-store-error-has-words", test_every_store_error_has_words);
  g_test_add_func ("/set-aside/notice-names-the-file", test_notice_names_the_file);
  ADD ("keys-that-are-lost-here-come-in", test_keys_that_are_lost_here_come_in);
  ADD ("nothing-new-is-said", test_nothing_new_is_said);
  ADD ("nothing-in-it-is-said", test_nothing_in_it_is_said);
  ADD ("private-keys-come-in-and-all-is-backed-up", test_private_keys_come_in_and_all_is_backed_up);
  ADD ("file-without-its-first-page-comes-in", test_file_without_its_first_page_comes_in);
  ADD ("other-key-is-said", test_other_key_is_said);
  ADD ("other-account-is-said", test_other_account_is_said);
  ADD ("file-that-is-cut-short-is-said", test_file_that_is_cut_short_is_said);
  ADD ("what-is-none-is-said", test_what_is_none_is_said);
  ADD ("file-that-goes-away-meanwhile-is-said", test_file_that_goes_away_meanwhile_is_said);
  ADD ("cancelled-it-can-be-tried-again", test_cancelled_it_can_be_tried_again);
  ADD ("closed-in-the-middle-it-ends", test_closed_in_the_middle_it_ends);
  return g_test_run ();
}
