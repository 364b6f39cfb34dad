/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GET /sync (Client-Server API, "Syncing"), for what others send this session and no more:
 * no rooms, no presence, no account data. Looks into no event.
 */
#pragma once

#include "matrix/ks-http.h"

G_BEGIN_DECLS

/* More events in one answer are refused; Synapse sends 100 at most. */
#define KS_SYNC_MAX_EVENTS 2000

typedef struct
{
  char *next_batch;      /* owned: where the next sync goes on */
  GPtrArray *to_device;  /* owned: KsSecret elements, each the JSON text of one event, in order */
  gint64 one_time_count; /* unused one-time keys of this session on the server; -1: it did not say */
} KsSyncAnswer;

void ks_sync_answer_free (KsSyncAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsSyncAnswer, ks_sync_answer_free)

/* @since: from an answer before; NULL: from the beginning. The server forgets the events
 * of the answer before as soon as it gets its next_batch: store them first. @wait: how
 * long it may wait for something to tell, in milliseconds; 0: not at all. */
void ks_api_sync_async (KsHttp *http,
                        const char *since,
                        guint wait,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
KsSyncAnswer *ks_api_sync_finish (KsHttp *http, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
