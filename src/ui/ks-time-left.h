/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long something goes on, told from how fast it went so far.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint64 since; /* monotonic time of the first look; 0: none yet */
  guint64 before;
} KsTimeLeft; /* all zero to begin with */

/* In words: "20 seconds". NULL: it cannot be told yet, or is not worth telling. */
char *ks_time_left_text (KsTimeLeft *self, guint64 done, guint64 total) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
