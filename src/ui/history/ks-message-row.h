/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A row of a timeline on the screen. A list has as many as fit, and shows one message after
 * another in each. What it shows only above others, it tells a screen reader as its parent's
 * description: that is what the keyboard goes to.
 */
#pragma once

#include "ui/history/ks-timeline-row.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_MESSAGE_ROW (ks_message_row_get_type ())
G_DECLARE_FINAL_TYPE (KsMessageRow, ks_message_row, KS, MESSAGE_ROW, AdwBin)

/* The row that @widget is in, or that is in it; @widget may be NULL. Borrowed; NULL: none. */
KsMessageRow *ks_message_row_find (GtkWidget *widget);

/* NULL: none, and what was shown is not listened to any more. */
void ks_message_row_set_row (KsMessageRow *self, KsTimelineRow *row);

/* Borrowed; NULL: none. */
KsTimelineRow *ks_message_row_get_row (KsMessageRow *self);

G_END_DECLS
