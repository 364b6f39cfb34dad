/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Discovery, signing in and out (client-server API, "Server discovery",
 * "Login").
 */

#include "hs-accounts.h"
#include "hs-server.h"

static JsonObject *
well_known_body (HsServer *server)
{
  return hs_object ("m.homeserver", 'o', hs_object ("base_url", 's', server->url, NULL), NULL);
}

static void
well_known (HsRequest *request)
{
  hs_reply (request, 200, well_known_body (request->server));
}

static void
versions (HsRequest *request)
{
  hs_reply (request, 200,
            hs_object ("versions", 't',
                       "[\"r0.0.1\",\"r0.1.0\",\"r0.2.0\",\"r0.3.0\",\"r0.4.0\",\"r0.5.0\",\"r0.6.0\","
                       "\"r0.6.1\",\"v1.1\",\"v1.2\",\"v1.3\",\"v1.4\",\"v1.5\",\"v1.6\",\"v1.7\",\"v1.8\","
                       "\"v1.9\",\"v1.10\",\"v1.11\",\"v1.12\"]",
                       "unstable_features", 't', "{\"org.matrix.e2e_cross_signing\":true}", NULL));
}

static void
login_flows (HsRequest *request)
{
  hs_reply (request, 200,
            hs_object ("flows", 't',
                       "[{\"type\":\"m.login.password\"},{\"type\":\"m.login.application_service\"}]", NULL));
}

/* The account that is named, in today's form or in that of before identifiers.
 * NULL: answered. */
static char *
named_user (HsRequest *request)
{
  JsonObject *identifier = hs_object_object (request->body, "identifier");
  const char *type = hs_object_string (identifier, "type");
  const char *name = hs_object_string (request->body, "user");

  if (identifier == NULL && name != NULL)
    return hs_account_full_id (request->server, name);
  if (identifier == NULL)
    hs_reply_error (request, 400, "M_INVALID_PARAM", "Invalid identifier");
  else if (type == NULL)
    hs_reply_error (request, 400, "M_MISSING_PARAM", "Login identifier has no type");
  else if (!g_str_equal (type, "m.id.user"))
    hs_reply_error (request, 400, "M_UNKNOWN", "Unknown login identifier type");
  else if ((name = hs_object_string (identifier, "user")) == NULL)
    hs_reply_error (request, 400, "M_UNKNOWN", "User identifier is missing 'user' key");
  else
    return hs_account_full_id (request->server, name);
  return NULL;
}

static void
login (HsRequest *request)
{
  const char *type = hs_object_string (request->body, "type");
  const char *password = hs_object_string (request->body, "password");
  g_autofree char *user = NULL;
  JsonObject *answer;

  if (type == NULL)
    {
      hs_reply_error (request, 400, "M_UNKNOWN", "Missing JSON keys.");
      return;
    }
  if (!g_str_equal (type, "m.login.password"))
    {
      hs_reply_error (request, 400, "M_UNKNOWN", "Unknown login type %s", type);
      return;
    }
  if ((user = named_user (request)) == NULL)
    return;
  if (password == NULL)
    {
      hs_reply_error (request, 400, "M_INVALID_PARAM", "Bad parameter: password");
      return;
    }
  if (!hs_account_has_password (request->server, user, password))
    {
      hs_reply_error (request, 403, "M_FORBIDDEN", "Invalid username or password");
      return;
    }
  answer = hs_session_new (request->server, user, hs_object_string (request->body, "device_id"),
                           hs_object_string (request->body, "initial_device_display_name"));
  json_object_set_object_member (answer, "well_known", well_known_body (request->server));
  hs_reply (request, 200, answer);
}

static void
logout (HsRequest *request)
{
  hs_session_end (request->server, request->user, request->device);
  hs_reply_ok (request);
}

static void
logout_all (HsRequest *request)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (HsRows) rows =
      hs_database_query (request->server->db, "SELECT device FROM device WHERE user = ?", "s", request->user);

  while (hs_rows_next (rows))
    g_ptr_array_add (devices, g_strdup (hs_rows_text (rows, 0)));
  for (guint i = 0; i < devices->len; i++)
    hs_session_end (request->server, request->user, g_ptr_array_index (devices, i));
  hs_reply_ok (request);
}

const HsRoute hs_login_routes[] = {
  { "GET", "/.well-known/matrix/client", HS_OPEN, well_known },
  { "GET", "/_matrix/client/versions", HS_OPEN, versions },
  { "GET", "login", HS_OPEN, login_flows },
  { "POST", "login", HS_BODY, login },
  { "POST", "logout", HS_AUTH, logout },
  { "POST", "logout/all", HS_AUTH, logout_all },
  { 0 },
};
