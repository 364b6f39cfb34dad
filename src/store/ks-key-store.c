/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-key-store-private.h"

#include "store/ks-database-private.h"
#include "store/ks-room-claim.h"
#include "store/ks-room-key-row.h"
#include "store/ks-room-key-twin.h"

G_DEFINE_FINAL_TYPE (KsKeyStore, ks_key_store, G_TYPE_OBJECT)

typedef struct
{
  KsAccountScope *scope; /* owned */
  GPtrArray *keys;       /* owned */
  KsRoomKeyMergeFunc merge;
  gpointer merge_data; /* owned, by @merge_destroy */
  GDestroyNotify merge_destroy;
  KsKeyStoreSource source;
  gpointer source_data; /* borrowed */
  KsKeyStorePut put;
  char *room_id;        /* owned */
  char *session_id;     /* owned */
  char *version;        /* owned */
  KsStoredRoomKey *key; /* owned */
  gint64 after;
  guint limit;
  KsKeyStoreList list;
  guint64 total;
  guint64 pending;
  guint64 refused;
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  if (op->merge_destroy != NULL)
    op->merge_destroy (op->merge_data);
  ks_account_scope_unref (op->scope);
  g_clear_pointer (&op->keys, g_ptr_array_unref);
  g_free (op->room_id);
  g_free (op->session_id);
  g_free (op->version);
  ks_stored_room_key_free (op->key);
  g_free (op);
}

static Op *
op_new (KsKeyStore *self)
{
  Op *op = g_new0 (Op, 1);

  op->scope = ks_account_scope_ref (self->scope);
  return op;
}

static void
ks_key_store_finalize (GObject *object)
{
  KsKeyStore *self = KS_KEY_STORE (object);

  g_clear_object (&self->database);
  g_clear_pointer (&self->scope, ks_account_scope_unref);
  G_OBJECT_CLASS (ks_key_store_parent_class)->finalize (object);
}

static void
ks_key_store_class_init (KsKeyStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ks_key_store_finalize;
}

static void
ks_key_store_init (KsKeyStore *self)
{
}

KsKeyStore *
ks_key_store_new (KsDatabase *database, const KsAccountRecord *account)
{
  KsKeyStore *self = g_object_new (KS_TYPE_KEY_STORE, NULL);

  self->database = g_object_ref (database);
  self->scope = ks_account_scope_new (account);
  return self;
}

/* A lower first index opens more messages; nothing else is known here. */
static KsRoomKeyMerge
has_lower_index (const KsStoredRoomKey *here, KsStoredRoomKey *offered, gpointer data)
{
  return offered->first_index < here->first_index ? KS_ROOM_KEY_REPLACE : KS_ROOM_KEY_KEEP;
}

/* A key of which nothing is here under its room. */
static gboolean
add_one (KsTransaction *transaction, Op *op, KsStoredRoomKey *key, GError **error)
{
  if (!ks_room_claim_weigh (transaction, op->scope, key, op->merge, error))
    return FALSE;
  if (key->elsewhere)
    {
      op->put.elsewhere++;
      return TRUE;
    }
  op->put.added++;
  return ks_room_key_row_insert (transaction, op->scope, key, error);
}

/* Whether @key is to be the twin instead of @twin. */
static gboolean
is_better_twin (Op *op, const KsStoredRoomKey *twin, KsStoredRoomKey *key)
{
  switch (op->merge (twin, key, NULL))
    {
    case KS_ROOM_KEY_REPLACE:
      return TRUE;
    case KS_ROOM_KEY_BOTH:
      return twin->backed_up_version != NULL && key->backed_up_version == NULL;
    case KS_ROOM_KEY_KEEP:
    default:
      return FALSE;
    }
}

/* @key stands beside @here, the row @id. */
static gboolean
put_beside (KsTransaction *transaction,
            Op *op,
            gint64 id,
            const KsStoredRoomKey *here,
            KsStoredRoomKey *key,
            GError **error)
{
  g_autoptr (KsStoredRoomKey) twin = NULL;

  /* A server takes none that reaches no further back than the one it has. */
  if (key->backed_up_version != NULL && key->first_index <= here->first_index
      && !ks_room_key_row_refuse (transaction, id, key->backed_up_version, error))
    return FALSE;
  if (!ks_room_key_twin_find (transaction, op->scope, id, &twin, error))
    return FALSE;
  return (twin != NULL && !is_better_twin (op, twin, key))
         || ks_room_key_twin_put (transaction, op->scope, id, key, error);
}

