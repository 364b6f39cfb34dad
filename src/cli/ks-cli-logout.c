/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli-error.h"
#include "cli/ks-cli.h"

#include <glib/gi18n.h>

typedef struct
{
  gboolean force;
  gssize only_here;
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
 *   1. count   the room keys that exist only here; some and no --force: refuse
 *   2. leave   what a stop in it leaves is told beside ks_account_sign_out_async()
 */

static void
count (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_account_count_keys_only_here_async (ks_cli_account (op), cancellable, ready, run);
}

static KsStepVerdict
counted (gpointer op, GObject *account, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  Logout *logout = cli->verb_data;

  logout->only_here = ks_account_count_keys_only_here_finish (KS_ACCOUNT (account), result, error);
  if (logout->only_here < 0)
    return KS_STEP_FAIL;
  if (logout->only_here == 0 || logout->force)
    return KS_STEP_NEXT;
  g_set_error (error, KS_CLI_ERROR, KS_CLI_ERROR_KEYS_ONLY_HERE, "%zd room keys", logout->only_here);
  return KS_STEP_FAIL;
}

static void
leave (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_account_sign_out_async (ks_cli_account (op), cancellable, ready, run);
}

static KsStepVerdict
left (gpointer op, GObject *account, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  Logout *logout = cli->verb_data;

  if (!ks_account_sign_out_finish (KS_ACCOUNT (account), result, error))
    return KS_STEP_FAIL;
  json_builder_set_member_name (cli->answer, "keys_only_here");
  json_builder_add_int_value (cli->answer, logout->only_here);
  g_string_append (cli->text, _ ("Signed out\n"));
  return KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { "count", count, counted, FALSE },
  { "leave", leave, left, FALSE },
  { NULL, NULL, NULL, FALSE },
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
