/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli-error.h"
#include "cli/ks-cli-known.h"
#include "cli/ks-cli-recovery.h"
#include "engine/account/ks-keyring-look.h"
#include "engine/recovery/ks-recovery-repair.h"
#include "matrix/ks-matrix-error.h"

#include <glib/gi18n.h>

typedef struct
{
  KsCliKnown *known; /* owned: from before, where the server does not answer now; NULL: nothing is */
  gboolean offline;
} Status;

static gboolean
parse (KsCli *cli, int argc, char **argv, GError **error)
{
  const GOptionEntry none[] = { { NULL, 0, 0, 0, NULL, NULL, NULL } };

  cli->verb_data = g_new0 (Status, 1);
  return ks_cli_parse (&ks_cli_status, none, argc, argv, error);
}

static void
release (gpointer data)
{
  Status *status = data;

  if (status == NULL)
    return;
  ks_cli_known_free (status->known);
  g_free (status);
}

/* What there is to tell: as it is now, or as it was when the server last answered. NULL: nothing. */
static const KsRecoverySnapshot *
facts_of (KsCli *cli)
{
  const Status *status = cli->verb_data;

  if (!status->offline)
    return ks_recovery_get_snapshot (ks_account_get_recovery (ks_cli_account (cli)));
  return status->known != NULL ? &status->known->facts : NULL;
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
 * Only reads; but what the server said is kept, for when it says nothing (ks-cli-known.h). */

static void
ask (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_recovery_refresh_async (ks_account_get_recovery (ks_cli_account (op)), cancellable, ready, run);
}

static void
answer_number_or_null (KsCli *cli, const char *name, gboolean is_known, guint64 number)
{
  if (is_known)
    ks_cli_answer_count (cli, name, number);
  else
    ks_cli_answer_string (cli, name, NULL);
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
  answer_number_or_null (cli, "count", seen->backup_count >= 0, (guint64) seen->backup_count);
  ks_cli_answer_string (cli, "etag", seen->backup_etag);
  ks_cli_answer_string (cli, "trusted_by", trust_word (seen->backup_trust));
  json_builder_end_object (cli->answer);
}

/* Which request the server did not answer as it should, and how. */
static void
answer_failure (KsCli *cli, const GError *failure)
{
  g_autofree char *sentence = NULL;
  guint http_status = ks_matrix_error_get_http_status (failure);

  json_builder_set_member_name (cli->answer, "failure");
  if (failure == NULL)
    {
      json_builder_add_null_value (cli->answer);
      return;
    }
  sentence = ks_cli_error_sentence (failure);
  json_builder_begin_object (cli->answer);
  ks_cli_answer_string (cli, "code", ks_cli_error_word (failure));
  ks_cli_answer_string (cli, "message", sentence);
  ks_cli_answer_string (cli, "request", ks_matrix_error_get_request (failure));
  answer_number_or_null (cli, "http_status", http_status > 0, http_status);
  json_builder_end_object (cli->answer);
  g_string_append_printf (cli->text, "%s\n", sentence);
}

/* When that which follows was seen. */
static void
tell_age (KsCli *cli)
{
  const Status *status = cli->verb_data;
  g_autoptr (GDateTime) when = NULL;
  g_autofree char *date = NULL;

  ks_cli_answer_string (cli, "last_state",
                        status->known != NULL ? ks_cli_state_word (status->known->state) : NULL);
  answer_number_or_null (cli, "as_of", status->known != NULL,
                         status->known != NULL ? (guint64) status->known->seen : 0);
  if (status->known == NULL)
    {
      g_string_append (cli->text, _ ("What the homeserver has is not known.\n"));
      return;
    }
  when = g_date_time_new_from_unix_local (status->known->seen / 1000);
  date = when != NULL ? g_date_time_format (when, "%F %T") : g_strdup ("?");
  /* Translators: the second %s is a fixed word, such as: not-set-up, locked, ready. */
  g_string_append_printf (cli->text, _ ("As it was on %s: %s\n"), date,
                          ks_cli_state_word (status->known->state));
}

/* The parts that the server told nothing of that makes sense. */
static void
answer_unread (KsCli *cli, const KsRecoverySnapshot *seen)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;
  g_autofree char *list = NULL;

  for (int i = 0; seen != NULL && i < KS_N_SECRETS; i++)
    if (seen->secret_unread[i])
      g_strv_builder_add (builder, ks_secret_name_to_string ((KsSecretName) i));
  if (seen != NULL && seen->key_unread)
    g_strv_builder_add (builder, "security-key");
  if (seen != NULL && seen->identity_unread)
    g_strv_builder_add (builder, "identity");
  if (seen != NULL && seen->backup_unread)
    g_strv_builder_add (builder, "backup");
  names = g_strv_builder_end (builder);
  json_builder_set_member_name (cli->answer, "unread");
  json_builder_begin_array (cli->answer);
  for (char **name = names; *name != NULL; name++)
    json_builder_add_string_value (cli->answer, *name);
  json_builder_end_array (cli->answer);
  if (names[0] == NULL)
    return;
  list = g_strjoinv (", ", names);
  /* Translators: %s is a list of fixed words, such as: m.cross_signing.master, identity, backup. */
  g_string_append_printf (cli->text, _ ("Can't be read on the homeserver, and is left as it is: %s\n"), list);
}

