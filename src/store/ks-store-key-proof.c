/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-store-key-proof.h"

#include "store/ks-database-private.h"

/* What the check row holds: it opens with the right store key and with no other. */
static const char check_text[] = "this is the store key";

static const KsSealPlace check_place = { "store_key", "check_sealed", { "check" } };

/* Of so many rows one must open, where any of them may be damaged too. */
#define MAX_TRIALS "50"

gboolean
ks_store_key_proof_write (KsTransaction *transaction, const KsSecret *store_key, GError **error)
{
  g_autoptr (KsStatement) insert = ks_transaction_prepare (transaction,
                                                           "INSERT INTO store_key (id, check_sealed, "
                                                           "created) VALUES (1, :check_sealed, :now)",
                                                           error);

  if (insert == NULL)
    return FALSE;
  ks_statement_bind_int64 (insert, ":now", g_get_real_time () / 1000);
  ks_statement_bind_sealed_under (insert, ":check_sealed", store_key, &check_place, check_text,
                                  sizeof check_text);
  return ks_statement_execute (insert, error);
}

/* Tries the key on the rows of @sql: a sealed value, and the names that are in its seal. @tried and
 * @opened grow. */
static gboolean
try_rows (KsTransaction *transaction,
          const char *sql,
          const char *table,
          const char *column,
          guint n_names,
          const KsSecret *key,
          guint *tried,
          guint *opened,
          GError **error)
{
  g_autoptr (KsStatement) select = ks_transaction_prepare (transaction, sql, error);
  KsStatementResult result;

  if (select == NULL)
    return FALSE;
  while ((result = ks_statement_step (select, error)) == KS_STATEMENT_ROW)
    {
      KsSealPlace place = { table, column, { NULL } };
      g_autoptr (KsSecret) value = NULL;

      for (guint i = 0; i < n_names; i++)
        place.keys[i] = ks_statement_get_text (select, 1 + (int) i);
      value = ks_statement_get_sealed_under (select, 0, key, &place, NULL);
      *tried += 1;
      *opened += value != NULL ? 1 : 0;
    }
  return result == KS_STATEMENT_DONE;
}

static gboolean
check_by_what_is_sealed (KsTransaction *transaction, const KsSecret *key, GError **error)
{
  guint tried = 0, opened = 0;

  /* Not what a salvage puts in the place of a token that is lost. */
  if (!try_rows (transaction,
                 "SELECT access_token_sealed, user_id, device_id FROM accounts"
                 " WHERE substr (access_token_sealed, 5) <> zeroblob (32) LIMIT " MAX_TRIALS,
                 "accounts", "access_token_sealed", 2, key, &tried, &opened, error)
      || !try_rows (transaction,
                    "SELECT session_key_sealed, user_id, device_id, room_id, session_id FROM room_keys"
                    " JOIN accounts ON accounts.id = account_id LIMIT " MAX_TRIALS,
                    "room_keys", "session_key_sealed", 4, key, &tried, &opened, error))
    return FALSE;
  if (opened > 0)
    return ks_store_key_proof_write (transaction, key, error);
  if (tried > 0)
    g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY, "this is not the store's key");
  else
    g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND, "the store has no key yet");
  return FALSE;
}

gboolean
ks_store_key_proof_check (KsTransaction *transaction, const KsSecret *store_key, GError **error)
{
  g_autoptr (KsStatement) select =
      ks_transaction_prepare (transaction, "SELECT check_sealed FROM store_key WHERE id = 1", error);
  g_autoptr (KsSecret) opened = NULL;
  KsStatementResult result;

  if (select == NULL)
    return FALSE;
  result = ks_statement_step (select, error);
  if (result == KS_STATEMENT_DONE)
    return check_by_what_is_sealed (transaction, store_key, error);
  if (result != KS_STATEMENT_ROW)
    return FALSE;
  opened = ks_statement_get_sealed_under (select, 0, store_key, &check_place, error);
  return opened != NULL;
}
