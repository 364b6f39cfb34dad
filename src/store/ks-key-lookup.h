/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Many room keys of one room at once, for reading its messages. Changes nothing.
 */
#pragma once

#include "store/ks-key-store.h"

G_BEGIN_DECLS

/* Of so many other rooms that are said of a session the keys are looked up: the first ones by what they
 * are worth. */
#define KS_LOOKED_UP_OTHERS 16

/* What there is of one session. */
typedef struct
{
  char *session_id;      /* owned */
  KsStoredRoomKey *key;  /* owned; NULL: none that can be used, see below */
  KsStoredRoomKey *twin; /* owned; another one that claims the session; NULL: none */
  gboolean damaged;      /* there is one, whose seal does not open */
  gboolean elsewhere;    /* there is none of this room, but one of another room */
  GPtrArray *others;     /* owned: KsStoredRoomKey elements, what is said to be of another room: it may
                            be this room's all the same, which a message proves */
} KsLookedUpKey;

void ks_looked_up_key_free (KsLookedUpKey *found);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsLookedUpKey, ks_looked_up_key_free)

/* Looks for the keys of @session_ids (char * elements, left to the call until its callback)
 * in @room_id, of @account, of which id, user_id and device_id are used. All in one
 * transaction. Errors: KS_STORE_ERROR (…_LOCKED), G_IO_ERROR_CANCELLED. */
void ks_key_lookup_async (KsDatabase *database,
                          const KsAccountRecord *account,
                          const char *room_id,
                          GPtrArray *session_ids,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
/* KsLookedUpKey elements, in the order of the session IDs. */
GPtrArray *ks_key_lookup_finish (KsDatabase *database, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
