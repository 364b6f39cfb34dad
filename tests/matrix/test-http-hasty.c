/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-http.h"

#include "matrix/ks-matrix-error.h"
#include "matrix/line-server.h"

/* With the same token, and never more patient than the client that it is of. */
static void
test_hasty_client_is_no_more_patient (void)
{
  LineServer *server = line_server_new ();
  KsHttp *patient = line_server_client (server);
  FakeClock *clock = fake_clock_new ();
  KsRequest *request = ks_request_new ("GET", "/x", NULL);
  g_autoptr (KsSecret) token = ks_secret_new_copy ("token", 5);
  const guint tries[] = { 3, 4 };

  ks_http_set_clock (patient, &clock->clock);
  g_assert_true (ks_http_set_token (patient, token));
  for (int i = 0; i < 20; i++)
    line_server_say_json (server, 500, "{}");
  for (guint i = 0; i < G_N_ELEMENTS (tries); i++)
    {
      KsHttp *hasty = ks_http_new_hasty (patient, 4000);
      g_autoptr (GError) error = NULL;

      g_assert_true (ks_http_has_token (hasty));
      g_assert_null (send_now (hasty, request, NULL, &error));
      /* 1 + 2 seconds fit into 4, 4 more do not; into 0.9 none does. */
      g_assert_cmpuint (line_server_count (server), ==, tries[i]);
      g_object_unref (hasty);
      ks_http_set_patience (patient, 900);
    }
  ks_request_unref (request);
  g_object_unref (patient);
  line_server_free (server);
  fake_clock_free (clock);
}

/* The answer before is told, and not that nobody waited for the next one; of what would have changed something
 * that nobody knows whether it did. */
static void
test_answer_before_the_silence_is_told (void)
{
  const struct
  {
    const char *method;
    KsMatrixErrorCode code;
  } calls[] = { { "GET", KS_MATRIX_ERROR_SERVER }, { "PUT", KS_MATRIX_ERROR_NETWORK } };

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      LineServer *server = line_server_new ();
      KsHttp *http = line_server_client (server);
      FakeClock *clock = fake_clock_new ();
      KsRequest *request = ks_request_new (calls[i].method, "/x", NULL);
      g_autoptr (GError) error = NULL;

      ks_request_set_repeatable (request, TRUE);
      ks_http_set_clock (http, &clock->clock);
      ks_http_set_patience (http, 1200);
      line_server_say_json (server, 500, "{\"errcode\":\"M_UNKNOWN\"}");
      line_server_say_and_hold (server, "HTTP/1.1 200 OK\r\nContent-Type: "
                                        "application/json\r\nContent-Length: 10\r\n\r\n{");
      g_assert_null (send_now (http, request, NULL, &error));
      g_assert_error (error, KS_MATRIX_ERROR, (int) calls[i].code);
      g_assert_cmpuint (line_server_count (server), ==, 2);
      ks_request_unref (request);
      g_object_unref (http);
      line_server_free (server);
      fake_clock_free (clock);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http-hasty/no-more-patient", test_hasty_client_is_no_more_patient);
  g_test_add_func ("/http-hasty/answer-before-the-silence", test_answer_before_the_silence_is_told);
  return g_test_run ();
}
