/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * KsRecovery's verb "repair": puts right what Secure Backup of the account lacks. What it will do is
 * in the snapshot beforehand: ks_recovery_get_plan().
 *
 * Signal "repairing" of KsRecovery (int, a KsRepairAction): that action begins.
 */
#pragma once

#include "engine/recovery/ks-recovery.h"
#include "engine/repair/ks-repair-plan.h"
#include "engine/unlock/ks-key-entry.h"
#include "matrix/ks-uia.h"

G_BEGIN_DECLS

typedef struct
{
  KsRepairPlan *done; /* owned: what was to be done, all of which is */
  guint64 uploaded;   /* room keys that went up right after */
  guint64 refused;    /* and that the server did not take */
  GError *upload;     /* owned: why not all of them went up; NULL otherwise */
} KsRepairOutcome;

void ks_repair_outcome_free (KsRepairOutcome *outcome); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsRepairOutcome, ks_repair_outcome_free)

/* What a repair would do, as it was seen last; borrowed, until the next refresh. NULL: nothing was
 * seen yet. */
const KsRepairPlan *ks_recovery_get_plan (KsRecovery *self);

/* Repairs. @text: the Security Key or Phrase, with which the account is unlocked first; NULL where an
 * unlock of before has left it, or where the plan does not need it. It may also be the key that a
 * storage which another client has emptied is to be put back under. @answer: to the challenge of the
 * call before; NULL: none. The errors of ks_repair_async(), and with @text those of
 * ks_recovery_unlock_async(). G_IO_ERROR_PENDING: another unlock or repair is under way.
 * Cancelling stops after the request that is under way; calling it again goes on. */
void ks_recovery_repair_async (KsRecovery *self,
                               KsSecret *text,
                               KsKeyEntrySource source,
                               KsUiaAnswer *answer,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);

/* @challenge: set with KS_RECOVERY_ERROR_AUTH_NEEDED and _AUTH_WRONG; the caller drops it. */
KsRepairOutcome *
ks_recovery_repair_finish (KsRecovery *self, GAsyncResult *result, KsUia **challenge, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
