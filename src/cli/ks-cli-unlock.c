/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli-recovery.h"
#include "cli/ks-cli-secret-file.h"
#include "engine/recovery/ks-recovery-unlock.h"

#include <glib/gi18n.h>

typedef struct
{
  char *key_file;    /* owned */
  char *phrase_file; /* owned */
  gboolean keyring;
  gboolean other_identity;
  KsSecret *text; /* owned; NULL: from the keyring */
} Unlock;

static gboolean
parse (KsCli *cli, int argc, char **argv, GError **error)
{
  Unlock *unlock = g_new0 (Unlock, 1);
  const GOptionEntry entries[] = {
    { "key-file", 0, 0, G_OPTION_ARG_FILENAME, &unlock->key_file,
      N_ ("The Security Key is in F; \"-\" is standard input"), N_ ("F") },
    { "phrase-file", 0, 0, G_OPTION_ARG_FILENAME, &unlock->phrase_file,
      N_ ("The Security Phrase is in F; \"-\" is standard input"), N_ ("F") },
    { "keyring", 0, 0, G_OPTION_ARG_NONE, &unlock->keyring,
      N_ ("Use the Security Key in the desktop keyring"), NULL },
    { "accept-new-identity", 0, 0, G_OPTION_ARG_NONE, &unlock->other_identity,
      N_ ("The account's identity was reset on purpose since this session last opened it"), NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  cli->verb_data = unlock;
  if (!ks_cli_parse (&ks_cli_unlock, entries, argc, argv, error))
    return FALSE;
  if ((unlock->key_file != NULL) + (unlock->phrase_file != NULL) + unlock->keyring != 1)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                           _ ("one of --key-file, --phrase-file and --keyring is needed"));
      return FALSE;
    }
  if (unlock->keyring)
    return TRUE;
  unlock->text =
      ks_cli_secret_file_read (unlock->key_file != NULL ? unlock->key_file : unlock->phrase_file, error);
  return unlock->text != NULL;
}

static void
release (gpointer data)
{
  Unlock *unlock = data;

  if (unlock == NULL)
    return;
  ks_secret_unref (unlock->text);
  g_free (unlock->phrase_file);
  g_free (unlock->key_file);
  g_free (unlock);
}

/* Unlocks: one step. What could not be opened is told part by part. */

static void
on_uploading (KsRecovery *recovery, guint64 done, guint64 total, KsCli *cli)
{
  if (total > 0)
    /* Translators: both are counts of room keys. */
    ks_cli_progress (cli, _ ("%lu of %lu"), (gulong) done, (gulong) total);
}

static void
begin (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsCli *cli = op;
  const Unlock *unlock = cli->verb_data;
  KsRecovery *recovery = ks_account_get_recovery (ks_cli_account (cli));
  KsUnlockFlags flags = unlock->other_identity ? KS_UNLOCK_TAKE_OTHER_IDENTITY : KS_UNLOCK_DEFAULT;

  g_signal_connect (recovery, "uploading", G_CALLBACK (on_uploading), cli);
  ks_cli_progress (cli, "%s", _ ("Checking"));
  if (unlock->text == NULL)
    ks_recovery_unlock_from_keyring_async (recovery, flags, cancellable, ready, run);
  else
    ks_recovery_unlock_async (recovery, unlock->text,
                              unlock->key_file != NULL ? KS_KEY_ENTRY_FILE : KS_KEY_ENTRY_TYPED, flags,
                              cancellable, ready, run);
}

static const char *
opened_by (const KsUnlockResult *result)
{
  if (result->key_id == NULL)
    return "backup-key";
  return result->found->by_phrase ? "phrase" : "key";
}

/* The group, or two, that a mistake was in, as it is to be. The key's owner reads this;
 * scripts are told only where it was. */
static void
tell_correction (KsCli *cli, const KsFoundKey *found)
{
  guint group = KS_KEY_MISTAKE_GROUP (&found->mistake);
  gboolean two = found->mistake.kind == KS_KEY_MISTAKE_SWAPPED && found->mistake.place % 4 == 3;
  char text[KS_RECOVERY_KEY_LENGTH + 1];

  if (!ks_recovery_key_format (found->key, text))
    g_assert_not_reached ();
  /* Translators: %u is the number of a group of the Security Key, %.*s what it is to be. */
  g_string_append_printf (cli->text, _ ("There was a mistake in group %u of the key. It has to be: %.*s\n"),
                          group, two ? 9 : 4, text + (group - 1) * 5);
  ks_wipe (text, sizeof text);
}

static void
answer_parts (KsCli *cli, const KsUnlockResult *result)
{
  json_builder_set_member_name (cli->answer, "parts");
  json_builder_begin_object (cli->answer);
  for (int i = 0; i < KS_N_SECRETS; i++)
    ks_cli_answer_string (cli, ks_secret_name_to_string ((KsSecretName) i),
                          ks_opened_to_string (result->opened[i]));
  json_builder_end_object (cli->answer);
}

