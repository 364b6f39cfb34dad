/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/restore/ks-unlock-drop.h"

static gboolean
is_shown (KsUnlockPage *page)
{
  GtkWidget *pages = gtk_widget_get_parent (GTK_WIDGET (page));

  return gtk_stack_get_visible_child (GTK_STACK (pages)) == GTK_WIDGET (page);
}

static gboolean
on_dropped (GtkDropTarget *target, const GValue *value, double x, double y, KsUnlockPage *page)
{
  if (!is_shown (page) || ks_step_page_get_busy (KS_STEP_PAGE (page)))
    return FALSE;
  if (G_VALUE_HOLDS (value, G_TYPE_FILE))
    ks_unlock_page_open_file (page, g_value_get_object (value));
  else
    ks_unlock_page_enter (page, g_value_get_string (value));
  return TRUE;
}

void
ks_unlock_drop_take (GtkWidget *dialog, KsUnlockPage *page)
{
  GType types[] = { G_TYPE_FILE, G_TYPE_STRING };
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_INVALID, GDK_ACTION_COPY);

  gtk_drop_target_set_gtypes (target, types, G_N_ELEMENTS (types));
  g_signal_connect (target, "drop", G_CALLBACK (on_dropped), page);
  gtk_widget_add_controller (dialog, GTK_EVENT_CONTROLLER (target));
}
