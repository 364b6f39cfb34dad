/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "hs-uia.h"

#include "hs-accounts.h"

typedef struct
{
  char *id, *method, *path; /* owned; a session is good for one operation */
  gboolean completed;       /* and stays so: it may be used again */
} Session;

static void
session_free (Session *session)
{
  g_free (session->id);
  g_free (session->method);
  g_free (session->path);
  g_free (session);
}

GHashTable *
hs_uia_table_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) session_free);
}

static Session *
session_new (HsRequest *request)
{
  Session *session = g_new0 (Session, 1);

  session->id = hs_random_text ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 24);
  session->method = g_strdup (request->method);
  session->path = g_strdup (request->path);
  g_hash_table_insert (request->server->uia, session->id, session);
  return session;
}

/* @errcode: what was wrong with the stage that was tried, or NULL. */
static void
challenge (HsRequest *request, Session *session, gboolean tried, const char *errcode, const char *message)
{
  JsonObject *answer = hs_object ("session", 's', session->id, "flows", 't',
                                  "[{\"stages\":[\"m.login.password\"]}]", "params", 't', "{}", NULL);

  if (tried)
    json_object_set_array_member (answer, "completed", json_array_new ());
  if (errcode != NULL)
    {
      json_object_set_string_member (answer, "error", message);
      json_object_set_string_member (answer, "errcode", errcode);
    }
  hs_reply (request, 401, answer);
}

/* The session that the request goes on with, a new one if it names none, or
 * NULL: answered. */
static Session *
find_session (HsRequest *request, JsonObject *auth)
{
  const char *id = hs_object_string (auth, "session");
  Session *session;

  if (id == NULL)
    return session_new (request);
  session = g_hash_table_lookup (request->server->uia, id);
  if (session == NULL)
    {
      hs_reply_error (request, 400, "M_UNKNOWN", "Unknown session ID: %s", id);
      return NULL;
    }
  if (!g_str_equal (session->method, request->method) || !g_str_equal (session->path, request->path))
    {
      hs_reply_error (request, 403, "M_UNKNOWN",
                      "Requested operation has changed during the UI authentication session.");
      return NULL;
    }
  return session;
}

/* TRUE: the password is the requester's own. */
static gboolean
try_password (HsRequest *request, Session *session, JsonObject *auth)
{
  JsonObject *identifier = hs_object_object (auth, "identifier");
  const char *name = hs_object_string (identifier != NULL ? identifier : auth, "user");
  const char *password = hs_object_string (auth, "password");
  g_autofree char *user = NULL;

  if (password == NULL || name == NULL)
    {
      hs_reply_error (request, 400, "M_INVALID_PARAM", "Invalid identifier or password");
      return FALSE;
    }
  user = hs_account_full_id (request->server, name);
  if (hs_account_has_password (request->server, user, password) && g_str_equal (user, request->user))
    return TRUE;
  if (hs_account_has_password (request->server, user, password))
    hs_reply_error (request, 403, "M_FORBIDDEN", "Invalid auth");
  else
    challenge (request, session, TRUE, "M_FORBIDDEN", "Invalid username or password");
  return FALSE;
}

gboolean
hs_uia_passed (HsRequest *request)
{
  JsonObject *auth = hs_object_object (request->body, "auth");
  const char *type = hs_object_string (auth, "type");
  Session *session = find_session (request, auth);

  if (session == NULL)
    return FALSE;
  if (session->completed)
    return TRUE;
  if (type == NULL)
    {
      challenge (request, session, auth != NULL, NULL, NULL);
      return FALSE;
    }
  if (!g_str_equal (type, "m.login.password"))
    {
      hs_reply_error (request, 400, "M_INVALID_PARAM", "Unknown login type %s", type);
      return FALSE;
    }
  session->completed = try_password (request, session, auth);
  return session->completed;
}
