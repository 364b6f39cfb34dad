/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Hands a timeline's rows to the list a few a frame, the newest first: GTK lays out all rows
 * that it is given at once before the next frame, and a page of them takes many frames' time.
 */
#pragma once

#include "ui/history/ks-timeline-rows.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define KS_TYPE_ROW_FEED (ks_row_feed_get_type ())
G_DECLARE_FINAL_TYPE (KsRowFeed, ks_row_feed, KS, ROW_FEED, GObject)

/* A GListModel of those of @rows that were handed over. @clock: a widget whose frames count;
 * borrowed, and no row comes while it has none. */
KsRowFeed *ks_row_feed_new (KsTimelineRows *rows, GtkWidget *clock) G_GNUC_WARN_UNUSED_RESULT;

/* Whether all rows were handed over. */
gboolean ks_row_feed_is_done (KsRowFeed *self);

/* The row of the message at @place of the timeline, for the caller to let go of; NULL: it was not
 * handed over. */
KsTimelineRow *ks_row_feed_find (KsRowFeed *self, guint place) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
