/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the window shows of an account that is signed in: the sidebar, the page that is
 * open, and the banner above it.
 */
#pragma once

#include "engine/account/ks-profile.h"
#include "ui/security/ks-security-page.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_MAIN_VIEW (ks_main_view_get_type ())
G_DECLARE_FINAL_TYPE (KsMainView, ks_main_view, KS, MAIN_VIEW, AdwBin)

/* @account is the one that is signed in to @profile; NULL: nobody is. */
void ks_main_view_set_account (KsMainView *self, KsProfile *profile, KsAccount *account);

/* Asks the server again what the pages show. */
void ks_main_view_refresh (KsMainView *self);

/* @name: "account", "security" or "history"; nothing happens at others. */
void ks_main_view_show_page (KsMainView *self, const char *name);

/* From a room to "History"; from a page to the sidebar, where only one of them has room. */
void ks_main_view_go_back (KsMainView *self);

/* Says @text in the banner until the person closes it; NULL: there is nothing to say. */
void ks_main_view_set_notice (KsMainView *self, const char *text);

void ks_main_view_set_menu (KsMainView *self, GMenuModel *menu);

/* Whether F10 opens the menu of this view. */
void ks_main_view_set_menu_primary (KsMainView *self, gboolean primary);

/* Borrowed. */
KsSecurityPage *ks_main_view_get_security_page (KsMainView *self);

G_END_DECLS
