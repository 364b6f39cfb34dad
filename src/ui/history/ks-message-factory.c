/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/history/ks-message-factory.h"

#include "ui/history/ks-message-row.h"

static void
on_made (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  gtk_list_item_set_child (item, g_object_new (KS_TYPE_MESSAGE_ROW, NULL));
  gtk_list_item_set_activatable (item, FALSE);
}

static void
on_bound (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  ks_message_row_set_row (KS_MESSAGE_ROW (gtk_list_item_get_child (item)), gtk_list_item_get_item (item));
}

static void
on_unbound (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  ks_message_row_set_row (KS_MESSAGE_ROW (gtk_list_item_get_child (item)), NULL);
}

GtkListItemFactory *
ks_message_factory_new (void)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_made), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bound), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (on_unbound), NULL);
  return factory;
}
