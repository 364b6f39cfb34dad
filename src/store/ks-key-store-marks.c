/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The calls of KsKeyStore that note what is in which backup.
 */

#include "store/ks-database-private.h"
#include "store/ks-key-store-private.h"

typedef struct
{
  KsAccountScope *scope; /* owned */
  GPtrArray *keys;       /* owned; NULL: all */
  char *version;         /* owned */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_account_scope_unref (op->scope);
  g_clear_pointer (&op->keys, g_ptr_array_unref);
  g_free (op->version);
  g_free (op);
}

static Op *
op_new (KsKeyStore *self)
{
  Op *op = g_new0 (Op, 1);

  op->scope = ks_account_scope_ref (self->scope);
  return op;
}

#define THE_SAME_KEY                                       \
  " WHERE account_id = :account_id AND room_id = :room_id" \
  " AND session_id = :session_id AND first_index = :first_index"

/* Runs @sql for every key of @op. */
static gboolean
mark (KsTransaction *transaction, const Op *op, const char *sql, GError **error)
{
  g_autoptr (KsStatement) update = ks_transaction_prepare (transaction, sql, error);

  if (update == NULL)
    return FALSE;
  for (guint i = 0; i < op->keys->len; i++)
    {
      const KsStoredRoomKey *key = op->keys->pdata[i];

      ks_statement_bind_text (update, ":version", op->version);
      ks_statement_bind_int64 (update, ":account_id", op->scope->id);
      ks_statement_bind_text (update, ":room_id", key->room_id);
      ks_statement_bind_text (update, ":session_id", key->session_id);
      ks_statement_bind_int64 (update, ":first_index", key->first_index);
      if (!ks_statement_execute (update, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
mark_backed_up (KsTransaction *transaction, gpointer data, GError **error)
{
  return mark (transaction, data,
               "UPDATE room_keys SET backed_up_version = :version,"
               " refused_version = nullif (refused_version, :version)" THE_SAME_KEY,
               error);
}

static gboolean
mark_refused (KsTransaction *transaction, gpointer data, GError **error)
{
  return mark (transaction, data, "UPDATE room_keys SET refused_version = :version" THE_SAME_KEY, error);
}

static void
run_mark (KsKeyStore *self,
          GCallback source_tag,
          KsDatabaseFunc func,
          const char *version,
          GPtrArray *keys,
          GCancellable *cancellable,
          GAsyncReadyCallback callback,
          gpointer user_data)
{
  Op *op = op_new (self);

  op->version = g_strdup (version);
  op->keys = g_ptr_array_ref (keys);
  ks_database_run_op (self->database, self, source_tag, func, op, op_free, cancellable, callback, user_data);
}

void
ks_key_store_mark_backed_up_async (KsKeyStore *self,
                                   const char *version,
                                   GPtrArray *keys,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  run_mark (self, G_CALLBACK (ks_key_store_mark_backed_up_async), mark_backed_up, version, keys, cancellable,
            callback, user_data);
}

gboolean
ks_key_store_mark_backed_up_finish (KsKeyStore *self, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (self, result, error) != NULL;
}

void
ks_key_store_mark_refused_async (KsKeyStore *self,
                                 const char *version,
                                 GPtrArray *keys,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  run_mark (self, G_CALLBACK (ks_key_store_mark_refused_async), mark_refused, version, keys, cancellable,
            callback, user_data);
}

gboolean
ks_key_store_mark_refused_finish (KsKeyStore *self, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (self, result, error) != NULL;
}

static gboolean
unmark (KsTransaction *transaction, gpointer data, GError **error)
{
  return mark (transaction, data,
               "UPDATE room_keys SET backed_up_version = nullif (backed_up_version, :version),"
               " refused_version = nullif (refused_version, :version)" THE_SAME_KEY,
               error);
}

void
ks_key_store_unmark_async (KsKeyStore *self,
                           const char *version,
                           GPtrArray *keys,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  run_mark (self, G_CALLBACK (ks_key_store_unmark_async), unmark, version, keys, cancellable, callback,
            user_data);
}

gboolean
ks_key_store_unmark_finish (KsKeyStore *self, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (self, result, error) != NULL;
}

/* Where the twin of a row is known to have its place in the backup: whatever else that has lost,
 * a server would go on as if it took what is sent for that place, and keep the twin. */
#define PLACE_IS_TAKEN                                                   \
  "EXISTS (SELECT 1 FROM room_key_twins t WHERE t.key_id = room_keys.id" \
  " AND t.backed_up_version = :version AND t.first_index <= room_keys.first_index)"

static gboolean
reset_marks (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;
  g_autoptr (KsStatement) update =
      ks_transaction_prepare (transaction,
                              "UPDATE room_keys SET"
                              " backed_up_version = nullif (backed_up_version, :version),"
                              " refused_version = CASE WHEN " PLACE_IS_TAKEN " THEN refused_version"
                              " ELSE nullif (refused_version, :version) END"
                              " WHERE account_id = :account_id"
                              " AND (backed_up_version = :version OR refused_version = :version)",
                              error);

  if (update == NULL)
    return FALSE;
  ks_statement_bind_int64 (update, ":account_id", op->scope->id);
  ks_statement_bind_text (update, ":version", op->version);
  return ks_statement_execute (update, error);
}

void
ks_key_store_reset_marks_async (KsKeyStore *self,
                                const char *version,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  Op *op = op_new (self);

  op->version = g_strdup (version);
  ks_database_run_op (self->database, self, G_CALLBACK (ks_key_store_reset_marks_async), reset_marks, op,
                      op_free, cancellable, callback, user_data);
}

gboolean
ks_key_store_reset_marks_finish (KsKeyStore *self, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (self, result, error) != NULL;
}
