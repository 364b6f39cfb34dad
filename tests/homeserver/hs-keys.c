/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "hs-keys.h"

#include <string.h>

static JsonObject *
need_object (JsonObject *object, const char *key)
{
  if (hs_object_object (object, key) == NULL)
    json_object_set_object_member (object, key, json_object_new ());
  return hs_object_object (object, key);
}

static void
add_signatures (HsServer *server, JsonObject *key, const char *user, const char *target, const char *viewer)
{
  g_autoptr (HsRows) rows = hs_database_query (server->db,
                                               "SELECT signer, key, signature FROM signature WHERE user = ? "
                                               "AND target = ? AND signer IN (?, ?)",
                                               "ssss", user, target, user, viewer);

  while (hs_rows_next (rows))
    {
      JsonObject *signatures = need_object (key, "signatures");

      json_object_set_string_member (need_object (signatures, hs_rows_text (rows, 0)), hs_rows_text (rows, 1),
                                     hs_rows_text (rows, 2));
    }
}

JsonObject *
hs_device_keys (HsServer *server, const char *user, const char *device)
{
  g_autofree char *text =
      hs_database_text (server->db, "SELECT content FROM device_keys WHERE user = ? AND device = ?", "ss",
                        user, device);
  g_autofree char *name = NULL;
  JsonObject *keys;

  if (text == NULL)
    return NULL;
  keys = hs_json_parse_object (text);
  add_signatures (server, keys, user, device, user);
  name = hs_database_text (server->db, "SELECT name FROM device WHERE user = ? AND device = ?", "ss", user,
                           device);
  json_object_set_object_member (keys, "unsigned", hs_object ("device_display_name", 's', name, NULL));
  return keys;
}

gboolean
hs_cross_signing_public (JsonObject *key, const char **key_id, const char **public_key)
{
  JsonObject *keys = hs_object_object (key, "keys");
  g_autoptr (GList) names = keys != NULL ? json_object_get_members (keys) : NULL;

  if (names == NULL || names->next != NULL || !g_str_has_prefix (names->data, "ed25519:"))
    return FALSE;
  *key_id = names->data;
  *public_key = hs_object_string (keys, names->data);
  return *public_key != NULL;
}

JsonObject *
hs_cross_signing_key (HsServer *server, const char *user, const char *usage, const char *viewer)
{
  g_autofree char *text =
      hs_database_text (server->db, "SELECT content FROM cross_signing_key WHERE user = ? AND usage = ?",
                        "ss", user, usage);
  const char *key_id, *public_key;
  JsonObject *key;

  if (text == NULL)
    return NULL;
  key = hs_json_parse_object (text);
  if (hs_cross_signing_public (key, &key_id, &public_key))
    add_signatures (server, key, user, key_id + strlen ("ed25519:"), viewer);
  return key;
}
