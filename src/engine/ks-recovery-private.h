/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What KsAccount needs to make its KsRecovery.
 */
#pragma once

#include "engine/ks-recovery.h"
#include "matrix/ks-http.h"

G_BEGIN_DECLS

KsRecovery *ks_recovery_new (KsHttp *http, const char *user_id, const char *device_id)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
