/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /keys/upload, /keys/query, /keys/claim, /keys/changes (client-server API,
 * "Key management API").
 */

#include <stdlib.h>
#include <string.h>

#include "hs-accounts.h"
#include "hs-keys.h"
#include "hs-server.h"
#include "hs-sync.h"

static gboolean
is_own_device_keys (HsRequest *request, JsonObject *keys)
{
  static const char *const need[] = { "algorithms", "device_id", "keys", "signatures", "user_id" };

  for (guint i = 0; i < G_N_ELEMENTS (need); i++)
    if (!json_object_has_member (keys, need[i]))
      {
        hs_reply_error (request, 400, "M_MISSING_PARAM", "device_keys.%s: Field required", need[i]);
        return FALSE;
      }
  if (g_strcmp0 (hs_object_string (keys, "user_id"), request->user) == 0
      && g_strcmp0 (hs_object_string (keys, "device_id"), request->device) == 0)
    return TRUE;
  hs_reply_error (request, 400, "M_BAD_JSON",
                  "Provided `device_keys` are not those of the authenticated device");
  return FALSE;
}

/* One-time keys and fallback keys: members are "algorithm:ID". */
static gboolean
are_named (HsRequest *request, const char *what)
{
  JsonObject *keys = hs_object_object (request->body, what);
  g_autoptr (GList) names = keys != NULL ? json_object_get_members (keys) : NULL;

  if (keys == NULL && json_object_has_member (request->body, what))
    {
      /* A fault of Synapse's own. */
      hs_reply_error (request, 500, "M_UNKNOWN", "Internal server error");
      return FALSE;
    }
  for (GList *l = names; l != NULL; l = l->next)
    {
      g_auto (GStrv) parts = g_strsplit (l->data, ":", -1);

      if (g_strv_length (parts) == 2)
        continue;
      hs_reply_error (request, 400, "M_BAD_JSON", "Invalid %s key %s", what, (char *) l->data);
      return FALSE;
    }
  return TRUE;
}

static char *
member_text (JsonObject *object, const char *key)
{
  return hs_json_node_text (json_object_get_member (object, key));
}

static void
store_device_keys (HsRequest *request, JsonObject *keys)
{
  g_autofree char *text = hs_json_text (keys);
  g_autofree char *old =
      hs_database_text (request->server->db, "SELECT content FROM device_keys WHERE user = ? AND device = ?",
                        "ss", request->user, request->device);

  if (g_strcmp0 (old, text) == 0)
    return;
  hs_database_run (request->server->db, "INSERT OR REPLACE INTO device_keys VALUES (?, ?, ?)", "sss",
                   request->user, request->device, text);
  hs_device_list_changed (request->server, request->user);
}

/* FALSE: answered, because another key has the ID already. */
static gboolean
store_one_time_keys (HsRequest *request, JsonObject *keys)
{
  g_autoptr (GList) names = json_object_get_members (keys);

  for (GList *l = names; l != NULL; l = l->next)
    {
      g_autofree char *algorithm = g_strndup (l->data, strcspn (l->data, ":"));
      g_autofree char *text = member_text (keys, l->data);
      g_autofree char *old =
          hs_database_text (request->server->db,
                            "SELECT content FROM one_time_key WHERE user = ? AND device = ? AND id = ?",
                            "sss", request->user, request->device, l->data);

      if (old != NULL && !g_str_equal (old, text))
        {
          hs_reply_error (request, 400, "M_UNKNOWN", "One time key %s already exists.", (char *) l->data);
          return FALSE;
        }
      if (old == NULL)
        hs_database_run (request->server->db,
                         "INSERT INTO one_time_key (user, device, algorithm, id, content) VALUES (?, ?, ?, "
                         "?, ?)",
                         "sssss", request->user, request->device, algorithm, l->data, text);
    }
  return TRUE;
}

static void
store_fallback_keys (HsRequest *request, JsonObject *keys)
{
  g_autoptr (GList) names = json_object_get_members (keys);

  for (GList *l = names; l != NULL; l = l->next)
    {
      g_autofree char *algorithm = g_strndup (l->data, strcspn (l->data, ":"));
      g_autofree char *text = member_text (keys, l->data);

      hs_database_run (request->server->db, "INSERT OR REPLACE INTO fallback_key VALUES (?, ?, ?, ?, ?, 0)",
                       "sssss", request->user, request->device, algorithm, l->data, text);
    }
}

static void
upload (HsRequest *request)
{
  JsonObject *device_keys = hs_object_object (request->body, "device_keys");
  JsonObject *one_time_keys, *fallback_keys;

  if (json_object_has_member (request->body, "device_keys") && device_keys == NULL)
    {
      hs_reply_error (request, 400, "M_INVALID_PARAM", "device_keys must be an object");
      return;
    }
  if ((device_keys != NULL && !is_own_device_keys (request, device_keys))
      || !are_named (request, "one_time_keys") || !are_named (request, "fallback_keys"))
    return;
  one_time_keys = hs_object_object (request->body, "one_time_keys");
  fallback_keys = hs_object_object (request->body, "fallback_keys");
  if (device_keys != NULL)
    store_device_keys (request, device_keys);
  if (one_time_keys != NULL && !store_one_time_keys (request, one_time_keys))
    return;
  if (fallback_keys != NULL)
    store_fallback_keys (request, fallback_keys);
  hs_reply (request, 200,
            hs_object ("one_time_key_counts", 'o',
                       hs_one_time_key_counts (request->server, request->user, request->device), NULL));
}

