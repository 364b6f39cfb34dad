/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From what was found on the server and here to what can be said about it: the one place
 * where the state of Secure Backup is judged. No I/O.
 */
#pragma once

#include "engine/identity/ks-server-look.h"
#include "engine/recovery/ks-recovery.h"
#include "engine/repair/ks-repair-plan.h"
#include "engine/unlock/ks-unlock-note.h"
#include "store/ks-recovery-store.h"

G_BEGIN_DECLS

typedef struct
{
  const char *user_id;             /* borrowed */
  const char *device_id;           /* borrowed */
  KsServerLook *look;              /* owned */
  KsSecret *secrets[KS_N_SECRETS]; /* owned: private halves here; NULL: not here */
  KsRecoveryRecord *record;        /* owned: what this session knew; NULL: nothing */
  KsUnlockNote *note;              /* owned: of an unlock that did not open all; NULL: none */
  JsonObject *description;         /* owned: of the note's key, where it is not the default one; NULL: none */
  GError *description_failure;     /* owned: why it could not be read; NULL: it could be */
  char *device_key;                /* owned: this session's own Ed25519 key, base64; NULL: none */
  guint64 total;                   /* room keys here */
  guint64 pending;
  guint64 refused;
} KsRecoveryFacts;

void ks_recovery_facts_clear (KsRecoveryFacts *facts);

/* @facts->look must be there. */
KsRecoverySnapshot *ks_recovery_facts_judge (const KsRecoveryFacts *facts) G_GNUC_WARN_UNUSED_RESULT;
void ks_recovery_snapshot_free (KsRecoverySnapshot *snapshot); /* NULL is allowed */

/* What would put right what @seen, judged from @facts, lacks. */
KsRepairPlan *ks_recovery_facts_plan (const KsRecoveryFacts *facts, const KsRecoverySnapshot *seen)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
