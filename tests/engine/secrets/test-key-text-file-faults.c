/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Security Key on a disk that does not take it, or takes its mode from nobody: what is
 * not on the disk is never called saved, however often it is tried.
 */

#include "engine/secrets/ks-key-text-file.h"

#include "crypto/ks-recovery-key.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct
{
  char *directory; /* owned: the portal's, or any other */
  char *path;      /* owned: in it; not there at first */
  KsSecret *key;   /* owned: 32 bytes */
} Fixture;

/* What fails, as on a broken medium. Written before a save's thread begins. */
static gboolean files_fail;
static gboolean directories_fail;
static gboolean modes_fail;

/* What was done, counted by the thread of a save and read after its end. */
static guint synced_files;
static guint synced_directories;
static guint dropped; /* from memory, after a sync */

/* In the place of the C library's. */
int
fsync (int fd)
{
  struct stat info;
  gboolean is_directory;

  g_assert_cmpint (fstat (fd, &info), ==, 0);
  is_directory = S_ISDIR (info.st_mode);
  if (is_directory ? directories_fail : files_fail)
    {
      errno = EIO;
      return -1;
    }
  if (is_directory)
    synced_directories++;
  else
    synced_files++;
  return (int) syscall (SYS_fsync, fd);
}

int
posix_fadvise (int fd, off_t at, off_t size, int advice)
{
  if (advice == POSIX_FADV_DONTNEED && synced_files > 0)
    dropped++;
  return 0;
}

int
fchmod (int fd, mode_t mode)
{
  if (!modes_fail)
    return (int) syscall (SYS_fchmod, fd, mode);
  errno = EPERM;
  return -1;
}

