/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/history/ks-message-menu.h"

#include "ui/history/ks-message-row.h"
#include "ui/history/ks-message-text.h"

#include <glib/gi18n.h>

struct _KsMessageMenu
{
  GObject parent;

  GtkWidget *scroller;         /* borrowed */
  GtkWidget *list;             /* borrowed */
  GtkWidget *popover;          /* owned by the scroller; NULL: none was asked for yet */
  GSimpleActionGroup *actions; /* owned */
  KsTimelineRow *row;          /* owned: what the menu is about, whatever its widget shows by now; or NULL */
};

G_DEFINE_FINAL_TYPE (KsMessageMenu, ks_message_menu, G_TYPE_OBJECT)

static KsMessageRow *
focused_row (KsMessageMenu *self)
{
  GtkRoot *root = gtk_widget_get_root (self->list);

  return ks_message_row_find (root != NULL ? gtk_root_get_focus (root) : NULL);
}

static char *
text_of (KsTimelineRow *row)
{
  return row != NULL ? ks_message_text_plain (ks_timeline_row_get_item (row)) : NULL;
}

/* NULL: there is none that could be saved now. */
static KsAttachmentSave *
save_of (KsTimelineRow *row)
{
  KsAttachmentSave *save = row != NULL ? ks_timeline_row_get_save (row) : NULL;

  return save != NULL && ks_attachment_get_usable (ks_attachment_save_get_attachment (save))
                 && ks_attachment_save_get_state (save) != KS_ATTACHMENT_SAVE_RUNNING
             ? save
             : NULL;
}

static void
set_row (KsMessageMenu *self, KsTimelineRow *row)
{
  g_autofree char *text = text_of (row);
  GActionMap *actions = G_ACTION_MAP (self->actions);

  g_set_object (&self->row, row);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (actions, "copy")), text != NULL);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (actions, "save")),
                               save_of (row) != NULL);
}

static void
copy (KsMessageMenu *self)
{
  g_autofree char *text = text_of (self->row);

  if (text != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (self->list), text);
}

static void
on_copy_activated (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  copy (data);
}

static void
on_save_activated (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  KsMessageMenu *self = data;
  KsAttachmentSave *save = save_of (self->row);

  if (save != NULL)
    ks_attachment_save_ask (save, GTK_WINDOW (gtk_widget_get_root (self->list)));
}

static void
make_popover (KsMessageMenu *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenuItem) save = g_menu_item_new (_ ("Save…"), "menu.save");

  g_menu_append (menu, _ ("Copy"), "menu.copy");
  g_menu_item_set_attribute (save, "hidden-when", "s", "action-disabled");
  g_menu_append_item (menu, save);
  self->popover = gtk_popover_menu_new_from_model (G_MENU_MODEL (menu));
  gtk_popover_set_has_arrow (GTK_POPOVER (self->popover), FALSE);
  gtk_widget_set_halign (self->popover, GTK_ALIGN_START);
  gtk_widget_set_parent (self->popover, self->scroller);
}

/* At @x, @y in the list. */
static void
open_menu (KsMessageMenu *self, KsMessageRow *row, double x, double y)
{
  GdkRectangle at = { .width = 1, .height = 1 };
  double scroller_x, scroller_y;

  set_row (self, ks_message_row_get_row (row));
  if (!gtk_widget_translate_coordinates (self->list, self->scroller, x, y, &scroller_x, &scroller_y))
    return;
  if (self->popover == NULL)
    make_popover (self);
  at.x = (int) scroller_x;
  at.y = (int) scroller_y;
  gtk_popover_set_pointing_to (GTK_POPOVER (self->popover), &at);
  gtk_popover_popup (GTK_POPOVER (self->popover));
}

static gboolean
open_menu_at (KsMessageMenu *self, double x, double y)
{
  KsMessageRow *row = ks_message_row_find (gtk_widget_pick (self->list, x, y, GTK_PICK_DEFAULT));

  if (row == NULL)
    return FALSE;
  open_menu (self, row, x, y);
  return TRUE;
}

