/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-api-backup.h"

#include <string.h>

#include "matrix/line-server.h"

#define VERSION "/_matrix/client/v3/room_keys/version"
#define KEYS "/_matrix/client/v3/room_keys/keys"
#define NO_BACKUP "{\"errcode\":\"M_NOT_FOUND\",\"error\":\"No backup found\"}"
#define CURRENT                                                                                        \
  "{\"algorithm\":\"" KS_BACKUP_ALGORITHM "\",\"auth_data\":{\"public_key\":\"k\"},\"version\":\"1\"," \
  "\"etag\":\"3\",\"count\":14}"

typedef struct
{
  LineServer *server;
  KsHttp *http;
  FakeClock *clock;
  JsonObject *object; /* {"k":"v"} */
  GError *error;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->server = line_server_new ();
  f->http = line_server_client (f->server);
  f->clock = fake_clock_new ();
  f->object = ks_json_set_strings (json_object_new (), "k", "v", NULL);
  ks_http_set_clock (f->http, &f->clock->clock);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_error (&f->error);
  json_object_unref (f->object);
  g_object_unref (f->http);
  line_server_free (f->server);
  fake_clock_free (f->clock);
}

static const Seen *
last_request (Fixture *f)
{
  return line_server_seen (f->server, line_server_count (f->server) - 1);
}

/* --- versions --- */

static char *
create (Fixture *f, guint status, const char *answer)
{
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  line_server_say_json (f->server, status, answer);
  ks_api_backup_create_async (f->http, KS_BACKUP_ALGORITHM, f->object, NULL, on_result, &result);
  AWAIT (result);
  return ks_api_backup_create_finish (f->http, result, &f->error);
}

static void
test_create (Fixture *f, gconstpointer data)
{
  g_autofree char *version = create (f, 200, "{\"version\":\"7\"}");

  g_assert_cmpstr (version, ==, "7");
  g_assert_cmpstr (last_request (f)->method, ==, "POST");
  g_assert_cmpstr (last_request (f)->target, ==, VERSION);
  g_assert_cmpstr (last_request (f)->body, ==,
                   "{\"algorithm\":\"" KS_BACKUP_ALGORITHM "\",\"auth_data\":{\"k\":\"v\"}}");
}

/* A second POST would make a second version. */
static void
test_create_is_sent_once (Fixture *f, gconstpointer data)
{
  g_assert_null (create (f, 502, "{}"));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_SERVER);
  g_assert_null (create (f, 429, "{}"));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_RATE_LIMITED);
  g_assert_cmpuint (line_server_count (f->server), ==, 2);
}

static void
test_create_malformed (Fixture *f, gconstpointer data)
{
  static const char *const answers[] = { "{}",
                                         "{\"version\":7.5}",
                                         "{\"version\":\"\"}",
                                         "{\"version\":\"..\"}",
                                         "{\"version\":\".\"}",
                                         "{\"version\":null}" };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_assert_null (create (f, 200, answers[i]));
      g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
    }
}

static gboolean
get_version (Fixture *f, const char *version, guint status, const char *answer, KsBackupVersion **out)
{
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  line_server_say_json (f->server, status, answer);
  ks_api_backup_get_version_async (f->http, version, NULL, on_result, &result);
  AWAIT (result);
  return ks_api_backup_get_version_finish (f->http, result, out, &f->error);
}

static void
test_current_version (Fixture *f, gconstpointer data)
{
  g_autoptr (KsBackupVersion) version = NULL;
  const char *key;

  g_assert_true (get_version (f, NULL, 200, CURRENT, &version));
  g_assert_cmpstr (version->version, ==, "1");
  g_assert_cmpstr (version->algorithm, ==, KS_BACKUP_ALGORITHM);
  g_assert_cmpstr (version->etag, ==, "3");
  g_assert_cmpint (version->count, ==, 14);
  g_assert_true (ks_json_get_string (version->auth_data, "public_key", &key));
  g_assert_cmpstr (last_request (f)->target, ==, VERSION);
}

static void
test_no_backup (Fixture *f, gconstpointer data)
{
  KsBackupVersion *version;

  g_assert_true (get_version (f, NULL, 404, NO_BACKUP, &version));
  g_assert_no_error (f->error);
  g_assert_null (version);
}

