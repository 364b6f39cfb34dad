/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-statement.h"

#include <string.h>

#include "crypto/ks-seal.h"
#include "store/ks-connection.h"

/* Before every sealed value: the schema's CHECKs look for it. */
static const guint8 seal_prefix[] = { 'K', 's', 'S', '1' };
#define SEAL_PREFIX_SIZE sizeof seal_prefix

struct KsStatement
{
  KsConnection *connection; /* borrowed */
  sqlite3_stmt *statement;  /* owned; goes back to the connection's cache */
  const char *sql;          /* borrowed: only where it stood, it may be gone */
  GError *binding;          /* owned: the first thing that went wrong while binding */
};

KsStatement *
ks_transaction_prepare (KsTransaction *self, const char *sql, GError **error)
{
  KsConnection *connection = self->connection;
  sqlite3_stmt *statement = NULL;
  KsStatement *result;
  int code;

  /* By where it stands, for a hash of its text costs as much as the statement; another text may
   * have come to stand there. */
  if (g_hash_table_steal_extended (connection->idle, sql, NULL, (gpointer *) &statement)
      && !g_str_equal (sqlite3_sql (statement), sql))
    g_clear_pointer (&statement, sqlite3_finalize);
  if (statement == NULL)
    {
      code = sqlite3_prepare_v3 (connection->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
      if (code != SQLITE_OK || statement == NULL)
        {
          ks_connection_set_error (connection, code, "SQL", error);
          return NULL;
        }
    }
  result = g_new0 (KsStatement, 1);
  result->connection = connection;
  result->statement = statement;
  result->sql = sql;
  return result;
}

gint64
ks_transaction_get_changes (KsTransaction *self)
{
  return sqlite3_changes64 (self->connection->handle);
}

gint64
ks_transaction_get_last_id (KsTransaction *self)
{
  return sqlite3_last_insert_rowid (self->connection->handle);
}

static void
rewind_statement (KsStatement *self)
{
  sqlite3_reset (self->statement);
  sqlite3_clear_bindings (self->statement);
  g_clear_error (&self->binding);
}

void
ks_statement_free (KsStatement *statement)
{
  if (statement == NULL)
    return;
  rewind_statement (statement);
  /* In the place of another of the same text, if there is one: two were in use at a time. */
  g_hash_table_replace (statement->connection->idle, (gpointer) statement->sql, statement->statement);
  g_free (statement);
}

static void
refuse_binding (KsStatement *self, KsStoreErrorCode code, const char *parameter, const char *why)
{
  if (self->binding == NULL)
    self->binding = g_error_new (KS_STORE_ERROR, code, "%s: %s", parameter, why);
}

/* The number of @parameter, or 0 with the error noted. */
static int
find_parameter (KsStatement *self, const char *parameter, gboolean sealed)
{
  int index = sqlite3_bind_parameter_index (self->statement, parameter);

  if (index == 0)
    refuse_binding (self, KS_STORE_ERROR_FAILED, parameter, "the statement has no such parameter");
  else if (g_str_has_suffix (parameter, "_sealed") == sealed)
    return index;
  else
    refuse_binding (self, KS_STORE_ERROR_FAILED, parameter,
                    sealed ? "is not a parameter for sealed values" : "takes nothing but sealed values");
  return 0;
}

static void
note_binding (KsStatement *self, const char *parameter, int code)
{
  if (code != SQLITE_OK)
    refuse_binding (self, KS_STORE_ERROR_FAILED, parameter, sqlite3_errstr (code));
}

void
ks_statement_bind_int64 (KsStatement *self, const char *parameter, gint64 value)
{
  int index = find_parameter (self, parameter, FALSE);

  if (index > 0)
    note_binding (self, parameter, sqlite3_bind_int64 (self->statement, index, value));
}

void
ks_statement_bind_text (KsStatement *self, const char *parameter, const char *text)
{
  int index = find_parameter (self, parameter, FALSE);

  if (index > 0)
    note_binding (self, parameter, sqlite3_bind_text (self->statement, index, text, -1, SQLITE_TRANSIENT));
}

void
ks_statement_bind_blob (KsStatement *self, const char *parameter, const void *bytes, gsize size)
{
  int index = find_parameter (self, parameter, FALSE);

  if (index > 0)
    note_binding (self, parameter,
                  sqlite3_bind_blob64 (self->statement, index, bytes, size, SQLITE_TRANSIENT));
}

static void
append_part (GByteArray *context, const char *part)
{
  guint32 size = GUINT32_TO_BE ((guint32) strlen (part));

  g_byte_array_append (context, (const guint8 *) &size, sizeof size);
  g_byte_array_append (context, (const guint8 *) part, (guint) strlen (part));
}

/* Each part with its length before it: two places never make the same bytes. */
static GByteArray *
seal_context (const KsSealPlace *place)
{
  GByteArray *context = g_byte_array_sized_new (256);

  append_part (context, "keepsake store 1");
  append_part (context, place->table);
  append_part (context, place->column);
  for (int i = 0; i < KS_SEAL_PLACE_MAX_KEYS && place->keys[i] != NULL; i++)
    append_part (context, place->keys[i]);
  return context;
}

void
ks_statement_bind_sealed_under (KsStatement *self,
                                const char *parameter,
                                const KsSecret *key,
                                const KsSealPlace *place,
                                const void *bytes,
                                gsize size)
{
  int index = find_parameter (self, parameter, TRUE);
  g_autoptr (GByteArray) context = NULL;
  g_autofree guint8 *sealed = NULL;

  if (index == 0)
    return;
  context = seal_context (place);
  sealed = g_malloc (SEAL_PREFIX_SIZE + size + KS_SEAL_OVERHEAD);
  memcpy (sealed, seal_prefix, SEAL_PREFIX_SIZE);
  if (!ks_seal (key, context->data, context->len, bytes, size, sealed + SEAL_PREFIX_SIZE))
    refuse_binding (self, KS_STORE_ERROR_FAILED, parameter, "sealing failed");
  else
    note_binding (self, parameter,
                  sqlite3_bind_blob64 (self->statement, index, sealed,
                                       SEAL_PREFIX_SIZE + size + KS_SEAL_OVERHEAD, SQLITE_TRANSIENT));
}

void
ks_statement_bind_sealed (
    KsStatement *self, const char *parameter, const KsSealPlace *place, const void *bytes, gsize size)
{
  const KsSecret *key = self->connection->store_key;

  if (key == NULL)
    refuse_binding (self, KS_STORE_ERROR_LOCKED, parameter, "the store key is not at hand");
  else
    ks_statement_bind_sealed_under (self, parameter, key, place, bytes, size);
}

KsStatementResult
ks_statement_step (KsStatement *self, GError **error)
{
  int code;

  if (self->binding != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->binding));
      return KS_STATEMENT_FAILED;
    }
  code = sqlite3_step (self->statement);
  if (code == SQLITE_ROW)
    return KS_STATEMENT_ROW;
  if (code == SQLITE_DONE)
    return KS_STATEMENT_DONE;
  ks_connection_set_error (self->connection, code, "SQL", error);
  return KS_STATEMENT_FAILED;
}

