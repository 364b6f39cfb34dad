/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-store-key.h"

#include <string.h>

#include "store/ks-connection.h"
#include "store/ks-database-private.h"
#include "store/ks-store-key-proof.h"

typedef struct
{
  KsStoreKeySlotKind kind;
  char *name;          /* owned */
  KsSecret *secret;    /* owned */
  KsSecret *store_key; /* owned: what came of it */
  GPtrArray *slots;    /* owned */
} Op;

void
ks_store_key_slot_free (KsStoreKeySlot *slot)
{
  if (slot == NULL)
    return;
  g_free (slot->name);
  g_free (slot);
}

static void
op_free (gpointer data)
{
  Op *op = data;

  g_free (op->name);
  ks_secret_unref (op->secret);
  ks_secret_unref (op->store_key);
  g_clear_pointer (&op->slots, g_ptr_array_unref);
  g_free (op);
}

static Op *
op_new (KsStoreKeySlotKind kind, const char *name, KsSecret *secret)
{
  Op *op = g_new0 (Op, 1);

  op->kind = kind;
  op->name = g_strdup (name != NULL ? name : "");
  op->secret = secret == NULL ? NULL : ks_secret_ref (secret);
  return op;
}

static gboolean
set_wrong_key (GError **error)
{
  g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY, "this is not the store's key");
  return FALSE;
}

static gboolean
check_size (const Op *op, GError **error)
{
  return ks_secret_size (op->secret) == KS_STORE_KEY_SIZE || set_wrong_key (error);
}

/* The name of a slot's kind, which never changes: kinds are told apart in the seal. */
static KsSealPlace
wrap_place (const Op *op)
{
  const char *kind = op->kind == KS_STORE_KEY_SLOT_FILE ? "file" : "security-key";

  return (KsSealPlace){ "store_key_slots", "wrap_sealed", { kind, op->name } };
}

static gboolean
list (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;
  g_autoptr (KsStatement) select =
      ks_transaction_prepare (transaction, "SELECT kind, name, created FROM store_key_slots ORDER BY id",
                              error);
  KsStatementResult result;

  if (select == NULL)
    return FALSE;
  op->slots = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_store_key_slot_free);
  while ((result = ks_statement_step (select, error)) == KS_STATEMENT_ROW)
    {
      KsStoreKeySlot *slot = g_new0 (KsStoreKeySlot, 1);

      slot->kind = (KsStoreKeySlotKind) ks_statement_get_int64 (select, 0);
      slot->name = g_strdup (ks_statement_get_text (select, 1));
      slot->created = ks_statement_get_int64 (select, 2);
      g_ptr_array_add (op->slots, slot);
    }
  return result == KS_STATEMENT_DONE;
}

void
ks_store_key_list_slots_async (KsDatabase *database,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  ks_database_run_op (database, database, G_CALLBACK (ks_store_key_list_slots_async), list, g_new0 (Op, 1),
                      op_free, cancellable, callback, user_data);
}

GPtrArray *
ks_store_key_list_slots_finish (KsDatabase *database, GAsyncResult *result, GError **error)
{
  Op *op = ks_database_run_op_finish (database, result, error);

  return op == NULL ? NULL : g_steal_pointer (&op->slots);
}

/* Writes the slot that @op describes, over an earlier one of its name. */
static gboolean
write_slot (KsTransaction *transaction, const Op *op, const KsSecret *store_key, GError **error)
{
  KsSealPlace place = wrap_place (op);
  g_autoptr (KsStatement) insert =
      op->kind == KS_STORE_KEY_SLOT_KEYRING
          ? ks_transaction_prepare (transaction,
                                    "INSERT INTO store_key_slots (kind, name, created)"
                                    " VALUES (:kind, :name, :now) ON CONFLICT DO NOTHING",
                                    error)
          : ks_transaction_prepare (transaction,
                                    "INSERT INTO store_key_slots (kind, name, created, wrap_sealed)"
                                    " VALUES (:kind, :name, :now, :wrap_sealed) ON CONFLICT (kind, name)"
                                    " DO UPDATE SET created = :now, wrap_sealed = :wrap_sealed",
                                    error);

  if (insert == NULL)
    return FALSE;
  ks_statement_bind_int64 (insert, ":kind", op->kind);
  ks_statement_bind_text (insert, ":name", op->name);
  ks_statement_bind_int64 (insert, ":now", g_get_real_time () / 1000);
  if (op->kind != KS_STORE_KEY_SLOT_KEYRING)
    ks_statement_bind_sealed_under (insert, ":wrap_sealed", op->secret, &place, ks_secret_bytes (store_key),
                                    ks_secret_size (store_key));
  return ks_statement_execute (insert, error);
}

