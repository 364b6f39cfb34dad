/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one thing that is taken out of text that is no acceptable JSON: a token, so that what it
 * stands for does not go on without anybody who knows of it.
 */
#pragma once

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

/* The first string in @bytes that is called @name and made of printable ASCII without escapes,
 * as tokens are, wherever it stands. NULL: there is none. Proves nothing. */
KsSecret *ks_json_find_token (const void *bytes, gsize size, const char *name) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
