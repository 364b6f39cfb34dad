/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/backup/ks-upload.h"

#include "engine/engine-fixture.h"
#include "engine/upload-fixture.h"

static void
test_all_go_up_and_are_marked (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KsUploaded sum;
  guint puts;

  engine_add_keys (&f->engine, 1200, NULL);
  upload (f, NULL, &sum, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sum.uploaded, ==, 1200);
  g_assert_cmpuint (sum.refused, ==, 0);
  upload_assert_counts (f, 0, 0, 1200);
  g_assert_cmpuint (f->done, ==, 1200);
  g_assert_cmpuint (f->total, ==, 1200);

  /* And a second time there is nothing to do. */
  puts = upload_count_puts (f);
  upload (f, NULL, &sum, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sum.uploaded, ==, 0);
  g_assert_cmpuint (upload_count_puts (f), ==, puts);
}

static void
test_nothing_to_upload_asks_nothing (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KsUploaded sum;

  upload (f, NULL, &sum, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sum.uploaded, ==, 0);
  g_assert_cmpuint (upload_count_puts (f), ==, 0);
}

static void
cancel (UploadFixture *f)
{
  if (f->done > 0)
    g_cancellable_cancel (f->cancellable);
}

/* What the server has said it has stays marked: the next run sends the rest. */
static void
test_cancelled_between_batches_repeats_nothing (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KsUploaded sum;

  engine_add_keys (&f->engine, 700, NULL);
  f->on_progress = cancel;
  g_assert_false (upload (f, f->cancellable, &sum, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  upload_assert_counts (f, 200, 0, 500);

  f->on_progress = NULL;
  upload (f, NULL, &sum, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sum.uploaded, ==, 200);
  upload_assert_counts (f, 0, 0, 700);
}

/* The server has the batch, and its answer is lost: it is sent once more, and no key is
 * there twice. */
static void
test_lost_answer_repeats_the_batch (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KsUploaded sum;

  engine_add_keys (&f->engine, 700, NULL);
  hs_fixture_rule (f->engine.server, "{\"method\":\"PUT\",\"path\":\"room_keys/keys\",\"nth\":2,"
                                     "\"at\":\"response\",\"action\":\"cut\"}");
  upload (f, NULL, &sum, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sum.uploaded, ==, 700);
  upload_assert_counts (f, 0, 0, 700);
  /* 500; 200, lost; 100 and 100. */
  g_assert_cmpuint (upload_count_puts (f), ==, 4);
}

static void
test_too_large_is_halved (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KsUploaded sum;

  engine_add_keys (&f->engine, 300, NULL);
  hs_fixture_rule (f->engine.server,
                   "{\"method\":\"PUT\",\"path\":\"room_keys/keys\",\"times\":3,\"action\":\"answer\","
                   "\"status\":413,\"body\":\"{\\\"errcode\\\":\\\"M_TOO_LARGE\\\"}\"}");
  upload (f, NULL, &sum, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sum.uploaded, ==, 300);
  upload_assert_counts (f, 0, 0, 300);
  /* 300, 150 and 75 were refused here; then 37, 74, 148 and 41. */
  g_assert_cmpuint (upload_count_puts (f), ==, 4);
}

/* The server takes none at all: that ends, and says so for each. */
static void
test_every_key_too_large (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KsUploaded sum;

  engine_add_keys (&f->engine, 5, NULL);
  hs_fixture_rule (f->engine.server,
                   "{\"method\":\"PUT\",\"path\":\"room_keys/keys\",\"times\":0,\"action\":\"answer\","
                   "\"status\":413,\"body\":\"{\\\"errcode\\\":\\\"M_TOO_LARGE\\\"}\"}");
  upload (f, NULL, &sum, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sum.uploaded, ==, 0);
  g_assert_cmpuint (sum.refused, ==, 5);
  upload_assert_counts (f, 0, 5, 0);
}

/* Synapse cuts the line for a body that is too large. */
static void
test_cut_line_is_halved (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KsUploaded sum;

  engine_add_keys (&f->engine, 300, NULL);
  hs_fixture_rule (f->engine.server,
                   "{\"method\":\"PUT\",\"path\":\"room_keys/keys\",\"times\":2,\"action\":\"cut\"}");
  upload (f, NULL, &sum, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sum.uploaded, ==, 300);
  upload_assert_counts (f, 0, 0, 300);
}

/* But without any line it is no key's fault. */
static void
test_offline_is_an_error_and_keeps_all (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gint64 begun = g_get_monotonic_time ();
  KsUploaded sum;

  engine_add_keys (&f->engine, 20, NULL);
  hs_fixture_rule (f->engine.server, "{\"times\":0,\"action\":\"cut\"}");
  g_assert_false (upload (f, NULL, &sum, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 5 * G_TIME_SPAN_SECOND);
  engine_no_rules (&f->engine);
  upload_assert_counts (f, 20, 0, 0);
}

/* A server that nothing can be said to is not waited for: whoever looks after the upload
 * knows better when to go on. */
static void
test_unreachable_is_told_at_once (UploadFixture *f, gconstpointer data)
{
  gint64 begun = g_get_monotonic_time ();
  g_autoptr (KsHttp) http = ks_http_new ("http://127.0.0.1:1", NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  /* The port is of no service on any machine. */
  ks_http_set_patience (http, 60 * 1000);
  engine_add_keys (&f->engine, 20, NULL);
  ks_upload_async (http, f->engine.keys, f->version, f->public_key, NULL, NULL, NULL, engine_done, &result);
  g_assert_false (ks_upload_finish (http, engine_wait (&result), NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 10 * G_TIME_SPAN_SECOND);
  upload_assert_counts (f, 20, 0, 0);
}

static void
test_one_key_on_a_bad_line_is_not_put_aside (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KsUploaded sum;

  engine_add_keys (&f->engine, 2, NULL);
  hs_fixture_rule (f->engine.server,
                   "{\"method\":\"PUT\",\"path\":\"room_keys/keys\",\"times\":0,\"action\":\"cut\"}");
  g_assert_false (upload (f, NULL, &sum, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
  engine_no_rules (&f->engine);
  upload_assert_counts (f, 2, 0, 0);
}

static void
test_one_poisoned_key_is_put_aside_alone (UploadFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) made = NULL;
  g_autoptr (GError) error = NULL;
  const KsStoredRoomKey *poisoned;
  g_autofree char *persona = NULL;
  KsUploaded sum;

  engine_add_keys (&f->engine, 100, &made);
  poisoned = g_ptr_array_index (made, 41);
  persona = g_strdup_printf ("{\"name\":\"chokes\",\"text\":\"%s\"}", poisoned->session_id);
  hs_fixture_persona (f->engine.server, persona);
  upload (f, NULL, &sum, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sum.uploaded, ==, 99);
  g_assert_cmpuint (sum.refused, ==, 1);
  upload_assert_counts (f, 0, 1, 99);
  hs_fixture_honest (f->engine.server);
  upload_assert_on_server (f, poisoned, FALSE);
  g_assert_cmpuint (upload_count_puts (f), <, 40);
}

static void
test_asked_to_wait_waits (UploadFixture *f, gconstpointer data)
{
  gint64 begun = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  KsUploaded sum;

  engine_add_keys (&f->engine, 10, NULL);
  hs_fixture_persona (f->engine.server, "{\"name\":\"rate-limited\",\"path\":\"room_keys/"
                                        "keys\",\"times\":2,\"retry_after\":1}");
  upload (f, NULL, &sum, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sum.uploaded, ==, 10);
  g_assert_cmpuint (upload_count_puts (f), ==, 3);
  g_assert_cmpint (g_get_monotonic_time () - begun, >=, 2 * G_TIME_SPAN_SECOND);
}

/* Only etag and count say that the server has the keys. */
static void
test_answers_that_are_no_success (UploadFixture *f, gconstpointer data)
{
  const char *answers[] = {
    "\"body\":\"{}\"",
    "\"body\":\"[]\"",
    "\"body\":\"{\\\"etag\\\":\\\"1\\\"}\"",
    "\"body\":\"{\\\"count\\\":5}\"",
    "\"body\":\"{\\\"etag\\\":\\\"1\\\",\\\"count\\\":-1}\"",
    "\"body\":\"{\\\"etag\\\":1,\\\"count\\\":5}\"",
    "\"body\":\"{\\\"etag\\\":\\\"1\\\",\\\"count\\\":\\\"5\\\"}\"",
    "\"kind\":\"html\"",
    "\"kind\":\"nested\"",
    "\"kind\":\"truncated\"",
    "\"status\":302,\"headers\":{\"Location\":\"/elsewhere\"}",
    "\"status\":404,\"body\":\"{}\"",
    "\"status\":403,\"body\":\"{\\\"errcode\\\":\\\"M_FORBIDDEN\\\"}\"",
    "\"status\":401,\"body\":\"{\\\"errcode\\\":\\\"M_UNKNOWN_TOKEN\\\"}\"",
  };

  engine_add_keys (&f->engine, 5, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autofree char *rule = g_strdup_printf ("{\"method\":\"PUT\",\"path\":\"room_keys/"
                                               "keys\",\"times\":0,\"action\":\"answer\",%s}",
                                               answers[i]);
      g_autoptr (GError) error = NULL;
      KsUploaded sum;

      hs_fixture_rule (f->engine.server, rule);
      g_test_message ("%s", answers[i]);
      g_assert_false (upload (f, NULL, &sum, &error));
      g_assert_cmpuint (error->domain, ==, KS_MATRIX_ERROR);
      g_assert_cmpuint (sum.uploaded + sum.refused, ==, 0);
      engine_no_rules (&f->engine);
      upload_assert_counts (f, 5, 0, 0);
    }
}

#define ADD(name, test) \
  g_test_add ("/upload/" name, UploadFixture, NULL, upload_set_up, test, upload_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("all-go-up-and-are-marked", test_all_go_up_and_are_marked);
  ADD ("nothing-to-upload-asks-nothing", test_nothing_to_upload_asks_nothing);
  ADD ("cancelled-between-batches-repeats-nothing", test_cancelled_between_batches_repeats_nothing);
  ADD ("lost-answer-repeats-the-batch", test_lost_answer_repeats_the_batch);
  ADD ("too-large-is-halved", test_too_large_is_halved);
  ADD ("every-key-too-large", test_every_key_too_large);
  ADD ("cut-line-is-halved", test_cut_line_is_halved);
  ADD ("offline-is-an-error-and-keeps-all", test_offline_is_an_error_and_keeps_all);
  ADD ("unreachable-is-told-at-once", test_unreachable_is_told_at_once);
  ADD ("one-key-on-a-bad-line-is-not-put-aside", test_one_key_on_a_bad_line_is_not_put_aside);
  ADD ("one-poisoned-key-is-put-aside-alone", test_one_poisoned_key_is_put_aside_alone);
  ADD ("asked-to-wait-waits", test_asked_to_wait_waits);
  ADD ("answers-that-are-no-success", test_answers_that_are_no_success);
  return g_test_run ();
}
