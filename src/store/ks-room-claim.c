/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-room-claim.h"

#include "store/ks-database-private.h"
#include "store/ks-room-key-row.h"
#include "store/ks-room-key-twin.h"

/* Of so many other claims of a session it is seen whether they open more than the proven one. */
#define MAX_CLAIMS 16

/* So many claims of one session are kept of what backups say, so many more of what files say, and so on:
 * whoever lists a session under thousands of rooms costs no more than that, and leaves room for what
 * comes by another way. */
#define CLAIMS_PER_WAY 16

/* Of @key and @other, of one session, @other came by a better way. What a backup says is worth what a
 * file says: nobody answers for either. */
static gboolean
came_by_a_better_way (const KsStoredRoomKey *other, const KsStoredRoomKey *key)
{
  return other->provenance < MIN (key->provenance, KS_ROOM_KEY_BACKUP);
}

/* Takes what @key opens beyond @here over to that, which stays in its room. */
static gboolean
take_reach (KsTransaction *transaction,
            const KsAccountScope *scope,
            const KsStoredRoomKey *here,
            const KsStoredRoomKey *key,
            KsRoomKeyMergeFunc merge,
            GError **error)
{
  g_autoptr (KsStoredRoomKey) copy = ks_stored_room_key_copy (key, here->room_id);

  return key->first_index >= here->first_index || merge (here, copy, NULL) != KS_ROOM_KEY_REPLACE
         || ks_room_key_row_replace (transaction, scope, here->id, copy, error);
}

/* How many claims of other rooms there are, as far as it matters to @key: they leave no room. */
static gboolean
is_crowded (KsTransaction *transaction,
            const KsAccountScope *scope,
            const KsStoredRoomKey *key,
            gboolean *crowded,
            GError **error)
{
  static const gint64 places[] = {
    [KS_ROOM_KEY_BACKUP] = 1,
    [KS_ROOM_KEY_FILE] = 2,
    [KS_ROOM_KEY_FORWARDED] = 3,
    [KS_ROOM_KEY_DIRECT] = 4,
  };
  gint64 room = CLAIMS_PER_WAY * places[key->provenance];
  g_autoptr (KsStatement) select =
      ks_transaction_prepare (transaction,
                              "SELECT count (*) FROM (SELECT 1 FROM room_keys INDEXED BY room_keys_session"
                              " WHERE account_id = :account_id AND session_id = :session_id LIMIT :room)",
                              error);

  if (select == NULL)
    return FALSE;
  ks_statement_bind_int64 (select, ":account_id", scope->id);
  ks_statement_bind_text (select, ":session_id", key->session_id);
  ks_statement_bind_int64 (select, ":room", room);
  if (ks_statement_step (select, error) != KS_STATEMENT_ROW)
    return FALSE;
  *crowded = ks_statement_get_int64 (select, 0) >= room;
  return TRUE;
}

gboolean
ks_room_claim_weigh (KsTransaction *transaction,
                     const KsAccountScope *scope,
                     KsStoredRoomKey *key,
                     KsRoomKeyMergeFunc merge,
                     GError **error)
{
  g_autoptr (GPtrArray) others =
      ks_room_key_row_list_elsewhere (transaction, scope, key->room_id, key->session_id, 1, error);
  const KsStoredRoomKey *other;

  if (others == NULL)
    return FALSE;
  key->room_claim = KS_ROOM_CLAIM_UNPROVEN;
  if (others->len == 0)
    return TRUE;
  if (!is_crowded (transaction, scope, key, &key->elsewhere, error))
    return FALSE;
  other = others->pdata[0];
  if (!key->elsewhere && other->room_claim != KS_ROOM_CLAIM_PROVEN
      && (other->room_claim == KS_ROOM_CLAIM_FALSE || !came_by_a_better_way (other, key)))
    return TRUE;
  /* Who sent it may use one session for two rooms, of which a message is to tell. */
  if (!key->elsewhere && key->provenance == KS_ROOM_KEY_DIRECT)
    key->room_claim = KS_ROOM_CLAIM_FALSE;
  else
    key->elsewhere = TRUE;
  return take_reach (transaction, scope, other, key, merge, error);
}

