/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-salvage.h"

#include "store/ks-salvage-copy.h"

/* How often in a row reading a table may fail before the rest of it is given up: a
 * damaged page costs about two attempts for each row that it led to. And how often
 * while nothing at all could be read of it. */
#define MAX_FAILURES 50000
#define MAX_FAILURES_AT_FIRST 4000

/* A bound for row IDs where not even the highest can be read: rows to a page. */
#define ROWS_PER_PAGE 64

typedef struct
{
  KsConnection *to;     /* borrowed */
  sqlite3_stmt *select; /* owned: row ID, then the columns */
  sqlite3_stmt *insert; /* owned: the columns */
  int columns;
  KsSalvageCounts *counts; /* borrowed */
} Table;

typedef struct
{
  gint64 low, high; /* row IDs, both included */
} Range;

static void
table_clear (Table *table)
{
  sqlite3_finalize (table->select);
  sqlite3_finalize (table->insert);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Table, table_clear)

/* The columns that the new database has, as a list for SQL. Names are the
 * schema's own, never data. */
static GPtrArray *
list_columns (KsConnection *to, const char *table, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2 (to->handle, "SELECT name FROM pragma_table_info (?1)", -1, &statement, NULL);

  if (code == SQLITE_OK)
    code = sqlite3_bind_text (statement, 1, table, -1, SQLITE_TRANSIENT);
  while (code == SQLITE_OK && (code = sqlite3_step (statement)) == SQLITE_ROW)
    {
      g_ptr_array_add (names, g_strdup ((const char *) sqlite3_column_text (statement, 0)));
      code = SQLITE_OK;
    }
  sqlite3_finalize (statement);
  if (code == SQLITE_DONE)
    return g_steal_pointer (&names);
  ks_connection_set_error (to, code, "SQL", error);
  return NULL;
}

static GPtrArray *
list_tables (KsConnection *to, GError **error)
{
  /* In the order of their making, so that parents come before children. */
  static const char sql[] = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE "
                            "'sqlite~_%' ESCAPE '~' ORDER BY rowid";
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2 (to->handle, sql, -1, &statement, NULL);

  while (code == SQLITE_OK && (code = sqlite3_step (statement)) == SQLITE_ROW)
    {
      g_ptr_array_add (names, g_strdup ((const char *) sqlite3_column_text (statement, 0)));
      code = SQLITE_OK;
    }
  sqlite3_finalize (statement);
  if (code == SQLITE_DONE)
    return g_steal_pointer (&names);
  ks_connection_set_error (to, code, "SQL", error);
  return NULL;
}

/* FALSE without an error: @from does not have the table, or not with these columns. */
static gboolean
table_prepare (Table *table, KsConnection *from, const char *name, GPtrArray *columns)
{
  g_autoptr (GString) list = g_string_new (NULL);
  g_autoptr (GString) places = g_string_new (NULL);
  g_autofree char *select = NULL;
  g_autofree char *insert = NULL;

  for (guint i = 0; i < columns->len; i++)
    {
      g_string_append_printf (list, "%s\"%s\"", i > 0 ? ", " : "", (char *) columns->pdata[i]);
      g_string_append (places, i > 0 ? ", ?" : "?");
    }
  table->columns = (int) columns->len;
  /* NOT INDEXED: an index may be damaged where the table is not. */
  select = g_strdup_printf ("SELECT rowid, %s FROM \"%s\" NOT INDEXED"
                            " WHERE rowid BETWEEN ?1 AND ?2 ORDER BY rowid",
                            list->str, name);
  insert = g_strdup_printf ("INSERT INTO \"%s\" (%s) VALUES (%s)", name, list->str, places->str);
  return sqlite3_prepare_v2 (from->handle, select, -1, &table->select, NULL) == SQLITE_OK
         && sqlite3_prepare_v2 (table->to->handle, insert, -1, &table->insert, NULL) == SQLITE_OK;
}

/* Inserts the row at hand. Only a failure of the new database is an error. */
static gboolean
carry_row (Table *table, GError **error)
{
  int code = SQLITE_OK;

  for (int i = 0; i < table->columns && code == SQLITE_OK; i++)
    code = sqlite3_bind_value (table->insert, i + 1, sqlite3_column_value (table->select, i + 1));
  if (code == SQLITE_OK)
    code = sqlite3_step (table->insert);
  sqlite3_reset (table->insert);
  sqlite3_clear_bindings (table->insert);

  if (code == SQLITE_DONE)
    table->counts->rows++;
  else if ((code & 0xff) == SQLITE_CONSTRAINT || (code & 0xff) == SQLITE_MISMATCH)
    table->counts->lost++;
  else
    ks_connection_set_error (table->to, code, "carrying a row over", error);
  return code == SQLITE_DONE || (code & 0xff) == SQLITE_CONSTRAINT || (code & 0xff) == SQLITE_MISMATCH;
}

/* Carries rows over until the range ends or reading fails. @next: where to go on,
 * above the range's end if it is done. */
