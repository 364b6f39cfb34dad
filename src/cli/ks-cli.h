/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keepsakectl: from the command line to a verb and back to an exit status. A verb
 * is a table of steps (base/ks-steps.h) in a file of its own; its "op" is the KsCli.
 */
#pragma once

#include "base/ks-steps.h"
#include "engine/account/ks-account.h"
#include "engine/account/ks-profile.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Exit status: stable, scripts depend on it. */
typedef enum
{
  KS_CLI_DONE = 0,
  KS_CLI_FAILED = 1,
  KS_CLI_USAGE = 2,
  KS_CLI_NOT_SIGNED_IN = 3,
  KS_CLI_NEEDS_UNLOCKING = 4,
  KS_CLI_HELD = 5, /* another process drives the account */
} KsCliStatus;

typedef struct
{
  KsProfile *profile;  /* owned */
  gboolean json;       /* --json */
  gboolean quiet;      /* --quiet */
  JsonBuilder *answer; /* owned: an object is open in it; what --json prints at the end */
  GString *text;       /* owned: what is printed at the end without --json */
  gboolean streamed;   /* with --json, the verb has printed a line for each thing: no answer at the end */
  gpointer verb_data;  /* the verb's, from its parse(); freed by its release() */
} KsCli;

typedef struct
{
  const char *name;         /* one word, or two with a blank between them */
  const char *arguments;    /* for the usage line */
  const char *help;         /* one sentence; not translated yet: N_() */
  KsProfileOpenFlags opens; /* how the profile is opened before the first step */
  gboolean needs_account;   /* ends with KS_CLI_NOT_SIGNED_IN if there is none */
  const KsStep *steps;
  /* Reads the verb's own options and arguments (argv[0] is the verb, or its second word). Returns FALSE
   * with a G_OPTION_ERROR for wrong usage, or with another error. NULL: none. */
  gboolean (*parse) (KsCli *cli, int argc, char **argv, GError **error);
  void (*release) (gpointer verb_data);
} KsCliVerb;

extern const KsCliVerb ks_cli_history;
extern const KsCliVerb ks_cli_keys_export;
extern const KsCliVerb ks_cli_keys_import;
extern const KsCliVerb ks_cli_login;
extern const KsCliVerb ks_cli_logout;
extern const KsCliVerb ks_cli_repair;
extern const KsCliVerb ks_cli_restore;
extern const KsCliVerb ks_cli_rooms;
extern const KsCliVerb ks_cli_salvage;
extern const KsCliVerb ks_cli_setup;
extern const KsCliVerb ks_cli_status;
extern const KsCliVerb ks_cli_unlock;

/* Runs the whole program. */
int ks_cli_run (int argc, char **argv);

/* The account; not NULL in verbs with needs_account. */
KsAccount *ks_cli_account (KsCli *cli);

/* Writes to standard error, unless --quiet. Whoever makes progress is not given up. */
void ks_cli_progress (KsCli *cli, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* @text for a terminal, where a server's words could move the cursor, begin a line of
 * their own or turn the direction of reading: such characters are written "\\u{…}". */
char *ks_cli_harmless (const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* Each adds a member to the answer; a string that is NULL is written as null. */
void ks_cli_answer_string (KsCli *cli, const char *name, const char *value);
void ks_cli_answer_count (KsCli *cli, const char *name, guint64 count);
void ks_cli_answer_boolean (KsCli *cli, const char *name, gboolean value);

/* Finishes a parse() with @entries: no argument may be left over. */
gboolean
ks_cli_parse (const KsCliVerb *verb, const GOptionEntry *entries, int argc, char **argv, GError **error);

G_END_DECLS
