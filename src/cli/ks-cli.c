/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli.h"

#include "base/ks-log.h"
#include "cli/ks-cli-error.h"
#include "cli/ks-cli-json.h"
#include "store/ks-store-error.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

/* No verb waits for ever: without progress it gives up after so many seconds. */
#define PATIENCE 90

static const KsCliVerb *const verbs[] = { &ks_cli_login,       &ks_cli_status,  &ks_cli_setup,
                                          &ks_cli_unlock,      &ks_cli_repair,  &ks_cli_restore,
                                          &ks_cli_rooms,       &ks_cli_history, &ks_cli_keys_export,
                                          &ks_cli_keys_import, &ks_cli_salvage, &ks_cli_logout };

KsAccount *
ks_cli_account (KsCli *cli)
{
  return ks_profile_get_account (cli->profile);
}

char *
ks_cli_harmless (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_new (NULL);

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (ks_cli_is_plain (c))
        g_string_append_unichar (out, c);
      else
        g_string_append_printf (out, "\\u{%x}", c);
    }
  return g_string_free (out, FALSE);
}

void
ks_cli_answer_string (KsCli *cli, const char *name, const char *value)
{
  json_builder_set_member_name (cli->answer, name);
  if (value != NULL)
    json_builder_add_string_value (cli->answer, value);
  else
    json_builder_add_null_value (cli->answer);
}

void
ks_cli_answer_count (KsCli *cli, const char *name, guint64 count)
{
  json_builder_set_member_name (cli->answer, name);
  json_builder_add_int_value (cli->answer, (gint64) count);
}

void
ks_cli_answer_boolean (KsCli *cli, const char *name, gboolean value)
{
  json_builder_set_member_name (cli->answer, name);
  json_builder_add_boolean_value (cli->answer, value);
}

gboolean
ks_cli_parse (const KsCliVerb *verb, const GOptionEntry *entries, int argc, char **argv, GError **error)
{
  g_autofree char *program = g_strconcat ("keepsakectl ", verb->name, NULL);
  g_autoptr (GOptionContext) context = g_option_context_new (verb->arguments);

  g_set_prgname (program);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  if (argc == 1)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, _ ("\"%s\" is one argument too many"), argv[1]);
  return FALSE;
}

/* The program: opens the profile, runs the verb, prints. */

typedef struct
{
  KsCli cli; /* first: a verb's KsCli is its program */
  const KsCliVerb *verb;
  GMainLoop *loop;           /* owned */
  GCancellable *cancellable; /* owned */
  guint patience;            /* the source that ends it; 0: there is none */
  gboolean out_of_patience;
  int status;
} Program;

static gboolean
on_patience_ended (gpointer data)
{
  Program *program = data;

  program->patience = 0;
  program->out_of_patience = TRUE;
  g_cancellable_cancel (program->cancellable);
  return G_SOURCE_REMOVE;
}

static void
have_patience (Program *program)
{
  g_clear_handle_id (&program->patience, g_source_remove);
  if (!program->out_of_patience)
    program->patience = g_timeout_add_seconds (PATIENCE, on_patience_ended, program);
}

void
ks_cli_progress (KsCli *cli, const char *format, ...)
{
  va_list args;
  g_autofree char *text = NULL;

  have_patience ((Program *) cli);
  if (cli->quiet)
    return;
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("%s\n", text);
}

static void
print_answer (Program *program)
{
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  if (!program->cli.json)
    {
      fputs (program->cli.text->str, stdout);
      return;
    }
  json_builder_end_object (program->cli.answer);
  root = json_builder_get_root (program->cli.answer);
  text = ks_cli_json_text (root);
  puts (text);
}

static void
print_error (Program *program, const GError *error)
{
  g_autofree char *sentence = ks_cli_error_sentence (error);

  if (!program->cli.json)
    {
      g_printerr ("keepsakectl: %s\n", sentence);
      return;
    }
  /* What a verb had begun to answer is not an answer. */
  g_clear_object (&program->cli.answer);
  program->cli.answer = json_builder_new ();
  json_builder_begin_object (program->cli.answer);
  json_builder_set_member_name (program->cli.answer, "error");
  json_builder_begin_object (program->cli.answer);
  ks_cli_answer_string (&program->cli, "code", ks_cli_error_word (error));
  ks_cli_answer_string (&program->cli, "message", sentence);
  json_builder_end_object (program->cli.answer);
  print_answer (program);
}

static void
end (Program *program, GError *error)
{
  g_autoptr (GError) failure = error;

  if (program->out_of_patience && g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_clear_error (&failure);
      g_set_error (&failure, KS_CLI_ERROR, KS_CLI_ERROR_NO_ANSWER, "gave up after %d seconds", PATIENCE);
    }
  /* It mends nothing: the person has to be told what does. */
  if ((program->verb->opens & KS_PROFILE_OPEN_READ_ONLY) != 0
      && g_error_matches (failure, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED))
    {
      failure->domain = KS_CLI_ERROR;
      failure->code = KS_CLI_ERROR_DAMAGED;
    }
  if (failure != NULL)
    {
      program->status = ks_cli_error_status (failure);
      print_error (program, failure);
    }
  else if (!program->cli.json || !program->cli.streamed)
    print_answer (program);
  g_main_loop_quit (program->loop);
}

static void
on_verb_done (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  end (data, error);
}

static GError *
why_not (Program *program)
{
  KsProfileState state = ks_profile_get_state (program->cli.profile);

  if (state != KS_PROFILE_READY)
    {
      g_autofree char *name = g_enum_to_string (KS_TYPE_PROFILE_STATE, (int) state);

      return g_error_new (KS_CLI_ERROR, KS_CLI_ERROR_KEYRING, "%s", name);
    }
  if (program->verb->needs_account && ks_cli_account (&program->cli) == NULL)
    return g_error_new (KS_CLI_ERROR, KS_CLI_ERROR_NOT_SIGNED_IN, "no account");
  return NULL;
}

