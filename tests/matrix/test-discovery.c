/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-discovery.h"

#include <string.h>

#include "matrix/line-server.h"

#define VERSIONS "{\"versions\":[\"r0.6.1\",\"v1.1\",\"v1.11\"],\"unstable_features\":{\"x\":true}}"
#define WELL_KNOWN "/.well-known/matrix/client"

static KsDiscovered *
discover (const char *typed, GError **error)
{
  GAsyncResult *result = NULL;

  ks_discover_async (typed, NULL, on_result, &result);
  AWAIT (result);
  return ks_discover_finish (result, error);
}

static KsDiscovered *
discover_user_of (LineServer *server, GError **error)
{
  g_autofree char *user_id = g_strdup_printf ("@alice:127.0.0.1:%u", line_server_port (server));

  return discover (user_id, error);
}

static void
test_url (gconstpointer path)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autofree char *typed = g_strdup_printf (" %s%s/ ", line_server_url (server), (const char *) path);
  g_autofree char *base = g_strconcat (line_server_url (server), path, NULL);
  g_autofree char *target = g_strconcat (path, "/_matrix/client/versions", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (KsDiscovered) found = NULL;

  line_server_say_json (server, 200, VERSIONS);
  found = discover (typed, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found->base_url, ==, base);
  g_assert_cmpint (found->by, ==, KS_DISCOVERED_GIVEN);
  g_assert_null (found->user_id);
  g_assert_null (found->server_name);
  g_assert_cmpuint (g_strv_length (found->versions), ==, 3);
  g_assert_cmpstr (found->versions[2], ==, "v1.11");
  g_assert_cmpuint (line_server_count (server), ==, 1);
  g_assert_cmpstr (line_server_seen (server, 0)->target, ==, target);
}

static void
test_well_known (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (LineServer) homeserver = line_server_new ();
  g_autofree char *file = g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
                                           "{\"m.homeserver\":{\"base_url\":\"%s/m/\"},\"x\":1.5}",
                                           line_server_url (homeserver));
  g_autofree char *base = g_strconcat (line_server_url (homeserver), "/m", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (KsDiscovered) found = NULL;

  line_server_say (server, file, -1);
  line_server_say_json (homeserver, 200, VERSIONS);
  found = discover_user_of (server, &error);
  g_assert_no_error (error);
  g_assert_cmpint (found->by, ==, KS_DISCOVERED_WELL_KNOWN);
  g_assert_cmpstr (found->base_url, ==, base);
  g_assert_true (g_str_has_prefix (found->user_id, "@alice:127.0.0.1:"));
  g_assert_true (g_str_has_prefix (found->server_name, "127.0.0.1:"));
  g_assert_cmpstr (line_server_seen (server, 0)->target, ==, WELL_KNOWN);
  g_assert_cmpstr (line_server_seen (homeserver, 0)->target, ==, "/m/_matrix/client/versions");
}

