/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-connection.h"

#include <errno.h>
#include <unistd.h>

#include "store/ks-schema.h"

#define BUSY_TIMEOUT_MS 5000

/* For the indexes of 100,000 room keys, whose rows come in no order, in KiB below zero; and the
 * pages that the log may grow to, so that one that many transactions change is not written to the
 * database after each. */
#define CACHE_SIZE "-8192"
#define CHECKPOINT_PAGES "4000"

static void
finalize_statement (gpointer statement)
{
  sqlite3_finalize (statement);
}

/* Of a failed write. A limit of this user's or of this process's is a full disk too. */
static gboolean
is_full (int number)
{
  return number == ENOSPC || number == EDQUOT || number == EFBIG;
}

static KsStoreErrorCode
error_code (KsConnection *connection, int code)
{
  switch (code & 0xff)
    {
    case SQLITE_FULL:
      return KS_STORE_ERROR_FULL;
    case SQLITE_IOERR:
      return is_full (sqlite3_system_errno (connection->handle)) ? KS_STORE_ERROR_FULL
                                                                 : KS_STORE_ERROR_FAILED;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return KS_STORE_ERROR_DAMAGED;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return KS_STORE_ERROR_HELD;
    case SQLITE_CONSTRAINT:
      if (code == SQLITE_CONSTRAINT_FOREIGNKEY) /* what the row belongs to is gone */
        return KS_STORE_ERROR_NOT_FOUND;
      return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ? KS_STORE_ERROR_EXISTS
                                                                                      : KS_STORE_ERROR_FAILED;
    default:
      return KS_STORE_ERROR_FAILED;
    }
}

void
ks_connection_set_error (KsConnection *connection, int code, const char *what, GError **error)
{
  g_set_error (error, KS_STORE_ERROR, error_code (connection, code), "%s: %s (%d)", what,
               sqlite3_errmsg (connection->handle), code);
}

gboolean
ks_connection_exec (KsConnection *connection, const char *sql, GError **error)
{
  int code = sqlite3_exec (connection->handle, sql, NULL, NULL, NULL);

  if (code == SQLITE_OK)
    return TRUE;
  ks_connection_set_error (connection, code, "SQL", error);
  return FALSE;
}

/* What every connection has, whatever it is for. Nothing here reads the file: that
 * is for whoever wants to know whether it is damaged. */