/* One line for each secret that is not open, and why. */
static void
tell_parts (KsCli *cli, const KsUnlockResult *result)
{
  static const char *const reasons[KS_N_OPENED] = {
    [KS_OPENED_NOTHING] = N_ ("not stored under this key"),
    [KS_OPENED_UNUSED] = N_ ("opens, but its public half is not on the homeserver"),
    [KS_OPENED_DAMAGED] = N_ ("damaged on the homeserver"),
    [KS_OPENED_MISMATCH] = N_ ("does not belong to what the homeserver shows of the account"),
    [KS_OPENED_OLDER] = N_ ("opens an older backup"),
    [KS_OPENED_CHANGED] = N_ ("not used, because the identity is not the one that this session knew"),
    [KS_OPENED_UNKNOWN] = N_ ("the homeserver did not answer as it should; try again later"),
  };

  for (int i = 0; i < KS_N_SECRETS; i++)
    if (reasons[result->opened[i]] != NULL && (!result->only_older || result->opened[i] == KS_OPENED_OLDER))
      g_string_append_printf (cli->text, "%s: %s.\n", ks_secret_name_to_string ((KsSecretName) i),
                              result->other_key[i] ? _ ("stored under another key than this one")
                              : i == KS_SECRET_BACKUP && result->opened[i] == KS_OPENED_UNUSED
                                  ? _ ("opens, but there is no backup on the homeserver")
                                  : _ (reasons[result->opened[i]]));
}

/* What came of an older backup. */
static void
tell_older (KsCli *cli, const KsUnlockResult *result)
{
  guint64 total = result->older != NULL ? result->older->total : 0;
  guint64 added = result->older != NULL ? result->older->added + result->older->better : 0;

  ks_cli_answer_boolean (cli, "only_older", result->only_older);
  ks_cli_answer_count (cli, "older_keys", total);
  ks_cli_answer_count (cli, "older_new", added);
  if (result->older != NULL)
    /* Translators: both are counts of room keys. */
    g_string_append_printf (cli->text, _ ("Room keys in an older backup that it opens: %lu, new here: %lu\n"),
                            (gulong) total, (gulong) added);
}

static const char *
verified_line (const KsUnlockResult *result)
{
  if (result->only_older)
    return _ ("This is an older key. It opens nothing of the current Secure Backup.\n");
  if (result->device_verified)
    return _ ("Unlocked. This session is verified.\n");
  if (result->identity_changed)
    return _ ("Unlocked, but the account's identity is not the one that this session knew, and was not used. "
              "If you have reset it on purpose, add --accept-new-identity.\n");
  if (result->signing != NULL || result->device != NULL)
    return _ ("Unlocked, but this session could not be verified: the homeserver did not take its keys. Try "
              "again later.\n");
  if (result->no_identity)
    return _ ("Unlocked. This session is not verified: the account has no identity yet that could do it.\n");
  return _ ("Unlocked, but this session is not verified: the key for that is missing.\n");
}

static void
tell (KsCli *cli, const KsUnlockResult *result, KsRecovery *recovery)
{
  const KsFoundKey *found = result->found;
  KsRecoveryState state = ks_recovery_get_state (recovery);

  ks_cli_answer_string (cli, "state", ks_cli_state_word (state));
  ks_cli_answer_string (cli, "opened_by", opened_by (result));
  ks_cli_answer_string (cli, "key_id", result->key_id);
  ks_cli_answer_boolean (cli, "default_key", result->is_default_key);
  ks_cli_answer_boolean (cli, "device_verified", result->device_verified);
  ks_cli_answer_boolean (cli, "identity_changed", result->identity_changed);
  answer_parts (cli, result);
  ks_cli_answer_secrets (cli, ks_recovery_get_snapshot (recovery));
  ks_cli_answer_boolean (cli, "backup_key", result->backup_version != NULL);
  ks_cli_answer_count (cli, "uploaded", result->uploaded);
  ks_cli_answer_count (cli, "refused", result->refused);
  ks_cli_answer_count (cli, "corrected_group",
                       found->mistake.kind == KS_KEY_MISTAKE_NONE ? 0
                                                                  : KS_KEY_MISTAKE_GROUP (&found->mistake));

  if (found->mistake.kind != KS_KEY_MISTAKE_NONE)
    tell_correction (cli, found);
  g_string_append (cli->text, verified_line (result));
  tell_parts (cli, result);
  tell_older (cli, result);
  /* Translators: %s is a fixed word, such as: not-set-up, locked, ready. */
  g_string_append_printf (cli->text, _ ("Secure Backup: %s\n"), ks_cli_state_word (state));
  ks_cli_answer_next_step (cli, recovery, FALSE);
  if (result->key_id != NULL && !result->is_default_key && !result->only_older)
    g_string_append (cli->text, _ ("Other clients ask for another key than this one.\n"));
  if (result->weak_phrase)
    g_string_append (cli->text, _ ("The phrase is hashed so little that whoever runs the homeserver could "
                                   "guess it. Change it.\n"));
  if (result->backup_version != NULL && !result->backup_writable)
    g_string_append (cli->text, _ ("The backup can be read, but no other client can use it, and nothing is "
                                   "uploaded to it.\n"));
  if (result->upload != NULL)
    g_string_append (cli->text, _ ("Not all room keys of this session are in the backup yet.\n"));
}

static KsStepVerdict
ended (gpointer op, GObject *recovery, GAsyncResult *result, GError **error)
{
  g_autoptr (KsUnlockResult) unlocked = ks_recovery_unlock_finish (KS_RECOVERY (recovery), result, error);

  g_signal_handlers_disconnect_by_data (recovery, op);
  if (unlocked == NULL)
    return KS_STEP_FAIL;
  tell (op, unlocked, KS_RECOVERY (recovery));
  return KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { .name = "unlock", .begin = begin, .end = ended },
  { 0 },
};

const KsCliVerb ks_cli_unlock = {
  .name = "unlock",
  .arguments = "(--key-file F | --phrase-file F | --keyring) [--accept-new-identity]",
  .help = N_ ("Open Secure Backup with its key or phrase, and verify this session"),
  .opens = KS_PROFILE_OPEN_QUIETLY,
  .needs_account = TRUE,
  .steps = steps,
  .parse = parse,
  .release = release,
};
