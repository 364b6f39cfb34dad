/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whose rows a store reads and writes: one account's, by the ID of its row and, for
 * seals, by the names of its user and device. It never changes, so that the main context
 * and the writer thread can share it. Internal to the store.
 */
#pragma once

#include "store/ks-account-store.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 id;
  char *user_id;
  char *device_id;
} KsAccountScope;

/* Of @account, of which id, user_id and device_id are used. */
KsAccountScope *ks_account_scope_new (const KsAccountRecord *account) G_GNUC_WARN_UNUSED_RESULT;
KsAccountScope *ks_account_scope_ref (KsAccountScope *scope);
void ks_account_scope_unref (KsAccountScope *scope); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsAccountScope, ks_account_scope_unref)

/* Where a sealed value of the account belongs. @key is the row's own logical key within
 * the account; NULL: there is one row an account. Borrows all that it is given. */
KsSealPlace
ks_account_scope_place (const KsAccountScope *scope, const char *table, const char *column, const char *key);

/* As ks_transaction_prepare(), with the parameter ":account_id" bound. Bind it again
 * where the statement is run a second time. */
KsStatement *ks_account_scope_prepare (const KsAccountScope *scope,
                                       KsTransaction *transaction,
                                       const char *sql,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Runs such a statement of no further parameters, to its end: a DELETE. */
gboolean ks_account_scope_execute (const KsAccountScope *scope,
                                   KsTransaction *transaction,
                                   const char *sql,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
