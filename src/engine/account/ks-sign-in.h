/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From what a person types to a signed-in account: finding the homeserver, then
 * signing in by password. Two operations, because the person sees the address of
 * the homeserver before a password is sent anywhere.
 */
#pragma once

#include "crypto/ks-secret.h"
#include "engine/ks-account.h"
#include "engine/ks-profile.h"

G_BEGIN_DECLS

/* A homeserver that was found and answers. */
typedef struct
{
  char *base_url;    /* owned: without a final slash */
  char *user_id;     /* owned: if a user ID was typed, else NULL */
  char *server_name; /* owned: what was asked for */
  gboolean password; /* offers signing in by password */
  gboolean browser;  /* offers signing in in the browser (SSO, OAuth) */
} KsHomeserver;

void ks_homeserver_free (KsHomeserver *homeserver);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsHomeserver, ks_homeserver_free)

/* Finds the homeserver of @typed: a user ID, a server name, or a base URL.
 * Sends nothing but public requests. Errors: KS_MATRIX_ERROR NO_SUCH_SERVER,
 * NOT_A_HOMESERVER, INSECURE, TLS, NETWORK, UNSUPPORTED. */
void ks_find_homeserver_async (const char *typed,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
KsHomeserver *ks_find_homeserver_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Signs in as a new session and makes it @profile's account.
 *
 * @user is a user ID or the part of it before the colon. @session_name is what
 * other clients will show. @profile must be ready and have no account.
 *
 * Errors: KS_MATRIX_ERROR (FORBIDDEN: wrong name or password; RATE_LIMITED with
 * its seconds; …), KS_STORE_ERROR (then the new session was signed out again). */
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
