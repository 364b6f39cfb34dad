/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-http.h"

#include <string.h>

#include "matrix/line-server.h"

#define SECOND G_TIME_SPAN_SECOND
#define wait_at(clock, n) g_array_index ((clock)->waits, gint64, n)
#define bound_at(clock, n) g_array_index ((clock)->bounds, gint64, n)

typedef struct
{
  LineServer *server;
  KsHttp *http;
  FakeClock *clock;
  KsRequest *request;
  GError *error;
} Fixture;

static void
set_up (Fixture *f, gconstpointer method)
{
  f->server = line_server_new ();
  f->http = line_server_client (f->server);
  f->clock = fake_clock_new ();
  f->request = ks_request_new (method != NULL ? method : "GET", "/x", NULL);
  ks_http_set_clock (f->http, &f->clock->clock);
}

static void
tear_down (Fixture *f, gconstpointer method)
{
  g_clear_error (&f->error);
  ks_request_unref (f->request);
  g_object_unref (f->http);
  line_server_free (f->server);
  fake_clock_free (f->clock);
}

static gboolean
send_it (Fixture *f, GCancellable *cancellable)
{
  g_autoptr (JsonObject) answer = NULL;

  g_clear_error (&f->error);
  answer = send_now (f->http, f->request, cancellable, &f->error);
  return answer != NULL;
}

/* --- what is repeated, and what is not --- */

static void
fail_five_ways (Fixture *f)
{
  line_server_say_json (f->server, 500, "{\"errcode\":\"M_UNKNOWN\"}");
  line_server_say_json (f->server, 502, "{}");
  line_server_say (f->server, "", 0); /* closes the line without an answer */
  line_server_say (f->server,
                   "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{", -1);
  line_server_say_json (f->server, 429, "{\"errcode\":\"M_LIMIT_EXCEEDED\"}");
  line_server_say_json (f->server, 200, "{}");
}

static void
test_get_is_repeated (Fixture *f, gconstpointer method)
{
  fail_five_ways (f);
  g_assert_true (send_it (f, NULL));
  g_assert_cmpuint (line_server_count (f->server), ==, 6);
  g_assert_cmpuint (f->clock->waits->len, ==, 5);
}

static void
test_flagged_is_repeated (Fixture *f, gconstpointer method)
{
  ks_request_set_repeatable (f->request, TRUE);
  fail_five_ways (f);
  g_assert_true (send_it (f, NULL));
  g_assert_cmpuint (line_server_count (f->server), ==, 6);
  for (guint i = 0; i < 6; i++)
    g_assert_cmpstr (line_server_seen (f->server, i)->method, ==, method);
}

/* The server may have acted before the line was lost: never a second time. */
static void
test_unflagged_is_never_repeated (Fixture *f, gconstpointer method)
{
  static const int codes[] = { KS_MATRIX_ERROR_SERVER, KS_MATRIX_ERROR_SERVER, KS_MATRIX_ERROR_NETWORK,
                               KS_MATRIX_ERROR_NETWORK, KS_MATRIX_ERROR_RATE_LIMITED };

  fail_five_ways (f);
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_assert_false (send_it (f, NULL));
      g_assert_error (f->error, KS_MATRIX_ERROR, codes[i]);
      g_assert_cmpuint (line_server_count (f->server), ==, i + 1);
    }
  g_assert_cmpuint (f->clock->waits->len, ==, 0);
}

/* A kept connection that the server has closed in the meantime: libsoup may send
 * again by itself what it takes for idempotent, but no POST. */
static void
test_stale_connection (Fixture *f, gconstpointer method)
{
  line_server_say (f->server,
                   "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", -1);
  line_server_say (f->server, "", 0);
  g_assert_true (send_it (f, NULL));
  g_assert_false (send_it (f, NULL));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
  g_assert_cmpuint (line_server_count (f->server), ==, 2);
}

