/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opens what a key opens, and proves of each secret by itself that it is the private half of
 * what the server publishes. No I/O.
 */
#pragma once

#include "engine/identity/ks-server-look.h"
#include "engine/unlock/ks-key-lock.h"
#include "engine/unlock/ks-unlock-result.h"

G_BEGIN_DECLS

typedef struct
{
  KsOpened opened[KS_N_SECRETS];
  KsSecret *values[KS_N_SECRETS]; /* owned: 32 bytes, for KS_OPENED_SECRET; else NULL */
  KsSecret *older;                /* owned: the key of another backup than the current one; NULL: none */
  KsIdentity identity;            /* the public halves of those that are the identity's */
  gboolean elsewhere;             /* one of them is not stored under the lock's ID: under another ID of the
                                     same key, or it is the backup's own key, and storage does not have it */
  gboolean odd;                   /* one of them is spelled in a way that other clients do not read */
} KsOpenedSecrets;

void ks_opened_secrets_clear (KsOpenedSecrets *secrets);

/* Fills @secrets in. @key fits @lock. @changed: the identity that is published is not the one
 * that this session knew, and the person has not said that it is theirs: then none of it is
 * taken. FALSE: nothing opened that is good for anything; @secrets is filled in all the same.
 *
 * KS_RECOVERY_ERROR_DAMAGED_SECRET: one is stored and does not open; _MISMATCH: one is not
 * the half of what is published; _OLD_KEY: either of it under a key that is not the default
 * one; _CHANGED; _NOTHING_STORED. Or what the server answered instead of what was asked. */
gboolean ks_open_secrets (const KsServerLook *look,
                          const KsKeyLock *lock,
                          KsSecret *key,
                          gboolean changed,
                          KsOpenedSecrets *secrets,
                          GError **error);

G_END_DECLS