static gboolean
configure (KsConnection *connection, GError **error)
{
  gboolean salvage = connection->mode == KS_CONNECTION_SALVAGE;

  sqlite3_extended_result_codes (connection->handle, 1);
  sqlite3_busy_timeout (connection->handle, BUSY_TIMEOUT_MS);
  sqlite3_limit (connection->handle, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_db_config (connection->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  sqlite3_db_config (connection->handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
  sqlite3_db_config (connection->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
  sqlite3_db_config (connection->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
  sqlite3_db_config (connection->handle, SQLITE_DBCONFIG_DEFENSIVE, !salvage, NULL);
  sqlite3_db_config (connection->handle, SQLITE_DBCONFIG_WRITABLE_SCHEMA, salvage, NULL);
  ks_connection_set_checkpoint_on_close (connection, connection->mode == KS_CONNECTION_BUILD);

  return ks_connection_exec (connection,
                             "PRAGMA trusted_schema = OFF;"
                             "PRAGMA temp_store = MEMORY;"
                             "PRAGMA cell_size_check = ON;"
                             "PRAGMA foreign_keys = ON;"
                             "PRAGMA secure_delete = ON",
                             error);
}

gboolean
ks_connection_make_durable (KsConnection *connection, GError **error)
{
  return ks_connection_exec (connection,
                             "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                             "PRAGMA wal_autocheckpoint = " CHECKPOINT_PAGES ";"
                             "PRAGMA cache_size = " CACHE_SIZE,
                             error);
}

KsConnection *
ks_connection_open (const char *path, KsConnectionMode mode, GError **error)
{
  g_autoptr (KsConnection) connection = g_new0 (KsConnection, 1);
  int code;

  connection->mode = mode;
  connection->lock_fd = -1;
  connection->idle = g_hash_table_new_full (NULL, NULL, NULL, finalize_statement);
  /* No SQLITE_OPEN_CREATE: SQLite's own file would have whatever mode the umask leaves. */
  code = sqlite3_open_v2 (path, &connection->handle,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX
                              | SQLITE_OPEN_PRIVATECACHE,
                          NULL);
  if (code != SQLITE_OK)
    {
      g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED, "the database cannot be opened: %s (%d)",
                   sqlite3_errstr (code), code);
      return NULL;
    }
  if (!configure (connection, error))
    return NULL;
  if (mode == KS_CONNECTION_READ_ONLY && !ks_connection_exec (connection, "PRAGMA query_only = ON", error))
    return NULL;
  return g_steal_pointer (&connection);
}

void
ks_connection_free (KsConnection *connection)
{
  if (connection == NULL)
    return;
  g_clear_pointer (&connection->idle, g_hash_table_unref);
  sqlite3_close_v2 (connection->handle);
  g_clear_pointer (&connection->store_key, ks_secret_unref);
  if (connection->lock_fd >= 0)
    close (connection->lock_fd);
  g_free (connection);
}

void
ks_connection_set_checkpoint_on_close (KsConnection *connection, gboolean checkpoint)
{
  sqlite3_db_config (connection->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !checkpoint, NULL);
}

gboolean
ks_connection_query_int64 (KsConnection *connection, const char *sql, gint64 *value, GError **error)
{
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2 (connection->handle, sql, -1, &statement, NULL);

  if (code == SQLITE_OK)
    code = sqlite3_step (statement);
  if (code == SQLITE_ROW)
    *value = sqlite3_column_int64 (statement, 0);
  else if (code == SQLITE_DONE)
    g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND, "no row: %s", sql);
  else
    ks_connection_set_error (connection, code, "SQL", error);
  sqlite3_finalize (statement);
  return code == SQLITE_ROW;
}

/* A newer version of the program may have migrated the file while this one runs. */
static gboolean
check_version (KsTransaction *transaction, GError **error)
{
  g_autoptr (KsStatement) statement = ks_transaction_prepare (transaction, "PRAGMA user_version", error);

  if (statement == NULL || ks_statement_step (statement, error) != KS_STATEMENT_ROW)
    return FALSE;
  if (ks_statement_get_int64 (statement, 0) <= ks_schema_version ())
    return TRUE;
  g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_NEWER,
                       "the database was migrated by a newer version of this program");
  return FALSE;
}

gboolean
ks_connection_transact (KsConnection *connection, KsConnectionFunc func, gpointer data, GError **error)
{
  KsTransaction transaction = { .connection = connection };
  gboolean read_only = connection->mode == KS_CONNECTION_READ_ONLY;
  gboolean done;

  if (!ks_connection_exec (connection, read_only ? "BEGIN" : "BEGIN IMMEDIATE", error))
    return FALSE;
  if (connection->store_key != NULL)
    transaction.key_before = ks_secret_ref (connection->store_key);

  done = check_version (&transaction, error) && func (&transaction, data, error)
         && ks_connection_exec (connection, "COMMIT", error);
  if (!done)
    {
      /* SQLite has rolled back by itself after some errors. */
      if (!sqlite3_get_autocommit (connection->handle) && !ks_connection_exec (connection, "ROLLBACK", NULL))
        g_message ("a transaction could not be rolled back: %s", sqlite3_errmsg (connection->handle));
      ks_transaction_set_store_key (&transaction, transaction.key_before);
    }
  ks_secret_unref (transaction.key_before);
  return done;
}

void
ks_transaction_set_store_key (KsTransaction *self, KsSecret *key)
{
  KsSecret *before = self->connection->store_key;

  self->connection->store_key = key == NULL ? NULL : ks_secret_ref (key);
  ks_secret_unref (before);
}
