/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-journal.h"

#include "store/ks-account-scope.h"
#include "store/ks-database-private.h"

struct _KsJournal
{
  GObject parent_instance;

  KsDatabase *database;  /* owned */
  KsAccountScope *scope; /* owned */
};

G_DEFINE_FINAL_TYPE (KsJournal, ks_journal, G_TYPE_OBJECT)

typedef struct
{
  KsAccountScope *scope; /* owned */
  KsJournalEntry *entry; /* owned: what goes in, or what comes out */
  GPtrArray *entries;    /* owned */
} Op;

void
ks_journal_entry_free (KsJournalEntry *entry)
{
  if (entry == NULL)
    return;
  g_free (entry->kind);
  g_free (entry->step);
  ks_secret_unref (entry->payload);
  g_free (entry);
}

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_account_scope_unref (op->scope);
  ks_journal_entry_free (op->entry);
  g_clear_pointer (&op->entries, g_ptr_array_unref);
  g_free (op);
}

static void
ks_journal_finalize (GObject *object)
{
  KsJournal *self = KS_JOURNAL (object);

  g_clear_object (&self->database);
  g_clear_pointer (&self->scope, ks_account_scope_unref);
  G_OBJECT_CLASS (ks_journal_parent_class)->finalize (object);
}

static void
ks_journal_class_init (KsJournalClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ks_journal_finalize;
}

static void
ks_journal_init (KsJournal *self)
{
}

KsJournal *
ks_journal_new (KsDatabase *database, const KsAccountRecord *account)
{
  KsJournal *self = g_object_new (KS_TYPE_JOURNAL, NULL);

  self->database = g_object_ref (database);
  self->scope = ks_account_scope_new (account);
  return self;
}

static void
run (KsJournal *self,
     GCallback source_tag,
     KsDatabaseFunc func,
     const char *kind,
     const char *step,
     KsSecret *payload,
     GCancellable *cancellable,
     GAsyncReadyCallback callback,
     gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->scope = ks_account_scope_ref (self->scope);
  op->entry = g_new0 (KsJournalEntry, 1);
  op->entry->kind = g_strdup (kind);
  op->entry->step = g_strdup (step);
  op->entry->payload = payload == NULL ? NULL : ks_secret_ref (payload);
  ks_database_run_op (self->database, self, source_tag, func, op, op_free, cancellable, callback, user_data);
}

static void
bind_row (KsStatement *statement, const Op *op)
{
  ks_statement_bind_int64 (statement, ":account_id", op->scope->id);
  ks_statement_bind_text (statement, ":kind", op->entry->kind);
}

static KsSealPlace
payload_place (const Op *op)
{
  return ks_account_scope_place (op->scope, "journal", "payload_sealed", op->entry->kind);
}

static void
bind_payload (KsStatement *statement, const Op *op)
{
  KsSealPlace place = payload_place (op);

  ks_statement_bind_sealed (statement, ":payload_sealed", &place, ks_secret_bytes (op->entry->payload),
                            ks_secret_size (op->entry->payload));
}

static gboolean
set_not_found (const Op *op, GError **error)
{
  g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND, "no operation \"%s\" is running",
               op->entry->kind);
  return FALSE;
}

static gboolean
begin (KsTransaction *transaction, gpointer data, GError **error)
{
  const Op *op = data;
  g_autoptr (KsStatement) insert =
      ks_transaction_prepare (transaction,
                              "INSERT INTO journal (account_id, kind, step, payload_sealed, created, updated)"
                              " VALUES (:account_id, :kind, :step, :payload_sealed, :now, :now)",
                              error);

  if (insert == NULL)
    return FALSE;
  bind_row (insert, op);
  bind_payload (insert, op);
  ks_statement_bind_text (insert, ":step", op->entry->step);
  ks_statement_bind_int64 (insert, ":now", g_get_real_time () / 1000);
  return ks_statement_execute (insert, error);
}

void
ks_journal_begin_async (KsJournal *self,
                        const char *kind,
                        const char *step,
                        KsSecret *payload,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_return_if_fail (payload != NULL);

  run (self, G_CALLBACK (ks_journal_begin_async), begin, kind, step, payload, cancellable, callback,
       user_data);
}

gboolean
ks_journal_begin_finish (KsJournal *self, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (self, result, error) != NULL;
}

