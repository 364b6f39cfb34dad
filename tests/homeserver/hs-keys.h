/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Device keys and cross-signing keys as the database has them, with the
 * signatures that were uploaded since.
 */
#pragma once

#include "hs-server.h"

G_BEGIN_DECLS

/* The device's keys, signed by itself and by its owner's other keys, or NULL. */
JsonObject *hs_device_keys (HsServer *server, const char *user, const char *device);

/* @user's key for @usage ("master", "self_signing", "user_signing") with the
 * signatures that @viewer may see: its own and those of @user. NULL: none. */
JsonObject *hs_cross_signing_key (HsServer *server, const char *user, const char *usage, const char *viewer);

/* The key ID ("ed25519:…") and public key of a cross-signing key; both borrowed.
 * FALSE: @key is not one of exactly one Ed25519 key. */
gboolean hs_cross_signing_public (JsonObject *key, const char **key_id, const char **public_key);

G_END_DECLS
