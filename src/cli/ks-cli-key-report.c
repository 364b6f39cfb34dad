/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli-key-report.h"

#include <glib/gi18n.h>

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

void
ks_cli_answer_key_report (KsCli *cli, const char *total, const KsKeyReport *report)
{
  ks_cli_answer_count (cli, "total", report->total);
  ks_cli_answer_count (cli, "new", report->added);
  ks_cli_answer_count (cli, "better", report->better);
  ks_cli_answer_count (cli, "already", report->here);
  /* The list has an end, what is counted has none. */
  ks_cli_answer_count (cli, "unusable", ks_key_report_get_failed (report));
  answer_failures (cli, report->failures);

  g_string_append (cli->text, total);
  /* Translators: counts of room keys. */
  g_string_append_printf (cli->text, _ ("New: %lu\nBetter than what was here: %lu\n"), (gulong) report->added,
                          (gulong) report->better);
  /* Translators: counts of room keys. */
  g_string_append_printf (cli->text, _ ("Already here: %lu\nUnusable: %lu\n"), (gulong) report->here,
                          (gulong) ks_key_report_get_failed (report));
}
