/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /room_keys/version (client-server API, "Server-side key backups").
 */

#include <stdlib.h>

#include "hs-backup.h"

gint64
hs_backup_find (HsServer *server, const char *user, const char *text)
{
  g_autofree char *number = hs_database_text (server->db,
                                              "SELECT version FROM backup WHERE user = ? AND CAST (version "
                                              "AS TEXT) = ? AND NOT deleted",
                                              "ss", user, text);

  return number != NULL ? strtoll (number, NULL, 10) : 0;
}

gint64
hs_backup_current (HsServer *server, const char *user)
{
  return hs_database_int (server->db, "SELECT max(version) FROM backup WHERE user = ? AND NOT deleted", "s",
                          user);
}

gint64
hs_backup_count (HsServer *server, const char *user, gint64 version)
{
  return hs_database_int (server->db, "SELECT count(*) FROM backup_session WHERE user = ? AND version = ?",
                          "si", user, version);
}

char *
hs_backup_etag (HsServer *server, const char *user, gint64 version)
{
  return hs_database_text (server->db, "SELECT etag FROM backup WHERE user = ? AND version = ?", "si", user,
                           version);
}

static void
create (HsRequest *request)
{
  const char *algorithm = hs_object_string (request->body, "algorithm");
  JsonNode *auth_data = json_object_get_member (request->body, "auth_data");
  g_autofree char *text = NULL;
  g_autofree char *version = NULL;

  if (algorithm == NULL || auth_data == NULL)
    {
      /* A fault of Synapse's own. */
      hs_reply_error (request, 500, "M_UNKNOWN", "Internal server error");
      return;
    }
  text = hs_json_node_text (auth_data);
  version = hs_database_text (request->server->db,
                              "INSERT INTO backup (user, version, algorithm, auth_data) SELECT ?1,"
                              " coalesce(max(version), 0) + 1, ?2, ?3 FROM backup WHERE user = ?1 RETURNING "
                              "version",
                              "sss", request->user, algorithm, text);
  hs_reply (request, 200, hs_object ("version", 's', version, NULL));
}

static void
describe (HsRequest *request, gint64 version)
{
  g_autoptr (HsRows) rows = NULL;

  if (version == 0)
    {
      hs_reply_error (request, 404, "M_NOT_FOUND", "No backup found");
      return;
    }
  rows = hs_database_query (request->server->db,
                            "SELECT auth_data, version, algorithm, etag FROM backup WHERE user = ? AND "
                            "version = ?",
                            "si", request->user, version);
  hs_rows_next (rows);
  hs_reply (request, 200,
            hs_object ("auth_data", 't', hs_rows_text (rows, 0), "version", 's', hs_rows_text (rows, 1),
                       "algorithm", 's', hs_rows_text (rows, 2), "etag", 's', hs_rows_text (rows, 3), "count",
                       'i', hs_backup_count (request->server, request->user, version), NULL));
}

static void
get_current (HsRequest *request)
{
  describe (request, hs_backup_current (request->server, request->user));
}

static void
get (HsRequest *request)
{
  describe (request, hs_backup_find (request->server, request->user, request->params[0]));
}

static void
update (HsRequest *request)
{
  gint64 version = hs_backup_find (request->server, request->user, request->params[0]);
  const char *in_body = hs_object_string (request->body, "version");
  const char *algorithm = hs_object_string (request->body, "algorithm");
  JsonNode *auth_data = json_object_get_member (request->body, "auth_data");
  g_autofree char *old = NULL;
  g_autofree char *text = NULL;

  if (in_body != NULL && !g_str_equal (in_body, request->params[0]))
    {
      hs_reply_error (request, 400, "M_INVALID_PARAM", "Version in body does not match");
      return;
    }
  if (version == 0)
    {
      hs_reply_error (request, 404, "M_NOT_FOUND", "Unknown backup version");
      return;
    }
  if (algorithm == NULL)
    {
      hs_reply_error (request, 500, "M_UNKNOWN", "Internal server error");
      return;
    }
  old = hs_database_text (request->server->db, "SELECT algorithm FROM backup WHERE user = ? AND version = ?",
                          "si", request->user, version);
  if (!g_str_equal (old, algorithm))
    {
      hs_reply_error (request, 400, "M_INVALID_PARAM", "Algorithm does not match");
      return;
    }
  text = auth_data != NULL ? hs_json_node_text (auth_data) : NULL;
  hs_database_run (request->server->db,
                   "UPDATE backup SET auth_data = coalesce(?, auth_data) WHERE user = ? AND version = ?",
                   "ssi", text, request->user, version);
  hs_reply_ok (request);
}

/* Deleting the current version makes the one before it current again. A version
 * that once was may be deleted any number of times. */
static void delete (HsRequest *request)
{
  const char *const statements[] = {
    "UPDATE backup SET deleted = 1 WHERE user = ? AND CAST (version AS TEXT) = ?",
    "DELETE FROM backup_session WHERE user = ? AND CAST (version AS TEXT) = ?",
  };

  if (hs_database_int (request->server->db,
                       "SELECT count(*) FROM backup WHERE user = ? AND CAST (version AS TEXT) = ?", "ss",
                       request->user, request->params[0])
      == 0)
    {
      hs_reply_error (request, 404, "M_NOT_FOUND", "Unknown backup version");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    hs_database_run (request->server->db, statements[i], "ss", request->user, request->params[0]);
  hs_reply_ok (request);
}

const HsRoute hs_backup_version_routes[] = {
  { "POST", "room_keys/version", HS_AUTH | HS_BODY, create },
  { "GET", "room_keys/version", HS_AUTH, get_current },
  { "GET", "room_keys/version/{}", HS_AUTH, get },
  { "PUT", "room_keys/version/{}", HS_AUTH | HS_BODY, update },
  { "DELETE", "room_keys/version/{}", HS_AUTH, delete },
  { 0 },
};
