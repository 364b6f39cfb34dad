/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-whole-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT "all of it"
#define OTHER "my only diary"

typedef struct
{
  char *directory; /* owned */
  char *path;      /* owned: in it; not there at first */
} Fixture;

/* As on a file system that knows no file without a name; and how often that was told. */
static gboolean only_named;
static guint told;

/* In the place of the C library's. */
int
open (const char *path, int flags, ...)
{
  mode_t mode = 0;
  va_list args;

  if (only_named && (flags & O_TMPFILE) == O_TMPFILE)
    {
      told++;
      errno = EOPNOTSUPP;
      return -1;
    }
  va_start (args, flags);
  if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE)
    mode = va_arg (args, mode_t);
  va_end (args);
  return openat (AT_FDCWD, path, flags, mode);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  only_named = g_strcmp0 (data, "named") == 0;
  told = 0;
  f->directory = g_dir_make_tmp ("keepsake-whole-file.XXXXXX", NULL);
  f->path = g_build_filename (f->directory, "file", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  const char *argv[] = { "rm", "-rf", f->directory, NULL };

  only_named = FALSE;
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_free (f->directory);
  g_free (f->path);
}

static gboolean
write_text (int fd, gconstpointer data)
{
  return write (fd, data, strlen (data)) == (gssize) strlen (data) && fsync (fd) == 0;
}

static gboolean
write_half (int fd, gconstpointer data)
{
  g_assert_cmpint (write (fd, data, strlen (data) / 2), >, 0);
  errno = ENOSPC;
  return FALSE;
}

/* As if the program were killed at that moment. */
static gboolean
die (int fd, gconstpointer data)
{
  g_assert_cmpint (write (fd, data, strlen (data) / 2), >, 0);
  kill (getpid (), SIGKILL);
  return FALSE;
}

static void
assert_holds (const char *path, const char *text)
{
  g_autofree char *contents = NULL;
  gsize size = 0;

  g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
  g_assert_cmpmem (contents, size, text, strlen (text));
}

/* The names in the directory but the file's own; the last of them in @name. */
static guint
count_others (Fixture *f, char **name)
{
  g_autoptr (GDir) dir = g_dir_open (f->directory, 0, NULL);
  const char *at;
  guint n = 0;

  while ((at = g_dir_read_name (dir)) != NULL)
    if (!g_str_equal (at, "file"))
      {
        n++;
        if (name != NULL)
          *name = g_build_filename (f->directory, at, NULL);
      }
  return n;
}

static void
test_new_file (Fixture *f, gconstpointer data)
{
  const mode_t umasks[] = { 0, 022, 0777 };

  for (gsize i = 0; i < G_N_ELEMENTS (umasks); i++)
    {
      mode_t before = umask (umasks[i]);
      struct stat info;

      g_assert_true (ks_whole_file_write (f->path, FALSE, write_text, TEXT));
      umask (before);
      assert_holds (f->path, TEXT);
      g_assert_cmpint (stat (f->path, &info), ==, 0);
      g_assert_cmpint (info.st_mode & 07777, ==, 0600);
      g_assert_cmpuint (count_others (f, NULL), ==, 0);
      g_assert_cmpint (unlink (f->path), ==, 0);
    }
  g_assert_cmpint (told > 0, ==, only_named);
}

static void
test_another_file_is_kept_or_replaced (Fixture *f, gconstpointer data)
{
  g_assert_true (g_file_set_contents (f->path, OTHER, -1, NULL));
  g_assert_false (ks_whole_file_write (f->path, FALSE, write_text, TEXT));
  g_assert_cmpint (errno, ==, EEXIST);
  assert_holds (f->path, OTHER);
  g_assert_false (ks_whole_file_write (f->path, TRUE, write_half, TEXT));
  g_assert_cmpint (errno, ==, ENOSPC);
  assert_holds (f->path, OTHER);
  g_assert_true (ks_whole_file_write (f->path, TRUE, write_text, TEXT));
  assert_holds (f->path, TEXT);
  g_assert_cmpuint (count_others (f, NULL), ==, 0);
}

