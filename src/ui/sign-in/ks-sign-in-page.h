/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signing in by password: who, with which password, at which homeserver, which is
 * found and shown before the password can be sent.
 */
#pragma once

#include "engine/account/ks-profile.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_SIGN_IN_PAGE (ks_sign_in_page_get_type ())
G_DECLARE_FINAL_TYPE (KsSignInPage, ks_sign_in_page, KS, SIGN_IN_PAGE, AdwBin)

/* Where the account goes: @profile gets a new value in its property "account"
 * when signing in has succeeded. */
void ks_sign_in_page_set_profile (KsSignInPage *self, KsProfile *profile);

/* Stops what is under way and forgets what was typed. For leaving the page. */
void ks_sign_in_page_reset (KsSignInPage *self);

G_END_DECLS
