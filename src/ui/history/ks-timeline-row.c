/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/history/ks-timeline-row.h"

struct _KsTimelineRow
{
  GObject parent;

  KsTimeline *timeline;  /* owned */
  KsSenderNames *names;  /* owned */
  KsTimelineItem *last;  /* owned */
  KsTimelineItem *first; /* owned */
  KsTimelineRowLook look;
  KsAttachmentSave *save; /* owned; NULL: not asked for yet */
  gboolean open;
};

G_DEFINE_FINAL_TYPE (KsTimelineRow, ks_timeline_row, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

KsTimelineItem *
ks_timeline_row_get_last (KsTimelineRow *self)
{
  return self->last;
}

KsTimelineItem *
ks_timeline_row_get_item (KsTimelineRow *self)
{
  return self->first;
}

const KsTimelineRowLook *
ks_timeline_row_get_look (KsTimelineRow *self)
{
  return &self->look;
}

void
ks_timeline_row_look_again (KsTimelineRow *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

void
ks_timeline_row_set_look (KsTimelineRow *self, const KsTimelineRowLook *look)
{
  const KsTimelineRowLook *old = &self->look;

  if (old->first == look->first && old->n == look->n && old->several == look->several
      && old->begins_room == look->begins_room && old->begins_day == look->begins_day
      && old->begins_run == look->begins_run && old->unproven == look->unproven
      && g_strcmp0 (old->names, look->names) == 0)
    return;
  g_set_object (&self->first, look->first);
  g_free (self->look.names);
  self->look = *look;
  self->look.names = g_strdup (look->names);
  ks_timeline_row_look_again (self);
}

KsTimelineItem *
ks_timeline_row_get_quoted (KsTimelineRow *self)
{
  const char *event_id = ks_timeline_item_get_reply_to (self->first);

  return event_id != NULL ? ks_timeline_find (self->timeline, event_id, NULL) : NULL;
}

const char *
ks_timeline_row_get_quoted_name (KsTimelineRow *self, KsTimelineItem *quoted)
{
  const char *name = ks_sender_names_get (self->names, ks_timeline_item_get_sender (quoted));

  return name != NULL ? name : "?";
}

gboolean
ks_timeline_row_get_open (KsTimelineRow *self)
{
  return self->open;
}

void
ks_timeline_row_set_open (KsTimelineRow *self)
{
  self->open = TRUE;
  ks_timeline_row_look_again (self);
}

KsAttachmentSave *
ks_timeline_row_get_save (KsTimelineRow *self)
{
  KsAttachment *attachment = ks_timeline_item_get_attachment (self->first);

  if (attachment == NULL)
    return NULL;
  /* Of another one, since the message was edited: it ends by itself. */
  if (self->save != NULL && ks_attachment_save_get_attachment (self->save) != attachment)
    g_clear_object (&self->save);
  if (self->save == NULL)
    self->save = ks_attachment_save_new (self->timeline, attachment);
  return self->save;
}

static void
ks_timeline_row_finalize (GObject *object)
{
  KsTimelineRow *self = KS_TIMELINE_ROW (object);

  g_clear_object (&self->save);
  g_clear_object (&self->first);
  g_clear_object (&self->last);
  g_clear_object (&self->timeline);
  g_clear_pointer (&self->names, ks_sender_names_unref);
  g_free (self->look.names);
  G_OBJECT_CLASS (ks_timeline_row_parent_class)->finalize (object);
}

static void
ks_timeline_row_class_init (KsTimelineRowClass *class)
{
  G_OBJECT_CLASS (class)->finalize = ks_timeline_row_finalize;
  signals[CHANGED] =
      g_signal_new ("changed", KS_TYPE_TIMELINE_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ks_timeline_row_init (KsTimelineRow *self)
{
}

KsTimelineRow *
ks_timeline_row_new (KsTimeline *timeline, KsSenderNames *names, KsTimelineItem *last)
{
  KsTimelineRow *self = g_object_new (KS_TYPE_TIMELINE_ROW, NULL);

  self->timeline = g_object_ref (timeline);
  self->names = ks_sender_names_ref (names);
  self->last = g_object_ref (last);
  self->first = g_object_ref (last);
  self->look.first = last;
  self->look.n = 1;
  self->look.names = g_strdup ("");
  return self;
}
