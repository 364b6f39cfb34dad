/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * To-device events of one account as the server sent them, and how far its sync has come.
 * An event stays until whoever reads it has stored what it brought and removes it here.
 * What is in it is not looked at: of what kind it is, the caller says.
 *
 * Anybody can send such events to anybody, so that no kind may gather without bound:
 *
 *   KS_INBOX_SEALED        may bring a room key. None ever makes room for another, and none is
 *                          dropped: where they take KS_INBOX_MAX_SIZE, no further one is let in,
 *                          nor does the place in the sync move. The server keeps it, with all that
 *                          comes after it, until those that are here are read and removed. Nobody
 *                          loses a key by a flood, whether it came before the flood or after it
 *   KS_INBOX_VERIFICATION  the newest KS_INBOX_MAX_VERIFICATION, for KS_INBOX_VERIFICATION_AGE
 *   KS_INBOX_WITHHELD      the newest KS_INBOX_MAX_WITHHELD
 *
 * The last two make room among themselves only, and take none from what may bring a key.
 */
#pragma once

#include "store/ks-account-store.h"

G_BEGIN_DECLS

/* Numbers are stored. */
typedef enum
{
  KS_INBOX_UNSORTED = 0,     /* came before kinds were told apart: may be any, and is kept as if sealed */
  KS_INBOX_SEALED = 1,       /* m.room.encrypted */
  KS_INBOX_VERIFICATION = 2, /* m.key.verification.* in the clear */
  KS_INBOX_WITHHELD = 3,     /* m.room_key.withheld */
} KsInboxKind;

/* In bytes, with what the database takes besides the text: some 60,000 room keys. */
#define KS_INBOX_MAX_SIZE (128 * 1024 * 1024)
#define KS_INBOX_MAX_VERIFICATION 100
/* A verification is worth nothing any more (Client-Server API, "Key verification framework").
 * Milliseconds since it was received. */
#define KS_INBOX_VERIFICATION_AGE (10 * 60 * 1000)
/* The newest, since it is the newest messages that people look at; and with a bound for good, what
 * came in a year would keep out what comes today. */
#define KS_INBOX_MAX_WITHHELD 10000

typedef struct
{
  gint64 id;       /* rises; is not used again */
  KsSecret *json;  /* the event's text; NULL: its seal does not open any more */
  gint64 received; /* milliseconds since 1970, by this machine's clock */
  KsInboxKind kind;
} KsInboxEvent;

/* One to be added: of it only json (a new reference to @json) and kind are set. */
KsInboxEvent *ks_inbox_event_new (KsInboxKind kind, KsSecret *json) G_GNUC_WARN_UNUSED_RESULT;

void ks_inbox_event_free (KsInboxEvent *event);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsInboxEvent, ks_inbox_event_free)

#define KS_TYPE_INBOX (ks_inbox_get_type ())
G_DECLARE_FINAL_TYPE (KsInbox, ks_inbox, KS, INBOX, GObject)

/* For @account, of which id, user_id and device_id are used. */
KsInbox *ks_inbox_new (KsDatabase *database, const KsAccountRecord *account) G_GNUC_WARN_UNUSED_RESULT;

/* How much room what may bring a key can take at most, instead of KS_INBOX_MAX_SIZE. */
void ks_inbox_set_max_size (KsInbox *self, guint64 max_size);

/* Stores @events (KsInboxEvent elements, in their order; may be none) and that the
 * next sync goes on from @since, which is not empty: both or neither. They are on the disk,
 * fsynced, when the callback runs without an error; the server forgets the events with the
 * next sync. @events is left to the inbox until the callback. KS_STORE_ERROR_LOCKED: and
 * there are events. KS_STORE_ERROR_NOT_FOUND: the account is gone. */
void ks_inbox_add_async (KsInbox *self,
                         GPtrArray *events,
                         const char *since,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
/* @full is set to whether there is no room: neither is stored then, which is no error. */
gboolean ks_inbox_add_finish (KsInbox *self, GAsyncResult *result, gboolean *full, GError **error);

/* Where the next sync goes on: @since is for g_free(); NULL: from the beginning. Works
 * while the store is locked. */
void ks_inbox_get_since_async (KsInbox *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean ks_inbox_get_since_finish (KsInbox *self, GAsyncResult *result, char **since, GError **error);

/* Up to @limit events of @kind, and such as may be of it (KS_INBOX_UNSORTED), with an id above
 * @after (0 begins), by rising id: KsInboxEvent elements. Fewer than @limit: that was all. Each takes guarded memory: some 100 at a time
 * are a good measure. KS_STORE_ERROR_LOCKED. */
void ks_inbox_list_async (KsInbox *self,
                          KsInboxKind kind,
                          gint64 after,
                          guint limit,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
GPtrArray *ks_inbox_list_finish (KsInbox *self, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Removes the events @ids of this account, once what they brought is stored. One that is
 * not there is no error. */
void ks_inbox_remove_async (KsInbox *self,
                            const gint64 *ids,
                            guint n_ids,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean ks_inbox_remove_finish (KsInbox *self, GAsyncResult *result, GError **error);

/* How many events there are that may bring a room key. Works while the store is locked. */
void ks_inbox_count_async (KsInbox *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean ks_inbox_count_finish (KsInbox *self, GAsyncResult *result, guint64 *n_events, GError **error);

G_END_DECLS
