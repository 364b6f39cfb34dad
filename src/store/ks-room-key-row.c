/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-room-key-row.h"

#include <string.h>

#define COLUMNS                                                                                           \
  "k.id, k.room_id, k.session_id, k.sender_key, k.claimed_ed25519, k.forwarding_chain, k.shared_history," \
  " k.first_index, k.provenance, k.backed_up_version, k.refused_version, k.room_claim, k.session_key_sealed"
#define SESSION_KEY_COLUMN 12

void
ks_stored_room_key_free (KsStoredRoomKey *key)
{
  if (key == NULL)
    return;
  g_free (key->room_id);
  g_free (key->session_id);
  g_free (key->sender_key);
  g_free (key->claimed_ed25519);
  g_free (key->forwarding_chain);
  g_free (key->backed_up_version);
  g_free (key->refused_version);
  if (key->session_key != NULL)
    ks_wipe (key->session_key, key->session_key_size);
  g_free (key->session_key);
  g_free (key);
}

static gsize
length (const char *text)
{
  return text != NULL ? strlen (text) : 0;
}

gsize
ks_stored_room_key_get_size (const KsStoredRoomKey *key)
{
  return length (key->room_id) + length (key->session_id) + length (key->sender_key)
         + length (key->claimed_ed25519) + length (key->forwarding_chain) + key->session_key_size;
}

KsStoredRoomKey *
ks_stored_room_key_copy (const KsStoredRoomKey *key, const char *room_id)
{
  KsStoredRoomKey *copy = g_memdup2 (key, sizeof *key);

  copy->room_id = g_strdup (room_id);
  copy->session_id = g_strdup (key->session_id);
  copy->sender_key = g_strdup (key->sender_key);
  copy->claimed_ed25519 = g_strdup (key->claimed_ed25519);
  copy->forwarding_chain = g_strdup (key->forwarding_chain);
  copy->backed_up_version = copy->refused_version = NULL;
  copy->session_key = g_memdup2 (key->session_key, key->session_key_size);
  copy->room_claim = KS_ROOM_CLAIM_UNPROVEN;
  return copy;
}

static KsSealPlace
session_key_place (const KsAccountScope *scope, const char *room_id, const char *session_id)
{
  return (KsSealPlace){ "room_keys",
                        "session_key_sealed",
                        { scope->user_id, scope->device_id, room_id, session_id } };
}

static KsStoredRoomKey *
read_row (KsStatement *row, const KsAccountScope *scope, GError **error)
{
  g_autoptr (KsStoredRoomKey) key = g_new0 (KsStoredRoomKey, 1);
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
  key->refused_version = g_strdup (ks_statement_get_text (row, 10));
  key->room_claim = (KsRoomClaim) ks_statement_get_int64 (row, 11);
  place = session_key_place (scope, key->room_id, key->session_id);
  key->session_key =
      ks_statement_get_sealed_bytes (row, SESSION_KEY_COLUMN, &place, &key->session_key_size, error);
  return key->session_key != NULL ? g_steal_pointer (&key) : NULL;
}

KsStoredRoomKey *
ks_room_key_row_find (KsTransaction *transaction,
                      const KsAccountScope *scope,
                      const char *room_id,
                      const char *session_id,
                      gint64 *id,
                      GError **error)
{
  g_autoptr (KsStatement) select =
      ks_transaction_prepare (transaction,
                              "SELECT " COLUMNS " FROM room_keys k WHERE k.account_id = :account_id"
                              " AND k.room_id = :room_id AND k.session_id = :session_id",
                              error);
  KsStatementResult result;

  if (select == NULL)
    return NULL;
  ks_statement_bind_int64 (select, ":account_id", scope->id);
  ks_statement_bind_text (select, ":room_id", room_id);
  ks_statement_bind_text (select, ":session_id", session_id);
  result = ks_statement_step (select, error);
  if (result == KS_STATEMENT_DONE)
    g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND, "there is no such room key");
  if (result != KS_STATEMENT_ROW)
    return NULL;
  if (id != NULL)
    *id = ks_statement_get_int64 (select, 0);
  return read_row (select, scope, error);
}

