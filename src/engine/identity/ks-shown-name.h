/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names that a server hands out, made fit to be shown.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A server has no bound of its own for a name: what comes back is one line, of a length
 * that a page can show, without anything that turns the direction of what follows. NULL
 * if @name is NULL or nothing of it can be read. */
char *ks_shown_name (const char *name) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
