/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-secret-store-private.h"

#include "store/ks-database-private.h"

struct _KsSecretStore
{
  GObject parent_instance;

  KsDatabase *database;  /* owned */
  KsAccountScope *scope; /* owned */
};

G_DEFINE_FINAL_TYPE (KsSecretStore, ks_secret_store, G_TYPE_OBJECT)

typedef struct
{
  KsAccountScope *scope; /* owned */
  GStrv names;           /* owned */
  GPtrArray *values;     /* owned: KsSecret elements, beside the names */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_account_scope_unref (op->scope);
  g_strfreev (op->names);
  g_ptr_array_unref (op->values);
  g_free (op);
}

static void
ks_secret_store_finalize (GObject *object)
{
  KsSecretStore *self = KS_SECRET_STORE (object);

  g_clear_object (&self->database);
  g_clear_pointer (&self->scope, ks_account_scope_unref);
  G_OBJECT_CLASS (ks_secret_store_parent_class)->finalize (object);
}

static void
ks_secret_store_class_init (KsSecretStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ks_secret_store_finalize;
}

static void
ks_secret_store_init (KsSecretStore *self)
{
}

KsSecretStore *
ks_secret_store_new (KsDatabase *database, const KsAccountRecord *account)
{
  KsSecretStore *self = g_object_new (KS_TYPE_SECRET_STORE, NULL);

  self->database = g_object_ref (database);
  self->scope = ks_account_scope_new (account);
  return self;
}

static Op *
op_new (KsSecretStore *self)
{
  Op *op = g_new0 (Op, 1);

  op->scope = ks_account_scope_ref (self->scope);
  op->values = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_secret_unref);
  return op;
}

static KsSealPlace
value_place (const KsAccountScope *scope, const char *name)
{
  return ks_account_scope_place (scope, "secrets", "value_sealed", name);
}

gboolean
ks_secret_store_put_within (
    KsTransaction *transaction, const KsAccountScope *scope, GStrv names, GPtrArray *values, GError **error)
{
  gint64 now = g_get_real_time () / 1000;
  g_autoptr (KsStatement) insert =
      ks_transaction_prepare (transaction,
                              "INSERT INTO secrets (account_id, name, value_sealed, created)"
                              " VALUES (:account_id, :name, :value_sealed, :now)"
                              " ON CONFLICT (account_id, name) DO UPDATE SET value_sealed = "
                              "excluded.value_sealed,"
                              " created = excluded.created",
                              error);

  if (insert == NULL)
    return FALSE;
  for (guint i = 0; i < values->len; i++)
    {
      const KsSecret *value = values->pdata[i];
      KsSealPlace place = value_place (scope, names[i]);

      ks_statement_bind_int64 (insert, ":account_id", scope->id);
      ks_statement_bind_text (insert, ":name", names[i]);
      ks_statement_bind_sealed (insert, ":value_sealed", &place, ks_secret_bytes (value),
                                ks_secret_size (value));
      ks_statement_bind_int64 (insert, ":now", now);
      if (!ks_statement_execute (insert, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
put (KsTransaction *transaction, gpointer data, GError **error)
{
  const Op *op = data;

  return ks_secret_store_put_within (transaction, op->scope, op->names, op->values, error);
}

void
ks_secret_store_put_async (KsSecretStore *self,
                           const KsNamedSecret *secrets,
                           guint n_secrets,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  Op *op = op_new (self);

  for (guint i = 0; i < n_secrets; i++)
    {
      g_strv_builder_add (names, secrets[i].name);
      g_ptr_array_add (op->values, ks_secret_ref (secrets[i].value));
    }
  op->names = g_strv_builder_end (names);
  ks_database_run_op (self->database, self, G_CALLBACK (ks_secret_store_put_async), put, op, op_free,
                      cancellable, callback, user_data);
}

gboolean
ks_secret_store_put_finish (KsSecretStore *self, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (self, result, error) != NULL;
}

static gboolean
get (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;
  KsSealPlace place = value_place (op->scope, op->names[0]);
  g_autoptr (KsStatement) select =
      ks_account_scope_prepare (op->scope, transaction,
                                "SELECT value_sealed FROM secrets"
                                " WHERE account_id = :account_id AND name = :name",
                                error);
  KsStatementResult result;
  KsSecret *value;

  if (select == NULL)
    return FALSE;
  ks_statement_bind_text (select, ":name", op->names[0]);
  result = ks_statement_step (select, error);
  if (result == KS_STATEMENT_DONE)
    g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND, "there is no secret \"%s\" here",
                 op->names[0]);
  if (result != KS_STATEMENT_ROW)
    return FALSE;
  value = ks_statement_get_sealed (select, 0, &place, error);
  if (value != NULL)
    g_ptr_array_add (op->values, value);
  return value != NULL;
}

void
ks_secret_store_get_async (KsSecretStore *self,
                           const char *name,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  const char *const names[] = { name, NULL };
  Op *op = op_new (self);

  op->names = g_strdupv ((GStrv) names);
  ks_database_run_op (self->database, self, G_CALLBACK (ks_secret_store_get_async), get, op, op_free,
                      cancellable, callback, user_data);
}

KsSecret *
ks_secret_store_get_finish (KsSecretStore *self, GAsyncResult *result, GError **error)
{
  Op *op = ks_database_run_op_finish (self, result, error);

  return op == NULL ? NULL : ks_secret_ref (op->values->pdata[0]);
}

static gboolean
list_names (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;
  g_autoptr (KsStatement) select =
      ks_account_scope_prepare (op->scope, transaction,
                                "SELECT name FROM secrets WHERE account_id = :account_id ORDER BY name",
                                error);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  KsStatementResult result;

  if (select == NULL)
    return FALSE;
  while ((result = ks_statement_step (select, error)) == KS_STATEMENT_ROW)
    g_strv_builder_add (names, ks_statement_get_text (select, 0));
  op->names = g_strv_builder_end (names);
  return result == KS_STATEMENT_DONE;
}

void
ks_secret_store_list_names_async (KsSecretStore *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  ks_database_run_op (self->database, self, G_CALLBACK (ks_secret_store_list_names_async), list_names,
                      op_new (self), op_free, cancellable, callback, user_data);
}

GStrv
ks_secret_store_list_names_finish (KsSecretStore *self, GAsyncResult *result, GError **error)
{
  Op *op = ks_database_run_op_finish (self, result, error);

  return op == NULL ? NULL : g_steal_pointer (&op->names);
}

static gboolean
remove_all (KsTransaction *transaction, gpointer data, GError **error)
{
  return ks_account_scope_execute (((const Op *) data)->scope, transaction,
                                   "DELETE FROM secrets WHERE account_id = :account_id", error);
}

void
ks_secret_store_remove_all_async (KsSecretStore *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  ks_database_run_op (self->database, self, G_CALLBACK (ks_secret_store_remove_all_async), remove_all,
                      op_new (self), op_free, cancellable, callback, user_data);
}

gboolean
ks_secret_store_remove_all_finish (KsSecretStore *self, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (self, result, error) != NULL;
}
