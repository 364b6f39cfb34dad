/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What stands in a timeline for messages that cannot be read.
 */
#pragma once

#include "engine/history/ks-timeline-item.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_UNREADABLE_CARD (ks_unreadable_card_get_type ())
G_DECLARE_FINAL_TYPE (KsUnreadableCard, ks_unreadable_card, KS, UNREADABLE_CARD, AdwBin)

/* @n messages next to each other, of which @item is the first. */
void ks_unreadable_card_show (KsUnreadableCard *self, KsTimelineItem *item, guint n);

G_END_DECLS
