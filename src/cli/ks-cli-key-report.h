/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What became of room keys, as several verbs answer it.
 */
#pragma once

#include "cli/ks-cli.h"
#include "engine/keys/ks-key-report.h"

G_BEGIN_DECLS

/* Adds "total", "new", "better", "already" and "failed" to the answer, and the same in words,
 * where the line @total says what the total is. */
void ks_cli_answer_key_report (KsCli *cli, const char *total, const KsKeyReport *report);

G_END_DECLS
