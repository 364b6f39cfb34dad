/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a person sees after signing in to an account without Secure Backup: why to have
 * it, "Set Up Secure Backup" (action "win.set-up") and "Later" (action "win.later").
 */
#pragma once

#include "engine/recovery/ks-recovery.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_PROTECT_PAGE (ks_protect_page_get_type ())
G_DECLARE_FINAL_TYPE (KsProtectPage, ks_protect_page, KS, PROTECT_PAGE, AdwBin)

/* Whether it is to be shown: @state is known from the server, and there is nothing yet. */
gboolean ks_protect_page_is_due (KsRecoveryState state, gboolean looked);

G_END_DECLS
