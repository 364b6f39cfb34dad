/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/history/ks-unreadable-card.h"

#include "ui/history/ks-unreadable-text.h"

struct _KsUnreadableCard
{
  AdwBin parent;

  GtkImage *icon;
  GtkLabel *title;
  GtkLabel *text;
  GtkButton *restore_button;
};

G_DEFINE_FINAL_TYPE (KsUnreadableCard, ks_unreadable_card, ADW_TYPE_BIN)

void
ks_unreadable_card_show (KsUnreadableCard *self, KsTimelineItem *item, guint n)
{
  KsUnreadable reason = ks_timeline_item_get_reason (item);
  g_autofree char *title = ks_unreadable_text_title (reason, n);

  gtk_image_set_from_icon_name (self->icon, ks_unreadable_text_is_refused (reason)
                                                ? "dialog-warning-symbolic"
                                                : "changes-prevent-symbolic");
  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->text, ks_unreadable_text (reason, ks_timeline_item_get_withheld_code (item), n));
  gtk_widget_set_visible (GTK_WIDGET (self->restore_button), ks_unreadable_text_restore_helps (reason));
}

static void
ks_unreadable_card_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_UNREADABLE_CARD);
  G_OBJECT_CLASS (ks_unreadable_card_parent_class)->dispose (object);
}

static void
ks_unreadable_card_class_init (KsUnreadableCardClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_unreadable_card_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/history/ks-unreadable-card.ui");
  gtk_widget_class_bind_template_child (widget_class, KsUnreadableCard, icon);
  gtk_widget_class_bind_template_child (widget_class, KsUnreadableCard, title);
  gtk_widget_class_bind_template_child (widget_class, KsUnreadableCard, text);
  gtk_widget_class_bind_template_child (widget_class, KsUnreadableCard, restore_button);
}

static void
ks_unreadable_card_init (KsUnreadableCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
