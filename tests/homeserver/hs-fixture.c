/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "homeserver/hs-fixture.h"

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>
#include <string.h>

typedef struct
{
  GSubprocess *process; /* owned; NULL: not started */
  char *url;            /* owned */
} Program;

struct _HsFixture
{
  Program homeserver, proxy;
  SoupSession *session; /* owned */
};

/* Both programs end with their standard input, so that none outlives a test that
 * crashes. */
static void
start (Program *self, const char *const *command)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDataInputStream) out = NULL;
  g_autofree char *line = NULL;

  /* libsoup's server leaks small objects; with slices they are not looked for. */
  g_subprocess_launcher_unsetenv (launcher, "G_SLICE");
  self->process = g_subprocess_launcher_spawnv (launcher, command, &error);
  if (self->process == NULL)
    g_error ("%s: %s", command[0], error->message);
  out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (out), FALSE);
  line = g_data_input_stream_read_line (out, NULL, NULL, &error);
  if (line == NULL || !g_str_has_prefix (line, "READY "))
    g_error ("%s does not start", command[0]);
  self->url = g_strdup (line + strlen ("READY "));
}

static void
end (Program *self)
{
  if (self->process == NULL)
    return;
  g_subprocess_send_signal (self->process, SIGTERM);
  g_subprocess_wait (self->process, NULL, NULL);
  /* With sanitizers that also says that nothing leaked. */
  if (!g_subprocess_get_successful (self->process))
    g_error ("%s did not end well", self->url);
  g_clear_object (&self->process);
  g_clear_pointer (&self->url, g_free);
}

static const char *
program (const char *variable)
{
  const char *path = g_getenv (variable);

  if (path == NULL)
    g_error ("%s is not set: run this test through meson", variable);
  return path;
}

HsFixture *
hs_fixture_new (const char *database)
{
  HsFixture *self = g_new0 (HsFixture, 1);
  const char *const command[] = {
    program ("KS_TEST_HOMESERVER"),
    "--exit-with-stdin",
    database != NULL ? "--database" : NULL,
    database,
    NULL,
  };

  start (&self->homeserver, command);
  self->session = soup_session_new_with_options ("timeout", 30, NULL);
  return self;
}

void
hs_fixture_free (HsFixture *self)
{
  end (&self->proxy);
  end (&self->homeserver);
  g_clear_object (&self->session);
  g_free (self);
}

const char *
hs_fixture_url (HsFixture *self)
{
  return self->proxy.url != NULL ? self->proxy.url : self->homeserver.url;
}

void
hs_fixture_start_proxy (HsFixture *self)
{
  const char *const command[] = {
    program ("KS_FAULT_PROXY"), "--exit-with-stdin", "--upstream", self->homeserver.url, NULL,
  };

  start (&self->proxy, command);
}

static char *
request (HsFixture *self,
         const char *base,
         const char *method,
         const char *path,
         const char *token,
         const char *body,
         guint *status)
{
  g_autofree char *url = g_strconcat (base, path, NULL);
  g_autoptr (SoupMessage) message = soup_message_new (method, url);
  g_autoptr (GBytes) bytes = body != NULL ? g_bytes_new (body, strlen (body)) : NULL;
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) error = NULL;

  if (token != NULL)
    {
      g_autofree char *header = g_strconcat ("Bearer ", token, NULL);

      soup_message_headers_replace (soup_message_get_request_headers (message), "Authorization", header);
    }
  if (bytes != NULL)
    soup_message_set_request_body_from_bytes (message, "application/json", bytes);
  answer = soup_session_send_and_read (self->session, message, NULL, &error);
  if (answer == NULL)
    g_error ("%s %s: %s", method, url, error->message);
  if (status != NULL)
    *status = soup_message_get_status (message);
  else if (soup_message_get_status (message) != 200)
    g_error ("%s %s: %u", method, url, soup_message_get_status (message));
  return g_strndup (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer));
}

char *
hs_fixture_request (
    HsFixture *self, const char *method, const char *path, const char *token, const char *body, guint *status)
{
  return request (self, self->homeserver.url, method, path, token, body, status);
}

static JsonObject *
parse (const char *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  g_assert_nonnull (node);
  return json_node_dup_object (node);
}

static char *
registration (const char *nonce, const char *user, const char *password)
{
  static const char secret[] = "keepsake-tests";
  g_autoptr (GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA1, (const guchar *) secret, strlen (secret));
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonObject) body = json_object_new ();
  const char *const fields[] = { nonce, user, password, "notadmin" };

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      if (i > 0)
        g_hmac_update (hmac, (const guchar *) "", 1);
      g_hmac_update (hmac, (const guchar *) fields[i], (gssize) strlen (fields[i]));
    }
  json_object_set_string_member (body, "nonce", nonce);
  json_object_set_string_member (body, "username", user);
  json_object_set_string_member (body, "password", password);
  json_object_set_string_member (body, "mac", g_hmac_get_string (hmac));
  json_node_set_object (node, body);
  return json_to_string (node, FALSE);
}

char *
hs_fixture_register (HsFixture *self, const char *user, const char *password, char **device_id)
{
  static const char path[] = "/_synapse/admin/v1/register";
  g_autofree char *nonce_text = hs_fixture_request (self, "GET", path, NULL, NULL, NULL);
  g_autoptr (JsonObject) nonce = parse (nonce_text);
  g_autofree char *body = registration (json_object_get_string_member (nonce, "nonce"), user, password);
  g_autofree char *text = hs_fixture_request (self, "POST", path, NULL, body, NULL);
  g_autoptr (JsonObject) answer = parse (text);

  if (device_id != NULL)
    *device_id = g_strdup (json_object_get_string_member (answer, "device_id"));
  return g_strdup (json_object_get_string_member (answer, "access_token"));
}

void
hs_fixture_persona (HsFixture *self, const char *json)
{
  g_free (hs_fixture_request (self, "PUT", "/_keepsake/persona", NULL, json, NULL));
}

void
hs_fixture_honest (HsFixture *self)
{
  g_free (hs_fixture_request (self, "DELETE", "/_keepsake/persona", NULL, NULL, NULL));
}

void
hs_fixture_rule (HsFixture *self, const char *json)
{
  g_assert_nonnull (self->proxy.url);
  g_free (request (self, self->proxy.url, "POST", "/_proxy/rules", NULL, json, NULL));
}

void
hs_fixture_clear_rules (HsFixture *self)
{
  g_free (request (self, self->proxy.url, "DELETE", "/_proxy/rules", NULL, NULL, NULL));
}

guint
hs_fixture_count (HsFixture *self, const char *pattern)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autofree char *text = hs_fixture_request (self, "GET", "/_keepsake/requests", NULL, NULL, NULL);
  g_autoptr (JsonObject) answer = parse (text);
  JsonArray *requests = json_object_get_array_member (answer, "requests");
  guint count = 0;

  g_assert_nonnull (regex);
  for (guint i = 0; i < json_array_get_length (requests); i++)
    {
      JsonObject *entry = json_array_get_object_element (requests, i);
      g_autofree char *line = g_strdup_printf ("%s %s", json_object_get_string_member (entry, "method"),
                                               json_object_get_string_member (entry, "path"));

      count += g_regex_match (regex, line, 0, NULL) ? 1 : 0;
    }
  return count;
}
