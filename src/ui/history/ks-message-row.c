/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/history/ks-message-row.h"

#include "engine/identity/ks-shown-name.h"
#include "ui/history/ks-attachment-card.h"
#include "ui/history/ks-day.h"
#include "ui/history/ks-flow-layout.h"
#include "ui/history/ks-html-markup.h"
#include "ui/history/ks-message-text.h"
#include "ui/history/ks-proof-line.h"
#include "ui/history/ks-unreadable-card.h"
#include "ui/ks-browse.h"

#include <glib/gi18n.h>

struct _KsMessageRow
{
  AdwBin parent;

  GtkBox *column;
  GtkLabel *room_label;
  GtkLabel *day_label;
  AdwAvatar *avatar;
  GtkBox *header;
  GtkLabel *name;
  GtkLabel *time;
  GtkImage *mark;
  GtkBox *quote;
  GtkLabel *quote_text;
  GtkLabel *body;
  GtkButton *more_button;
  GtkBox *content;

  KsUnreadableCard *unreadable; /* borrowed: in content once it was needed; else NULL */
  KsAttachmentCard *attachment; /* likewise */
  KsTimelineRow *row;           /* owned; NULL: none */
  gulong row_changed;
  const char *mark_text; /* borrowed: what the mark says; NULL: there is none */
  KsTimelineItem *item;  /* owned: of the row */
  gulong item_changed;
};

G_DEFINE_FINAL_TYPE (KsMessageRow, ks_message_row, ADW_TYPE_BIN)

KsMessageRow *
ks_message_row_find (GtkWidget *widget)
{
  GtkWidget *row = widget != NULL ? gtk_widget_get_ancestor (widget, KS_TYPE_MESSAGE_ROW) : NULL;

  if (row == NULL && widget != NULL)
    row = gtk_widget_get_first_child (widget);
  return row != NULL && KS_IS_MESSAGE_ROW (row) ? KS_MESSAGE_ROW (row) : NULL;
}

/* Above the message. */

static void
show_avatar (KsMessageRow *self, const KsTimelineRowLook *look)
{
  gtk_widget_set_visible (GTK_WIDGET (self->avatar), look->begins_run);
  if (!look->begins_run)
    return;
  adw_avatar_set_show_initials (self->avatar, !look->several);
  adw_avatar_set_icon_name (self->avatar, look->several ? "system-users-symbolic" : NULL);
  /* Also the colour comes from it, and must not be the same for two of one name. */
  adw_avatar_set_text (self->avatar, look->names);
}

/* What is not known to be wrong is told quietly. */
static void
show_mark (KsMessageRow *self, const KsTimelineRowLook *look)
{
  KsTimelineKind kind = ks_timeline_item_get_kind (self->item);
  gboolean readable = kind != KS_TIMELINE_UNREADABLE && kind != KS_TIMELINE_REDACTED;
  gboolean open = readable && !ks_timeline_item_get_encrypted (self->item);
  gboolean marked = open || (readable && look->unproven);
  const char *text = open ? _ ("Sent without encryption") : _ ("It isn't proven who sent this");

  self->mark_text = marked ? text : NULL;
  gtk_widget_set_visible (GTK_WIDGET (self->mark), marked);
  if (!marked)
    return;
  gtk_image_set_from_icon_name (self->mark, open ? "changes-allow-symbolic" : KS_PROOF_LINE_ICON);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->mark), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

static void
show_header (KsMessageRow *self, const KsTimelineRowLook *look)
{
  g_autofree char *time = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->header), look->begins_run);
  if (!look->begins_run)
    return;
  time = ks_day_text_time (ks_timeline_item_get_time (self->item));
  gtk_label_set_label (self->name, look->names);
  gtk_label_set_label (self->time, time);
}

/* Name and sign stand above the first message of a run, but a screen reader comes to each by
 * itself; and of a row it reads the labels, not the signs. */
static void
describe (KsMessageRow *self, const KsTimelineRowLook *look)
{
  GtkWidget *holder = gtk_widget_get_parent (GTK_WIDGET (self));
  g_autofree char *time = ks_day_text_time (ks_timeline_item_get_time (self->item));
  g_autoptr (GString) text = g_string_new (NULL);

  if (holder == NULL)
    return;
  if (!look->begins_run)
    /* Translators: the name of somebody, and the time when they sent a message. */
    g_string_append_printf (text, _ ("%s, %s"), look->names, time);
  if (self->mark_text != NULL)
    g_string_append_printf (text, "%s%s", text->len > 0 ? ". " : "", self->mark_text);
  if (text->len > 0)
    gtk_accessible_update_property (GTK_ACCESSIBLE (holder), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text->str,
                                    -1);
  else
    gtk_accessible_reset_property (GTK_ACCESSIBLE (holder), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION);
}

