/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shown instead of everything else while the profile cannot be opened: which
 * state it is in, and the choices that this leaves.
 */
#pragma once

#include "engine/account/ks-profile.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_TROUBLE_PAGE (ks_trouble_page_get_type ())
G_DECLARE_FINAL_TYPE (KsTroublePage, ks_trouble_page, KS, TROUBLE_PAGE, AdwBin)

/* Tells what is the matter with @profile. Signal "open" (KsProfileOpenFlags, as
 * guint): the person has chosen how to try again. */
void ks_trouble_page_set_profile (KsTroublePage *self, KsProfile *profile);

G_END_DECLS
