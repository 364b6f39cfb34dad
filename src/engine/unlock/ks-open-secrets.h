/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opens what a key of secret storage opens, and proves that each of it is the private half
 * of what the server publishes. No I/O.
 */
#pragma once

#include "engine/ks-server-look.h"
#include "engine/unlock/ks-key-lock.h"
#include "engine/unlock/ks-unlock-result.h"

G_BEGIN_DECLS

typedef struct
{
  KsOpened opened[KS_N_SECRETS];
  KsSecret *values[KS_N_SECRETS]; /* owned: 32 bytes, for KS_OPENED_SECRET; else NULL */
  KsIdentity identity;            /* the public halves of those that are the identity's */
} KsOpenedSecrets;

void ks_opened_secrets_clear (KsOpenedSecrets *secrets);

/* All or none: @secrets is cleared after an error. @key fits @lock.
 *
 * KS_RECOVERY_ERROR_DAMAGED_SECRET: one is stored and does not open; _MISMATCH: one is not
 * the half of what is published; _OLD_KEY: either of it under a key that is not the default
 * one; _NOTHING_STORED: nothing opens that is good for anything. */
gboolean ks_open_secrets (const KsServerLook *look,
                          const char *user_id,
                          const KsKeyLock *lock,
                          KsSecret *key,
                          KsOpenedSecrets *secrets,
                          GError **error);

G_END_DECLS
