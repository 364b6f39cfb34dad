/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a person sees first: what this is for, and "Sign In" (action
 * "win.sign-in").
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_WELCOME_PAGE (ks_welcome_page_get_type ())
G_DECLARE_FINAL_TYPE (KsWelcomePage, ks_welcome_page, KS, WELCOME_PAGE, AdwBin)

G_END_DECLS
