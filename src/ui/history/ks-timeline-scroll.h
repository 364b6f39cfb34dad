/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a timeline's list stands: at the newest message until the person scrolls, and where
 * the person is from then on. Says when older messages are about to be needed.
 */
#pragma once

#include "ui/history/ks-timeline-row.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define KS_TYPE_TIMELINE_SCROLL (ks_timeline_scroll_get_type ())
G_DECLARE_FINAL_TYPE (KsTimelineScroll, ks_timeline_scroll, KS, TIMELINE_SCROLL, GObject)

/* Signal "near-start": the oldest message is on the screen or soon will be. Told again with
 * every step as long as that is so.
 * Property "at-end" (gboolean, read-only): the newest one is on the screen, or will be. */

/* Both have to outlive it. */
KsTimelineScroll *ks_timeline_scroll_new (GtkScrolledWindow *scroller, GtkListView *list)
    G_GNUC_WARN_UNUSED_RESULT;

gboolean ks_timeline_scroll_get_at_end (KsTimelineScroll *self);

/* To the newest message, and there it stays. */
void ks_timeline_scroll_to_end (KsTimelineScroll *self);

/* From now on the person says where the list stands. It does so by itself when the wheel, a
 * finger, a key or the scroll bar is used. */
void ks_timeline_scroll_let_go (KsTimelineScroll *self);

/* Gives the keyboard to the newest message, once it is on the screen. */
void ks_timeline_scroll_focus (KsTimelineScroll *self);

/* Goes to @row, which is in the list, and gives the keyboard to it. */
void ks_timeline_scroll_focus_row (KsTimelineScroll *self, KsTimelineRow *row);

/* Whether "near-start" holds. */
gboolean ks_timeline_scroll_is_near_start (KsTimelineScroll *self);

G_END_DECLS
