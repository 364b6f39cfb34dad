/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/trouble/ks-set-aside-notice.h"

#include <glib/gi18n.h>

char *
ks_set_aside_notice (const char *path, gboolean started_over)
{
  g_autofree char *name = g_filename_display_basename (path);

  if (started_over)
    /* Translators: %s is a file's name. */
    return g_strdup_printf (_ ("Your earlier data was set aside. To import what can be read of it, "
                               "choose %s under Import E2E Room Keys."),
                            name);
  /* Translators: %s is a file's name. */
  return g_strdup_printf (_ ("Keepsake's data on this computer was damaged. What could be read was kept, "
                             "and the damaged file was set aside. To look through it again, choose %s "
                             "under Import E2E Room Keys."),
                          name);
}
