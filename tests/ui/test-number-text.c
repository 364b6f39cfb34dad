/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/ks-number-text.h"

#include <locale.h>

static void
check (guint64 number, const char *expected)
{
  g_autofree char *text = ks_number_text (number);

  g_assert_cmpstr (text, ==, expected);
}

/* A person may well have a machine that was told of no language: words are English there, and
 * numbers too. */
static void
test_no_locale_groups_as_english_does (void)
{
  setlocale (LC_ALL, "C");
  check (0, "0");
  check (7, "7");
  check (999, "999");
  check (1000, "1,000");
  check (12345, "12,345");
  check (100000, "100,000");
  check (G_MAXUINT64, "18,446,744,073,709,551,615");
}

/* As far as this machine has a locale that groups. */
static void
test_grouping_is_the_locales (void)
{
  const struct
  {
    const char *locale;
    const char *text;
  } cases[] = {
    { "en_US.UTF-8", "12,345,678" },
    { "zh_CN.UTF-8", "12,345,678" },
    { "de_DE.UTF-8", "12.345.678" },
    { "C.UTF-8", "12,345,678" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    if (setlocale (LC_ALL, cases[i].locale) != NULL)
      check (12345678, cases[i].text);
  g_assert_nonnull (setlocale (LC_ALL, "C"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/number-text/no-locale", test_no_locale_groups_as_english_does);
  g_test_add_func ("/number-text/grouping-is-the-locales", test_grouping_is_the_locales);
  return g_test_run ();
}
