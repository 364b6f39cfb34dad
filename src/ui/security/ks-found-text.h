/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is there of a Secure Backup that this session did not make, or that is not as it
 * should be: which parts, which version, and by whom.
 */
#pragma once

#include "engine/recovery/ks-recovery.h"

G_BEGIN_DECLS

/* The parts on the server as a list. NULL: there are none. */
char *ks_found_text_parts (const KsRecoverySnapshot *seen) G_GNUC_WARN_UNUSED_RESULT;

/* Those that are not there, or cannot be used. NULL: all are. */
char *ks_found_text_missing (const KsRecoverySnapshot *seen) G_GNUC_WARN_UNUSED_RESULT;

/* Version and signer of the backup. NULL: there is none. */
char *ks_found_text_backup (const KsRecoverySnapshot *seen) G_GNUC_WARN_UNUSED_RESULT;

/* Static: "Master key" … for the three cross-signing keys. */
const char *ks_found_text_key (KsSecretName name);

G_END_DECLS
