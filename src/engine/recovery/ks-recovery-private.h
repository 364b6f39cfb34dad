/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * KsRecovery as the files that its verbs are in share it, and how an account makes one.
 */
#pragma once

#include "engine/recovery/ks-recovery.h"
#include "engine/repair/ks-repair-plan.h"
#include "engine/restore/ks-restore-memory.h"
#include "engine/secrets/ks-key-description.h"
#include "engine/unlock/ks-unlock-note.h"
#include "matrix/ks-http.h"
#include "store/ks-journal.h"
#include "store/ks-key-store.h"
#include "store/ks-keyring.h"
#include "store/ks-olm-store.h"
#include "store/ks-recovery-store.h"

G_BEGIN_DECLS

struct _KsRecovery
{
  GObject parent;

  KsHttp *http;                    /* owned */
  char *user_id;                   /* owned */
  char *device_id;                 /* owned */
  KsSecretStore *secret_store;     /* owned */
  KsRecoveryStore *recovery_store; /* owned */
  KsOlmStore *olm_store;           /* owned */
  KsKeyStore *keys;                /* owned */
  KsKeyring *keyring;              /* owned; NULL: none */
  KsJournal *journal;              /* owned */
  KsSetUp *set_up;                 /* owned */
  gboolean unlocking;              /* an unlock is under way */
  gboolean restoring;              /* a restore of all keys is under way */
  gboolean key_file;               /* an export or import of room keys is under way */
  gboolean repairing;              /* a repair is under way */
  gboolean backing_up;             /* what exists only here is on its way into the backup */
  guint asked;                     /* how many looks have begun */
  guint shown;                     /* which of them the snapshot is of */
  gboolean brought_back;           /* keys that the backup had lost were sent again in this run */
  KsRestoreMemory *restore_memory; /* owned */
  KsRecoveryState state;
  KsRecoverySnapshot *snapshot;               /* owned; NULL before the first refresh */
  KsKeyDescription *description;              /* owned: of the default key, with the snapshot; NULL: none */
  KsRepairPlan *plan;                         /* owned: with the snapshot */
  uint8_t digest[KS_UNLOCK_NOTE_DIGEST_SIZE]; /* with the snapshot: see ks-unlock-note.h */
};

/* A set-up that the person has answered all questions of is under way, whatever the
 * server shows of it so far. */
gboolean ks_recovery_is_setting_up (KsRecovery *self);

/* Sets the property, and tells of it if it is another. */
void ks_recovery_set_state (KsRecovery *self, KsRecoveryState state);

/* @keyring may be NULL. */
KsRecovery *
ks_recovery_new (KsHttp *http, KsDatabase *database, KsKeyring *keyring, const KsAccountRecord *account)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
