/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The restore of an account's room keys, for as long as the program runs: it goes on whoever looks at
 * it, and keeps how it ended until somebody has seen that.
 */
#pragma once

#include "engine/recovery/ks-recovery-restore.h"

G_BEGIN_DECLS

typedef enum
{
  KS_RESTORE_JOB_IDLE,
  KS_RESTORE_JOB_RUNNING,
  KS_RESTORE_JOB_DONE,
  KS_RESTORE_JOB_STOPPED, /* by the person, who does not want the rest */
  KS_RESTORE_JOB_FAILED,  /* the next start of the program goes on, or ks_restore_job_run() does */
} KsRestoreJobState;

#define KS_TYPE_RESTORE_JOB_STATE (ks_restore_job_state_get_type ())
GType ks_restore_job_state_get_type (void);

#define KS_TYPE_RESTORE_JOB (ks_restore_job_get_type ())
G_DECLARE_FINAL_TYPE (KsRestoreJob, ks_restore_job, KS, RESTORE_JOB, GObject)

/* Property "state", read-only. Signal "progress": more keys were looked at. */

KsRestoreJob *ks_restore_job_new (KsRecovery *recovery) G_GNUC_WARN_UNUSED_RESULT;

/* Restores all room keys of the backup; goes on with what was begun. Nothing while it runs. */
void ks_restore_job_run (KsRestoreJob *self);

/* Runs if a restore of an earlier start of the program has not ended. */
void ks_restore_job_resume (KsRestoreJob *self);

/* The person wants no more of it. What has arrived stays. */
void ks_restore_job_stop (KsRestoreJob *self);

/* Nobody is there any more to see it. Ends it in the middle, without a word and for good;
 * the next start goes on. */
void ks_restore_job_abandon (KsRestoreJob *self);

/* How it ended was seen: the state is IDLE again. Nothing while it runs. */
void ks_restore_job_reset (KsRestoreJob *self);

/* Whether somebody looks at it, and needs no word when it ends. */
void ks_restore_job_set_watched (KsRestoreJob *self, gboolean watched);
gboolean ks_restore_job_get_watched (KsRestoreJob *self);

KsRecovery *ks_restore_job_get_recovery (KsRestoreJob *self); /* borrowed */

KsRestoreJobState ks_restore_job_get_state (KsRestoreJob *self);

/* @done: room keys looked at so far; @total: that there are, as the server says; 0: not
 * known yet. */
void ks_restore_job_get_keys (KsRestoreJob *self, guint64 *done, guint64 *total);

/* Of what has ended. Borrowed; NULL: no key was asked for. */
const KsKeyReport *ks_restore_job_get_report (KsRestoreJob *self);

/* Why it is FAILED. Borrowed; NULL in other states. */
const GError *ks_restore_job_get_failure (KsRestoreJob *self);

G_END_DECLS
