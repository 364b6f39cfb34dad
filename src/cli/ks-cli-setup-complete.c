/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "cli/ks-cli-setup-complete.h"

#include "cli/ks-cli-error.h"
#include "engine/account/ks-keyring-look.h"
#include "engine/recovery/ks-recovery.h"
#include "engine/secrets/ks-key-text-file.h"
#include "store/ks-keyring-error.h"

/* Finds it complete.
 *
 *   1. file     has a key
 *   2. check    which opens all of it, as it is on the server
 *   3. keyring  whether the key is there too
 *
 * Only reads. */

typedef struct
{
  KsCli *cli;  /* borrowed */
  GFile *file; /* owned */
  gboolean wants_keyring;
  KsSecret *key;          /* owned: as it is in the file */
  KsSetUpOutcome outcome; /* strings borrowed from the account's snapshot; keyring owned */
} Complete;

static void
complete_free (gpointer data)
{
  Complete *complete = data;

  g_clear_error (&complete->outcome.keyring);
  ks_secret_unref (complete->key);
  g_object_unref (complete->file);
  g_free (complete);
}

static KsRecovery *
recovery_of (Complete *complete)
{
  return ks_account_get_recovery (ks_cli_account (complete->cli));
}

static void
load (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_key_text_file_load_async (((Complete *) data)->file, cancellable, ready, run);
}

static KsStepVerdict
loaded (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Complete *complete = data;
  g_autoptr (GError) failure = NULL;

  complete->key = ks_key_text_file_load_finish (result, &failure);
  if (complete->key != NULL)
    return KS_STEP_NEXT;
  if (g_error_matches (failure, KS_KEY_TEXT_FILE_ERROR, KS_KEY_TEXT_FILE_ERROR_NOT_FOUND))
    g_set_error_literal (error, KS_CLI_ERROR, KS_CLI_ERROR_NO_KEY_FILE, failure->message);
  else if (g_error_matches (failure, KS_KEY_TEXT_FILE_ERROR, KS_KEY_TEXT_FILE_ERROR_NOT_A_KEY))
    g_set_error_literal (error, KS_KEY_TEXT_FILE_ERROR, KS_KEY_TEXT_FILE_ERROR_EXISTS, failure->message);
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static void
check (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Complete *complete = data;

  ks_recovery_check_key_async (recovery_of (complete), complete->key, cancellable, ready, run);
}

static KsStepVerdict
checked (gpointer data, GObject *recovery, GAsyncResult *result, GError **error)
{
  Complete *complete = data;

  return ks_recovery_check_key_finish (KS_RECOVERY (recovery), result, &complete->outcome.checked, error)
             ? KS_STEP_NEXT
             : KS_STEP_FAIL;
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsCli *cli = ((Complete *) data)->cli;

  ks_keyring_look_async (cli->profile, ks_account_get_user_id (ks_cli_account (cli)), cancellable, ready,
                         run);
}

static KsKeyringErrorCode
keyring_code (KsProfileState state)
{
  switch (state)
    {
    case KS_PROFILE_KEYRING_LOCKED:
      return KS_KEYRING_ERROR_LOCKED;
    case KS_PROFILE_KEYRING_ABSENT:
      return KS_KEYRING_ERROR_ABSENT;
    case KS_PROFILE_KEYRING_DENIED:
      return KS_KEYRING_ERROR_DENIED;
    case KS_PROFILE_KEYRING_NO_ANSWER:
      return KS_KEYRING_ERROR_NO_ANSWER;
    case KS_PROFILE_CLOSED:
    case KS_PROFILE_READY: /* and yet it is not there */
    case KS_PROFILE_KEY_LOST:
    case KS_PROFILE_KEY_FILE_FAILED:
    case KS_PROFILE_FAILED:
    default:
      return KS_KEYRING_ERROR_FAILED;
    }
}

static KsStepVerdict
looked (gpointer data, GObject *profile, GAsyncResult *result, GError **error)
{
  Complete *complete = data;
  KsSetUpOutcome *outcome = &complete->outcome;
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (recovery_of (complete));
  KsProfileState state;

  if (!ks_keyring_look_finish (KS_PROFILE (profile), result, &state, &outcome->in_keyring, error))
    return KS_STEP_FAIL;
  if (!outcome->in_keyring && complete->wants_keyring)
    outcome->keyring =
        g_error_new (KS_KEYRING_ERROR, (int) keyring_code (state), "the key is not in the keyring");
  outcome->key_id = seen->default_key_id;
  outcome->backup_version = seen->backup_version;
  outcome->uploaded = seen->local_keys - seen->pending_upload - seen->refused_upload;
  outcome->refused = seen->refused_upload;
  return KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { .name = "file", .begin = load, .end = loaded },
  { .name = "check", .begin = check, .end = checked },
  { .name = "keyring", .begin = look, .end = looked },
  { 0 },
};

void
ks_cli_setup_complete_async (KsCli *cli,
                             GFile *file,
                             gboolean wants_keyring,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  Complete *complete = g_new0 (Complete, 1);

  complete->cli = cli;
  complete->file = g_object_ref (file);
  complete->wants_keyring = wants_keyring;
  ks_steps_start (steps, complete, complete_free, NULL, G_STRFUNC, cancellable, callback, user_data);
}

KsSetUpOutcome *
ks_cli_setup_complete_finish (GAsyncResult *result, GError **error)
{
  Complete *complete = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? &complete->outcome : NULL;
}
