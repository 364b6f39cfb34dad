/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The messages of one room, to be read.
 */
#pragma once

#include "engine/account/ks-account.h"
#include "engine/history/ks-room.h"
#include "ui/history/ks-timeline-scroll.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_TIMELINE_VIEW (ks_timeline_view_get_type ())
G_DECLARE_FINAL_TYPE (KsTimelineView, ks_timeline_view, KS, TIMELINE_VIEW, AdwBin)

/* Read-only properties "title" and "subtitle": the room's name, and how much of it can be
 * read; both text. "" where no room is open. */

/* NULL: nobody is signed in. The room that was open is closed. */
void ks_timeline_view_set_account (KsTimelineView *self, KsAccount *account);

/* Shows the newest messages of @room, of that account, and asks for the room's keys. */
void ks_timeline_view_open (KsTimelineView *self, KsRoom *room);

/* Lets go of the messages. What is being saved goes on. */
void ks_timeline_view_close (KsTimelineView *self);

/* Begins again with the newest messages, and asks for the keys again. Where the keyboard was
 * in one of them it goes back there, or, if that is not among them any more, to the newest;
 * @meanwhile has it until then. */
void ks_timeline_view_refresh (KsTimelineView *self, GtkWidget *meanwhile);

/* Borrowed. */
KsTimelineScroll *ks_timeline_view_get_scroll (KsTimelineView *self);

const char *ks_timeline_view_get_title (KsTimelineView *self);    /* borrowed */
const char *ks_timeline_view_get_subtitle (KsTimelineView *self); /* borrowed */

G_END_DECLS
