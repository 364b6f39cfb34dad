/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-key-text-file.h"

#include "crypto/ks-recovery-key.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *directory; /* owned */
  char *path;      /* owned: in it; not there at first */
  KsSecret *key;   /* owned: 32 bytes of 0x2a */
  char text[KS_RECOVERY_KEY_LENGTH + 2];
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  guint8 bytes[KS_RECOVERY_KEY_SIZE];

  memset (bytes, 0x2a, sizeof bytes);
  f->directory = g_dir_make_tmp ("keepsake-key-file.XXXXXX", NULL);
  f->path = g_build_filename (f->directory, "key.txt", NULL);
  f->key = ks_secret_new_copy (bytes, sizeof bytes);
  g_assert_true (ks_recovery_key_format (f->key, f->text));
  f->text[KS_RECOVERY_KEY_LENGTH] = '\n';
}

static void
remove_tree (const char *path)
{
  const char *argv[] = { "rm", "-rf", path, NULL };

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  remove_tree (f->directory);
  g_free (f->directory);
  g_free (f->path);
  ks_secret_unref (f->key);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static KsSecret *
save (const char *path, KsSecret *key, KsKeyTextFileFlags flags, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (path);
  g_autoptr (GAsyncResult) result = NULL;

  ks_key_text_file_save_async (file, key, flags, NULL, on_done, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return ks_key_text_file_save_finish (result, error);
}

static KsSecret *
load (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (path);
  g_autoptr (GAsyncResult) result = NULL;

  ks_key_text_file_load_async (file, NULL, on_done, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return ks_key_text_file_load_finish (result, error);
}

static void
assert_saved (Fixture *f, const char *path, KsKeyTextFileFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) saved = save (path, f->key, flags, &error);

  g_assert_no_error (error);
  g_assert_true (ks_secret_equal (saved, f->key));
}

static void
assert_refused (Fixture *f, const char *path, KsKeyTextFileFlags flags, KsKeyTextFileError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) saved = save (path, f->key, flags, &error);

  g_assert_error (error, KS_KEY_TEXT_FILE_ERROR, (int) code);
  g_assert_null (saved);
  g_assert_null (strstr (error->message, "Es"));
}

static void
assert_holds (const char *path, const char *text)
{
  g_autofree char *contents = NULL;
  gsize size = 0;

  g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
  g_assert_cmpmem (contents, size, text, strlen (text));
}

static guint
count_files (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* What Element takes: at most 128 bytes of base58 and white space. */
static void
test_one_line_for_its_owner (Fixture *f, gconstpointer data)
{
  const mode_t umasks[] = { 0, 022, 0777 };

  for (gsize i = 0; i < G_N_ELEMENTS (umasks); i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%zu", f->directory, i);
      mode_t before = umask (umasks[i]);
      struct stat info;

      assert_saved (f, path, KS_KEY_TEXT_FILE_KEEP);
      umask (before);
      assert_holds (path, f->text);
      g_assert_cmpint (stat (path, &info), ==, 0);
      g_assert_cmpint (info.st_mode & 07777, ==, 0600);
      g_assert_cmpint (info.st_size, ==, 60);
    }
  g_assert_cmpuint (count_files (f->directory), ==, G_N_ELEMENTS (umasks));
}

static void
test_what_holds_something_else_is_kept (Fixture *f, gconstpointer data)
{
  g_assert_true (g_file_set_contents (f->path, "my only diary", -1, NULL));
  assert_refused (f, f->path, KS_KEY_TEXT_FILE_KEEP, KS_KEY_TEXT_FILE_ERROR_EXISTS);
  assert_holds (f->path, "my only diary");
  g_assert_cmpuint (count_files (f->directory), ==, 1);
}

/* By another file under its name: until the very end the old one is whole. */
static void
test_replaced_when_agreed (Fixture *f, gconstpointer data)
{
  g_autofree char *second = g_build_filename (f->directory, "second", NULL);
  g_autofree char *longer = g_strnfill (1000, 'x');

  g_assert_true (g_file_set_contents (f->path, longer, -1, NULL));
  g_assert_cmpint (link (f->path, second), ==, 0);
  assert_saved (f, f->path, KS_KEY_TEXT_FILE_REPLACE);
  assert_holds (f->path, f->text);
  assert_holds (second, longer);
  g_assert_cmpuint (count_files (f->directory), ==, 2);
}

static void
test_the_same_key_counts_as_saved (Fixture *f, gconstpointer data)
{
  g_autofree char *other_text = g_strconcat ("\xef\xbb\xbf", f->text, "\r\n\r\n", NULL);

  g_assert_true (g_file_set_contents (f->path, other_text, -1, NULL));
  assert_saved (f, f->path, KS_KEY_TEXT_FILE_KEEP);
  assert_holds (f->path, other_text);
}

static void
test_another_key_is_kept (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (KS_RECOVERY_KEY_SIZE);
  g_autoptr (KsSecret) saved = save (f->path, other, KS_KEY_TEXT_FILE_KEEP, NULL);
  g_autoptr (KsSecret) there = NULL;

  g_assert_nonnull (saved);
  assert_refused (f, f->path, KS_KEY_TEXT_FILE_KEEP, KS_KEY_TEXT_FILE_ERROR_EXISTS);
  there = load (f->path, NULL);
  g_assert_true (ks_secret_equal (there, other));
}

static void
test_an_empty_file_holds_nothing_to_lose (Fixture *f, gconstpointer data)
{
  g_assert_true (g_file_set_contents (f->path, "", 0, NULL));
  assert_saved (f, f->path, KS_KEY_TEXT_FILE_KEEP);
  assert_holds (f->path, f->text);
}

static void
test_links_are_refused (Fixture *f, gconstpointer data)
{
  g_autofree char *target = g_build_filename (f->directory, "target", NULL);

  g_assert_cmpint (symlink (target, f->path), ==, 0);
  assert_refused (f, f->path, KS_KEY_TEXT_FILE_KEEP, KS_KEY_TEXT_FILE_ERROR_LINK);
  g_assert_true (g_file_set_contents (target, "something", -1, NULL));
  assert_refused (f, f->path, KS_KEY_TEXT_FILE_REPLACE, KS_KEY_TEXT_FILE_ERROR_LINK);
  assert_holds (target, "something");
}

static void
test_what_is_no_file_is_refused (Fixture *f, gconstpointer data)
{
  g_autofree char *fifo = g_build_filename (f->directory, "fifo", NULL);
  g_autofree char *nowhere = g_build_filename (f->directory, "nowhere", "key.txt", NULL);
  g_autofree char *under_file = g_build_filename (f->directory, "file", "key.txt", NULL);
  g_autofree char *file = g_build_filename (f->directory, "file", NULL);

  g_assert_true (g_file_set_contents (file, "x", -1, NULL));
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  assert_refused (f, f->directory, KS_KEY_TEXT_FILE_REPLACE, KS_KEY_TEXT_FILE_ERROR_NOT_A_FILE);
  assert_refused (f, fifo, KS_KEY_TEXT_FILE_REPLACE, KS_KEY_TEXT_FILE_ERROR_NOT_A_FILE);
  assert_refused (f, "/dev/full", KS_KEY_TEXT_FILE_REPLACE, KS_KEY_TEXT_FILE_ERROR_NOT_A_FILE);
  assert_refused (f, nowhere, KS_KEY_TEXT_FILE_KEEP, KS_KEY_TEXT_FILE_ERROR_NOT_FOUND);
  assert_refused (f, under_file, KS_KEY_TEXT_FILE_KEEP, KS_KEY_TEXT_FILE_ERROR_NOT_FOUND);
  assert_refused (f, "sftp://example.org/key.txt", KS_KEY_TEXT_FILE_KEEP, KS_KEY_TEXT_FILE_ERROR_NOT_LOCAL);
  g_assert_cmpuint (count_files (f->directory), ==, 2);
}

/* As on a full disk: nothing of the new file stays, nothing of the old one goes. In a
 * process of its own, whose limit does not hit what the tests print. */
static void
test_full_disk (Fixture *f, gconstpointer data)
{
  struct rlimit limit = { .rlim_cur = 20, .rlim_max = RLIM_INFINITY };

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  g_assert_true (g_file_set_contents (f->path, "my only diary", -1, NULL));
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = 20;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  assert_refused (f, f->path, KS_KEY_TEXT_FILE_REPLACE, KS_KEY_TEXT_FILE_ERROR_FULL);
  assert_holds (f->path, "my only diary");
  g_assert_cmpuint (count_files (f->directory), ==, 1);
  g_assert_cmpint (unlink (f->path), ==, 0);
  assert_refused (f, f->path, KS_KEY_TEXT_FILE_KEEP, KS_KEY_TEXT_FILE_ERROR_FULL);
  g_assert_cmpuint (count_files (f->directory), ==, 0);
}

/* Permissions mean nothing to root. */
static void
become_nobody (Fixture *f)
{
  if (geteuid () != 0)
    return;
  g_assert_cmpint (chown (f->directory, 65534, 65534), ==, 0);
  g_assert_cmpint (setresgid (65534, 65534, 65534), ==, 0);
  g_assert_cmpint (setresuid (65534, 65534, 65534), ==, 0);
}

static void
test_closed_directory (Fixture *f, gconstpointer data)
{
  g_autofree char *closed = g_build_filename (f->directory, "closed", NULL);

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  become_nobody (f);
  g_assert_true (g_file_set_contents (f->path, "mine to replace", -1, NULL));
  g_assert_true (g_file_set_contents (closed, "not to be written", -1, NULL));
  g_assert_cmpint (chmod (closed, 0400), ==, 0);
  g_assert_cmpint (chmod (f->directory, 0500), ==, 0);

  assert_refused (f, closed, KS_KEY_TEXT_FILE_REPLACE, KS_KEY_TEXT_FILE_ERROR_DENIED);
  assert_holds (closed, "not to be written");
  /* The file alone may be written: in place, then. */
  assert_refused (f, f->path, KS_KEY_TEXT_FILE_KEEP, KS_KEY_TEXT_FILE_ERROR_EXISTS);
  assert_saved (f, f->path, KS_KEY_TEXT_FILE_REPLACE);
  assert_holds (f->path, f->text);

  g_assert_cmpint (unlink (f->path), ==, -1);
  g_assert_cmpint (chmod (f->directory, 0700), ==, 0);
  g_assert_cmpint (unlink (f->path), ==, 0);
  g_assert_cmpint (chmod (f->directory, 0500), ==, 0);
  assert_refused (f, f->path, KS_KEY_TEXT_FILE_KEEP, KS_KEY_TEXT_FILE_ERROR_DENIED);

  /* A directory that may be written but not be listed, and so not be synced. */
  g_assert_cmpint (chmod (f->directory, 0300), ==, 0);
  assert_saved (f, f->path, KS_KEY_TEXT_FILE_KEEP);
  g_assert_cmpint (chmod (f->directory, 0700), ==, 0);
  assert_holds (f->path, f->text);
}

/* The document portal's directory holds the one file and wants no other. */
static void
test_in_place_under_the_portal (Fixture *f, gconstpointer data)
{
  g_autofree char *directory = g_build_filename (g_get_user_runtime_dir (), "doc", "1a2b3c", NULL);
  g_autofree char *path = g_build_filename (directory, "key.txt", NULL);
  g_autofree char *longer = g_strnfill (1000, 'x');
  struct stat before, after;

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  assert_saved (f, path, KS_KEY_TEXT_FILE_KEEP);
  assert_holds (path, f->text);

  g_assert_true (g_file_set_contents (path, longer, -1, NULL));
  g_assert_cmpint (stat (path, &before), ==, 0);
  assert_refused (f, path, KS_KEY_TEXT_FILE_KEEP, KS_KEY_TEXT_FILE_ERROR_EXISTS);
  assert_saved (f, path, KS_KEY_TEXT_FILE_REPLACE);
  assert_holds (path, f->text);
  g_assert_cmpint (stat (path, &after), ==, 0);
  g_assert_cmpuint (before.st_ino, ==, after.st_ino);
  g_assert_cmpuint (count_files (directory), ==, 1);
}

static void
test_cancelled_before_it_begins (Fixture *f, gconstpointer data)
{
  g_autoptr (GFile) file = g_file_new_for_path (f->path);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) saved = NULL;

  g_cancellable_cancel (cancellable);
  ks_key_text_file_save_async (file, f->key, KS_KEY_TEXT_FILE_KEEP, cancellable, on_done, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  saved = ks_key_text_file_save_finish (result, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (saved);
  g_assert_cmpuint (count_files (f->directory), ==, 0);
}

static KsSecret *
read_all (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GAsyncResult) result = NULL;

  ks_key_text_file_read_async (file, NULL, on_done, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return ks_key_text_file_read_finish (result, error);
}

/* What a person opens may be a note with more in it than the key. */
static void
test_reads_what_is_no_key (Fixture *f, gconstpointer data)
{
  static const char note[] = "my key:\n\0bytes after a zero";
  g_autoptr (KsSecret) text = NULL;
  g_autoptr (KsSecret) none = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (f->path, note, sizeof note, NULL));
  text = read_all (f->path, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (ks_secret_bytes (text), ks_secret_size (text), note, sizeof note);
  none = read_all (f->directory, &error);
  g_assert_null (none);
  g_assert_error (error, KS_KEY_TEXT_FILE_ERROR, KS_KEY_TEXT_FILE_ERROR_NOT_A_FILE);
}

static void
test_loads_what_was_saved (Fixture *f, gconstpointer data)
{
  g_autofree char *target = g_build_filename (f->directory, "target", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) loaded = NULL;

  assert_saved (f, target, KS_KEY_TEXT_FILE_KEEP);
  g_assert_cmpint (symlink (target, f->path), ==, 0);
  loaded = load (f->path, &error);
  g_assert_no_error (error);
  g_assert_true (ks_secret_equal (loaded, f->key));
}

static void
assert_no_key (const char *path, KsKeyTextFileError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) loaded = load (path, &error);

  g_assert_error (error, KS_KEY_TEXT_FILE_ERROR, (int) code);
  g_assert_null (loaded);
}

static void
test_what_holds_no_key_is_told_apart (Fixture *f, gconstpointer data)
{
  g_autofree char *largest = g_strnfill (KS_KEY_TEXT_FILE_LARGEST, ' ');
  g_autofree char *larger = g_strnfill (KS_KEY_TEXT_FILE_LARGEST + 1, ' ');
  g_autoptr (KsSecret) loaded = NULL;

  assert_no_key (f->path, KS_KEY_TEXT_FILE_ERROR_NOT_FOUND);
  assert_no_key (f->directory, KS_KEY_TEXT_FILE_ERROR_NOT_A_FILE);
  assert_no_key ("/dev/null", KS_KEY_TEXT_FILE_ERROR_NOT_A_FILE);
  g_assert_true (g_file_set_contents (f->path, "a shopping list", -1, NULL));
  assert_no_key (f->path, KS_KEY_TEXT_FILE_ERROR_NOT_A_KEY);
  g_assert_true (g_file_set_contents (f->path, "", 0, NULL));
  assert_no_key (f->path, KS_KEY_TEXT_FILE_ERROR_NOT_A_KEY);
  g_assert_true (g_file_set_contents (f->path, larger, -1, NULL));
  assert_no_key (f->path, KS_KEY_TEXT_FILE_ERROR_TOO_LARGE);
  memcpy (largest, f->text, strlen (f->text));
  g_assert_true (g_file_set_contents (f->path, largest, -1, NULL));
  loaded = load (f->path, NULL);
  g_assert_true (loaded != NULL && ks_secret_equal (loaded, f->key));
}

static void
assert_name (const char *user_id, const char *name)
{
  g_autofree char *proposed = ks_key_text_file_name (user_id);

  g_assert_cmpstr (proposed, ==, name);
}

static void
test_proposed_name (Fixture *f, gconstpointer data)
{
  g_autofree char *long_id = g_strnfill (255, 'x');
  g_autofree char *long_name = ks_key_text_file_name (long_id);

  assert_name ("@alice:example.org", "security-key-alice-example.org.txt");
  assert_name ("@alice:example.org:8448", "security-key-alice-example.org-8448.txt");
  assert_name ("@../../etc/passwd:x", "security-key-.._.._etc_passwd-x.txt");
  assert_name ("@a=2fb+c:[::1]", "security-key-a_2fb_c-_--1_.txt");
  assert_name ("@小明:例.org", "security-key-__-_.org.txt");
  assert_name ("", "security-key-.txt");
  g_assert_cmpuint (strlen (long_name), ==, KS_KEY_TEXT_FILE_NAME_LENGTH);
  g_assert_true (g_str_has_suffix (long_name, "x.txt"));
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_autofree char *runtime = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!g_test_subprocess ())
    {
      runtime = g_dir_make_tmp ("keepsake-runtime.XXXXXX", NULL);
      g_setenv ("XDG_RUNTIME_DIR", runtime, TRUE);
    }
  add ("/key-text-file/one-line-for-its-owner", test_one_line_for_its_owner);
  add ("/key-text-file/something-else-is-kept", test_what_holds_something_else_is_kept);
  add ("/key-text-file/replaced-when-agreed", test_replaced_when_agreed);
  add ("/key-text-file/same-key-counts-as-saved", test_the_same_key_counts_as_saved);
  add ("/key-text-file/another-key-is-kept", test_another_key_is_kept);
  add ("/key-text-file/empty-file", test_an_empty_file_holds_nothing_to_lose);
  add ("/key-text-file/links-are-refused", test_links_are_refused);
  add ("/key-text-file/no-file-is-refused", test_what_is_no_file_is_refused);
  add ("/key-text-file/full-disk", test_full_disk);
  add ("/key-text-file/closed-directory", test_closed_directory);
  add ("/key-text-file/in-place-under-the-portal", test_in_place_under_the_portal);
  add ("/key-text-file/cancelled-before-it-begins", test_cancelled_before_it_begins);
  add ("/key-text-file/loads-what-was-saved", test_loads_what_was_saved);
  add ("/key-text-file/reads-what-is-no-key", test_reads_what_is_no_key);
  add ("/key-text-file/no-key-is-told-apart", test_what_holds_no_key_is_told_apart);
  add ("/key-text-file/proposed-name", test_proposed_name);
  status = g_test_run ();
  if (runtime != NULL)
    remove_tree (runtime);
  return status;
}
