/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why messages cannot be read, in words: what happened, what it means, what would help.
 */
#pragma once

#include "engine/history/ks-timeline-item.h"

G_BEGIN_DECLS

/* "14 messages can't be read": @n of them, next to each other and for one reason. */
char *ks_unreadable_text_title (KsUnreadable reason, guint n) G_GNUC_WARN_UNUSED_RESULT;

/* @withheld_code: of KS_UNREADABLE_WITHHELD, else NULL. Static. */
const char *ks_unreadable_text (KsUnreadable reason, const char *withheld_code, guint n);

/* Whether restoring from the backup is what may help. */
gboolean ks_unreadable_text_restore_helps (KsUnreadable reason);

/* Whether it is refused rather than locked: something is wrong with it. */
gboolean ks_unreadable_text_is_refused (KsUnreadable reason);

G_END_DECLS
