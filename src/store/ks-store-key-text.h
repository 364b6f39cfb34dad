/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A key of 32 bytes as one line of base64, as it lies in the key file and in the
 * desktop keyring. Internal to the store.
 */
#pragma once

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

/* Padded base64 of 32 bytes. */
#define KS_STORE_KEY_TEXT_SIZE 44

/* KS_STORE_KEY_TEXT_SIZE characters, without a final newline or zero. */
KsSecret *ks_store_key_to_text (const KsSecret *key) G_GNUC_WARN_UNUSED_RESULT;

/* NULL: @text is anything but that, or that and a final newline. */
KsSecret *ks_store_key_from_text (const char *text, gsize size) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
