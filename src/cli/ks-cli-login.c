/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli-error.h"
#include "cli/ks-cli-secret-file.h"
#include "cli/ks-cli.h"
#include "engine/account/ks-sign-in.h"
#include "matrix/ks-matrix-error.h"

#include <glib/gi18n.h>

typedef struct
{
  char *homeserver;    /* owned: as given */
  char *user;          /* owned */
  char *password_file; /* owned */
  char *device_name;   /* owned */
  KsSecret *password;  /* owned */
  KsHomeserver *found; /* owned */
} Login;

static gboolean
parse (KsCli *cli, int argc, char **argv, GError **error)
{
  Login *login = g_new0 (Login, 1);
  const GOptionEntry entries[] = {
    { "homeserver", 0, 0, G_OPTION_ARG_STRING, &login->homeserver, N_ ("The homeserver's address or name"),
      N_ ("URL") },
    { "user", 0, 0, G_OPTION_ARG_STRING, &login->user, N_ ("The user's name or ID"), N_ ("NAME") },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &login->password_file,
      N_ ("Read the password from F; \"-\" is standard input"), N_ ("F") },
    { "device-name", 0, 0, G_OPTION_ARG_STRING, &login->device_name,
      N_ ("What other clients call this session"), N_ ("N") },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  cli->verb_data = login;
  if (!ks_cli_parse (&ks_cli_login, entries, argc, argv, error))
    return FALSE;
  if (login->homeserver == NULL || login->user == NULL || login->password_file == NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                           _ ("--homeserver, --user and --password-file are needed"));
      return FALSE;
    }
  if (login->device_name == NULL)
    login->device_name = g_strdup_printf (_ ("Keepsake on %s"), g_get_host_name ());
  login->password = ks_cli_secret_file_read (login->password_file, error);
  return login->password != NULL;
}

static void
release (gpointer data)
{
  Login *login = data;

  if (login == NULL)
    return;
  ks_homeserver_free (login->found);
  ks_secret_unref (login->password);
  g_free (login->device_name);
  g_free (login->password_file);
  g_free (login->user);
  g_free (login->homeserver);
  g_free (login);
}

/* Signs in.
 *
 *   1. alone     refuse if somebody is signed in already
 *   2. find      the homeserver
 *   3. sign in   what a stop in it leaves is told beside ks_sign_in_async()
 */

static KsStepVerdict
alone (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  if (ks_cli_account (op) == NULL)
    return KS_STEP_NEXT;
  g_set_error (error, KS_CLI_ERROR, KS_CLI_ERROR_SIGNED_IN, "as %s",
               ks_account_get_user_id (ks_cli_account (op)));
  return KS_STEP_FAIL;
}

static void
find (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsCli *cli = op;
  Login *login = cli->verb_data;

  ks_find_homeserver_async (login->homeserver, cancellable, ready, run);
}

static KsStepVerdict
found (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  Login *login = cli->verb_data;

  login->found = ks_find_homeserver_finish (result, error);
  if (login->found == NULL)
    return KS_STEP_FAIL;
  ks_cli_progress (cli, _ ("Signing in at %s"), login->found->base_url);
  return KS_STEP_NEXT;
}

static void
sign_in (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsCli *cli = op;
  Login *login = cli->verb_data;

  ks_sign_in_async (cli->profile, login->found, login->user, login->password, login->device_name, cancellable,
                    ready, run);
}

/* Takes @error. What it is here, where it is something else than elsewhere. */
static GError *
error_of_login (GError *error)
{
  const char *errcode = ks_matrix_error_get_errcode (error);
  KsCliErrorCode code;
  GError *ours;

  if (g_strcmp0 (errcode, KS_SESSION_OWNER_OTHER) == 0)
    code = KS_CLI_ERROR_OTHER_USER;
  else if (g_strcmp0 (errcode, KS_SIGN_IN_REFUSED) == 0)
    code = KS_CLI_ERROR_SESSION_REFUSED;
  else if (g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_FORBIDDEN))
    code = KS_CLI_ERROR_WRONG_PASSWORD;
  else
    return error;
  ours = g_error_new_literal (KS_CLI_ERROR, (int) code, error->message);
  g_error_free (error);
  return ours;
}

static KsStepVerdict
signed_in (gpointer op, GObject *profile, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  KsAccount *account;
  g_autofree char *user_id = NULL;
  g_autofree char *device_id = NULL;
  g_autoptr (GError) failure = NULL;

  if (!ks_sign_in_finish (KS_PROFILE (profile), result, &failure))
    {
      g_propagate_error (error, error_of_login (g_steal_pointer (&failure)));
      return KS_STEP_FAIL;
    }
  account = ks_cli_account (cli);
  ks_cli_answer_string (cli, "user_id", ks_account_get_user_id (account));
  ks_cli_answer_string (cli, "device_id", ks_account_get_device_id (account));
  ks_cli_answer_string (cli, "homeserver", ks_account_get_homeserver (account));
  user_id = ks_cli_harmless (ks_account_get_user_id (account));
  device_id = ks_cli_harmless (ks_account_get_device_id (account));
  g_string_append_printf (cli->text, _ ("Signed in as %s, session %s, at %s\n"), user_id, device_id,
                          ks_account_get_homeserver (account));
  return KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { .name = "alone", .end = alone },
  { .name = "find", .begin = find, .end = found },
  { .name = "sign in", .begin = sign_in, .end = signed_in },
  { 0 },
};

const KsCliVerb ks_cli_login = {
  .name = "login",
  .arguments = "--homeserver URL --user NAME --password-file F [--device-name N]",
  .help = N_ ("Sign in as a new session."),
  .opens = KS_PROFILE_OPEN_QUIETLY,
  .needs_account = FALSE,
  .steps = steps,
  .parse = parse,
  .release = release,
};
