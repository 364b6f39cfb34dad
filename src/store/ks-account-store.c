/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-account-store.h"

#include "store/ks-database-private.h"

struct _KsAccountStore
{
  GObject parent_instance;

  KsDatabase *database; /* owned */
};

G_DEFINE_FINAL_TYPE (KsAccountStore, ks_account_store, G_TYPE_OBJECT)

typedef struct
{
  gint64 id;
  KsAccountRecord *record; /* owned */
  GPtrArray *records;      /* owned */
  KsSecret *token;         /* owned */
} Op;

#define COLUMNS "id, user_id, device_id, device_name, homeserver, created, is_current"
#define TOKEN_COLUMN 7

KsAccountRecord *
ks_account_record_copy (const KsAccountRecord *record)
{
  KsAccountRecord *copy = g_new0 (KsAccountRecord, 1);

  copy->id = record->id;
  copy->user_id = g_strdup (record->user_id);
  copy->device_id = g_strdup (record->device_id);
  copy->device_name = g_strdup (record->device_name);
  copy->homeserver = g_strdup (record->homeserver);
  copy->created = record->created;
  copy->current = record->current;
  copy->access_token = record->access_token == NULL ? NULL : ks_secret_ref (record->access_token);
  return copy;
}

void
ks_account_record_free (KsAccountRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->user_id);
  g_free (record->device_id);
  g_free (record->device_name);
  g_free (record->homeserver);
  ks_secret_unref (record->access_token);
  g_free (record);
}

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_account_record_free (op->record);
  g_clear_pointer (&op->records, g_ptr_array_unref);
  ks_secret_unref (op->token);
  g_free (op);
}

static void
ks_account_store_finalize (GObject *object)
{
  g_clear_object (&KS_ACCOUNT_STORE (object)->database);
  G_OBJECT_CLASS (ks_account_store_parent_class)->finalize (object);
}

static void
ks_account_store_class_init (KsAccountStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ks_account_store_finalize;
}

static void
ks_account_store_init (KsAccountStore *self)
{
}

KsAccountStore *
ks_account_store_new (KsDatabase *database)
{
  KsAccountStore *self = g_object_new (KS_TYPE_ACCOUNT_STORE, NULL);

  self->database = g_object_ref (database);
  return self;
}

static KsSealPlace
token_place (const char *user_id, const char *device_id)
{
  return (KsSealPlace){ "accounts", "access_token_sealed", { user_id, device_id } };
}

static KsAccountRecord *
read_record (KsStatement *row)
{
  KsAccountRecord *record = g_new0 (KsAccountRecord, 1);

  record->id = ks_statement_get_int64 (row, 0);
  record->user_id = g_strdup (ks_statement_get_text (row, 1));
  record->device_id = g_strdup (ks_statement_get_text (row, 2));
  record->device_name = g_strdup (ks_statement_get_text (row, 3));
  record->homeserver = g_strdup (ks_statement_get_text (row, 4));
  record->created = ks_statement_get_int64 (row, 5);
  record->current = ks_statement_get_int64 (row, 6) == 1;
  return record;
}

static gboolean
set_not_found (GError **error)
{
  g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND, "there is no such account");
  return FALSE;
}

static gboolean
make_current (KsTransaction *transaction, gint64 id, GError **error)
{
  g_autoptr (KsStatement) none =
      ks_transaction_prepare (transaction, "UPDATE accounts SET is_current = 0 WHERE is_current = 1", error);
  g_autoptr (KsStatement) one =
      none == NULL
          ? NULL
          : ks_transaction_prepare (transaction, "UPDATE accounts SET is_current = 1 WHERE id = :id", error);

  if (one == NULL || !ks_statement_execute (none, error))
    return FALSE;
  ks_statement_bind_int64 (one, ":id", id);
  if (!ks_statement_execute (one, error))
    return FALSE;
  return ks_transaction_get_changes (transaction) == 1 || set_not_found (error);
}

