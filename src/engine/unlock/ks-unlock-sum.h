/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sums up what an unlock has come to: its result, and the note that a later repair works from.
 * No I/O.
 */
#pragma once

#include "engine/unlock/ks-match-key.h"
#include "engine/unlock/ks-open-secrets.h"
#include "engine/unlock/ks-unlock-result.h"
#include "store/ks-recovery-store.h"

G_BEGIN_DECLS

typedef struct
{
  const char *user_id;
  const KsServerLook *look;
  const KsRecoveryRecord *before; /* NULL: this session knew nothing */
  const KsOpenedSecrets *secrets;
  gboolean changed;    /* the identity, and the person has not said that it is theirs */
  gboolean accepted;   /* they have said so */
  gboolean is_signed;  /* this session is */
  gboolean only_older; /* the key opens nothing but what an older backup has */
} KsUnlockSeen;        /* all borrowed */

/* @match gives its found key away. What the server refused is for the caller to fill in. */
KsUnlockResult *ks_unlock_sum_up (const KsUnlockSeen *seen, KsKeyMatch *match) G_GNUC_WARN_UNUSED_RESULT;

/* The key of @match, and what was seen with it. The caller frees it. */
KsUnlockNote *ks_unlock_sum_note (const KsUnlockSeen *seen, const KsKeyMatch *match)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
