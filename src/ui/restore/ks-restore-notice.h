/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a restore ended that went on in the background, as a notification.
 */
#pragma once

#include "engine/recovery/ks-restore-job.h"

G_BEGIN_DECLS

/* @job: DONE or FAILED. */
void ks_restore_notice_send (KsRestoreJob *job);

G_END_DECLS
