/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli-back-up.h"

#include "cli/ks-cli-error.h"
#include "engine/recovery/ks-recovery-back-up.h"

#include <glib/gi18n.h>

static void
on_uploading (KsRecovery *recovery, guint64 done, guint64 total, KsCli *cli)
{
  ks_cli_progress (cli, _ ("Backing up %lu of %lu room keys"), (gulong) done, (gulong) total);
}

void
ks_cli_back_up (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsRecovery *recovery = ks_account_get_recovery (ks_cli_account (op));

  g_signal_connect (recovery, "uploading", G_CALLBACK (on_uploading), op);
  ks_recovery_back_up_async (recovery, cancellable, ready, run);
}

KsStepVerdict
ks_cli_backed_up (gpointer op, GObject *recovery, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  g_autoptr (GError) failure = NULL;
  KsUploaded sum;
  gboolean done = ks_recovery_back_up_finish (KS_RECOVERY (recovery), result, &sum, &failure);
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (KS_RECOVERY (recovery));
  guint64 missing = seen != NULL ? seen->pending_upload + seen->refused_upload + seen->lost_upload : 0;

  g_signal_handlers_disconnect_by_data (recovery, op);
  ks_cli_answer_count (cli, "uploaded", sum.uploaded);
  ks_cli_answer_boolean (cli, "backed_up", done && missing == 0);
  if (done)
    /* Translators: a count of room keys. */
    g_string_append_printf (cli->text, _ ("Backed up: %lu\n"), (gulong) sum.uploaded);
  if (done && missing > 0)
    /* Translators: a count of room keys. */
    g_string_append_printf (cli->text, _ ("Still only here: %lu\n"), (gulong) missing);
  if (!done)
    g_string_append_printf (cli->text, _ ("They are not in the backup yet: %s\n"),
                            ks_cli_error_word (failure));
  return KS_STEP_NEXT;
}
