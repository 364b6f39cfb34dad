/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How an account makes its list of rooms.
 */
#pragma once

#include "engine/history/ks-rooms.h"
#include "engine/recovery/ks-recovery.h"
#include "matrix/ks-http.h"
#include "store/ks-account-store.h"

G_BEGIN_DECLS

KsRooms *
ks_rooms_new (KsHttp *http, KsDatabase *database, const KsAccountRecord *account, KsRecovery *recovery)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
