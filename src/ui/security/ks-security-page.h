/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page "Security & Privacy": what Secure Backup is for this account.
 */
#pragma once

#include "engine/account/ks-account.h"
#include "engine/account/ks-profile.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_SECURITY_PAGE (ks_security_page_get_type ())
G_DECLARE_FINAL_TYPE (KsSecurityPage, ks_security_page, KS, SECURITY_PAGE, AdwBin)

/* @account is the one that is signed in to @profile, and has started; NULL: nobody is. */
void ks_security_page_set_account (KsSecurityPage *self, KsProfile *profile, KsAccount *account);

/* Asks the server again. */
void ks_security_page_refresh (KsSecurityPage *self);

G_END_DECLS
