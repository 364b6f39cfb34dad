/* SPDX-License-Identifier: GPL-3.0-or-later */

/* AdwAboutWindow is deprecated from libadwaita 1.6 on; only this file names it. */

#include "config.h"

#include "ui/ks-about.h"

#include <adwaita.h>
#include <glib/gi18n.h>

void
ks_about_show (GtkWindow *parent)
{
  const char *developers[] = { "The Keepsake developers", NULL };

  adw_show_about_window (parent, "application-name", "Keepsake", "application-icon", APP_ID, "version",
                         VERSION, "developer-name", "The Keepsake developers", "developers", developers,
                         "license-type", GTK_LICENSE_GPL_3_0, "comments",
                         _ ("Keepsake gives your Matrix account a working Secure Backup, beside whichever "
                            "chat app "
                            "you use."),
                         /* Translators: your name, and your address if you like; a line for each of you. */
                         "translator-credits", _ ("translator-credits"), NULL);
}
