/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The group "Cross-signing": whether this session is verified, and where the three keys
 * of the account's identity are.
 */
#pragma once

#include "engine/recovery/ks-recovery.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_CROSS_SIGNING_GROUP (ks_cross_signing_group_get_type ())
G_DECLARE_FINAL_TYPE (
    KsCrossSigningGroup, ks_cross_signing_group, KS, CROSS_SIGNING_GROUP, AdwPreferencesGroup)

/* @seen: NULL hides the group. */
void ks_cross_signing_group_show (KsCrossSigningGroup *self, const KsRecoverySnapshot *seen);

G_END_DECLS
