/* SPDX-License-Identifier: GPL-3.0-or-later */

/* gtk_show_uri() is deprecated from GTK 4.10 on; only this file names it. */

#include "config.h"

#include "ui/ks-browse.h"

void
ks_browse (GtkWindow *parent, const char *url)
{
  gtk_show_uri (parent, url, GDK_CURRENT_TIME);
}