static gboolean
carry_range (Table *table, const Range *range, gint64 *next, GError **error)
{
  int code;

  *next = range->low;
  sqlite3_reset (table->select);
  sqlite3_bind_int64 (table->select, 1, range->low);
  sqlite3_bind_int64 (table->select, 2, range->high);
  while ((code = sqlite3_step (table->select)) == SQLITE_ROW)
    {
      gint64 id = sqlite3_column_int64 (table->select, 0);

      /* A damaged tree may hand out anything, even in circles. */
      if (id < *next || id > range->high)
        break;
      if (!carry_row (table, error))
        {
          sqlite3_reset (table->select);
          return FALSE;
        }
      if (id == range->high)
        {
          code = SQLITE_DONE;
          break;
        }
      *next = id + 1;
    }
  sqlite3_reset (table->select);
  if (code == SQLITE_DONE)
    *next = range->high == G_MAXINT64 ? range->high : range->high + 1;
  return TRUE;
}

static void
add_range (GArray *todo, gint64 low, gint64 high)
{
  Range range = { low, high };

  g_array_append_val (todo, range);
}

/* Where reading a range breaks off, its rest is halved and each half tried alone,
 * down to single rows: so what lies behind a damaged page is found again. Larger
 * ranges come before smaller ones: what can be read is soon found, and the rows of
 * a damaged page are looked for last. */
static gboolean
carry_table (Table *table, Range all, gboolean *whole, GError **error)
{
  g_autoptr (GArray) todo = g_array_new (FALSE, FALSE, sizeof (Range));
  guint64 seen = 0;
  guint failures = 0;

  *whole = TRUE;
  add_range (todo, all.low, all.high);
  for (guint at = 0; at < todo->len; at++)
    {
      Range range = g_array_index (todo, Range, at);
      guint64 before = table->counts->rows + table->counts->lost;
      gint64 next;

      if (failures++ > (seen > 0 ? MAX_FAILURES : MAX_FAILURES_AT_FIRST))
        {
          *whole = FALSE;
          break;
        }
      if (!carry_range (table, &range, &next, error))
        return FALSE;
      if (table->counts->rows + table->counts->lost > before)
        {
          seen += table->counts->rows + table->counts->lost - before;
          failures = 0;
        }
      if (next > range.high)
        continue;
      *whole = FALSE;
      if (next == range.high)
        continue;
      add_range (todo, next, next + (range.high - next) / 2);
      add_range (todo, next + (range.high - next) / 2 + 1, range.high);
    }
  return TRUE;
}

/* Row IDs of ours begin at 1. */
static Range
find_range (KsConnection *from, const char *name)
{
  g_autofree char *highest = g_strdup_printf ("SELECT max (rowid) FROM \"%s\" NOT INDEXED", name);
  Range range = { 1, 0 };

  if (ks_connection_query_int64 (from, highest, &range.high, NULL))
    return range;
  if (!ks_connection_query_int64 (from, "PRAGMA page_count", &range.high, NULL))
    range.high = 0;
  range.high = CLAMP (range.high, 1, G_MAXINT32) * ROWS_PER_PAGE;
  return range;
}

gboolean
ks_salvage_can_read (KsConnection *from, KsConnection *to)
{
  g_autoptr (GPtrArray) tables = list_tables (to, NULL);

  if (tables == NULL)
    return FALSE;
  for (guint i = 0; i < tables->len; i++)
    {
      g_autoptr (GPtrArray) columns = list_columns (to, tables->pdata[i], NULL);
      g_auto (Table) table = { .to = to };

      if (columns == NULL || !table_prepare (&table, from, tables->pdata[i], columns))
        return FALSE;
    }
  return TRUE;
}

/* What a table has lost, as far as an index has it too. */
static gboolean
mend_table (KsConnection *from,
            KsConnection *to,
            const char *name,
            GPtrArray *columns,
            KsSalvageCounts *counts,
            GError **error)
{
  gboolean whole = FALSE;

  if (!ks_salvage_from_copy (from, to, name, columns, &whole, &counts->rows, error)
      || (!whole && g_str_equal (name, "accounts")
          && !ks_salvage_name_accounts (from, to, &counts->rows, error)))
    return FALSE;
  counts->gaps += whole ? 0 : 1;
  return TRUE;
}

static gboolean
carry_tables (KsConnection *from, KsConnection *to, KsSalvageCounts *counts, GError **error)
{
  g_autoptr (GPtrArray) tables = list_tables (to, error);

  if (tables == NULL)
    return FALSE;
  for (guint i = 0; i < tables->len; i++)
    {
      const char *name = tables->pdata[i];
      g_autoptr (GPtrArray) columns = list_columns (to, name, error);
      g_auto (Table) table = { .to = to, .counts = counts };
      gboolean whole;
      Range range;

      if (columns == NULL)
        return FALSE;
      if (!table_prepare (&table, from, name, columns))
        {
          counts->gaps++;
          continue;
        }
      range = find_range (from, name);
      if (range.high >= range.low
          && (!carry_table (&table, range, &whole, error)
              || (!whole && !mend_table (from, to, name, columns, counts, error))))
        return FALSE;
    }
  return TRUE;
}

gboolean
ks_salvage_rows (KsConnection *from, KsConnection *to, KsSalvageCounts *counts, GError **error)
{
  *counts = (KsSalvageCounts){ 0 };
  return ks_connection_exec (to, "BEGIN IMMEDIATE", error) && carry_tables (from, to, counts, error)
         && ks_connection_exec (to, "COMMIT", error);
}
