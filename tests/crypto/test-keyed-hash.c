/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-keyed-hash.h"

#include <string.h>

static void
test_same_for_the_same (void)
{
  g_autofree char *copy = g_strdup ("!room:example.org");

  g_assert_cmpuint (ks_keyed_hash ("!room:example.org", 17), ==, ks_keyed_hash (copy, 17));
  g_assert_cmpuint (ks_keyed_str_hash ("!room:example.org"), ==, ks_keyed_str_hash (copy));
  g_assert_cmpuint (ks_keyed_hash (copy, 16), !=, ks_keyed_hash (copy, 17));
  ks_keyed_hash (NULL, 0);
}

/* Strings of "Ez" and "FY" all have one hash in g_str_hash(). */
static void
test_spreads_what_collides_without_a_key (void)
{
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);

  for (guint n = 0; n < 4096; n++)
    {
      char name[25] = "";

      for (guint i = 0; i < 12; i++)
        memcpy (name + 2 * i, (n >> i) & 1 ? "FY" : "Ez", 2);
      g_assert_cmpuint (g_str_hash (name), ==, g_str_hash ("EzEzEzEzEzEzEzEzEzEzEzEz"));
      g_hash_table_add (places, GUINT_TO_POINTER (ks_keyed_str_hash (name)));
    }
  /* Of 2^32 places; 2 of them shared would be luck. */
  g_assert_cmpuint (g_hash_table_size (places), >, 4090);
}

/* The key is this process's own: another one hashes otherwise. */
static void
test_key_is_of_the_process (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  const char *arguments[] = { program, "--print", NULL };
  g_autofree char *printed = NULL;
  g_autofree char *own = g_strdup_printf ("%" G_GUINT64_FORMAT "\n", ks_keyed_hash ("name", 4));

  g_assert_true (g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, &printed, NULL,
                               NULL, NULL));
  g_assert_cmpuint (strlen (printed), >, 1);
  g_assert_cmpstr (printed, !=, own);
}

int
main (int argc, char **argv)
{
  if (argc == 2 && strcmp (argv[1], "--print") == 0)
    {
      g_print ("%" G_GUINT64_FORMAT "\n", ks_keyed_hash ("name", 4));
      return 0;
    }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/keyed-hash/same-for-the-same", test_same_for_the_same);
  g_test_add_func ("/keyed-hash/spreads-what-collides-without-a-key",
                   test_spreads_what_collides_without_a_key);
  g_test_add_func ("/keyed-hash/key-is-of-the-process", test_key_is_of_the_process);
  return g_test_run ();
}
