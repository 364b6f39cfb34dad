/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/live/ks-receive.h"

#include "base/ks-steps.h"
#include "engine/live/ks-keep-event.h"
#include "matrix/ks-api-sync.h"

/* However large an answer is, an inbox that is empty has room for it. */
G_STATIC_ASSERT (KS_INBOX_MAX_SIZE >= KS_REQUEST_LIMIT_ROOM + KS_SYNC_MAX_EVENTS * 1024);

/* A server that always has more is not followed for ever: the next call goes on. */
#define MAX_ROUNDS 1000

/* Receives.
 *
 *   1. since  where the last sync ended
 *   2. round  one answer after another (below), until one brings nothing, or there is no room for
 *             what one brings
 *
 * Stopped in a round before its events are stored, the next call gets them again. */

typedef struct
{
  KsHttp *http;         /* owned */
  KsInbox *inbox;       /* owned */
  char *user_id;        /* owned */
  char *since;          /* owned; NULL: from the beginning */
  KsSyncAnswer *answer; /* owned; of the round at hand */
  GPtrArray *kept;      /* owned: KsInboxEvent elements, what is kept of it */
  gboolean full;        /* there is no room for that */
  guint rounds;
  guint64 received;
} Receive;

static void
receive_free (gpointer data)
{
  Receive *op = data;

  g_clear_pointer (&op->kept, g_ptr_array_unref);
  ks_sync_answer_free (op->answer);
  g_free (op->since);
  g_free (op->user_id);
  g_object_unref (op->inbox);
  g_object_unref (op->http);
  g_free (op);
}

static void
get_since (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_inbox_get_since_async (((Receive *) data)->inbox, cancellable, ready, run);
}

static KsStepVerdict
got_since (gpointer data, GObject *inbox, GAsyncResult *result, GError **error)
{
  Receive *op = data;

  return ks_inbox_get_since_finish (KS_INBOX (inbox), result, &op->since, error) ? KS_STEP_NEXT
                                                                                 : KS_STEP_FAIL;
}

/* A round.
 *
 *   1. sync   without waiting
 *   2. store  the events and the new place, both or neither
 */

static void
sync_now (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Receive *op = data;

  ks_api_sync_async (op->http, op->since, 0, cancellable, ready, run);
}

/* What is kept of the answer. */
static void
sort (Receive *op)
{
  const GPtrArray *events = op->answer->to_device;

  g_clear_pointer (&op->kept, g_ptr_array_unref);
  op->kept = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_inbox_event_free);
  for (guint i = 0; i < events->len; i++)
    {
      KsInboxKind kind;

      if (ks_keep_event (events->pdata[i], op->user_id, &kind))
        g_ptr_array_add (op->kept, ks_inbox_event_new (kind, events->pdata[i]));
    }
  if (op->kept->len < events->len)
    g_info ("%u events that bring nothing are left out", events->len - op->kept->len);
}

static KsStepVerdict
synced (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Receive *op = data;

  ks_sync_answer_free (op->answer);
  op->answer = ks_api_sync_finish (KS_HTTP (http), result, error);
  if (op->answer == NULL)
    return KS_STEP_FAIL;
  sort (op);
  return KS_STEP_NEXT;
}

static void
store (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Receive *op = data;

  ks_inbox_add_async (op->inbox, op->kept, op->answer->next_batch, cancellable, ready, run);
}

static KsStepVerdict
stored (gpointer data, GObject *inbox, GAsyncResult *result, GError **error)
{
  Receive *op = data;

  if (!ks_inbox_add_finish (KS_INBOX (inbox), result, &op->full, error))
    return KS_STEP_FAIL;
  if (op->full)
    {
      g_message ("there is no room for more that others send: it stays on the server");
      return KS_STEP_DONE;
    }
  op->received += op->kept->len;
  g_free (op->since);
  op->since = g_strdup (op->answer->next_batch);
  return KS_STEP_NEXT;
}

static const KsStep round_steps[] = {
  { .name = "sync", .begin = sync_now, .end = synced },
  { .name = "store", .begin = store, .end = stored },
  { 0 },
};

static void
make_round (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_steps_start (round_steps, data, NULL, NULL, G_STRFUNC, cancellable, ready, run);
}

static KsStepVerdict
round_made (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Receive *op = data;

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return KS_STEP_FAIL;
  return !op->full && op->answer->to_device->len > 0 && ++op->rounds < MAX_ROUNDS ? KS_STEP_AGAIN
                                                                                  : KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { .name = "since", .begin = get_since, .end = got_since },
  { .name = "round", .begin = make_round, .end = round_made },
  { 0 },
};

void
ks_receive_async (KsHttp *http,
                  KsInbox *inbox,
                  const char *user_id,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  Receive *op = g_new0 (Receive, 1);

  op->http = g_object_ref (http);
  op->inbox = g_object_ref (inbox);
  op->user_id = g_strdup (user_id);
  ks_steps_start (steps, op, receive_free, http, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_receive_finish (KsHttp *http, GAsyncResult *result, guint64 *received, GError **error)
{
  Receive *op = g_task_get_task_data (G_TASK (result));

  if (received != NULL)
    *received = op->received;
  return g_task_propagate_boolean (G_TASK (result), error);
}
