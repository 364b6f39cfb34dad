/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The window: before an account is there one column (opening, trouble, welcome,
 * sign in), then the sidebar and its pages. It follows the profile; the pages do
 * their own work.
 */
#pragma once

#include "engine/account/ks-profile.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_WINDOW (ks_window_get_type ())
G_DECLARE_FINAL_TYPE (KsWindow, ks_window, KS, WINDOW, AdwApplicationWindow)

/* Shows @profile and begins to open it. */
KsWindow *ks_window_new (GtkApplication *application, KsProfile *profile);

G_END_DECLS
