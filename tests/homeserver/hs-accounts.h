/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Accounts, their passwords and their sessions in the database.
 */
#pragma once

#include "hs-server.h"

G_BEGIN_DECLS

/* Makes @user ("@…:…"). FALSE: it is there already. */
gboolean hs_account_new (HsServer *server, const char *user, const char *password, gboolean admin);
gboolean hs_account_exists (HsServer *server, const char *user);
gboolean hs_account_has_password (HsServer *server, const char *user, const char *password);

/* "alice" or "@alice:localhost" as the latter. */
char *hs_account_full_id (HsServer *server, const char *name);

/* Signs in: a new session, or @device again, whose older tokens stay good.
 * Returns what POST /login answers. @device and @name may be NULL. */
JsonObject *hs_session_new (HsServer *server, const char *user, const char *device, const char *name);
/* Ends a session with all that belongs to it. */
void hs_session_end (HsServer *server, const char *user, const char *device);

/* Tells those who share a room with @user that the device list has changed. */
void hs_device_list_changed (HsServer *server, const char *user);

G_END_DECLS
