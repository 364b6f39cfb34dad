/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/history/ks-day.h"

#include <glib/gi18n.h>

/* A time is the server's word and may be any number; GDateTime knows the years from 1 to
 * 9999. */
#define LATEST (G_GINT64_CONSTANT (253402214400) * 1000)
#define ONE_DAY (G_GINT64_CONSTANT (86400) * 1000)

static GDateTime *
date_time (gint64 time)
{
  return g_date_time_new_from_unix_local (CLAMP (time, 0, LATEST) / 1000);
}

void
ks_day_go_to (KsDay *self, gint64 time)
{
  g_autoptr (GDateTime) then = NULL;
  g_autoptr (GDateTime) midnight = NULL;
  g_autoptr (GDateTime) next = NULL;

  if (time >= self->from && time < self->to)
    return;
  then = date_time (time);
  midnight = g_date_time_new_local (g_date_time_get_year (then), g_date_time_get_month (then),
                                    g_date_time_get_day_of_month (then), 0, 0, 0);
  /* Not always 24 hours. */
  next = midnight != NULL ? g_date_time_add_days (midnight, 1) : NULL;
  self->from = midnight != NULL ? g_date_time_to_unix (midnight) * 1000 : 0;
  self->to = next != NULL ? g_date_time_to_unix (next) * 1000 : self->from + ONE_DAY;
}

char *
ks_day_text (gint64 time)
{
  g_autoptr (GDateTime) then = date_time (time);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  if (g_date_time_get_year (then) == g_date_time_get_year (now))
    /* Translators: a day of this year: see g_date_time_format(). */
    return g_date_time_format (then, _ ("%A, %-e %B"));
  /* Translators: a day of another year. */
  return g_date_time_format (then, _ ("%A, %-e %B %Y"));
}

char *
ks_day_text_time (gint64 time)
{
  g_autoptr (GDateTime) then = date_time (time);

  /* Translators: a time of the day, without seconds. */
  return g_date_time_format (then, _ ("%H:%M"));
}
