/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /keys/device_signing/upload (client-server API, "Cross-signing").
 */

#include <string.h>

#include "hs-accounts.h"
#include "hs-keys.h"
#include "hs-server.h"
#include "hs-persona.h"
#include "hs-uia.h"

static const struct
{
  const char *member, *usage;
} roles[] = {
  { "master_key", "master" },
  { "self_signing_key", "self_signing" },
  { "user_signing_key", "user_signing" },
};

/* The master key is the first of them. */
#define MASTER 0

static gboolean
has_usage (JsonObject *key, const char *usage)
{
  JsonArray *list = hs_object_array (key, "usage");

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    if (g_strcmp0 (json_array_get_string_element (list, i), usage) == 0)
      return TRUE;
  return FALSE;
}

/* FALSE: answered. @master may be @key itself. */
static gboolean
check_key (HsRequest *request, guint role, JsonObject *key, JsonObject *master)
{
  const char *key_id, *public_key, *master_id, *master_public;
  guint8 bytes[32];

  if (g_strcmp0 (hs_object_string (key, "user_id"), request->user) != 0 || !has_usage (key, roles[role].usage)
      || !hs_cross_signing_public (key, &key_id, &public_key) || !hs_key_decode (public_key, bytes))
    {
      hs_reply_error (request, 400, "M_INVALID_PARAM", "Invalid %s key", roles[role].usage);
      return FALSE;
    }
  if (role == MASTER)
    return TRUE;
  if (hs_cross_signing_public (master, &master_id, &master_public)
      && hs_json_is_signed (key, request->user, master_id, master_public))
    return TRUE;
  hs_reply_error (request, 400, "M_INVALID_SIGNATURE", "Invalid signature on %s key", roles[role].usage);
  return FALSE;
}

static char *
stored_key (HsRequest *request, guint role)
{
  return hs_database_text (request->server->db,
                           "SELECT content FROM cross_signing_key WHERE user = ? AND usage = ?", "ss",
                           request->user, roles[role].usage);
}

/* Members in any order, so canonical texts are compared, signatures and all. */
static gboolean
is_same (const char *stored, JsonObject *key)
{
  g_autoptr (JsonObject) old = stored != NULL ? hs_json_parse_object (stored) : NULL;
  g_autoptr (JsonObject) old_wrap = NULL;
  g_autoptr (JsonObject) new_wrap = NULL;
  g_autofree char *old_text = NULL;
  g_autofree char *new_text = NULL;

  if (old == NULL)
    return FALSE;
  old_wrap = hs_object ("key", 'o', json_object_ref (old), NULL);
  new_wrap = hs_object ("key", 'o', json_object_ref (key), NULL);
  old_text = hs_json_canonical (old_wrap);
  new_text = hs_json_canonical (new_wrap);
  return g_str_equal (old_text, new_text);
}

static gboolean
differs (HsRequest *request)
{
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      g_autofree char *stored = stored_key (request, i);
      JsonObject *key = hs_object_object (request->body, roles[i].member);

      if (json_object_has_member (request->body, roles[i].member) && (key == NULL || !is_same (stored, key)))
        return TRUE;
    }
  return FALSE;
}

/* TRUE: all keys in the body are good. */
static gboolean
check_keys (HsRequest *request)
{
  g_autofree char *stored = stored_key (request, MASTER);
  g_autoptr (JsonObject) master = NULL;

  if (json_object_has_member (request->body, roles[MASTER].member))
    {
      JsonObject *sent = hs_object_object (request->body, roles[MASTER].member);

      if (!check_key (request, MASTER, sent, sent))
        return FALSE;
      master = json_object_ref (sent);
    }
  else if (stored != NULL)
    master = hs_json_parse_object (stored);
  if (master == NULL)
    {
      hs_reply_error (request, 400, "M_MISSING_PARAM", "No master key available");
      return FALSE;
    }
  for (guint i = MASTER + 1; i < G_N_ELEMENTS (roles); i++)
    if (json_object_has_member (request->body, roles[i].member)
        && !check_key (request, i, hs_object_object (request->body, roles[i].member), master))
      return FALSE;
  return TRUE;
}

/* FALSE: answered. Synapse has a fault here: a public key that was stored before
 * cannot be stored again, be it the current master key beside a new self-signing
 * key or one that another has replaced. */
static gboolean
store (HsRequest *request, guint role, JsonObject *key)
{
  g_autofree char *text = hs_json_text (key);
  const char *key_id, *public_key;

  if (!hs_cross_signing_public (key, &key_id, &public_key))
    g_return_val_if_reached (FALSE);
  hs_database_run (request->server->db, "INSERT OR IGNORE INTO used_key VALUES (?, ?)", "ss", request->user,
                   public_key);
  if (hs_database_changes (request->server->db) == 0)
    {
      hs_reply_error (request, 500, "M_UNKNOWN", "Internal server error");
      return FALSE;
    }
  hs_database_run (request->server->db, "INSERT OR REPLACE INTO cross_signing_key VALUES (?, ?, ?)", "sss",
                   request->user, roles[role].usage, text);
  return TRUE;
}

/* No authentication for the first keys, nor for the same keys again (MSC3967). */
static void
upload (HsRequest *request)
{
  g_autofree char *master = stored_key (request, MASTER);

  if (!differs (request))
    {
      hs_reply_ok (request);
      return;
    }
  if ((master != NULL || hs_persona_is (request, "always-authenticates")) && !hs_uia_passed (request))
    return;
  if (!check_keys (request))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      JsonObject *key = hs_object_object (request->body, roles[i].member);

      if (key != NULL && !store (request, i, key))
        return;
    }
  hs_device_list_changed (request->server, request->user);
  hs_reply_ok (request);
}

const HsRoute hs_cross_signing_routes[] = {
  { "POST", "keys/device_signing/upload", HS_AUTH | HS_BODY, upload },
  { 0 },
};
