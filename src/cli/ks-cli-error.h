/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keepsakectl's own errors, and what any error is called on the command line: a
 * stable word for scripts, a sentence for people, an exit status.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  KS_CLI_ERROR_NOT_SIGNED_IN,
  KS_CLI_ERROR_SIGNED_IN, /* there is an account already */
  KS_CLI_ERROR_WRONG_PASSWORD,
  KS_CLI_ERROR_OTHER_USER,        /* the new session is not of the user who was asked for */
  KS_CLI_ERROR_SESSION_REFUSED,   /* the server does not accept the session that it has made */
  KS_CLI_ERROR_KEYS_ONLY_HERE,    /* signing out would lose room keys */
  KS_CLI_ERROR_SECRETS_ONLY_HERE, /* signing out would lose private keys of the account */
  KS_CLI_ERROR_SECRETS_CHANGED,   /* it may: the key has not opened what is stored by now */
  KS_CLI_ERROR_SECRETS_REPLACED, /* the same, unless the person has made those that the server shows instead */
  KS_CLI_ERROR_NOTHING_IN_FILE,  /* a file that was to be salvaged: none, or of somebody else */
  KS_CLI_ERROR_FILE_LOCKED,      /* likewise: sealed with a key that is not here */
  KS_CLI_ERROR_NEEDS_KEY,        /* a repair needs the Security Key, which nobody keeps */
  KS_CLI_ERROR_SECRETS_NOT_ASKED, /* the same, for all that is known: the server does not tell */
  KS_CLI_ERROR_SET_UP_UNFINISHED, /* signing out would leave a set-up that nobody can finish */
  KS_CLI_ERROR_UNREAD,            /* signing out would lose what may bring room keys */
  KS_CLI_ERROR_NO_ANSWER,         /* 90 s have passed */
  KS_CLI_ERROR_FILE,              /* a secret could not be read from the file named */
  KS_CLI_ERROR_WEAK_PHRASE,       /* a Security Phrase that is guessed too soon */
  KS_CLI_ERROR_NO_KEY_FILE,       /* all is set up, but the file named does not have the key */
  KS_CLI_ERROR_NO_MESSAGES,       /* a room's pages go on and on without any */
  KS_CLI_ERROR_KEYRING,           /* the profile is not open: see the keyring's state */
  KS_CLI_ERROR_DAMAGED,           /* a verb that only reads has met damaged local data */
  KS_CLI_ERROR_OUTPUT,            /* the answer could not be written */
  KS_CLI_ERROR_NO_BACKUP,         /* a backup is to be restored, and there is none */
  KS_CLI_ERROR_OTHER_BACKUP,      /* the key here is not that of the backup that is there now */
} KsCliErrorCode;

#define KS_CLI_ERROR (ks_cli_error_quark ())
GQuark ks_cli_error_quark (void);

/* "wrong-password", "network", … Static. */
const char *ks_cli_error_word (const GError *error);

/* Free with g_free(). */
char *ks_cli_error_sentence (const GError *error) G_GNUC_WARN_UNUSED_RESULT;

int ks_cli_error_status (const GError *error);

G_END_DECLS