static void
test_refusals_are_not_repeated (Fixture *f, gconstpointer method)
{
  static const guint statuses[] = { 400, 401, 403, 404, 413, 302, 501 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      line_server_say_json (f->server, statuses[i], "{\"errcode\":\"M_X\"}");
      g_assert_false (send_it (f, NULL));
      g_assert_cmpuint (line_server_count (f->server), ==, i + 1);
    }
}

static void
test_bad_answers_are_not_repeated (Fixture *f, gconstpointer method)
{
  line_server_say_json (f->server, 200, "{\"a\":");
  g_assert_false (send_it (f, NULL));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_cmpuint (line_server_count (f->server), ==, 1);
}

static gboolean
on_chunk (const void *bytes, gsize size, gpointer data, GError **error)
{
  g_string_append_len (data, bytes, (gssize) size);
  return TRUE;
}

static void
test_stream_is_repeated_before_its_first_chunk_only (Fixture *f, gconstpointer method)
{
  g_autoptr (GString) got = g_string_new (NULL);
  GAsyncResult *result = NULL;

  line_server_say_json (f->server, 503, "{}");
  line_server_say (f->server,
                   "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{\"a\"",
                   -1);
  ks_http_stream_async (f->http, f->request, on_chunk, got, NULL, on_result, &result);
  AWAIT (result);
  g_assert_false (ks_http_stream_finish (f->http, result, &f->error));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
  g_assert_cmpstr (got->str, ==, "{\"a\"");
  g_assert_cmpuint (line_server_count (f->server), ==, 2);
}

/* --- how long is waited --- */

static void
test_full_jitter (Fixture *f, gconstpointer method)
{
  static const gint64 bounds[] = { 1, 2, 4, 8 };

  f->clock->part = 0.5;
  for (int i = 0; i < 4; i++)
    line_server_say_json (f->server, 500, "{}");
  line_server_say_json (f->server, 200, "{}");
  g_assert_true (send_it (f, NULL));
  for (guint i = 0; i < 4; i++)
    {
      g_assert_cmpint (bound_at (f->clock, i), ==, bounds[i] * SECOND);
      g_assert_cmpint (wait_at (f->clock, i), ==, bounds[i] * SECOND / 2);
    }
}

static void
test_patience_ends (Fixture *f, gconstpointer method)
{
  for (int i = 0; i < 20; i++)
    line_server_say_json (f->server, 500, "{\"errcode\":\"M_UNKNOWN\"}");
  g_assert_false (send_it (f, NULL));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_SERVER);
  g_assert_cmpstr (ks_matrix_error_get_errcode (f->error), ==, "M_UNKNOWN");
  /* 1 + 2 + 4 + 8 + 16 + 32 seconds fit into 90, 64 more do not. */
  g_assert_cmpuint (line_server_count (f->server), ==, 7);
}

static void
test_no_patience_for_a_single_wait (Fixture *f, gconstpointer method)
{
  ks_request_set_patience (f->request, 900);
  line_server_say_json (f->server, 500, "{}");
  g_assert_false (send_it (f, NULL));
  g_assert_cmpuint (line_server_count (f->server), ==, 1);
  g_assert_cmpuint (f->clock->waits->len, ==, 0);
}

static void
test_patience_of_the_client (Fixture *f, gconstpointer method)
{
  ks_http_set_patience (f->http, 4000);
  for (int i = 0; i < 20; i++)
    line_server_say_json (f->server, 500, "{}");
  g_assert_false (send_it (f, NULL));
  /* 1 + 2 seconds fit into 4, 4 more do not. */
  g_assert_cmpuint (line_server_count (f->server), ==, 3);
}

static void
test_endless_patience (Fixture *f, gconstpointer method)
{
  ks_request_set_patience (f->request, 0);
  for (int i = 0; i < 30; i++)
    line_server_say_json (f->server, 503, "{}");
  line_server_say_json (f->server, 200, "{}");
  g_assert_true (send_it (f, NULL));
  g_assert_cmpint (wait_at (f->clock, 29), ==, 300 * SECOND);
}

