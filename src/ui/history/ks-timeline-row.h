/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One row of a timeline's list: a message, or several next to each other that are shown as
 * one, and what stands above it. Made and kept up by KsTimelineRows; it stays the same object
 * as long as its last message is the last of a row.
 */
#pragma once

#include "engine/history/ks-timeline.h"
#include "ui/history/ks-attachment-save.h"
#include "ui/history/ks-sender-names.h"

G_BEGIN_DECLS

typedef struct
{
  KsTimelineItem *first; /* borrowed: of the row */
  guint n;          /* messages in it; more than one only of unreadable ones and such that are not shown */
  char *names;      /* borrowed here, owned by a row: who sent them; never NULL */
  gboolean several; /* several people did */
  gboolean begins_room;
  gboolean begins_day;
  gboolean begins_run; /* of messages by the same person: the name stands above it */
  gboolean unproven;   /* it has to be told that nobody proves who sent it, as somebody does of others */
} KsTimelineRowLook;

#define KS_TYPE_TIMELINE_ROW (ks_timeline_row_get_type ())
G_DECLARE_FINAL_TYPE (KsTimelineRow, ks_timeline_row, KS, TIMELINE_ROW, GObject)

/* Signal "changed": the look, what a reply in it quotes, or whether it is open. Its message
 * tells of changes by itself. */

KsTimelineRow *ks_timeline_row_new (KsTimeline *timeline, KsSenderNames *names, KsTimelineItem *last)
    G_GNUC_WARN_UNUSED_RESULT;

/* Borrowed. */
KsTimelineItem *ks_timeline_row_get_last (KsTimelineRow *self);
KsTimelineItem *ks_timeline_row_get_item (KsTimelineRow *self); /* the first, and of most rows the only one */
const KsTimelineRowLook *ks_timeline_row_get_look (KsTimelineRow *self);

/* Copies it. */
void ks_timeline_row_set_look (KsTimelineRow *self, const KsTimelineRowLook *look);

/* What the message answers, if it is here; borrowed; NULL: it is not. */
KsTimelineItem *ks_timeline_row_get_quoted (KsTimelineRow *self);

/* Who sent it, as a name of this timeline. Borrowed, for now. */
const char *ks_timeline_row_get_quoted_name (KsTimelineRow *self, KsTimelineItem *quoted);

/* Asks those who show it to look at what it quotes again. */
void ks_timeline_row_look_again (KsTimelineRow *self);

/* Whether a long message is shown whole. */
gboolean ks_timeline_row_get_open (KsTimelineRow *self);
void ks_timeline_row_set_open (KsTimelineRow *self);

/* How its attachment is saved; borrowed; NULL: there is none. */
KsAttachmentSave *ks_timeline_row_get_save (KsTimelineRow *self);

G_END_DECLS
