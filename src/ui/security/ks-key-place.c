/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/security/ks-key-place.h"

#include <glib/gi18n.h>

char *
ks_key_place_text (KsProfileState keyring, gboolean in_keyring, const char *file)
{
  g_autofree char *name = file != NULL ? g_filename_display_name (file) : NULL;

  if (in_keyring && name != NULL)
    /* Translators: %s is the name of a file. */
    return g_strdup_printf (_ ("Kept in the desktop keyring, and saved to %s"), name);
  if (in_keyring)
    return g_strdup (_ ("Kept in the desktop keyring"));
  if (name != NULL)
    /* Translators: %s is the name of a file. */
    return g_strdup_printf (_ ("Saved to %s"), name);
  if (keyring == KS_PROFILE_KEYRING_LOCKED)
    return g_strdup (_ ("Where you saved it, and perhaps in the desktop keyring, which is locked"));
  return g_strdup (_ ("Only where you saved it"));
}

gboolean
ks_key_place_can_ask (KsProfileState keyring, gboolean in_keyring)
{
  return in_keyring || keyring == KS_PROFILE_KEYRING_LOCKED;
}
