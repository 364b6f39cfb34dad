/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-database-open.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "store/ks-database-file.h"
#include "store/ks-file-lock.h"
#include "store/ks-salvage.h"
#include "store/ks-schema.h"

/* How long to wait for another process that is checking or mending. */
#define LOCK_PATIENCE_US (5 * G_USEC_PER_SEC)
#define LOCK_PAUSE_US (20 * 1000)

/* SQLite's page size, fixed when a database is begun. */
#define DATABASE_PAGE_SIZE 4096

typedef struct
{
  KsDatabaseFiles *files; /* owned */
  int lock_fd;            /* owned, or -1 */
  gboolean exclusive;     /* nobody else has the database open */
  KsDatabaseFlags flags;
  GCancellable *cancellable; /* borrowed */
  KsSalvaged *salvaged;      /* owned */
} Opening;

static void
opening_clear (Opening *opening)
{
  g_clear_pointer (&opening->files, ks_database_files_free);
  g_clear_pointer (&opening->salvaged, ks_salvaged_free);
  if (opening->lock_fd >= 0)
    close (opening->lock_fd);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Opening, opening_clear)

void
ks_salvaged_free (KsSalvaged *salvaged)
{
  if (salvaged == NULL)
    return;
  g_free (salvaged->path);
  g_free (salvaged);
}

/* Alone if nobody has the database open, else beside the others. Whoever is alone
 * may check, mend and migrate, and then lets others in. */
static gboolean
take_lock (Opening *opening, GError **error)
{
  gint64 give_up = g_get_monotonic_time () + LOCK_PATIENCE_US;

  opening->lock_fd = ks_file_lock_open (opening->files->lock, error);
  if (opening->lock_fd < 0)
    return FALSE;
  while (!g_cancellable_set_error_if_cancelled (opening->cancellable, error))
    {
      g_autoptr (GError) local = NULL;

      opening->exclusive = ks_file_lock_set (opening->lock_fd, KS_FILE_LOCK_EXCLUSIVE, NULL);
      if (opening->exclusive || ks_file_lock_set (opening->lock_fd, KS_FILE_LOCK_SHARED, &local))
        return TRUE;
      if (!g_error_matches (local, KS_STORE_ERROR, KS_STORE_ERROR_HELD) || g_get_monotonic_time () > give_up)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      g_usleep (LOCK_PAUSE_US);
    }
  return FALSE;
}

/* A database of schema @version without rows, as "building". */
static KsConnection *
build (Opening *opening, gint64 version, GError **error)
{
  g_autoptr (KsConnection) connection = NULL;
  g_autofree char *header = g_strdup_printf ("PRAGMA page_size = %d; PRAGMA application_id = %d",
                                             DATABASE_PAGE_SIZE, KS_SCHEMA_APPLICATION_ID);

  if (!ks_database_files_begin (opening->files, error))
    return NULL;
  connection = ks_connection_open (opening->files->building, KS_CONNECTION_BUILD, error);
  if (connection == NULL || !ks_connection_exec (connection, header, error)
      || !ks_connection_make_durable (connection, error) || !ks_schema_migrate (connection, 0, version, error)
      || !ks_schema_lay_out (connection, error))
    return NULL;
  return g_steal_pointer (&connection);
}

/* Ends building: everything in the one file, which closing alone does not promise. */
static gboolean
complete (KsConnection *building, GError **error)
{
  gint64 busy = 1;

  if (!ks_connection_query_int64 (building, "PRAGMA wal_checkpoint (TRUNCATE)", &busy, error))
    return FALSE;
  if (busy == 0)
    return TRUE;
  g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED,
                       "the new database could not be completed");
  return FALSE;
}

static gboolean
begin_empty (Opening *opening, char **set_aside, GError **error)
{
  KsConnection *building = build (opening, ks_schema_version (), error);
  gboolean completed = building != NULL && complete (building, error);

  ks_connection_free (building);
  return completed && ks_database_files_replace (opening->files, set_aside, error);
}

/* Looks at the file without changing anything. KS_STORE_ERROR_DAMAGED and _NEWER
 * say what is wrong; @version is 0 if it cannot be read. */
static gboolean
check (KsConnection *connection, gint64 *version, GError **error)
{
  sqlite3_stmt *statement = NULL;
  gint64 application_id;
  int code;

  if (!ks_connection_query_int64 (connection, "PRAGMA user_version", version, error)
      || !ks_connection_query_int64 (connection, "PRAGMA application_id", &application_id, error))
    return FALSE;
  if (application_id == KS_SCHEMA_APPLICATION_ID && *version > ks_schema_version ())
    {
      g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NEWER,
                   "the database has version %" G_GINT64_FORMAT ", this program knows %" G_GINT64_FORMAT,
                   *version, ks_schema_version ());
      return FALSE;
    }
  code = sqlite3_prepare_v2 (connection->handle, "PRAGMA quick_check (1)", -1, &statement, NULL);
  if (code == SQLITE_OK)
    code = sqlite3_step (statement);
  if (code != SQLITE_ROW)
    ks_connection_set_error (connection, code, "quick_check", error);
  else if (g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "ok") != 0 || *version < 1
           || application_id != KS_SCHEMA_APPLICATION_ID)
    {
      g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED, "the database is damaged");
      code = SQLITE_CORRUPT;
    }
  sqlite3_finalize (statement);
  return code == SQLITE_ROW;
}

