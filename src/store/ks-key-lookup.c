/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-key-lookup.h"

#include "store/ks-database-private.h"
#include "store/ks-room-key-row.h"
#include "store/ks-room-key-twin.h"

typedef struct
{
  KsAccountScope *scope;  /* owned */
  char *room_id;          /* owned */
  GPtrArray *session_ids; /* owned */
  GPtrArray *found;       /* owned; NULL once it was given away */
} Op;

void
ks_looked_up_key_free (KsLookedUpKey *found)
{
  if (found == NULL)
    return;
  g_free (found->session_id);
  ks_stored_room_key_free (found->key);
  ks_stored_room_key_free (found->twin);
  g_clear_pointer (&found->others, g_ptr_array_unref);
  g_free (found);
}

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_account_scope_unref (op->scope);
  g_free (op->room_id);
  g_ptr_array_unref (op->session_ids);
  g_clear_pointer (&op->found, g_ptr_array_unref);
  g_free (op);
}

static gboolean
look_one (KsTransaction *transaction, Op *op, KsLookedUpKey *found, GError **error)
{
  g_autoptr (GError) local = NULL;
  gint64 id;

  found->key = ks_room_key_row_find (transaction, op->scope, op->room_id, found->session_id, &id, &local);
  found->damaged = g_error_matches (local, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED);
  if (local != NULL && !found->damaged && !g_error_matches (local, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  found->others = ks_room_key_row_list_elsewhere (transaction, op->scope, op->room_id, found->session_id,
                                                  KS_LOOKED_UP_OTHERS, error);
  if (found->others == NULL)
    return FALSE;
  found->elsewhere = found->key == NULL && !found->damaged && found->others->len > 0;
  return found->key == NULL || ks_room_key_twin_find (transaction, op->scope, id, &found->twin, error);
}

static gboolean
look (KsTransaction *transaction, gpointer data, GError **error)
{
  Op *op = data;

  for (guint i = 0; i < op->session_ids->len; i++)
    {
      KsLookedUpKey *found = g_new0 (KsLookedUpKey, 1);

      g_ptr_array_add (op->found, found);
      found->session_id = g_strdup (op->session_ids->pdata[i]);
      if (!look_one (transaction, op, found, error))
        return FALSE;
    }
  return TRUE;
}

void
ks_key_lookup_async (KsDatabase *database,
                     const KsAccountRecord *account,
                     const char *room_id,
                     GPtrArray *session_ids,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->scope = ks_account_scope_new (account);
  op->room_id = g_strdup (room_id);
  op->session_ids = g_ptr_array_ref (session_ids);
  op->found = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_looked_up_key_free);
  ks_database_run_op (database, database, G_CALLBACK (ks_key_lookup_async), look, op, op_free, cancellable,
                      callback, user_data);
}

GPtrArray *
ks_key_lookup_finish (KsDatabase *database, GAsyncResult *result, GError **error)
{
  Op *op = ks_database_run_op_finish (database, result, error);

  return op == NULL ? NULL : g_steal_pointer (&op->found);
}
