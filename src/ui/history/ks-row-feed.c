/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/history/ks-row-feed.h"

#include <string.h>

/* How much of a frame they take is known afterwards only; the length of their text tells it well
 * enough. So many characters a frame, of rows that are worth at least as many as what is
 * around the text costs. */
#define CHARS_A_FRAME 400
#define LEAST_CHARS 130
#define MOST_CHARS 3000

struct _KsRowFeed
{
  GObject parent;

  GListModel *rows; /* owned */
  guint waiting;    /* the first so many of them were not handed over */
  GtkWidget *clock; /* borrowed, weak */
  guint tick;       /* the next frame brings some; else 0 */
};

static void ks_row_feed_list_model_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (KsRowFeed,
                               ks_row_feed,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, ks_row_feed_list_model_init))

gboolean
ks_row_feed_is_done (KsRowFeed *self)
{
  return self->waiting == 0;
}

KsTimelineRow *
ks_row_feed_find (KsRowFeed *self, guint place)
{
  guint end = 0;

  for (guint i = 0; i < g_list_model_get_n_items (self->rows); i++)
    {
      g_autoptr (KsTimelineRow) row = g_list_model_get_item (self->rows, i);

      end += ks_timeline_row_get_look (row)->n;
      if (place < end)
        return i >= self->waiting ? g_steal_pointer (&row) : NULL;
    }
  return NULL;
}

static guint
weigh (KsRowFeed *self, guint position)
{
  g_autoptr (KsTimelineRow) row = g_list_model_get_item (self->rows, position);
  KsTimelineItem *item = ks_timeline_row_get_item (row);
  const char *html = ks_timeline_item_get_formatted_body (item);
  const char *text = html != NULL ? html : ks_timeline_item_get_body (item);

  return text != NULL ? (guint) CLAMP (strlen (text), LEAST_CHARS, MOST_CHARS) : LEAST_CHARS;
}

static gboolean
on_tick (GtkWidget *clock, GdkFrameClock *frame_clock, gpointer data)
{
  KsRowFeed *self = data;
  guint chars = 0;
  guint n = 0;
  gboolean done;

  while (self->waiting > 0)
    {
      chars += weigh (self, self->waiting - 1);
      if (n > 0 && chars > CHARS_A_FRAME)
        break;
      self->waiting--;
      n++;
    }
  done = self->waiting == 0;
  if (done)
    self->tick = 0;
  if (n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, n);
  return done ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static void
begin (KsRowFeed *self)
{
  if (self->waiting > 0 && self->tick == 0 && self->clock != NULL)
    self->tick = gtk_widget_add_tick_callback (self->clock, on_tick, self, NULL);
}

/* What changes among those that were handed over changes there at once; what comes before them
 * waits for its turn. */
static void
on_rows_changed (KsRowFeed *self, guint position, guint removed, guint added)
{
  guint waiting = self->waiting;

  if (position > waiting || (position == waiting && position > 0 && removed > 0))
    {
      g_list_model_items_changed (G_LIST_MODEL (self), position - waiting, removed, added);
      return;
    }
  if (position + removed <= waiting)
    self->waiting = waiting + added - removed;
  else
    {
      self->waiting = position + added;
      g_list_model_items_changed (G_LIST_MODEL (self), 0, position + removed - waiting, 0);
    }
  begin (self);
}

static GType
get_item_type (GListModel *model)
{
  return KS_TYPE_TIMELINE_ROW;
}

static guint
get_n_items (GListModel *model)
{
  KsRowFeed *self = KS_ROW_FEED (model);

  return g_list_model_get_n_items (self->rows) - self->waiting;
}

static gpointer
get_item (GListModel *model, guint position)
{
  KsRowFeed *self = KS_ROW_FEED (model);

  return position < get_n_items (model) ? g_list_model_get_item (self->rows, self->waiting + position) : NULL;
}

static void
ks_row_feed_list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

static void
ks_row_feed_dispose (GObject *object)
{
  KsRowFeed *self = KS_ROW_FEED (object);

  if (self->tick != 0 && self->clock != NULL)
    gtk_widget_remove_tick_callback (self->clock, self->tick);
  self->tick = 0;
  g_clear_weak_pointer (&self->clock);
  G_OBJECT_CLASS (ks_row_feed_parent_class)->dispose (object);
}

static void
ks_row_feed_finalize (GObject *object)
{
  g_object_unref (KS_ROW_FEED (object)->rows);
  G_OBJECT_CLASS (ks_row_feed_parent_class)->finalize (object);
}

static void
ks_row_feed_class_init (KsRowFeedClass *class)
{
  G_OBJECT_CLASS (class)->dispose = ks_row_feed_dispose;
  G_OBJECT_CLASS (class)->finalize = ks_row_feed_finalize;
}

static void
ks_row_feed_init (KsRowFeed *self)
{
}

KsRowFeed *
ks_row_feed_new (KsTimelineRows *rows, GtkWidget *clock)
{
  KsRowFeed *self = g_object_new (KS_TYPE_ROW_FEED, NULL);

  self->rows = G_LIST_MODEL (g_object_ref (rows));
  g_set_weak_pointer (&self->clock, clock);
  self->waiting = g_list_model_get_n_items (self->rows);
  g_signal_connect_object (rows, "items-changed", G_CALLBACK (on_rows_changed), self, G_CONNECT_SWAPPED);
  begin (self);
  return self;
}
