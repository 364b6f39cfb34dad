/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What this session knows of an account once it is unlocked, for the next look to be compared with.
 * No I/O.
 */
#pragma once

#include "engine/unlock/ks-match-key.h"
#include "engine/unlock/ks-open-secrets.h"
#include "store/ks-recovery-store.h"

G_BEGIN_DECLS

/* @before: what was known so far; NULL: nothing. What could not be opened is known as before. */
KsRecoveryRecord *ks_unlock_record_new (const KsRecoveryRecord *before,
                                        const KsServerLook *look,
                                        const KsKeyMatch *match,
                                        const KsOpenedSecrets *secrets,
                                        const KsUnlockResult *result) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
