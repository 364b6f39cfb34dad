/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli-error.h"
#include "cli/ks-cli-recovery.h"
#include "cli/ks-cli-secret-file.h"
#include "engine/recovery/ks-recovery-preview.h"
#include "engine/recovery/ks-recovery-repair.h"
#include "engine/recovery/ks-recovery-unlock.h"
#include "engine/secrets/ks-recovery-error.h"
#include "store/ks-keyring-error.h"

#include <glib/gi18n.h>

typedef struct
{
  char *key_file;      /* owned */
  char *phrase_file;   /* owned */
  char *password_file; /* owned */
  gboolean keyring;
  gboolean dry_run;
  KsSecret *text;      /* owned; NULL: none is given */
  KsSecret *password;  /* owned; NULL: none is given */
  KsUiaAnswer *answer; /* owned; NULL: nothing was asked yet */
  KsRepairPlan *begun; /* owned: what was done of it before the password was asked for; NULL: nothing */
  gint64 old_count;    /* room keys in the backup that was there before, as the server says */
} Repair;

static gboolean
read_file (const char *path, KsSecret **secret, GError **error)
{
  if (path == NULL)
    return TRUE;
  *secret = ks_cli_secret_file_read (path, error);
  return *secret != NULL;
}

static gboolean
parse (KsCli *cli, int argc, char **argv, GError **error)
{
  Repair *repair = g_new0 (Repair, 1);
  const GOptionEntry entries[] = {
    { "key-file", 0, 0, G_OPTION_ARG_FILENAME, &repair->key_file,
      N_ ("The Security Key is in F; \"-\" is standard input"), N_ ("F") },
    { "phrase-file", 0, 0, G_OPTION_ARG_FILENAME, &repair->phrase_file,
      N_ ("The Security Phrase is in F; \"-\" is standard input"), N_ ("F") },
    { "keyring", 0, 0, G_OPTION_ARG_NONE, &repair->keyring,
      N_ ("Use the Security Key in the desktop keyring"), NULL },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &repair->password_file,
      N_ ("The account's password is in F, in case the homeserver asks for it"), N_ ("F") },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &repair->dry_run, N_ ("Only say what would be done"), NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  cli->verb_data = repair;
  if (!ks_cli_parse (&ks_cli_repair, entries, argc, argv, error))
    return FALSE;
  if ((repair->key_file != NULL) + (repair->phrase_file != NULL) + repair->keyring > 1)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                           _ ("only one of --key-file, --phrase-file and --keyring can be given"));
      return FALSE;
    }
  return read_file (repair->key_file != NULL ? repair->key_file : repair->phrase_file, &repair->text, error)
         && read_file (repair->password_file, &repair->password, error);
}

static void
release (gpointer data)
{
  Repair *repair = data;

  if (repair == NULL)
    return;
  ks_repair_plan_free (repair->begun);
  ks_uia_answer_unref (repair->answer);
  ks_secret_unref (repair->password);
  ks_secret_unref (repair->text);
  g_free (repair->password_file);
  g_free (repair->phrase_file);
  g_free (repair->key_file);
  g_free (repair);
}

/* Repairs.
 *
 *   1. look     what is to be put right; with --dry-run alone it ends here
 *   2. preview  with --dry-run: what it would be with the key that is given. It ends here
 *   3. keyring  unlocks with the key in it: where that is asked for; or where the key is needed and
 *               none is given. Then a keyring without it is no error: the repair says what it needs
 *   4. repair   once more with the password if the server asks for it
 */

static KsRecovery *
recovery_of (gpointer op)
{
  return ks_account_get_recovery (ks_cli_account (op));
}

static void
look (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_cli_progress (op, "%s", _ ("Checking"));
  ks_recovery_refresh_async (recovery_of (op), cancellable, ready, run);
}

static const char *
describe_backup (const KsRepairPlan *plan)
{
  if (plan->old_version == NULL)
    return _ ("make a new backup");
  if (plan->lost[KS_SECRET_BACKUP])
    return _ ("make a new backup; the one before, which nothing here opens, stays on the homeserver");
  return _ ("make a new backup; the one before stays on the homeserver");
}

