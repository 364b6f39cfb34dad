/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One process at a time makes the store key of a new database: a lock of the kernel on
 * a file beside the database, which ends with the process however that ends. Without
 * it a second one could put its own key over the first one's in the keyring.
 */
#pragma once

#include <glib.h>

#include "store/ks-store-error.h"

G_BEGIN_DECLS

typedef struct KsStoreKeyLock KsStoreKeyLock;

/* Takes the lock in @directory (the database's). Does not wait. KS_STORE_ERROR_HELD:
 * somebody else makes the key right now. */
KsStoreKeyLock *ks_store_key_lock_take (const char *directory, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Lets go. NULL is allowed. */
void ks_store_key_lock_free (KsStoreKeyLock *lock);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsStoreKeyLock, ks_store_key_lock_free)

G_END_DECLS
