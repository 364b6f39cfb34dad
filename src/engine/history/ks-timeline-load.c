/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Brings pages of messages into a timeline.
 */

#include "base/ks-steps.h"
#include "engine/history/ks-timeline-private.h"
#include "matrix/ks-api-rooms.h"
#include "matrix/ks-matrix-error.h"

#define MAX_LIMIT 100
/* Pages in a row in which nothing is to be seen: more are left to the next call. */
#define MAX_EMPTY_PAGES 20

/* --- one page --- */

/* Loads a page.
 *
 *   1. fetch    what the server has before the last one
 *   2. open     what is encrypted; left out if nothing is
 *   3. add      to the list
 *   4. advance  to where the page leads
 *
 * A stop before 3 leaves the timeline as it was; after 3 the next call gets the page again, and
 * takes nothing of it twice. */

typedef struct
{
  KsTimeline *timeline; /* owned */
  guint limit;
  char *end;         /* owned: of the page; NULL: there is nothing before it */
  GPtrArray *items;  /* owned: KsTimelineItem elements */
  GPtrArray *opened; /* owned: KsOpenedMessage elements of the items; NULL elements: see ks_timeline_add() */
  guint added;
} Page;

static void
page_free (gpointer data)
{
  Page *page = data;

  g_object_unref (page->timeline);
  g_free (page->end);
  g_ptr_array_unref (page->items);
  g_ptr_array_unref (page->opened);
  g_free (page);
}

static void
fetch (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Page *page = data;
  KsTimeline *self = page->timeline;

  ks_api_rooms_get_messages_async (self->history->http, ks_timeline_get_room_id (self), self->end,
                                   page->limit, cancellable, ready, run);
}

static KsStepVerdict
fetched (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Page *page = data;
  KsTimeline *self = page->timeline;
  g_autoptr (KsRoomPage) got = ks_api_rooms_get_messages_finish (KS_HTTP (http), result, error);
  gboolean sealed = FALSE;

  if (got == NULL)
    return KS_STEP_FAIL;
  /* An end that is the beginning is how some servers say that this was all. */
  if (g_strcmp0 (got->end, self->end) != 0)
    page->end = g_steal_pointer (&got->end);
  for (guint i = 0; i < got->events->len; i++)
    {
      KsTimelineItem *item = ks_timeline_item_new (got->events->pdata[i], self->next_order++);

      g_ptr_array_add (page->items, item);
      sealed = sealed || item->sealed != NULL;
    }
  g_ptr_array_set_size (page->opened, (gint) page->items->len);
  return sealed ? KS_STEP_NEXT : KS_STEP_SKIP; /* "open" */
}

static void
open_all (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Page *page = data;
  KsHistory *history = page->timeline->history;
  g_autoptr (GPtrArray) sealed = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_sealed_message_unref);

  for (guint i = 0; i < page->items->len; i++)
    {
      const KsTimelineItem *item = page->items->pdata[i];

      if (item->sealed != NULL)
        g_ptr_array_add (sealed, ks_sealed_message_ref (item->sealed));
    }
  ks_sealed_messages_open_async (history->database, history->account,
                                 ks_timeline_get_room_id (page->timeline), sealed, cancellable, ready, run);
}

static KsStepVerdict
all_open (gpointer data, GObject *database, GAsyncResult *result, GError **error)
{
  Page *page = data;
  g_autoptr (GPtrArray) opened = ks_sealed_messages_open_finish (KS_DATABASE (database), result, error);
  guint next = 0;

  if (opened == NULL)
    return KS_STEP_FAIL;
  for (guint i = 0; i < page->items->len; i++)
    if (((KsTimelineItem *) page->items->pdata[i])->sealed != NULL)
      page->opened->pdata[i] = g_steal_pointer (&opened->pdata[next++]);
  return KS_STEP_NEXT;
}

static KsStepVerdict
add (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Page *page = data;
  KsTimeline *self = page->timeline;

  page->added = ks_timeline_add (self, page->items, page->opened);
  return KS_STEP_NEXT;
}

