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

static gboolean
get_name (Fixture *f, guint status, const char *body, char **name)
{
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  line_server_say_json (f->server, status, body);
  ks_api_profile_get_name_async (f->http, "@a:b", NULL, on_result, &result);
  AWAIT (result);
  return ks_api_profile_get_name_finish (f->http, result, name, &f->error);
}

static void
test_display_name (Fixture *f, gconstpointer data)
{
  g_autofree char *name = NULL;
  char *none;

  g_assert_true (get_name (f, 200, "{\"displayname\":\"Alice\"}", &name));
  g_assert_cmpstr (name, ==, "Alice");
  g_assert_cmpstr (only_request (f)->target, ==, "/_matrix/client/v3/profile/%40a%3Ab/displayname");
  g_assert_true (get_name (f, 200, "{}", &none));
  g_assert_null (none);
  g_assert_true (get_name (f, 200, "{\"displayname\":null}", &none));
  g_assert_true (get_name (f, 404, "{\"errcode\":\"M_NOT_FOUND\"}", &none));
  g_assert_false (get_name (f, 404, "{}", &none));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_false (get_name (f, 200, "{\"displayname\":5}", &none));
}

static void
test_device (Fixture *f, gconstpointer data)
{
  g_autoptr (KsDevice) device = NULL;
  GAsyncResult *result = NULL;

  line_server_say_json (f->server, 200, "{\"device_id\":\"D/1\",\"display_name\":\"X\",\"last_seen_ts\":17}");
  ks_api_device_get_async (f->http, "D/1", NULL, on_result, &result);
  AWAIT (result);
  device = ks_api_device_get_finish (f->http, result, &f->error);
  g_assert_no_error (f->error);
  g_assert_cmpstr (device->display_name, ==, "X");
  g_assert_cmpint (device->last_seen_ts, ==, 17);
  g_assert_cmpstr (only_request (f)->target, ==, "/_matrix/client/v3/devices/D%2F1");
}

static GPtrArray *
get_devices (Fixture *f, const char *body)
{
  GAsyncResult *result = NULL;

  g_clear_error (&f->error);
  line_server_say_json (f->server, 200, body);
  ks_api_devices_get_async (f->http, NULL, on_result, &result);
  AWAIT (result);
  return ks_api_devices_get_finish (f->http, result, &f->error);
}

static void
test_devices (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) devices = get_devices (f, "{\"devices\":[{\"device_id\":\"A\",\"display_name\":null},"
                                                  "{\"device_id\":\"B\",\"last_seen_ip\":\"1.2.3.4\"}]}");

  g_assert_no_error (f->error);
  g_assert_cmpuint (devices->len, ==, 2);
  g_assert_cmpstr (((KsDevice *) g_ptr_array_index (devices, 1))->device_id, ==, "B");
  g_assert_null (get_devices (f, "{\"devices\":[{\"display_name\":\"x\"}]}"));
  g_assert_error (f->error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_null (get_devices (f, "{\"devices\":{}}"));
  g_assert_null (get_devices (f, "{\"devices\":[5]}"));
}

#define ADD(path, function) g_test_add ("/api-profile/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("display-name", test_display_name);
  ADD ("device", test_device);
  ADD ("devices", test_devices);
  return g_test_run ();
}
