/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-api-login.h"

#include <string.h>

#include "matrix/line-server.h"

typedef struct
{
  LineServer *server;
  KsHttp *http;
  GError *error;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) token = ks_secret_new_copy ("canary-token", 12);

  f->server = line_server_new ();
  f->http = line_server_client (f->server);
  g_assert_true (ks_http_set_token (f->http, token));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_error (&f->error);
  g_object_unref (f->http);
  line_server_free (f->server);
}

static const Seen *
only_request (Fixture *f)
{
  g_assert_cmpuint (line_server_count (f->server), ==, 1);
  return line_server_seen (f->server, 0);
}

/* --- flows --- */

static KsLoginFlows *
get_flows (Fixture *f, const char *body)
{
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  line_server_say_json (f->server, 200, body);
  ks_api_login_get_flows_async (f->http, NULL, on_result, &result);
  AWAIT (result);
  return ks_api_login_get_flows_finish (f->http, result, &f->error);
}

static void
test_flows (Fixture *f, gconstpointer data)
{
  g_autoptr (KsLoginFlows) flows = get_flows (f, "{\"flows\":[{\"type\":\"m.login.password\"},{\"type\":\"m."
                                                 "login.sso\",\"identity_providers\":[]},"
                                                 "{\"type\":\"org.example.x\"}]}");

  g_assert_no_error (f->error);
  g_assert_true (flows->password);
  g_assert_true (flows->sso);
  g_assert_false (flows->token);
  g_assert_cmpuint (g_strv_length (flows->types), ==, 3);
  g_assert_cmpstr (only_request (f)->target, ==, "/_matrix/client/v3/login");
  g_assert_null (strstr (only_request (f)->head, "canary"));
}

static void
test_flows_malformed (Fixture *f, gconstpointer data)
{
  static const char *const bodies[] = { "{}",
                                        "{\"flows\":{}}",
                                        "{\"flows\":[\"m.login.password\"]}",
                                        "{\"flows\":null}",
                                        "{\"flows\":[{}]}",
                                        "{\"flows\":[{\"type\":1}]}" };

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_assert_null (get_flows (f, bodies[i]));
      g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
    }
}

static void
test_odd_flow_takes_no_other_with_it (Fixture *f, gconstpointer data)
{
  g_autoptr (KsLoginFlows) flows =
      get_flows (f, "{\"flows\":[{},7,{\"type\":null},{\"type\":\"m.login.password\",\"x\":[]}]}");

  g_assert_no_error (f->error);
  g_assert_true (flows->password);
  g_assert_cmpuint (g_strv_length (flows->types), ==, 1);
}

/* --- password --- */

static KsLogin *
log_in (Fixture *f, guint status, const char *body)
{
  g_autoptr (KsSecret) password = ks_secret_new_copy ("pa\"ss\xc3\xa9", 7);
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  line_server_say_json (f->server, status, body);
  ks_api_login_password_async (f->http, "alice", password, "DEV", "My laptop", NULL, on_result, &result);
  AWAIT (result);
  return ks_api_login_password_finish (f->http, result, &f->error);
}

static void
test_password (Fixture *f, gconstpointer data)
{
  g_autoptr (KsLogin) login =
      log_in (f, 200,
              "{\"user_id\":\"@alice:ex.org\",\"device_id\":\"DEV\",\"access_token\":\"tok\",\"home_server\":"
              "\"x\","
              "\"refresh_token\":\"ref\",\"expires_in_ms\":60000,"
              "\"well_known\":{\"m.homeserver\":{\"base_url\":\"https://hs.org/\"}}}");

  g_assert_no_error (f->error);
  g_assert_cmpstr (login->user_id, ==, "@alice:ex.org");
  g_assert_cmpstr (login->device_id, ==, "DEV");
  g_assert_cmpmem (ks_secret_bytes (login->access_token), ks_secret_size (login->access_token), "tok", 3);
  g_assert_cmpmem (ks_secret_bytes (login->refresh_token), ks_secret_size (login->refresh_token), "ref", 3);
  g_assert_cmpint (login->expires_in_ms, ==, 60000);
  g_assert_cmpstr (login->base_url, ==, "https://hs.org/");
  g_assert_cmpstr (only_request (f)->method, ==, "POST");
  g_assert_cmpstr (only_request (f)->body, ==,
                   "{\"device_id\":\"DEV\",\"identifier\":{\"type\":\"m.id.user\",\"user\":\"alice\"},"
                   "\"initial_device_display_name\":\"My laptop\",\"password\":\"pa\\\"ss\xc3\xa9\","
                   "\"type\":\"m.login.password\"}");
  g_assert_null (strstr (only_request (f)->head, "canary"));
}