/* What is of no use here cannot be wrong here. */
static void
test_well_known_beside_anything (void)
{
  const char *const values[] = {
    "{}", "\"\"", "null", "[]", "7", "true", "\"https://x\"", "{\"base_url\":{}}", "{\"base_url\":null}"
  };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (LineServer) server = line_server_new ();
      g_autofree char *file =
          g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
                           "{\"m.homeserver\":{\"base_url\":\"%s\",\"x\":%s},\"m.identity_server\":%s,"
                           "\"org.matrix.msc2965.authentication\":%s}",
                           line_server_url (server), values[i], values[i], values[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (KsDiscovered) found = NULL;

      line_server_say (server, file, -1);
      line_server_say_json (server, 200, "{\"versions\":[7,null,\"v1.11\"],\"unstable_features\":[]}");
      found = discover_user_of (server, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (found->base_url, ==, line_server_url (server));
      g_assert_cmpuint (g_strv_length (found->versions), ==, 1);
    }
}

/* "localhost" is this machine, as a server's name and in a URL. */
static void
test_localhost (void)
{
  const char *const forms[] = { "http://localhost:%u", "localhost:%u", "@alice:localhost:%u" };

  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (LineServer) server = line_server_new ();
      g_auto (GStrv) parts = g_strsplit (forms[i], "%u", 2);
      g_autofree char *typed = g_strdup_printf ("%s%u", parts[0], line_server_port (server));
      g_autofree char *base = g_strdup_printf ("http://localhost:%u", line_server_port (server));
      g_autoptr (GError) error = NULL;
      g_autoptr (KsDiscovered) found = NULL;

      if (i > 0)
        line_server_say_json (server, 404, "{\"errcode\":\"M_NOT_FOUND\"}");
      line_server_say_json (server, 200, VERSIONS);
      found = discover (typed, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (found->base_url, ==, base);
    }
}

static void
test_no_well_known (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (KsDiscovered) found = NULL;

  line_server_say (server, "HTTP/1.1 404 No\r\nContent-Type: text/html\r\n\r\n<html>", -1);
  line_server_say_json (server, 200, VERSIONS);
  found = discover_user_of (server, &error);
  g_assert_no_error (error);
  g_assert_cmpint (found->by, ==, KS_DISCOVERED_SERVER_NAME);
  g_assert_cmpstr (found->base_url, ==, line_server_url (server));
}

typedef struct
{
  const char *name;
  const char *said; /* to the request for .well-known */
  int code;
  KsWellKnownFailure failure;
} FailCase;

#define OK "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"

static const FailCase failures[] = {
  { "status-500", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", KS_MATRIX_ERROR_NOT_A_HOMESERVER,
    KS_WELL_KNOWN_FAIL_PROMPT },
  { "status-403", "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", KS_MATRIX_ERROR_NOT_A_HOMESERVER,
    KS_WELL_KNOWN_FAIL_PROMPT },
  { "empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", KS_MATRIX_ERROR_NOT_A_HOMESERVER,
    KS_WELL_KNOWN_FAIL_PROMPT },
  { "html", OK "<html>", KS_MATRIX_ERROR_NOT_A_HOMESERVER, KS_WELL_KNOWN_FAIL_PROMPT },
  { "array", OK "[]", KS_MATRIX_ERROR_NOT_A_HOMESERVER, KS_WELL_KNOWN_FAIL_PROMPT },
  { "no-homeserver", OK "{}", KS_MATRIX_ERROR_NOT_A_HOMESERVER, KS_WELL_KNOWN_FAIL_PROMPT },
  { "no-base-url", OK "{\"m.homeserver\":{}}", KS_MATRIX_ERROR_NOT_A_HOMESERVER, KS_WELL_KNOWN_FAIL_PROMPT },
  { "base-url-number", OK "{\"m.homeserver\":{\"base_url\":5}}", KS_MATRIX_ERROR_NOT_A_HOMESERVER,
    KS_WELL_KNOWN_FAIL_PROMPT },
  { "base-url-no-url", OK "{\"m.homeserver\":{\"base_url\":\"example.org\"}}",
    KS_MATRIX_ERROR_NOT_A_HOMESERVER, KS_WELL_KNOWN_FAIL_ERROR },
  { "base-url-javascript", OK "{\"m.homeserver\":{\"base_url\":\"javascript:alert(1)\"}}",
    KS_MATRIX_ERROR_NOT_A_HOMESERVER, KS_WELL_KNOWN_FAIL_ERROR },
  { "base-url-http", OK "{\"m.homeserver\":{\"base_url\":\"http://example.org\"}}", KS_MATRIX_ERROR_INSECURE,
    KS_WELL_KNOWN_FAIL_ERROR },
  { "redirect-to-nowhere", "HTTP/1.1 302 No\r\nContent-Length: 0\r\n\r\n", KS_MATRIX_ERROR_NOT_A_HOMESERVER,
    KS_WELL_KNOWN_FAIL_PROMPT },
  { "redirect-to-http", "HTTP/1.1 302 No\r\nLocation: http://example.org/x\r\nContent-Length: 0\r\n\r\n",
    KS_MATRIX_ERROR_INSECURE, KS_WELL_KNOWN_FAIL_PROMPT },
  { "redirect-to-ftp", "HTTP/1.1 302 No\r\nLocation: ftp://127.0.0.1/x\r\nContent-Length: 0\r\n\r\n",
    KS_MATRIX_ERROR_INSECURE, KS_WELL_KNOWN_FAIL_PROMPT },
};

static void
test_fails (gconstpointer data)
{
  const FailCase *c = data;
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (GError) error = NULL;

  line_server_say (server, c->said, -1);
  g_assert_null (discover_user_of (server, &error));
  g_assert_error (error, KS_MATRIX_ERROR, c->code);
  g_assert_cmpint (ks_discovery_get_well_known_failure (error), ==, c->failure);
  g_assert_cmpuint (line_server_count (server), ==, 1);
}

static void
test_well_known_leads_to_no_homeserver (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autofree char *file =
      g_strdup_printf ("{\"m.homeserver\":{\"base_url\":\"%s\"}}", line_server_url (server));
  g_autoptr (GError) error = NULL;

  line_server_say_json (server, 200, file);
  line_server_say_json (server, 404, "{}");
  g_assert_null (discover_user_of (server, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_A_HOMESERVER);
  g_assert_cmpint (ks_discovery_get_well_known_failure (error), ==, KS_WELL_KNOWN_FAIL_ERROR);
}

static void
test_well_known_leads_to_nobody (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (LineServer) gone = line_server_new ();
  g_autofree char *file =
      g_strdup_printf ("{\"m.homeserver\":{\"base_url\":\"%s\"}}", line_server_url (gone));
  g_autoptr (GError) error = NULL;

  line_server_free (g_steal_pointer (&gone));
  line_server_say_json (server, 200, file);
  g_assert_null (discover_user_of (server, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
  g_assert_cmpint (ks_discovery_get_well_known_failure (error), ==, KS_WELL_KNOWN_FAIL_ERROR);
}

static void
test_well_known_too_large (void)
{
  for (int over = 0; over < 2; over++)
    {
      g_autoptr (LineServer) server = line_server_new ();
      g_autofree char *start =
          g_strdup_printf ("{\"m.homeserver\":{\"base_url\":\"%s\"},\"x\":\"", line_server_url (server));
      g_autofree char *filler = g_strnfill (65536 - strlen (start) - 2 + over, 'x');
      g_autofree char *file = g_strconcat (start, filler, "\"}", NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (KsDiscovered) found = NULL;

      line_server_say_json (server, 200, file);
      if (!over)
        line_server_say_json (server, 200, VERSIONS);
      found = discover_user_of (server, &error);
      if (over)
        g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_A_HOMESERVER);
      else
        g_assert_no_error (error);
    }
}

static void
test_well_known_endless (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autofree char *again = g_strnfill (65536, ' ');
  g_autoptr (GError) error = NULL;

  line_server_say_for_ever (server, OK "{", again);
  g_assert_null (discover_user_of (server, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_A_HOMESERVER);
  g_assert_cmpuint (line_server_written (server), <, 16 * 1024 * 1024);
}

/* Three redirects are followed, a fourth is not. */
static void
test_redirects (void)
{
  static const char *const locations[] = { "/1", "//127.0.0.1:%u/2?a=b", "http://127.0.0.1:%u/3", "/4" };

  for (guint n = 3; n <= 4; n++)
    {
      g_autoptr (LineServer) server = line_server_new ();
      g_autofree char *file =
          g_strdup_printf ("{\"m.homeserver\":{\"base_url\":\"%s\"}}", line_server_url (server));
      g_autofree char *port = g_strdup_printf ("%u", line_server_port (server));
      g_autoptr (GError) error = NULL;
      g_autoptr (KsDiscovered) found = NULL;

      for (guint i = 0; i < n; i++)
        {
          g_autoptr (GString) head = g_string_new ("HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: ");

          g_string_append_printf (head, "%s\r\n\r\n", locations[i]);
          g_string_replace (head, "%u", port, 0);
          line_server_say (server, head->str, -1);
        }
      if (n == 3)
        {
          line_server_say_json (server, 200, file);
          line_server_say_json (server, 200, VERSIONS);
        }
      found = discover_user_of (server, &error);
      if (n == 3)
        {
          g_assert_no_error (error);
          g_assert_cmpstr (line_server_seen (server, 2)->target, ==, "/2?a=b");
          g_assert_cmpstr (line_server_seen (server, 3)->target, ==, "/3");
        }
      else
        g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_A_HOMESERVER);
    }
}

/* A URL that is no homeserver but a server's name after all. */
static void
test_url_falls_back_on_well_known (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autofree char *file =
      g_strdup_printf ("{\"m.homeserver\":{\"base_url\":\"%s/m\"}}", line_server_url (server));
  g_autoptr (GError) error = NULL;
  g_autoptr (KsDiscovered) found = NULL;

  line_server_say (server, "HTTP/1.1 404 No\r\nContent-Type: text/html\r\n\r\n<html>", -1);
  line_server_say_json (server, 200, file);
  line_server_say_json (server, 200, VERSIONS);
  found = discover (line_server_url (server), &error);
  g_assert_no_error (error);
  g_assert_cmpint (found->by, ==, KS_DISCOVERED_WELL_KNOWN);
  g_assert_true (g_str_has_suffix (found->base_url, "/m"));
  g_assert_null (found->server_name);
}

static void
test_url_with_path_does_not_fall_back (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autofree char *typed = g_strconcat (line_server_url (server), "/matrix", NULL);
  g_autoptr (GError) error = NULL;

  line_server_say (server, "HTTP/1.1 404 No\r\nContent-Type: text/html\r\n\r\n<html>", -1);
  g_assert_null (discover (typed, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_A_HOMESERVER);
  g_assert_cmpuint (line_server_count (server), ==, 1);
}

typedef struct
{
  const char *name;
  guint status;
  const char *body;
  int code;
} VersionsCase;

static const VersionsCase versions[] = {
  { "no-versions", 200, "{}", KS_MATRIX_ERROR_NOT_A_HOMESERVER },
  { "versions-object", 200, "{\"versions\":{}}", KS_MATRIX_ERROR_NOT_A_HOMESERVER },
  { "version-number", 200, "{\"versions\":[1]}", KS_MATRIX_ERROR_NOT_A_HOMESERVER },
  { "too-old", 200, "{\"versions\":[\"r0.5.0\",\"r0.6.1\"]}", KS_MATRIX_ERROR_UNSUPPORTED },
  { "none", 200, "{\"versions\":[]}", KS_MATRIX_ERROR_UNSUPPORTED },
  { "forbidden", 403, "{\"errcode\":\"M_FORBIDDEN\"}", KS_MATRIX_ERROR_NOT_A_HOMESERVER },
  { "unrecognized", 404, "{\"errcode\":\"M_UNRECOGNIZED\"}", KS_MATRIX_ERROR_NOT_A_HOMESERVER },
  { "redirect", 302, "{}", KS_MATRIX_ERROR_NOT_A_HOMESERVER },
  { "rate-limited", 429, "{}", KS_MATRIX_ERROR_RATE_LIMITED },
  { "broken", 503, "{}", KS_MATRIX_ERROR_SERVER },
};

static void
test_versions (gconstpointer data)
{
  const VersionsCase *c = data;
  g_autoptr (LineServer) server = line_server_new ();
  g_autofree char *typed = g_strconcat (line_server_url (server), "/m", NULL);
  g_autoptr (GError) error = NULL;

  line_server_say_json (server, c->status, c->body);
  g_assert_null (discover (typed, &error));
  g_assert_error (error, KS_MATRIX_ERROR, c->code);
  g_assert_cmpint (ks_discovery_get_well_known_failure (error), ==, KS_WELL_KNOWN_FAIL_NONE);
}

typedef struct
{
  const char *typed;
  int code;
} TypedCase;

static const TypedCase typed_cases[] = {
  { "", KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "   ", KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "@alice", KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "@:example.org", KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "alice@example.org", KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "two words", KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "\xff", KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "ftp://example.org", KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "http://example.org", KS_MATRIX_ERROR_INSECURE },
  { "http://localhost.example.org:8008", KS_MATRIX_ERROR_INSECURE },
  { "https://user:canary@example.org", KS_MATRIX_ERROR_NO_SUCH_SERVER },
};

static void
test_typed (gconstpointer data)
{
  const TypedCase *c = data;
  g_autoptr (GError) error = NULL;

  g_assert_null (discover (c->typed, &error));
  g_assert_error (error, KS_MATRIX_ERROR, c->code);
  g_assert_null (strstr (error->message, "canary"));
}

static void
test_nobody_there (void)
{
  g_autoptr (LineServer) gone = line_server_new ();
  g_autofree char *url = g_strdup (line_server_url (gone));
  g_autoptr (GError) error = NULL;

  line_server_free (g_steal_pointer (&gone));
  g_assert_null (discover (url, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
}

/* "invalid" is reserved for names that lead nowhere (RFC 6761); depending on the
 * machine the resolver says so, or that it could not ask. */
static void
test_no_such_name (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (discover ("keepsake-test.invalid", &error));
  g_assert_true (g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NO_SUCH_SERVER)
                 || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK));
}

static void
test_cancelled (void)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autofree char *user_id = g_strdup_printf ("@alice:127.0.0.1:%u", line_server_port (server));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  line_server_say_and_hold (server, OK "{");
  ks_discover_async (user_id, cancellable, on_result, &result);
  while (line_server_count (server) == 0)
    g_main_context_iteration (NULL, TRUE);
  g_cancellable_cancel (cancellable);
  AWAIT (result);
  g_assert_null (ks_discover_finish (result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  static char no_path[] = "";
  static char a_path[] = "/some/path";

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/discovery/url", no_path, test_url);
  g_test_add_data_func ("/discovery/url-with-path", a_path, test_url);
  g_test_add_func ("/discovery/well-known", test_well_known);
  g_test_add_func ("/discovery/well-known-beside-anything", test_well_known_beside_anything);
  g_test_add_func ("/discovery/localhost", test_localhost);
  g_test_add_func ("/discovery/no-well-known", test_no_well_known);
  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autofree char *path = g_strconcat ("/discovery/well-known-fails/", failures[i].name, NULL);

      g_test_add_data_func (path, &failures[i], test_fails);
    }
  g_test_add_func ("/discovery/well-known-leads-to-no-homeserver", test_well_known_leads_to_no_homeserver);
  g_test_add_func ("/discovery/well-known-leads-to-nobody", test_well_known_leads_to_nobody);
  g_test_add_func ("/discovery/well-known-too-large", test_well_known_too_large);
  g_test_add_func ("/discovery/well-known-endless", test_well_known_endless);
  g_test_add_func ("/discovery/redirects", test_redirects);
  g_test_add_func ("/discovery/url-falls-back-on-well-known", test_url_falls_back_on_well_known);
  g_test_add_func ("/discovery/url-with-path-does-not-fall-back", test_url_with_path_does_not_fall_back);
  for (gsize i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autofree char *path = g_strconcat ("/discovery/versions/", versions[i].name, NULL);

      g_test_add_data_func (path, &versions[i], test_versions);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (typed_cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/discovery/typed/%zu", i);

      g_test_add_data_func (path, &typed_cases[i], test_typed);
    }
  g_test_add_func ("/discovery/nobody-there", test_nobody_there);
  g_test_add_func ("/discovery/no-such-name", test_no_such_name);
  g_test_add_func ("/discovery/cancelled", test_cancelled);
  return g_test_run ();
}
