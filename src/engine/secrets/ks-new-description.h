/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The description of a key in secret storage that is written in the place of one that is there. No I/O.
 */
#pragma once

#include "crypto/ks-secret.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The description of @key (32 bytes), as ks_secret_storage_describe() makes it of @salt and @rounds, with
 * what @before (NULL: none) says besides. What is left of that which no client could read is left out, and
 * so is what had signed it, since it is not this any more. NULL if the library failed. */
JsonObject *ks_new_description (JsonObject *before, const KsSecret *key, const char *salt, gint64 rounds)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
