/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli-back-up.h"
#include "cli/ks-cli-error.h"
#include "cli/ks-cli-key-report.h"
#include "engine/account/ks-bring-in.h"
#include "store/ks-store-error.h"

#include <glib/gi18n.h>

typedef struct
{
  GStrv files; /* owned */
} Salvage;

static gboolean
parse (KsCli *cli, int argc, char **argv, GError **error)
{
  Salvage *salvage = cli->verb_data = g_new0 (Salvage, 1);
  const GOptionEntry entries[] = {
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &salvage->files, NULL, NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  if (!ks_cli_parse (&ks_cli_salvage, entries, argc, argv, error))
    return FALSE;
  if (salvage->files != NULL && g_strv_length (salvage->files) == 1)
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, _ ("name one file"));
  return FALSE;
}

static void
release (gpointer data)
{
  Salvage *salvage = data;

  if (salvage == NULL)
    return;
  g_strfreev (salvage->files);
  g_free (salvage);
}

/* Salvages.
 *
 *   1. salvage   what it had before a stop is here, and the same command goes on
 *   2. back up   what came, if this session has the backup open */

static void
on_progress (guint64 keys, gpointer cli)
{
  ks_cli_progress (cli, "%lu", (gulong) keys);
}

static void
begin (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsCli *cli = op;
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (((Salvage *) cli->verb_data)->files[0]);

  ks_cli_progress (cli, "%s", _ ("Checking"));
  ks_bring_in_async (cli->profile, file, on_progress, cli, cancellable, ready, run);
}

static KsStepVerdict
ended (gpointer op, GObject *profile, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  g_autoptr (KsKeyReport) report = NULL;
  g_autoptr (GError) failure = NULL;
  g_autofree char *total = NULL;
  guint secrets;

  if (!ks_bring_in_finish (KS_PROFILE (profile), result, &report, &secrets, &failure))
    {
      /* Of the file, and not of the data here. */
      if (g_error_matches (failure, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND)
          || g_error_matches (failure, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED))
        g_set_error_literal (error, KS_CLI_ERROR, KS_CLI_ERROR_NOTHING_IN_FILE, failure->message);
      else if (g_error_matches (failure, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY))
        g_set_error_literal (error, KS_CLI_ERROR, KS_CLI_ERROR_FILE_LOCKED, failure->message);
      else
        g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  /* Translators: a count of room keys. */
  total = g_strdup_printf (_ ("Readable in the file: %lu\n"), (gulong) report->total);
  ks_cli_answer_key_report (cli, total, report);
  ks_cli_answer_count (cli, "private_keys", secrets);
  if (secrets > 0)
    /* Translators: a count of the account's own private keys. */
    g_string_append_printf (cli->text, _ ("Private keys of the account that were not here: %lu\n"),
                            (gulong) secrets);
  return KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { .name = "salvage", .begin = begin, .end = ended },
  { .name = "back up", .begin = ks_cli_back_up, .end = ks_cli_backed_up },
  { 0 },
};

const KsCliVerb ks_cli_salvage = {
  .name = "salvage",
  .arguments = "FILE",
  .help =
      N_ ("Bring in the room keys and private keys that FILE, a database that was set aside, still holds"),
  .opens = KS_PROFILE_OPEN_QUIETLY,
  .needs_account = TRUE,
  .steps = steps,
  .parse = parse,
  .release = release,
};
