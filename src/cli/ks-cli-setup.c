/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli-error.h"
#include "cli/ks-cli-phrase.h"
#include "cli/ks-cli-secret-file.h"
#include "cli/ks-cli-setup-complete.h"
#include "cli/ks-cli.h"
#include "engine/recovery/ks-recovery.h"
#include "engine/secrets/ks-key-text-file.h"
#include "engine/secrets/ks-phrase-strength.h"
#include "engine/secrets/ks-recovery-error.h"
#include "engine/set-up/ks-set-up.h"
#include "store/ks-keyring-error.h"

#include <glib/gi18n.h>

typedef struct
{
  gboolean generate;
  gboolean no_keyring;
  char *phrase_file;   /* owned */
  char *save_key;      /* owned */
  char *password_file; /* owned */
  KsSecret *phrase;    /* owned; NULL: the key is generated */
  KsSecret *password;  /* owned; NULL: not given */
  GFile *file;         /* owned: of save_key */
  KsSecret *as_saved;  /* owned: the key as it was read back */
  gboolean answered;   /* the password was given to the server */
} SetUp;

static gboolean
parse (KsCli *cli, int argc, char **argv, GError **error)
{
  SetUp *setup = g_new0 (SetUp, 1);
  const GOptionEntry entries[] = {
    { "generate", 0, 0, G_OPTION_ARG_NONE, &setup->generate, N_ ("Generate a Security Key"), NULL },
    { "phrase-file", 0, 0, G_OPTION_ARG_FILENAME, &setup->phrase_file,
      N_ ("Derive the Security Key from the phrase in F; \"-\" is standard input"), N_ ("F") },
    { "save-key", 0, 0, G_OPTION_ARG_FILENAME, &setup->save_key, N_ ("Write the Security Key to FILE"),
      N_ ("FILE") },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &setup->password_file,
      N_ ("The account's password is in F, in case the homeserver asks for it"), N_ ("F") },
    { "no-keyring", 0, 0, G_OPTION_ARG_NONE, &setup->no_keyring,
      N_ ("Don't keep the Security Key in the desktop keyring"), NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  cli->verb_data = setup;
  if (!ks_cli_parse (&ks_cli_setup, entries, argc, argv, error))
    return FALSE;
  if (setup->generate == (setup->phrase_file != NULL) || setup->save_key == NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                           _ ("--save-key and one of --generate and --phrase-file are needed"));
      return FALSE;
    }
  setup->file = g_file_new_for_path (setup->save_key);
  if (setup->phrase_file != NULL)
    {
      setup->phrase = ks_cli_phrase_read_new (setup->phrase_file, error);
      if (setup->phrase == NULL)
        return FALSE;
    }
  if (setup->password_file != NULL)
    {
      setup->password = ks_cli_secret_file_read (setup->password_file, error);
      if (setup->password == NULL)
        return FALSE;
    }
  return TRUE;
}

static void
release (gpointer data)
{
  SetUp *setup = data;

  if (setup == NULL)
    return;
  ks_secret_unref (setup->as_saved);
  g_clear_object (&setup->file);
  ks_secret_unref (setup->password);
  ks_secret_unref (setup->phrase);
  g_free (setup->password_file);
  g_free (setup->save_key);
  g_free (setup->phrase_file);
  g_free (setup);
}

/* Sets Secure Backup up.
 *
 *   1. look      what the account has, and what an earlier run left to go on with
 *   2. complete  only if an earlier run has done all, and could not say so: does the file
 *                have the key? Then this is said now
 *   3. file      refuse one that holds something else, before anything happens
 *   4. make      the key; left out if the person has it already
 *   5. save      it to the file, read back
 *   6. note      that it is saved
 *   7. run       the rest; once more with the password if the server asks for it
 *
 * Run again after a stop anywhere, it goes on with the same secrets. */

