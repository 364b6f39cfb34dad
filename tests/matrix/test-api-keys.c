/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-api-keys.h"

#include <string.h>

#include "matrix/line-server.h"

typedef struct
{
  LineServer *server;
  KsHttp *http;
  JsonObject *object; /* {"k":"v"} */
  GError *error;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->server = line_server_new ();
  f->http = line_server_client (f->server);
  f->object = ks_json_set_strings (json_object_new (), "k", "v", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_error (&f->error);
  json_object_unref (f->object);
  g_object_unref (f->http);
  line_server_free (f->server);
}

/* --- upload --- */

static gboolean
upload (Fixture *f, const char *answer, gint64 *count)
{
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  line_server_say_json (f->server, 200, answer);
  ks_api_keys_upload_async (f->http, f->object, NULL, f->object, NULL, on_result, &result);
  AWAIT (result);
  return ks_api_keys_upload_finish (f->http, result, count, &f->error);
}

static void
test_upload (Fixture *f, gconstpointer data)
{
  gint64 count;

  g_assert_true (upload (f, "{\"one_time_key_counts\":{\"signed_curve25519\":50,\"x\":1}}", &count));
  g_assert_cmpint (count, ==, 50);
  g_assert_cmpstr (line_server_seen (f->server, 0)->target, ==, "/_matrix/client/v3/keys/upload");
  g_assert_cmpstr (line_server_seen (f->server, 0)->body, ==,
                   "{\"device_keys\":{\"k\":\"v\"},\"fallback_keys\":{\"k\":\"v\"}}");
  g_assert_true (upload (f, "{\"one_time_key_counts\":{}}", &count));
  g_assert_cmpint (count, ==, 0);
}

static void
test_upload_malformed (Fixture *f, gconstpointer data)
{
  static const char *const answers[] = { "{}", "{\"one_time_key_counts\":[]}",
                                         "{\"one_time_key_counts\":{\"signed_curve25519\":\"5\"}}",
                                         "{\"one_time_key_counts\":{\"signed_curve25519\":-1}}" };
  gint64 count;

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_assert_false (upload (f, answers[i], &count));
      g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
    }
}

/* --- query --- */

static KsKeysQuery *
query (Fixture *f, const char *answer)
{
  static const char *const users[] = { "@a:b", "@c:d", NULL };
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  line_server_say_json (f->server, 200, answer);
  ks_api_keys_query_async (f->http, users, NULL, on_result, &result);
  AWAIT (result);
  return ks_api_keys_query_finish (f->http, result, &f->error);
}

static void
test_query (Fixture *f, gconstpointer data)
{
  g_autoptr (KsKeysQuery) keys =
      query (f, "{\"device_keys\":{\"@a:b\":{\"D\":{\"x\":1}}},\"failures\":{\"d\":{}},"
                "\"master_keys\":{\"@a:b\":{\"y\":2}}}");
  JsonObject *user;

  g_assert_no_error (f->error);
  g_assert_true (ks_json_get_object (keys->device_keys, "@a:b", &user));
  g_assert_true (ks_json_get_object (keys->master_keys, "@a:b", &user));
  g_assert_cmpuint (json_object_get_size (keys->self_signing_keys), ==, 0);
  g_assert_cmpuint (json_object_get_size (keys->user_signing_keys), ==, 0);
  g_assert_cmpuint (json_object_get_size (keys->failures), ==, 1);
  g_assert_cmpstr (line_server_seen (f->server, 0)->body, ==, "{\"device_keys\":{\"@a:b\":[],\"@c:d\":[]}}");
}

static void
test_query_malformed (Fixture *f, gconstpointer data)
{
  static const char *const answers[] = { "{\"device_keys\":[]}",
                                         "{\"device_keys\":{\"@a:b\":[]}}",
                                         "{\"device_keys\":{\"@a:b\":{\"D\":5}}}",
                                         "{\"master_keys\":{\"@a:b\":\"k\"}}",
                                         "{\"user_signing_keys\":5}",
                                         "{\"failures\":\"x\"}" };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_assert_null (query (f, answers[i]));
      g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
    }
}

/* A question may be asked again although it is a POST. */
static void
test_query_is_repeated (Fixture *f, gconstpointer data)
{
  g_autoptr (FakeClock) clock = fake_clock_new ();
  g_autoptr (KsKeysQuery) keys = NULL;

  ks_http_set_clock (f->http, &clock->clock);
  line_server_say_json (f->server, 503, "{}");
  keys = query (f, "{}");
  g_assert_nonnull (keys);
  g_assert_cmpuint (line_server_count (f->server), ==, 2);
}

/* --- device signing --- */

#define FLOWS "\"flows\":[{\"stages\":[\"m.login.password\"]}],\"params\":{},\"session\":\"s1\""

static gboolean
upload_signing (Fixture *f, KsUiaAnswer *auth, KsUia **challenge)
{
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  ks_api_keys_upload_signing_async (f->http, f->object, f->object, NULL, auth, NULL, on_result, &result);
  AWAIT (result);
  return ks_api_keys_upload_signing_finish (f->http, result, challenge, &f->error);
}

static void
test_signing_without_challenge (Fixture *f, gconstpointer data)
{
  KsUia *challenge;

  line_server_say_json (f->server, 200, "{}");
  g_assert_true (upload_signing (f, NULL, &challenge));
  g_assert_null (challenge);
  g_assert_cmpstr (line_server_seen (f->server, 0)->target, ==,
                   "/_matrix/client/v3/keys/device_signing/upload");
  g_assert_cmpstr (line_server_seen (f->server, 0)->body, ==,
                   "{\"master_key\":{\"k\":\"v\"},\"self_signing_key\":{\"k\":\"v\"}}");
}

