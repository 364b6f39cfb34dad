/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A timeline item as its timeline makes and changes it.
 */
#pragma once

#include "engine/history/ks-sealed-message.h"
#include "engine/history/ks-timeline-item.h"
#include "matrix/ks-api-rooms.h"

G_BEGIN_DECLS

struct _KsTimelineItem
{
  GObject parent;

  char *event_id; /* owned */
  char *sender;   /* owned */
  char *type;     /* owned: of the event as it came */
  gint64 time;
  guint64 order;           /* rises with age; where it belongs */
  char *session_id;        /* owned; NULL: it came unencrypted, or names none */
  KsSealedMessage *sealed; /* owned; NULL: there is nothing to be opened, now or later */
  KsMessage *message;      /* owned; NULL: it cannot be read */
  KsTimelineItem *edit;    /* owned: what it was replaced by; NULL: nothing */
  char *target;            /* owned: of an edit, what it is kept under; NULL: it is in the list */
  char *withheld_code;     /* owned; NULL: none */
  gboolean edit_missing;   /* of what may replace it, the latest cannot be read */
  gsize size;              /* what it was last counted with */
  guint32 index;           /* in its session, once it was opened */
  gboolean encrypted;
  gboolean redacted;
  KsUnreadable reason;
  KsAuthenticity authenticity;
};

/* Takes content and strings out of @event. */
KsTimelineItem *ks_timeline_item_new (KsRoomEvent *event, guint64 order) G_GNUC_WARN_UNUSED_RESULT;

/* It was opened, or could not be. @code: of KS_UNREADABLE_WITHHELD, or NULL. */
void ks_timeline_item_take_opened (KsTimelineItem *self,
                                   KsOpenedMessage *opened,
                                   KsUnreadable reason,
                                   const char *code);

/* It is not to be shown, now or later. */
void ks_timeline_item_refuse (KsTimelineItem *self, KsUnreadable reason);

/* @edit: the one that counts; NULL: none. Whether it may replace this one is decided before.
 * @missing: there is a later one that cannot be read. */
void ks_timeline_item_set_edit (KsTimelineItem *self, KsTimelineItem *edit, gboolean missing);

/* The event that this one wants to replace; NULL: it is no edit. Borrowed. */
const char *ks_timeline_item_get_replaced (KsTimelineItem *self);

/* In memory, about. */
gsize ks_timeline_item_get_memory (KsTimelineItem *self);

G_END_DECLS
