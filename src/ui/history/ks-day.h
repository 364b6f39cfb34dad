/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Days and times as a timeline shows them, where the person is.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A day from midnight to midnight, in milliseconds since 1970; all zero: none yet. */
typedef struct
{
  gint64 from;
  gint64 to;
} KsDay;

/* Makes @self the day of @time (milliseconds since 1970). Costs next to nothing if it is that
 * day already. */
void ks_day_go_to (KsDay *self, gint64 time);

/* "Tuesday, 3 November", with the year if it is not this one. */
char *ks_day_text (gint64 time) G_GNUC_WARN_UNUSED_RESULT;

/* "18:02". */
char *ks_day_text_time (gint64 time) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
