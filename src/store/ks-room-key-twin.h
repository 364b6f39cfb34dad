/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of the table room_key_twins, within a transaction: for a row of room_keys, another key
 * that claims its session. Internal to the store.
 */
#pragma once

#include "store/ks-account-scope.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

/* The twin of the row @id. @twin is set to NULL if there is none that opens. */
gboolean ks_room_key_twin_find (KsTransaction *transaction,
                                const KsAccountScope *scope,
                                gint64 id,
                                KsStoredRoomKey **twin,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes @key the twin of the row @id, of the same room and session; another one is gone. */
gboolean ks_room_key_twin_put (KsTransaction *transaction,
                               const KsAccountScope *scope,
                               gint64 id,
                               const KsStoredRoomKey *key,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Puts @twin in the place of @here, the row @id, and makes that its twin. */
gboolean ks_room_key_twin_swap (KsTransaction *transaction,
                                const KsAccountScope *scope,
                                gint64 id,
                                const KsStoredRoomKey *here,
                                KsStoredRoomKey *twin,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Appends to @keys the twins of the rows from @after (not included) to @last, of @room_id if
 * that is not NULL, but those that do not open: they are counted in @damaged. Their
 * backed_up_version is left out. */
gboolean ks_room_key_twin_list (KsTransaction *transaction,
                                const KsAccountScope *scope,
                                const char *room_id,
                                gint64 after,
                                gint64 last,
                                GPtrArray *keys,
                                guint *damaged,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How many are not from the backup @version (all of them for NULL). */
gboolean ks_room_key_twin_count (KsTransaction *transaction,
                                 const KsAccountScope *scope,
                                 const char *version,
                                 guint64 *n,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