static void
bind_key (KsStatement *statement, const KsAccountScope *scope, const KsStoredRoomKey *key)
{
  KsSealPlace place = session_key_place (scope, key->room_id, key->session_id);

  ks_statement_bind_text (statement, ":sender_key", key->sender_key);
  ks_statement_bind_text (statement, ":claimed_ed25519", key->claimed_ed25519);
  ks_statement_bind_text (statement, ":forwarding_chain", key->forwarding_chain);
  ks_statement_bind_int64 (statement, ":shared_history", key->shared_history ? 1 : 0);
  ks_statement_bind_int64 (statement, ":first_index", key->first_index);
  ks_statement_bind_int64 (statement, ":provenance", key->provenance);
  ks_statement_bind_text (statement, ":backed_up_version", key->backed_up_version);
  ks_statement_bind_sealed (statement, ":session_key_sealed", &place, key->session_key,
                            key->session_key_size);
}

gboolean
ks_room_key_row_insert (KsTransaction *transaction,
                        const KsAccountScope *scope,
                        const KsStoredRoomKey *key,
                        GError **error)
{
  g_autoptr (KsStatement) insert =
      ks_transaction_prepare (transaction,
                              "INSERT INTO room_keys (account_id, room_id, session_id, sender_key,"
                              " claimed_ed25519, forwarding_chain, shared_history, first_index, provenance,"
                              " backed_up_version, room_claim, session_key_sealed)"
                              " VALUES (:account_id, :room_id, :session_id, :sender_key,"
                              " :claimed_ed25519, :forwarding_chain, :shared_history, :first_index,"
                              " :provenance, :backed_up_version, :room_claim, :session_key_sealed)",
                              error);

  if (insert == NULL)
    return FALSE;
  ks_statement_bind_int64 (insert, ":account_id", scope->id);
  ks_statement_bind_text (insert, ":room_id", key->room_id);
  ks_statement_bind_text (insert, ":session_id", key->session_id);
  ks_statement_bind_int64 (insert, ":room_claim", key->room_claim);
  bind_key (insert, scope, key);
  return ks_statement_execute (insert, error);
}

gboolean
ks_room_key_row_replace (KsTransaction *transaction,
                         const KsAccountScope *scope,
                         gint64 id,
                         const KsStoredRoomKey *key,
                         GError **error)
{
  g_autoptr (KsStatement) update =
      ks_transaction_prepare (transaction,
                              "UPDATE room_keys SET sender_key = :sender_key, claimed_ed25519 = "
                              ":claimed_ed25519,"
                              " forwarding_chain = :forwarding_chain, shared_history = :shared_history,"
                              " first_index = :first_index, provenance = :provenance,"
                              /* What was refused is no longer there; unless it is its twin that
                               * has the place, and keeps it. */
                              " backed_up_version = :backed_up_version, refused_version ="
                              " (SELECT t.backed_up_version FROM room_key_twins t WHERE t.key_id = :id"
                              " AND t.backed_up_version = room_keys.refused_version"
                              " AND t.first_index <= :first_index),"
                              " session_key_sealed = :session_key_sealed"
                              " WHERE id = :id",
                              error);

  if (update == NULL)
    return FALSE;
  ks_statement_bind_int64 (update, ":id", id);
  bind_key (update, scope, key);
  return ks_statement_execute (update, error);
}

gboolean
ks_room_key_row_refuse (KsTransaction *transaction, gint64 id, const char *version, GError **error)
{
  g_autoptr (KsStatement) update =
      ks_transaction_prepare (transaction,
                              "UPDATE room_keys SET refused_version = :version,"
                              " backed_up_version = nullif (backed_up_version, :version)"
                              " WHERE id = :id",
                              error);

  if (update == NULL)
    return FALSE;
  ks_statement_bind_text (update, ":version", version);
  ks_statement_bind_int64 (update, ":id", id);
  return ks_statement_execute (update, error);
}

