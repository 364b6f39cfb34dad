/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/security/ks-show-key-dialog.h"

#include "ui/ks-dialog-size.h"
#include "ui/steps/ks-key-card.h"
#include "ui/steps/ks-note.h"

struct _KsShowKeyDialog
{
  AdwWindow parent;

  GtkScrolledWindow *scroller;
  AdwClamp *content;
  KsKeyCard *card;
  KsNote *note;
  GtkButton *close_button;
};

G_DEFINE_FINAL_TYPE (KsShowKeyDialog, ks_show_key_dialog, ADW_TYPE_WINDOW)

static void
ks_show_key_dialog_dispose (GObject *object)
{
  KsShowKeyDialog *self = KS_SHOW_KEY_DIALOG (object);

  if (self->card != NULL)
    ks_key_card_set_key (self->card, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_SHOW_KEY_DIALOG);
  G_OBJECT_CLASS (ks_show_key_dialog_parent_class)->dispose (object);
}

static void
ks_show_key_dialog_class_init (KsShowKeyDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_show_key_dialog_dispose;

  g_type_ensure (KS_TYPE_KEY_CARD);
  g_type_ensure (KS_TYPE_NOTE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/security/ks-show-key-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, KsShowKeyDialog, scroller);
  gtk_widget_class_bind_template_child (widget_class, KsShowKeyDialog, content);
  gtk_widget_class_bind_template_child (widget_class, KsShowKeyDialog, card);
  gtk_widget_class_bind_template_child (widget_class, KsShowKeyDialog, note);
  gtk_widget_class_bind_template_child (widget_class, KsShowKeyDialog, close_button);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ks_show_key_dialog_init (KsShowKeyDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_window_set_default_widget (GTK_WINDOW (self), GTK_WIDGET (self->close_button));
}

/* All of the key is seen at once, if @parent is high enough. A scrolled window would ask its
 * content how high it is, but not how high it is where it is narrow. */
static void
fit_height (KsShowKeyDialog *self, GtkWindow *parent)
{
  int most = gtk_widget_get_height (GTK_WIDGET (parent)) * 3 / 4;
  int width, height;

  /* GTK 4.8 wants both. */
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  gtk_widget_measure (GTK_WIDGET (self->content), GTK_ORIENTATION_VERTICAL, width, &height, NULL, NULL, NULL);
  gtk_scrolled_window_set_min_content_height (self->scroller, MIN (height, most));
}

KsShowKeyDialog *
ks_show_key_dialog_new (GtkWindow *parent, const KsSecret *key, const char *note)
{
  KsShowKeyDialog *self = g_object_new (KS_TYPE_SHOW_KEY_DIALOG, "transient-for", parent, NULL);

  ks_dialog_size_fit (GTK_WINDOW (self), parent);
  ks_key_card_set_key (self->card, key);
  ks_note_set_text (self->note, note);
  fit_height (self, parent);
  gtk_widget_grab_focus (GTK_WIDGET (self->close_button));
  return self;
}
