/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/ks-show-in-files.h"

#include "ui/ks-browse.h"

/* GtkFileLauncher came with GTK 4.10. */

typedef struct
{
  GtkWindow *parent; /* weak */
  GFile *file;       /* owned */
} Showing;

static void
showing_free (Showing *showing)
{
  g_clear_weak_pointer (&showing->parent);
  g_object_unref (showing->file);
  g_free (showing);
}

static void
open_folder (Showing *showing)
{
  g_autoptr (GFile) folder = g_file_get_parent (showing->file);
  g_autofree char *url = folder != NULL ? g_file_get_uri (folder) : NULL;

  if (url != NULL)
    ks_browse (showing->parent, url);
}

static void
on_shown (GObject *bus, GAsyncResult *result, gpointer data)
{
  Showing *showing = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) nothing = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);

  if (nothing == NULL)
    {
      g_info ("no file manager that shows a file: %s", error->message);
      open_folder (showing);
    }
  showing_free (showing);
}

static void
on_bus_found (GObject *source, GAsyncResult *result, gpointer data)
{
  Showing *showing = data;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, NULL);
  g_autofree char *url = g_file_get_uri (showing->file);
  const char *const urls[] = { url, NULL };

  if (bus == NULL)
    {
      open_folder (showing);
      showing_free (showing);
      return;
    }
  g_dbus_connection_call (bus, "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1",
                          "org.freedesktop.FileManager1", "ShowItems", g_variant_new ("(^ass)", urls, ""),
                          NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_shown, showing);
}

void
ks_show_in_files (GtkWindow *parent, GFile *file)
{
  Showing *showing = g_new0 (Showing, 1);

  g_set_weak_pointer (&showing->parent, parent);
  showing->file = g_object_ref (file);
  g_bus_get (G_BUS_TYPE_SESSION, NULL, on_bus_found, showing);
}
