/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A secret on the clipboard for a little while: clipboard histories are asked not to
 * keep it, and it is taken back as long as nothing else was copied since.
 */
#pragma once

#include "crypto/ks-secret.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct KsSecretClipboard KsSecretClipboard;

#define KS_SECRET_CLIPBOARD_SECONDS 60

KsSecretClipboard *ks_secret_clipboard_new (GdkClipboard *clipboard) G_GNUC_WARN_UNUSED_RESULT;

/* Takes the secret back and frees. NULL is allowed. */
void ks_secret_clipboard_free (KsSecretClipboard *self);

/* Frees, and leaves the secret there for the rest of its time, or until the program ends.
 * NULL is allowed. */
void ks_secret_clipboard_leave (KsSecretClipboard *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsSecretClipboard, ks_secret_clipboard_free)

/* Puts @text there (UTF-8), for KS_SECRET_CLIPBOARD_SECONDS from now. */
void ks_secret_clipboard_copy (KsSecretClipboard *self, KsSecret *text);

/* The same for a Security Key (32 bytes), as its text. */
void ks_secret_clipboard_copy_key (KsSecretClipboard *self, const KsSecret *key);

/* Takes it back, unless the clipboard holds something else by now. */
void ks_secret_clipboard_clear (KsSecretClipboard *self);

G_END_DECLS
