/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What comes after signing in to an account that has Secure Backup: the ways to open it for
 * this session, which verifies it too.
 */
#pragma once

#include "engine/recovery/ks-recovery.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_VERIFY_PAGE (ks_verify_page_get_type ())
G_DECLARE_FINAL_TYPE (KsVerifyPage, ks_verify_page, KS, VERIFY_PAGE, AdwBin)

/* Whether the page is to be shown of its own accord. @looked: whether the server has said
 * what is there. */
gboolean ks_verify_page_is_due (KsRecoveryState state, gboolean looked);

/* Looks whether the keyring has the key, which is the first way then. */
void ks_verify_page_set_recovery (KsVerifyPage *self, KsRecovery *recovery);

G_END_DECLS