/* Where all three are made, there was no identity before. */
static const char *
describe_publishing (const KsRepairPlan *plan)
{
  guint made = 0;

  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    made += plan->make[i] ? 1 : 0;
  return made == 0                         ? _ ("publish the public halves of the identity again")
         : made == KS_N_CROSS_SIGNING_KEYS ? _ ("make an identity, which the account has never had")
                                           : _ ("make the missing keys of the identity anew");
}

static const char *
describe_action (KsRepairAction action, const KsRepairPlan *plan)
{
  switch (action)
    {
    case KS_REPAIR_DESCRIBE_KEY:
      return _ ("describe the Security Key for other clients");
    case KS_REPAIR_STORE:
      return _ ("store under the Security Key");
    case KS_REPAIR_PUBLISH:
      return describe_publishing (plan);
    case KS_REPAIR_SIGN:
      return _ ("verify this session");
    case KS_REPAIR_BACKUP:
      return describe_backup (plan);
    case KS_REPAIR_NAME_KEY:
    default:
      return _ ("have other clients ask for this Security Key");
    }
}

/* "  - store under the Security Key: m.cross_signing.master". @flags: of which of the @n first secrets; NULL: of
 * none in particular. */
static void
tell_line (KsCli *cli, const char *what, const gboolean *flags, int n)
{
  const char *separator = ": ";

  g_string_append_printf (cli->text, "  - %s", what);
  for (int i = 0; flags != NULL && i < n; i++)
    if (flags[i])
      {
        g_string_append_printf (cli->text, "%s%s", separator, ks_secret_name_to_string ((KsSecretName) i));
        separator = ", ";
      }
  g_string_append_c (cli->text, '\n');
}

static void
tell_actions (KsCli *cli, const KsRepairPlan *plan)
{
  for (int i = 0; i < KS_N_REPAIR_ACTIONS; i++)
    if (plan->actions[i])
      tell_line (cli, describe_action ((KsRepairAction) i, plan),
                 i == KS_REPAIR_STORE     ? plan->store
                 : i == KS_REPAIR_PUBLISH ? plan->publish
                                          : NULL,
                 i == KS_REPAIR_STORE ? KS_N_SECRETS : KS_N_CROSS_SIGNING_KEYS);
}

/* What is left after it. */
static void
tell_rest (KsCli *cli, const KsRepairPlan *plan)
{
  const Repair *repair = cli->verb_data;
  gboolean lost[KS_N_SECRETS];

  for (int i = 0; i < KS_N_SECRETS; i++)
    lost[i] = ks_repair_plan_leaves_lost (plan, (KsSecretName) i);
  if (ks_repair_plan_leaves_any_lost (plan))
    {
      g_string_append (cli->text, plan->elsewhere ? _ ("Not opened by any key that was given here:\n")
                                                  : _ ("Not here; another session may have it:\n"));
      for (int i = 0; i < KS_N_SECRETS; i++)
        if (lost[i])
          tell_line (cli, ks_secret_name_to_string ((KsSecretName) i), NULL, 0);
    }
  if (plan->actions[KS_REPAIR_BACKUP] && plan->lost[KS_SECRET_BACKUP] && repair->old_count > 0)
    /* Translators: %lu is a number of room keys. */
    g_string_append_printf (cli->text,
                            g_dngettext (NULL,
                                         "The backup before has %lu room key. An older Security Key, or "
                                         "the backup's own, still opens it: keepsakectl unlock\n",
                                         "The backup before has %lu room keys. An older Security Key, or the "
                                         "backup's own, still opens them: keepsakectl unlock\n",
                                         (gulong) repair->old_count),
                            (gulong) repair->old_count);
  if (plan->weak_key)
    g_string_append (cli->text,
                     _ ("Nothing more is stored under this phrase: it is hashed so little that whoever "
                        "runs the homeserver could guess it. Change it in another client first.\n"));
  if (plan->needs_key)
    g_string_append (cli->text, _ ("The Security Key is needed for it: --key-file, --phrase-file or "
                                   "--keyring.\n"));
}

