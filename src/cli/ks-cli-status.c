/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli-recovery.h"
#include "engine/ks-keyring-look.h"
#include "engine/repair/ks-recovery-repair.h"
#include "matrix/ks-matrix-error.h"

#include <glib/gi18n.h>

static gboolean
parse (KsCli *cli, int argc, char **argv, GError **error)
{
  const GOptionEntry none[] = { { NULL, 0, 0, 0, NULL, NULL, NULL } };

  return ks_cli_parse (&ks_cli_status, none, argc, argv, error);
}

static const char *
keyring_word (KsProfileState state)
{
  switch (state)
    {
    case KS_PROFILE_READY:
      return "ready";
    case KS_PROFILE_KEYRING_LOCKED:
      return "locked";
    case KS_PROFILE_KEYRING_ABSENT:
      return "absent";
    case KS_PROFILE_KEYRING_DENIED:
      return "denied";
    case KS_PROFILE_KEYRING_NO_ANSWER:
      return "no-answer";
    case KS_PROFILE_CLOSED:
    case KS_PROFILE_KEY_LOST:
    case KS_PROFILE_KEY_FILE_FAILED:
    case KS_PROFILE_FAILED:
    default:
      return "failed";
    }
}

/* Tells the account's state.
 *
 *   1. ask     the server; not reaching it is an answer too
 *   2. count   the room keys here
 *   3. look    into the keyring
 *
 * Only reads. */

static void
ask (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_recovery_refresh_async (ks_account_get_recovery (ks_cli_account (op)), cancellable, ready, run);
}

static const char *
trust_word (KsBackupTrust trust)
{
  switch (trust)
    {
    case KS_BACKUP_TRUST_KEY:
      return "key";
    case KS_BACKUP_TRUST_SIGNATURE:
      return "signature";
    case KS_BACKUP_TRUST_NONE:
    default:
      return "none";
    }
}

static void
answer_backup (KsCli *cli, const KsRecoverySnapshot *seen)
{
  json_builder_set_member_name (cli->answer, "backup");
  if (seen == NULL || seen->backup_version == NULL)
    {
      json_builder_add_null_value (cli->answer);
      return;
    }
  json_builder_begin_object (cli->answer);
  ks_cli_answer_string (cli, "version", seen->backup_version);
  json_builder_set_member_name (cli->answer, "count");
  json_builder_add_int_value (cli->answer, seen->backup_count);
  ks_cli_answer_string (cli, "etag", seen->backup_etag);
  ks_cli_answer_string (cli, "trusted_by", trust_word (seen->backup_trust));
  json_builder_end_object (cli->answer);
}

static KsStepVerdict
asked (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  KsAccount *account = ks_cli_account (cli);
  KsRecovery *recovery = KS_RECOVERY (source);
  g_autofree char *user_id = ks_cli_harmless (ks_account_get_user_id (account));
  g_autofree char *device_id = ks_cli_harmless (ks_account_get_device_id (account));
  g_autofree char *homeserver = ks_cli_harmless (ks_account_get_homeserver (account));
  g_autoptr (GError) failure = NULL;
  const KsRecoverySnapshot *seen;
  const char *word;

  if (!ks_recovery_refresh_finish (recovery, result, &failure)
      && ks_recovery_get_state (recovery) != KS_RECOVERY_OFFLINE)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  seen = ks_recovery_get_snapshot (recovery);
  word = ks_cli_state_word (ks_recovery_get_state (recovery));
  ks_cli_answer_string (cli, "user_id", ks_account_get_user_id (account));
  ks_cli_answer_string (cli, "device_id", ks_account_get_device_id (account));
  ks_cli_answer_string (cli, "homeserver", ks_account_get_homeserver (account));
  ks_cli_answer_string (cli, "state", word);
  ks_cli_answer_boolean (cli, "device_verified", seen != NULL && seen->device_verified);
  answer_backup (cli, seen);
  ks_cli_answer_secrets (cli, seen);
  ks_cli_answer_plan (cli, ks_recovery_get_plan (recovery));

  g_string_append_printf (cli->text, _ ("%s, session %s, at %s\n"), user_id, device_id, homeserver);
  /* Translators: %s is a fixed word, such as: not-set-up, locked, ready. */
  g_string_append_printf (cli->text, _ ("Secure Backup: %s\n"), word);
  if (seen != NULL && seen->backup_version != NULL)
    g_string_append_printf (cli->text, _ ("Room keys in the backup: %ld\n"), (long) seen->backup_count);
  ks_cli_answer_next_step (cli, recovery);
  return KS_STEP_NEXT;
}

/* Works without the server too. */
static void
count (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_recovery_count_keys_async (ks_account_get_recovery (ks_cli_account (op)), cancellable, ready, run);
}

static KsStepVerdict
counted (gpointer op, GObject *recovery, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (KS_RECOVERY (recovery));
  guint64 keys;

  if (!ks_recovery_count_keys_finish (KS_RECOVERY (recovery), result, &keys, error))
    return KS_STEP_FAIL;
  ks_cli_answer_count (cli, "local_keys", keys);
  ks_cli_answer_count (cli, "pending_upload", seen != NULL ? seen->pending_upload : keys);
  ks_cli_answer_count (cli, "refused_upload", seen != NULL ? seen->refused_upload : 0);
  ks_cli_answer_count (cli, "lost_upload", seen != NULL ? seen->lost_upload : 0);
  json_builder_set_member_name (cli->answer, "last_check");
  if (seen != NULL && seen->last_check > 0)
    json_builder_add_int_value (cli->answer, seen->last_check);
  else
    json_builder_add_null_value (cli->answer);
  g_string_append_printf (cli->text, _ ("Room keys here: %ld\n"), (long) keys);
  if (seen != NULL && seen->lost_upload > 0)
    /* Translators: a count of room keys. */
    g_string_append_printf (cli->text, _ ("Lost by the homeserver since they went up: %ld\n"),
                            (long) seen->lost_upload);
  return KS_STEP_NEXT;
}

static void
look (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsCli *cli = op;

  ks_keyring_look_async (cli->profile, ks_account_get_user_id (ks_cli_account (cli)), cancellable, ready,
                         run);
}

static KsStepVerdict
looked (gpointer op, GObject *profile, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  KsProfileState state;
  gboolean has_key;

  if (!ks_keyring_look_finish (KS_PROFILE (profile), result, &state, &has_key, error))
    return KS_STEP_FAIL;
  ks_cli_answer_string (cli, "keyring", keyring_word (state));
  ks_cli_answer_boolean (cli, "security_key_in_keyring", has_key);
  /* Translators: %s is a fixed word: ready, locked, absent, denied, no-answer. */
  g_string_append_printf (cli->text, _ ("Desktop keyring: %s\n"), keyring_word (state));
  return KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { "ask", ask, asked, FALSE },
  { "count", count, counted, FALSE },
  { "look", look, looked, FALSE },
  { NULL, NULL, NULL, FALSE },
};

const KsCliVerb ks_cli_status = {
  .name = "status",
  .arguments = "",
  .help = N_ ("Tell the state of the account and of this session."),
  .opens = KS_PROFILE_OPEN_READ_ONLY,
  .needs_account = TRUE,
  .steps = steps,
  .parse = parse,
  .release = NULL,
};
