/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A backup's version as odd servers tell it: whatever has a name is one.
 */

#include "matrix/ks-api-backup.h"
#include "matrix/ks-matrix-error.h"

#include "matrix/line-server.h"

#define VERSION "/_matrix/client/v3/room_keys/version"

typedef struct
{
  LineServer *server;
  KsHttp *http;
  FakeClock *clock;
  GError *error;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->server = line_server_new ();
  f->http = line_server_client (f->server);
  f->clock = fake_clock_new ();
  ks_http_set_clock (f->http, &f->clock->clock);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_error (&f->error);
  g_object_unref (f->http);
  line_server_free (f->server);
  fake_clock_free (f->clock);
}

static gboolean
get (Fixture *f, const char *version, guint status, const char *answer, KsBackupVersion **out)
{
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  line_server_say_json (f->server, status, answer);
  ks_api_backup_get_version_async (f->http, version, NULL, on_result, &result);
  AWAIT (result);
  return ks_api_backup_get_version_finish (f->http, result, out, &f->error);
}

/* Nothing that a later request could name. */
static void
test_version_malformed (Fixture *f, gconstpointer data)
{
  static const char *const answers[] = {
    "{}",
    "{\"algorithm\":\"a\",\"auth_data\":{},\"version\":null,\"etag\":\"3\",\"count\":1}",
    "{\"algorithm\":\"a\",\"auth_data\":{},\"version\":1.5,\"etag\":\"3\",\"count\":1}",
    "{\"algorithm\":\"a\",\"auth_data\":{},\"version\":\"..\",\"etag\":\"3\",\"count\":1}",
    "{\"algorithm\":\"a\",\"auth_data\":{},\"version\":\"\",\"etag\":\"3\",\"count\":1}",
  };
  KsBackupVersion *version;

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_assert_false (get (f, NULL, 200, answers[i], &version));
      g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
      g_assert_cmpstr (ks_matrix_error_get_request (f->error), ==, "GET " VERSION);
      g_assert_null (version);
    }
}

/* A version is one as far as it can be read; what is odd in it is as good as missing. */
static void
test_version_odd (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *answer;
    const char *algorithm;
    const char *etag;
    guint auth_data; /* its members */
    gint64 count;
  } cases[] = {
    { "{\"version\":7}", "", NULL, 0, KS_BACKUP_COUNT_UNKNOWN },
    { "{\"version\":\"7\",\"algorithm\":5,\"auth_data\":[],\"etag\":5,\"count\":\"3\"}", "", NULL, 0,
      KS_BACKUP_COUNT_UNKNOWN },
    { "{\"version\":\"7\",\"algorithm\":\"a\",\"auth_data\":null,\"etag\":\"e\",\"count\":3.0}", "a", "e", 0,
      KS_BACKUP_COUNT_UNKNOWN },
    { "{\"version\":\"7\",\"algorithm\":\"a\",\"auth_data\":{\"k\":1},\"etag\":null,\"count\":-1}", "a", NULL,
      1, KS_BACKUP_COUNT_UNKNOWN },
    { "{\"version\":7,\"algorithm\":\"a\",\"auth_data\":{\"k\":1},\"etag\":\"e\",\"count\":3}", "a", "e", 1,
      3 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (KsBackupVersion) version = NULL;

      g_assert_true (get (f, NULL, 200, cases[i].answer, &version));
      g_assert_cmpstr (version->version, ==, "7");
      g_assert_cmpstr (version->algorithm, ==, cases[i].algorithm);
      g_assert_cmpstr (version->etag, ==, cases[i].etag);
      g_assert_cmpuint (json_object_get_size (version->auth_data), ==, cases[i].auth_data);
      g_assert_cmpint (version->count, ==, cases[i].count);
    }
}

/* A server that knows no backups has none. Anybody else who says 404 says nothing of it. */
static void
test_no_backups_known (Fixture *f, gconstpointer data)
{
  static const char unrecognized[] = "{\"errcode\":\"M_UNRECOGNIZED\"}";
  KsBackupVersion *version;

  g_assert_true (get (f, NULL, 404, unrecognized, &version));
  g_assert_null (version);
  g_assert_false (get (f, NULL, 400, unrecognized, &version));
  g_assert_false (get (f, NULL, 404, "{}", &version));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_false (get (f, "1", 404, unrecognized, &version));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_UNSUPPORTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/backup-version/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("malformed", test_version_malformed);
  ADD ("odd", test_version_odd);
  ADD ("no-backups-known", test_no_backups_known);
  return g_test_run ();
}
