/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/steps/ks-forward-button.h"

struct _KsForwardButton
{
  AdwBin parent;

  GtkButton *button;
  GtkLabel *label;
  GtkSpinner *spinner;

  KsStepPage *page; /* owned; NULL before there is one */
  gulong changed;
};

G_DEFINE_FINAL_TYPE (KsForwardButton, ks_forward_button, ADW_TYPE_BIN)

static void
update (KsForwardButton *self)
{
  const char *label = ks_step_page_get_forward_label (self->page);
  gboolean busy = ks_step_page_get_busy (self->page);

  gtk_label_set_label (self->label, label != NULL ? label : "");
  gtk_widget_set_visible (GTK_WIDGET (self->button), label != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->button), ks_step_page_get_complete (self->page) && !busy);
  if (ks_step_page_get_forward_suggested (self->page))
    gtk_widget_add_css_class (GTK_WIDGET (self->button), "suggested-action");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->button), "suggested-action");
}

static void
leave_page (KsForwardButton *self)
{
  if (self->page != NULL)
    g_clear_signal_handler (&self->changed, self->page);
  g_clear_object (&self->page);
}

void
ks_forward_button_set_page (KsForwardButton *self, KsStepPage *page)
{
  leave_page (self);
  self->page = g_object_ref (page);
  self->changed = g_signal_connect_object (page, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

GtkWidget *
ks_forward_button_get_button (KsForwardButton *self)
{
  return GTK_WIDGET (self->button);
}

static void
on_button_clicked (GtkButton *button, KsForwardButton *self)
{
  ks_step_page_forward (self->page);
}

/* GTK would press the default button from a row, too. */
static void
on_focus_moved (GtkWindow *dialog)
{
  GtkWidget *focus = gtk_window_get_focus (dialog);

  if (GTK_IS_LIST_BOX_ROW (focus) && gtk_list_box_row_get_activatable (GTK_LIST_BOX_ROW (focus)))
    gtk_widget_set_receives_default (focus, TRUE);
}

void
ks_forward_button_take_enter (KsForwardButton *self, GtkWindow *dialog)
{
  gtk_window_set_default_widget (dialog, ks_forward_button_get_button (self));
  g_signal_connect (dialog, "notify::focus-widget", G_CALLBACK (on_focus_moved), NULL);
}

static void
ks_forward_button_dispose (GObject *object)
{
  /* The template is not taken apart here: GTK 4.8 would unparent the bound child behind
   * AdwBin's back, which then does it again. */
  leave_page (KS_FORWARD_BUTTON (object));
  G_OBJECT_CLASS (ks_forward_button_parent_class)->dispose (object);
}

static void
ks_forward_button_class_init (KsForwardButtonClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_forward_button_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/steps/ks-forward-button.ui");
  gtk_widget_class_bind_template_child (widget_class, KsForwardButton, button);
  gtk_widget_class_bind_template_child (widget_class, KsForwardButton, label);
  gtk_widget_class_bind_template_child (widget_class, KsForwardButton, spinner);
  gtk_widget_class_bind_template_callback (widget_class, on_button_clicked);
}

static void
ks_forward_button_init (KsForwardButton *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
