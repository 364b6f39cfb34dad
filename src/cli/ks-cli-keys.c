/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli-back-up.h"
#include "cli/ks-cli-key-report.h"
#include "cli/ks-cli-phrase.h"
#include "cli/ks-cli-secret-file.h"
#include "engine/recovery/ks-recovery-key-file.h"
#include "engine/secrets/ks-phrase-strength.h"

#include <glib/gi18n.h>

/* Of both verbs. */
typedef struct
{
  char **files;             /* owned: as given; one */
  char *phrase_file;        /* owned */
  char *room_id;            /* owned; NULL: all; of export */
  gboolean overwrite;       /* of export */
  gboolean accept_failures; /* of import */
  GFile *file;              /* owned */
  KsSecret *phrase;         /* owned */
} Keys;

static void
release (gpointer data)
{
  Keys *keys = data;

  if (keys == NULL)
    return;
  g_strfreev (keys->files);
  g_free (keys->phrase_file);
  g_free (keys->room_id);
  g_clear_object (&keys->file);
  ks_secret_unref (keys->phrase);
  g_free (keys);
}

#define PHRASE_FILE                                                              \
  {                                                                              \
    "phrase-file", 0, 0, G_OPTION_ARG_FILENAME, &keys->phrase_file,              \
        N_ ("The phrase of the file is in F; \"-\" is standard input"), N_ ("F") \
  }
#define FILE_NAME                                                                          \
  {                                                                                        \
    G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &keys->files, NULL, N_ ("FILE") \
  }
#define END_OF_ENTRIES              \
  {                                 \
    NULL, 0, 0, 0, NULL, NULL, NULL \
  }

static gboolean
parse (const KsCliVerb *verb, Keys *keys, const GOptionEntry *entries, int argc, char **argv, GError **error)
{
  if (!ks_cli_parse (verb, entries, argc, argv, error))
    return FALSE;
  if (keys->files == NULL || g_strv_length (keys->files) != 1)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, _ ("name one file"));
      return FALSE;
    }
  if (keys->phrase_file == NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, _ ("--phrase-file is missing"));
      return FALSE;
    }
  keys->file = g_file_new_for_commandline_arg (keys->files[0]);
  /* A new phrase is text that somebody can type; one that is there may be any bytes. */
  keys->phrase = verb == &ks_cli_keys_export ? ks_cli_phrase_read_new (keys->phrase_file, error)
                                             : ks_cli_secret_file_read (keys->phrase_file, error);
  return keys->phrase != NULL;
}

/* Exports: the phrase is judged, then it is one step. Reads only, so that it works beside the
 * process that drives the account. */

static gboolean
parse_export (KsCli *cli, int argc, char **argv, GError **error)
{
  Keys *keys = cli->verb_data = g_new0 (Keys, 1);
  const GOptionEntry entries[] = {
    PHRASE_FILE,
    { "room", 0, 0, G_OPTION_ARG_STRING, &keys->room_id, N_ ("Only the room keys of the room ID"),
      N_ ("ID") },
    { "overwrite", 0, 0, G_OPTION_ARG_NONE, &keys->overwrite, N_ ("Replace a file that is there"), NULL },
    FILE_NAME,
    END_OF_ENTRIES,
  };

  return parse (&ks_cli_keys_export, keys, entries, argc, argv, error);
}

static KsStepVerdict
judge (gpointer op, GObject *nothing, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  const Keys *keys = cli->verb_data;

  return ks_cli_phrase_check (cli, keys->phrase, KS_PHRASE_STRENGTH_ENOUGH_FOR_FILE, error) ? KS_STEP_NEXT
                                                                                            : KS_STEP_FAIL;
}

static void
on_exporting (KsRecovery *recovery, guint64 done, guint64 expected, KsCli *cli)
{
  if (expected > 0)
    /* Translators: both are counts of room keys. */
    ks_cli_progress (cli, _ ("%lu of %lu"), (gulong) done, (gulong) expected);
  else
    ks_cli_progress (cli, "%lu", (gulong) done);
}

static void
begin_export (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsCli *cli = op;
  const Keys *keys = cli->verb_data;
  KsRecovery *recovery = ks_account_get_recovery (ks_cli_account (cli));

  g_signal_connect (recovery, "exporting", G_CALLBACK (on_exporting), cli);
  ks_recovery_export_keys_async (recovery, keys->room_id, keys->file, keys->phrase,
                                 keys->overwrite ? KS_EXPORT_REPLACE : KS_EXPORT_KEEP, cancellable, ready,
                                 run);
}

