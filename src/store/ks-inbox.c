/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-inbox.h"

#include "store/ks-account-scope.h"
#include "store/ks-database-private.h"

struct _KsInbox
{
  GObject parent_instance;

  KsDatabase *database;  /* owned */
  KsAccountScope *scope; /* owned */
  guint64 max_size;
};

G_DEFINE_FINAL_TYPE (KsInbox, ks_inbox, G_TYPE_OBJECT)

typedef struct
{
  KsAccountScope *scope; /* owned */
  GPtrArray *events;     /* owned: KsInboxEvent elements, that go in or come out */
  char *since;           /* owned */
  GArray *ids;           /* owned: gint64 */
  KsInboxKind kind;
  gint64 after;
  guint limit;
  guint64 count;
  guint64 max_size;
  gboolean full;
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_account_scope_unref (op->scope);
  g_clear_pointer (&op->events, g_ptr_array_unref);
  g_free (op->since);
  g_clear_pointer (&op->ids, g_array_unref);
  g_free (op);
}

KsInboxEvent *
ks_inbox_event_new (KsInboxKind kind, KsSecret *json)
{
  KsInboxEvent *event = g_new0 (KsInboxEvent, 1);

  event->kind = kind;
  event->json = ks_secret_ref (json);
  return event;
}

void
ks_inbox_event_free (KsInboxEvent *event)
{
  if (event == NULL)
    return;
  ks_secret_unref (event->json);
  g_free (event);
}

static void
ks_inbox_finalize (GObject *object)
{
  KsInbox *self = KS_INBOX (object);

  g_clear_object (&self->database);
  g_clear_pointer (&self->scope, ks_account_scope_unref);
  G_OBJECT_CLASS (ks_inbox_parent_class)->finalize (object);
}

static void
ks_inbox_class_init (KsInboxClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ks_inbox_finalize;
}

static void
ks_inbox_init (KsInbox *self)
{
}

KsInbox *
ks_inbox_new (KsDatabase *database, const KsAccountRecord *account)
{
  KsInbox *self = g_object_new (KS_TYPE_INBOX, NULL);

  self->database = g_object_ref (database);
  self->scope = ks_account_scope_new (account);
  self->max_size = KS_INBOX_MAX_SIZE;
  return self;
}

void
ks_inbox_set_max_size (KsInbox *self, guint64 max_size)
{
  g_return_if_fail (KS_IS_INBOX (self));

  self->max_size = max_size;
}

static Op *
op_new (KsInbox *self)
{
  Op *op = g_new0 (Op, 1);

  op->scope = ks_account_scope_ref (self->scope);
  return op;
}

/* The text of a row's ID, which is ours and not SQLite's to choose: it is given out once
 * and goes with the row wherever that goes, so it can be part of the seal. */
#define ID_TEXT_SIZE 24

static KsSealPlace
event_place (const Op *op, gint64 id, char id_text[ID_TEXT_SIZE])
{
  g_snprintf (id_text, ID_TEXT_SIZE, "%" G_GINT64_FORMAT, id);
  return ks_account_scope_place (op->scope, "to_device", "event_sealed", id_text);
}

/* About what a row takes besides the event's text. */
#define ROW_SIZE 132

static guint64
event_size (const KsInboxEvent *event)
{
  return ks_secret_size (event->json) + ROW_SIZE;
}

/* What may bring a key. */
#define MAY_BRING_KEYS " kind IN (0, 1)"
G_STATIC_ASSERT (KS_INBOX_UNSORTED == 0 && KS_INBOX_SEALED == 1);

static gboolean
look_for_room (KsTransaction *transaction, Op *op, GError **error)
{
  guint64 added = 0;
  g_autoptr (KsStatement) select = NULL;

  for (guint i = 0; i < op->events->len; i++)
    {
      const KsInboxEvent *event = op->events->pdata[i];

      if (event->kind <= KS_INBOX_SEALED)
        added += event_size (event);
    }
  if (added == 0)
    return TRUE;
  select =
      ks_account_scope_prepare (op->scope, transaction,
                                "SELECT ifnull (sum (size), 0) FROM to_device INDEXED BY to_device_account"
                                " WHERE account_id = :account_id AND" MAY_BRING_KEYS,
                                error);
  if (select == NULL || ks_statement_step (select, error) != KS_STATEMENT_ROW)
    return FALSE;
  op->full = (guint64) ks_statement_get_int64 (select, 0) + added > op->max_size;
  return TRUE;
}

/* Above every ID there ever was (AUTOINCREMENT remembers the highest). */
static gboolean
find_next_id (KsTransaction *transaction, gint64 *id, GError **error)
{
  g_autoptr (KsStatement) select = ks_transaction_prepare (
      transaction, "SELECT ifnull (max (seq), 0) + 1 FROM sqlite_sequence WHERE name = 'to_device'", error);

  if (select == NULL || ks_statement_step (select, error) != KS_STATEMENT_ROW)
    return FALSE;
  *id = ks_statement_get_int64 (select, 0);
  return TRUE;
}

