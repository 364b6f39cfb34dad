/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/ks-time-left.h"

#include "ui/ks-error-text.h"

/* Less than that is too little to tell from. */
#define LEAST_TIME (3 * G_USEC_PER_SEC)

char *
ks_time_left_text (KsTimeLeft *self, guint64 done, guint64 total)
{
  gint64 now = g_get_monotonic_time ();
  double seconds;

  if (self->since == 0)
    {
      self->since = now;
      self->before = done;
    }
  if (now - self->since < LEAST_TIME || done <= self->before || done >= total)
    return NULL;
  seconds = (double) (now - self->since) / G_USEC_PER_SEC * (double) (total - done)
            / (double) (done - self->before);
  return seconds < 3 ? NULL : ks_error_text_wait ((guint) MIN (seconds, 86400));
}
