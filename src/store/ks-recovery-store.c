/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-recovery-store.h"

#include "store/ks-database-private.h"
#include "store/ks-secret-store-private.h"

struct _KsRecoveryStore
{
  GObject parent_instance;

  KsDatabase *database;  /* owned */
  KsAccountScope *scope; /* owned */
};

G_DEFINE_FINAL_TYPE (KsRecoveryStore, ks_recovery_store, G_TYPE_OBJECT)

typedef struct
{
  KsAccountScope *scope;    /* owned */
  KsRecoveryRecord *record; /* owned */
  GStrv names;              /* owned: of secrets; NULL: none */
  GPtrArray *values;        /* owned: KsSecret elements, beside the names; NULL: none */
} Op;

KsRecoveryRecord *
ks_recovery_record_copy (const KsRecoveryRecord *record)
{
  KsRecoveryRecord *copy = g_new0 (KsRecoveryRecord, 1);

  copy->master_key = g_strdup (record->master_key);
  copy->default_key_id = g_strdup (record->default_key_id);
  copy->key_file = g_strdup (record->key_file);
  copy->storage_proof = g_strdup (record->storage_proof);
  copy->backup_version = g_strdup (record->backup_version);
  copy->backup_public_key = g_strdup (record->backup_public_key);
  copy->last_check = record->last_check;
  copy->last_check_result = record->last_check_result;
  copy->updated = record->updated;
  return copy;
}

void
ks_recovery_record_free (KsRecoveryRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->master_key);
  g_free (record->default_key_id);
  g_free (record->key_file);
  g_free (record->storage_proof);
  g_free (record->backup_version);
  g_free (record->backup_public_key);
  g_free (record);
}

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_account_scope_unref (op->scope);
  ks_recovery_record_free (op->record);
  g_strfreev (op->names);
  g_clear_pointer (&op->values, g_ptr_array_unref);
  g_free (op);
}

static void
ks_recovery_store_finalize (GObject *object)
{
  KsRecoveryStore *self = KS_RECOVERY_STORE (object);

  g_clear_object (&self->database);
  g_clear_pointer (&self->scope, ks_account_scope_unref);
  G_OBJECT_CLASS (ks_recovery_store_parent_class)->finalize (object);
}

static void
ks_recovery_store_class_init (KsRecoveryStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ks_recovery_store_finalize;
}

static void
ks_recovery_store_init (KsRecoveryStore *self)
{
}

KsRecoveryStore *
ks_recovery_store_new (KsDatabase *database, const KsAccountRecord *account)
{
  KsRecoveryStore *self = g_object_new (KS_TYPE_RECOVERY_STORE, NULL);

  self->database = g_object_ref (database);
  self->scope = ks_account_scope_new (account);
  return self;
}

static Op *
op_new (KsRecoveryStore *self)
{
  Op *op = g_new0 (Op, 1);

  op->scope = ks_account_scope_ref (self->scope);
  return op;
}

static gboolean
get (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;
  g_autoptr (KsStatement) select =
      ks_account_scope_prepare (op->scope, transaction,
                                "SELECT master_key, default_key_id, backup_version, backup_public_key,"
                                " last_check, last_check_result, updated, key_file,"
                                " storage_proof FROM recovery"
                                " WHERE account_id = :account_id",
                                error);
  KsStatementResult result;

  if (select == NULL)
    return FALSE;
  result = ks_statement_step (select, error);
  if (result == KS_STATEMENT_DONE)
    g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND,
                         "nothing is known of this account's Secure Backup");
  if (result != KS_STATEMENT_ROW)
    return FALSE;
  op->record = g_new0 (KsRecoveryRecord, 1);
  op->record->master_key = g_strdup (ks_statement_get_text (select, 0));
  op->record->default_key_id = g_strdup (ks_statement_get_text (select, 1));
  op->record->backup_version = g_strdup (ks_statement_get_text (select, 2));
  op->record->backup_public_key = g_strdup (ks_statement_get_text (select, 3));
  op->record->last_check = ks_statement_get_int64 (select, 4);
  op->record->last_check_result = (int) ks_statement_get_int64 (select, 5);
  op->record->updated = ks_statement_get_int64 (select, 6);
  op->record->key_file = g_strdup (ks_statement_get_text (select, 7));
  op->record->storage_proof = g_strdup (ks_statement_get_text (select, 8));
  return TRUE;
}

