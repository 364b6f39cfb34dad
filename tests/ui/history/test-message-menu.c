/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be done with one message of a room that is open: its text copied, its attachment
 * saved and shown.
 */

#include "ui/history-window.h"

#include "ui/history/ks-attachment-card.h"
#include "ui/history/ks-message-row.h"
#include "ui/history/ks-timeline-view.h"

/* Whose file is not there: said where it was asked for, and to be tried again. */
static void
test_attachment_that_cannot_be_saved_says_why (HistoryWindow *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->history.engine.top, "picture.png", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (KsAttachmentSave) save = NULL;
  GtkWidget *card;

  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  g_free (history_seal (&f->history, NULL,
                        "{\"msgtype\":\"m.image\",\"body\":\"picture.png\",\"info\":{\"size\":1234567},"
                        "\"url\":\"mxc://localhost/nothing\"}",
                        NULL));
  history_window_open (f);
  history_window_open_room (f);
  history_window_until_stage (VIEW (f, "stages"), "messages");
  while ((card = history_window_find (VIEW (f, "list"), KS_TYPE_ATTACHMENT_CARD)) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (gtk_label_get_label (history_window_part (card, KS_TYPE_ATTACHMENT_CARD, "name")), ==,
                   "picture.png");
  g_assert_cmpstr (gtk_label_get_label (history_window_part (card, KS_TYPE_ATTACHMENT_CARD, "text")), ==,
                   "Image · 1.2\302\240MB");
  save = g_object_ref (ks_attachment_card_get_save (KS_ATTACHMENT_CARD (card)));
  ks_attachment_save_run (save, file);
  g_assert_false (
      gtk_widget_get_visible (history_window_part (card, KS_TYPE_ATTACHMENT_CARD, "save_button")));
  while (ks_attachment_save_get_state (save) == KS_ATTACHMENT_SAVE_RUNNING)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (ks_attachment_save_get_state (save), ==, KS_ATTACHMENT_SAVE_FAILED);
  g_assert_cmpstr (gtk_label_get_label (history_window_part (card, KS_TYPE_ATTACHMENT_CARD, "text")), ==,
                   "The homeserver doesn't have this file any more.");
  g_assert_true (gtk_widget_get_visible (history_window_part (card, KS_TYPE_ATTACHMENT_CARD, "save_button")));
  g_assert_false (g_file_query_exists (file, NULL));
}

/* A file manager that takes the call, in place of the desktop's. */
static void
on_show_items (GDBusConnection *bus,
               const char *sender,
               const char *path,
               const char *interface,
               const char *method,
               GVariant *parameters,
               GDBusMethodInvocation *invocation,
               gpointer data)
{
  g_autofree const char **urls = NULL;

  g_variant_get (parameters, "(^a&s&s)", &urls, NULL);
  *(char **) data = g_strdup (urls[0]);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
on_name_owned (GDBusConnection *bus, const char *name, gpointer data)
{
  *(gboolean *) data = TRUE;
}

static void
test_saved_attachment_can_be_shown (HistoryWindow *f, gconstpointer data)
{
  static const char xml[] = "<node><interface name='org.freedesktop.FileManager1'><method name='ShowItems'>"
                            "<arg type='as'/><arg type='s'/></method></interface></node>";
  const GDBusInterfaceVTable table = { .method_call = on_show_items };
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (xml, NULL);
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autofree char *shown = NULL;
  g_autofree char *path = g_build_filename (f->history.engine.top, "a picture.png", NULL);
  g_autofree char *answer = hs_fixture_request (f->history.engine.server, "POST", "/_matrix/media/v3/upload",
                                                f->history.engine.observer, "not a picture", NULL);
  g_auto (GStrv) parts = g_strsplit (answer, "\"", -1);
  g_autofree char *content =
      g_strdup_printf ("{\"msgtype\":\"m.file\",\"body\":\"a picture.png\",\"url\":\"%s\"}", parts[3]);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *url = g_file_get_uri (file);
  gboolean owned = FALSE;
  GtkWidget *card;
  guint name, object;

  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  g_free (history_seal (&f->history, NULL, content, NULL));
  object = g_dbus_connection_register_object (bus, "/org/freedesktop/FileManager1", info->interfaces[0],
                                              &table, &shown, NULL, NULL);
  name = g_bus_own_name_on_connection (bus, "org.freedesktop.FileManager1", G_BUS_NAME_OWNER_FLAGS_NONE,
                                       on_name_owned, NULL, &owned, NULL);
  history_window_open (f);
  history_window_open_room (f);
  while (!owned || (card = history_window_find (VIEW (f, "list"), KS_TYPE_ATTACHMENT_CARD)) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (
      gtk_widget_get_visible (history_window_part (card, KS_TYPE_ATTACHMENT_CARD, "show_button")));
  ks_attachment_save_run (ks_attachment_card_get_save (KS_ATTACHMENT_CARD (card)), file);
  while (!gtk_widget_get_visible (history_window_part (card, KS_TYPE_ATTACHMENT_CARD, "show_button")))
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (
      gtk_widget_get_visible (history_window_part (card, KS_TYPE_ATTACHMENT_CARD, "save_button")));
  gtk_widget_activate_action (card, "attachment.show", NULL);
  while (shown == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (shown, ==, url);
  g_bus_unown_name (name);
  g_dbus_connection_unregister_object (bus, object);
}

/* As the keys do: nobody else can make GTK press them. */
static void
press (GtkWidget *widget, const char *keys)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      for (guint j = 0; GTK_IS_SHORTCUT_CONTROLLER (controller)
                        && j < g_list_model_get_n_items (G_LIST_MODEL (controller));
           j++)
        {
          g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (G_LIST_MODEL (controller), j);
          g_autofree char *trigger = gtk_shortcut_trigger_to_string (gtk_shortcut_get_trigger (shortcut));

          if (g_str_equal (trigger, keys))
            g_assert_true (
                gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut), 0, widget, NULL));
        }
    }
}

