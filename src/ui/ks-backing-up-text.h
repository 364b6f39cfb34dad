/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How far room keys are on their way into the backup.
 */
#pragma once

#include "ui/ks-time-left.h"

G_BEGIN_DECLS

/* "Backing up 312 of 1,204 keys · about 20 seconds left". */
char *ks_backing_up_text (KsTimeLeft *time_left, guint64 done, guint64 total) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
