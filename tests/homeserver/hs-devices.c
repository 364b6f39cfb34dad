/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sessions of an account, seen from one of them (client-server API, "Device
 * management").
 */

#include "hs-accounts.h"
#include "hs-server.h"
#include "hs-uia.h"

#define COLUMNS "SELECT device, name, seen FROM device WHERE user = ?"

static JsonObject *
describe (HsRequest *request, HsRows *rows)
{
  JsonObject *device = hs_object ("user_id", 's', request->user, "device_id", 's', hs_rows_text (rows, 0),
                                  "display_name", 'z', hs_rows_text (rows, 1), NULL);

  if (hs_rows_text (rows, 2) != NULL)
    {
      json_object_set_int_member (device, "last_seen_ts", hs_rows_int (rows, 2));
      json_object_set_string_member (device, "last_seen_ip", "127.0.0.1");
    }
  else
    {
      json_object_set_null_member (device, "last_seen_ts");
      json_object_set_null_member (device, "last_seen_ip");
    }
  return device;
}

static void
list_devices (HsRequest *request)
{
  JsonArray *list = json_array_new ();
  g_autoptr (HsRows) rows =
      hs_database_query (request->server->db, COLUMNS " ORDER BY device", "s", request->user);

  while (hs_rows_next (rows))
    json_array_add_object_element (list, describe (request, rows));
  hs_reply (request, 200, hs_object ("devices", 'a', list, NULL));
}

static void
get_device (HsRequest *request)
{
  g_autoptr (HsRows) rows = hs_database_query (request->server->db, COLUMNS " AND device = ?", "ss",
                                               request->user, request->params[0]);

  if (hs_rows_next (rows))
    hs_reply (request, 200, describe (request, rows));
  else
    hs_reply_error (request, 404, "M_NOT_FOUND", "No device found");
}

static void
rename_device (HsRequest *request)
{
  const char *name = hs_object_string (request->body, "display_name");

  hs_database_run (request->server->db,
                   "UPDATE device SET name = coalesce(?, name) WHERE user = ? AND device = ?", "sss", name,
                   request->user, request->params[0]);
  if (hs_database_changes (request->server->db) == 0)
    {
      hs_reply_error (request, 404, "M_NOT_FOUND", "No device found");
      return;
    }
  hs_device_list_changed (request->server, request->user);
  hs_reply_ok (request);
}

static void
delete_device (HsRequest *request)
{
  if (!hs_uia_passed (request))
    return;
  hs_session_end (request->server, request->user, request->params[0]);
  hs_reply_ok (request);
}

static void
delete_devices (HsRequest *request)
{
  JsonArray *devices = hs_object_array (request->body, "devices");

  if (devices == NULL)
    {
      hs_reply_error (request, 400, "M_MISSING_PARAM", "devices: Field required");
      return;
    }
  if (!hs_uia_passed (request))
    return;
  for (guint i = 0; i < json_array_get_length (devices); i++)
    hs_session_end (request->server, request->user, json_array_get_string_element (devices, i));
  hs_reply_ok (request);
}

const HsRoute hs_device_routes[] = {
  { "GET", "devices", HS_AUTH, list_devices },
  { "GET", "devices/{}", HS_AUTH, get_device },
  { "PUT", "devices/{}", HS_AUTH | HS_BODY, rename_device },
  { "DELETE", "devices/{}", HS_AUTH | HS_BODY | HS_OPTIONAL, delete_device },
  { "POST", "delete_devices", HS_AUTH | HS_BODY, delete_devices },
  { 0 },
};
