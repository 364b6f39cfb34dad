/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/ks-number-text.h"

/* The apostrophe is POSIX's, not ISO C's. */
#pragma GCC diagnostic ignored "-Wformat"

char *
ks_number_text (guint64 number)
{
  return g_strdup_printf ("%'" G_GUINT64_FORMAT, number);
}
