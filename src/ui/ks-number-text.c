/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/ks-number-text.h"

#include <locale.h>

/* The apostrophe is POSIX's, not ISO C's. */
#pragma GCC diagnostic ignored "-Wformat"

/* Whether it is that of a machine and of no people: "C", "POSIX", "C.UTF-8". It groups nothing. */
static gboolean
is_nobodys (const char *locale)
{
  return locale == NULL || g_str_equal (locale, "C") || g_str_equal (locale, "POSIX")
         || g_str_has_prefix (locale, "C.");
}

/* As English and Chinese have it. Takes @digits. */
static char *
group (char *digits)
{
  g_autofree char *owned = digits;
  g_autoptr (GString) text = g_string_new (owned);

  for (gssize place = (gssize) text->len - 3; place > 0; place -= 3)
    g_string_insert_c (text, place, ',');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
ks_number_text (guint64 number)
{
  char *text = g_strdup_printf ("%'" G_GUINT64_FORMAT, number);

  return is_nobodys (setlocale (LC_NUMERIC, NULL)) ? group (text) : text;
}