static void
test_password_without_extras (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) password = ks_secret_new_copy ("x", 1);
  g_autoptr (KsLogin) login = NULL;
  GAsyncResult *result = NULL;

  line_server_say_json (
      f->server, 200, "{\"user_id\":\"@a:b\",\"device_id\":\"D\",\"access_token\":\"tok\",\"well_known\":5}");
  ks_api_login_password_async (f->http, "@a:b", password, NULL, NULL, NULL, on_result, &result);
  AWAIT (result);
  login = ks_api_login_password_finish (f->http, result, &f->error);
  g_assert_no_error (f->error);
  g_assert_null (login->refresh_token);
  g_assert_null (login->base_url);
  g_assert_cmpstr (only_request (f)->body, ==,
                   "{\"identifier\":{\"type\":\"m.id.user\",\"user\":\"@a:b\"},\"password\":\"x\","
                   "\"type\":\"m.login.password\"}");
}

static void
test_password_not_utf_8 (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) password = ks_secret_new_copy ("\xff", 1);
  GAsyncResult *result = NULL;

  ks_api_login_password_async (f->http, "a", password, NULL, NULL, NULL, on_result, &result);
  AWAIT (result);
  g_assert_null (ks_api_login_password_finish (f->http, result, &f->error));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_cmpuint (line_server_count (f->server), ==, 0);
}

static void
test_password_wrong (Fixture *f, gconstpointer data)
{
  g_assert_null (log_in (f, 403, "{\"errcode\":\"M_FORBIDDEN\",\"error\":\"Invalid\"}"));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_FORBIDDEN);
  g_assert_cmpstr (ks_matrix_error_get_errcode (f->error), ==, "M_FORBIDDEN");
}

static void
test_password_deactivated (Fixture *f, gconstpointer data)
{
  g_assert_null (log_in (f, 403, "{\"errcode\":\"M_USER_DEACTIVATED\"}"));
  g_assert_cmpstr (ks_matrix_error_get_errcode (f->error), ==, "M_USER_DEACTIVATED");
}

/* A password is never sent twice, whatever happens. */
static void
test_password_is_sent_once (Fixture *f, gconstpointer data)
{
  g_assert_null (log_in (f, 502, "{}"));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_SERVER);
  g_assert_cmpuint (line_server_count (f->server), ==, 1);
}

/* Without a token there is no session. */
static void
test_password_without_a_token (Fixture *f, gconstpointer data)
{
  static const char *const bodies[] = {
    "{}",
    "{\"user_id\":\"@a:b\",\"device_id\":\"D\"}",
    "{\"user_id\":\"@a:b\",\"device_id\":\"D\",\"access_token\":\"\"}",
    "{\"user_id\":\"@a:b\",\"device_id\":\"D\",\"access_token\":5}",
    "{\"user_id\":\"@a:b\",\"device_id\":\"D\",\"access_token\":null}",
    "{\"user_id\":\"@a:b\",\"device_id\":\"D\",\"access_token\":\"t",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_assert_null (log_in (f, 200, bodies[i]));
      g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
    }
}

