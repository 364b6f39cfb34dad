/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an earlier session of the demo's second account has left behind: an identity, Secure
 * Backup with many room keys, and messages that they open.
 */
#pragma once

#include "hs-server.h"

G_BEGIN_DECLS

#define HS_DEMO_ROOM_KEYS 12000

/* The Security Key of the account. */
#define HS_DEMO_SECURITY_KEY "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d"

/* An identity, with @device signed by it, secret storage under the Security Key, and an empty
 * backup. */
void hs_demo_make_secrets (HsServer *server, const char *user, const char *device);

/* @n_messages in @room by @user and @guest, the keys of which are put into the backup; of the
 * oldest @n_lost they are not. Fills the backup up to @n_keys with others. */
void hs_demo_make_messages (HsServer *server,
                            const char *room,
                            const char *user,
                            const char *guest,
                            guint n_messages,
                            guint n_lost,
                            guint n_keys);

G_END_DECLS
