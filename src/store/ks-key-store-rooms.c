/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The call of KsKeyStore for the rooms that messages have proven.
 */

#include "store/ks-database-private.h"
#include "store/ks-key-store-private.h"
#include "store/ks-room-claim.h"

typedef struct
{
  KsAccountScope *scope; /* owned */
  char *room_id;         /* owned */
  GPtrArray *keys;       /* owned */
  KsRoomKeyMergeFunc merge;
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_account_scope_unref (op->scope);
  g_free (op->room_id);
  g_ptr_array_unref (op->keys);
  g_free (op);
}

static gboolean
note (KsTransaction *transaction, gpointer data, GError **error)
{
  const Op *op = data;

  for (guint i = 0; i < op->keys->len; i++)
    if (!ks_room_claim_prove (transaction, op->scope, op->room_id, op->keys->pdata[i], op->merge, error))
      return FALSE;
  return TRUE;
}

void
ks_key_store_note_rooms_async (KsKeyStore *self,
                               const char *room_id,
                               GPtrArray *keys,
                               KsRoomKeyMergeFunc merge,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->scope = ks_account_scope_ref (self->scope);
  op->room_id = g_strdup (room_id);
  op->keys = g_ptr_array_ref (keys);
  op->merge = merge;
  ks_database_run_op (self->database, self, G_CALLBACK (ks_key_store_note_rooms_async), note, op, op_free,
                      cancellable, callback, user_data);
}

gboolean
ks_key_store_note_rooms_finish (KsKeyStore *self, GAsyncResult *result, GError **error)
{
  return ks_database_run_op_finish (self, result, error) != NULL;
}
