/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The last step of verbs that have brought room keys here: into the backup with them, if this session
 * has it open. They are here in any case: a failure is told as such, and is none of the verb's.
 */
#pragma once

#include "cli/ks-cli.h"

G_BEGIN_DECLS

/* The two halves of the step. It adds "uploaded" and "backed_up" to the answer, and the same in words. */
void ks_cli_back_up (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run);
KsStepVerdict ks_cli_backed_up (gpointer op, GObject *recovery, GAsyncResult *result, GError **error);

G_END_DECLS