static KsStepVerdict
exported (gpointer op, GObject *recovery, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  KsExportReport report;
  gboolean ok = ks_recovery_export_keys_finish (KS_RECOVERY (recovery), result, &report, error);

  g_signal_handlers_disconnect_by_data (recovery, op);
  if (!ok)
    return KS_STEP_FAIL;
  ks_cli_answer_count (cli, "sessions", report.keys);
  ks_cli_answer_count (cli, "left_out", report.left_out);
  /* Translators: a count of room keys. */
  g_string_append_printf (cli->text, _ ("Exported, and read back: %lu\n"), (gulong) report.keys);
  if (report.left_out > 0)
    /* Translators: a count of room keys. */
    g_string_append_printf (cli->text, _ ("Damaged or incomplete here, and left out: %lu\n"),
                            (gulong) report.left_out);
  return KS_STEP_NEXT;
}

static const KsStep export_steps[] = {
  { .name = "judge", .end = judge },
  { .name = "export", .begin = begin_export, .end = exported },
  { 0 },
};

const KsCliVerb ks_cli_keys_export = {
  .name = "keys export",
  .arguments = "FILE --phrase-file F [--room ID] [--overwrite]",
  .help = N_ ("Write the room keys that are here to FILE, which every Matrix app can import with the phrase"),
  .opens = KS_PROFILE_OPEN_READ_ONLY,
  .needs_account = TRUE,
  .steps = export_steps,
  .parse = parse_export,
  .release = release,
};

/* Imports.
 *
 *   1. import    changes all or nothing
 *   2. back up   what came, if this session has the backup open. It is here in any case: a failure
 *                is told as such, and the next "unlock", or the window, goes on */

static gboolean
parse_import (KsCli *cli, int argc, char **argv, GError **error)
{
  Keys *keys = cli->verb_data = g_new0 (Keys, 1);
  const GOptionEntry entries[] = {
    PHRASE_FILE,
    { "accept-failures", 0, 0, G_OPTION_ARG_NONE, &keys->accept_failures,
      N_ ("Import the rest where some room keys can't be used"), NULL },
    FILE_NAME,
    END_OF_ENTRIES,
  };

  return parse (&ks_cli_keys_import, keys, entries, argc, argv, error);
}

static void
on_importing (KsRecovery *recovery, guint64 keys, guint64 done, guint64 size, KsCli *cli)
{
  ks_cli_progress (cli, "%lu", (gulong) keys);
}

static void
begin_import (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsCli *cli = op;
  const Keys *keys = cli->verb_data;
  KsRecovery *recovery = ks_account_get_recovery (ks_cli_account (cli));

  g_signal_connect (recovery, "importing", G_CALLBACK (on_importing), cli);
  ks_cli_progress (cli, "%s", _ ("Checking"));
  ks_recovery_import_keys_async (recovery, keys->file, keys->phrase,
                                 keys->accept_failures ? KS_IMPORT_ACCEPT_FAILURES : KS_IMPORT_ALL_OR_NOTHING,
                                 cancellable, ready, run);
}

static KsStepVerdict
imported (gpointer op, GObject *recovery, GAsyncResult *result, GError **error)
{
  g_autoptr (KsKeyReport) report = NULL;
  g_autofree char *total = NULL;
  gboolean ok = ks_recovery_import_keys_finish (KS_RECOVERY (recovery), result, &report, error);

  g_signal_handlers_disconnect_by_data (recovery, op);
  if (!ok)
    return KS_STEP_FAIL;
  /* Translators: a count of room keys. */
  total = g_strdup_printf (_ ("In the file: %lu\n"), (gulong) report->total);
  ks_cli_answer_key_report (op, total, report);
  return KS_STEP_NEXT;
}

static const KsStep import_steps[] = {
  { .name = "import", .begin = begin_import, .end = imported },
  { .name = "back up", .begin = ks_cli_back_up, .end = ks_cli_backed_up },
  { 0 },
};

const KsCliVerb ks_cli_keys_import = {
  .name = "keys import",
  .arguments = "FILE --phrase-file F [--accept-failures]",
  .help = N_ ("Bring the room keys of FILE, which any Matrix app has exported, here"),
  .opens = KS_PROFILE_OPEN_QUIETLY,
  .needs_account = TRUE,
  .steps = import_steps,
  .parse = parse_import,
  .release = release,
};
