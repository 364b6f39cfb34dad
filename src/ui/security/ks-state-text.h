/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said of Secure Backup: from the engine's state and snapshot to a heading and
 * a sentence. What is asked and what is done about it is the page's.
 */
#pragma once

#include "engine/recovery/ks-recovery.h"
#include "engine/repair/ks-repair-plan.h"
#include "ui/ks-time-left.h"

G_BEGIN_DECLS

typedef struct
{
  const char *icon;  /* static */
  const char *look;  /* static: a style class; NULL: plain */
  const char *title; /* static */
  char *text;        /* owned; never NULL */
  gboolean quiet;    /* all is well: nothing that needs the person */
} KsStateText;

void ks_state_text_clear (KsStateText *text);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KsStateText, ks_state_text_clear)

/* @seen may be NULL in the states that come before a first look. @stopped: why the room keys that
 * are only here did not get into the backup at the last try; NULL: nobody knows of a reason. */
void ks_state_text_describe (KsRecoveryState state,
                             const KsRecoverySnapshot *seen,
                             const GError *stopped,
                             KsStateText *text);

/* Where a repair, or what may help beyond one, is what leads on from @state. */
void ks_state_text_describe_repair (KsRecoveryState state,
                                    const KsRecoverySnapshot *seen,
                                    const KsRepairPlan *plan,
                                    KsStateText *text);

/* Of room keys on their way into the backup: @done of @total, or 0 of 0 where that is not known. */
void ks_state_text_describe_upload (KsTimeLeft *time_left, guint64 done, guint64 total, KsStateText *text);

/* Of a set-up that is under way. @failure: why it stopped, NULL: it did not, or nobody
 * knows. */
void ks_state_text_describe_set_up (gboolean running, const GError *failure, KsStateText *text);

/* Of a look that failed, in @state. */
void ks_state_text_describe_failure (KsRecoveryState state, const GError *failure, KsStateText *text);

G_END_DECLS