static gboolean
add (KsTransaction *transaction, gpointer data, GError **error)
{
  KsAccountRecord *record = ((Op *) data)->record;
  KsSealPlace place = token_place (record->user_id, record->device_id);
  g_autoptr (KsStatement) insert =
      ks_transaction_prepare (transaction,
                              "INSERT INTO accounts (user_id, device_id, device_name, homeserver, "
                              "access_token_sealed, created, is_current)"
                              " VALUES (:user_id, :device_id, :device_name, :homeserver, "
                              ":access_token_sealed, :created, 0)",
                              error);

  if (insert == NULL)
    return FALSE;
  record->created = g_get_real_time () / 1000;
  record->current = TRUE;
  ks_statement_bind_text (insert, ":user_id", record->user_id);
  ks_statement_bind_text (insert, ":device_id", record->device_id);
  ks_statement_bind_text (insert, ":device_name", record->device_name);
  ks_statement_bind_text (insert, ":homeserver", record->homeserver);
  ks_statement_bind_int64 (insert, ":created", record->created);
  ks_statement_bind_sealed (insert, ":access_token_sealed", &place, ks_secret_bytes (record->access_token),
                            ks_secret_size (record->access_token));
  if (!ks_statement_execute (insert, error))
    return FALSE;
  record->id = ks_transaction_get_last_id (transaction);
  return make_current (transaction, record->id, error);
}

void
ks_account_store_add_async (KsAccountStore *self,
                            const KsAccountRecord *record,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  g_return_if_fail (record->access_token != NULL);

  op->record = ks_account_record_copy (record);
  ks_database_run_op (self->database, self, G_CALLBACK (ks_account_store_add_async), add, op, op_free,
                      cancellable, callback, user_data);
}

KsAccountRecord *
ks_account_store_add_finish (KsAccountStore *self, GAsyncResult *result, GError **error)
{
  Op *op = ks_database_run_op_finish (self, result, error);

  return op == NULL ? NULL : g_steal_pointer (&op->record);
}

static gboolean
list (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;
  g_autoptr (KsStatement) select =
      ks_transaction_prepare (transaction, "SELECT " COLUMNS " FROM accounts ORDER BY id", error);
  KsStatementResult result;

  if (select == NULL)
    return FALSE;
  op->records = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_account_record_free);
  while ((result = ks_statement_step (select, error)) == KS_STATEMENT_ROW)
    g_ptr_array_add (op->records, read_record (select));
  return result == KS_STATEMENT_DONE;
}

void
ks_account_store_list_async (KsAccountStore *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  ks_database_run_op (self->database, self, G_CALLBACK (ks_account_store_list_async), list, g_new0 (Op, 1),
                      op_free, cancellable, callback, user_data);
}

GPtrArray *
ks_account_store_list_finish (KsAccountStore *self, GAsyncResult *result, GError **error)
{
  Op *op = ks_database_run_op_finish (self, result, error);

  return op == NULL ? NULL : g_steal_pointer (&op->records);
}

static gboolean
get (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;
  g_autoptr (KsStatement) select =
      ks_transaction_prepare (transaction,
                              "SELECT " COLUMNS ", access_token_sealed FROM accounts"
                              " WHERE id = :id OR (:id = 0 AND is_current = 1)",
                              error);
  KsStatementResult result;
  KsSealPlace place;

  if (select == NULL)
    return FALSE;
  ks_statement_bind_int64 (select, ":id", op->id);
  result = ks_statement_step (select, error);
  if (result != KS_STATEMENT_ROW)
    return result == KS_STATEMENT_DONE ? set_not_found (error) : FALSE;
  op->record = read_record (select);
  place = token_place (op->record->user_id, op->record->device_id);
  op->record->access_token = ks_statement_get_sealed (select, TOKEN_COLUMN, &place, error);
  return op->record->access_token != NULL;
}

