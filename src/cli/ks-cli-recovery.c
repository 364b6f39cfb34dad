/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli-recovery.h"
#include "engine/recovery/ks-recovery-repair.h"

#include <glib/gi18n.h>

const char *
ks_cli_state_word (KsRecoveryState state)
{
  switch (state)
    {
    case KS_RECOVERY_NOT_SET_UP:
      return "not-set-up";
    case KS_RECOVERY_SETTING_UP:
      return "setting-up";
    case KS_RECOVERY_LOCKED:
      return "locked";
    case KS_RECOVERY_INCOMPLETE:
      return "incomplete";
    case KS_RECOVERY_READY:
      return "ready";
    case KS_RECOVERY_UNTRUSTED:
      return "untrusted";
    case KS_RECOVERY_CONFLICT:
      return "conflict";
    case KS_RECOVERY_OFFLINE:
    case KS_RECOVERY_UNKNOWN:
    default:
      return "offline";
    }
}

/* What is not known is neither true nor false. */
static void
answer_fact (KsCli *cli, const char *name, const KsRecoverySnapshot *seen, gboolean fact)
{
  json_builder_set_member_name (cli->answer, name);
  if (seen != NULL)
    json_builder_add_boolean_value (cli->answer, fact);
  else
    json_builder_add_null_value (cli->answer);
}

/* Whether the server says what the secret @name would have to match. */
static gboolean
is_matched (const KsRecoverySnapshot *seen, int name)
{
  return seen != NULL && !(name == KS_SECRET_BACKUP ? seen->backup_unread : seen->identity_unread);
}

void
ks_cli_answer_secrets (KsCli *cli, const KsRecoverySnapshot *seen)
{
  json_builder_set_member_name (cli->answer, "secrets");
  json_builder_begin_object (cli->answer);
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      json_builder_set_member_name (cli->answer, ks_secret_name_to_string ((KsSecretName) i));
      json_builder_begin_object (cli->answer);
      answer_fact (cli, "stored", seen != NULL && !seen->secret_unread[i] ? seen : NULL,
                   seen != NULL && seen->stored[i]);
      answer_fact (cli, "here", seen, seen != NULL && seen->here[i]);
      answer_fact (cli, "matches", is_matched (seen, i) ? seen : NULL, seen != NULL && seen->matches[i]);
      json_builder_end_object (cli->answer);
    }
  json_builder_end_object (cli->answer);
}

static const char *
unlock_line (const KsRecoverySnapshot *seen, const KsRepairPlan *plan, gboolean plan_is_shown)
{
  if (seen != NULL && !seen->opened_before && !seen->stored_anywhere && !seen->key_described)
    return _ (
        "Next: keepsakectl unlock, with the key or phrase of the backup itself: the account has nothing "
        "else that a key opens. Without it, another session may have what is missing, or what is left is "
        "to reset Secure Backup in another app\n");
  if (seen == NULL || !seen->opened_before)
    return _ ("Next: keepsakectl unlock, with your Security Key or Phrase\n");
  if (plan != NULL && plan->any && plan->elsewhere && plan_is_shown)
    return _ (
        "Next: keepsakectl unlock, with another Security Key or Phrase. Without one, keepsakectl repair "
        "does this\n");
  if (plan != NULL && plan->any && plan->elsewhere)
    return _ (
        "Next: keepsakectl unlock, with another Security Key or Phrase. Without one, keepsakectl repair "
        "--dry-run shows what can be made anew\n");
  return _ ("Next: keepsakectl unlock, with another Security Key or Phrase; the one before does not open "
            "all of it\n");
}

static const char *
stuck_line (const KsRecoverySnapshot *seen)
{
  if (seen != NULL && seen->other_sessions != NULL && seen->other_sessions[0] != NULL)
    return _ ("Next: nothing here can put it right. Enter your key in another session, or unlock with "
              "another key\n");
  return _ ("Next: nothing here can put it right, and the account has no other session. Export your room "
            "keys, then reset Secure Backup in another app\n");
}

