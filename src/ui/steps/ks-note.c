/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/steps/ks-note.h"

#include "ui/steps/ks-scroll-to.h"

struct _KsNote
{
  AdwBin parent;

  GtkLabel *label;
};

G_DEFINE_FINAL_TYPE (KsNote, ks_note, ADW_TYPE_BIN)

void
ks_note_set_text (KsNote *self, const char *text)
{
  gboolean is_news = text != NULL && g_strcmp0 (gtk_label_get_label (self->label), text) != 0;

  gtk_label_set_label (self->label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self), text != NULL);
  if (is_news)
    ks_scroll_to (GTK_WIDGET (self));
}

static void
ks_note_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_NOTE);
  G_OBJECT_CLASS (ks_note_parent_class)->dispose (object);
}

static void
ks_note_class_init (KsNoteClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_note_dispose;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_ALERT);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/steps/ks-note.ui");
  gtk_widget_class_bind_template_child (widget_class, KsNote, label);
}

static void
ks_note_init (KsNote *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
