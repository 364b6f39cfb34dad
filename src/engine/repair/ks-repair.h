/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Carries a repair out. It plans anew each time from what the server shows, so that it can be
 * repeated after a stop anywhere: what is right already is found and left.
 */
#pragma once

#include "engine/repair/ks-repair-look.h"
#include "matrix/ks-uia.h"

G_BEGIN_DECLS

/* @answer: to the challenge of the call before; NULL: none.
 *
 * KS_RECOVERY_ERROR_LOCKED: the Security Key is needed, and not here; _CHANGED: the identity is not the
 * person's; _AUTH_NEEDED and _AUTH_WRONG: answer the challenge, call again; _CONFLICT: another client
 * changed something meanwhile, so that the plan does not hold; _CORRUPT, _REFUSED; KS_MATRIX_ERROR,
 * KS_STORE_ERROR. What was done before an error stays, and is whole in itself. */
void ks_repair_async (const KsRepairTools *tools,
                      KsUiaAnswer *answer,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data);

/* @plan: what was done, also after an error; the caller frees it. NULL: it did not come to a plan.
 * @challenge: set with the two errors that need it. */
gboolean ks_repair_finish (GAsyncResult *result, KsRepairPlan **plan, KsUia **challenge, GError **error);

G_END_DECLS