static void
on_profile_opened (GObject *profile, GAsyncResult *result, gpointer data)
{
  Program *program = data;
  GError *error = NULL;
  GTask *task;

  if (!ks_profile_open_finish (KS_PROFILE (profile), result, &error))
    {
      /* Looking at a profile that nobody has begun yet. */
      if (program->verb->needs_account && g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND))
        {
          g_clear_error (&error);
          error = g_error_new (KS_CLI_ERROR, KS_CLI_ERROR_NOT_SIGNED_IN, "no local data");
        }
      end (program, error);
      return;
    }
  error = why_not (program);
  if (error != NULL)
    {
      end (program, error);
      return;
    }
  task = g_task_new (NULL, program->cancellable, on_verb_done, program);
  g_task_set_name (task, program->verb->name);
  g_task_set_task_data (task, &program->cli, NULL);
  ks_steps_run (task, program->verb->steps);
}

static void
run_verb (Program *program)
{
  program->loop = g_main_loop_new (NULL, FALSE);
  program->cancellable = g_cancellable_new ();
  program->cli.answer = json_builder_new ();
  json_builder_begin_object (program->cli.answer);
  program->cli.text = g_string_new (NULL);

  have_patience (program);
  ks_profile_open_async (program->cli.profile, program->verb->opens, program->cancellable, on_profile_opened,
                         program);
  g_main_loop_run (program->loop);

  g_clear_handle_id (&program->patience, g_source_remove);
  g_clear_object (&program->cli.profile);
  g_clear_object (&program->cli.answer);
  g_string_free (program->cli.text, TRUE);
  g_object_unref (program->cancellable);
  g_main_loop_unref (program->loop);
  /* Lets what was closed on other threads come to its end. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* @words: how many of @argv are its name. */
static const KsCliVerb *
find_verb (int argc, char **argv, int *words)
{
  g_autofree char *two = argc > 1 ? g_strconcat (argv[0], " ", argv[1], NULL) : NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      *words = g_strcmp0 (verbs[i]->name, two) == 0 ? 2 : 1;
      if (*words == 2 || g_str_equal (verbs[i]->name, argv[0]))
        return verbs[i];
    }
  return NULL;
}

static char *
describe_verbs (void)
{
  GString *text = g_string_new (_ ("Verbs:"));

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    g_string_append_printf (text, "\n  %s %s\n      %s", verbs[i]->name, verbs[i]->arguments,
                            _ (verbs[i]->help));
  return g_string_free (text, FALSE);
}

/* What a script would read and act on must not be cut in silence. */
static int
check_output (int status)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sentence = NULL;

  if ((fflush (stdout) == 0 && ferror (stdout) == 0) || status != KS_CLI_DONE)
    return status;
  error = g_error_new (KS_CLI_ERROR, KS_CLI_ERROR_OUTPUT, "%s", g_strerror (errno));
  sentence = ks_cli_error_sentence (error);
  g_printerr ("keepsakectl: %s\n", sentence);
  return KS_CLI_FAILED;
}

static int
wrong_usage (const char *message)
{
  g_printerr ("keepsakectl: %s\n%s\n", message, _ ("Try \"keepsakectl --help\"."));
  return KS_CLI_USAGE;
}

int
ks_cli_run (int argc, char **argv)
{
  g_autofree char *directory = NULL, *store_key_file = NULL, *account = NULL,
                  *description = describe_verbs ();
  gboolean verbose = FALSE, version = FALSE;
  Program program = { .status = KS_CLI_DONE };
  int words;
  const GOptionEntry entries[] = {
    { "profile", 0, 0, G_OPTION_ARG_FILENAME, &directory, N_ ("Keep all local data under DIR"), N_ ("DIR") },
    { "account", 0, 0, G_OPTION_ARG_STRING, &account, N_ ("Which of several accounts: a user ID"),
      N_ ("ID") },
    { "store-key-file", 0, 0, G_OPTION_ARG_FILENAME, &store_key_file,
      N_ ("Keep the key of the local data in FILE instead of the desktop keyring"), N_ ("FILE") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &program.cli.json, N_ ("Answer with one JSON object"), NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &program.cli.quiet, N_ ("Show no progress"), NULL },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, N_ ("Log more, to standard error"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, N_ ("Show the version and end"), NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (_ ("VERB …"));
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_description (context, description);
  g_option_context_set_strict_posix (context, TRUE); /* what follows the verb is the verb's */
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return wrong_usage (error->message);
  if (version)
    {
      g_print ("keepsakectl " VERSION "\n");
      return KS_CLI_DONE;
    }
  ks_log_init (verbose);
  if (argc < 2)
    return wrong_usage (_ ("a verb is missing"));
  program.verb = find_verb (argc - 1, argv + 1, &words);
  if (program.verb == NULL)
    return wrong_usage (_ ("there is no such verb"));

  if (program.verb->parse != NULL && !program.verb->parse (&program.cli, argc - words, argv + words, &error))
    {
      program.status = KS_CLI_USAGE;
      if (error->domain == G_OPTION_ERROR)
        wrong_usage (error->message);
      else
        {
          program.status = ks_cli_error_status (error);
          print_error (&program, error);
          g_clear_object (&program.cli.answer);
        }
    }
  else
    {
      program.cli.profile = ks_profile_new (directory, store_key_file);
      ks_profile_choose_account (program.cli.profile, account);
      run_verb (&program);
    }
  if (program.verb->release != NULL)
    program.verb->release (program.cli.verb_data);
  return check_output (program.status);
}
