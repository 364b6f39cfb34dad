/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an account may ask about itself: identity, capabilities, profile, filters,
 * push rules.
 */

#include <stdlib.h>

#include "hs-accounts.h"
#include "hs-server.h"

static void
whoami (HsRequest *request)
{
  hs_reply (request, 200,
            hs_object ("user_id", 's', request->user, "is_guest", 'b', FALSE, "device_id", 's',
                       request->device, NULL));
}

static void
capabilities (HsRequest *request)
{
  hs_reply_text (request, 200,
                 g_strdup ("{\"capabilities\":{\"m.room_versions\":{\"default\":\"11\",\"available\":"
                           "{\"10\":\"stable\",\"11\":\"stable\"}},\"m.change_password\":{\"enabled\":true},"
                           "\"m.set_displayname\":{\"enabled\":true},\"m.set_avatar_url\":{\"enabled\":true},"
                           "\"m.3pid_changes\":{\"enabled\":true},\"m.get_login_token\":{\"enabled\":false},"
                           "\"m.profile_fields\":{\"enabled\":true}}}"));
}

static gboolean
need_profile (HsRequest *request)
{
  if (hs_account_exists (request->server, request->params[0]))
    return TRUE;
  hs_reply_error (request, 404, "M_UNKNOWN", "Profile was not found");
  return FALSE;
}

static void
get_profile (HsRequest *request)
{
  g_autoptr (HsRows) rows = NULL;

  if (!need_profile (request))
    return;
  rows = hs_database_query (request->server->db, "SELECT displayname, avatar FROM account WHERE user = ?",
                            "s", request->params[0]);
  hs_rows_next (rows);
  hs_reply (request, 200,
            hs_object ("displayname", 's', hs_rows_text (rows, 0), "avatar_url", 's', hs_rows_text (rows, 1),
                       NULL));
}

static void
get_displayname (HsRequest *request)
{
  g_autofree char *name = NULL;

  if (!need_profile (request))
    return;
  name = hs_database_text (request->server->db, "SELECT displayname FROM account WHERE user = ?", "s",
                           request->params[0]);
  hs_reply (request, 200, hs_object ("displayname", 'z', name, NULL));
}

static void
set_displayname (HsRequest *request)
{
  const char *name;

  if (!g_str_equal (request->params[0], request->user))
    {
      hs_reply_error (request, 400, "M_FORBIDDEN", "Cannot set another user's displayname");
      return;
    }
  if ((name = hs_request_need_string (request, "displayname")) == NULL)
    return;
  hs_database_run (request->server->db, "UPDATE account SET displayname = ? WHERE user = ?", "ss",
                   name[0] != '\0' ? name : NULL, request->user);
  hs_reply_ok (request);
}

static void
add_filter (HsRequest *request)
{
  g_autofree char *content = hs_json_text (request->body);
  g_autofree char *id = NULL;

  if (!hs_request_need_self (request, 0, "create filters"))
    return;
  hs_database_run (request->server->db, "INSERT INTO filter (user, content) VALUES (?, ?)", "ss",
                   request->user, content);
  id = hs_database_text (request->server->db, "SELECT last_insert_rowid()", "");
  hs_reply (request, 200, hs_object ("filter_id", 's', id, NULL));
}

static void
get_filter (HsRequest *request)
{
  char *content;

  if (!hs_request_need_self (request, 0, "get filters"))
    return;
  content = hs_database_text (request->server->db, "SELECT content FROM filter WHERE user = ? AND id = ?",
                              "si", request->user, (gint64) strtoll (request->params[1], NULL, 10));
  if (content == NULL)
    hs_reply_error (request, 404, "M_NOT_FOUND", "No such filter");
  else
    hs_reply_text (request, 200, content);
}

static void
push_rules (HsRequest *request)
{
  hs_reply_text (request, 200,
                 g_strdup ("{\"global\":{\"override\":[],\"content\":[],\"room\":[],\"sender\":[],"
                           "\"underride\":[]}}"));
}

const HsRoute hs_account_routes[] = {
  { "GET", "account/whoami", HS_AUTH, whoami },
  { "GET", "capabilities", HS_AUTH, capabilities },
  { "GET", "profile/{}", HS_OPEN, get_profile },
  { "GET", "profile/{}/displayname", HS_OPEN, get_displayname },
  { "PUT", "profile/{}/displayname", HS_AUTH | HS_BODY, set_displayname },
  { "POST", "user/{}/filter", HS_AUTH | HS_BODY, add_filter },
  { "GET", "user/{}/filter/{}", HS_AUTH, get_filter },
  { "GET", "pushrules/", HS_AUTH, push_rules },
  { 0 },
};