gboolean
ks_statement_execute (KsStatement *self, GError **error)
{
  KsStatementResult result;

  do
    result = ks_statement_step (self, error);
  while (result == KS_STATEMENT_ROW);
  rewind_statement (self);
  return result == KS_STATEMENT_DONE;
}

gint64
ks_statement_get_int64 (KsStatement *self, int column)
{
  if (sqlite3_column_type (self->statement, column) != SQLITE_INTEGER)
    return 0;
  return sqlite3_column_int64 (self->statement, column);
}

const char *
ks_statement_get_text (KsStatement *self, int column)
{
  if (sqlite3_column_type (self->statement, column) != SQLITE_TEXT)
    return NULL;
  return (const char *) sqlite3_column_text (self->statement, column);
}

const void *
ks_statement_get_blob (KsStatement *self, int column, gsize *size)
{
  *size = 0;
  if (sqlite3_column_type (self->statement, column) != SQLITE_BLOB)
    return NULL;
  *size = (gsize) sqlite3_column_bytes (self->statement, column);
  return sqlite3_column_blob (self->statement, column);
}

/* The sealed text in @column and how many bytes it holds once open. */
static const guint8 *
find_sealed (KsStatement *self, int column, gsize *size, GError **error)
{
  gsize stored;
  const guint8 *bytes = ks_statement_get_blob (self, column, &stored);

  if (stored >= SEAL_PREFIX_SIZE + KS_SEAL_OVERHEAD && memcmp (bytes, seal_prefix, SEAL_PREFIX_SIZE) == 0)
    {
      *size = stored - SEAL_PREFIX_SIZE - KS_SEAL_OVERHEAD;
      return bytes + SEAL_PREFIX_SIZE;
    }
  g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED, "%s: not a sealed value",
               sqlite3_column_name (self->statement, column));
  return NULL;
}

static gboolean
unseal (const KsSecret *key, const KsSealPlace *place, const guint8 *sealed, gsize size, guint8 *plain)
{
  g_autoptr (GByteArray) context = seal_context (place);

  return ks_unseal (key, context->data, context->len, sealed, size + KS_SEAL_OVERHEAD, plain);
}

static const KsSecret *
need_store_key (KsStatement *self, GError **error)
{
  if (self->connection->store_key == NULL)
    g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED, "the store key is not at hand");
  return self->connection->store_key;
}

KsSecret *
ks_statement_get_sealed_under (
    KsStatement *self, int column, const KsSecret *key, const KsSealPlace *place, GError **error)
{
  gsize size;
  const guint8 *sealed = find_sealed (self, column, &size, error);
  g_autoptr (KsSecret) secret = NULL;

  if (sealed == NULL)
    return NULL;
  secret = ks_secret_new (size);
  if (unseal (key, place, sealed, size, ks_secret_writable (secret)))
    return g_steal_pointer (&secret);
  g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY, "%s.%s: the key does not fit", place->table,
               place->column);
  return NULL;
}

static void
set_damaged (const KsSealPlace *place, GError **error)
{
  g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED, "%s.%s: the sealed value does not open",
               place->table, place->column);
}

KsSecret *
ks_statement_get_sealed (KsStatement *self, int column, const KsSealPlace *place, GError **error)
{
  const KsSecret *key = need_store_key (self, error);
  g_autoptr (GError) local = NULL;
  KsSecret *secret;

  if (key == NULL)
    return NULL;
  secret = ks_statement_get_sealed_under (self, column, key, place, &local);
  if (secret == NULL)
    set_damaged (place, error);
  return secret;
}

guint8 *
ks_statement_get_sealed_bytes (
    KsStatement *self, int column, const KsSealPlace *place, gsize *size, GError **error)
{
  const KsSecret *key = need_store_key (self, error);
  const guint8 *sealed = key == NULL ? NULL : find_sealed (self, column, size, error);
  g_autofree guint8 *plain = NULL;

  if (sealed == NULL)
    return NULL;
  plain = g_malloc (MAX (*size, 1));
  if (unseal (key, place, sealed, *size, plain))
    return g_steal_pointer (&plain);
  set_damaged (place, error);
  return NULL;
}