/* F12: a 404 that is not the homeserver's does not mean "no backup". */
static void
test_wrong_404 (Fixture *f, gconstpointer data)
{
  KsBackupVersion *version;
  GAsyncResult *result = NULL;

  g_assert_false (get_version (f, NULL, 404, "{}", &version));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_clear_error (&f->error);
  line_server_say (f->server, "HTTP/1.1 404 No\r\nContent-Type: text/html\r\n\r\n" NO_BACKUP, -1);
  ks_api_backup_get_version_async (f->http, NULL, NULL, on_result, &result);
  AWAIT (result);
  g_assert_false (ks_api_backup_get_version_finish (f->http, result, &version, &f->error));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
}

static void
test_named_version (Fixture *f, gconstpointer data)
{
  g_autoptr (KsBackupVersion) version = NULL;
  KsBackupVersion *other;

  g_assert_true (get_version (f, "1", 200, CURRENT, &version));
  g_assert_cmpstr (last_request (f)->target, ==, VERSION "/1");
  g_assert_false (get_version (f, "2", 200, CURRENT, &other)); /* about another one */
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_false (get_version (f, "2", 404, NO_BACKUP, &other));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_FOUND);
}

/* A26 */
static void
test_hostile_version_stays_one_segment (Fixture *f, gconstpointer data)
{
  KsBackupVersion *version;

  g_assert_false (get_version (f, "1/../../x", 404, NO_BACKUP, &version));
  g_assert_cmpstr (last_request (f)->target, ==, VERSION "/1%2F..%2F..%2Fx");
}

static void
test_update_version (Fixture *f, gconstpointer data)
{
  GAsyncResult *result = NULL;

  line_server_say_json (f->server, 500, "{}");
  line_server_say_json (f->server, 200, "{}");
  ks_api_backup_update_version_async (f->http, "1", KS_BACKUP_ALGORITHM, f->object, NULL, on_result, &result);
  AWAIT (result);
  g_assert_true (ks_api_backup_update_version_finish (f->http, result, &f->error));
  g_assert_cmpstr (last_request (f)->method, ==, "PUT");
  g_assert_cmpstr (last_request (f)->target, ==, VERSION "/1");
  g_assert_cmpstr (last_request (f)->body, ==,
                   "{\"algorithm\":\"" KS_BACKUP_ALGORITHM
                   "\",\"auth_data\":{\"k\":\"v\"},\"version\":\"1\"}");
}

static void
test_delete_version (Fixture *f, gconstpointer data)
{
  GAsyncResult *result = NULL;

  line_server_say_json (f->server, 200, "{}");
  ks_api_backup_delete_version_async (f->http, "1", NULL, on_result, &result);
  AWAIT (result);
  g_assert_true (ks_api_backup_delete_version_finish (f->http, result, &f->error));
  g_assert_cmpstr (last_request (f)->method, ==, "DELETE");
  g_assert_cmpstr (last_request (f)->target, ==, VERSION "/1");
}

/* --- changing keys --- */

static gboolean
put (Fixture *f, const char *room_id, const char *session_id, char **etag, gint64 *count)
{
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  ks_api_backup_put_keys_async (f->http, "1&2", room_id, session_id, f->object, NULL, on_result, &result);
  AWAIT (result);
  return ks_api_backup_put_keys_finish (f->http, result, etag, count, &f->error);
}

static void
test_put_keys (Fixture *f, gconstpointer data)
{
  g_autofree char *etag = NULL;
  gint64 count;

  for (int i = 0; i < 3; i++)
    line_server_say_json (f->server, 200, "{\"etag\":\"4\",\"count\":15}");
  g_assert_true (put (f, NULL, NULL, &etag, &count));
  g_assert_cmpstr (etag, ==, "4");
  g_assert_cmpint (count, ==, 15);
  g_assert_cmpstr (last_request (f)->method, ==, "PUT");
  g_assert_cmpstr (last_request (f)->target, ==, KEYS "?version=1%262");
  g_assert_cmpstr (last_request (f)->body, ==, "{\"k\":\"v\"}");
  g_assert_true (put (f, "!r:b", NULL, NULL, NULL));
  g_assert_cmpstr (last_request (f)->target, ==, KEYS "/%21r%3Ab?version=1%262");
  g_assert_true (put (f, "!r:b", "a+/=", NULL, NULL));
  g_assert_cmpstr (last_request (f)->target, ==, KEYS "/%21r%3Ab/a%2B%2F%3D?version=1%262");
}

/* F8: only an answer with etag and count is a success. */
static void
test_put_keys_malformed (Fixture *f, gconstpointer data)
{
  static const char *const answers[] = { "{}",
                                         "{\"etag\":\"4\"}",
                                         "{\"count\":1}",
                                         "{\"etag\":4,\"count\":1}",
                                         "{\"etag\":\"4\",\"count\":\"1\"}",
                                         "{\"etag\":\"4\",\"count\":-1}",
                                         "{\"etag\":null,\"count\":null}",
                                         "[]" };
  char *etag;
  gint64 count;

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      line_server_say_json (f->server, 200, answers[i]);
      g_assert_false (put (f, NULL, NULL, &etag, &count));
      g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
      g_assert_null (etag);
    }
}

