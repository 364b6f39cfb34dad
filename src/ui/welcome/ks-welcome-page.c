/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/welcome/ks-welcome-page.h"

struct _KsWelcomePage
{
  AdwBin parent;

  GtkButton *sign_in_button;
};

G_DEFINE_FINAL_TYPE (KsWelcomePage, ks_welcome_page, ADW_TYPE_BIN)

static gboolean
ks_welcome_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (KS_WELCOME_PAGE (widget)->sign_in_button));
}

static void
ks_welcome_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_WELCOME_PAGE);
  G_OBJECT_CLASS (ks_welcome_page_parent_class)->dispose (object);
}

static void
ks_welcome_page_class_init (KsWelcomePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_welcome_page_dispose;
  widget_class->grab_focus = ks_welcome_page_grab_focus;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/welcome/ks-welcome-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsWelcomePage, sign_in_button);
}

static void
ks_welcome_page_init (KsWelcomePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
