/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How much of a room can be read, and what it is called, in words.
 */
#pragma once

#include "engine/history/ks-room.h"
#include "engine/history/ks-timeline.h"

G_BEGIN_DECLS

/* Of which messages that is said: nobody counts those that were never looked at. */
typedef enum
{
  KS_SHARE_OF_NEWEST, /* of the newest so many */
  KS_SHARE_OF_ALL,    /* of all that there are */
  KS_SHARE_OF_THESE,  /* of some in between */
} KsShareScope;

/* "310 of the newest 500 messages readable". @total 0: "Not looked at yet", or, if
 * that is all, "No messages". */
char *ks_share_text (guint readable, guint total, KsShareScope scope) G_GNUC_WARN_UNUSED_RESULT;

/* The same of what @timeline holds; "": there is nothing yet. */
char *ks_share_text_timeline (KsTimeline *timeline) G_GNUC_WARN_UNUSED_RESULT;

/* "62%"; 100 only if all of them are, 0 only if none is. "": there are none. */
char *ks_share_text_percent (guint readable, guint total) G_GNUC_WARN_UNUSED_RESULT;

/* The name of a room, with how many more people are in it than it lists. Text, no markup. */
char *ks_share_text_room (KsRoom *room) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