/* With one there is, whatever stands beside it: it must not get lost. */
static void
test_password_with_a_token_is_a_session (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *body;
    const char *user_id;
    const char *device_id;
  } cases[] = {
    { "{\"user_id\":\"alice\",\"device_id\":\"D\",\"access_token\":\"t\"}", NULL, "D" },
    { "{\"user_id\":5,\"device_id\":\"D\",\"access_token\":\"t\"}", NULL, "D" },
    { "{\"user_id\":\"@a:b\",\"access_token\":\"t\"}", "@a:b", NULL },
    { "{\"user_id\":\"@a:b\",\"device_id\":\"\",\"access_token\":\"t\"}", "@a:b", NULL },
    { "{\"user_id\":\"@a:b\",\"device_id\":7,\"access_token\":\"t\"}", "@a:b", NULL },
    { "{\"access_token\":\"t\",\"user_id\":null,\"device_id\":null,\"home_server\":null,"
      "\"refresh_token\":null,\"expires_in_ms\":null,\"well_known\":null}",
      NULL, NULL },
    /* A number that no integer holds is of no use, and no harm. */
    { "{\"user_id\":\"@a:b\",\"expires_in_ms\":9223372036854775807,\"x\":1e400,\"access_token\":\"t\"}",
      "@a:b", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (KsLogin) login = log_in (f, 200, cases[i].body);

      g_assert_no_error (f->error);
      g_assert_cmpmem (ks_secret_bytes (login->access_token), ks_secret_size (login->access_token), "t", 1);
      g_assert_cmpstr (login->user_id, ==, cases[i].user_id);
      g_assert_cmpstr (login->device_id, ==, cases[i].device_id);
      g_assert_false (login->unreadable);
    }
}

/* Where the answer is no JSON, its token is looked for all the same: to end what it stands for. */
static void
test_password_with_a_token_in_no_json (Fixture *f, gconstpointer data)
{
  static const char *const bodies[] = {
    "{\"access_token\":\"t\",\"access_token\":\"u\"}",
    "{\"access_token\":\"t\",\"x\":",
    "{\"x\":01,\"access_token\" :\n\"t\"}",
    "{\"access_token\":5,'x':\"access_token\",\"access_token\":\"t\"}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (KsLogin) login = log_in (f, 200, bodies[i]);

      g_assert_no_error (f->error);
      g_assert_true (login->unreadable);
      g_assert_cmpmem (ks_secret_bytes (login->access_token), ks_secret_size (login->access_token), "t", 1);
      g_assert_null (login->user_id);
    }
}

/* Nobody here asks when it expires. */
static void
test_password_beside_anything (Fixture *f, gconstpointer data)
{
  static const char *const values[] = { "-1", "1.5", "\"soon\"", "true", "{}", "[]", "null", "\"\"" };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *body = g_strdup_printf ("{\"user_id\":\"@a:b\",\"device_id\":\"D\",\"access_token\":"
                                               "\"t\",\"expires_in_ms\":%s,"
                                               "\"home_server\":%s,\"well_known\":%s}",
                                               values[i], values[i], values[i]);
      g_autoptr (KsLogin) login = log_in (f, 200, body);

      g_assert_no_error (f->error);
      g_assert_cmpstr (login->user_id, ==, "@a:b");
      g_assert_cmpint (login->expires_in_ms, ==, 0);
      g_assert_null (login->base_url);
    }
}

static void
test_password_answer_too_large (Fixture *f, gconstpointer data)
{
  g_autofree char *filler = g_strnfill (100000, 'x');
  g_autofree char *body =
      g_strdup_printf ("{\"user_id\":\"@a:b\",\"device_id\":\"D\",\"access_token\":\"t\",\"x\":\"%s\"}",
                       filler);

  g_assert_null (log_in (f, 200, body));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
}

/* --- the rest --- */

static void
test_logout (Fixture *f, gconstpointer data)
{
  GAsyncResult *result = NULL;

  line_server_say_json (f->server, 200, "{}");
  ks_api_logout_async (f->http, NULL, on_result, &result);
  AWAIT (result);
  g_assert_true (ks_api_logout_finish (f->http, result, &f->error));
  g_assert_cmpstr (only_request (f)->method, ==, "POST");
  g_assert_cmpstr (only_request (f)->target, ==, "/_matrix/client/v3/logout");
  g_assert_nonnull (strstr (only_request (f)->head, "Bearer canary-token"));
}

