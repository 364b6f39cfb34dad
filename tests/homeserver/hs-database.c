/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "hs-database.h"

#include <gio/gio.h>
#include <stdarg.h>

/* "stream" columns hold numbers of hs_database_next_stream(). JSON is kept as
 * text. A backup version stays as a row when it is deleted, because its number
 * is never used again. */
static const char schema[] =
    "CREATE TABLE IF NOT EXISTS stream (last INTEGER NOT NULL);"
    "INSERT INTO stream SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM stream);"
    "CREATE TABLE IF NOT EXISTS account (user TEXT PRIMARY KEY, password TEXT NOT NULL,"
    " displayname TEXT, avatar TEXT, admin INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE IF NOT EXISTS device (user TEXT, device TEXT, name TEXT, seen INTEGER,"
    " PRIMARY KEY (user, device));"
    "CREATE TABLE IF NOT EXISTS token (token TEXT PRIMARY KEY, user TEXT NOT NULL, device TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS account_data (user TEXT, room TEXT, type TEXT, content TEXT NOT NULL,"
    " stream INTEGER NOT NULL, PRIMARY KEY (user, room, type));"
    "CREATE TABLE IF NOT EXISTS filter (id INTEGER PRIMARY KEY, user TEXT NOT NULL, content TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS txn (user TEXT, device TEXT, path TEXT, answer TEXT NOT NULL,"
    " PRIMARY KEY (user, device, path));"
    "CREATE TABLE IF NOT EXISTS device_keys (user TEXT, device TEXT, content TEXT NOT NULL,"
    " PRIMARY KEY (user, device));"
    "CREATE TABLE IF NOT EXISTS one_time_key (seq INTEGER PRIMARY KEY, user TEXT, device TEXT,"
    " algorithm TEXT NOT NULL, id TEXT NOT NULL, content TEXT NOT NULL, UNIQUE (user, device, id));"
    "CREATE TABLE IF NOT EXISTS fallback_key (user TEXT, device TEXT, algorithm TEXT, id TEXT NOT NULL,"
    " content TEXT NOT NULL, used INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (user, device, algorithm));"
    "CREATE TABLE IF NOT EXISTS cross_signing_key (user TEXT, usage TEXT, content TEXT NOT NULL,"
    " PRIMARY KEY (user, usage));"
    "CREATE TABLE IF NOT EXISTS used_key (user TEXT, key TEXT, PRIMARY KEY (user, key));"
    "CREATE TABLE IF NOT EXISTS signature (signer TEXT, key TEXT, user TEXT, target TEXT,"
    " signature TEXT NOT NULL, PRIMARY KEY (signer, key, user, target));"
    "CREATE TABLE IF NOT EXISTS device_list (user TEXT PRIMARY KEY, stream INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS to_device (stream INTEGER PRIMARY KEY, user TEXT NOT NULL,"
    " device TEXT NOT NULL, content TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS to_device_of ON to_device (user, device);"
    "CREATE TABLE IF NOT EXISTS backup (user TEXT, version INTEGER, algorithm TEXT NOT NULL,"
    " auth_data TEXT NOT NULL, etag INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY (user, version));"
    "CREATE TABLE IF NOT EXISTS backup_session (user TEXT, version INTEGER, room TEXT, session TEXT,"
    " first_message_index INTEGER NOT NULL, forwarded_count INTEGER NOT NULL, is_verified INTEGER NOT NULL,"
    " session_data TEXT NOT NULL, PRIMARY KEY (user, version, room, session)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS room (room TEXT PRIMARY KEY, version TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS event (stream INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL,"
    " room TEXT NOT NULL, type TEXT NOT NULL, state_key TEXT, sender TEXT NOT NULL, ts INTEGER NOT NULL,"
    " content TEXT NOT NULL, device TEXT, txn TEXT);"
    "CREATE INDEX IF NOT EXISTS event_in ON event (room, stream);"
    "CREATE TABLE IF NOT EXISTS redaction (id TEXT PRIMARY KEY, stream INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS state (room TEXT, type TEXT, state_key TEXT, stream INTEGER NOT NULL,"
    " PRIMARY KEY (room, type, state_key));"
    "CREATE TABLE IF NOT EXISTS member (room TEXT, user TEXT, membership TEXT NOT NULL,"
    " stream INTEGER NOT NULL, PRIMARY KEY (room, user));"
    "CREATE INDEX IF NOT EXISTS member_of ON member (user);"
    "CREATE TABLE IF NOT EXISTS media (id TEXT PRIMARY KEY, type TEXT NOT NULL, name TEXT,"
    " content BLOB NOT NULL);";

