/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/history/ks-message-factory.h"

#include "ui/history/ks-message-row.h"

static void
on_made (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  gtk_list_item_set_child (item, g_object_new (KS_TYPE_MESSAGE_ROW, NULL));
  gtk_list_item_set_activatable (item, FALSE);
}

/* GTK 4.8 takes every row away and gives it again when its place in the list changes, which it does
 * for each page that comes before it: what shows the same row goes on with it. What shows none
 * any more is let go of by the list. */
static void
on_bound (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  ks_message_row_set_row (KS_MESSAGE_ROW (gtk_list_item_get_child (item)), gtk_list_item_get_item (item));
}

GtkListItemFactory *
ks_message_factory_new (void)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_made), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bound), NULL);
  return factory;
}
