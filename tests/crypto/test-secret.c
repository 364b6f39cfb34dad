/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-secret.h"

#include <string.h>

static void
test_copy_and_compare (void)
{
  g_autoptr (KsSecret) a = ks_secret_new_copy ("secret", 6);
  g_autoptr (KsSecret) b = ks_secret_new_copy ("secret", 6);
  g_autoptr (KsSecret) other = ks_secret_new_copy ("sekret", 6);
  g_autoptr (KsSecret) longer = ks_secret_new_copy ("secret ", 7);

  g_assert_true (ks_secret_equal (a, b));
  g_assert_false (ks_secret_equal (a, other));
  g_assert_false (ks_secret_equal (a, longer));
  g_assert_cmpmem (ks_secret_bytes (a), ks_secret_size (a), "secret", 6);
}

static void
test_new_is_zero (void)
{
  g_autoptr (KsSecret) secret = ks_secret_new (32);
  const uint8_t zero[32] = { 0 };

  g_assert_cmpmem (ks_secret_bytes (secret), 32, zero, 32);
  memset (ks_secret_writable (secret), 7, 32);
  g_assert_cmpint (ks_secret_bytes (secret)[31], ==, 7);
}

static void
test_empty (void)
{
  g_autoptr (KsSecret) a = ks_secret_new_copy (NULL, 0);
  g_autoptr (KsSecret) b = ks_secret_new (0);

  g_assert_true (ks_secret_equal (a, b));
}

static void
test_random_differs (void)
{
  g_autoptr (KsSecret) a = ks_secret_new_random (32);
  g_autoptr (KsSecret) b = ks_secret_new_random (32);

  g_assert_false (ks_secret_equal (a, b));
}

static void
test_references (void)
{
  KsSecret *secret = ks_secret_new_copy ("x", 1);
  KsSecret *same = ks_secret_ref (secret);

  ks_secret_unref (secret);
  g_assert_cmpmem (ks_secret_bytes (same), 1, "x", 1);
  ks_secret_unref (same);
  ks_secret_unref (NULL);
}

/* One byte past the end meets an inaccessible page. */
static void
test_guarded (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (KsSecret) secret = ks_secret_new (32);
      volatile const uint8_t *bytes = ks_secret_bytes (secret);

      g_print ("%d", bytes[32]);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
}

static void
test_wipe (void)
{
  char text[] = "canary";

  ks_wipe (text, sizeof text);
  for (gsize i = 0; i < sizeof text; i++)
    g_assert_cmpint (text[i], ==, 0);
  ks_wipe (NULL, 0);
  ks_wipe_free_string (g_strdup ("canary"));
  ks_wipe_free_string (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (ks_secret_init ());
  g_test_add_func ("/secret/copy-and-compare", test_copy_and_compare);
  g_test_add_func ("/secret/new-is-zero", test_new_is_zero);
  g_test_add_func ("/secret/empty", test_empty);
  g_test_add_func ("/secret/random-differs", test_random_differs);
  g_test_add_func ("/secret/references", test_references);
  g_test_add_func ("/secret/guarded", test_guarded);
  g_test_add_func ("/secret/wipe", test_wipe);
  return g_test_run ();
}