/* Two clients of one host: what one has learnt, the other one knows. */
static void
test_back_off_is_shared_by_host (Fixture *f, gconstpointer method)
{
  g_autoptr (KsHttp) other = line_server_client (f->server);
  g_autoptr (JsonObject) answer = NULL;

  ks_http_set_clock (other, &f->clock->clock);
  ks_request_set_patience (f->request, 2500);
  for (int i = 0; i < 2; i++)
    line_server_say_json (f->server, 500, "{}");
  g_assert_false (send_it (f, NULL)); /* 1 s fits, 2 s more do not */
  g_assert_cmpuint (line_server_count (f->server), ==, 2);

  f->clock->now += SECOND;
  line_server_say_json (f->server, 500, "{}");
  line_server_say_json (f->server, 200, "{}");
  ks_request_set_patience (f->request, 90000);
  answer = send_now (other, f->request, NULL, NULL);
  g_assert_nonnull (answer);
  g_assert_cmpint (bound_at (f->clock, f->clock->bounds->len - 1), ==, 4 * SECOND);
}

/* --- 429 --- */

typedef struct
{
  const char *name;
  const char *headers;
  const char *body;
  gint64 wait; /* seconds */
} AfterCase;

static const AfterCase afters[] = {
  { "header", "Retry-After: 7\r\n", "{\"errcode\":\"M_LIMIT_EXCEEDED\"}", 7 },
  { "member", "", "{\"errcode\":\"M_LIMIT_EXCEEDED\",\"retry_after_ms\":2001}", 3 },
  { "header-over-member", "Retry-After: 5\r\n", "{\"retry_after_ms\":60000}", 5 },
  { "neither", "", "{}", 1 },
  { "header-bad-member-good", "Retry-After: soon\r\n", "{\"retry_after_ms\":4000}", 4 },
  { "member-of-a-wrong-type", "", "{\"retry_after_ms\":\"4000\"}", 1 },
  { "member-negative", "", "{\"retry_after_ms\":-4000}", 1 },
  { "not-json", "Retry-After: 6\r\n", "<html>", 6 },
};

static void
test_retry_after (gconstpointer data)
{
  const AfterCase *c = data;
  Fixture f = { 0 };

  set_up (&f, "GET");
  line_server_say_json_with (f.server, 429, c->headers, c->body);
  line_server_say_json (f.server, 200, "{}");
  g_assert_true (send_it (&f, NULL));
  g_assert_cmpuint (f.clock->waits->len, ==, 1);
  g_assert_cmpint (wait_at (f.clock, 0), ==, c->wait * SECOND);
  tear_down (&f, NULL);
}

static void
test_retry_after_as_a_date (Fixture *f, gconstpointer method)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) later = g_date_time_add_seconds (now, 40);
  g_autofree char *date = g_date_time_format (later, "%a, %d %b %Y %H:%M:%S GMT");
  g_autofree char *header = g_strdup_printf ("Retry-After: %s\r\n", date);

  line_server_say_json_with (f->server, 429, header, "{}");
  line_server_say_json (f->server, 200, "{}");
  g_assert_true (send_it (f, NULL));
  g_assert_cmpint (wait_at (f->clock, 0), >, 30 * SECOND);
  g_assert_cmpint (wait_at (f->clock, 0), <=, 40 * SECOND);
}

static void
test_503_with_retry_after (Fixture *f, gconstpointer method)
{
  line_server_say_json_with (f->server, 503, "Retry-After: 9\r\n", "{}");
  line_server_say_json (f->server, 200, "{}");
  g_assert_true (send_it (f, NULL));
  g_assert_cmpint (wait_at (f->clock, 0), ==, 9 * SECOND);
}

