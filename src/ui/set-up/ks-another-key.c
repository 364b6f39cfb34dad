/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/set-up/ks-another-key.h"

#include "ui/ks-ask.h"

#include <glib/gi18n.h>

gboolean
ks_another_key_is_due (KsSaveKeyPage *page)
{
  return ks_save_key_page_get_kept_in (page) != NULL || ks_save_key_page_is_kept_elsewhere (page);
}

/* "If": who goes back and chooses the same once more gets the same key once more. */
static char *
what_becomes_of_it (KsSaveKeyPage *page)
{
  const char *file_name = ks_save_key_page_get_kept_in (page);

  if (file_name == NULL)
    return g_strdup (_ ("You copied this key. If you go back and make another one, what you copied opens "
                        "nothing. Delete it then."));
  if (ks_save_key_page_is_kept_elsewhere (page))
    /* Translators: %s is the name of a file. */
    return g_strdup_printf (_ ("You saved this key to %s and elsewhere. If you go back and make another "
                               "one, none of these opens anything. Delete them then."),
                            file_name);
  /* Translators: %s is the name of a file. */
  return g_strdup_printf (_ ("You saved this key to %s. If you go back and make another one, that file "
                             "opens nothing. Delete it then."),
                          file_name);
}

void
ks_another_key_async (GtkWindow *window,
                      KsSaveKeyPage *page,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autofree char *body = what_becomes_of_it (page);

  ks_ask_between_async (window, _ ("Make Another Key?"), body, _ ("_Keep This Key"), _ ("_Make Another Key"),
                        TRUE, callback, user_data);
}

gboolean
ks_another_key_finish (GAsyncResult *result)
{
  return ks_ask_finish (result);
}
