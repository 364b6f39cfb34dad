/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-account-scope.h"

KsAccountScope *
ks_account_scope_new (const KsAccountRecord *account)
{
  KsAccountScope *scope = g_atomic_rc_box_new0 (KsAccountScope);

  scope->id = account->id;
  scope->user_id = g_strdup (account->user_id);
  scope->device_id = g_strdup (account->device_id);
  return scope;
}

KsAccountScope *
ks_account_scope_ref (KsAccountScope *scope)
{
  return g_atomic_rc_box_acquire (scope);
}

static void
scope_clear (gpointer data)
{
  KsAccountScope *scope = data;

  g_free (scope->user_id);
  g_free (scope->device_id);
}

void
ks_account_scope_unref (KsAccountScope *scope)
{
  if (scope != NULL)
    g_atomic_rc_box_release_full (scope, scope_clear);
}

KsSealPlace
ks_account_scope_place (const KsAccountScope *scope, const char *table, const char *column, const char *key)
{
  return (KsSealPlace){ table, column, { scope->user_id, scope->device_id, key } };
}

KsStatement *
ks_account_scope_prepare (const KsAccountScope *scope,
                          KsTransaction *transaction,
                          const char *sql,
                          GError **error)
{
  KsStatement *statement = ks_transaction_prepare (transaction, sql, error);

  if (statement != NULL)
    ks_statement_bind_int64 (statement, ":account_id", scope->id);
  return statement;
}

gboolean
ks_account_scope_execute (const KsAccountScope *scope,
                          KsTransaction *transaction,
                          const char *sql,
                          GError **error)
{
  g_autoptr (KsStatement) statement = ks_account_scope_prepare (scope, transaction, sql, error);

  return statement != NULL && ks_statement_execute (statement, error);
}