static gboolean
add_events (KsTransaction *transaction, const Op *op, GError **error)
{
  gint64 now = g_get_real_time () / 1000;
  g_autoptr (KsStatement) insert = NULL;
  gint64 id;

  if (!find_next_id (transaction, &id, error))
    return FALSE;
  insert =
      ks_transaction_prepare (transaction,
                              "INSERT INTO to_device (id, account_id, event_sealed, received, kind, size)"
                              " VALUES (:id, :account_id, :event_sealed, :now, :kind, :size)",
                              error);
  if (insert == NULL)
    return FALSE;
  for (guint i = 0; i < op->events->len; i++, id++)
    {
      const KsInboxEvent *event = op->events->pdata[i];
      char id_text[ID_TEXT_SIZE];
      KsSealPlace place = event_place (op, id, id_text);

      ks_statement_bind_int64 (insert, ":id", id);
      ks_statement_bind_int64 (insert, ":account_id", op->scope->id);
      ks_statement_bind_sealed (insert, ":event_sealed", &place, ks_secret_bytes (event->json),
                                ks_secret_size (event->json));
      ks_statement_bind_int64 (insert, ":now", now);
      ks_statement_bind_int64 (insert, ":kind", event->kind);
      ks_statement_bind_int64 (insert, ":size", (gint64) event_size (event));
      if (!ks_statement_execute (insert, error))
        return FALSE;
    }
  return TRUE;
}

/* The oldest of @kind go. */
static gboolean
keep_newest (KsTransaction *transaction, const Op *op, KsInboxKind kind, guint max, GError **error)
{
  g_autoptr (KsStatement) remove =
      ks_account_scope_prepare (op->scope, transaction,
                                "DELETE FROM to_device WHERE id IN (SELECT id FROM to_device"
                                " INDEXED BY to_device_account WHERE account_id = :account_id"
                                " AND kind = :kind ORDER BY id DESC LIMIT -1 OFFSET :max)",
                                error);

  if (remove == NULL)
    return FALSE;
  ks_statement_bind_int64 (remove, ":kind", kind);
  ks_statement_bind_int64 (remove, ":max", max);
  return ks_statement_execute (remove, error);
}

static gboolean
remove_expired (KsTransaction *transaction, const Op *op, GError **error)
{
  g_autoptr (KsStatement) remove =
      ks_account_scope_prepare (op->scope, transaction,
                                "DELETE FROM to_device WHERE account_id = :account_id"
                                " AND kind = :kind AND received <= :before",
                                error);

  if (remove == NULL)
    return FALSE;
  ks_statement_bind_int64 (remove, ":kind", KS_INBOX_VERIFICATION);
  ks_statement_bind_int64 (remove, ":before", g_get_real_time () / 1000 - KS_INBOX_VERIFICATION_AGE);
  return ks_statement_execute (remove, error);
}

static gboolean
move_place (KsTransaction *transaction, const Op *op, GError **error)
{
  g_autoptr (KsStatement) move =
      ks_account_scope_prepare (op->scope, transaction,
                                "INSERT INTO sync_positions (account_id, since) VALUES (:account_id, :since)"
                                " ON CONFLICT (account_id) DO UPDATE SET since = excluded.since",
                                error);

  if (move == NULL)
    return FALSE;
  ks_statement_bind_text (move, ":since", op->since);
  return ks_statement_execute (move, error);
}

static gboolean
add (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;

  if (!remove_expired (transaction, op, error) || !look_for_room (transaction, op, error))
    return FALSE;
  if (op->full)
    return TRUE;
  return move_place (transaction, op, error)
         && (op->events->len == 0
             || (add_events (transaction, op, error)
                 && keep_newest (transaction, op, KS_INBOX_VERIFICATION, KS_INBOX_MAX_VERIFICATION, error)
                 && keep_newest (transaction, op, KS_INBOX_WITHHELD, KS_INBOX_MAX_WITHHELD, error)));
}

void
ks_inbox_add_async (KsInbox *self,
                    GPtrArray *events,
                    const char *since,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  Op *op = op_new (self);

  op->events = g_ptr_array_ref (events);
  op->since = g_strdup (since);
  op->max_size = self->max_size;
  ks_database_run_op (self->database, self, G_CALLBACK (ks_inbox_add_async), add, op, op_free, cancellable,
                      callback, user_data);
}

gboolean
ks_inbox_add_finish (KsInbox *self, GAsyncResult *result, gboolean *full, GError **error)
{
  const Op *op = ks_database_run_op_finish (self, result, error);

  *full = op != NULL && op->full;
  return op != NULL;
}

static gboolean
get_since (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;
  g_autoptr (KsStatement) select =
      ks_account_scope_prepare (op->scope, transaction,
                                "SELECT since FROM sync_positions WHERE account_id = :account_id", error);
  KsStatementResult result = select == NULL ? KS_STATEMENT_FAILED : ks_statement_step (select, error);

  if (result == KS_STATEMENT_ROW)
    op->since = g_strdup (ks_statement_get_text (select, 0));
  return result != KS_STATEMENT_FAILED;
}

