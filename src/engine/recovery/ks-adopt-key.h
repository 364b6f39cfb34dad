/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A storage that another client has emptied (matrix-js-sdk#5474), while its secrets are here: any whole
 * Security Key that the person has can be its key from now on. No I/O.
 */
#pragma once

#include "engine/recovery/ks-recovery.h"
#include "engine/unlock/ks-key-entry.h"
#include "engine/unlock/ks-unlock-note.h"

G_BEGIN_DECLS

/* @now: what was seen. @text: what the person gave. The note of that key for a repair; NULL: it is no
 * such case, or no key. */
KsUnlockNote *ks_adopt_key (const KsRecoverySnapshot *now, KsSecret *text, KsKeyEntrySource source)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