static void
test_logout_of_an_unknown_token (Fixture *f, gconstpointer data)
{
  GAsyncResult *result = NULL;

  line_server_say_json (f->server, 401, "{\"errcode\":\"M_UNKNOWN_TOKEN\"}");
  ks_api_logout_async (f->http, NULL, on_result, &result);
  AWAIT (result);
  g_assert_false (ks_api_logout_finish (f->http, result, &f->error));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_UNAUTHORIZED);
}

static gboolean
whoami (Fixture *f, const char *body, char **user_id, char **device_id)
{
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  line_server_say_json (f->server, 200, body);
  ks_api_whoami_async (f->http, NULL, on_result, &result);
  AWAIT (result);
  return ks_api_whoami_finish (f->http, result, user_id, device_id, &f->error);
}

static void
test_whoami (Fixture *f, gconstpointer data)
{
  g_autofree char *user_id = NULL;
  g_autofree char *device_id = NULL;
  char *nobody;
  char *nothing;

  g_assert_true (
      whoami (f, "{\"user_id\":\"@a:b\",\"device_id\":\"D\",\"is_guest\":false}", &user_id, &device_id));
  g_assert_cmpstr (user_id, ==, "@a:b");
  g_assert_cmpstr (device_id, ==, "D");
  g_assert_cmpstr (only_request (f)->target, ==, "/_matrix/client/v3/account/whoami");
  g_assert_false (whoami (f, "{\"device_id\":\"D\"}", &nobody, &nothing));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_null (nobody);
  g_assert_false (whoami (f, "{\"user_id\":\"@a:b\",\"device_id\":7}", &nobody, &nothing));
}

/* What goes out and what comes in: nothing of it is written, with everything on. */
static void
test_log_holds_no_canary (void)
{
  if (g_test_subprocess ())
    {
      Fixture f = { 0 };
      g_autoptr (KsSecret) password = ks_secret_new_copy ("canary-password", 15);
      g_autoptr (KsLogin) login = NULL;
      GAsyncResult *result = NULL;

      set_up (&f, NULL);
      line_server_say_json (
          f.server, 200, "{\"user_id\":\"@a:b\",\"device_id\":\"D\",\"access_token\":\"canary-new-token\"}");
      ks_api_login_password_async (f.http, "canary-user", password, NULL, NULL, NULL, on_result, &result);
      AWAIT (result);
      login = ks_api_login_password_finish (f.http, result, &f.error);
      g_assert_nonnull (strstr (only_request (&f)->body, "canary-password"));
      g_assert_nonnull (login);
      tear_down (&f, NULL);
      g_debug ("the end");
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*POST /_matrix/client/v3/login: 200*the end*");
  g_test_trap_assert_stderr_unmatched ("*canary*");
  g_test_trap_assert_stdout_unmatched ("*canary*");
}

#define ADD(path, function) g_test_add ("/api-login/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (g_test_subprocess ())
    {
      g_setenv ("G_MESSAGES_DEBUG", "all", TRUE);
      g_log_writer_default_set_use_stderr (TRUE);
    }
  ADD ("flows", test_flows);
  ADD ("flows-malformed", test_flows_malformed);
  ADD ("password", test_password);
  ADD ("password-without-extras", test_password_without_extras);
  ADD ("password-not-utf-8", test_password_not_utf_8);
  ADD ("password-wrong", test_password_wrong);
  ADD ("password-deactivated", test_password_deactivated);
  ADD ("password-is-sent-once", test_password_is_sent_once);
  ADD ("flows-odd", test_odd_flow_takes_no_other_with_it);
  ADD ("password-without-a-token", test_password_without_a_token);
  ADD ("password-with-a-token", test_password_with_a_token_is_a_session);
  ADD ("password-with-a-token-in-no-json", test_password_with_a_token_in_no_json);
  ADD ("password-beside-anything", test_password_beside_anything);
  ADD ("password-answer-too-large", test_password_answer_too_large);
  ADD ("logout", test_logout);
  ADD ("logout-of-an-unknown-token", test_logout_of_an_unknown_token);
  ADD ("whoami", test_whoami);
  g_test_add_func ("/api-login/log-holds-no-canary", test_log_holds_no_canary);
  return g_test_run ();
}