/* The pages of the schema's tree below the page @number of @file, @size bytes of ours and
 * sound, are added to @pages. SQLite's file format, 1.6: an interior page (5) holds the
 * number of its cells, its rightmost child and, by an array of offsets, a child a cell. */
static void
list_children (const guint8 *file, gsize size, guint32 number, GArray *pages)
{
  const guint8 *page = file + (gsize) (number - 1) * DATABASE_PAGE_SIZE;
  const guint8 *header = page + (number == 1 ? 100 : 0);
  guint cells = (guint) header[3] << 8 | header[4];

  if (header[0] != 5)
    return;
  for (guint i = 0; i <= cells; i++)
    {
      const guint8 *at = header + 12 + 2 * (gsize) i;
      const guint8 *pointer = i == cells ? header + 8 : page + ((gsize) at[0] << 8 | at[1]);
      guint32 child =
          (guint32) pointer[0] << 24 | (guint32) pointer[1] << 16 | (guint32) pointer[2] << 8 | pointer[3];

      if (child > 1 && (gsize) child * DATABASE_PAGE_SIZE <= size)
        g_array_append_val (pages, child);
    }
}

/* The first page holds the file's header and the root of the schema, whose other pages
 * come after it. Ours are laid out alike every time (ks_schema_lay_out()), so a new
 * database's pages of the schema fit an old one's rest. */
static gboolean
patch_schema (Opening *opening, const char *model, GError **error)
{
  static const guint32 first = 1;
  g_autoptr (GArray) pages = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autofree char *file = NULL;
  gsize size;

  if (!g_file_get_contents (model, &file, &size, error))
    return FALSE;
  if (size < DATABASE_PAGE_SIZE)
    {
      g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED, "the new database is too short");
      return FALSE;
    }
  /* SQLite's file format, 1.3: with a "version-valid-for" (92) that differs from
   * the change counter (24), the file's own length counts, not the header's. */
  memset (file + 24, 0xff, 4);
  memset (file + 92, 0, 4);
  g_array_append_val (pages, first);
  /* A tree of two levels holds some hundred tables. */
  list_children ((const guint8 *) file, size, first, pages);
  for (guint i = 0; i < pages->len; i++)
    {
      gsize offset = (gsize) (g_array_index (pages, guint32, i) - 1) * DATABASE_PAGE_SIZE;

      if (!ks_database_files_patch_copy (opening->files, offset, (const guint8 *) file + offset,
                                         DATABASE_PAGE_SIZE, error))
        return FALSE;
    }
  return TRUE;
}

/* Opens the copy of the damaged database, mending its schema if it needs that. */
static KsConnection *
open_copy (Opening *opening, KsConnection *building, GError **error)
{
  KsConnection *copy;

  if (!ks_database_files_copy (opening->files, error))
    return NULL;
  copy = ks_connection_open (opening->files->copy, KS_CONNECTION_SALVAGE, NULL);
  if (copy != NULL && ks_salvage_can_read (copy, building))
    return copy;
  ks_connection_free (copy);
  if (!complete (building, error) || !patch_schema (opening, opening->files->building, error))
    return NULL;
  return ks_connection_open (opening->files->copy, KS_CONNECTION_SALVAGE, error);
}

/* Builds a new database from what can be read of the damaged one, which is not
 * touched before the new one is complete. */
static gboolean
salvage (Opening *opening, gint64 version, GError **error)
{
  gint64 known = version >= 1 && version <= ks_schema_version () ? version : ks_schema_version ();
  g_autoptr (KsConnection) building = build (opening, known, error);
  g_autoptr (KsConnection) copy = building == NULL ? NULL : open_copy (opening, building, error);
  g_autoptr (KsSalvaged) salvaged = g_new0 (KsSalvaged, 1);
  KsSalvageCounts counts;

  if (copy == NULL || !ks_salvage_rows (copy, building, &counts, error)
      || !ks_schema_migrate (building, known, ks_schema_version (), error)
      || !ks_schema_lay_out (building, error) || !complete (building, error))
    return FALSE;
  g_clear_pointer (&building, ks_connection_free);
  g_clear_pointer (&copy, ks_connection_free);
  if (!ks_database_files_replace (opening->files, &salvaged->path, error))
    return FALSE;
  salvaged->rows = counts.rows;
  salvaged->lost = counts.lost;
  salvaged->gaps = counts.gaps;
  g_clear_pointer (&opening->salvaged, ks_salvaged_free);
  opening->salvaged = g_steal_pointer (&salvaged);
  return TRUE;
}

static gboolean
start_afresh (Opening *opening, GError **error)
{
  g_autoptr (KsSalvaged) salvaged = g_new0 (KsSalvaged, 1);

  if (!begin_empty (opening, &salvaged->path, error))
    return FALSE;
  g_clear_pointer (&opening->salvaged, ks_salvaged_free);
  opening->salvaged = g_steal_pointer (&salvaged);
  return TRUE;
}

