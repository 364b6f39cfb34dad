/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a repair is planned from, gathered from the server and from here; and what it works with.
 * Only reads.
 */
#pragma once

#include "engine/repair/ks-repair-plan.h"
#include "engine/unlock/ks-unlock-note.h"
#include "store/ks-journal.h"
#include "store/ks-key-store.h"
#include "store/ks-olm-store.h"
#include "store/ks-recovery-store.h"

G_BEGIN_DECLS

/* Tells that @action begins. */
typedef void (*KsRepairFunc) (KsRepairAction action, gpointer user_data);

typedef struct
{
  KsHttp *http;
  const char *user_id;
  const char *device_id;
  KsJournal *journal;
  KsOlmStore *olm_store;
  KsSecretStore *secret_store;
  KsRecoveryStore *recovery_store;
  KsKeyStore *keys;
  const KsUnlockNote *note; /* with the Security Key; NULL: it is not here */
  gboolean device_verified; /* as it was seen last */
  KsRepairFunc on_action;   /* NULL: nobody is told */
  gpointer action_data;
} KsRepairTools; /* all borrowed, action_data until the callback */

typedef struct
{
  KsServerLook *look;             /* owned */
  JsonObject *description;        /* owned: of the note's key; NULL: none, or it is the default one */
  KsRecoveryRecord *record;       /* owned; NULL: nothing was known */
  KsSecret *values[KS_N_SECRETS]; /* owned: the private halves to work with; NULL: none */
  KsRepairPlan *plan;             /* owned */
} KsRepairSight;

void ks_repair_sight_free (KsRepairSight *sight); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsRepairSight, ks_repair_sight_free)

/* KS_MATRIX_ERROR, KS_STORE_ERROR. */
void ks_repair_look_async (const KsRepairTools *tools,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
KsRepairSight *ks_repair_look_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
