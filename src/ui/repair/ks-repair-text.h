/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said of a repair: in a heading and a sentence, and of each thing that it does. Its lists
 * are ks-repair-lines.
 */
#pragma once

#include "engine/repair/ks-repair-plan.h"

G_BEGIN_DECLS

/* What is wrong, for a plan that has an action. The title is static. */
const char *ks_repair_text_title (const KsRepairPlan *plan);
char *ks_repair_text_sentence (const KsRepairPlan *plan) G_GNUC_WARN_UNUSED_RESULT;

/* Which Security Key is wanted. @any: one that there is nothing to compare with. Static. */
const char *ks_repair_text_ask_for_key (gboolean any);

/* What @action of @plan does: "Create a new backup". Static. */
const char *ks_repair_text_action (KsRepairAction action, const KsRepairPlan *plan);

/* How many keys of the identity the plan makes, since there are none. */
guint ks_repair_text_count_made (const KsRepairPlan *plan);

G_END_DECLS