/* Who asks to be left alone for longer than we are patient is left alone, by all. */
static void
test_host_is_left_alone (Fixture *f, gconstpointer method)
{
  g_autoptr (KsHttp) other = line_server_client (f->server);
  g_autoptr (KsRequest) post = ks_request_new ("POST", "/y", NULL);
  g_autoptr (JsonObject) answer = NULL;
  g_autoptr (GError) error = NULL;

  ks_http_set_clock (other, &f->clock->clock);
  line_server_say_json_with (f->server, 429, "Retry-After: 99999\r\n", "{}");
  g_assert_false (send_it (f, NULL));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_RATE_LIMITED);
  g_assert_cmpuint (ks_matrix_error_get_retry_after (f->error), ==, 3600);

  f->clock->now += 1000 * SECOND;
  g_assert_null (send_now (other, post, NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_RATE_LIMITED);
  g_assert_cmpuint (ks_matrix_error_get_retry_after (error), ==, 2600);
  g_assert_cmpuint (line_server_count (f->server), ==, 1);

  /* Close enough to its end, the wait is worth it, for a POST as well. */
  f->clock->now += 2590 * SECOND;
  line_server_say_json (f->server, 200, "{}");
  answer = send_now (other, post, NULL, NULL);
  g_assert_nonnull (answer);
  g_assert_cmpint (wait_at (f->clock, 0), ==, 10 * SECOND);
}

/* --- cancelling, and time --- */

static void
test_cancelled_before (Fixture *f, gconstpointer method)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  g_assert_false (send_it (f, cancellable));
  g_assert_error (f->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (line_server_count (f->server), ==, 0);
}

static void
test_cancelled_in_back_off (Fixture *f, gconstpointer method)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  f->clock->cancel_at_wait = cancellable;
  line_server_say_json (f->server, 500, "{}");
  g_assert_false (send_it (f, cancellable));
  g_assert_error (f->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (line_server_count (f->server), ==, 1);
}

static gboolean
cancel_when_seen (gpointer data)
{
  Fixture *f = ((gpointer *) data)[0];

  if (line_server_count (f->server) == 0)
    return G_SOURCE_CONTINUE;
  g_cancellable_cancel (((gpointer *) data)[1]);
  return G_SOURCE_REMOVE;
}