static void
tell_plan (KsCli *cli, const KsRepairPlan *plan)
{
  if (plan->any)
    {
      g_string_append (cli->text, _ ("A repair does this:\n"));
      tell_actions (cli, plan);
    }
  else if (!ks_repair_plan_leaves_any_lost (plan))
    g_string_append (cli->text, _ ("Nothing has to be repaired.\n"));
  tell_rest (cli, plan);
}

static void
tell_done (KsCli *cli, const KsRepairPlan *done)
{
  if (done->any)
    {
      g_string_append (cli->text, _ ("Repaired. This was done:\n"));
      tell_actions (cli, done);
    }
  else
    g_string_append (cli->text, _ ("Nothing had to be repaired.\n"));
  tell_rest (cli, done);
  if (done->actions[KS_REPAIR_BACKUP])
    g_string_append (cli->text,
                     _ ("Enter the Security Key once more in the app that you chat with, so that new "
                        "messages go into the new backup.\n"));
}

static void
answer_state (KsCli *cli)
{
  KsRecovery *recovery = recovery_of (cli);

  ks_cli_answer_string (cli, "state", ks_cli_state_word (ks_recovery_get_state (recovery)));
  ks_cli_answer_secrets (cli, ks_recovery_get_snapshot (recovery));
  /* Translators: %s is a fixed word, such as: not-set-up, locked, ready. */
  g_string_append_printf (cli->text, _ ("Secure Backup: %s\n"),
                          ks_cli_state_word (ks_recovery_get_state (recovery)));
  ks_cli_answer_next_step (cli, recovery, ((const Repair *) cli->verb_data)->dry_run);
}

static KsStepVerdict
looked (gpointer op, GObject *recovery, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  const Repair *repair = cli->verb_data;
  const KsRepairPlan *plan;

  if (!ks_recovery_refresh_finish (KS_RECOVERY (recovery), result, error))
    return KS_STEP_FAIL;
  plan = ks_recovery_get_plan (KS_RECOVERY (recovery));
  ((Repair *) cli->verb_data)->old_count = ks_recovery_get_snapshot (KS_RECOVERY (recovery))->backup_count;
  if (ks_recovery_get_state (KS_RECOVERY (recovery)) == KS_RECOVERY_NOT_SET_UP)
    {
      g_set_error_literal (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NOT_SET_UP, "there is nothing yet");
      return KS_STEP_FAIL;
    }
  if (repair->dry_run && repair->text == NULL && !repair->keyring)
    {
      ks_cli_answer_plan (cli, plan);
      /* Before a key was tried, nobody knows what has to be put right. */
      if (ks_recovery_get_next_step (KS_RECOVERY (recovery)) != KS_NEXT_STEP_UNLOCK
          || ks_recovery_get_snapshot (KS_RECOVERY (recovery))->opened_before)
        tell_plan (cli, plan);
      answer_state (cli);
      return KS_STEP_DONE;
    }
  return repair->dry_run ? KS_STEP_NEXT : KS_STEP_SKIP; /* "preview" */
}

static void
preview (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  const Repair *repair = ((KsCli *) op)->verb_data;

  ks_recovery_preview_async (recovery_of (op), repair->text,
                             repair->key_file != NULL ? KS_KEY_ENTRY_FILE : KS_KEY_ENTRY_TYPED, cancellable,
                             ready, run);
}

static KsStepVerdict
previewed (gpointer op, GObject *recovery, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  g_autoptr (KsRepairPlan) plan = ks_recovery_preview_finish (KS_RECOVERY (recovery), result, error);

  if (plan == NULL)
    return KS_STEP_FAIL;
  ks_cli_answer_plan (cli, plan);
  tell_plan (cli, plan);
  answer_state (cli);
  return KS_STEP_DONE;
}

/* A key that is here, or in the keyring, is used only where it is asked for, or needed. */
static gboolean
has_to_use_keyring (gpointer op)
{
  const Repair *repair = ((KsCli *) op)->verb_data;

  return repair->keyring || (repair->text == NULL && ks_recovery_get_plan (recovery_of (op))->needs_key);
}

