/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli-error.h"
#include "cli/ks-cli-known.h"
#include "cli/ks-cli.h"
#include "engine/account/ks-only-here.h"

#include <glib/gi18n.h>

typedef struct
{
  gboolean force;
  KsOnlyHere only_here;
} Logout;

static gboolean
parse (KsCli *cli, int argc, char **argv, GError **error)
{
  Logout *logout = g_new0 (Logout, 1);
  const GOptionEntry entries[] = {
    { "force", 0, 0, G_OPTION_ARG_NONE, &logout->force, N_ ("Even if room keys are lost by it"), NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  cli->verb_data = logout;
  return ks_cli_parse (&ks_cli_logout, entries, argc, argv, error);
}

/* Signs out.
 *
 *   1. look    what exists only here; something and no --force: refuse
 *   2. leave   what a stop in it leaves is told beside ks_account_sign_out_async()
 */

static void
look (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_only_here_look_async (ks_cli_account (op), cancellable, ready, run);
}

static KsCliErrorCode
about_secrets (const KsOnlyHere *only_here)
{
  if (!only_here->asked)
    return KS_CLI_ERROR_SECRETS_NOT_ASKED;
  if (only_here->replaced)
    return KS_CLI_ERROR_SECRETS_REPLACED;
  return only_here->changed ? KS_CLI_ERROR_SECRETS_CHANGED : KS_CLI_ERROR_SECRETS_ONLY_HERE;
}

static KsStepVerdict
looked (gpointer op, GObject *account, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  Logout *logout = cli->verb_data;
  KsOnlyHere *only_here = &logout->only_here;

  if (!ks_only_here_look_finish (KS_ACCOUNT (account), result, only_here, error))
    return KS_STEP_FAIL;
  if (ks_only_here_is_nothing (only_here) || logout->force)
    return KS_STEP_NEXT;
  if (only_here->secrets)
    g_set_error_literal (error, KS_CLI_ERROR, (int) about_secrets (only_here), "private keys");
  else if (only_here->setting_up)
    g_set_error (error, KS_CLI_ERROR, KS_CLI_ERROR_SET_UP_UNFINISHED, "a set-up is not finished");
  else if (only_here->keys > 0)
    g_set_error (error, KS_CLI_ERROR, KS_CLI_ERROR_KEYS_ONLY_HERE, "%" G_GUINT64_FORMAT " room keys",
                 only_here->keys);
  else
    g_set_error (error, KS_CLI_ERROR, KS_CLI_ERROR_UNREAD, "%" G_GUINT64_FORMAT " events", only_here->unread);
  return KS_STEP_FAIL;
}

static void
leave (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_cli_known_forget (op);
  ks_account_sign_out_async (ks_cli_account (op), cancellable, ready, run);
}

static KsStepVerdict
left (gpointer op, GObject *account, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  Logout *logout = cli->verb_data;

  if (!ks_account_sign_out_finish (KS_ACCOUNT (account), result, error))
    return KS_STEP_FAIL;
  ks_cli_answer_count (cli, "keys_only_here", logout->only_here.keys);
  ks_cli_answer_count (cli, "unread", logout->only_here.unread);
  g_string_append (cli->text, _ ("Signed out\n"));
  return KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { .name = "look", .begin = look, .end = looked },
  { .name = "leave", .begin = leave, .end = left },
  { 0 },
};

const KsCliVerb ks_cli_logout = {
  .name = "logout",
  .arguments = "[--force]",
  .help = N_ ("End this session, here and on the homeserver."),
  .opens = KS_PROFILE_OPEN_QUIETLY,
  .needs_account = TRUE,
  .steps = steps,
  .parse = parse,
  .release = g_free,
};