static void
on_text_read (GObject *clipboard, GAsyncResult *result, gpointer data)
{
  *(char **) data = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (clipboard), result, NULL);
}

static void
test_message_is_copied_by_key_and_by_menu (HistoryWindow *f, gconstpointer data)
{
  g_autofree char *copied = NULL;
  GtkWidget *menu;

  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  g_free (history_say (&f->history, "one"));
  g_free (history_say (&f->history, "two & three"));
  history_window_open (f);
  history_window_open_room (f);
  while (!gtk_widget_is_ancestor (gtk_window_get_focus (GTK_WINDOW (f->window)), VIEW (f, "list")))
    g_main_context_iteration (NULL, TRUE);
  press (VIEW (f, "list"), "<Control>c");
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (f->window), NULL, on_text_read, &copied);
  while (copied == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (copied, ==, "two & three");
  press (VIEW (f, "list"), "<Shift>F10");
  menu = history_window_find (VIEW (f, "scroller"), GTK_TYPE_POPOVER_MENU);
  g_assert_true (gtk_widget_get_visible (menu));
  g_clear_pointer (&copied, g_free);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (f->window), "something else");
  g_assert_true (gtk_widget_activate_action (menu, "menu.copy", NULL));
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (f->window), NULL, on_text_read, &copied);
  while (copied == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (copied, ==, "two & three");
  gtk_popover_popdown (GTK_POPOVER (menu));
}

/* What was read is on no disk, and in memory no longer than it is on the screen. */
static void
test_room_that_is_left_leaves_nothing_behind (HistoryWindow *f, gconstpointer data)
{
  KsTimelineRow *row;

  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  g_free (history_say (&f->history, "one"));
  history_window_open (f);
  history_window_open_room (f);
  while (!gtk_widget_is_ancestor (gtk_window_get_focus (GTK_WINDOW (f->window)), VIEW (f, "list")))
    g_main_context_iteration (NULL, TRUE);
  row = ks_message_row_get_row (ks_message_row_find (gtk_window_get_focus (GTK_WINDOW (f->window))));
  g_object_add_weak_pointer (G_OBJECT (row), (gpointer *) &row);
  press (VIEW (f, "list"), "<Control>c");
  press (VIEW (f, "list"), "<Shift>F10");
  ks_main_view_go_back (f->view);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (row);
}

#define ADD(name, test)                                                                \
  g_test_add ("/message-menu/" name, HistoryWindow, NULL, history_window_set_up, test, \
              history_window_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("copied", test_message_is_copied_by_key_and_by_menu);
  ADD ("left", test_room_that_is_left_leaves_nothing_behind);
  ADD ("saved", test_saved_attachment_can_be_shown);
  ADD ("attachment", test_attachment_that_cannot_be_saved_says_why);
  return g_test_run ();
}