static const char *
next_step_line (KsNextStep step,
                const KsRecoverySnapshot *seen,
                const KsRepairPlan *plan,
                gboolean plan_is_shown)
{
  switch (step)
    {
    case KS_NEXT_STEP_NONE:
      return NULL;
    case KS_NEXT_STEP_SET_UP:
      return _ ("Next: keepsakectl setup\n");
    case KS_NEXT_STEP_UNLOCK:
      return unlock_line (seen, plan, plan_is_shown);
    case KS_NEXT_STEP_REPAIR:
      if (plan_is_shown && plan->needs_key)
        return _ ("Next: keepsakectl repair with the key does this\n");
      return plan_is_shown ? _ ("Next: keepsakectl repair does this\n")
                           : _ ("Next: keepsakectl repair --dry-run shows what can be put right\n");
    case KS_NEXT_STEP_ACCEPT_IDENTITY:
      return _ ("Next: if you have reset the identity yourself, keepsakectl unlock --accept-new-identity\n");
    case KS_NEXT_STEP_RETRY:
      return _ ("Next: try again later\n");
    case KS_NEXT_STEP_OTHER_SESSION:
    default:
      return stuck_line (seen);
    }
}

/* Whether the backup can be read, and has room keys that are not here. */
static gboolean
has_to_restore (KsRecovery *recovery)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (recovery);

  return seen != NULL && ks_recovery_is_backup_open (recovery)
         && seen->backup_count + (gint64) (seen->pending_upload + seen->refused_upload)
                > (gint64) seen->local_keys;
}

void
ks_cli_answer_next_step (KsCli *cli, KsRecovery *recovery, gboolean plan_is_shown)
{
  KsNextStep step = ks_recovery_get_next_step (recovery);
  const char *line = next_step_line (step, ks_recovery_get_snapshot (recovery),
                                     ks_recovery_get_plan (recovery), plan_is_shown);

  ks_cli_answer_string (cli, "next_step", ks_next_step_to_string (step));
  /* First, for what comes after it may be the advice to reset everything. */
  if (has_to_restore (recovery))
    g_string_append (cli->text, _ ("The backup has room keys that are not here: keepsakectl restore brings "
                                   "them\n"));
  if (line != NULL)
    g_string_append (cli->text, line);
}

/* An array of the names of those of the @n first secrets that @flags has. */
static void
answer_names (KsCli *cli, const char *name, const gboolean *flags, int n)
{
  json_builder_set_member_name (cli->answer, name);
  json_builder_begin_array (cli->answer);
  for (int i = 0; i < n; i++)
    if (flags[i])
      json_builder_add_string_value (cli->answer, ks_secret_name_to_string ((KsSecretName) i));
  json_builder_end_array (cli->answer);
}

void
ks_cli_answer_plan (KsCli *cli, const KsRepairPlan *plan)
{
  json_builder_set_member_name (cli->answer, "plan");
  if (plan == NULL)
    {
      json_builder_add_null_value (cli->answer);
      return;
    }
  json_builder_begin_object (cli->answer);
  json_builder_set_member_name (cli->answer, "actions");
  json_builder_begin_array (cli->answer);
  for (int i = 0; i < KS_N_REPAIR_ACTIONS; i++)
    if (plan->actions[i])
      json_builder_add_string_value (cli->answer, ks_repair_action_to_string ((KsRepairAction) i));
  json_builder_end_array (cli->answer);
  answer_names (cli, "store", plan->store, KS_N_SECRETS);
  answer_names (cli, "publish", plan->publish, KS_N_CROSS_SIGNING_KEYS);
  answer_names (cli, "make", plan->make, KS_N_SECRETS);
  answer_names (cli, "lost", plan->lost, KS_N_SECRETS);
  ks_cli_answer_boolean (cli, "needs_key", plan->needs_key);
  ks_cli_answer_boolean (cli, "weak_key", plan->weak_key);
  ks_cli_answer_string (cli, "old_version", plan->old_version);
  json_builder_end_object (cli->answer);
}
