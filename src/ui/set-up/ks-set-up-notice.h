/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a set-up ended that went on in the background, as a notification.
 */
#pragma once

#include "engine/set-up/ks-set-up.h"

G_BEGIN_DECLS

/* @error: what it stopped with; NULL: it is done (stage KS_SET_UP_DONE). */
void ks_set_up_notice_send (KsSetUp *set_up, const GError *error);

G_END_DECLS
