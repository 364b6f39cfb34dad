/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the verbs of KsRecovery have in common of which one at a time can run: taking their turn
 * and giving it back, whether or not anybody asks for their result.
 */
#pragma once

#include "engine/recovery/ks-recovery-private.h"

G_BEGIN_DECLS

/* Part of an operation's task data, which holds a reference to the KsRecovery for as long. All
 * zero to begin with. */
typedef struct
{
  gboolean *taken; /* borrowed; NULL: none */
} KsRecoveryTurn;

/* Takes the turn of which @taken, a member of KsRecovery, says whether it is taken. FALSE: it is,
 * and @task has returned G_IO_ERROR_PENDING; the caller drops it. */
gboolean ks_recovery_turn_take (KsRecoveryTurn *turn, gboolean *taken, GTask *task) G_GNUC_WARN_UNUSED_RESULT;

/* Gives it back: when the end of the operation is told, or, where nobody asks for it, when it is
 * gone. More than once is no harm. */
void ks_recovery_turn_end (KsRecoveryTurn *turn);

G_END_DECLS
