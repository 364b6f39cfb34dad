/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-receive.h"

#include "base/ks-steps.h"
#include "matrix/ks-api-sync.h"
#include "matrix/ks-json.h"

#include <string.h>

#define WITHHELD "m.room_key.withheld"

/* A server that always has more is not followed for ever: the next call goes on. */
#define MAX_ROUNDS 1000

/* Receives.
 *
 *   1. since    where the last sync ended
 *   2. waiting  how many events are here that nobody has read
 *   3. round    one answer after another (below), until one brings nothing
 *
 * Stopped in a round before its events are stored, the next call gets them again. */

typedef struct
{
  KsHttp *http;         /* owned */
  KsInbox *inbox;       /* owned */
  char *since;          /* owned; NULL: from the beginning */
  KsSyncAnswer *answer; /* owned; of the round at hand */
  guint came;           /* events in it */
  guint rounds;
  guint64 waiting;
  guint64 received;
} Receive;

static void
receive_free (gpointer data)
{
  Receive *op = data;

  ks_sync_answer_free (op->answer);
  g_free (op->since);
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

static void
count_waiting (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_inbox_count_async (((Receive *) data)->inbox, cancellable, ready, run);
}

static KsStepVerdict
waiting_counted (gpointer data, GObject *inbox, GAsyncResult *result, GError **error)
{
  Receive *op = data;

  return ks_inbox_count_finish (KS_INBOX (inbox), result, &op->waiting, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
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

static gboolean
is_withheld (const KsSecret *json)
{
  g_autoptr (JsonObject) event = NULL;
  const char *type;

  /* Most are encrypted, and need not be parsed for that. */
  if (memmem (ks_secret_bytes (json), ks_secret_size (json), WITHHELD, strlen (WITHHELD)) == NULL)
    return FALSE;
  event = ks_json_parse_object (ks_secret_bytes (json), ks_secret_size (json), NULL);
  return ks_json_get_string (event, "type", &type) && g_str_equal (type, WITHHELD);
}

/* Leaves what the inbox has no room for. */
static void
drop_withheld (Receive *op)
{
  GPtrArray *events = op->answer->to_device;
  guint kept = 0;

  for (guint i = 0; i < events->len; i++)
    {
      KsSecret *json = events->pdata[i];

      if ((op->waiting >= KS_RECEIVE_MAX_WAITING || ks_secret_size (json) > KS_RECEIVE_MAX_WITHHELD_SIZE)
          && is_withheld (json))
        continue;
      events->pdata[i] = events->pdata[kept];
      events->pdata[kept++] = json;
      op->waiting++;
    }
  if (kept < events->len)
    g_info ("%u events of " WITHHELD " are left out", events->len - kept);
  g_ptr_array_set_size (events, (gint) kept);
}

static KsStepVerdict
synced (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Receive *op = data;

  ks_sync_answer_free (op->answer);
  op->answer = ks_api_sync_finish (KS_HTTP (http), result, error);
  if (op->answer == NULL)
    return KS_STEP_FAIL;
  op->came = op->answer->to_device->len;
  drop_withheld (op);
  return KS_STEP_NEXT;
}

static void
store (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Receive *op = data;

  ks_inbox_add_async (op->inbox, op->answer->to_device, op->answer->next_batch, cancellable, ready, run);
}

static KsStepVerdict
stored (gpointer data, GObject *inbox, GAsyncResult *result, GError **error)
{
  Receive *op = data;

  if (!ks_inbox_add_finish (KS_INBOX (inbox), result, error))
    return KS_STEP_FAIL;
  op->received += op->answer->to_device->len;
  g_free (op->since);
  op->since = g_strdup (op->answer->next_batch);
  return KS_STEP_NEXT;
}

static const KsStep round_steps[] = {
  { "sync", sync_now, synced, FALSE },
  { "store", store, stored, FALSE },
  { NULL, NULL, NULL, FALSE },
};

static void
make_round (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  GTask *task = g_task_new (NULL, cancellable, ready, run);

  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, data, NULL);
  ks_steps_run (task, round_steps);
}

static KsStepVerdict
round_made (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Receive *op = data;

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return KS_STEP_FAIL;
  return op->came > 0 && ++op->rounds < MAX_ROUNDS ? KS_STEP_AGAIN : KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { "since", get_since, got_since, FALSE },
  { "waiting", count_waiting, waiting_counted, FALSE },
  { "round", make_round, round_made, FALSE },
  { NULL, NULL, NULL, FALSE },
};

void
ks_receive_async (
    KsHttp *http, KsInbox *inbox, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (http, cancellable, callback, user_data);
  Receive *op = g_new0 (Receive, 1);

  op->http = g_object_ref (http);
  op->inbox = g_object_ref (inbox);
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, op, receive_free);
  ks_steps_run (task, steps);
}

gboolean
ks_receive_finish (KsHttp *http, GAsyncResult *result, guint64 *received, GError **error)
{
  Receive *op = g_task_get_task_data (G_TASK (result));

  if (received != NULL)
    *received = op->received;
  return g_task_propagate_boolean (G_TASK (result), error);
}
