/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-account-lock.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "store/store-fixture.h"

#define ALICE "@alice:example.org"

/* Takes the lock, tells so and dies by the hardest signal when its input ends. */
static void
child (const char *directory, const char *mode)
{
  g_autoptr (KsAccountLock) lock = ks_account_lock_take (directory, ALICE, "ONE", NULL);
  char byte;

  g_assert_nonnull (lock);
  g_print ("taken\n");
  fflush (stdout);
  g_assert_cmpint (read (STDIN_FILENO, &byte, 1), ==, 0);
  kill (getpid (), SIGKILL);
}

static void
test_two_in_one_process (void)
{
  char *directory = store_directory_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (KsAccountLock) first = ks_account_lock_take (directory, ALICE, "ONE", &error);
  g_autoptr (KsAccountLock) second = NULL;

  g_assert_no_error (error);
  second = ks_account_lock_take (directory, ALICE, "ONE", &error);
  g_assert_null (second);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_HELD);
  g_assert_true (ks_account_lock_is_taken (directory, ALICE, "ONE"));

  g_clear_error (&error);
  g_clear_pointer (&first, ks_account_lock_free);
  g_assert_false (ks_account_lock_is_taken (directory, ALICE, "ONE"));
  second = ks_account_lock_take (directory, ALICE, "ONE", &error);
  g_assert_no_error (error);
  store_directory_free (directory);
}

static void
test_accounts_do_not_hinder_each_other (void)
{
  char *directory = store_directory_new ();
  g_autoptr (KsAccountLock) one = ks_account_lock_take (directory, ALICE, "ONE", NULL);
  g_autoptr (KsAccountLock) two = ks_account_lock_take (directory, ALICE, "TWO", NULL);
  g_autoptr (KsAccountLock) hostile = ks_account_lock_take (directory, "../../etc/passwd", "/", NULL);
  g_autoptr (KsAccountLock) shifted = ks_account_lock_take (directory, "@alice:example.orgO", "NE", NULL);

  g_assert_nonnull (one);
  g_assert_nonnull (two);
  g_assert_nonnull (hostile);
  g_assert_nonnull (shifted);
  store_directory_free (directory);
}

static void
test_ends_with_a_killed_process (void)
{
  char *directory = store_directory_new ();
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, self,
                        "--child", directory, "hold", NULL);
  g_autoptr (KsAccountLock) lock = NULL;
  char line[6];

  g_assert_no_error (error);
  g_input_stream_read_all (g_subprocess_get_stdout_pipe (process), line, sizeof line, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (ks_account_lock_is_taken (directory, ALICE, "ONE"));
  lock = ks_account_lock_take (directory, ALICE, "ONE", &error);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_HELD);
  g_assert_null (lock);
  g_clear_error (&error);

  g_output_stream_close (g_subprocess_get_stdin_pipe (process), NULL, NULL);
  g_subprocess_wait (process, NULL, NULL);
  g_assert_true (g_subprocess_get_if_signaled (process));
  lock = ks_account_lock_take (directory, ALICE, "ONE", &error);
  g_assert_no_error (error);
  g_assert_nonnull (lock);
  store_directory_free (directory);
}

static void
test_symbolic_link_is_refused (void)
{
  char *directory = store_directory_new ();
  g_autofree char *target = g_build_filename (directory, "target", NULL);
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GError) error = NULL;
  KsAccountLock *lock = ks_account_lock_take (directory, ALICE, "ONE", NULL);

  ks_account_lock_free (lock);
  files = store_list_files (directory, "account-", ".lock");
  g_assert_cmpuint (files->len, ==, 1);
  g_assert_cmpint (g_unlink (files->pdata[0]), ==, 0);
  g_assert_true (g_file_set_contents (target, "", 0, NULL));
  g_assert_cmpint (symlink (target, files->pdata[0]), ==, 0);
  lock = ks_account_lock_take (directory, ALICE, "ONE", &error);
  g_assert_null (lock);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  store_directory_free (directory);
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, child);
  g_test_add_func ("/account-lock/two-in-one-process", test_two_in_one_process);
  g_test_add_func ("/account-lock/accounts-do-not-hinder-each-other", test_accounts_do_not_hinder_each_other);
  g_test_add_func ("/account-lock/ends-with-a-killed-process", test_ends_with_a_killed_process);
  g_test_add_func ("/account-lock/symbolic-link-is-refused", test_symbolic_link_is_refused);
  return g_test_run ();
}