static void
test_put_keys_refused (Fixture *f, gconstpointer data)
{
  line_server_say_json (f->server, 403,
                        "{\"errcode\":\"M_WRONG_ROOM_KEYS_VERSION\",\"current_version\":\"1\"}");
  g_assert_false (put (f, NULL, NULL, NULL, NULL));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_WRONG_VERSION);
  line_server_say_json (f->server, 404, "{\"errcode\":\"M_NOT_FOUND\"}");
  g_assert_false (put (f, NULL, NULL, NULL, NULL));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_FOUND);
  line_server_say (f->server, "HTTP/1.1 413 Big\r\nContent-Type: text/html\r\n\r\n<html>", -1);
  g_assert_false (put (f, NULL, NULL, NULL, NULL));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_TOO_LARGE);
  g_assert_cmpuint (line_server_count (f->server), ==, 3);
}

static void
test_put_keys_repeated_after_a_lost_answer (Fixture *f, gconstpointer data)
{
  line_server_say (f->server, "", 0);
  line_server_say_json (f->server, 200, "{\"etag\":\"4\",\"count\":15}");
  g_assert_true (put (f, NULL, NULL, NULL, NULL));
  g_assert_cmpuint (line_server_count (f->server), ==, 2);
  g_assert_cmpstr (line_server_seen (f->server, 0)->body, ==, line_server_seen (f->server, 1)->body);
}

/* Whoever sends thousands of keys decides whether fewer would do. */
static void
test_put_batch_is_sent_as_it_is_and_once (Fixture *f, gconstpointer data)
{
  const char *text = "{\"rooms\":{\"!r:b\":{\"sessions\":{}}}}";
  g_autoptr (GBytes) body = g_bytes_new_static (text, strlen (text));
  gint64 count;

  line_server_say_json (f->server, 200, "{\"etag\":\"4\",\"count\":15}");
  line_server_say (f->server, "", 0);
  for (int i = 0; i < 2; i++)
    {
      GAsyncResult *result = NULL;

      ks_api_backup_put_batch_async (f->http, "1&2", body, NULL, on_result, &result);
      AWAIT (result);
      if (i == 0)
        {
          g_assert_true (ks_api_backup_put_keys_finish (f->http, result, NULL, &count, &f->error));
          g_assert_cmpint (count, ==, 15);
          g_assert_cmpstr (last_request (f)->target, ==, KEYS "?version=1%262");
          g_assert_cmpstr (last_request (f)->body, ==, text);
          continue;
        }
      g_assert_false (ks_api_backup_put_keys_finish (f->http, result, NULL, &count, &f->error));
      g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
    }
  g_assert_cmpuint (line_server_count (f->server), ==, 2);
}

static void
test_delete_keys (Fixture *f, gconstpointer data)
{
  static const char *const targets[] = { KEYS "?version=1", KEYS "/r?version=1", KEYS "/r/s?version=1" };

  for (gsize i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      GAsyncResult *result = NULL;
      gint64 count;

      line_server_say_json (f->server, 200, "{\"etag\":\"5\",\"count\":2}");
      ks_api_backup_delete_keys_async (f->http, "1", i > 0 ? "r" : NULL, i > 1 ? "s" : NULL, NULL, on_result,
                                       &result);
      AWAIT (result);
      g_assert_true (ks_api_backup_delete_keys_finish (f->http, result, NULL, &count, &f->error));
      g_assert_cmpint (count, ==, 2);
      g_assert_cmpstr (last_request (f)->method, ==, "DELETE");
      g_assert_cmpstr (last_request (f)->target, ==, targets[i]);
    }
}

/* --- getting keys --- */

static gboolean
on_entry (const KsBackupEntry *entry, const char *problem, gpointer trace, GError **error)
{
  g_string_append_printf (trace, "%s/%s/%s;", entry->room_id, entry->session_id,
                          problem != NULL ? "bad" : entry->mac);
  return TRUE;
}

#define ENTRY                                                               \
  "{\"first_message_index\":0,\"forwarded_count\":0,\"is_verified\":false," \
  "\"session_data\":{\"ephemeral\":\"e\",\"ciphertext\":\"c\",\"mac\":\"m\"}}"

