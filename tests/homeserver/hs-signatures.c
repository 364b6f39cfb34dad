/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /keys/signatures/upload (client-server API, "Cross-signing"): each key that is
 * signed stands or fails by itself, in an answer that is 200 all the same.
 */

#include <string.h>

#include "hs-accounts.h"
#include "hs-keys.h"
#include "hs-persona.h"
#include "hs-server.h"

typedef struct
{
  HsRequest *request;
  JsonObject *failures; /* owned: user, key, reason */
  GHashTable *changed;  /* owned: users whose keys have a new signature */
} Upload;

typedef struct
{
  guint status;
  const char *errcode, *message;
} Failure;

static const Failure unknown_device = { 404, "M_NOT_FOUND", "404: Unknown device" };
static const Failure no_device_keys = { 404, "M_NOT_FOUND", "404: No device keys found" };
static const Failure no_signing_key = { 404, "M_NOT_FOUND", "404: No cross-signing key found" };
static const Failure bad_signature = { 400, "M_INVALID_SIGNATURE", "400: Invalid signature" };
static const Failure other_key = { 400, "M_UNKNOWN", "400: Key does not match" };

static void
fail (Upload *upload, const char *user, const char *target, const Failure *failure)
{
  JsonObject *of_user = hs_object_object (upload->failures, user);

  if (of_user == NULL)
    {
      of_user = json_object_new ();
      json_object_set_object_member (upload->failures, user, of_user);
    }
  json_object_set_object_member (of_user, target,
                                 hs_object ("status", 'i', (gint64) failure->status, "errcode", 's',
                                            failure->errcode, "message", 's', failure->message, NULL));
}

static const char *
signature_of (JsonObject *key, const char *signer, const char *key_id)
{
  return hs_object_string (hs_object_object (hs_object_object (key, "signatures"), signer), key_id);
}

/* NULL: @sent is @stored with a good signature of the requester's by @key_id. */
static const Failure *
check (Upload *upload, JsonObject *sent, JsonObject *stored, const char *key_id, const char *public_key)
{
  g_autofree char *sent_text = hs_json_canonical (sent);
  g_autofree char *stored_text = hs_json_canonical (stored);

  if (!g_str_equal (sent_text, stored_text))
    return &other_key;
  return hs_json_is_signed (sent, upload->request->user, key_id, public_key) ? NULL : &bad_signature;
}

static void
keep (Upload *upload, const char *user, const char *target, const char *key_id, const char *signature)
{
  hs_database_run (upload->request->server->db, "INSERT OR REPLACE INTO signature VALUES (?, ?, ?, ?, ?)",
                   "sssss", upload->request->user, key_id, user, target, signature);
  g_hash_table_add (upload->changed, g_strdup (user));
}

/* One of the requester's sessions, signed by its self-signing key. */
static const Failure *
sign_device (Upload *upload, const char *device, JsonObject *sent, JsonObject *self_signing)
{
  const char *user = upload->request->user;
  g_autoptr (JsonObject) stored = NULL;
  const char *key_id, *public_key;
  const Failure *failure;

  if (!hs_cross_signing_public (self_signing, &key_id, &public_key))
    return &bad_signature;
  if (signature_of (sent, user, key_id) == NULL)
    return &bad_signature;
  if ((stored = hs_device_keys (upload->request->server, user, device)) == NULL)
    return &unknown_device;
  if (signature_of (stored, user, key_id) != NULL)
    return NULL;
  failure = check (upload, sent, stored, key_id, public_key);
  if (failure == NULL)
    keep (upload, user, device, key_id, signature_of (sent, user, key_id));
  return failure;
}

/* The requester's master key, signed by its sessions. */
static const Failure *
sign_own_master (Upload *upload, const char *target, JsonObject *sent, JsonObject *master)
{
  const char *user = upload->request->user;
  JsonObject *signatures = hs_object_object (hs_object_object (sent, "signatures"), user);
  g_autoptr (GList) key_ids = json_object_get_members (signatures);

  for (GList *l = key_ids; l != NULL; l = l->next)
    {
      const char *device = strchr (l->data, ':');
      g_autoptr (JsonObject) keys =
          device != NULL ? hs_device_keys (upload->request->server, user, device + 1) : NULL;
      const char *public_key = hs_object_string (hs_object_object (keys, "keys"), l->data);
      const Failure *failure;

      if (public_key == NULL)
        return &bad_signature;
      if ((failure = check (upload, sent, master, l->data, public_key)) != NULL)
        return failure;
      if (!hs_persona_is (upload->request, "forgets-master-signatures"))
        keep (upload, user, target, l->data, hs_object_string (signatures, l->data));
    }
  return NULL;
}

