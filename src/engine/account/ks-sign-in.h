/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signing in by password, after ks-find-homeserver.h: two operations, because the person
 * sees the address of the homeserver before a password is sent anywhere.
 */
#pragma once

#include "crypto/ks-secret.h"
#include "engine/account/ks-account.h"
#include "engine/account/ks-find-homeserver.h"
#include "engine/account/ks-profile.h"
#include "engine/account/ks-session-owner.h"

G_BEGIN_DECLS

/* The errcode of an error that says: the server does not accept the session that it has made. */
#define KS_SIGN_IN_REFUSED "SESSION_REFUSED"

/* Signs in as a new session and makes it @profile's account.
 *
 * @user is a user ID or the part of it before the colon. @session_name is what
 * other clients will show. @profile must be ready and have no account.
 *
 * Nothing is published. After an error the server has no new session, as far as it
 * could be reached to end it; so it is after cancelling, which waits for the server's
 * answer if the password was sent.
 *
 * Errors: KS_MATRIX_ERROR (FORBIDDEN: wrong name or password; RATE_LIMITED with its
 * seconds; BAD_ANSWER with the errcode KS_SESSION_OWNER_OTHER: the session is of another
 * user ID than the one asked for; UNAUTHORIZED with KS_SIGN_IN_REFUSED; …), KS_STORE_ERROR. */
void ks_sign_in_async (KsProfile *profile,
                       const KsHomeserver *homeserver,
                       const char *user,
                       KsSecret *password,
                       const char *session_name,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
gboolean ks_sign_in_finish (KsProfile *profile, GAsyncResult *result, GError **error);

G_END_DECLS
