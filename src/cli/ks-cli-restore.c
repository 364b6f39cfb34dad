/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli-error.h"
#include "cli/ks-cli-key-report.h"
#include "engine/recovery/ks-recovery-restore.h"
#include "engine/secrets/ks-recovery-error.h"

#include <glib/gi18n.h>

typedef struct
{
  char *room_id;    /* owned; NULL: all */
  guint64 expected; /* keys, as the server said; 0: not known */
} Restore;

static gboolean
parse (KsCli *cli, int argc, char **argv, GError **error)
{
  Restore *restore = g_new0 (Restore, 1);
  const GOptionEntry entries[] = {
    { "room", 0, 0, G_OPTION_ARG_STRING, &restore->room_id, N_ ("Only the room keys of the room ID"),
      N_ ("ID") },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  cli->verb_data = restore;
  return ks_cli_parse (&ks_cli_restore, entries, argc, argv, error);
}

static void
release (gpointer data)
{
  Restore *restore = data;

  if (restore == NULL)
    return;
  g_free (restore->room_id);
  g_free (restore);
}

/* Restores: one step. What it had before a stop is here, and the same command goes on. */

static void
on_restoring (KsRecovery *recovery, const KsKeyReport *report, guint64 expected, KsCli *cli)
{
  ((Restore *) cli->verb_data)->expected = expected;
  if (expected > 0)
    /* Translators: both are counts of room keys. */
    ks_cli_progress (cli, _ ("%lu of %lu"), (gulong) report->total, (gulong) MAX (expected, report->total));
  else
    ks_cli_progress (cli, "%lu", (gulong) report->total);
}

static void
begin (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsCli *cli = op;
  const Restore *restore = cli->verb_data;
  KsRecovery *recovery = ks_account_get_recovery (ks_cli_account (cli));

  g_signal_connect (recovery, "restoring", G_CALLBACK (on_restoring), cli);
  ks_cli_progress (cli, "%s", _ ("Checking"));
  ks_recovery_restore_async (recovery, restore->room_id, cancellable, ready, run);
}

/* Keys that the server said it has and did not hand over. What it handed over may be nothing:
 * then it was not told on the way. */
static guint64
count_held_back (KsRecovery *recovery, const Restore *restore, const KsKeyReport *report)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (recovery);
  guint64 expected = restore->expected;

  if (restore->room_id == NULL && expected == 0 && seen != NULL && seen->backup_version != NULL)
    expected = (guint64) MAX (seen->backup_count, 0);
  return restore->room_id == NULL && expected > report->total ? expected - report->total : 0;
}

/* What the engine's errors mean where keys are to be restored. */
static void
translate (GError **error)
{
  if (g_error_matches (*error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_MISMATCH))
    {
      g_clear_error (error);
      g_set_error (error, KS_CLI_ERROR, KS_CLI_ERROR_OTHER_BACKUP, "the backup is of another key");
    }
  else if (g_error_matches (*error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NOT_SET_UP))
    {
      g_clear_error (error);
      g_set_error (error, KS_CLI_ERROR, KS_CLI_ERROR_NO_BACKUP, "the homeserver has none");
    }
}

static KsStepVerdict
ended (gpointer op, GObject *recovery, GAsyncResult *result, GError **error)
{
  g_autoptr (KsKeyReport) report = NULL;
  g_autofree char *total = NULL;
  guint64 held_back;
  gboolean ok = ks_recovery_restore_finish (KS_RECOVERY (recovery), result, &report, error);

  g_signal_handlers_disconnect_by_data (recovery, op);
  if (!ok)
    {
      translate (error);
      return KS_STEP_FAIL;
    }
  /* Translators: a count of room keys. */
  total = g_strdup_printf (_ ("In the backup: %lu\n"), (gulong) report->total);
  ks_cli_answer_key_report (op, total, report);
  held_back = count_held_back (KS_RECOVERY (recovery), ((KsCli *) op)->verb_data, report);
  ks_cli_answer_count (op, "held_back", held_back);
  if (held_back > 0)
    /* Translators: a count of room keys. */
    g_string_append_printf (((KsCli *) op)->text, _ ("Not handed over by the homeserver: %lu\n"),
                            (gulong) held_back);
  return KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { .name = "restore", .begin = begin, .end = ended },
  { 0 },
};

const KsCliVerb ks_cli_restore = {
  .name = "restore",
  .arguments = "[--room ID]",
  .help = N_ ("Bring the room keys of the backup here"),
  .opens = KS_PROFILE_OPEN_QUIETLY,
  .needs_account = TRUE,
  .steps = steps,
  .parse = parse,
  .release = release,
};