static gboolean
update (KsTransaction *transaction, gpointer data, GError **error)
{
  const Op *op = data;
  g_autoptr (KsStatement) statement =
      op->entry->payload != NULL ? ks_transaction_prepare (transaction,
                                                           "UPDATE journal SET step = :step, payload_sealed "
                                                           "= :payload_sealed, updated = :now"
                                                           " WHERE account_id = :account_id AND kind = :kind",
                                                           error)
                                 : ks_transaction_prepare (transaction,
                                                           "UPDATE journal SET step = :step, updated = :now"
                                                           " WHERE account_id = :account_id AND kind = :kind",
                                                           error);

  if (statement == NULL)
    return FALSE;
  bind_row (statement, op);
  if (op->entry->payload != NULL)
    bind_payload (statement, op);
  ks_statement_bind_text (statement, ":step", op->entry->step);
  ks_statement_bind_int64 (statement, ":now", g_get_real_time () / 1000);
  if (!ks_statement_execute (statement, error))
    return FALSE;
  return ks_transaction_get_changes (transaction) == 1 || set_not_found (op, error);
}

void
ks_journal_update_async (KsJournal *self,
                         const char *kind,
                         const char *step,
                         KsSecret *payload,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  run (self, G_CALLBACK (ks_journal_update_async), update, kind, step, payload, cancellable, callback,
       user_data);
}

gboolean
ks_journal_update_finish (KsJournal *self, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (self, result, error) != NULL;
}

static void
read_row (KsStatement *row, KsJournalEntry *entry)
{
  entry->step = g_strdup (ks_statement_get_text (row, 0));
  entry->created = ks_statement_get_int64 (row, 1);
  entry->updated = ks_statement_get_int64 (row, 2);
}

static gboolean
get (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;
  KsSealPlace place = payload_place (op);
  g_autoptr (KsStatement) select =
      ks_transaction_prepare (transaction,
                              "SELECT step, created, updated, payload_sealed FROM journal"
                              " WHERE account_id = :account_id AND kind = :kind",
                              error);
  KsStatementResult result;

  if (select == NULL)
    return FALSE;
  bind_row (select, op);
  result = ks_statement_step (select, error);
  if (result != KS_STATEMENT_ROW)
    return result == KS_STATEMENT_DONE ? set_not_found (op, error) : FALSE;
  read_row (select, op->entry);
  op->entry->payload = ks_statement_get_sealed (select, 3, &place, error);
  return op->entry->payload != NULL;
}

void
ks_journal_get_async (KsJournal *self,
                      const char *kind,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  run (self, G_CALLBACK (ks_journal_get_async), get, kind, NULL, NULL, cancellable, callback, user_data);
}

KsJournalEntry *
ks_journal_get_finish (KsJournal *self, GAsyncResult *result, GError **error)
{
  Op *op = ks_database_run_op_finish (self, result, error);

  return op == NULL ? NULL : g_steal_pointer (&op->entry);
}

static gboolean
list (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;
  g_autoptr (KsStatement) select = ks_transaction_prepare (transaction,
                                                           "SELECT step, created, updated, kind FROM journal "
                                                           "WHERE account_id = :account_id ORDER BY id",
                                                           error);
  KsStatementResult result;

  if (select == NULL)
    return FALSE;
  ks_statement_bind_int64 (select, ":account_id", op->scope->id);
  op->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_journal_entry_free);
  while ((result = ks_statement_step (select, error)) == KS_STATEMENT_ROW)
    {
      KsJournalEntry *entry = g_new0 (KsJournalEntry, 1);

      read_row (select, entry);
      entry->kind = g_strdup (ks_statement_get_text (select, 3));
      g_ptr_array_add (op->entries, entry);
    }
  return result == KS_STATEMENT_DONE;
}

void
ks_journal_list_async (KsJournal *self,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  run (self, G_CALLBACK (ks_journal_list_async), list, NULL, NULL, NULL, cancellable, callback, user_data);
}

GPtrArray *
ks_journal_list_finish (KsJournal *self, GAsyncResult *result, GError **error)
{
  Op *op = ks_database_run_op_finish (self, result, error);

  return op == NULL ? NULL : g_steal_pointer (&op->entries);
}

static gboolean
end (KsTransaction *transaction, gpointer data, GError **error)
{
  g_autoptr (KsStatement) remove =
      ks_transaction_prepare (transaction,
                              "DELETE FROM journal WHERE account_id = :account_id AND kind = :kind", error);

  if (remove == NULL)
    return FALSE;
  bind_row (remove, data);
  return ks_statement_execute (remove, error);
}

void
ks_journal_end_async (KsJournal *self,
                      const char *kind,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  run (self, G_CALLBACK (ks_journal_end_async), end, kind, NULL, NULL, cancellable, callback, user_data);
}

gboolean
ks_journal_end_finish (KsJournal *self, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (self, result, error) != NULL;
}