static gboolean
get_keys (Fixture *f, const char *room_id, GString *trace)
{
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  g_string_truncate (trace, 0);
  ks_api_backup_get_keys_async (f->http, "1", room_id, NULL, on_entry, trace, NULL, on_result, &result);
  AWAIT (result);
  return ks_api_backup_get_keys_finish (f->http, result, &f->error);
}

static void
test_get_keys (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) trace = g_string_new (NULL);

  line_server_say_json (f->server, 200,
                        "{\"rooms\":{\"!a\":{\"sessions\":{\"s\":" ENTRY
                        ",\"t\":{}}},\"!b\":{\"sessions\":{}}}}");
  g_assert_true (get_keys (f, NULL, trace));
  g_assert_cmpstr (trace->str, ==, "!a/s/m;!a/t/bad;");
  g_assert_cmpstr (last_request (f)->target, ==, KEYS "?version=1");

  line_server_say_json (f->server, 200, "{\"sessions\":{\"s\":" ENTRY "}}");
  g_assert_true (get_keys (f, "!a", trace));
  g_assert_cmpstr (trace->str, ==, "!a/s/m;");
  g_assert_cmpstr (last_request (f)->target, ==, KEYS "/%21a?version=1");
}

static void
test_get_keys_broken (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) trace = g_string_new (NULL);

  line_server_say_json (f->server, 200, "{\"rooms\":{\"!a\":{\"sessions\":{\"s\":" ENTRY ",");
  g_assert_false (get_keys (f, NULL, trace));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_cmpstr (trace->str, ==, "!a/s/m;");
  line_server_say_json (f->server, 404, NO_BACKUP);
  g_assert_false (get_keys (f, NULL, trace));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_FOUND);
  line_server_say (f->server, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{\"rooms\":{}}", -1);
  g_assert_false (get_keys (f, NULL, trace));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_cmpuint (line_server_count (f->server), ==, 3);
}

/* Larger than any limit of a collected answer. */
static void
test_get_many_keys (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) body = g_string_new ("{\"rooms\":{\"!a\":{\"sessions\":{");
  g_autoptr (GString) trace = g_string_new (NULL);
  guint n = 0;

  for (int i = 0; i < 20000; i++)
    g_string_append_printf (body, "%s\"%d\":" ENTRY, i > 0 ? "," : "", i);
  g_string_append (body, "}}}}");
  g_assert_cmpuint (body->len, >, KS_REQUEST_LIMIT_CONTROL * 2);
  line_server_say_json (f->server, 200, body->str);
  g_assert_true (get_keys (f, NULL, trace));
  for (const char *c = trace->str; *c != '\0'; c++)
    n += *c == ';';
  g_assert_cmpuint (n, ==, 20000);
}

static void
test_get_key (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) entry = NULL;
  GAsyncResult *result = NULL;
  JsonObject *session_data;

  line_server_say_json (f->server, 200, ENTRY);
  ks_api_backup_get_key_async (f->http, "1", "!a", "s/1", NULL, on_result, &result);
  AWAIT (result);
  entry = ks_api_backup_get_key_finish (f->http, result, &f->error);
  g_assert_no_error (f->error);
  g_assert_true (ks_json_get_object (entry, "session_data", &session_data));
  g_assert_cmpstr (last_request (f)->target, ==, KEYS "/%21a/s%2F1?version=1");
}

#define ADD(path, function) g_test_add ("/api-backup/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("create", test_create);
  ADD ("create-is-sent-once", test_create_is_sent_once);
  ADD ("create-malformed", test_create_malformed);
  ADD ("current-version", test_current_version);
  ADD ("no-backup", test_no_backup);
  ADD ("wrong-404", test_wrong_404);
  ADD ("named-version", test_named_version);
  ADD ("hostile-version-stays-one-segment", test_hostile_version_stays_one_segment);
  ADD ("update-version", test_update_version);
  ADD ("delete-version", test_delete_version);
  ADD ("put-keys", test_put_keys);
  ADD ("put-keys-malformed", test_put_keys_malformed);
  ADD ("put-keys-refused", test_put_keys_refused);
  ADD ("put-keys-repeated-after-a-lost-answer", test_put_keys_repeated_after_a_lost_answer);
  ADD ("delete-keys", test_delete_keys);
  ADD ("put-batch", test_put_batch_is_sent_as_it_is_and_once);
  ADD ("get-keys", test_get_keys);
  ADD ("get-keys-broken", test_get_keys_broken);
  ADD ("get-many-keys", test_get_many_keys);
  ADD ("get-key", test_get_key);
  return g_test_run ();
}