/* The one number that @sql selects. */
static gboolean
ask (KsTransaction *transaction, const char *sql, gboolean *answer, GError **error)
{
  g_autoptr (KsStatement) select = ks_transaction_prepare (transaction, sql, error);

  if (select == NULL || ks_statement_step (select, error) != KS_STATEMENT_ROW)
    return FALSE;
  *answer = ks_statement_get_int64 (select, 0) != 0;
  return TRUE;
}

/* A second store key beside anything sealed under a first would lock that up for ever. */
static gboolean
check_none (KsTransaction *transaction, GError **error)
{
  gboolean any;

  if (!ask (transaction,
            "SELECT EXISTS (SELECT 1 FROM store_key) OR EXISTS (SELECT 1 FROM store_key_slots)"
            " OR EXISTS (SELECT 1 FROM accounts)",
            &any, error))
    return FALSE;
  if (!any)
    return TRUE;
  g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_EXISTS, "the store has a key already");
  return FALSE;
}

/* Takes up the key of a store that has lost all its slots: that it is in the keyring is known by the
 * key itself. The secret of a wrap is no such key, and what is lost with its slot nothing brings back. */
static gboolean
take_up (KsTransaction *transaction, Op *op)
{
  gboolean has = TRUE;

  if (op->kind != KS_STORE_KEY_SLOT_KEYRING
      || !ask (transaction, "SELECT EXISTS (SELECT 1 FROM store_key_slots)", &has, NULL) || has
      || !ks_store_key_proof_check (transaction, op->secret, NULL)
      || !write_slot (transaction, op, op->secret, NULL))
    return FALSE;
  op->store_key = ks_secret_ref (op->secret);
  ks_transaction_set_store_key (transaction, op->store_key);
  return TRUE;
}

static gboolean
create (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;

  if (!check_size (op, error))
    return FALSE;
  if (!check_none (transaction, error))
    {
      if (!take_up (transaction, op))
        return FALSE;
      g_clear_error (error);
      return TRUE;
    }
  op->store_key = op->kind == KS_STORE_KEY_SLOT_KEYRING ? ks_secret_ref (op->secret)
                                                        : ks_secret_new_random (KS_STORE_KEY_SIZE);
  if (!ks_store_key_proof_write (transaction, op->store_key, error)
      || !write_slot (transaction, op, op->store_key, error))
    return FALSE;
  ks_transaction_set_store_key (transaction, op->store_key);
  return TRUE;
}

void
ks_store_key_create_async (KsDatabase *database,
                           KsStoreKeySlotKind kind,
                           const char *name,
                           KsSecret *secret,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  ks_database_run_op (database, database, G_CALLBACK (ks_store_key_create_async), create,
                      op_new (kind, name, secret), op_free, cancellable, callback, user_data);
}

/* The end of the operations that get hold of the store key. */
static gboolean
take_store_key (KsDatabase *database, Op *op)
{
  if (op != NULL)
    ks_database_note_store_key (database, op->store_key);
  return op != NULL;
}

gboolean
ks_store_key_create_finish (KsDatabase *database, GAsyncResult *result, GError **error)
{
  return take_store_key (database, ks_database_run_op_finish (database, result, error));
}

/* The store key out of the wrap of @op's slot. */
static KsSecret *
unwrap (KsTransaction *transaction, const Op *op, GError **error)
{
  KsSealPlace place = wrap_place (op);
  g_autoptr (KsStatement) select =
      ks_transaction_prepare (transaction,
                              "SELECT wrap_sealed FROM store_key_slots WHERE kind = :kind AND name = :name",
                              error);
  g_autoptr (KsSecret) key = NULL;
  KsStatementResult result;

  if (select == NULL)
    return NULL;
  ks_statement_bind_int64 (select, ":kind", op->kind);
  ks_statement_bind_text (select, ":name", op->name);
  result = ks_statement_step (select, error);
  if (result == KS_STATEMENT_DONE)
    g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND, "there is no such slot");
  if (result != KS_STATEMENT_ROW)
    return NULL;
  key = ks_statement_get_sealed_under (select, 0, op->secret, &place, error);
  if (key == NULL || ks_secret_size (key) == KS_STORE_KEY_SIZE)
    return g_steal_pointer (&key);
  set_wrong_key (error);
  return NULL;
}

/* Where a store has lost its check row and nothing is sealed. What came out of a wrap has been
 * authenticated by it; the keyring's key has not, but where no wrap holds another one it may seal
 * what comes. */
static gboolean
needs_no_proof (KsTransaction *transaction, const Op *op)
{
  gboolean alone = FALSE;

  return op->kind != KS_STORE_KEY_SLOT_KEYRING
         || (ask (transaction,
                  "SELECT EXISTS (SELECT 1 FROM store_key_slots)"
                  " AND NOT EXISTS (SELECT 1 FROM store_key_slots WHERE wrap_sealed IS NOT NULL)",
                  &alone, NULL)
             && alone);
}

