/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Storing secrets as a part of somebody else's transaction. Internal to the store.
 */
#pragma once

#include "store/ks-account-scope.h"
#include "store/ks-database.h"
#include "store/ks-secret-store.h"

G_BEGIN_DECLS

/* Stores the KsSecret elements of @values under @names, in place of those of the same
 * names. On the writer thread. */
gboolean ks_secret_store_put_within (
    KsTransaction *transaction, const KsAccountScope *scope, GStrv names, GPtrArray *values, GError **error);

G_END_DECLS
