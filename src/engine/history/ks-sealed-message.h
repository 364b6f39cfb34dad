/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Encrypted messages of a room, and opening many of them: the keys come from the store, the
 * work is done in a thread. What can be told from one message alone is checked here; whether
 * it has been seen before is the timeline's to know.
 *
 * Where two keys claim a session (keys/ks-better-key.h), both are tried: the one that opens a
 * message is the right one for it, since its creator has signed it. Where that is not the first
 * of the two, they change places in the store. So it is with a key that is said to be of another
 * room: it is tried where none of this room opens a message, and the room that the message was
 * sealed for is proven from then on.
 */
#pragma once

#include "engine/history/ks-message.h"
#include "engine/history/ks-timeline-item.h"
#include "store/ks-key-lookup.h"

G_BEGIN_DECLS

/* What an m.room.encrypted event holds. It never changes. */
typedef struct
{
  gatomicrefcount references;
  char *session_id; /* owned */
  char *sender_key; /* owned; NULL: it names none, as newer clients do */
  char *ciphertext; /* owned */
  KsRelation wire;  /* by the server's word; of the rest of the content, which may be any, nothing is kept */
} KsSealedMessage;

/* NULL, and @reason: @content is none that could ever be opened. */
KsSealedMessage *ks_sealed_message_new (JsonObject *content, KsUnreadable *reason) G_GNUC_WARN_UNUSED_RESULT;
KsSealedMessage *ks_sealed_message_ref (KsSealedMessage *sealed);
void ks_sealed_message_unref (KsSealedMessage *sealed); /* NULL is allowed */
gsize ks_sealed_message_get_size (const KsSealedMessage *sealed);

/* What became of one. */
typedef struct
{
  KsUnreadable reason; /* KS_UNREADABLE_NO_KEY stands for all cases without any key */
  KsMessage *message;  /* owned; NULL: see reason */
  guint32 index;       /* of it in its session */
  KsAuthenticity authenticity;
} KsOpenedMessage;

void ks_opened_message_free (KsOpenedMessage *opened); /* NULL is allowed */

/* Opens the KsSealedMessage elements of @sealed, all of @room_id, with the keys of @account.
 * Errors: KS_STORE_ERROR, G_IO_ERROR_CANCELLED. */
void ks_sealed_messages_open_async (KsDatabase *database,
                                    const KsAccountRecord *account,
                                    const char *room_id,
                                    GPtrArray *sealed,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
/* KsOpenedMessage elements, in the same order. */
GPtrArray *ks_sealed_messages_open_finish (KsDatabase *database, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsSealedMessage, ks_sealed_message_unref)

G_END_DECLS
