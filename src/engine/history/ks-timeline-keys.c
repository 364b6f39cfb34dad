/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys that come to a timeline after its messages.
 */

#include "engine/history/ks-timeline-private.h"
#include "engine/recovery/ks-recovery-restore.h"

/* Messages at a time: telling the list of as many takes a fraction of a frame. */
#define BATCH 200

/* Looking: a batch after the other, from the newest message on. What comes in between is
 * found by looking once more. Nobody waits for its end, and nothing of it is an error. */

typedef struct
{
  KsTimeline *timeline; /* owned */
  GPtrArray *items;     /* owned: those that were to be opened when it began */
  GPtrArray *sealed;    /* owned: what was in them, which a page or another key may have opened since */
  guint done;           /* of them */
} Look;

static void
look_free (Look *look)
{
  g_ptr_array_unref (look->items);
  g_ptr_array_unref (look->sealed);
  g_object_unref (look->timeline);
  g_free (look);
}

static void look_on (Look *look);

static void
on_opened (GObject *database, GAsyncResult *result, gpointer data)
{
  Look *look = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) opened = ks_sealed_messages_open_finish (KS_DATABASE (database), result, &error);

  if (opened == NULL)
    {
      g_message ("keys cannot be looked for: %s", error->message);
      look->done = look->items->len;
    }
  for (guint i = 0; opened != NULL && i < opened->len; i++)
    ks_timeline_take_opened (look->timeline, look->items->pdata[look->done + i], opened->pdata[i]);
  look->done += opened != NULL ? opened->len : 0;
  ks_timeline_tell_counts (look->timeline);
  look_on (look);
}

static void
look_on (Look *look)
{
  KsTimeline *self = look->timeline;
  KsHistory *history = self->history;
  g_autoptr (GPtrArray) sealed = NULL;

  if (look->done == look->items->len)
    {
      gboolean again = self->look_again;

      self->looking = self->look_again = FALSE;
      if (again)
        ks_timeline_look_for_keys (self);
      look_free (look);
      return;
    }
  sealed = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_sealed_message_unref);
  for (guint i = look->done; i < look->sealed->len && sealed->len < BATCH; i++)
    g_ptr_array_add (sealed, ks_sealed_message_ref (look->sealed->pdata[i]));
  ks_sealed_messages_open_async (history->database, history->account, ks_timeline_get_room_id (self), sealed,
                                 NULL, on_opened, look);
}

static gint
compare_age (gconstpointer a, gconstpointer b)
{
  const KsTimelineItem *one = *(KsTimelineItem *const *) a;
  const KsTimelineItem *other = *(KsTimelineItem *const *) b;

  return one->order < other->order ? -1 : one->order > other->order;
}

void
ks_timeline_look_for_keys (KsTimeline *self)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer item;
  Look *look;

  g_return_if_fail (KS_IS_TIMELINE (self));

  if (self->looking)
    {
      self->look_again = TRUE;
      return;
    }
  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    if (((KsTimelineItem *) item)->sealed != NULL)
      g_ptr_array_add (items, g_object_ref (item));
  if (items->len == 0)
    return;
  g_ptr_array_sort (items, compare_age);
  look = g_new0 (Look, 1);
  look->timeline = g_object_ref (self);
  look->sealed = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_sealed_message_unref);
  for (guint i = 0; i < items->len; i++)
    g_ptr_array_add (look->sealed, ks_sealed_message_ref (((KsTimelineItem *) items->pdata[i])->sealed));
  look->items = g_steal_pointer (&items);
  self->looking = TRUE;
  look_on (look);
}

/* --- from the backup, this room first --- */

static void
on_fetched (GObject *recovery, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (ks_recovery_restore_finish (KS_RECOVERY (recovery), result, NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ks_timeline_fetch_keys_async (KsTimeline *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  g_task_set_check_cancellable (task, FALSE);
  ks_recovery_restore_async (self->history->recovery, ks_timeline_get_room_id (self), cancellable, on_fetched,
                             task);
}

gboolean
ks_timeline_fetch_keys_finish (KsTimeline *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