static KsSetUp *
set_up_of (KsCli *cli)
{
  return ks_recovery_get_set_up (ks_account_get_recovery (ks_cli_account (cli)));
}

static void
look (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_recovery_refresh_async (ks_account_get_recovery (ks_cli_account (op)), cancellable, ready, run);
}

/* Whoever holds the server's data can guess a phrase without limit. */
static gboolean
phrase_will_do (KsCli *cli, GError **error)
{
  const SetUp *setup = cli->verb_data;

  return setup->phrase == NULL || ks_cli_phrase_check (cli, setup->phrase, KS_PHRASE_STRENGTH_ENOUGH, error);
}

static KsStepVerdict
looked (gpointer op, GObject *object, GAsyncResult *result, GError **error)
{
  KsRecovery *recovery = KS_RECOVERY (object);
  KsRecoveryState state;

  if (!ks_recovery_refresh_finish (recovery, result, error))
    return KS_STEP_FAIL;
  state = ks_recovery_get_state (recovery);
  if (state == KS_RECOVERY_READY)
    return KS_STEP_NEXT;
  if (state == KS_RECOVERY_SETTING_UP)
    return KS_STEP_SKIP; /* "complete" */
  if (state == KS_RECOVERY_NOT_SET_UP)
    return phrase_will_do (op, error) ? KS_STEP_SKIP : KS_STEP_FAIL;
  g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_EXISTS, "there is something already");
  return KS_STEP_FAIL;
}

static void
look_at_file (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  SetUp *setup = ((KsCli *) op)->verb_data;

  ks_key_text_file_load_async (setup->file, cancellable, ready, run);
}

/* Nothing that was asked for is left out in silence. */
static void
tell_what_is_used (KsCli *cli, KsSetUp *set_up)
{
  const SetUp *setup = cli->verb_data;

  if (ks_set_up_has_phrase (set_up))
    ks_cli_progress (cli, "%s",
                     setup->phrase != NULL
                         ? _ ("Going on with the Security Key made from the phrase that was given first; the "
                              "phrase given now is not looked at")
                         : _ ("Going on with the Security Key made from a phrase before; none is generated"));
  else if (setup->phrase != NULL)
    ks_cli_progress (cli, "%s",
                     _ ("Going on with the Security Key that was generated before; the phrase is not used"));
}

