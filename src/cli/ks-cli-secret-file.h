/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Secrets come from files, never from the command line, which everybody on the
 * machine can read.
 */
#pragma once

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

/* Reads @path, "-" being standard input, into locked memory; one newline at the end
 * is not counted. Blocks. Errors: KS_CLI_ERROR_FILE, also for an empty file and for
 * one above 64 KiB. */
KsSecret *ks_cli_secret_file_read (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
