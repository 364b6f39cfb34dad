/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "cli/ks-cli-recovery.h"

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

void
ks_cli_answer_secrets (KsCli *cli, const KsRecoverySnapshot *seen)
{
  json_builder_set_member_name (cli->answer, "secrets");
  json_builder_begin_object (cli->answer);
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      json_builder_set_member_name (cli->answer, ks_secret_name_to_string ((KsSecretName) i));
      json_builder_begin_object (cli->answer);
      json_builder_set_member_name (cli->answer, "stored");
      json_builder_add_boolean_value (cli->answer, seen != NULL && seen->stored[i]);
      json_builder_set_member_name (cli->answer, "here");
      json_builder_add_boolean_value (cli->answer, seen != NULL && seen->here[i]);
      json_builder_set_member_name (cli->answer, "matches");
      json_builder_add_boolean_value (cli->answer, seen != NULL && seen->matches[i]);
      json_builder_end_object (cli->answer);
    }
  json_builder_end_object (cli->answer);
}
