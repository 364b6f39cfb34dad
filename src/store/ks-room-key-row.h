/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of the table room_keys, within a transaction. What is to become of two keys
 * of one session is not decided here. Internal to the store.
 */
#pragma once

#include "store/ks-account-scope.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

/* The key of a session. @id, if not NULL, is set even where the key is there but
 * does not open (KS_STORE_ERROR_DAMAGED). KS_STORE_ERROR_NOT_FOUND, _LOCKED. */
KsStoredRoomKey *ks_room_key_row_find (KsTransaction *transaction,
                                       const KsAccountScope *scope,
                                       const char *room_id,
                                       const char *session_id,
                                       gint64 *id,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A copy under the room @room_id, of which no backup is known to have it. */
KsStoredRoomKey *ks_stored_room_key_copy (const KsStoredRoomKey *key, const char *room_id)
    G_GNUC_WARN_UNUSED_RESULT;

/* Up to @limit keys of the session that are here under another room than @room_id, but those that
 * do not open: what a message has proven first, then what came by a better way. */
GPtrArray *ks_room_key_row_list_elsewhere (KsTransaction *transaction,
                                           const KsAccountScope *scope,
                                           const char *room_id,
                                           const char *session_id,
                                           guint limit,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean ks_room_key_row_insert (KsTransaction *transaction,
                                 const KsAccountScope *scope,
                                 const KsStoredRoomKey *key,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Overwrites the row @id, which is of the same session. */
gboolean ks_room_key_row_replace (KsTransaction *transaction,
                                  const KsAccountScope *scope,
                                  gint64 id,
                                  const KsStoredRoomKey *key,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Notes that the backup @version has another key in the place of the row @id. */
gboolean ks_room_key_row_refuse (KsTransaction *transaction, gint64 id, const char *version, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* As ks_key_store_list_pending_async() says, but for twins. */
GPtrArray *ks_room_key_row_list (KsTransaction *transaction,
                                 const KsAccountScope *scope,
                                 const char *version,
                                 gint64 after,
                                 guint limit,
                                 KsKeyStoreList *list,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* As ks_key_store_list_room_async() says, likewise. */
GPtrArray *ks_room_key_row_list_room (KsTransaction *transaction,
                                      const KsAccountScope *scope,
                                      const char *room_id,
                                      gint64 after,
                                      guint limit,
                                      KsKeyStoreList *list,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