static gboolean
is_same (const KsStoredRoomKey *one, const KsStoredRoomKey *other)
{
  return one->session_key_size == other->session_key_size
         && ks_bytes_equal (one->session_key, other->session_key, one->session_key_size);
}

/* Sees to it that @key, which opened a message of @room_id, is first under it. */
static gboolean
put_first (KsTransaction *transaction,
           const KsAccountScope *scope,
           const char *room_id,
           const KsStoredRoomKey *key,
           KsRoomKeyMergeFunc merge,
           GError **error)
{
  g_autoptr (KsStoredRoomKey) copy = ks_stored_room_key_copy (key, room_id);
  g_autoptr (KsStoredRoomKey) here = NULL;
  g_autoptr (GError) local = NULL;
  gint64 id = 0;

  here = ks_room_key_row_find (transaction, scope, room_id, key->session_id, &id, &local);
  if (here == NULL && g_error_matches (local, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND))
    return ks_room_key_row_insert (transaction, scope, copy, error);
  if (here == NULL && g_error_matches (local, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED))
    return ks_room_key_row_replace (transaction, scope, id, copy, error);
  if (here == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (is_same (here, key))
    return TRUE;
  switch (merge (here, copy, NULL))
    {
    case KS_ROOM_KEY_REPLACE:
      return ks_room_key_row_replace (transaction, scope, id, copy, error);
    case KS_ROOM_KEY_BOTH:
      return ks_room_key_twin_swap (transaction, scope, id, here, copy, error);
    case KS_ROOM_KEY_KEEP:
    default:
      return TRUE;
    }
}

static gboolean
take_reach_of_others (KsTransaction *transaction,
                      const KsAccountScope *scope,
                      const char *room_id,
                      const char *session_id,
                      KsRoomKeyMergeFunc merge,
                      GError **error)
{
  g_autoptr (GPtrArray) others =
      ks_room_key_row_list_elsewhere (transaction, scope, room_id, session_id, MAX_CLAIMS, error);

  if (others == NULL)
    return FALSE;
  for (guint i = 0; i < others->len; i++)
    {
      g_autoptr (KsStoredRoomKey) here =
          ks_room_key_row_find (transaction, scope, room_id, session_id, NULL, error);

      if (here == NULL || !take_reach (transaction, scope, here, others->pdata[i], merge, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
settle (KsTransaction *transaction,
        const KsAccountScope *scope,
        const char *room_id,
        const char *session_id,
        GError **error)
{
  g_autoptr (KsStatement) update =
      ks_transaction_prepare (transaction,
                              "UPDATE room_keys SET room_claim = CASE WHEN room_id = :room_id THEN 1 ELSE 2 "
                              "END"
                              " WHERE account_id = :account_id AND session_id = :session_id"
                              " AND (room_id = :room_id OR room_claim = 0)",
                              error);

  if (update == NULL)
    return FALSE;
  ks_statement_bind_int64 (update, ":account_id", scope->id);
  ks_statement_bind_text (update, ":room_id", room_id);
  ks_statement_bind_text (update, ":session_id", session_id);
  return ks_statement_execute (update, error);
}

gboolean
ks_room_claim_prove (KsTransaction *transaction,
                     const KsAccountScope *scope,
                     const char *room_id,
                     const KsStoredRoomKey *key,
                     KsRoomKeyMergeFunc merge,
                     GError **error)
{
  return put_first (transaction, scope, room_id, key, merge, error)
         && take_reach_of_others (transaction, scope, room_id, key->session_id, merge, error)
         && settle (transaction, scope, room_id, key->session_id, error);
}