/* Asked for when it is to be seen: setting one asks the display where the pointer is. */
static gboolean
on_name_queried (GtkWidget *name, int x, int y, gboolean by_keyboard, GtkTooltip *tooltip, KsMessageRow *self)
{
  g_autofree char *user_id = NULL;

  if (self->row == NULL || ks_timeline_row_get_look (self->row)->several)
    return FALSE;
  user_id = ks_shown_name (ks_timeline_item_get_sender (self->item));
  gtk_tooltip_set_text (tooltip, user_id);
  return TRUE;
}

static gboolean
on_mark_queried (GtkWidget *mark, int x, int y, gboolean by_keyboard, GtkTooltip *tooltip, KsMessageRow *self)
{
  gtk_tooltip_set_text (tooltip, self->mark_text);
  return self->mark_text != NULL;
}

static void
show_day (KsMessageRow *self, const KsTimelineRowLook *look)
{
  gtk_widget_set_visible (GTK_WIDGET (self->room_label), look->begins_room);
  gtk_widget_set_visible (GTK_WIDGET (self->day_label), look->begins_day);
  if (look->begins_day)
    {
      g_autofree char *day = ks_day_text (ks_timeline_item_get_time (self->item));

      gtk_label_set_label (self->day_label, day);
    }
}

/* The message. */

static void
show_quote (KsMessageRow *self)
{
  KsTimelineItem *quoted = ks_timeline_row_get_quoted (self->row);
  gboolean is_reply = ks_timeline_item_get_kind (self->item) != KS_TIMELINE_REDACTED
                      && ks_timeline_item_get_reply_to (self->item) != NULL;
  g_autofree char *line = NULL;
  g_autofree char *text = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->quote), is_reply);
  if (!is_reply)
    return;
  if (quoted == NULL)
    {
      gtk_label_set_label (self->quote_text, _ ("Reply to an earlier message"));
      return;
    }
  line = ks_message_text_line (quoted);
  /* Translators: the name of somebody, and what they wrote. */
  text = g_strdup_printf (_ ("%s: %s"), ks_timeline_row_get_quoted_name (self->row, quoted), line);
  gtk_label_set_label (self->quote_text, text);
}

static void
show_body (KsMessageRow *self, const KsTimelineRowLook *look)
{
  KsTimelineKind kind = ks_timeline_item_get_kind (self->item);
  gboolean dim = kind == KS_TIMELINE_REDACTED || kind == KS_TIMELINE_NOTICE || kind == KS_TIMELINE_OTHER;
  gboolean cut = FALSE;
  g_autofree char *markup = NULL;
  g_autofree char *text = NULL;

  if (kind != KS_TIMELINE_UNREADABLE)
    markup = ks_message_text (self->item, look->names, ks_timeline_row_get_open (self->row), &cut);
  if (markup != NULL)
    gtk_label_set_markup (self->body, markup);
  else if (kind != KS_TIMELINE_UNREADABLE && kind != KS_TIMELINE_ATTACHMENT)
    {
      text = ks_message_text_other (self->item, look->n);
      gtk_label_set_text (self->body, text);
      dim = TRUE;
    }
  gtk_widget_set_visible (GTK_WIDGET (self->body), markup != NULL || text != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->more_button), cut && !ks_timeline_row_get_open (self->row));
  if (dim)
    gtk_widget_add_css_class (GTK_WIDGET (self->body), "dim-label");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->body), "dim-label");
}

/* Made when they are needed: most rows are text and nothing else. */

static void
show_unreadable (KsMessageRow *self, const KsTimelineRowLook *look)
{
  gboolean unreadable = ks_timeline_item_get_kind (self->item) == KS_TIMELINE_UNREADABLE;

  if (unreadable && self->unreadable == NULL)
    {
      self->unreadable = g_object_new (KS_TYPE_UNREADABLE_CARD, NULL);
      gtk_box_append (self->content, GTK_WIDGET (self->unreadable));
    }
  if (self->unreadable != NULL)
    gtk_widget_set_visible (GTK_WIDGET (self->unreadable), unreadable);
  if (unreadable)
    ks_unreadable_card_show (self->unreadable, self->item, look->n);
}

