/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What of secret storage a repair has proven: what it stored and read back, and what it found there that
 * opens with the key at hand. No I/O.
 */
#pragma once

#include "engine/repair/ks-repair-look.h"
#include "engine/secrets/ks-storage-proof.h"

G_BEGIN_DECLS

/* Sets @record's storage_proof for its default_key_id, as that is from now on. @note: with the key;
 * @stored: what was read back. Of another key than that one nothing is known. */
void ks_repair_proof_note (KsRecoveryRecord *record,
                           const KsRepairSight *sight,
                           const KsUnlockNote *note,
                           const KsStorageProof *stored);

G_END_DECLS
