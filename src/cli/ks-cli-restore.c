/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli-recovery.h"
#include "engine/restore/ks-recovery-restore.h"

#include <glib/gi18n.h>

typedef struct
{
  char *room_id; /* owned; NULL: all */
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

/* Stable: scripts depend on them. */
static const char *
reason_word (KsKeyReason reason)
{
  switch (reason)
    {
    case KS_KEY_MALFORMED:
      return "malformed";
    case KS_KEY_NOT_OURS:
      return "not-ours";
    case KS_KEY_NO_KEY:
      return "no-key";
    case KS_KEY_OTHER_KIND:
      return "other-kind";
    case KS_KEY_WRONG_ID:
      return "wrong-id";
    case KS_KEY_WRONG_ROOM:
      return "wrong-room";
    case KS_KEY_CONFLICT:
    case KS_KEY_N_REASONS:
    default:
      return "conflict";
    }
}

static void
answer_count (KsCli *cli, const char *name, guint64 count)
{
  json_builder_set_member_name (cli->answer, name);
  json_builder_add_int_value (cli->answer, (gint64) count);
}

static void
answer_failures (KsCli *cli, GPtrArray *failures)
{
  json_builder_set_member_name (cli->answer, "failed");
  json_builder_begin_array (cli->answer);
  for (guint i = 0; i < failures->len; i++)
    {
      const KsKeyFailure *failure = failures->pdata[i];

      json_builder_begin_object (cli->answer);
      ks_cli_answer_string (cli, "room_id", failure->room_id);
      ks_cli_answer_string (cli, "session_id", failure->session_id);
      ks_cli_answer_string (cli, "reason", reason_word (failure->reason));
      json_builder_end_object (cli->answer);
    }
  json_builder_end_array (cli->answer);
}

static void
tell (KsCli *cli, const KsKeyReport *report)
{
  guint64 failed = ks_key_report_get_failed (report);

  answer_count (cli, "total", report->total);
  answer_count (cli, "new", report->added);
  answer_count (cli, "better", report->better);
  answer_count (cli, "already", report->here);
  answer_failures (cli, report->failures);

  /* Translators: counts of room keys. */
  g_string_append_printf (cli->text, _ ("In the backup: %lu\nNew: %lu\nBetter than what was here: %lu\n"),
                          (gulong) report->total, (gulong) report->added, (gulong) report->better);
  /* Translators: counts of room keys. */
  g_string_append_printf (cli->text, _ ("Already here: %lu\nUnusable: %lu\n"), (gulong) report->here,
                          (gulong) failed);
}

static KsStepVerdict
ended (gpointer op, GObject *recovery, GAsyncResult *result, GError **error)
{
  g_autoptr (KsKeyReport) report = NULL;
  gboolean ok = ks_recovery_restore_finish (KS_RECOVERY (recovery), result, &report, error);

  g_signal_handlers_disconnect_by_data (recovery, op);
  if (!ok)
    return KS_STEP_FAIL;
  tell (op, report);
  return KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { "restore", begin, ended, FALSE },
  { NULL, NULL, NULL, FALSE },
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
