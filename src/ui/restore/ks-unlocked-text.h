/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said of what a key or phrase has opened, and of what it has not.
 */
#pragma once

#include "engine/recovery/ks-recovery.h"
#include "engine/unlock/ks-unlock-result.h"

G_BEGIN_DECLS

/* What the person has to know besides that it is open; first the mistake in the key, with what it has to
 * be. @recovery has looked since. NULL: nothing. The caller wipes it: ks_wipe_free_string(). */
char *ks_unlocked_text_notes (const KsUnlockResult *result, KsRecovery *recovery) G_GNUC_WARN_UNUSED_RESULT;

/* Why there is nothing to restore with what opened. */
char *ks_unlocked_text_without_backup (const KsUnlockResult *result, KsRecovery *recovery)
    G_GNUC_WARN_UNUSED_RESULT;

/* What became of a key that opened nothing but an older backup. @is_open: the current one is open here.
 * Static. */
const char *ks_unlocked_text_older (const KsUnlockResult *result, gboolean is_open);

G_END_DECLS
