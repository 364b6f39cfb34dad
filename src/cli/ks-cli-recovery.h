/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What several verbs answer of Secure Backup, in the same form.
 */
#pragma once

#include "cli/ks-cli.h"
#include "engine/recovery/ks-recovery.h"
#include "engine/repair/ks-repair-plan.h"

G_BEGIN_DECLS

/* "not-set-up", "locked", "ready" … Static. */
const char *ks_cli_state_word (KsRecoveryState state);

/* Adds the member "next_step" to the answer, and to the text a line, after one that names a restore where the
 * backup has what is not here. @plan_is_shown: what a repair would do
 * is in it already. */
void ks_cli_answer_next_step (KsCli *cli, KsRecovery *recovery, gboolean plan_is_shown);

/* Adds the member "plan": {"actions": [word …], "store", "publish", "make", "lost": [secret …],
 * "needs_key"}, or null where nothing was seen. */
void ks_cli_answer_plan (KsCli *cli, const KsRepairPlan *plan);

/* Adds the member "secrets" to the answer; @seen may be NULL. */
void ks_cli_answer_secrets (KsCli *cli, const KsRecoverySnapshot *seen);

G_END_DECLS