static KsStepVerdict
looked_at_file (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  KsSetUp *set_up = set_up_of (op);
  KsSecret *key = ks_set_up_get_key (set_up);
  g_autoptr (GError) failure = NULL;
  g_autoptr (KsSecret) found = ks_key_text_file_load_finish (result, &failure);

  if (found != NULL && (key == NULL || !ks_secret_equal (found, key)))
    {
      g_set_error (error, KS_KEY_TEXT_FILE_ERROR, KS_KEY_TEXT_FILE_ERROR_EXISTS, "it holds another key");
      return KS_STEP_FAIL;
    }
  if (found == NULL && !g_error_matches (failure, KS_KEY_TEXT_FILE_ERROR, KS_KEY_TEXT_FILE_ERROR_NOT_FOUND))
    {
      if (g_error_matches (failure, KS_KEY_TEXT_FILE_ERROR, KS_KEY_TEXT_FILE_ERROR_NOT_A_KEY))
        g_set_error (error, KS_KEY_TEXT_FILE_ERROR, KS_KEY_TEXT_FILE_ERROR_EXISTS, "it holds something else");
      else
        g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  if (ks_set_up_get_stage (set_up) != KS_SET_UP_KEY_SAVED)
    return KS_STEP_NEXT;
  tell_what_is_used (op, set_up);
  return KS_STEP_SKIP; /* "make" */
}

static void
make (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  SetUp *setup = ((KsCli *) op)->verb_data;

  ks_cli_progress (op, "%s", _ ("Making the Security Key"));
  ks_set_up_make_key_async (set_up_of (op), setup->phrase, cancellable, ready, run);
}

static KsStepVerdict
made (gpointer op, GObject *set_up, GAsyncResult *result, GError **error)
{
  return ks_set_up_make_key_finish (KS_SET_UP (set_up), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
save (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  SetUp *setup = ((KsCli *) op)->verb_data;

  ks_key_text_file_save_async (setup->file, ks_set_up_get_key (set_up_of (op)), KS_KEY_TEXT_FILE_KEEP,
                               cancellable, ready, run);
}

static KsStepVerdict
saved (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  SetUp *setup = ((KsCli *) op)->verb_data;

  setup->as_saved = ks_key_text_file_save_finish (result, error);
  return setup->as_saved != NULL ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
note (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  SetUp *setup = ((KsCli *) op)->verb_data;
  g_autofree char *name = g_file_get_basename (setup->file);
  g_autofree char *valid = g_utf8_make_valid (name, -1);

  ks_set_up_note_saved_async (set_up_of (op), setup->as_saved,
                              setup->no_keyring ? KS_KEY_SAVED_FILE
                                                : KS_KEY_SAVED_FILE | KS_KEY_SAVED_KEYRING,
                              valid, cancellable, ready, run);
}

static void
on_part_changed (KsSetUp *set_up, GParamSpec *pspec, KsCli *cli)
{
  switch (ks_set_up_get_part (set_up))
    {
    case KS_SET_UP_SECRETS:
      break;
    case KS_SET_UP_IDENTITY:
      ks_cli_progress (cli, "%s", _ ("Setting cross-signing up"));
      break;
    case KS_SET_UP_BACKUP:
      ks_cli_progress (cli, "%s", _ ("Creating the backup"));
      break;
    case KS_SET_UP_KEYS:
      ks_cli_progress (cli, "%s", _ ("Backing up room keys"));
      break;
    case KS_SET_UP_CHECK:
      ks_cli_progress (cli, "%s", _ ("Checking the backup"));
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
on_progress (KsSetUp *set_up, KsCli *cli)
{
  guint64 done;
  guint64 total;

  ks_set_up_get_keys (set_up, &done, &total);
  if (total > 0)
    /* Translators: both are counts of room keys. */
    ks_cli_progress (cli, _ ("%lu of %lu"), (gulong) done, (gulong) total);
}

static KsStepVerdict
noted (gpointer op, GObject *object, GAsyncResult *result, GError **error)
{
  KsSetUp *set_up = KS_SET_UP (object);

  if (!ks_set_up_note_saved_finish (set_up, result, error))
    return KS_STEP_FAIL;
  ks_cli_progress (op, "%s", _ ("Storing the secrets on the homeserver"));
  g_signal_connect (set_up, "notify::part", G_CALLBACK (on_part_changed), op);
  g_signal_connect (set_up, "progress", G_CALLBACK (on_progress), op);
  return KS_STEP_NEXT;
}

static void
run_set_up (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_set_up_run_async (set_up_of (op), cancellable, ready, run);
}

static const char *
keyring_word (const KsSetUpOutcome *outcome)
{
  if (outcome->in_keyring)
    return "ready";
  if (outcome->keyring == NULL)
    return NULL; /* not wanted there */
  if (g_error_matches (outcome->keyring, KS_KEYRING_ERROR, KS_KEYRING_ERROR_ABSENT))
    return "absent";
  if (g_error_matches (outcome->keyring, KS_KEYRING_ERROR, KS_KEYRING_ERROR_LOCKED))
    return "locked";
  if (g_error_matches (outcome->keyring, KS_KEYRING_ERROR, KS_KEYRING_ERROR_DENIED))
    return "denied";
  if (g_error_matches (outcome->keyring, KS_KEYRING_ERROR, KS_KEYRING_ERROR_NO_ANSWER))
    return "no-answer";
  return "failed";
}

static void
answer_count (KsCli *cli, const char *name, guint64 count)
{
  json_builder_set_member_name (cli->answer, name);
  json_builder_add_int_value (cli->answer, (gint64) count);
}

static void
tell (KsCli *cli, const KsSetUpOutcome *outcome)
{
  ks_cli_answer_string (cli, "key_id", outcome->key_id);
  ks_cli_answer_string (cli, "backup_version", outcome->backup_version);
  answer_count (cli, "uploaded", outcome->uploaded);
  answer_count (cli, "refused", outcome->refused);
  answer_count (cli, "checked", outcome->checked);
  ks_cli_answer_string (cli, "keyring", keyring_word (outcome));
  if (outcome->uploaded > 0)
    g_string_append_printf (cli->text, _ ("Secure Backup is on. Room keys in it: %lu\n"),
                            (gulong) outcome->uploaded);
  else
    g_string_append (cli->text, _ ("Secure Backup is on, but nothing is in it yet. Enter the Security Key in "
                                   "your other sessions.\n"));
  if (outcome->refused > 0)
    g_string_append_printf (cli->text, _ ("Room keys that could not be backed up: %lu\n"),
                            (gulong) outcome->refused);
  if (outcome->keyring != NULL)
    g_string_append (cli->text, _ ("The Security Key is not in the desktop keyring. The file has it.\n"));
}

static KsStepVerdict
was_run (gpointer op, GObject *object, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  SetUp *setup = cli->verb_data;
  KsSetUp *set_up = KS_SET_UP (object);
  g_autoptr (GError) failure = NULL;

  if (ks_set_up_run_finish (set_up, result, &failure))
    {
      tell (cli, ks_set_up_get_outcome (set_up));
      return KS_STEP_NEXT;
    }
  if (g_error_matches (failure, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_AUTH_NEEDED) && setup->password != NULL
      && !setup->answered)
    {
      g_autoptr (KsUiaAnswer) answer =
          ks_uia_answer_password (ks_set_up_get_challenge (set_up),
                                  ks_account_get_user_id (ks_cli_account (cli)), setup->password);

      ks_set_up_answer (set_up, answer);
      setup->answered = TRUE;
      return KS_STEP_AGAIN;
    }
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static void
complete (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  SetUp *setup = ((KsCli *) op)->verb_data;

  ks_cli_progress (op, "%s", _ ("Checking the backup"));
  ks_cli_setup_complete_async (op, setup->file, !setup->no_keyring, cancellable, ready, run);
}

static KsStepVerdict
completed (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  KsSetUpOutcome *outcome = ks_cli_setup_complete_finish (result, error);
  const SetUp *setup = ((KsCli *) op)->verb_data;

  if (outcome == NULL)
    return KS_STEP_FAIL;
  ks_cli_progress (op, "%s",
                   setup->phrase != NULL
                       ? _ ("It was set up before; the key in the file opens it, the phrase is not looked at")
                       : _ ("It was set up before; the key in the file opens it"));
  tell (op, outcome);
  return KS_STEP_DONE;
}

static const KsStep steps[] = {
  { .name = "look", .begin = look, .end = looked },
  { .name = "complete", .begin = complete, .end = completed },
  { .name = "file", .begin = look_at_file, .end = looked_at_file },
  { .name = "make", .begin = make, .end = made },
  { .name = "save", .begin = save, .end = saved },
  { .name = "note", .begin = note, .end = noted },
  { .name = "run", .begin = run_set_up, .end = was_run },
  { 0 },
};

const KsCliVerb ks_cli_setup = {
  .name = "setup",
  .arguments = "(--generate | --phrase-file F) --save-key FILE [--password-file F] [--no-keyring]",
  .help = N_ ("Set Secure Backup up; run again after a failure, it goes on"),
  .opens = KS_PROFILE_OPEN_QUIETLY,
  .needs_account = TRUE,
  .steps = steps,
  .parse = parse,
  .release = release,
};