static void
use_keyring (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_recovery_unlock_from_keyring_async (recovery_of (op), KS_UNLOCK_DEFAULT, cancellable, ready, run);
}

static KsStepVerdict
keyring_used (gpointer op, GObject *recovery, GAsyncResult *result, GError **error)
{
  const Repair *repair = ((KsCli *) op)->verb_data;
  g_autoptr (GError) failure = NULL;
  g_autoptr (KsUnlockResult) unlocked = ks_recovery_unlock_finish (KS_RECOVERY (recovery), result, &failure);

  if (unlocked != NULL || (!repair->keyring && failure->domain == KS_KEYRING_ERROR))
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static void
on_repairing (KsRecovery *recovery, int action, KsCli *cli)
{
  ks_cli_progress (cli, "%s", describe_action ((KsRepairAction) action, ks_recovery_get_plan (recovery)));
}

static void
on_uploading (KsRecovery *recovery, guint64 done, guint64 total, KsCli *cli)
{
  if (total > 0)
    /* Translators: both are counts of room keys. */
    ks_cli_progress (cli, _ ("%lu of %lu"), (gulong) done, (gulong) total);
}

static void
run_repair (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  const Repair *repair = ((KsCli *) op)->verb_data;
  KsRecovery *recovery = recovery_of (op);

  g_signal_connect (recovery, "repairing", G_CALLBACK (on_repairing), op);
  g_signal_connect (recovery, "uploading", G_CALLBACK (on_uploading), op);
  ks_recovery_repair_async (recovery, repair->answer == NULL ? repair->text : NULL,
                            repair->key_file != NULL ? KS_KEY_ENTRY_FILE : KS_KEY_ENTRY_TYPED, repair->answer,
                            cancellable, ready, run);
}

static KsStepVerdict
repaired (gpointer op, GObject *recovery, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  Repair *repair = cli->verb_data;
  KsUia *challenge;
  g_autoptr (GError) failure = NULL;
  g_autoptr (KsRepairOutcome) outcome =
      ks_recovery_repair_finish (KS_RECOVERY (recovery), result, &challenge, &failure);

  g_signal_handlers_disconnect_by_data (recovery, op);
  if (outcome != NULL)
    {
      if (repair->begun != NULL)
        ks_repair_plan_add (outcome->done, repair->begun);
      ks_cli_answer_plan (cli, outcome->done);
      tell_done (cli, outcome->done);
      ks_cli_answer_count (cli, "uploaded", outcome->uploaded);
      ks_cli_answer_count (cli, "refused", outcome->refused);
      answer_state (cli);
      return KS_STEP_NEXT;
    }
  if (challenge != NULL && repair->password != NULL && repair->answer == NULL)
    {
      repair->answer =
          ks_uia_answer_password (challenge, ks_account_get_user_id (ks_cli_account (cli)), repair->password);
      ks_uia_unref (challenge);
      repair->begun = g_new0 (KsRepairPlan, 1);
      ks_repair_plan_add (repair->begun, ks_recovery_get_plan (KS_RECOVERY (recovery)));
      return KS_STEP_AGAIN;
    }
  ks_uia_unref (challenge);
  /* The private keys may all be here; it is the Security Key that nobody keeps. */
  if (g_error_matches (failure, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_LOCKED))
    g_set_error_literal (error, KS_CLI_ERROR, KS_CLI_ERROR_NEEDS_KEY, failure->message);
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "look", .begin = look, .end = looked },
  { .name = "preview", .begin = preview, .end = previewed },
  { .name = "keyring", .when = has_to_use_keyring, .begin = use_keyring, .end = keyring_used },
  { .name = "repair", .begin = run_repair, .end = repaired },
  { 0 },
};

const KsCliVerb ks_cli_repair = {
  .name = "repair",
  .arguments = "[--dry-run] [--key-file F | --phrase-file F | --keyring] [--password-file F]",
  .help = N_ ("Put right what Secure Backup of the account lacks"),
  .opens = KS_PROFILE_OPEN_QUIETLY,
  .needs_account = TRUE,
  .steps = steps,
  .parse = parse,
  .release = release,
};
