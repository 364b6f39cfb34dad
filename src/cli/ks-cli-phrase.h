/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Phrases that are chosen on the command line.
 */
#pragma once

#include "cli/ks-cli.h"

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

/* Judges a new @phrase, of which @enough is the least score that will do
 * (engine/secrets/ks-phrase-strength.h), and tells what will be regretted. FALSE:
 * KS_CLI_ERROR_WEAK_PHRASE; KS_CLI_ERROR_FILE: it is no UTF-8, which every client takes a phrase
 * for. */
gboolean ks_cli_phrase_check (KsCli *cli, const KsSecret *phrase, guint enough, GError **error);

/* The phrase in the file @path that is chosen now, as UTF-8, however an editor saved it. "-" is standard
 * input. */
KsSecret *ks_cli_phrase_read_new (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