static gboolean
put_one (KsTransaction *transaction, Op *op, KsStoredRoomKey *key, GError **error)
{
  g_autoptr (KsStoredRoomKey) here = NULL;
  g_autoptr (GError) local = NULL;
  KsRoomKeyMerge merge = KS_ROOM_KEY_REPLACE;
  gint64 id = 0;

  here = ks_room_key_row_find (transaction, op->scope, key->room_id, key->session_id, &id, &local);
  if (here == NULL && g_error_matches (local, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND))
    return add_one (transaction, op, key, error);
  /* What does not open any more is worth less than anything that does. */
  if (here == NULL && !g_error_matches (local, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  /* It says a room that a message has proven false. */
  if (here != NULL && here->room_claim == KS_ROOM_CLAIM_FALSE && key->provenance != KS_ROOM_KEY_DIRECT)
    {
      if (!ks_room_claim_weigh (transaction, op->scope, key, op->merge, error))
        return FALSE;
      if (key->elsewhere)
        {
          op->put.elsewhere++;
          return TRUE;
        }
    }
  if (here != NULL)
    merge = op->merge (here, key, op->merge_data);
  if (merge == KS_ROOM_KEY_REPLACE)
    {
      op->put.replaced++;
      return ks_room_key_row_replace (transaction, op->scope, id, key, error);
    }
  op->put.kept++;
  return merge == KS_ROOM_KEY_KEEP || put_beside (transaction, op, id, here, key, error);
}

static gboolean
put (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;

  for (guint i = 0; i < op->keys->len; i++)
    if (!put_one (transaction, op, op->keys->pdata[i], error))
      return FALSE;
  return TRUE;
}

void
ks_key_store_put_async (KsKeyStore *self,
                        GPtrArray *keys,
                        KsRoomKeyMergeFunc merge,
                        gpointer merge_data,
                        GDestroyNotify merge_destroy,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  Op *op = op_new (self);

  op->keys = g_ptr_array_ref (keys);
  op->merge = merge != NULL ? merge : has_lower_index;
  op->merge_data = merge_data;
  op->merge_destroy = merge_destroy;
  ks_database_run_op (self->database, self, G_CALLBACK (ks_key_store_put_async), put, op, op_free,
                      cancellable, callback, user_data);
}

gboolean
ks_key_store_put_finish (KsKeyStore *self, GAsyncResult *result, KsKeyStorePut *counts, GError **error)
{
  Op *op = ks_database_run_op_finish (self, result, error);

  if (op != NULL && counts != NULL)
    *counts = op->put;
  return op != NULL;
}

static gboolean
put_all (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;

  do
    {
      g_clear_pointer (&op->keys, g_ptr_array_unref);
      if (!op->source (&op->put, &op->keys, op->source_data, error))
        return FALSE;
      if (op->keys != NULL && !put (transaction, op, error))
        return FALSE;
    }
  while (op->keys != NULL);
  return TRUE;
}

void
ks_key_store_put_all_async (KsKeyStore *self,
                            KsKeyStoreSource source,
                            gpointer data,
                            KsRoomKeyMergeFunc merge,
                            gpointer merge_data,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  Op *op = op_new (self);

  op->source = source;
  op->source_data = data;
  op->merge = merge != NULL ? merge : has_lower_index;
  op->merge_data = merge_data;
  ks_database_run_op (self->database, self, G_CALLBACK (ks_key_store_put_all_async), put_all, op, op_free,
                      cancellable, callback, user_data);
}

gboolean
ks_key_store_put_all_finish (KsKeyStore *self, GAsyncResult *result, KsKeyStorePut *counts, GError **error)
{
  return ks_key_store_put_finish (self, result, counts, error);
}

static gboolean
get (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;

  op->key = ks_room_key_row_find (transaction, op->scope, op->room_id, op->session_id, NULL, error);
  return op->key != NULL;
}

void
ks_key_store_get_async (KsKeyStore *self,
                        const char *room_id,
                        const char *session_id,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  Op *op = op_new (self);

  op->room_id = g_strdup (room_id);
  op->session_id = g_strdup (session_id);
  ks_database_run_op (self->database, self, G_CALLBACK (ks_key_store_get_async), get, op, op_free,
                      cancellable, callback, user_data);
}

KsStoredRoomKey *
ks_key_store_get_finish (KsKeyStore *self, GAsyncResult *result, GError **error)
{
  Op *op = ks_database_run_op_finish (self, result, error);

  return op == NULL ? NULL : g_steal_pointer (&op->key);
}

static gboolean
count (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;
  g_autoptr (KsStatement) select =
      ks_transaction_prepare (transaction,
                              "SELECT count (*),"
                              " count (*) FILTER (WHERE backed_up_version IS NOT :version"
                              " AND refused_version IS NOT :version),"
                              " count (*) FILTER (WHERE backed_up_version IS NOT :version"
                              " AND refused_version = :version)"
                              " FROM room_keys INDEXED BY room_keys_backed_up"
                              " WHERE account_id = :account_id AND room_claim <> 2",
                              error);
  guint64 twins;

  if (select == NULL || !ks_room_key_twin_count (transaction, op->scope, op->version, &twins, error))
    return FALSE;
  ks_statement_bind_int64 (select, ":account_id", op->scope->id);
  ks_statement_bind_text (select, ":version", op->version);
  if (ks_statement_step (select, error) != KS_STATEMENT_ROW)
    return FALSE;
  op->total = (guint64) ks_statement_get_int64 (select, 0) + twins;
  op->pending = op->version == NULL ? op->total : (guint64) ks_statement_get_int64 (select, 1);
  op->refused = op->version == NULL ? 0 : (guint64) ks_statement_get_int64 (select, 2) + twins;
  return TRUE;
}

void
ks_key_store_count_async (KsKeyStore *self,
                          const char *version,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  Op *op = op_new (self);

  op->version = g_strdup (version);
  ks_database_run_op (self->database, self, G_CALLBACK (ks_key_store_count_async), count, op, op_free,
                      cancellable, callback, user_data);
}

gboolean
ks_key_store_count_finish (KsKeyStore *self,
                           GAsyncResult *result,
                           guint64 *total,
                           guint64 *pending,
                           guint64 *refused,
                           GError **error)
{
  Op *op = ks_database_run_op_finish (self, result, error);

  if (op == NULL)
    return FALSE;
  if (total != NULL)
    *total = op->total;
  if (pending != NULL)
    *pending = op->pending;
  if (refused != NULL)
    *refused = op->refused;
  return TRUE;
}

static gboolean
list_pending (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;

  op->keys =
      ks_room_key_row_list (transaction, op->scope, op->version, op->after, op->limit, &op->list, error);
  return op->keys != NULL
         && (op->version != NULL
             || ks_room_key_twin_list (transaction, op->scope, NULL, op->after, op->list.last, op->keys,
                                       &op->list.damaged, error));
}

void
ks_key_store_list_pending_async (KsKeyStore *self,
                                 const char *version,
                                 gint64 after,
                                 guint limit,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  Op *op = op_new (self);

  op->version = g_strdup (version);
  op->after = after;
  op->limit = limit;
  ks_database_run_op (self->database, self, G_CALLBACK (ks_key_store_list_pending_async), list_pending, op,
                      op_free, cancellable, callback, user_data);
}

GPtrArray *
ks_key_store_list_pending_finish (KsKeyStore *self,
                                  GAsyncResult *result,
                                  KsKeyStoreList *list,
                                  GError **error)
{
  Op *op = ks_database_run_op_finish (self, result, error);

  if (op == NULL)
    return NULL;
  if (list != NULL)
    *list = op->list;
  return g_steal_pointer (&op->keys);
}

static gboolean
list_room (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;

  op->keys =
      ks_room_key_row_list_room (transaction, op->scope, op->room_id, op->after, op->limit, &op->list, error);
  return op->keys != NULL
         && ks_room_key_twin_list (transaction, op->scope, op->room_id, op->after, op->list.last, op->keys,
                                   &op->list.damaged, error);
}

void
ks_key_store_list_room_async (KsKeyStore *self,
                              const char *room_id,
                              gint64 after,
                              guint limit,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  Op *op = op_new (self);

  op->room_id = g_strdup (room_id);
  op->after = after;
  op->limit = limit;
  ks_database_run_op (self->database, self, G_CALLBACK (ks_key_store_list_room_async), list_room, op, op_free,
                      cancellable, callback, user_data);
}

GPtrArray *
ks_key_store_list_room_finish (KsKeyStore *self, GAsyncResult *result, KsKeyStoreList *list, GError **error)
{
  return ks_key_store_list_pending_finish (self, result, list, error);
}