void
ks_account_store_get_async (KsAccountStore *self,
                            gint64 id,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->id = id;
  ks_database_run_op (self->database, self, G_CALLBACK (ks_account_store_get_async), get, op, op_free,
                      cancellable, callback, user_data);
}

KsAccountRecord *
ks_account_store_get_finish (KsAccountStore *self, GAsyncResult *result, GError **error)
{
  Op *op = ks_database_run_op_finish (self, result, error);

  return op == NULL ? NULL : g_steal_pointer (&op->record);
}

static gboolean
set_current (KsTransaction *transaction, gpointer data, GError **error)
{
  return make_current (transaction, ((Op *) data)->id, error);
}

void
ks_account_store_set_current_async (KsAccountStore *self,
                                    gint64 id,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->id = id;
  ks_database_run_op (self->database, self, G_CALLBACK (ks_account_store_set_current_async), set_current, op,
                      op_free, cancellable, callback, user_data);
}

gboolean
ks_account_store_set_current_finish (KsAccountStore *self, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (self, result, error) != NULL;
}

/* The place of a token is made of the row's own IDs, so they are read first. */
static KsAccountRecord *
find_record (KsTransaction *transaction, gint64 id, GError **error)
{
  g_autoptr (KsStatement) select =
      ks_transaction_prepare (transaction, "SELECT " COLUMNS " FROM accounts WHERE id = :id", error);
  KsStatementResult result;

  if (select == NULL)
    return NULL;
  ks_statement_bind_int64 (select, ":id", id);
  result = ks_statement_step (select, error);
  if (result == KS_STATEMENT_ROW)
    return read_record (select);
  if (result == KS_STATEMENT_DONE)
    set_not_found (error);
  return NULL;
}

static gboolean
set_access_token (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;
  g_autoptr (KsAccountRecord) record = find_record (transaction, op->id, error);
  g_autoptr (KsStatement) update = NULL;
  KsSealPlace place;

  if (record == NULL)
    return FALSE;
  update =
      ks_transaction_prepare (transaction,
                              "UPDATE accounts SET access_token_sealed = :access_token_sealed WHERE id = :id",
                              error);
  if (update == NULL)
    return FALSE;
  place = token_place (record->user_id, record->device_id);
  ks_statement_bind_int64 (update, ":id", op->id);
  ks_statement_bind_sealed (update, ":access_token_sealed", &place, ks_secret_bytes (op->token),
                            ks_secret_size (op->token));
  return ks_statement_execute (update, error);
}

void
ks_account_store_set_access_token_async (KsAccountStore *self,
                                         gint64 id,
                                         KsSecret *access_token,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->id = id;
  op->token = ks_secret_ref (access_token);
  ks_database_run_op (self->database, self, G_CALLBACK (ks_account_store_set_access_token_async),
                      set_access_token, op, op_free, cancellable, callback, user_data);
}

gboolean
ks_account_store_set_access_token_finish (KsAccountStore *self, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (self, result, error) != NULL;
}

static gboolean
remove_account (KsTransaction *transaction, gpointer data, GError **error)
{
  /* Everything else that belongs to the account goes with its row (ON DELETE CASCADE). */
  g_autoptr (KsStatement) remove =
      ks_transaction_prepare (transaction, "DELETE FROM accounts WHERE id = :id", error);

  if (remove == NULL)
    return FALSE;
  ks_statement_bind_int64 (remove, ":id", ((Op *) data)->id);
  if (!ks_statement_execute (remove, error))
    return FALSE;
  return ks_transaction_get_changes (transaction) == 1 || set_not_found (error);
}

void
ks_account_store_remove_async (KsAccountStore *self,
                               gint64 id,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->id = id;
  ks_database_run_op (self->database, self, G_CALLBACK (ks_account_store_remove_async), remove_account, op,
                      op_free, cancellable, callback, user_data);
}

gboolean
ks_account_store_remove_finish (KsAccountStore *self, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (self, result, error) != NULL;
}
