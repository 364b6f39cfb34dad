/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-salvage-copy.h"

typedef struct
{
  sqlite3_stmt *select; /* owned */
  sqlite3_stmt *insert; /* owned: takes what the other gives, as it is */
} Copy;

static void
copy_clear (Copy *copy)
{
  sqlite3_finalize (copy->select);
  sqlite3_finalize (copy->insert);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Copy, copy_clear)

/* The names of @table's indexes, and of @index's columns, by whichever @sql asks. */
static GPtrArray *
list_names (KsConnection *connection, const char *sql, const char *of)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt *select = NULL;

  if (sqlite3_prepare_v2 (connection->handle, sql, -1, &select, NULL) == SQLITE_OK
      && sqlite3_bind_text (select, 1, of, -1, SQLITE_TRANSIENT) == SQLITE_OK)
    while (sqlite3_step (select) == SQLITE_ROW)
      if (sqlite3_column_text (select, 0) != NULL)
        g_ptr_array_add (names, g_strdup ((const char *) sqlite3_column_text (select, 0)));
  sqlite3_finalize (select);
  return g_steal_pointer (&names);
}

static gboolean
has_all (GPtrArray *columns, GPtrArray *wanted)
{
  for (guint i = 0; i < wanted->len; i++)
    if (!g_ptr_array_find_with_equal_func (columns, wanted->pdata[i], g_str_equal, NULL))
      return FALSE;
  return TRUE;
}

/* NULL: @table has no index with all of @columns. The schema is our own, so @to's is asked. */
static char *
find_index (KsConnection *to, const char *table, GPtrArray *columns)
{
  g_autoptr (GPtrArray) indexes =
      list_names (to, "SELECT name FROM pragma_index_list (?1) WHERE partial = 0", table);

  for (guint i = 0; i < indexes->len; i++)
    {
      g_autoptr (GPtrArray) covered =
          list_names (to, "SELECT name FROM pragma_index_info (?1)", indexes->pdata[i]);

      if (has_all (covered, columns))
        return g_strdup (indexes->pdata[i]);
    }
  return NULL;
}

/* Rows that are there already, or that the new database refuses, are left out. */
static gboolean
carry (Copy *copy, KsConnection *to, gboolean *whole, guint64 *rows, GError **error)
{
  int columns = sqlite3_column_count (copy->select);
  int code;

  while ((code = sqlite3_step (copy->select)) == SQLITE_ROW)
    {
      int inserted = SQLITE_OK;

      for (int i = 0; i < columns && inserted == SQLITE_OK; i++)
        inserted = sqlite3_bind_value (copy->insert, i + 1, sqlite3_column_value (copy->select, i));
      if (inserted == SQLITE_OK)
        inserted = sqlite3_step (copy->insert);
      sqlite3_reset (copy->insert);
      if (inserted == SQLITE_DONE)
        *rows += (guint64) sqlite3_changes (to->handle);
      else if ((inserted & 0xff) != SQLITE_CONSTRAINT && (inserted & 0xff) != SQLITE_MISMATCH)
        {
          ks_connection_set_error (to, inserted, "carrying a copy over", error);
          return FALSE;
        }
    }
  if (code == SQLITE_DONE)
    *whole = TRUE;
  return TRUE;
}

/* @select of a damaged database that cannot even be prepared gives nothing. */
static gboolean
run (KsConnection *from,
     KsConnection *to,
     const char *select,
     const char *insert,
     gboolean *whole,
     guint64 *rows,
     GError **error)
{
  g_auto (Copy) copy = { NULL, NULL };
  int code = sqlite3_prepare_v2 (to->handle, insert, -1, &copy.insert, NULL);

  if (code != SQLITE_OK)
    {
      ks_connection_set_error (to, code, "SQL", error);
      return FALSE;
    }
  return sqlite3_prepare_v2 (from->handle, select, -1, &copy.select, NULL) != SQLITE_OK
         || carry (&copy, to, whole, rows, error);
}

gboolean
ks_salvage_from_copy (KsConnection *from,
                      KsConnection *to,
                      const char *table,
                      GPtrArray *columns,
                      gboolean *whole,
                      guint64 *rows,
                      GError **error)
{
  g_autofree char *index = find_index (to, table, columns);
  g_autoptr (GString) list = g_string_new (NULL);
  g_autoptr (GString) places = g_string_new (NULL);
  g_autofree char *select = NULL;
  g_autofree char *insert = NULL;

  if (index == NULL)
    return TRUE;
  for (guint i = 0; i < columns->len; i++)
    {
      g_string_append_printf (list, "%s\"%s\"", i > 0 ? ", " : "", (char *) columns->pdata[i]);
      g_string_append (places, i > 0 ? ", ?" : "?");
    }
  select = g_strdup_printf ("SELECT %s FROM \"%s\" INDEXED BY \"%s\"", list->str, table, index);
  insert = g_strdup_printf ("INSERT OR IGNORE INTO \"%s\" (%s) VALUES (%s)", table, list->str, places->str);
  return run (from, to, select, insert, whole, rows, error);
}

gboolean
ks_salvage_name_accounts (KsConnection *from, KsConnection *to, guint64 *rows, GError **error)
{
  /* The names of SQLite's own index for UNIQUE, and of ours for the one that is current. */
  static const char names[] =
      "SELECT rowid, user_id, device_id FROM accounts INDEXED BY sqlite_autoindex_accounts_1";
  static const char current[] = "SELECT rowid FROM accounts INDEXED BY accounts_current WHERE is_current = 1";
  /* A seal that nothing opens. */
  static const char insert[] = "INSERT OR IGNORE INTO accounts (id, user_id, device_id, homeserver, "
                               "access_token_sealed, created, is_current)"
                               " VALUES (?1, ?2, ?3, 'https://' || substr (?2, instr (?2, ':') + 1),"
                               " CAST (x'4b735331' || zeroblob (32) AS BLOB), 0, 0)";
  static const char set_current[] = "UPDATE OR IGNORE accounts SET is_current = 1 WHERE id = ?1";
  gboolean whole = FALSE;
  guint64 updated = 0;

  return run (from, to, names, insert, &whole, rows, error)
         && run (from, to, current, set_current, &whole, &updated, error);
}