/* Asked, wrong password, right password: one session through all of it. */
static void
test_signing_with_password (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) wrong = ks_secret_new_copy ("wrong", 5);
  g_autoptr (KsSecret) right = ks_secret_new_copy ("right", 5);
  g_autoptr (KsUia) first = NULL;
  g_autoptr (KsUia) second = NULL;
  g_autoptr (KsUiaAnswer) bad = NULL;
  g_autoptr (KsUiaAnswer) good = NULL;
  KsUia *third;

  line_server_say_json (f->server, 401, "{" FLOWS "}");
  g_assert_false (upload_signing (f, NULL, &first));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_AUTH_NEEDED);
  g_assert_false (ks_uia_was_rejected (first));

  line_server_say_json (f->server, 401,
                        "{\"errcode\":\"M_FORBIDDEN\",\"error\":\"Invalid password\"," FLOWS "}");
  bad = ks_uia_answer_password (first, "@a:b", wrong);
  g_assert_false (upload_signing (f, bad, &second));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_AUTH_NEEDED);
  g_assert_cmpstr (ks_matrix_error_get_errcode (f->error), ==, "M_FORBIDDEN");
  g_assert_true (ks_uia_was_rejected (second));

  line_server_say_json (f->server, 200, "{}");
  good = ks_uia_answer_password (second, "@a:b", right);
  g_assert_true (upload_signing (f, good, &third));
  g_assert_null (third);
  g_assert_cmpstr (line_server_seen (f->server, 2)->body, ==,
                   "{\"auth\":{\"identifier\":{\"type\":\"m.id.user\",\"user\":\"@a:b\"},\"password\":"
                   "\"right\","
                   "\"session\":\"s1\",\"type\":\"m.login.password\"},\"master_key\":{\"k\":\"v\"},"
                   "\"self_signing_key\":{\"k\":\"v\"}}");
}

static void
test_signing_broken_challenge (Fixture *f, gconstpointer data)
{
  KsUia *challenge;

  line_server_say_json (f->server, 401, "{\"flows\":[5]}");
  g_assert_false (upload_signing (f, NULL, &challenge));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_null (challenge);
}

static void
test_signing_refused (Fixture *f, gconstpointer data)
{
  KsUia *challenge;

  line_server_say_json (f->server, 400, "{\"errcode\":\"M_INVALID_SIGNATURE\"}");
  g_assert_false (upload_signing (f, NULL, &challenge));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_REFUSED);
  g_assert_cmpstr (ks_matrix_error_get_errcode (f->error), ==, "M_INVALID_SIGNATURE");
  line_server_say_json (f->server, 502, "{}");
  g_assert_false (upload_signing (f, NULL, &challenge));
  g_assert_cmpuint (line_server_count (f->server), ==, 2); /* not sent again */
}

/* --- signatures --- */

static gboolean
upload_signatures (Fixture *f, const char *answer, JsonObject **failures)
{
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  line_server_say_json (f->server, 200, answer);
  ks_api_keys_upload_signatures_async (f->http, f->object, NULL, on_result, &result);
  AWAIT (result);
  return ks_api_keys_upload_signatures_finish (f->http, result, failures, &f->error);
}

static void
test_signatures (Fixture *f, gconstpointer data)
{
  JsonObject *failures;

  g_assert_true (upload_signatures (f, "{\"failures\":{}}", &failures));
  g_assert_null (failures);
  g_assert_true (upload_signatures (f, "{}", NULL));
  g_assert_cmpstr (line_server_seen (f->server, 0)->target, ==, "/_matrix/client/v3/keys/signatures/upload");
  g_assert_cmpstr (line_server_seen (f->server, 0)->body, ==, "{\"k\":\"v\"}");
}

/* A 200 is not enough. */
static void
test_signatures_with_failures (Fixture *f, gconstpointer data)
{
  static const char answer[] =
      "{\"failures\":{\"@a:b\":{\"D\":{\"errcode\":\"M_INVALID_SIGNATURE\",\"error\":\"x\"}}}}";
  g_autoptr (JsonObject) failures = NULL;
  JsonObject *user;

  g_assert_true (upload_signatures (f, answer, &failures));
  g_assert_true (ks_json_get_object (failures, "@a:b", &user));
  g_assert_false (upload_signatures (f, answer, NULL));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_REFUSED);
  g_assert_cmpstr (ks_matrix_error_get_errcode (f->error), ==, "M_INVALID_SIGNATURE");
}

static void
test_signatures_malformed (Fixture *f, gconstpointer data)
{
  static const char *const answers[] = { "{\"failures\":[]}", "{\"failures\":{\"@a:b\":5}}",
                                         "{\"failures\":{\"@a:b\":{\"D\":\"x\"}}}" };
  JsonObject *failures;

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_assert_false (upload_signatures (f, answers[i], &failures));
      g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
    }
}

#define ADD(path, function) g_test_add ("/api-keys/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("upload", test_upload);
  ADD ("upload-malformed", test_upload_malformed);
  ADD ("query", test_query);
  ADD ("query-malformed", test_query_malformed);
  ADD ("query-is-repeated", test_query_is_repeated);
  ADD ("signing-without-challenge", test_signing_without_challenge);
  ADD ("signing-with-password", test_signing_with_password);
  ADD ("signing-broken-challenge", test_signing_broken_challenge);
  ADD ("signing-refused", test_signing_refused);
  ADD ("signatures", test_signatures);
  ADD ("signatures-with-failures", test_signatures_with_failures);
  ADD ("signatures-malformed", test_signatures_malformed);
  return g_test_run ();
}
