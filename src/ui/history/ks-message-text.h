/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a message says, as a label can show it. What somebody sent is hostile: it leaves here
 * as markup that is safe, or as text that is none.
 */
#pragma once

#include "engine/history/ks-timeline-item.h"

G_BEGIN_DECLS

/* Markup of a message that is not unreadable; NULL: nothing of it can be seen. @name: of its
 * sender. @whole: also what is too long to be shown at once; else @cut tells whether there is
 * more. */
char *ks_message_text (KsTimelineItem *item, const char *name, gboolean whole, gboolean *cut)
    G_GNUC_WARN_UNUSED_RESULT;

/* The beginning of it in one line, as text, of any kind of message: what a reply quotes. Never
 * NULL. */
char *ks_message_text_line (KsTimelineItem *item) G_GNUC_WARN_UNUSED_RESULT;

/* What is shown of it, without its looks, for others to read: not its plain half, which its
 * sender may have made to say something else. Of an attachment without words the name. NULL:
 * there is nothing to be read. */
char *ks_message_text_plain (KsTimelineItem *item) G_GNUC_WARN_UNUSED_RESULT;

/* "%s messages of a kind that Keepsake does not show", as text. */
char *ks_message_text_other (KsTimelineItem *item, guint n) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