/* The server has the request and says nothing, or half an answer. */
static void
test_cancelled_on_the_line (gconstpointer said)
{
  Fixture f = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gpointer data[] = { &f, cancellable };

  set_up (&f, "GET");
  line_server_say_and_hold (f.server, said);
  g_timeout_add (1, cancel_when_seen, data);
  g_assert_false (send_it (&f, cancellable));
  g_assert_error (f.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (line_server_count (f.server), ==, 1);
  tear_down (&f, NULL);
}

static gboolean
cancel_chunk (const void *bytes, gsize size, gpointer cancellable, GError **error)
{
  g_cancellable_cancel (cancellable);
  return TRUE;
}

static void
test_cancelled_in_a_stream (Fixture *f, gconstpointer method)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *result = NULL;

  line_server_say_and_hold (f->server, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                                       "9\r\n\r\n{");
  ks_http_stream_async (f->http, f->request, cancel_chunk, cancellable, cancellable, on_result, &result);
  AWAIT (result);
  g_assert_false (ks_http_stream_finish (f->http, result, &f->error));
  g_assert_error (f->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_no_answer_within_the_time (Fixture *f, gconstpointer method)
{
  ks_request_set_patience (f->request, 100);
  line_server_say_and_hold (f->server, "HTTP/1.1 200 OK\r\n");
  g_assert_false (send_it (f, NULL));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
  g_assert_cmpuint (line_server_count (f->server), ==, 1);
}

static void
test_idle_line (Fixture *f, gconstpointer method)
{
  ks_http_set_idle_timeout (f->http, 1);
  ks_request_set_repeatable (f->request, FALSE);
  line_server_say_and_hold (f->server, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                                       "9\r\n\r\n{");
  g_assert_false (send_it (f, NULL));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
}

static void
test_nobody_listens (Fixture *f, gconstpointer method)
{
  g_autoptr (LineServer) gone = line_server_new ();
  g_autoptr (KsHttp) http = line_server_client (gone);

  line_server_free (g_steal_pointer (&gone));
  ks_request_set_repeatable (f->request, FALSE);
  g_assert_null (send_now (http, f->request, NULL, &f->error));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
}

#define ADD(path, method, function) g_test_add (path, Fixture, method, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/http-retry/get-is-repeated", "GET", test_get_is_repeated);
  ADD ("/http-retry/flagged-put-is-repeated", "PUT", test_flagged_is_repeated);
  ADD ("/http-retry/flagged-delete-is-repeated", "DELETE", test_flagged_is_repeated);
  ADD ("/http-retry/flagged-post-is-repeated", "POST", test_flagged_is_repeated);
  ADD ("/http-retry/post-is-never-repeated", "POST", test_unflagged_is_never_repeated);
  ADD ("/http-retry/unflagged-put-is-never-repeated", "PUT", test_unflagged_is_never_repeated);
  ADD ("/http-retry/unflagged-delete-is-never-repeated", "DELETE", test_unflagged_is_never_repeated);
  ADD ("/http-retry/post-on-a-stale-connection", "POST", test_stale_connection);
  ADD ("/http-retry/unflagged-put-on-a-stale-connection", "PUT", test_stale_connection);
  ADD ("/http-retry/refusals-are-not-repeated", "GET", test_refusals_are_not_repeated);
  ADD ("/http-retry/bad-answers-are-not-repeated", "GET", test_bad_answers_are_not_repeated);
  ADD ("/http-retry/stream-is-repeated-before-its-first-chunk-only", "GET",
       test_stream_is_repeated_before_its_first_chunk_only);
  ADD ("/http-retry/full-jitter", "GET", test_full_jitter);
  ADD ("/http-retry/patience-ends", "GET", test_patience_ends);
  ADD ("/http-retry/no-patience-for-a-single-wait", "GET", test_no_patience_for_a_single_wait);
  ADD ("/http-retry/patience-of-the-client", "GET", test_patience_of_the_client);
  ADD ("/http-retry/endless-patience", "GET", test_endless_patience);
  ADD ("/http-retry/back-off-is-shared-by-host", "GET", test_back_off_is_shared_by_host);
  for (gsize i = 0; i < G_N_ELEMENTS (afters); i++)
    {
      g_autofree char *path = g_strconcat ("/http-retry/retry-after/", afters[i].name, NULL);

      g_test_add_data_func (path, &afters[i], test_retry_after);
    }
  ADD ("/http-retry/retry-after/date", "GET", test_retry_after_as_a_date);
  ADD ("/http-retry/retry-after/503", "GET", test_503_with_retry_after);
  ADD ("/http-retry/host-is-left-alone", "GET", test_host_is_left_alone);
  ADD ("/http-retry/cancelled-before", "GET", test_cancelled_before);
  ADD ("/http-retry/cancelled-in-back-off", "GET", test_cancelled_in_back_off);
  g_test_add_data_func ("/http-retry/cancelled-waiting-for-the-head", "", test_cancelled_on_the_line);
  g_test_add_data_func ("/http-retry/cancelled-in-the-head", "HTTP/1.1 200 OK\r\nContent-Ty",
                        test_cancelled_on_the_line);
  g_test_add_data_func ("/http-retry/cancelled-in-the-body",
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
                        test_cancelled_on_the_line);
  ADD ("/http-retry/cancelled-in-a-stream", "GET", test_cancelled_in_a_stream);
  ADD ("/http-retry/no-answer-within-the-time", "GET", test_no_answer_within_the_time);
  ADD ("/http-retry/idle-line", "GET", test_idle_line);
  ADD ("/http-retry/nobody-listens", "GET", test_nobody_listens);
  return g_test_run ();
}