static void
show_attachment (KsMessageRow *self)
{
  KsAttachmentSave *save = ks_timeline_item_get_kind (self->item) == KS_TIMELINE_ATTACHMENT
                               ? ks_timeline_row_get_save (self->row)
                               : NULL;

  if (save != NULL && self->attachment == NULL)
    {
      self->attachment = g_object_new (KS_TYPE_ATTACHMENT_CARD, NULL);
      gtk_box_insert_child_after (self->content, GTK_WIDGET (self->attachment), GTK_WIDGET (self->quote));
    }
  if (self->attachment == NULL)
    return;
  gtk_widget_set_visible (GTK_WIDGET (self->attachment), save != NULL);
  ks_attachment_card_set_save (self->attachment, save);
}

static void
show (KsMessageRow *self)
{
  const KsTimelineRowLook *look = ks_timeline_row_get_look (self->row);

  show_day (self, look);
  show_avatar (self, look);
  show_mark (self, look);
  show_header (self, look);
  describe (self, look);
  show_quote (self);
  show_body (self, look);
  show_unreadable (self, look);
  show_attachment (self);
  gtk_widget_set_margin_top (GTK_WIDGET (self->column), look->begins_day ? 0 : look->begins_run ? 12 : 0);
}

static void
leave_item (KsMessageRow *self)
{
  if (self->item != NULL)
    g_clear_signal_handler (&self->item_changed, self->item);
  g_clear_object (&self->item);
}

static void
on_row_changed (KsMessageRow *self)
{
  KsTimelineItem *item = ks_timeline_row_get_item (self->row);

  if (item != self->item)
    {
      leave_item (self);
      self->item = g_object_ref (item);
      self->item_changed = g_signal_connect_swapped (item, "notify", G_CALLBACK (show), self);
    }
  show (self);
}

KsTimelineRow *
ks_message_row_get_row (KsMessageRow *self)
{
  return self->row;
}

void
ks_message_row_set_row (KsMessageRow *self, KsTimelineRow *row)
{
  if (row == self->row)
    return;
  leave_item (self);
  if (self->row != NULL)
    g_clear_signal_handler (&self->row_changed, self->row);
  if (self->attachment != NULL)
    ks_attachment_card_set_save (self->attachment, NULL);
  g_set_object (&self->row, row);
  if (row == NULL)
    return;
  self->row_changed = g_signal_connect_swapped (row, "changed", G_CALLBACK (on_row_changed), self);
  on_row_changed (self);
}

static gboolean
on_link_activated (GtkLabel *label, const char *address, KsMessageRow *self)
{
  if (ks_html_may_open (address))
    ks_browse (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), address);
  return TRUE;
}

static void
activate_more (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ks_timeline_row_set_open (KS_MESSAGE_ROW (widget)->row);
}

static void
ks_message_row_dispose (GObject *object)
{
  KsMessageRow *self = KS_MESSAGE_ROW (object);

  ks_message_row_set_row (self, NULL);
  self->unreadable = NULL;
  self->attachment = NULL;
  /* Being part of the template it would be let go of twice. */
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_MESSAGE_ROW);
  G_OBJECT_CLASS (ks_message_row_parent_class)->dispose (object);
}

static void
ks_message_row_class_init (KsMessageRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_message_row_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, KS_TYPE_FLOW_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/history/ks-message-row.ui");
  gtk_widget_class_bind_template_child (widget_class, KsMessageRow, column);
  gtk_widget_class_bind_template_child (widget_class, KsMessageRow, room_label);
  gtk_widget_class_bind_template_child (widget_class, KsMessageRow, day_label);
  gtk_widget_class_bind_template_child (widget_class, KsMessageRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, KsMessageRow, header);
  gtk_widget_class_bind_template_child (widget_class, KsMessageRow, name);
  gtk_widget_class_bind_template_child (widget_class, KsMessageRow, time);
  gtk_widget_class_bind_template_child (widget_class, KsMessageRow, mark);
  gtk_widget_class_bind_template_child (widget_class, KsMessageRow, quote);
  gtk_widget_class_bind_template_child (widget_class, KsMessageRow, quote_text);
  gtk_widget_class_bind_template_child (widget_class, KsMessageRow, body);
  gtk_widget_class_bind_template_child (widget_class, KsMessageRow, more_button);
  gtk_widget_class_bind_template_child (widget_class, KsMessageRow, content);
  gtk_widget_class_bind_template_callback (widget_class, on_link_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_mark_queried);
  gtk_widget_class_bind_template_callback (widget_class, on_name_queried);
  gtk_widget_class_install_action (widget_class, "message.show-all", NULL, activate_more);
}

static void
ks_message_row_init (KsMessageRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