static void
on_pressed (KsMessageMenu *self, int n, double x, double y, GtkGesture *gesture)
{
  GdkEvent *event = gtk_gesture_get_last_event (gesture, gtk_gesture_get_last_updated_sequence (gesture));

  if (event != NULL && gdk_event_triggers_context_menu (event) && open_menu_at (self, x, y))
    gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
}

static void
on_held (KsMessageMenu *self, double x, double y, GtkGesture *gesture)
{
  if (open_menu_at (self, x, y))
    gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
}

static gboolean
on_menu_key (GtkWidget *list, GVariant *args, gpointer data)
{
  KsMessageMenu *self = data;
  KsMessageRow *row = focused_row (self);
  graphene_rect_t bounds;

  if (row == NULL || !gtk_widget_compute_bounds (GTK_WIDGET (row), list, &bounds))
    return FALSE;
  open_menu (self, row, bounds.origin.x + bounds.size.width / 2, bounds.origin.y + bounds.size.height / 2);
  return TRUE;
}

static gboolean
on_copy_key (GtkWidget *list, GVariant *args, gpointer data)
{
  KsMessageMenu *self = data;
  KsMessageRow *row = focused_row (self);

  if (row == NULL)
    return FALSE;
  set_row (self, ks_message_row_get_row (row));
  copy (self);
  return TRUE;
}

void
ks_message_menu_forget (KsMessageMenu *self)
{
  if (self->popover != NULL)
    gtk_popover_popdown (GTK_POPOVER (self->popover));
  set_row (self, NULL);
}

static void
ks_message_menu_dispose (GObject *object)
{
  KsMessageMenu *self = KS_MESSAGE_MENU (object);

  g_clear_pointer (&self->popover, gtk_widget_unparent);
  g_clear_object (&self->row);
  g_clear_object (&self->actions);
  G_OBJECT_CLASS (ks_message_menu_parent_class)->dispose (object);
}

static void
ks_message_menu_class_init (KsMessageMenuClass *class)
{
  G_OBJECT_CLASS (class)->dispose = ks_message_menu_dispose;
}

static void
ks_message_menu_init (KsMessageMenu *self)
{
  const GActionEntry entries[] = {
    { .name = "copy", .activate = on_copy_activated },
    { .name = "save", .activate = on_save_activated },
  };

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
}

static void
add_shortcut (KsMessageMenu *self, GtkShortcutController *keys, const char *trigger, GtkShortcutFunc func)
{
  gtk_shortcut_controller_add_shortcut (keys, gtk_shortcut_new (gtk_shortcut_trigger_parse_string (trigger),
                                                                gtk_callback_action_new (func, self, NULL)));
}

KsMessageMenu *
ks_message_menu_new (GtkWidget *scroller, GtkWidget *list)
{
  KsMessageMenu *self = g_object_new (KS_TYPE_MESSAGE_MENU, NULL);
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *hold = gtk_gesture_long_press_new ();
  GtkEventController *keys = gtk_shortcut_controller_new ();

  self->scroller = scroller;
  self->list = list;
  gtk_widget_insert_action_group (scroller, "menu", G_ACTION_GROUP (self->actions));
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), 0);
  g_signal_connect_object (click, "pressed", G_CALLBACK (on_pressed), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (list, GTK_EVENT_CONTROLLER (click));
  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (hold), TRUE);
  g_signal_connect_object (hold, "pressed", G_CALLBACK (on_held), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (list, GTK_EVENT_CONTROLLER (hold));
  add_shortcut (self, GTK_SHORTCUT_CONTROLLER (keys), "<Control>c", on_copy_key);
  add_shortcut (self, GTK_SHORTCUT_CONTROLLER (keys), "Menu", on_menu_key);
  add_shortcut (self, GTK_SHORTCUT_CONTROLLER (keys), "<Shift>F10", on_menu_key);
  gtk_widget_add_controller (list, keys);
  return self;
}