static gboolean
open_slot (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;
  g_autoptr (GError) local = NULL;

  if (!check_size (op, error))
    return FALSE;
  op->store_key =
      op->kind == KS_STORE_KEY_SLOT_KEYRING ? ks_secret_ref (op->secret) : unwrap (transaction, op, error);
  if (op->store_key == NULL)
    return FALSE;
  if (!ks_store_key_proof_check (transaction, op->store_key, &local))
    {
      if (!g_error_matches (local, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND)
          || !needs_no_proof (transaction, op))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (!ks_store_key_proof_write (transaction, op->store_key, error))
        return FALSE;
    }
  ks_transaction_set_store_key (transaction, op->store_key);
  return TRUE;
}

void
ks_store_key_open_async (KsDatabase *database,
                         KsStoreKeySlotKind kind,
                         const char *name,
                         KsSecret *secret,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  ks_database_run_op (database, database, G_CALLBACK (ks_store_key_open_async), open_slot,
                      op_new (kind, name, secret), op_free, cancellable, callback, user_data);
}

gboolean
ks_store_key_open_finish (KsDatabase *database, GAsyncResult *result, GError **error)
{
  return take_store_key (database, ks_database_run_op_finish (database, result, error));
}

static gboolean
add_slot (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;
  const KsSecret *store_key = transaction->connection->store_key;

  if (store_key == NULL)
    {
      g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED, "the store key is not at hand");
      return FALSE;
    }
  if (!check_size (op, error))
    return FALSE;
  if (op->kind == KS_STORE_KEY_SLOT_KEYRING && !ks_secret_equal (op->secret, store_key))
    return set_wrong_key (error);
  return write_slot (transaction, op, store_key, error);
}

void
ks_store_key_add_slot_async (KsDatabase *database,
                             KsStoreKeySlotKind kind,
                             const char *name,
                             KsSecret *secret,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  ks_database_run_op (database, database, G_CALLBACK (ks_store_key_add_slot_async), add_slot,
                      op_new (kind, name, secret), op_free, cancellable, callback, user_data);
}

gboolean
ks_store_key_add_slot_finish (KsDatabase *database, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (database, result, error) != NULL;
}

static gboolean
remove_slot (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;
  g_autoptr (KsStatement) remove =
      ks_transaction_prepare (transaction, "DELETE FROM store_key_slots WHERE kind = :kind AND name = :name",
                              error);
  g_autoptr (KsStatement) count =
      remove == NULL ? NULL
                     : ks_transaction_prepare (transaction, "SELECT count (*) FROM store_key_slots", error);

  if (count == NULL)
    return FALSE;
  ks_statement_bind_int64 (remove, ":kind", op->kind);
  ks_statement_bind_text (remove, ":name", op->name);
  if (!ks_statement_execute (remove, error))
    return FALSE;
  if (ks_transaction_get_changes (transaction) == 0)
    {
      g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND, "there is no such slot");
      return FALSE;
    }
  if (ks_statement_step (count, error) != KS_STATEMENT_ROW)
    return FALSE;
  if (ks_statement_get_int64 (count, 0) > 0)
    return TRUE;
  g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_LAST_SLOT,
                       "this is the last slot of the store key");
  return FALSE;
}

void
ks_store_key_remove_slot_async (KsDatabase *database,
                                KsStoreKeySlotKind kind,
                                const char *name,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  ks_database_run_op (database, database, G_CALLBACK (ks_store_key_remove_slot_async), remove_slot,
                      op_new (kind, name, NULL), op_free, cancellable, callback, user_data);
}

gboolean
ks_store_key_remove_slot_finish (KsDatabase *database, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (database, result, error) != NULL;
}

KsSecret *
ks_store_key_ref (KsDatabase *database)
{
  KsSecret *key = ks_database_get_store_key (database);

  return key == NULL ? NULL : ks_secret_ref (key);
}

static gboolean
forget (KsTransaction *transaction, gpointer data, GError **error)
{
  ks_transaction_set_store_key (transaction, NULL);
  return TRUE;
}

void
ks_store_key_forget_async (KsDatabase *database,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  ks_database_run_op (database, database, G_CALLBACK (ks_store_key_forget_async), forget, g_new0 (Op, 1),
                      op_free, cancellable, callback, user_data);
}

gboolean
ks_store_key_forget_finish (KsDatabase *database, GAsyncResult *result, GError **error)
{
  return take_store_key (database, ks_database_run_op_finish (database, result, error));
}
