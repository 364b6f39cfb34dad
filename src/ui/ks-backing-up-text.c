/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/ks-backing-up-text.h"

#include "ui/ks-number-text.h"

#include <glib/gi18n.h>

char *
ks_backing_up_text (KsTimeLeft *time_left, guint64 done, guint64 total)
{
  g_autofree char *left = ks_time_left_text (time_left, done, total);
  g_autofree char *done_text = ks_number_text (done);
  g_autofree char *total_text = ks_number_text (total);
  g_autofree char *counts = NULL;

  /* Translators: numbers of room keys. */
  counts = g_strdup_printf (g_dngettext (NULL, "Backing up %s of %s key", "Backing up %s of %s keys",
                                         (gulong) total),
                            done_text, total_text);
  if (left == NULL)
    return g_steal_pointer (&counts);
  /* Translators: the first %s is "Backing up 312 of 1,204 keys", the second a time such as "20 seconds". */
  return g_strdup_printf (_ ("%s · about %s left"), counts, left);
}
