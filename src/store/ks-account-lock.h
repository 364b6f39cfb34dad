/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One process at a time drives an account: a lock of the kernel on a file beside
 * the database, which ends with the process however that ends. It says nothing
 * about who may read the database.
 */
#pragma once

#include <glib.h>

#include "store/ks-store-error.h"

G_BEGIN_DECLS

typedef struct KsAccountLock KsAccountLock;

/* Takes the lock for @user_id and @device_id in @directory (the database's). Does
 * not wait. KS_STORE_ERROR_HELD: another process, or another KsAccountLock of this
 * one, has it. The file stays when the lock is gone; it means nothing then. */
KsAccountLock *
ks_account_lock_take (const char *directory, const char *user_id, const char *device_id, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Whether somebody has it: for a process that only reads. */
gboolean ks_account_lock_is_taken (const char *directory, const char *user_id, const char *device_id);

/* Lets go. NULL is allowed. */
void ks_account_lock_free (KsAccountLock *lock);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsAccountLock, ks_account_lock_free)

G_END_DECLS
