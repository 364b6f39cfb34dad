/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Room keys that could not be used, as rows of a list: one for each reason, which opens to the
 * keys.
 */
#pragma once

#include "engine/keys/ks-key-report.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Of so many keys of one reason the room and session are listed. */
#define KS_FAILURE_ROWS_LISTED 50

/* What is wrong, or what that means. Static. */
typedef const char *(*KsReasonText) (KsKeyReason reason);

void
ks_failure_rows_add (GtkListBox *list, const KsKeyReport *report, KsReasonText title, KsReasonText advice);

G_END_DECLS
