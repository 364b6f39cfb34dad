/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the rest of the engine needs of an account and nobody else.
 */
#pragma once

#include "engine/account/ks-account.h"
#include "engine/account/ks-password-memory.h"
#include "matrix/ks-http.h"
#include "store/ks-account-lock.h"
#include "store/ks-account-store.h"
#include "store/ks-inbox.h"
#include "store/ks-keyring.h"

G_BEGIN_DECLS

/* An account of @database. @record must hold its access token. @keyring is where the
 * Security Key can be kept; NULL: nowhere. Takes @lock over; NULL: this process only
 * reads. Errors: KS_MATRIX_ERROR for a base URL or token that cannot be one. */
KsAccount *ks_account_new (KsDatabase *database,
                           KsKeyring *keyring,
                           const KsAccountRecord *record,
                           KsAccountLock *lock,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* It is let go of: nothing goes on by itself any more. */
void ks_account_stop (KsAccount *self);

KsHttp *ks_account_get_http (KsAccount *self);   /* borrowed */
KsInbox *ks_account_get_inbox (KsAccount *self); /* borrowed */

/* Takes @memory over. */
void ks_account_remember_password (KsAccount *self, KsPasswordMemory *memory);

G_END_DECLS
