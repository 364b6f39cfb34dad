/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-room-key-twin.h"

#include "store/ks-room-key-row.h"

/* There are few: CROSS tells SQLite to go through these, and not through all keys. */
#define TWINS " FROM room_key_twins t CROSS JOIN room_keys k ON k.id = t.key_id"

#define COLUMNS                                                                         \
  "k.id, k.room_id, k.session_id, t.sender_key, t.claimed_ed25519, t.forwarding_chain," \
  " t.shared_history, t.first_index, t.provenance, t.backed_up_version, t.session_key_sealed" TWINS
#define SESSION_KEY_COLUMN 10

static KsSealPlace
session_key_place (const KsAccountScope *scope, const char *room_id, const char *session_id)
{
  return (KsSealPlace){ "room_key_twins",
                        "session_key_sealed",
                        { scope->user_id, scope->device_id, room_id, session_id } };
}

/* NULL without an error: it does not open. */
static KsStoredRoomKey *
read_row (KsStatement *row, const KsAccountScope *scope, GError **error)
{
  g_autoptr (KsStoredRoomKey) key = g_new0 (KsStoredRoomKey, 1);
  g_autoptr (GError) local = NULL;
  KsSealPlace place;

  key->id = ks_statement_get_int64 (row, 0);
  key->room_id = g_strdup (ks_statement_get_text (row, 1));
  key->session_id = g_strdup (ks_statement_get_text (row, 2));
  key->sender_key = g_strdup (ks_statement_get_text (row, 3));
  key->claimed_ed25519 = g_strdup (ks_statement_get_text (row, 4));
  key->forwarding_chain = g_strdup (ks_statement_get_text (row, 5));
  key->shared_history = ks_statement_get_int64 (row, 6) != 0;
  key->first_index = (guint32) ks_statement_get_int64 (row, 7);
  key->provenance = (KsRoomKeyProvenance) ks_statement_get_int64 (row, 8);
  key->backed_up_version = g_strdup (ks_statement_get_text (row, 9));
  place = session_key_place (scope, key->room_id, key->session_id);
  key->session_key =
      ks_statement_get_sealed_bytes (row, SESSION_KEY_COLUMN, &place, &key->session_key_size, &local);
  if (key->session_key != NULL)
    return g_steal_pointer (&key);
  if (!g_error_matches (local, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED))
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

gboolean
ks_room_key_twin_find (KsTransaction *transaction,
                       const KsAccountScope *scope,
                       gint64 id,
                       KsStoredRoomKey **twin,
                       GError **error)
{
  g_autoptr (KsStatement) select =
      ks_transaction_prepare (transaction, "SELECT " COLUMNS " WHERE t.key_id = :id", error);
  g_autoptr (GError) local = NULL;
  KsStatementResult result;

  *twin = NULL;
  if (select == NULL)
    return FALSE;
  ks_statement_bind_int64 (select, ":id", id);
  result = ks_statement_step (select, error);
  if (result != KS_STATEMENT_ROW)
    return result == KS_STATEMENT_DONE;
  *twin = read_row (select, scope, &local);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
ks_room_key_twin_put (KsTransaction *transaction,
                      const KsAccountScope *scope,
                      gint64 id,
                      const KsStoredRoomKey *key,
                      GError **error)
{
  KsSealPlace place = session_key_place (scope, key->room_id, key->session_id);
  g_autoptr (KsStatement) insert =
      ks_transaction_prepare (transaction,
                              "INSERT OR REPLACE INTO room_key_twins (key_id, sender_key, claimed_ed25519,"
                              " forwarding_chain, shared_history, first_index, provenance,"
                              " backed_up_version, session_key_sealed)"
                              " VALUES (:id, :sender_key, :claimed_ed25519, :forwarding_chain,"
                              " :shared_history, :first_index, :provenance, :backed_up_version,"
                              " :session_key_sealed)",
                              error);

  if (insert == NULL)
    return FALSE;
  ks_statement_bind_int64 (insert, ":id", id);
  ks_statement_bind_text (insert, ":sender_key", key->sender_key);
  ks_statement_bind_text (insert, ":claimed_ed25519", key->claimed_ed25519);
  ks_statement_bind_text (insert, ":forwarding_chain", key->forwarding_chain);
  ks_statement_bind_int64 (insert, ":shared_history", key->shared_history ? 1 : 0);
  ks_statement_bind_int64 (insert, ":first_index", key->first_index);
  ks_statement_bind_int64 (insert, ":provenance", key->provenance);
  ks_statement_bind_text (insert, ":backed_up_version", key->backed_up_version);
  ks_statement_bind_sealed (insert, ":session_key_sealed", &place, key->session_key, key->session_key_size);
  return ks_statement_execute (insert, error);
}

/* The backup version whose place for the session is another's, so that no server puts @twin
 * there; borrowed; NULL: none that we know of. */
static const char *
refusing_version (const KsStoredRoomKey *here, const KsStoredRoomKey *twin)
{
  if (here->backed_up_version != NULL && twin->first_index >= here->first_index)
    return here->backed_up_version;
  return g_strcmp0 (here->refused_version, twin->backed_up_version) != 0 ? here->refused_version : NULL;
}

gboolean
ks_room_key_twin_swap (KsTransaction *transaction,
                       const KsAccountScope *scope,
                       gint64 id,
                       const KsStoredRoomKey *here,
                       KsStoredRoomKey *twin,
                       GError **error)
{
  const char *refusing = refusing_version (here, twin);

  /* Whatever a version gave once, it has now what went up there since. */
  if (g_strcmp0 (twin->backed_up_version, here->backed_up_version) == 0)
    g_clear_pointer (&twin->backed_up_version, g_free);
  return ks_room_key_twin_put (transaction, scope, id, here, error)
         && ks_room_key_row_replace (transaction, scope, id, twin, error)
         && (refusing == NULL || ks_room_key_row_refuse (transaction, id, refusing, error));
}

gboolean
ks_room_key_twin_list (KsTransaction *transaction,
                       const KsAccountScope *scope,
                       const char *room_id,
                       gint64 after,
                       gint64 last,
                       GPtrArray *keys,
                       guint *damaged,
                       GError **error)
{
  g_autoptr (KsStatement) select =
      ks_transaction_prepare (transaction,
                              "SELECT " COLUMNS " WHERE t.key_id > :after AND t.key_id <= :last"
                              " AND k.account_id = :account_id AND k.room_claim <> 2"
                              " AND (:room_id IS NULL OR k.room_id = :room_id) ORDER BY t.key_id",
                              error);
  KsStatementResult result;

  if (select == NULL)
    return FALSE;
  ks_statement_bind_int64 (select, ":after", after);
  ks_statement_bind_int64 (select, ":last", last);
  ks_statement_bind_int64 (select, ":account_id", scope->id);
  ks_statement_bind_text (select, ":room_id", room_id);
  while ((result = ks_statement_step (select, error)) == KS_STATEMENT_ROW)
    {
      g_autoptr (GError) local = NULL;
      KsStoredRoomKey *key = read_row (select, scope, &local);

      if (key != NULL)
        {
          /* Whoever looks what is in a backup is not to take it for what is here. */
          g_clear_pointer (&key->backed_up_version, g_free);
          g_ptr_array_add (keys, key);
        }
      else if (local == NULL)
        (*damaged)++;
      else
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  return result == KS_STATEMENT_DONE;
}

gboolean
ks_room_key_twin_count (
    KsTransaction *transaction, const KsAccountScope *scope, const char *version, guint64 *n, GError **error)
{
  g_autoptr (KsStatement) select =
      ks_transaction_prepare (transaction,
                              "SELECT count (*)" TWINS
                              " WHERE k.account_id = :account_id AND k.room_claim <> 2"
                              " AND (:version IS NULL OR t.backed_up_version IS NOT :version)",
                              error);

  if (select == NULL)
    return FALSE;
  ks_statement_bind_int64 (select, ":account_id", scope->id);
  ks_statement_bind_text (select, ":version", version);
  if (ks_statement_step (select, error) != KS_STATEMENT_ROW)
    return FALSE;
  *n = (guint64) ks_statement_get_int64 (select, 0);
  return TRUE;
}