void
ks_inbox_get_since_async (KsInbox *self,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  ks_database_run_op (self->database, self, G_CALLBACK (ks_inbox_get_since_async), get_since, op_new (self),
                      op_free, cancellable, callback, user_data);
}

gboolean
ks_inbox_get_since_finish (KsInbox *self, GAsyncResult *result, char **since, GError **error)
{
  Op *op = ks_database_run_op_finish (self, result, error);

  *since = op == NULL ? NULL : g_steal_pointer (&op->since);
  return op != NULL;
}

static gboolean
list (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;
  g_autoptr (KsStatement) select =
      ks_account_scope_prepare (op->scope, transaction,
                                "SELECT e.id, e.received, e.kind, e.event_sealed FROM"
                                " (SELECT id FROM to_device INDEXED BY to_device_account"
                                " WHERE account_id = :account_id AND id > :after AND kind IN (0, :kind)"
                                " ORDER BY id LIMIT :limit) p"
                                " JOIN to_device e ON e.id = p.id ORDER BY p.id",
                                error);
  KsStatementResult result;

  if (select == NULL)
    return FALSE;
  ks_statement_bind_int64 (select, ":after", op->after);
  ks_statement_bind_int64 (select, ":kind", op->kind);
  ks_statement_bind_int64 (select, ":limit", op->limit);
  op->events = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_inbox_event_free);
  while ((result = ks_statement_step (select, error)) == KS_STATEMENT_ROW)
    {
      KsInboxEvent *event = g_new0 (KsInboxEvent, 1);
      g_autoptr (GError) local = NULL;
      char id_text[ID_TEXT_SIZE];
      KsSealPlace place;

      g_ptr_array_add (op->events, event);
      event->id = ks_statement_get_int64 (select, 0);
      event->received = ks_statement_get_int64 (select, 1);
      event->kind = (KsInboxKind) ks_statement_get_int64 (select, 2);
      place = event_place (op, event->id, id_text);
      event->json = ks_statement_get_sealed (select, 3, &place, &local);
      if (event->json == NULL && !g_error_matches (local, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  return result == KS_STATEMENT_DONE;
}

void
ks_inbox_list_async (KsInbox *self,
                     KsInboxKind kind,
                     gint64 after,
                     guint limit,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  Op *op = op_new (self);

  op->kind = kind;
  op->after = after;
  op->limit = limit;
  ks_database_run_op (self->database, self, G_CALLBACK (ks_inbox_list_async), list, op, op_free, cancellable,
                      callback, user_data);
}

GPtrArray *
ks_inbox_list_finish (KsInbox *self, GAsyncResult *result, GError **error)
{
  Op *op = ks_database_run_op_finish (self, result, error);

  return op == NULL ? NULL : g_steal_pointer (&op->events);
}

static gboolean
remove_events (KsTransaction *transaction, gpointer data, GError **error)
{
  const Op *op = data;
  g_autoptr (KsStatement) remove =
      ks_transaction_prepare (transaction,
                              "DELETE FROM to_device WHERE id = :id AND account_id = :account_id", error);

  if (remove == NULL)
    return FALSE;
  for (guint i = 0; i < op->ids->len; i++)
    {
      ks_statement_bind_int64 (remove, ":id", g_array_index (op->ids, gint64, i));
      ks_statement_bind_int64 (remove, ":account_id", op->scope->id);
      if (!ks_statement_execute (remove, error))
        return FALSE;
    }
  return TRUE;
}

void
ks_inbox_remove_async (KsInbox *self,
                       const gint64 *ids,
                       guint n_ids,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  Op *op = op_new (self);

  op->ids = g_array_sized_new (FALSE, FALSE, sizeof (gint64), n_ids);
  g_array_append_vals (op->ids, ids, n_ids);
  ks_database_run_op (self->database, self, G_CALLBACK (ks_inbox_remove_async), remove_events, op, op_free,
                      cancellable, callback, user_data);
}

gboolean
ks_inbox_remove_finish (KsInbox *self, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (self, result, error) != NULL;
}

static gboolean
count (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;
  g_autoptr (KsStatement) select =
      ks_account_scope_prepare (op->scope, transaction,
                                "SELECT count (*) FROM to_device INDEXED BY to_device_account"
                                " WHERE account_id = :account_id AND" MAY_BRING_KEYS,
                                error);

  if (select == NULL || ks_statement_step (select, error) != KS_STATEMENT_ROW)
    return FALSE;
  op->count = (guint64) ks_statement_get_int64 (select, 0);
  return TRUE;
}

void
ks_inbox_count_async (KsInbox *self,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  ks_database_run_op (self->database, self, G_CALLBACK (ks_inbox_count_async), count, op_new (self), op_free,
                      cancellable, callback, user_data);
}

gboolean
ks_inbox_count_finish (KsInbox *self, GAsyncResult *result, guint64 *n_events, GError **error)
{
  Op *op = ks_database_run_op_finish (self, result, error);

  if (op != NULL)
    *n_events = op->count;
  return op != NULL;
}
