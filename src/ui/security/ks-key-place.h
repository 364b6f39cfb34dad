/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the Security Key is kept, in words.
 */
#pragma once

#include "engine/account/ks-profile.h"

G_BEGIN_DECLS

/* @keyring, @in_keyring: as ks_keyring_look_finish() tells them. @file: the name of the
 * file that the person saved the key to; NULL: not known. */
char *ks_key_place_text (KsProfileState keyring, gboolean in_keyring, const char *file)
    G_GNUC_WARN_UNUSED_RESULT;

/* Whether the keyring can be asked for it: it has it, or is locked and may have it. */
gboolean ks_key_place_can_ask (KsProfileState keyring, gboolean in_keyring);

G_END_DECLS
