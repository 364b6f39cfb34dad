/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said of a set-up that an earlier run of keepsakectl has completed.
 */
#pragma once

#include "cli/ks-cli.h"
#include "engine/set-up/ks-set-up.h"

G_BEGIN_DECLS

/* The state was seen to be KS_RECOVERY_READY. @file must be there and hold the key: what is
 * lost cannot be written again. Errors: KS_CLI_ERROR_NO_KEY_FILE, KS_KEY_TEXT_FILE_ERROR,
 * those of ks_recovery_check_key_async(). */
void ks_cli_setup_complete_async (KsCli *cli,
                                  GFile *file,
                                  gboolean wants_keyring,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
/* As ks_set_up_get_outcome() would have it. Borrowed from @result. */
KsSetUpOutcome *ks_cli_setup_complete_finish (GAsyncResult *result, GError **error);

G_END_DECLS
