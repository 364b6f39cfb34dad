/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether a key is a store's key, within a transaction: it opens the check row, or, where a damaged
 * database has lost that, something else that was sealed under it. Internal to the store.
 */
#pragma once

#include "store/ks-database.h"

G_BEGIN_DECLS

/* Writes the check row, which is not there. */
gboolean ks_store_key_proof_write (KsTransaction *transaction, const KsSecret *store_key, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* KS_STORE_ERROR_WRONG_KEY: it is not. KS_STORE_ERROR_NOT_FOUND: there is no check row, and nothing
 * else that is sealed. Where other things proved it the check row is written anew. */
gboolean ks_store_key_proof_check (KsTransaction *transaction, const KsSecret *store_key, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