static KsStepVerdict
advance (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Page *page = data;
  KsTimeline *self = page->timeline;

  /* Where the server has led before it would lead for ever. */
  if (page->end != NULL && g_hash_table_contains (self->tokens, page->end))
    {
      g_propagate_error (error, ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER, 200, NULL, 0, FALSE,
                                                     "the messages of a room lead in a circle"));
      return KS_STEP_FAIL;
    }
  if (self->end != NULL)
    g_hash_table_add (self->tokens, g_steal_pointer (&self->end));
  self->end = g_steal_pointer (&page->end);
  ks_timeline_set_at_start (self, self->end == NULL);
  return KS_STEP_NEXT;
}

static const KsStep page_steps[] = {
  { .name = "fetch", .begin = fetch, .end = fetched },
  { .name = "open", .begin = open_all, .end = all_open },
  { .name = "add", .end = add },
  { .name = "advance", .end = advance },
  { 0 },
};

static void
load_page_async (KsTimeline *self,
                 guint limit,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  Page *page = g_new0 (Page, 1);

  page->timeline = g_object_ref (self);
  page->limit = limit;
  page->items = g_ptr_array_new_with_free_func (g_object_unref);
  page->opened = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_opened_message_free);
  ks_steps_start (page_steps, page, page_free, self, G_STRFUNC, cancellable, callback, user_data);
}

static gboolean
load_page_finish (GAsyncResult *result, guint *added, GError **error)
{
  Page *page = g_task_get_task_data (G_TASK (result));

  *added = page->added;
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- as many as it takes --- */

/* Loads older messages.
 *
 *   1. withheld  what was said of keys that this session does not get
 *   2. page      one after another, until there is something to be seen */

typedef struct
{
  KsTimeline *timeline; /* owned */
  guint limit;
  guint pages;
  gboolean running; /* no other may begin */
} Load;

/* When its end is told, or, where nobody asks for it, when it is gone. */
static void
end (Load *load)
{
  if (load->running)
    ks_timeline_set_loading (load->timeline, FALSE);
  load->running = FALSE;
}

static void
load_free (gpointer data)
{
  Load *load = data;

  end (load);
  g_object_unref (load->timeline);
  g_free (load);
}

static void
read_withheld (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_withheld_read_async (((Load *) data)->timeline->history->withheld, cancellable, ready, run);
}

static KsStepVerdict
withheld_read (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Load *load = data;
  g_autoptr (GError) failure = NULL;

  /* Without it some reasons are not known, and nothing else. */
  if (!ks_withheld_read_finish (load->timeline->history->withheld, result, &failure))
    g_message ("what was said of withheld keys cannot be read: %s", failure->message);
  return KS_STEP_NEXT;
}

static void
load_page (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Load *load = data;

  load_page_async (load->timeline, load->limit, cancellable, ready, run);
}

static KsStepVerdict
page_loaded (gpointer data, GObject *timeline, GAsyncResult *result, GError **error)
{
  Load *load = data;
  guint added;

  if (!load_page_finish (result, &added, error))
    return KS_STEP_FAIL;
  load->pages++;
  if (added > 0 || load->timeline->at_start || load->pages == MAX_EMPTY_PAGES)
    return KS_STEP_NEXT;
  return KS_STEP_AGAIN;
}

static const KsStep load_steps[] = {
  { .name = "withheld", .begin = read_withheld, .end = withheld_read },
  { .name = "page", .begin = load_page, .end = page_loaded },
  { 0 },
};

void
ks_timeline_load_older_async (KsTimeline *self,
                              guint limit,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Load *load = g_new0 (Load, 1);

  load->timeline = g_object_ref (self);
  load->limit = limit == 0 ? KS_TIMELINE_PAGE : MIN (limit, MAX_LIMIT);
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, load, load_free);
  if (self->loading || self->at_start)
    {
      if (self->loading)
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, "a page is on its way");
      else
        g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  load->running = TRUE;
  ks_timeline_set_loading (self, TRUE);
  ks_steps_run (task, load_steps);
}

gboolean
ks_timeline_load_older_finish (KsTimeline *self, GAsyncResult *result, GError **error)
{
  end (g_task_get_task_data (G_TASK (result)));
  return g_task_propagate_boolean (G_TASK (result), error);
}
