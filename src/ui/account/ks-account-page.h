/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page "Account": who is signed in, where, as which session; and signing out.
 */
#pragma once

#include "engine/account/ks-account.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_ACCOUNT_PAGE (ks_account_page_get_type ())
G_DECLARE_FINAL_TYPE (KsAccountPage, ks_account_page, KS, ACCOUNT_PAGE, AdwBin)

/* @account may be NULL: nobody is signed in. */
void ks_account_page_set_account (KsAccountPage *self, KsAccount *account);

/* What the row "Sign Out…" does. */
void ks_account_page_sign_out (KsAccountPage *self);

G_END_DECLS