/* The rows of @select, but those that do not open. */
static GPtrArray *
read_rows (KsStatement *select, const KsAccountScope *scope, KsKeyStoreList *list, GError **error)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
  KsStatementResult result;

  while ((result = ks_statement_step (select, error)) == KS_STATEMENT_ROW)
    {
      g_autoptr (GError) local = NULL;
      KsStoredRoomKey *key = read_row (select, scope, &local);

      list->last = ks_statement_get_int64 (select, 0);
      if (key != NULL)
        g_ptr_array_add (keys, key);
      else if (g_error_matches (local, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED))
        list->damaged++;
      else
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
  return result == KS_STATEMENT_DONE ? g_steal_pointer (&keys) : NULL;
}

GPtrArray *
ks_room_key_row_list (KsTransaction *transaction,
                      const KsAccountScope *scope,
                      const char *version,
                      gint64 after,
                      guint limit,
                      KsKeyStoreList *list,
                      GError **error)
{
  /* The inner SELECT finds the rows in the index alone. */
  g_autoptr (KsStatement) select =
      ks_transaction_prepare (transaction,
                              "SELECT " COLUMNS
                              " FROM (SELECT id FROM room_keys INDEXED BY room_keys_backed_up"
                              " WHERE account_id = :account_id AND id > :after AND room_claim <> 2"
                              " AND (:version IS NULL"
                              " OR (backed_up_version IS NOT :version AND refused_version IS NOT :version))"
                              " ORDER BY id LIMIT :limit) p JOIN room_keys k ON k.id = p.id ORDER BY p.id",
                              error);

  if (select == NULL)
    return NULL;
  ks_statement_bind_int64 (select, ":account_id", scope->id);
  ks_statement_bind_int64 (select, ":after", after);
  ks_statement_bind_text (select, ":version", version);
  ks_statement_bind_int64 (select, ":limit", limit);
  return read_rows (select, scope, list, error);
}

GPtrArray *
ks_room_key_row_list_room (KsTransaction *transaction,
                           const KsAccountScope *scope,
                           const char *room_id,
                           gint64 after,
                           guint limit,
                           KsKeyStoreList *list,
                           GError **error)
{
  g_autoptr (KsStatement) select =
      ks_transaction_prepare (transaction,
                              "SELECT " COLUMNS " FROM room_keys k WHERE k.account_id = :account_id"
                              " AND k.room_id = :room_id AND k.room_claim <> 2 AND k.id > :after"
                              " ORDER BY k.id LIMIT :limit",
                              error);

  if (select == NULL)
    return NULL;
  ks_statement_bind_int64 (select, ":account_id", scope->id);
  ks_statement_bind_text (select, ":room_id", room_id);
  ks_statement_bind_int64 (select, ":after", after);
  ks_statement_bind_int64 (select, ":limit", limit);
  return read_rows (select, scope, list, error);
}

GPtrArray *
ks_room_key_row_list_elsewhere (KsTransaction *transaction,
                                const KsAccountScope *scope,
                                const char *room_id,
                                const char *session_id,
                                guint limit,
                                GError **error)
{
  g_autoptr (KsStatement) select =
      ks_transaction_prepare (transaction,
                              "SELECT " COLUMNS " FROM room_keys k WHERE k.account_id = :account_id"
                              " AND k.session_id = :session_id AND k.room_id <> :room_id"
                              " ORDER BY k.room_claim = 1 DESC, k.provenance, k.id LIMIT :limit",
                              error);
  KsKeyStoreList list = { 0 };

  if (select == NULL)
    return NULL;
  ks_statement_bind_int64 (select, ":account_id", scope->id);
  ks_statement_bind_text (select, ":session_id", session_id);
  ks_statement_bind_text (select, ":room_id", room_id);
  ks_statement_bind_int64 (select, ":limit", limit);
  return read_rows (select, scope, &list, error);
}
