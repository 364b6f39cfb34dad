/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * To-device events of one account as the server sent them, and how far its sync has come.
 * An event stays until whoever reads it has stored what it brought and removes it here.
 * What is in it is not looked at.
 */
#pragma once

#include "store/ks-account-store.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 id;       /* rises; is not used again */
  KsSecret *json;  /* the event's text; NULL: its seal does not open any more */
  gint64 received; /* milliseconds since 1970, by this machine's clock */
} KsInboxEvent;

void ks_inbox_event_free (KsInboxEvent *event);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsInboxEvent, ks_inbox_event_free)

#define KS_TYPE_INBOX (ks_inbox_get_type ())
G_DECLARE_FINAL_TYPE (KsInbox, ks_inbox, KS, INBOX, GObject)

/* For @account, of which id, user_id and device_id are used. */
KsInbox *ks_inbox_new (KsDatabase *database, const KsAccountRecord *account) G_GNUC_WARN_UNUSED_RESULT;

/* Stores the texts @events (KsSecret elements, in their order; may be none) and that the
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
gboolean ks_inbox_add_finish (KsInbox *self, GAsyncResult *result, GError **error);

/* Where the next sync goes on: @since is for g_free(); NULL: from the beginning. Works
 * while the store is locked. */
void ks_inbox_get_since_async (KsInbox *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean ks_inbox_get_since_finish (KsInbox *self, GAsyncResult *result, char **since, GError **error);

/* Up to @limit events with an id above @after (0 begins), by rising id: KsInboxEvent
 * elements. Fewer than @limit: that was all. Each takes guarded memory: some 100 at a time
 * are a good measure. KS_STORE_ERROR_LOCKED. */
void ks_inbox_list_async (KsInbox *self,
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

/* How many events there are. Works while the store is locked. */
void ks_inbox_count_async (KsInbox *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean ks_inbox_count_finish (KsInbox *self, GAsyncResult *result, guint64 *n_events, GError **error);

G_END_DECLS
