/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/key-file/ks-key-file-phrases.h"

#include <string.h>

static void
assert_spellings (const char *phrase, const char *const *expected)
{
  g_autoptr (KsSecret) given = ks_secret_new_copy (phrase, strlen (phrase));
  g_auto (KsKeyFilePhrases) spellings = { 0 };
  guint n = 0;

  ks_key_file_phrases_init (&spellings, given);
  for (; expected[n] != NULL; n++)
    {
      g_assert_cmpuint (n, <, spellings.n);
      g_assert_cmpmem (ks_secret_bytes (spellings.texts[n]), ks_secret_size (spellings.texts[n]), expected[n],
                       strlen (expected[n]));
    }
  g_assert_cmpuint (spellings.n, ==, n);
}

#define SPELLINGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
test_ascii_has_one (void)
{
  assert_spellings ("seven silver sails", SPELLINGS ("seven silver sails"));
  assert_spellings ("", SPELLINGS (""));
}

static void
test_white_space_around_is_tried_without (void)
{
  assert_spellings (" a\n", SPELLINGS (" a\n", "a"));
}

/* First as it is, then as matrix-nio writes it. */
static void
test_latin_1_comes_second (void)
{
  assert_spellings ("\xc3\xa9", SPELLINGS ("\xc3\xa9", "\xe9", "e\xcc\x81"));
}

/* What was typed decomposed has a composed form that Latin-1 knows. */
static void
test_latin_1_of_the_composed_form (void)
{
  assert_spellings ("e\xcc\x81", SPELLINGS ("e\xcc\x81", "\xc3\xa9", "\xe9"));
}

static void
test_other_scripts_have_no_latin_1 (void)
{
  assert_spellings ("\xe4\xb8\xad", SPELLINGS ("\xe4\xb8\xad"));
}

/* A file that keepsakectl reads the phrase from may be anything. */
static void
test_no_utf_8_is_taken_as_it_is (void)
{
  assert_spellings ("\xe9", SPELLINGS ("\xe9"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key-file-phrases/ascii-has-one", test_ascii_has_one);
  g_test_add_func ("/key-file-phrases/white-space-around-is-tried-without",
                   test_white_space_around_is_tried_without);
  g_test_add_func ("/key-file-phrases/latin-1-comes-second", test_latin_1_comes_second);
  g_test_add_func ("/key-file-phrases/latin-1-of-the-composed-form", test_latin_1_of_the_composed_form);
  g_test_add_func ("/key-file-phrases/other-scripts-have-no-latin-1", test_other_scripts_have_no_latin_1);
  g_test_add_func ("/key-file-phrases/no-utf-8-is-taken-as-it-is", test_no_utf_8_is_taken_as_it_is);
  return g_test_run ();
}
