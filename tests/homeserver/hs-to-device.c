/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /sendToDevice (client-server API, "Send-to-Device messaging").
 */

#include <string.h>

#include "hs-server.h"

#define MAX_MESSAGE 65536

static void
queue (HsRequest *request, const char *user, const char *device, const char *text)
{
  hs_database_run (request->server->db, "INSERT INTO to_device VALUES (?, ?, ?, ?)", "isss",
                   hs_database_next_stream (request->server->db), user, device, text);
}

/* "*" is every session of the account. A message to a session that is not there
 * goes nowhere, and nobody is told. */
static void
deliver (HsRequest *request, const char *user, const char *device, const char *text)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (HsRows) rows =
      hs_database_query (request->server->db,
                         "SELECT device FROM device WHERE user = ?1 AND (?2 = '*' OR device = ?2)", "ss",
                         user, device);

  while (hs_rows_next (rows))
    g_ptr_array_add (devices, g_strdup (hs_rows_text (rows, 0)));
  for (guint i = 0; i < devices->len; i++)
    queue (request, user, g_ptr_array_index (devices, i), text);
}

/* FALSE: answered. */
static gboolean
check_sizes (HsRequest *request, JsonObject *messages)
{
  g_autoptr (GList) users = json_object_get_members (messages);

  for (GList *u = users; u != NULL; u = u->next)
    {
      JsonObject *of_user = hs_object_object (messages, u->data);
      g_autoptr (GList) devices = of_user != NULL ? json_object_get_members (of_user) : NULL;

      for (GList *d = devices; d != NULL; d = d->next)
        {
          g_autofree char *text = json_to_string (json_object_get_member (of_user, d->data), FALSE);

          if (strlen (text) <= MAX_MESSAGE)
            continue;
          hs_reply_error (request, 413, "M_TOO_LARGE", "To-device message for %s:%s is too large to send",
                          (char *) u->data, (char *) d->data);
          return FALSE;
        }
    }
  return TRUE;
}

static void
send_to_device (HsRequest *request)
{
  JsonObject *messages = hs_object_object (request->body, "messages");
  g_autoptr (GList) users = NULL;

  if (messages == NULL)
    {
      hs_reply_error (request, 400, "M_MISSING_PARAM", "Missing params: ['messages']");
      return;
    }
  if (!check_sizes (request, messages))
    return;
  hs_database_run (request->server->db, "INSERT OR IGNORE INTO txn VALUES (?, ?, ?, '{}')", "sss",
                   request->user, request->device, request->path);
  if (hs_database_changes (request->server->db) == 0)
    {
      hs_reply_ok (request); /* the same transaction again */
      return;
    }
  users = json_object_get_members (messages);
  for (GList *u = users; u != NULL; u = u->next)
    {
      JsonObject *of_user = hs_object_object (messages, u->data);
      g_autoptr (GList) devices = of_user != NULL ? json_object_get_members (of_user) : NULL;

      for (GList *d = devices; d != NULL; d = d->next)
        {
          g_autoptr (JsonObject) message =
              hs_object ("sender", 's', request->user, "type", 's', request->params[0], NULL);
          g_autofree char *text = NULL;

          json_object_set_member (message, "content",
                                  json_node_copy (json_object_get_member (of_user, d->data)));
          text = hs_json_text (message);
          deliver (request, u->data, d->data, text);
        }
    }
  hs_server_wake (request->server);
  hs_reply_ok (request);
}

const HsRoute hs_to_device_routes[] = {
  { "PUT", "sendToDevice/{}/{}", HS_AUTH | HS_BODY, send_to_device },
  { 0 },
};