/* Sees to it that there is a database, as far as that can be told without opening it. */
static gboolean
prepare_file (Opening *opening, GError **error)
{
  gboolean read_only = (opening->flags & KS_DATABASE_READ_ONLY) != 0;
  g_autofree char *set_aside = NULL;
  gboolean found;

  if (opening->exclusive)
    {
      ks_database_files_tidy (opening->files);
      if (!ks_database_files_resume (opening->files, &set_aside, error))
        return FALSE;
      /* Whoever began that was killed before anybody was told. */
      if (set_aside != NULL)
        {
          opening->salvaged = g_new0 (KsSalvaged, 1);
          opening->salvaged->path = g_steal_pointer (&set_aside);
        }
    }
  if (!ks_database_files_look (opening->files, &found, error))
    return FALSE;
  if (found && (opening->flags & KS_DATABASE_START_AFRESH) != 0)
    {
      if (opening->exclusive)
        return start_afresh (opening, error);
      g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_HELD,
                           "another process has the database open");
      return FALSE;
    }
  if (found)
    return TRUE;
  if (read_only || !opening->exclusive)
    {
      g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND, "there is no database");
      return FALSE;
    }
  return begin_empty (opening, NULL, error);
}

static gboolean
set_held (GError **error)
{
  g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_HELD,
                       "the database must be mended or migrated, and another process has it open");
  return FALSE;
}

static gboolean
migrate (KsConnection *connection, gint64 version, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!ks_connection_make_durable (connection, error)
      || !ks_schema_migrate (connection, version, ks_schema_version (), error))
    return FALSE;
  /* The migration is done. Without this there is only less to be read once the first
   * page is lost. */
  if (!ks_schema_lay_out (connection, &local))
    g_message ("the migrated database could not be laid out anew: %s", local->message);
  return TRUE;
}

/* Checks the file and makes of it what this program can work with. */
static gboolean
prepare_content (Opening *opening, GError **error)
{
  g_autoptr (GError) wrong = NULL;
  g_autoptr (KsConnection) connection =
      ks_connection_open (opening->files->database, KS_CONNECTION_USE, error);
  gint64 version = 0;

  if (connection == NULL)
    return FALSE;
  if (check (connection, &version, &wrong))
    {
      if (version == ks_schema_version ())
        return TRUE;
      return opening->exclusive ? migrate (connection, version, error) : set_held (error);
    }
  if (!g_error_matches (wrong, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED)
      || (opening->flags & KS_DATABASE_READ_ONLY) != 0)
    {
      g_propagate_error (error, g_steal_pointer (&wrong));
      return FALSE;
    }
  if (!opening->exclusive)
    return set_held (error);
  g_clear_pointer (&connection, ks_connection_free);
  return salvage (opening, version, error);
}

/* The connection that the app works with. */
static KsConnection *
open_for_use (Opening *opening, GError **error)
{
  gboolean read_only = (opening->flags & KS_DATABASE_READ_ONLY) != 0;
  g_autoptr (KsConnection) connection =
      ks_connection_open (opening->files->database, read_only ? KS_CONNECTION_READ_ONLY : KS_CONNECTION_USE,
                          error);

  if (connection == NULL || (!read_only && !ks_connection_make_durable (connection, error)))
    return NULL;
  ks_connection_set_checkpoint_on_close (connection, TRUE);
  if (opening->exclusive && !ks_file_lock_set (opening->lock_fd, KS_FILE_LOCK_SHARED, error))
    return NULL;
  connection->lock_fd = opening->lock_fd;
  opening->lock_fd = -1;
  return g_steal_pointer (&connection);
}

/* A database that is on no disk; its temporary tables are not either. */
static KsConnection *
open_in_memory (GError **error)
{
  g_autoptr (KsConnection) connection = ks_connection_open (":memory:", KS_CONNECTION_USE, error);

  if (connection == NULL || !ks_schema_migrate (connection, 0, ks_schema_version (), error))
    return NULL;
  return g_steal_pointer (&connection);
}

KsConnection *
ks_database_open_connection (const char *directory,
                             KsDatabaseFlags flags,
                             GCancellable *cancellable,
                             KsSalvaged **salvaged,
                             GError **error)
{
  g_auto (Opening) opening = { .lock_fd = -1, .flags = flags, .cancellable = cancellable };
  g_autoptr (KsConnection) connection = NULL;

  if (directory == NULL)
    return open_in_memory (error);
  opening.files = ks_database_files_new (directory, error);
  if (opening.files == NULL || !take_lock (&opening, error))
    return NULL;
  if (prepare_file (&opening, error) && prepare_content (&opening, error))
    connection = open_for_use (&opening, error);
  if (opening.exclusive && opening.files != NULL)
    ks_database_files_tidy (opening.files);
  if (connection != NULL)
    *salvaged = g_steal_pointer (&opening.salvaged);
  return g_steal_pointer (&connection);
}
