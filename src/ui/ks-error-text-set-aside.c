/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/ks-error-text.h"

#include "store/ks-store-error.h"

#include <glib/gi18n.h>

char *
ks_error_text_set_aside (const GError *error)
{
  if (g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND))
    return g_strdup (
        _ ("The file holds nothing of your account, so nothing was imported. If it is from another "
           "account, sign in with that one and import it there."));
  if (g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY))
    return g_strdup (
        _ ("The file is locked with a key that isn't on this computer, so its room keys stay out of "
           "reach. Nothing was changed. If you moved to another keyring, bring the old one back and try "
           "again. If not, restore from your backup."));
  if (g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED))
    return g_strdup (
        _ ("The file is so damaged that nothing in it can be read. Nothing was changed. Restore from "
           "your backup, or export the keys on another device and import them here."));
  if (g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_NEWER))
    return g_strdup (
        _ ("A newer version of Keepsake wrote this file. Nothing was changed. Install that version, then "
           "import the file again."));
  if (g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED))
    return g_strdup (
        _ ("The disk failed while the file was read. What was imported so far is kept. Try again, or "
           "copy the file to another place first."));
  return ks_error_text (error);
}
