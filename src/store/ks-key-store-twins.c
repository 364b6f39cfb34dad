/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The call of KsKeyStore for twins that a message has proven.
 */

#include "store/ks-database-private.h"
#include "store/ks-key-store-private.h"
#include "store/ks-room-key-row.h"
#include "store/ks-room-key-twin.h"

typedef struct
{
  KsAccountScope *scope; /* owned */
  GPtrArray *twins;      /* owned */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_account_scope_unref (op->scope);
  g_ptr_array_unref (op->twins);
  g_free (op);
}

static gboolean
prefer_one (KsTransaction *transaction, const Op *op, const KsStoredRoomKey *proven, GError **error)
{
  g_autoptr (KsStoredRoomKey) here = NULL;
  g_autoptr (KsStoredRoomKey) twin = NULL;
  g_autoptr (GError) local = NULL;
  gint64 id;

  here = ks_room_key_row_find (transaction, op->scope, proven->room_id, proven->session_id, &id, &local);
  if (here == NULL
      && (g_error_matches (local, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND)
          || g_error_matches (local, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED)))
    return TRUE;
  if (here == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (!ks_room_key_twin_find (transaction, op->scope, id, &twin, error))
    return FALSE;
  /* What was proven may have changed its place since, or have gone. */
  if (twin == NULL || twin->session_key_size != proven->session_key_size
      || !ks_bytes_equal (twin->session_key, proven->session_key, twin->session_key_size))
    return TRUE;
  return ks_room_key_twin_swap (transaction, op->scope, id, here, twin, error);
}

static gboolean
prefer (KsTransaction *transaction, gpointer data, GError **error)
{
  const Op *op = data;

  for (guint i = 0; i < op->twins->len; i++)
    if (!prefer_one (transaction, op, op->twins->pdata[i], error))
      return FALSE;
  return TRUE;
}

void
ks_key_store_prefer_twins_async (KsKeyStore *self,
                                 GPtrArray *twins,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->scope = ks_account_scope_ref (self->scope);
  op->twins = g_ptr_array_ref (twins);
  ks_database_run_op (self->database, self, G_CALLBACK (ks_key_store_prefer_twins_async), prefer, op, op_free,
                      cancellable, callback, user_data);
}

gboolean
ks_key_store_prefer_twins_finish (KsKeyStore *self, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (self, result, error) != NULL;
}
