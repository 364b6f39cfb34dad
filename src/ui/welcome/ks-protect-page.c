/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/welcome/ks-protect-page.h"

struct _KsProtectPage
{
  AdwBin parent;

  GtkButton *set_up_button;
};

G_DEFINE_FINAL_TYPE (KsProtectPage, ks_protect_page, ADW_TYPE_BIN)

gboolean
ks_protect_page_is_due (KsRecoveryState state, gboolean looked)
{
  return looked && state == KS_RECOVERY_NOT_SET_UP;
}

static gboolean
ks_protect_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (KS_PROTECT_PAGE (widget)->set_up_button));
}

/* Return sets up, wherever the focus is: for as long as the page is shown. */
static void
ks_protect_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (ks_protect_page_parent_class)->map (widget);
  gtk_window_set_default_widget (GTK_WINDOW (gtk_widget_get_root (widget)),
                                 GTK_WIDGET (KS_PROTECT_PAGE (widget)->set_up_button));
}

static void
ks_protect_page_unmap (GtkWidget *widget)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (widget));

  if (gtk_window_get_default_widget (window) == GTK_WIDGET (KS_PROTECT_PAGE (widget)->set_up_button))
    gtk_window_set_default_widget (window, NULL);
  GTK_WIDGET_CLASS (ks_protect_page_parent_class)->unmap (widget);
}

static void
ks_protect_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_PROTECT_PAGE);
  G_OBJECT_CLASS (ks_protect_page_parent_class)->dispose (object);
}

static void
ks_protect_page_class_init (KsProtectPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_protect_page_dispose;
  widget_class->grab_focus = ks_protect_page_grab_focus;
  widget_class->map = ks_protect_page_map;
  widget_class->unmap = ks_protect_page_unmap;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/welcome/ks-protect-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsProtectPage, set_up_button);
}

static void
ks_protect_page_init (KsProtectPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
