/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialogs "Export E2E Room Keys" and "Import E2E Room Keys".
 */
#pragma once

#include "engine/ks-account.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_KEY_FILE_DIALOG (ks_key_file_dialog_get_type ())
G_DECLARE_FINAL_TYPE (KsKeyFileDialog, ks_key_file_dialog, KS, KEY_FILE_DIALOG, AdwWindow)

KsKeyFileDialog *ks_key_file_dialog_new_export (GtkWindow *parent, KsAccount *account);

/* @uri: of a file that was chosen elsewhere; empty: none was. */
KsKeyFileDialog *ks_key_file_dialog_new_import (GtkWindow *parent, KsAccount *account, const char *uri);

G_END_DECLS
