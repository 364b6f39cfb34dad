/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-api-login.h"

#include "matrix/ks-http-answer.h"
#include "matrix/ks-matrix-error.h"
#include "matrix/ks-user-id.h"

#define LOGIN "/_matrix/client/v3/login"

/* More types than any server has. */
#define MAX_FLOWS 64

void
ks_login_flows_free (KsLoginFlows *flows)
{
  if (flows == NULL)
    return;
  g_strfreev (flows->types);
  g_free (flows);
}

void
ks_login_free (KsLogin *login)
{
  if (login == NULL)
    return;
  g_free (login->user_id);
  g_free (login->device_id);
  ks_secret_unref (login->access_token);
  ks_secret_unref (login->refresh_token);
  g_free (login->base_url);
  g_free (login);
}

/* --- GET /login --- */

void
ks_api_login_get_flows_async (KsHttp *http,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("GET", LOGIN, NULL);

  ks_request_set_anonymous (request);
  ks_http_send_async (http, request, cancellable, callback, user_data);
}

KsLoginFlows *
ks_api_login_get_flows_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  g_autoptr (JsonObject) answer = ks_http_send_finish (http, result, error);
  g_autoptr (KsLoginFlows) flows = NULL;
  g_autoptr (GStrvBuilder) types = g_strv_builder_new ();
  JsonArray *array;
  guint n_odd = 0;

  if (answer == NULL)
    return NULL;
  if (!ks_json_get_array (answer, "flows", &array) || json_array_get_length (array) > MAX_FLOWS)
    {
      ks_http_bad_answer (error, "login flows");
      return NULL;
    }

  flows = g_new0 (KsLoginFlows, 1);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *flow;
      const char *type;

      if (!ks_json_element_object (array, i, &flow) || !ks_json_get_string (flow, "type", &type))
        {
          n_odd++;
          continue;
        }
      flows->password |= g_str_equal (type, "m.login.password");
      flows->sso |= g_str_equal (type, "m.login.sso");
      flows->token |= g_str_equal (type, "m.login.token");
      g_strv_builder_add (types, type);
    }
  /* One that is none takes no other with it. */
  if (n_odd > 0 && n_odd == json_array_get_length (array))
    {
      ks_http_bad_answer (error, "login flows");
      return NULL;
    }
  flows->types = g_strv_builder_end (types);
  return g_steal_pointer (&flows);
}

/* --- POST /login --- */

void
ks_api_login_password_async (KsHttp *http,
                             const char *user,
                             KsSecret *password,
                             const char *device_id,
                             const char *device_name,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("POST", LOGIN, NULL);
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (KsSecret) text = NULL;

  ks_json_set_strings (body, "type", "m.login.password", NULL);
  ks_json_set_strings (ks_json_add_object (body, "identifier"), "type", "m.id.user", "user", user, NULL);
  if (device_id != NULL)
    ks_json_set_strings (body, "device_id", device_id, NULL);
  if (device_name != NULL)
    ks_json_set_strings (body, "initial_device_display_name", device_name, NULL);

  text = ks_json_to_secret_text (body, body, "password", password, NULL);
  ks_request_set_secret_body (request, text);
  ks_request_set_secret_answer (request);
  ks_request_set_anonymous (request);
  ks_http_send_async (http, request, cancellable, callback, user_data);
}

/* Everything of the answer but the tokens. What is not as it should be is not there: nothing of
 * it is worth losing a session for. */
static void
read_login (KsLogin *login, JsonObject *answer)
{
  JsonObject *well_known;
  JsonObject *homeserver;
  const char *user_id;
  const char *device_id;
  const char *base_url;

  if (ks_json_get_string (answer, "user_id", &user_id) && ks_user_id_is_valid (user_id))
    login->user_id = g_strdup (user_id);
  if (ks_json_get_string (answer, "device_id", &device_id) && device_id[0] != '\0')
    login->device_id = g_strdup (device_id);
  if (!ks_json_get_integer (answer, "expires_in_ms", &login->expires_in_ms) || login->expires_in_ms < 0)
    login->expires_in_ms = 0;
  ks_json_get_object (answer, "well_known", &well_known);
  ks_json_get_object (well_known, "m.homeserver", &homeserver);
  ks_json_get_string (homeserver, "base_url", &base_url);
  login->base_url = g_strdup (base_url);
}

KsLogin *
ks_api_login_password_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  static const char *const names[] = { "access_token", "refresh_token", NULL };
  KsSecret *secrets[2] = { NULL, NULL };
  g_autoptr (GError) failure = NULL;
  g_autoptr (KsLogin) login = g_new0 (KsLogin, 1);
  g_autoptr (JsonObject) answer = NULL;

  answer = ks_http_send_finish_secrets (http, result, names, secrets, &failure);
  login->access_token = secrets[0];
  login->refresh_token = secrets[1];
  login->unreadable = answer == NULL;
  if (answer != NULL)
    read_login (login, answer);
  if (login->access_token != NULL && ks_secret_size (login->access_token) > 0)
    return g_steal_pointer (&login);
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    ks_http_bad_answer (error, "the new session");
  return NULL;
}

/* --- POST /logout --- */

void
ks_api_logout_async (KsHttp *http,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("POST", "/_matrix/client/v3/logout", NULL);
  g_autoptr (JsonObject) body = json_object_new ();

  ks_request_set_body (request, body);
  ks_http_send_async (http, request, cancellable, callback, user_data);
}

gboolean
ks_api_logout_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  g_autoptr (JsonObject) answer = ks_http_send_finish (http, result, error);

  return answer != NULL;
}

/* --- GET /account/whoami --- */

void
ks_api_whoami_async (KsHttp *http,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/_matrix/client/v3/account/whoami", NULL);

  ks_http_send_async (http, request, cancellable, callback, user_data);
}

gboolean
ks_api_whoami_finish (KsHttp *http, GAsyncResult *result, char **user_id, char **device_id, GError **error)
{
  g_autoptr (JsonObject) answer = ks_http_send_finish (http, result, error);
  const char *user;
  const char *device;

  *user_id = NULL;
  *device_id = NULL;
  if (answer == NULL)
    return FALSE;
  if (!ks_json_get_string (answer, "user_id", &user) || !ks_user_id_is_valid (user)
      || !ks_json_optional_string (answer, "device_id", &device))
    return ks_http_bad_answer (error, "who we are");
  *user_id = g_strdup (user);
  *device_id = g_strdup (device);
  return TRUE;
}