static JsonObject *
query_devices (HsRequest *request, const char *user, JsonArray *wanted)
{
  JsonObject *devices = json_object_new ();
  g_autoptr (HsRows) rows =
      hs_database_query (request->server->db, "SELECT device FROM device_keys WHERE user = ? ORDER BY device",
                         "s", user);

  while (hs_rows_next (rows))
    {
      const char *device = hs_rows_text (rows, 0);
      gboolean is_wanted = json_array_get_length (wanted) == 0;

      for (guint i = 0; i < json_array_get_length (wanted); i++)
        is_wanted |= g_strcmp0 (json_array_get_string_element (wanted, i), device) == 0;
      if (is_wanted)
        json_object_set_object_member (devices, device, hs_device_keys (request->server, user, device));
    }
  return devices;
}

static void
query_cross_signing (HsRequest *request, const char *user, const char *usage, JsonObject *into)
{
  JsonObject *key = hs_cross_signing_key (request->server, user, usage, request->user);

  if (key != NULL)
    json_object_set_object_member (into, user, key);
}

static gboolean
is_query (HsRequest *request, JsonObject *wanted)
{
  g_autoptr (GList) users = wanted != NULL ? json_object_get_members (wanted) : NULL;
  gboolean good = wanted != NULL;

  for (GList *l = users; l != NULL && good; l = l->next)
    good = hs_object_array (wanted, l->data) != NULL;
  if (!good)
    hs_reply_error (request, 400, "M_BAD_JSON", "'device_keys' must be an object of lists of strings");
  return good;
}

static void
query (HsRequest *request)
{
  JsonObject *wanted = hs_object_object (request->body, "device_keys");
  JsonObject *devices, *master, *self_signing, *user_signing;
  g_autoptr (GList) users = NULL;

  if (!is_query (request, wanted))
    return;
  devices = json_object_new ();
  master = json_object_new ();
  self_signing = json_object_new ();
  user_signing = json_object_new ();
  users = json_object_get_members (wanted);
  for (GList *l = users; l != NULL; l = l->next)
    {
      const char *user = l->data;

      json_object_set_object_member (devices, user,
                                     query_devices (request, user, hs_object_array (wanted, user)));
      query_cross_signing (request, user, "master", master);
      query_cross_signing (request, user, "self_signing", self_signing);
      if (g_str_equal (user, request->user))
        query_cross_signing (request, user, "user_signing", user_signing);
    }
  hs_reply (request, 200,
            hs_object ("device_keys", 'o', devices, "failures", 't', "{}", "master_keys", 'o', master,
                       "self_signing_keys", 'o', self_signing, "user_signing_keys", 'o', user_signing, NULL));
}

/* Takes one key: the oldest one-time key, else the fallback key, which stays. */
static void
claim_one (HsRequest *request, const char *user, const char *device, const char *algorithm, JsonObject *keys)
{
  HsDatabase *db = request->server->db;
  g_autoptr (HsRows) rows = hs_database_query (db,
                                               "DELETE FROM one_time_key WHERE seq = (SELECT min(seq) FROM "
                                               "one_time_key WHERE user = ? AND device = ?"
                                               " AND algorithm = ?) RETURNING id, content",
                                               "sss", user, device, algorithm);

  if (!hs_rows_next (rows))
    {
      g_clear_pointer (&rows, sqlite3_finalize);
      rows = hs_database_query (db,
                                "UPDATE fallback_key SET used = 1 WHERE user = ? AND device = ? AND "
                                "algorithm = ? RETURNING id, content",
                                "sss", user, device, algorithm);
      if (!hs_rows_next (rows))
        return;
    }
  json_object_set_member (keys, hs_rows_text (rows, 0), hs_json_parse (hs_rows_text (rows, 1)));
}

static void
claim (HsRequest *request)
{
  JsonObject *wanted = hs_object_object (request->body, "one_time_keys");
  JsonObject *result = json_object_new ();
  g_autoptr (GList) users = wanted != NULL ? json_object_get_members (wanted) : NULL;

  for (GList *u = users; u != NULL; u = u->next)
    {
      JsonObject *wanted_devices = hs_object_object (wanted, u->data);
      JsonObject *of_user = json_object_new ();
      g_autoptr (GList) devices = wanted_devices != NULL ? json_object_get_members (wanted_devices) : NULL;

      for (GList *d = devices; d != NULL; d = d->next)
        {
          JsonObject *keys = json_object_new ();

          claim_one (request, u->data, d->data, hs_object_string (wanted_devices, d->data), keys);
          if (json_object_get_size (keys) > 0)
            json_object_set_object_member (of_user, d->data, json_object_ref (keys));
          json_object_unref (keys);
        }
      if (json_object_get_size (of_user) > 0)
        json_object_set_object_member (result, u->data, json_object_ref (of_user));
      json_object_unref (of_user);
    }
  hs_reply (request, 200, hs_object ("one_time_keys", 'o', result, "failures", 't', "{}", NULL));
}

static void
changes (HsRequest *request)
{
  const char *from = hs_request_query (request, "from");

  if (from == NULL)
    hs_reply_error (request, 400, "M_MISSING_PARAM", "Missing string query parameter 'from'");
  else if (from[0] != 's')
    hs_reply_error (request, 400, "M_UNKNOWN", "Invalid stream token");
  else
    hs_reply (request, 200,
              hs_device_list_changes (request->server, request->user, strtoll (from + 1, NULL, 10)));
}

const HsRoute hs_key_routes[] = {
  { "POST", "keys/upload", HS_AUTH | HS_BODY, upload },
  { "POST", "keys/query", HS_AUTH | HS_BODY, query },
  { "POST", "keys/claim", HS_AUTH | HS_BODY, claim },
  { "GET", "keys/changes", HS_AUTH, changes },
  { 0 },
};