HsDatabase *
hs_database_new (const char *file, GError **error)
{
  g_autoptr (HsDatabase) self = NULL;

  /* What a crash of the machine may lose is of no interest to a test server. */
  if (sqlite3_open (file != NULL ? file : ":memory:", &self) == SQLITE_OK
      && sqlite3_exec (self, "PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL;", NULL, NULL, NULL)
             == SQLITE_OK
      && sqlite3_exec (self, schema, NULL, NULL, NULL) == SQLITE_OK)
    return g_steal_pointer (&self);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", file != NULL ? file : "memory",
               self != NULL ? sqlite3_errmsg (self) : "out of memory");
  return NULL;
}

static HsRows *
prepare (HsDatabase *self, const char *sql, const char *types, va_list values)
{
  HsRows *rows = NULL;

  if (sqlite3_prepare_v2 (self, sql, -1, &rows, NULL) != SQLITE_OK)
    g_error ("%s: %s", sqlite3_errmsg (self), sql);
  for (int i = 0; types[i] != '\0'; i++)
    {
      int status;

      if (types[i] == 'i')
        status = sqlite3_bind_int64 (rows, i + 1, va_arg (values, gint64));
      else
        status = sqlite3_bind_text (rows, i + 1, va_arg (values, const char *), -1, SQLITE_TRANSIENT);
      if (status != SQLITE_OK)
        g_error ("%s: %s", sqlite3_errmsg (self), sql);
    }
  return rows;
}

gboolean
hs_rows_next (HsRows *rows)
{
  int status = sqlite3_step (rows);

  if (status != SQLITE_ROW && status != SQLITE_DONE)
    g_error ("%s: %s", sqlite3_errmsg (sqlite3_db_handle (rows)), sqlite3_sql (rows));
  return status == SQLITE_ROW;
}

const char *
hs_rows_text (HsRows *rows, int column)
{
  return (const char *) sqlite3_column_text (rows, column);
}

gint64
hs_rows_int (HsRows *rows, int column)
{
  return sqlite3_column_int64 (rows, column);
}

void
hs_database_run (HsDatabase *self, const char *sql, const char *types, ...)
{
  g_autoptr (HsRows) rows = NULL;
  va_list values;

  va_start (values, types);
  rows = prepare (self, sql, types, values);
  va_end (values);
  while (hs_rows_next (rows))
    ;
}

char *
hs_database_text (HsDatabase *self, const char *sql, const char *types, ...)
{
  g_autoptr (HsRows) rows = NULL;
  va_list values;

  va_start (values, types);
  rows = prepare (self, sql, types, values);
  va_end (values);
  return hs_rows_next (rows) ? g_strdup (hs_rows_text (rows, 0)) : NULL;
}

gint64
hs_database_int (HsDatabase *self, const char *sql, const char *types, ...)
{
  g_autoptr (HsRows) rows = NULL;
  va_list values;

  va_start (values, types);
  rows = prepare (self, sql, types, values);
  va_end (values);
  return hs_rows_next (rows) ? hs_rows_int (rows, 0) : 0;
}

HsRows *
hs_database_query (HsDatabase *self, const char *sql, const char *types, ...)
{
  HsRows *rows;
  va_list values;

  va_start (values, types);
  rows = prepare (self, sql, types, values);
  va_end (values);
  return rows;
}

gint64
hs_database_changes (HsDatabase *self)
{
  return sqlite3_changes (self);
}

gint64
hs_database_next_stream (HsDatabase *self)
{
  return hs_database_int (self, "UPDATE stream SET last = last + 1 RETURNING last", "");
}

gint64
hs_database_last_stream (HsDatabase *self)
{
  return hs_database_int (self, "SELECT last FROM stream", "");
}
