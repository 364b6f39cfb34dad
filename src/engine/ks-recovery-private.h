/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What KsAccount needs to make its KsRecovery, and numbers that the engine stores.
 */
#pragma once

#include "engine/ks-recovery.h"
#include "matrix/ks-http.h"
#include "store/ks-account-store.h"
#include "store/ks-keyring.h"

G_BEGIN_DECLS

/* @keyring may be NULL. */
KsRecovery *
ks_recovery_new (KsHttp *http, KsDatabase *database, KsKeyring *keyring, const KsAccountRecord *account)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
