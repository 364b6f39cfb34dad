/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/history/ks-room-row.h"

#include "ui/history/ks-share-text.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _KsRoomRow
{
  GtkListBoxRow parent;

  AdwAvatar *avatar;
  GtkLabel *name;
  GtkLabel *percent;
  GtkLevelBar *bar;
  GtkLabel *share;

  KsRoom *room; /* owned */
};

G_DEFINE_FINAL_TYPE (KsRoomRow, ks_room_row, GTK_TYPE_LIST_BOX_ROW)

static char *
share_of (KsRoom *room)
{
  guint total = ks_room_get_n_seen (room);

  if (total == 0 && ks_room_get_encryption (room) == KS_ROOM_ENCRYPTION_UNKNOWN)
    return g_strdup (_ ("Your homeserver doesn't say if it is encrypted"));
  return ks_share_text (ks_room_get_n_readable (room), total,
                        ks_room_get_seen_all (room) ? KS_SHARE_OF_ALL : KS_SHARE_OF_NEWEST);
}

static void
update (KsRoomRow *self)
{
  guint total = ks_room_get_n_seen (self->room);
  guint readable = ks_room_get_n_readable (self->room);
  g_autofree char *name = ks_share_text_room (self->room);
  g_autofree char *percent = ks_share_text_percent (readable, total);
  g_autofree char *share = share_of (self->room);

  adw_avatar_set_text (self->avatar, name);
  gtk_label_set_label (self->name, name);
  gtk_label_set_label (self->percent, percent);
  gtk_label_set_label (self->share, share);
  gtk_level_bar_set_value (self->bar, total > 0 ? (double) readable / total : 0);
}

KsRoom *
ks_room_row_get_room (KsRoomRow *self)
{
  return self->room;
}

static void
ks_room_row_dispose (GObject *object)
{
  KsRoomRow *self = KS_ROOM_ROW (object);

  g_clear_object (&self->room);
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_ROOM_ROW);
  G_OBJECT_CLASS (ks_room_row_parent_class)->dispose (object);
}

static void
ks_room_row_class_init (KsRoomRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_room_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/history/ks-room-row.ui");
  gtk_widget_class_bind_template_child (widget_class, KsRoomRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, KsRoomRow, name);
  gtk_widget_class_bind_template_child (widget_class, KsRoomRow, percent);
  gtk_widget_class_bind_template_child (widget_class, KsRoomRow, bar);
  gtk_widget_class_bind_template_child (widget_class, KsRoomRow, share);
}

static void
ks_room_row_init (KsRoomRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

KsRoomRow *
ks_room_row_new (KsRoom *room)
{
  KsRoomRow *self = g_object_new (KS_TYPE_ROOM_ROW, NULL);

  self->room = g_object_ref (room);
  g_signal_connect_object (room, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return self;
}