static void
answer_facts (KsCli *cli)
{
  const KsRecoverySnapshot *seen = facts_of (cli);

  answer_unread (cli, seen);
  if (seen != NULL && !seen->identity_unread)
    ks_cli_answer_boolean (cli, "device_verified", seen->device_verified);
  else
    ks_cli_answer_string (cli, "device_verified", NULL);
  answer_backup (cli, seen);
  ks_cli_answer_secrets (cli, seen);
  if (seen != NULL && seen->backup_version != NULL && seen->backup_count >= 0)
    g_string_append_printf (cli->text, _ ("Room keys in the backup: %ld\n"), (long) seen->backup_count);
}

/* Where nothing was ever set up, nothing is missing that could be repaired. */
static gboolean
has_plan (KsRecovery *recovery)
{
  return ks_recovery_get_state (recovery) != KS_RECOVERY_OFFLINE
         && ks_recovery_get_state (recovery) != KS_RECOVERY_NOT_SET_UP;
}

static KsStepVerdict
asked (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  Status *status = cli->verb_data;
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
  status->offline = failure != NULL;
  if (status->offline)
    status->known = ks_cli_known_load (cli);
  else
    ks_cli_known_keep (cli);
  word = ks_cli_state_word (ks_recovery_get_state (recovery));
  ks_cli_answer_string (cli, "user_id", ks_account_get_user_id (account));
  ks_cli_answer_string (cli, "device_id", ks_account_get_device_id (account));
  ks_cli_answer_string (cli, "homeserver", ks_account_get_homeserver (account));
  ks_cli_answer_string (cli, "state", word);
  g_string_append_printf (cli->text, _ ("%s, session %s, at %s\n"), user_id, device_id, homeserver);
  /* Translators: %s is a fixed word, such as: not-set-up, locked, ready. */
  g_string_append_printf (cli->text, _ ("Secure Backup: %s\n"), word);
  seen = facts_of (cli);
  answer_failure (cli, failure != NULL || seen == NULL ? failure : seen->failure);
  if (status->offline)
    tell_age (cli);
  answer_facts (cli);
  ks_cli_answer_plan (cli, has_plan (recovery) ? ks_recovery_get_plan (recovery) : NULL);
  ks_cli_answer_next_step (cli, recovery, FALSE);
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
  const KsRecoverySnapshot *seen = facts_of (cli);
  gboolean known = seen != NULL;
  guint64 keys;

  if (!ks_recovery_count_keys_finish (KS_RECOVERY (recovery), result, &keys, error))
    return KS_STEP_FAIL;
  ks_cli_answer_count (cli, "local_keys", keys);
  answer_number_or_null (cli, "pending_upload", known, known ? seen->pending_upload : 0);
  answer_number_or_null (cli, "refused_upload", known, known ? seen->refused_upload : 0);
  answer_number_or_null (cli, "lost_upload", known, known ? seen->lost_upload : 0);
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
  { .name = "ask", .begin = ask, .end = asked },
  { .name = "count", .begin = count, .end = counted },
  { .name = "look", .begin = look, .end = looked },
  { 0 },
};

const KsCliVerb ks_cli_status = {
  .name = "status",
  .arguments = "",
  .help = N_ ("Tell the state of the account and of this session."),
  .opens = KS_PROFILE_OPEN_READ_ONLY,
  .needs_account = TRUE,
  .steps = steps,
  .parse = parse,
  .release = release,
};
