/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-schema.h"

#include <gio/gio.h>

#include "store/ks-store-resources.h"

/* In order; a file that was released is never changed. */
static const char *const files[] = {
  "001-initial.sql",       "002-recovery.sql",  "003-key-file.sql",
  "004-session-rooms.sql", "005-key-twins.sql", "006-inbox-kinds.sql",
  "007-room-claims.sql",   "008-copies.sql",    "009-storage-proof.sql",
};

gint64
ks_schema_version (void)
{
  return G_N_ELEMENTS (files);
}

static gboolean
run_script (KsConnection *connection, const char *script, gint64 version, GError **error)
{
  g_autofree char *sql =
      g_strdup_printf ("BEGIN IMMEDIATE;\n%s\n;PRAGMA user_version = %" G_GINT64_FORMAT "; COMMIT", script,
                       version);

  if (ks_connection_exec (connection, sql, error))
    return TRUE;
  g_prefix_error (error, "migration to version %" G_GINT64_FORMAT ": ", version);
  if (!sqlite3_get_autocommit (connection->handle) && !ks_connection_exec (connection, "ROLLBACK", NULL))
    g_message ("a migration could not be rolled back");
  return FALSE;
}

gboolean
ks_schema_run_scripts (
    KsConnection *connection, const char *const *scripts, gint64 from, gint64 to, GError **error)
{
  for (gint64 version = from; version < to; version++)
    if (!run_script (connection, scripts[version], version + 1, error))
      return FALSE;
  return TRUE;
}

gboolean
ks_schema_lay_out (KsConnection *connection, GError **error)
{
  gboolean done;

  /* VACUUM attaches a database of its own. */
  sqlite3_limit (connection->handle, SQLITE_LIMIT_ATTACHED, 1);
  done = ks_connection_exec (connection, "VACUUM", error);
  sqlite3_limit (connection->handle, SQLITE_LIMIT_ATTACHED, 0);
  return done;
}

gboolean
ks_schema_migrate (KsConnection *connection, gint64 from, gint64 to, GError **error)
{
  g_autoptr (GPtrArray) loaded = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const char *scripts[G_N_ELEMENTS (files) + 1] = { NULL };

  g_return_val_if_fail (from >= 0 && from <= to && to <= ks_schema_version (), FALSE);

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      /* Not g_resources_lookup_data(): naming the resource is what brings it, and the
       * constructor that registers it, out of the static library. */
      g_autofree char *path = g_strconcat ("/io/github/keepsake/store/sql/", files[i], NULL);
      GBytes *bytes =
          g_resource_lookup_data (ks_store_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, error);

      if (bytes == NULL)
        return FALSE;
      /* GResource ends every file with a zero that it does not count. */
      g_ptr_array_add (loaded, bytes);
      scripts[i] = g_bytes_get_data (bytes, NULL);
    }
  return ks_schema_run_scripts (connection, scripts, from, to, error);
}
