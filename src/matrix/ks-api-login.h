/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signing in with a password, signing out, and who we are (Client-Server API,
 * "Login", "Current account information", "Device management").
 */
#pragma once

#include "matrix/ks-http.h"

G_BEGIN_DECLS

/* GET /login */
typedef struct
{
  gboolean password; /* m.login.password */
  gboolean sso;      /* m.login.sso */
  gboolean token;    /* m.login.token */
  char **types;      /* owned: all of them, as the server names them */
} KsLoginFlows;

void ks_login_flows_free (KsLoginFlows *flows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsLoginFlows, ks_login_flows_free)

void ks_api_login_get_flows_async (KsHttp *http,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
KsLoginFlows *ks_api_login_get_flows_finish (KsHttp *http, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* POST /login with m.login.password. Never sent twice. */
typedef struct
{
  char *user_id;           /* owned: "@alice:example.org"; NULL: it names none */
  char *device_id;         /* owned; NULL: it names none */
  KsSecret *access_token;  /* owned */
  KsSecret *refresh_token; /* owned; NULL if there is none */
  gint64 expires_in_ms;    /* 0: never, or not said */
  char *base_url;          /* owned; well_known's, unchecked; NULL if there is none */
  gboolean unreadable;     /* the answer is no JSON: the session is good for being ended only */
} KsLogin;

void ks_login_free (KsLogin *login);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsLogin, ks_login_free)

/* @user is a user ID or its local part. @password is UTF-8. @device_id and
 * @device_name (initial_device_display_name) may be NULL. A wrong password is
 * KS_MATRIX_ERROR_FORBIDDEN with M_FORBIDDEN; a deactivated account has
 * M_USER_DEACTIVATED. Does not give @http the token.
 *
 * There is a result whenever a token could be read, whatever stands beside it: there is a
 * session then, to be kept or ended. ks_api_whoami_async() tells whose it is. */
void ks_api_login_password_async (KsHttp *http,
                                  const char *user,
                                  KsSecret *password,
                                  const char *device_id,
                                  const char *device_name,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
KsLogin *ks_api_login_password_finish (KsHttp *http, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* POST /logout: ends this session. A token that the server does not know any
 * more (KS_MATRIX_ERROR_UNAUTHORIZED) is reported; callers take it as done. */
void ks_api_logout_async (KsHttp *http,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
gboolean ks_api_logout_finish (KsHttp *http, GAsyncResult *result, GError **error);

/* GET /account/whoami. @user_id and @device_id (NULL if the server names none)
 * are the caller's to free. */
void ks_api_whoami_async (KsHttp *http,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
gboolean
ks_api_whoami_finish (KsHttp *http, GAsyncResult *result, char **user_id, char **device_id, GError **error);

/* GET /profile/{userId}/displayname. @name is set to NULL if none is set or the
 * server knows no such profile. */
void ks_api_profile_get_name_async (KsHttp *http,
                                    const char *user_id,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean ks_api_profile_get_name_finish (KsHttp *http, GAsyncResult *result, char **name, GError **error);

/* GET /devices/{deviceId} and GET /devices: sessions of one's own account. */
typedef struct
{
  char *device_id;     /* owned */
  char *display_name;  /* owned; NULL if none */
  gint64 last_seen_ts; /* milliseconds since 1970; 0 if the server does not say */
} KsDevice;

void ks_device_free (KsDevice *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsDevice, ks_device_free)

void ks_api_device_get_async (KsHttp *http,
                              const char *device_id,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
KsDevice *ks_api_device_get_finish (KsHttp *http, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

void ks_api_devices_get_async (KsHttp *http,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
/* An array of KsDevice, which it owns. */
GPtrArray *ks_api_devices_get_finish (KsHttp *http, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
