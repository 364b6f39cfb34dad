/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * drag-source FILE: another program's window, from which FILE can be dragged. For tests; ends
 * when its standard input does.
 */

#include <gtk/gtk.h>

static gboolean
on_input (GIOChannel *channel, GIOCondition condition, gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GIOChannel) input = g_io_channel_unix_new (0);
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (argv[argc - 1]);
  g_autoptr (GdkContentProvider) content = gdk_content_provider_new_typed (G_TYPE_FILE, file);
  GtkDragSource *source;
  GtkWidget *window;
  GtkWidget *label;

  gtk_init ();
  source = gtk_drag_source_new ();
  gtk_drag_source_set_content (source, content);
  label = gtk_label_new ("FILE");
  gtk_widget_add_controller (label, GTK_EVENT_CONTROLLER (source));
  window = gtk_window_new ();
  gtk_window_set_title (GTK_WINDOW (window), "Drag Source");
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), 80, 80);
  gtk_window_set_child (GTK_WINDOW (window), label);
  gtk_window_present (GTK_WINDOW (window));
  g_io_add_watch (input, G_IO_HUP | G_IO_IN, on_input, loop);
  g_main_loop_run (loop);
  return 0;
}
