/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said of a restore: how far it is, how it ended, and why some keys could not be
 * used.
 */
#pragma once

#include "engine/recovery/ks-restore-job.h"
#include "ui/ks-time-left.h"

G_BEGIN_DECLS

/* While it runs: "Restoring 312 of 1,204 room keys · about 20 seconds left". */
char *ks_restore_text_progress (KsRestoreJob *job, KsTimeLeft *time_left) G_GNUC_WARN_UNUSED_RESULT;

/* 0 to 1; negative: not known. */
double ks_restore_text_fraction (KsRestoreJob *job);

/* Heading and sentence of one that is DONE or STOPPED. The heading is static. */
const char *ks_restore_text_title (KsRestoreJob *job);
char *ks_restore_text_sentence (KsRestoreJob *job) G_GNUC_WARN_UNUSED_RESULT;

/* Whether nothing is left to wish for: all that the server said it has was taken. */
gboolean ks_restore_text_is_good (KsRestoreJob *job);

/* Room keys that the server said it has and did not hand over, in one that is DONE. */
guint64 ks_restore_text_held_back (KsRestoreJob *job);

/* What is wrong with a key, and what that means. Static. */
const char *ks_restore_text_reason (KsKeyReason reason);
const char *ks_restore_text_advice (KsKeyReason reason);

/* "4 room keys". */
char *ks_restore_text_count (guint64 count) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
