/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialogs "Export E2E Room Keys" and "Import E2E Room Keys". The second takes a database that was set
 * aside, too.
 */
#pragma once

#include "engine/account/ks-profile.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_KEY_FILE_DIALOG (ks_key_file_dialog_get_type ())
G_DECLARE_FINAL_TYPE (KsKeyFileDialog, ks_key_file_dialog, KS, KEY_FILE_DIALOG, AdwWindow)

/* For the account of @profile, which must have one. */
KsKeyFileDialog *ks_key_file_dialog_new_export (GtkWindow *parent, KsProfile *profile);

/* Likewise. @uri: of a file that was chosen elsewhere, or dropped; empty: none was. */
KsKeyFileDialog *ks_key_file_dialog_new_import (GtkWindow *parent, KsProfile *profile, const char *uri);

G_END_DECLS