void
ks_recovery_store_get_async (KsRecoveryStore *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  ks_database_run_op (self->database, self, G_CALLBACK (ks_recovery_store_get_async), get, op_new (self),
                      op_free, cancellable, callback, user_data);
}

KsRecoveryRecord *
ks_recovery_store_get_finish (KsRecoveryStore *self, GAsyncResult *result, GError **error)
{
  Op *op = ks_database_run_op_finish (self, result, error);

  return op == NULL ? NULL : g_steal_pointer (&op->record);
}

static gboolean
put (KsTransaction *transaction, gpointer data, GError **error)
{
  const Op *op = data;
  g_autoptr (KsStatement) replace =
      ks_account_scope_prepare (op->scope, transaction,
                                "INSERT OR REPLACE INTO recovery (account_id, master_key, default_key_id, "
                                "backup_version,"
                                " backup_public_key, last_check, last_check_result, updated, key_file,"
                                " storage_proof)"
                                " VALUES (:account_id, :master_key, :default_key_id, :backup_version,"
                                " :backup_public_key, :last_check, :last_check_result, :now, :key_file,"
                                " :storage_proof)",
                                error);

  if (replace == NULL)
    return FALSE;
  ks_statement_bind_text (replace, ":master_key", op->record->master_key);
  ks_statement_bind_text (replace, ":default_key_id", op->record->default_key_id);
  ks_statement_bind_text (replace, ":key_file", op->record->key_file);
  ks_statement_bind_text (replace, ":storage_proof", op->record->storage_proof);
  ks_statement_bind_text (replace, ":backup_version", op->record->backup_version);
  ks_statement_bind_text (replace, ":backup_public_key", op->record->backup_public_key);
  ks_statement_bind_int64 (replace, ":last_check", op->record->last_check);
  ks_statement_bind_int64 (replace, ":last_check_result", op->record->last_check_result);
  ks_statement_bind_int64 (replace, ":now", g_get_real_time () / 1000);
  return ks_statement_execute (replace, error);
}

void
ks_recovery_store_put_async (KsRecoveryStore *self,
                             const KsRecoveryRecord *record,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  Op *op = op_new (self);

  op->record = ks_recovery_record_copy (record);
  ks_database_run_op (self->database, self, G_CALLBACK (ks_recovery_store_put_async), put, op, op_free,
                      cancellable, callback, user_data);
}

gboolean
ks_recovery_store_put_finish (KsRecoveryStore *self, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (self, result, error) != NULL;
}

/* Foreign keys make the first of the two fail where the account is gone. */
static gboolean
put_with_secrets (KsTransaction *transaction, gpointer data, GError **error)
{
  const Op *op = data;

  return put (transaction, data, error)
         && ks_secret_store_put_within (transaction, op->scope, op->names, op->values, error);
}

void
ks_recovery_store_put_with_secrets_async (KsRecoveryStore *self,
                                          const KsRecoveryRecord *record,
                                          const KsNamedSecret *secrets,
                                          guint n_secrets,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  Op *op = op_new (self);

  op->record = ks_recovery_record_copy (record);
  op->values = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_secret_unref);
  for (guint i = 0; i < n_secrets; i++)
    {
      g_strv_builder_add (names, secrets[i].name);
      g_ptr_array_add (op->values, ks_secret_ref (secrets[i].value));
    }
  op->names = g_strv_builder_end (names);
  ks_database_run_op (self->database, self, G_CALLBACK (ks_recovery_store_put_with_secrets_async),
                      put_with_secrets, op, op_free, cancellable, callback, user_data);
}

gboolean
ks_recovery_store_put_with_secrets_finish (KsRecoveryStore *self, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (self, result, error) != NULL;
}
