/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-given-text.h"

#include <string.h>

static void
assert_read (const char *bytes, gsize size, const char *text)
{
  g_autoptr (KsSecret) secret = ks_secret_new_copy (bytes, size);
  g_autoptr (KsSecret) read = ks_given_text_read (secret);

  if (text == NULL)
    {
      g_assert_null (read);
      return;
    }
  g_assert_nonnull (read);
  g_assert_cmpmem (ks_secret_bytes (read), ks_secret_size (read), text, strlen (text));
}

static void
test_utf_8_is_taken_as_it_is (void)
{
  assert_read ("", 0, "");
  assert_read ("caf\u00e9", 5, "caf\u00e9");
  assert_read ("\xef\xbb\xbf"
               "a",
               4, "\ufeffa");
}

static void
test_16_bit_characters (void)
{
  assert_read ("\xff\xfe"
               "a\0\xe9\0",
               6, "a\u00e9");
  assert_read ("\xfe\xff\0a\0\xe9", 6, "a\u00e9");
  assert_read ("\xff\xfe\x3d\xd8\x0d\xdc", 6, "\U0001f40d");
  /* Halves of a pair: at the end, before another character, in the wrong order. */
  assert_read ("\xff\xfe\x3d\xd8", 4, "\ufffd");
  assert_read ("\xff\xfe\x3d\xd8"
               "a\0",
               6,
               "\ufffd"
               "a");
  assert_read ("\xff\xfe\x0d\xdc\x3d\xd8", 6, "\ufffd\ufffd");
  assert_read ("\xff\xfe", 2, "");
}

static void
test_other_bytes_are_latin_1 (void)
{
  assert_read ("\xe9", 1, "\u00e9");
  assert_read ("\xff\xfe\xfd", 3, "\u00ff\u00fe\u00fd");
}

static void
test_zero_is_no_text (void)
{
  assert_read ("a\0b", 3, NULL);
  assert_read ("\xff\xfe\0\0", 4, NULL);
}

static void
test_new_phrase_has_no_mark (void)
{
  g_autoptr (KsSecret) marked = ks_secret_new_copy ("\xef\xbb\xbf"
                                                    "abc",
                                                    6);
  g_autoptr (KsSecret) wide = ks_secret_new_copy ("\xff\xfe"
                                                  "a\0",
                                                  4);
  g_autoptr (KsSecret) plain = ks_given_text_read_new_phrase (marked);
  g_autoptr (KsSecret) narrow = ks_given_text_read_new_phrase (wide);

  g_assert_cmpmem (ks_secret_bytes (plain), ks_secret_size (plain), "abc", 3);
  g_assert_cmpmem (ks_secret_bytes (narrow), ks_secret_size (narrow), "a", 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/given-text/utf-8-is-taken-as-it-is", test_utf_8_is_taken_as_it_is);
  g_test_add_func ("/given-text/16-bit-characters", test_16_bit_characters);
  g_test_add_func ("/given-text/other-bytes-are-latin-1", test_other_bytes_are_latin_1);
  g_test_add_func ("/given-text/zero-is-no-text", test_zero_is_no_text);
  g_test_add_func ("/given-text/new-phrase-has-no-mark", test_new_phrase_has_no_mark);
  return g_test_run ();
}
