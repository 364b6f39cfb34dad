/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog "Set Up Secure Backup": leads through it, page by page, and shows what
 * KsSetUp does. Closing it ends nothing that is under way; opened again, it shows where
 * that stands. Made when needed, destroyed when closed.
 */
#pragma once

#include "engine/account/ks-account.h"
#include "engine/account/ks-profile.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_SET_UP_DIALOG (ks_set_up_dialog_get_type ())
G_DECLARE_FINAL_TYPE (KsSetUpDialog, ks_set_up_dialog, KS, SET_UP_DIALOG, AdwWindow)

/* For the account that is signed in to @profile. Shown by gtk_window_present(). */
KsSetUpDialog *ks_set_up_dialog_new (GtkWindow *parent, KsProfile *profile, KsAccount *account);

G_END_DECLS
