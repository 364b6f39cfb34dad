/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/recovery/ks-recovery-turn.h"

gboolean
ks_recovery_turn_take (KsRecoveryTurn *turn, gboolean *taken, GTask *task)
{
  if (*taken)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, "another one is under way");
      return FALSE;
    }
  turn->taken = taken;
  *taken = TRUE;
  return TRUE;
}

void
ks_recovery_turn_end (KsRecoveryTurn *turn)
{
  if (turn->taken != NULL)
    *turn->taken = FALSE;
  turn->taken = NULL;
}
