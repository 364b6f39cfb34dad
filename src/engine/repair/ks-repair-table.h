/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a repair is planned from: the places of each secret – under the Security Key on the server, its
 * public half, here – and the private half that follows from them. No I/O. Internal to the plan.
 */
#pragma once

#include "engine/repair/ks-repair-plan.h"
#include "engine/secrets/ks-storage-proof.h"

G_BEGIN_DECLS

/* The places of each secret, and what can be said of them. */
typedef struct
{
  const KsServerLook *look;
  KsRepairPlace place;            /* what is here; without the ID of the key where two share it */
  JsonObject *description;        /* borrowed: of the key at hand, or of the default one; NULL: none */
  gboolean contested;             /* two keys share its ID: the one at hand is to get its own */
  KsStorageProof proof;           /* of the default key */
  KsSecret *stored[KS_N_SECRETS]; /* owned: what the key opens; NULL: nothing, or it is not here */
  gboolean odd[KS_N_SECRETS];     /* it is spelled in a way that other clients do not read */
  KsSecret *values[KS_N_SECRETS]; /* owned: what the repair works with; NULL: none */
  KsSecret *older;                /* owned: the key of a backup that is not the current one; NULL: none */
  KsRepairPlan *plan;             /* owned by the caller of ks_repair_table_init() */
} KsRepairTable;

/* Fills @table in, with an empty plan. @look and what @place points to must outlive it. */
void ks_repair_table_init (KsRepairTable *table, const KsServerLook *look, const KsRepairPlace *place);
void ks_repair_table_clear (KsRepairTable *table); /* all but the plan */

/* Whether another identity is published than this session knew, and the person has not taken it (threat
 * A22). */
gboolean ks_repair_table_has_other_identity (const KsRepairTable *table);

/* Whether whoever runs the server could guess the phrase that the key comes from (threat A19). */
gboolean ks_repair_table_is_weak (const KsRepairTable *table);

/* Whether what lies in storage under the key at hand opens with it. Where none of it does, it may
 * well be another's, and only the description this key's: nothing is written over it. But what was
 * put in the place of secrets that this very key has opened is nobody's. */
gboolean ks_repair_table_is_proven (const KsRepairTable *table);

G_END_DECLS