static void
set_up (Fixture *f, gconstpointer in_place)
{
  g_autofree char *documents = g_build_filename (g_get_user_runtime_dir (), "doc", NULL);

  files_fail = directories_fail = modes_fail = FALSE;
  synced_files = synced_directories = dropped = 0;
  g_assert_cmpint (g_mkdir_with_parents (documents, 0700), ==, 0);
  f->directory = g_build_filename (in_place != NULL ? documents : g_get_tmp_dir (), "key-file.XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (f->directory));
  f->path = g_build_filename (f->directory, "key.txt", NULL);
  f->key = ks_secret_new_random (KS_RECOVERY_KEY_SIZE);
}

static void
tear_down (Fixture *f, gconstpointer in_place)
{
  chmod (f->directory, 0700);
  unlink (f->path);
  /* Nothing else is left behind, whatever failed. */
  g_assert_cmpint (rmdir (f->directory), ==, 0);
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
save (Fixture *f, KsKeyTextFileFlags flags, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (f->path);
  g_autoptr (GAsyncResult) result = NULL;

  ks_key_text_file_save_async (file, f->key, flags, NULL, on_done, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return ks_key_text_file_save_finish (result, error);
}

static void
assert_saved (Fixture *f, KsKeyTextFileFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) saved = save (f, flags, &error);

  g_assert_no_error (error);
  g_assert_true (ks_secret_equal (saved, f->key));
}

static void
assert_refused (Fixture *f, KsKeyTextFileFlags flags, KsKeyTextFileError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) saved = save (f, flags, &error);

  g_assert_error (error, KS_KEY_TEXT_FILE_ERROR, (int) code);
  g_assert_null (saved);
}

static void
assert_mode (Fixture *f, mode_t mode)
{
  struct stat info;

  g_assert_cmpint (stat (f->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 07777, ==, mode);
}

/* What the failed save left in memory can be read like any other file. */
static void
test_key_that_is_in_memory_alone_is_not_saved (Fixture *f, gconstpointer in_place)
{
  files_fail = TRUE;
  assert_refused (f, KS_KEY_TEXT_FILE_REPLACE, KS_KEY_TEXT_FILE_ERROR_FAILED);
  assert_refused (f, KS_KEY_TEXT_FILE_REPLACE, KS_KEY_TEXT_FILE_ERROR_FAILED);
  files_fail = FALSE;
  assert_saved (f, KS_KEY_TEXT_FILE_REPLACE);
  g_assert_cmpuint (synced_files, >, 0);
  g_assert_cmpuint (dropped, >, 0);
}

/* As when a kill came between the name and the directory's sync. */
static void
test_name_that_is_in_memory_alone_is_not_saved (Fixture *f, gconstpointer in_place)
{
  directories_fail = TRUE;
  assert_refused (f, KS_KEY_TEXT_FILE_REPLACE, KS_KEY_TEXT_FILE_ERROR_FAILED);
  g_assert_cmpint (access (f->path, F_OK), ==, 0);
  assert_refused (f, KS_KEY_TEXT_FILE_REPLACE, KS_KEY_TEXT_FILE_ERROR_FAILED);
  directories_fail = FALSE;
  synced_files = dropped = 0;
  assert_saved (f, KS_KEY_TEXT_FILE_REPLACE);
  g_assert_cmpuint (synced_files, ==, 1);
  g_assert_cmpuint (synced_directories, ==, 1);
  g_assert_cmpuint (dropped, ==, 1);
}

static void
test_file_that_all_could_read_becomes_private (Fixture *f, gconstpointer in_place)
{
  g_assert_true (g_file_set_contents (f->path, "readable to all", -1, NULL));
  g_assert_cmpint (chmod (f->path, 0644), ==, 0);
  assert_saved (f, KS_KEY_TEXT_FILE_REPLACE);
  assert_mode (f, 0600);
}

static void
test_portal_without_modes_will_do (Fixture *f, gconstpointer in_place)
{
  g_assert_true (g_file_set_contents (f->path, "readable to all", -1, NULL));
  g_assert_cmpint (chmod (f->path, 0644), ==, 0);
  modes_fail = TRUE;
  assert_saved (f, KS_KEY_TEXT_FILE_REPLACE);
  assert_mode (f, 0644);
}

static void
put_the_key (Fixture *f)
{
  char text[KS_RECOVERY_KEY_LENGTH + 1] = "";

  g_assert_true (ks_recovery_key_format (f->key, text));
  g_assert_true (g_file_set_contents (f->path, text, -1, NULL));
  g_assert_cmpint (chmod (f->path, 0644), ==, 0);
}

/* It has the key already, and for all to read. */
static void
test_file_with_the_same_key_becomes_private (Fixture *f, gconstpointer in_place)
{
  put_the_key (f);
  assert_saved (f, KS_KEY_TEXT_FILE_KEEP);
  assert_mode (f, 0600);
}

static void
test_portal_without_modes_will_do_for_the_same_key (Fixture *f, gconstpointer in_place)
{
  put_the_key (f);
  modes_fail = TRUE;
  assert_saved (f, KS_KEY_TEXT_FILE_KEEP);
  assert_mode (f, 0644);
}

/* Nobody but its owner can make it private, and so it is no place for the key. */
static void
test_same_key_in_somebody_elses_file_is_not_saved (Fixture *f, gconstpointer in_place)
{
  put_the_key (f);
  modes_fail = TRUE;
  assert_refused (f, KS_KEY_TEXT_FILE_KEEP, KS_KEY_TEXT_FILE_ERROR_DENIED);
  assert_mode (f, 0644);
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

/* A file that may be written and not be made private is somebody else's. */
static void
test_no_key_into_somebody_elses_file (Fixture *f, gconstpointer in_place)
{
  g_autofree char *contents = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  become_nobody (f);
  g_assert_true (g_file_set_contents (f->path, "theirs", -1, NULL));
  g_assert_cmpint (chmod (f->directory, 0500), ==, 0);
  modes_fail = TRUE;
  assert_refused (f, KS_KEY_TEXT_FILE_REPLACE, KS_KEY_TEXT_FILE_ERROR_DENIED);
  g_assert_true (g_file_get_contents (f->path, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, "theirs");
}

#define ADD(name, in_place, test) \
  g_test_add ("/key-text-file-faults/" name, Fixture, in_place, set_up, test, tear_down)

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
  ADD ("in-memory-alone/whole", NULL, test_key_that_is_in_memory_alone_is_not_saved);
  ADD ("in-memory-alone/in-place", "portal", test_key_that_is_in_memory_alone_is_not_saved);
  ADD ("name-in-memory-alone/whole", NULL, test_name_that_is_in_memory_alone_is_not_saved);
  ADD ("name-in-memory-alone/in-place", "portal", test_name_that_is_in_memory_alone_is_not_saved);
  ADD ("becomes-private/whole", NULL, test_file_that_all_could_read_becomes_private);
  ADD ("becomes-private/in-place", "portal", test_file_that_all_could_read_becomes_private);
  ADD ("same-key-becomes-private/whole", NULL, test_file_with_the_same_key_becomes_private);
  ADD ("same-key-becomes-private/in-place", "portal", test_file_with_the_same_key_becomes_private);
  ADD ("same-key-in-portal-without-modes", "portal", test_portal_without_modes_will_do_for_the_same_key);
  ADD ("same-key-in-somebody-elses-file", NULL, test_same_key_in_somebody_elses_file_is_not_saved);
  ADD ("portal-without-modes", "portal", test_portal_without_modes_will_do);
  ADD ("somebody-elses-file", NULL, test_no_key_into_somebody_elses_file);
  status = g_test_run ();
  if (runtime != NULL)
    {
      g_autofree char *documents = g_build_filename (runtime, "doc", NULL);

      g_rmdir (documents);
      g_rmdir (runtime);
    }
  return status;
}
