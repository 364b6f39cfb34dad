/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli-phrase.h"

#include "cli/ks-cli-error.h"
#include "cli/ks-cli-secret-file.h"
#include "engine/secrets/ks-phrase-strength.h"
#include "engine/unlock/ks-given-text.h"

#include <glib/gi18n.h>

gboolean
ks_cli_phrase_check (KsCli *cli, const KsSecret *phrase, guint enough, GError **error)
{
  KsAccount *account = ks_cli_account (cli);
  const char *bytes = (const char *) ks_secret_bytes (phrase);
  gsize size = ks_secret_size (phrase);
  g_auto (GStrv) words = NULL;
  KsPhraseStrength strength;
  char *text;

  if (!g_utf8_validate (bytes, (gssize) size, NULL))
    {
      g_set_error_literal (error, KS_CLI_ERROR, KS_CLI_ERROR_FILE, "the phrase is not UTF-8");
      return FALSE;
    }
  words = ks_phrase_strength_words (ks_account_get_user_id (account), ks_account_get_homeserver (account));
  text = g_strndup (bytes, size);
  ks_phrase_strength_judge (text, (const char *const *) words, NULL, NULL, &strength);
  ks_wipe (text, size);
  g_free (text);
  if (strength.score < enough)
    {
      g_set_error (error, KS_CLI_ERROR, KS_CLI_ERROR_WEAK_PHRASE, "%.0f bits", strength.bits);
      return FALSE;
    }
  if (strength.warning == KS_PHRASE_WARNING_BLANK)
    ks_cli_progress (cli, "%s", _ ("The phrase begins or ends with a blank, which is part of it."));
  else if (strength.warning == KS_PHRASE_WARNING_NOT_ASCII)
    ks_cli_progress (cli, "%s", _ ("The phrase has characters that not every keyboard can type."));
  return TRUE;
}

KsSecret *
ks_cli_phrase_read_new (const char *path, GError **error)
{
  g_autoptr (KsSecret) bytes = ks_cli_secret_file_read (path, error);
  g_autoptr (KsSecret) phrase = bytes != NULL ? ks_given_text_read_new_phrase (bytes) : NULL;

  if (bytes != NULL && (phrase == NULL || ks_secret_size (phrase) == 0))
    {
      g_set_error (error, KS_CLI_ERROR, KS_CLI_ERROR_FILE, "%s: holds no phrase", path);
      return NULL;
    }
  return g_steal_pointer (&phrase);
}