static void
test_no_such_directory (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->directory, "nowhere", "file", NULL);

  g_assert_false (ks_whole_file_write (path, FALSE, write_text, TEXT));
  g_assert_cmpint (errno, ==, ENOENT);
}

static void
write_and_die (Fixture *f)
{
  pid_t child = fork ();
  int status;

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      ks_whole_file_write (f->path, TRUE, die, TEXT);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
}

/* Killed in the middle of it, it leaves nothing, whether or not there was a file. */
static void
test_kill_leaves_nothing (Fixture *f, gconstpointer data)
{
  write_and_die (f);
  g_assert_false (g_file_test (f->path, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (count_others (f, NULL), ==, 0);
  g_assert_true (g_file_set_contents (f->path, OTHER, -1, NULL));
  write_and_die (f);
  assert_holds (f->path, OTHER);
  g_assert_cmpuint (count_others (f, NULL), ==, 0);
}

/* Where it must have a name it does leave that, until the next time. */
static void
test_what_a_kill_leaves_is_swept (Fixture *f, gconstpointer data)
{
  g_autofree char *left = NULL;

  write_and_die (f);
  g_assert_cmpuint (count_others (f, &left), ==, 1);
  assert_holds (left, "all ");
  g_assert_true (ks_whole_file_write (f->path, FALSE, write_text, TEXT));
  g_assert_cmpuint (count_others (f, NULL), ==, 0);
  assert_holds (f->path, TEXT);
}

/* Only what has that very name, is a file, and is held by no other save. */
static void
test_nothing_else_is_swept (Fixture *f, gconstpointer data)
{
  const char *kept[] = { ".security-key-0123456789abcdeF.part", ".security-key-0123456789abcdef0.part",
                         ".security-key-0123456789abcdef.part~", "security-key-0123456789abcdef.part",
                         ".security-key-.part" };
  g_autofree char *left = g_build_filename (f->directory, ".security-key-0123456789abcdef.part", NULL);
  g_autofree char *held = g_build_filename (f->directory, ".security-key-1111111111111111.part", NULL);
  g_autofree char *link = g_build_filename (f->directory, ".security-key-2222222222222222.part", NULL);
  g_autofree char *directory = g_build_filename (f->directory, ".security-key-3333333333333333.part", NULL);
  int fd;

  g_assert_true (g_file_set_contents (left, TEXT, -1, NULL));
  g_assert_true (g_file_set_contents (held, TEXT, -1, NULL));
  g_assert_cmpint (symlink (held, link), ==, 0);
  g_assert_cmpint (g_mkdir (directory, 0700), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      g_autofree char *path = g_build_filename (f->directory, kept[i], NULL);

      g_assert_true (g_file_set_contents (path, "x", -1, NULL));
    }
  fd = open (held, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, 0);
  g_assert_true (ks_whole_file_write (f->path, FALSE, write_text, TEXT));
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (held, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (count_others (f, NULL), ==, G_N_ELEMENTS (kept) + 3);
  g_assert_cmpint (close (fd), ==, 0);
}

#define ADD(name, data, test) g_test_add ("/whole-file/" name, Fixture, data, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("new-file", NULL, test_new_file);
  ADD ("new-file/named", "named", test_new_file);
  ADD ("another-file-is-kept-or-replaced", NULL, test_another_file_is_kept_or_replaced);
  ADD ("another-file-is-kept-or-replaced/named", "named", test_another_file_is_kept_or_replaced);
  ADD ("no-such-directory", NULL, test_no_such_directory);
  ADD ("kill-leaves-nothing", NULL, test_kill_leaves_nothing);
  ADD ("what-a-kill-leaves-is-swept", "named", test_what_a_kill_leaves_is_swept);
  ADD ("nothing-else-is-swept", NULL, test_nothing_else_is_swept);
  return g_test_run ();
}
