/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Account data, global and of a room (client-server API, "Client config"). What
 * was set once can only be emptied: {} is an answer, 404 means never set.
 */

#include "hs-server.h"

/* The empty room stands for global. */
static void
set (HsRequest *request, const char *room, const char *type)
{
  g_autofree char *content = NULL;

  if (!hs_request_need_self (request, 0, "add account data"))
    return;
  if (g_str_equal (type, "m.fully_read") || g_str_equal (type, "m.push_rules"))
    {
      hs_reply_error (request, 405, "M_BAD_JSON", "Cannot set %s through this API.", type);
      return;
    }
  content = hs_json_text (request->body);
  hs_database_run (request->server->db, "INSERT OR REPLACE INTO account_data VALUES (?, ?, ?, ?, ?)", "ssssi",
                   request->user, room, type, content, hs_database_next_stream (request->server->db));
  hs_server_wake (request->server);
  hs_reply_ok (request);
}

static void
get (HsRequest *request, const char *room, const char *type, const char *missing)
{
  char *content;

  if (!hs_request_need_self (request, 0, "get account data"))
    return;
  content = hs_database_text (request->server->db,
                              "SELECT content FROM account_data WHERE user = ? AND room = ? AND type = ?",
                              "sss", request->user, room, type);
  if (content == NULL)
    hs_reply_error (request, 404, "M_NOT_FOUND", "%s", missing);
  else
    hs_reply_text (request, 200, content);
}

static void
set_global (HsRequest *request)
{
  set (request, "", request->params[1]);
}

static void
get_global (HsRequest *request)
{
  get (request, "", request->params[1], "Account data not found");
}

static gboolean
need_room_id (HsRequest *request)
{
  if (request->params[1][0] == '!')
    return TRUE;
  hs_reply_error (request, 400, "M_INVALID_PARAM", "%s is not a valid room ID", request->params[1]);
  return FALSE;
}

static void
set_in_room (HsRequest *request)
{
  if (need_room_id (request))
    set (request, request->params[1], request->params[2]);
}

static void
get_in_room (HsRequest *request)
{
  if (need_room_id (request))
    get (request, request->params[1], request->params[2], "Room account data not found");
}

const HsRoute hs_account_data_routes[] = {
  { "PUT", "user/{}/account_data/{}", HS_AUTH | HS_BODY, set_global },
  { "GET", "user/{}/account_data/{}", HS_AUTH, get_global },
  { "PUT", "user/{}/rooms/{}/account_data/{}", HS_AUTH | HS_BODY, set_in_room },
  { "GET", "user/{}/rooms/{}/account_data/{}", HS_AUTH, get_in_room },
  { 0 },
};
