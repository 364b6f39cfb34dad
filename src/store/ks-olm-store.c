/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-olm-store.h"

#include "store/ks-account-scope.h"
#include "store/ks-database-private.h"

struct _KsOlmStore
{
  GObject parent_instance;

  KsDatabase *database;  /* owned */
  KsAccountScope *scope; /* owned */
};

G_DEFINE_FINAL_TYPE (KsOlmStore, ks_olm_store, G_TYPE_OBJECT)

typedef struct
{
  KsAccountScope *scope; /* owned */
  KsSecret *pickle;      /* owned */
  gboolean published;
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_account_scope_unref (op->scope);
  ks_secret_unref (op->pickle);
  g_free (op);
}

static void
ks_olm_store_finalize (GObject *object)
{
  KsOlmStore *self = KS_OLM_STORE (object);

  g_clear_object (&self->database);
  g_clear_pointer (&self->scope, ks_account_scope_unref);
  G_OBJECT_CLASS (ks_olm_store_parent_class)->finalize (object);
}

static void
ks_olm_store_class_init (KsOlmStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ks_olm_store_finalize;
}

static void
ks_olm_store_init (KsOlmStore *self)
{
}

KsOlmStore *
ks_olm_store_new (KsDatabase *database, const KsAccountRecord *account)
{
  KsOlmStore *self = g_object_new (KS_TYPE_OLM_STORE, NULL);

  self->database = g_object_ref (database);
  self->scope = ks_account_scope_new (account);
  return self;
}

static Op *
op_new (KsOlmStore *self)
{
  Op *op = g_new0 (Op, 1);

  op->scope = ks_account_scope_ref (self->scope);
  return op;
}

static KsSealPlace
pickle_place (const Op *op)
{
  return ks_account_scope_place (op->scope, "olm_accounts", "pickle_sealed", NULL);
}

static gboolean
load (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;
  KsSealPlace place = pickle_place (op);
  g_autoptr (KsStatement) select =
      ks_account_scope_prepare (op->scope, transaction,
                                "SELECT published, pickle_sealed FROM olm_accounts"
                                " WHERE account_id = :account_id",
                                error);
  KsStatementResult result;

  if (select == NULL)
    return FALSE;
  result = ks_statement_step (select, error);
  if (result == KS_STATEMENT_DONE)
    g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND, "there is no Olm account");
  if (result != KS_STATEMENT_ROW)
    return FALSE;
  op->published = ks_statement_get_int64 (select, 0) == 1;
  op->pickle = ks_statement_get_sealed (select, 1, &place, error);
  return op->pickle != NULL;
}

void
ks_olm_store_load_async (KsOlmStore *self,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  ks_database_run_op (self->database, self, G_CALLBACK (ks_olm_store_load_async), load, op_new (self),
                      op_free, cancellable, callback, user_data);
}

KsSecret *
ks_olm_store_load_finish (KsOlmStore *self, GAsyncResult *result, gboolean *published, GError **error)
{
  Op *op = ks_database_run_op_finish (self, result, error);

  if (op == NULL)
    return NULL;
  if (published != NULL)
    *published = op->published;
  return g_steal_pointer (&op->pickle);
}

static gboolean
save (KsTransaction *transaction, gpointer data, GError **error)
{
  const Op *op = data;
  KsSealPlace place = pickle_place (op);
  g_autoptr (KsStatement) insert =
      ks_account_scope_prepare (op->scope, transaction,
                                "INSERT INTO olm_accounts (account_id, pickle_sealed, published, updated)"
                                " VALUES (:account_id, :pickle_sealed, :published, :now)"
                                " ON CONFLICT (account_id) DO UPDATE SET pickle_sealed = "
                                "excluded.pickle_sealed,"
                                " published = excluded.published, updated = excluded.updated",
                                error);

  if (insert == NULL)
    return FALSE;
  ks_statement_bind_sealed (insert, ":pickle_sealed", &place, ks_secret_bytes (op->pickle),
                            ks_secret_size (op->pickle));
  ks_statement_bind_int64 (insert, ":published", op->published ? 1 : 0);
  ks_statement_bind_int64 (insert, ":now", g_get_real_time () / 1000);
  return ks_statement_execute (insert, error);
}

void
ks_olm_store_save_async (KsOlmStore *self,
                         KsSecret *pickle,
                         gboolean published,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  Op *op = op_new (self);

  op->pickle = ks_secret_ref (pickle);
  op->published = published;
  ks_database_run_op (self->database, self, G_CALLBACK (ks_olm_store_save_async), save, op, op_free,
                      cancellable, callback, user_data);
}

gboolean
ks_olm_store_save_finish (KsOlmStore *self, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (self, result, error) != NULL;
}
