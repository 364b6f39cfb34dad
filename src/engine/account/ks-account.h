/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One signed-in account: who it is, and the door to everything that can be done
 * with it. It owns the parts and passes on what they tell.
 */
#pragma once

#include <gio/gio.h>

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

typedef struct _KsRecovery KsRecovery;
typedef struct _KsRooms KsRooms;
typedef struct _KsAccountLife KsAccountLife;

#define KS_TYPE_ACCOUNT (ks_account_get_type ())
G_DECLARE_FINAL_TYPE (KsAccount, ks_account, KS, ACCOUNT, GObject)

/* All borrowed. Read-only properties of the same names. */
const char *ks_account_get_user_id (KsAccount *self);
const char *ks_account_get_device_id (KsAccount *self);
const char *ks_account_get_homeserver (KsAccount *self);   /* base URL */
const char *ks_account_get_session_name (KsAccount *self); /* as other clients show it; never NULL */
const char *ks_account_get_display_name (KsAccount *self); /* NULL until known, or if there is none */

/* Whether @text is the account's password, as far as that is known: it is so only in the
 * run of the program in which it was typed, and then as a salted hash. Takes some
 * milliseconds. */
gboolean ks_account_is_password (KsAccount *self, const KsSecret *text);

/* Secure Backup of this account. Borrowed. */
KsRecovery *ks_account_get_recovery (KsAccount *self);

/* From now on the account does by itself what ks-account-life.h says, until it is let go of. For the process
 * that drives it, and none beside that one. Nothing, if it has started before. */
void ks_account_start (KsAccount *self);

/* Borrowed; NULL: it has not started. */
KsAccountLife *ks_account_get_life (KsAccount *self);

/* The rooms that it is in, and their messages. Borrowed. */
KsRooms *ks_account_get_rooms (KsAccount *self);

/* Asks the server for the names above, which may have been changed elsewhere, and takes
 * what others have sent this session. */
void ks_account_refresh_async (KsAccount *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean ks_account_refresh_finish (KsAccount *self, GAsyncResult *result, GError **error);

/* Ends this session on the server and removes it from this computer; afterwards
 * the profile has no account. Fails, and leaves everything as it was, when the
 * server cannot be reached; a server that no longer knows the session does not
 * count as failure. */
void ks_account_sign_out_async (KsAccount *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean ks_account_sign_out_finish (KsAccount *self, GAsyncResult *result, GError **error);

/* Removes the account from this computer without a word to the server, for one that
 * is gone for good; afterwards the profile has no account. Where there still is a
 * server the session stays there, and any other client can end it. */
void ks_account_forget_async (KsAccount *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean ks_account_forget_finish (KsAccount *self, GAsyncResult *result, GError **error);

G_END_DECLS