static const Failure *
sign_own (Upload *upload, const char *target, JsonObject *sent, JsonObject *master, JsonObject *self_signing)
{
  const char *user = upload->request->user;
  const char *key_id, *public_key;

  if (self_signing == NULL || master == NULL)
    return &no_signing_key;
  if (hs_database_int (upload->request->server->db, "SELECT count(*) FROM device_keys WHERE user = ?", "s",
                       user)
      == 0)
    return &no_device_keys;
  if (hs_object_object (hs_object_object (sent, "signatures"), user) == NULL)
    return &bad_signature;
  if (hs_cross_signing_public (master, &key_id, &public_key) && g_str_equal (target, public_key))
    return sign_own_master (upload, target, sent, master);
  return sign_device (upload, target, sent, self_signing);
}

/* Another account's master key, signed by the requester's user-signing key. */
static const Failure *
sign_other (Upload *upload, const char *user, const char *target, JsonObject *sent)
{
  HsServer *server = upload->request->server;
  const char *own = upload->request->user;
  g_autoptr (JsonObject) signing = hs_cross_signing_key (server, own, "user_signing", own);
  g_autoptr (JsonObject) master = hs_cross_signing_key (server, user, "master", own);
  const char *key_id, *public_key, *master_id, *master_public;
  const Failure *failure;

  if (signing == NULL || master == NULL || !hs_cross_signing_public (signing, &key_id, &public_key)
      || !hs_cross_signing_public (master, &master_id, &master_public))
    return &no_signing_key;
  if (!g_str_equal (target, master_public))
    return &unknown_device;
  if (signature_of (master, own, key_id) != NULL)
    return NULL;
  failure = check (upload, sent, master, key_id, public_key);
  if (failure == NULL)
    keep (upload, user, target, key_id, signature_of (sent, own, key_id));
  return failure;
}

static void
sign_keys_of (Upload *upload, const char *user, JsonObject *keys)
{
  HsServer *server = upload->request->server;
  g_autoptr (JsonObject) master = hs_cross_signing_key (server, user, "master", user);
  g_autoptr (JsonObject) self_signing = hs_cross_signing_key (server, user, "self_signing", user);
  g_autoptr (GList) targets = json_object_get_members (keys);

  for (GList *l = targets; l != NULL; l = l->next)
    {
      JsonObject *sent = hs_object_object (keys, l->data);
      const Failure *failure;

      if (g_str_equal (user, upload->request->user))
        failure = sign_own (upload, l->data, sent, master, self_signing);
      else
        failure = sign_other (upload, user, l->data, sent);
      if (failure != NULL)
        fail (upload, user, l->data, failure);
    }
}

/* TRUE: objects of objects, all the way down to the keys. */
static gboolean
is_well_formed (JsonObject *body)
{
  g_autoptr (GList) users = json_object_get_members (body);

  for (GList *u = users; u != NULL; u = u->next)
    {
      JsonObject *keys = hs_object_object (body, u->data);
      g_autoptr (GList) targets = keys != NULL ? json_object_get_members (keys) : NULL;

      if (keys == NULL)
        return FALSE;
      for (GList *t = targets; t != NULL; t = t->next)
        if (hs_object_object (keys, t->data) == NULL)
          return FALSE;
    }
  return TRUE;
}

static void
upload_signatures (HsRequest *request)
{
  Upload upload = { .request = request };
  g_autoptr (GList) users = NULL;
  GHashTableIter changed;
  gpointer user;

  if (!is_well_formed (request->body))
    {
      hs_reply_error (request, 400, "M_INVALID_PARAM", "Invalid parameter");
      return;
    }
  upload.failures = json_object_new ();
  upload.changed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  users = json_object_get_members (request->body);
  for (GList *l = users; l != NULL; l = l->next)
    sign_keys_of (&upload, l->data, hs_object_object (request->body, l->data));
  g_hash_table_iter_init (&changed, upload.changed);
  while (g_hash_table_iter_next (&changed, &user, NULL))
    hs_device_list_changed (request->server, user);
  g_hash_table_unref (upload.changed);
  hs_reply (request, 200, hs_object ("failures", 'o', upload.failures, NULL));
}

const HsRoute hs_signature_routes[] = {
  { "POST", "keys/signatures/upload", HS_AUTH | HS_BODY, upload_signatures },
  { 0 },
};
