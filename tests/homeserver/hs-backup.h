/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the two halves of /room_keys share: which versions there are.
 */
#pragma once

#include "hs-server.h"

G_BEGIN_DECLS

/* @text as the number of a version that @user has and has not deleted, or 0. */
gint64 hs_backup_find (HsServer *server, const char *user, const char *text);

/* The number of the current version: the highest that is not deleted, or 0. */
gint64 hs_backup_current (HsServer *server, const char *user);

gint64 hs_backup_count (HsServer *server, const char *user, gint64 version);
char *hs_backup_etag (HsServer *server, const char *user, gint64 version);

G_END_DECLS
