/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The row "Security Key": where it is kept, and, if that is this computer's keyring, the
 * ways to get it out. The key is read each time that the person asks, and not kept.
 */
#pragma once

#include "engine/account/ks-account.h"
#include "engine/account/ks-profile.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_KEY_ROW (ks_key_row_get_type ())
G_DECLARE_FINAL_TYPE (KsKeyRow, ks_key_row, KS, KEY_ROW, AdwActionRow)

/* @account is the one that is signed in to @profile; both NULL: nobody is. */
void ks_key_row_set_account (KsKeyRow *self, KsProfile *profile, KsAccount *account);

/* Looks anew at what is known of the key. */
void ks_key_row_update (KsKeyRow *self);

G_END_DECLS
