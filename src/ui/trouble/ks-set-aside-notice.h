/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tells that a database was set aside, and how what it holds can be imported.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @path: of the file. @started_over: because the person said so, and not because it was mended. */
char *ks_set_aside_notice (const char *path, gboolean started_over) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
