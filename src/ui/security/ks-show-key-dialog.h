/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Security Key, shown to the person who asked for it. Made when needed, destroyed
 * when closed, and then nothing is left of the key here.
 */
#pragma once

#include "crypto/ks-secret.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_SHOW_KEY_DIALOG (ks_show_key_dialog_get_type ())
G_DECLARE_FINAL_TYPE (KsShowKeyDialog, ks_show_key_dialog, KS, SHOW_KEY_DIALOG, AdwWindow)

/* @key: 32 bytes. @note: what is wrong with it; NULL: nothing. Shown by
 * gtk_window_present(). */
KsShowKeyDialog *ks_show_key_dialog_new (GtkWindow *parent, const KsSecret *key, const char *note);

G_END_DECLS
