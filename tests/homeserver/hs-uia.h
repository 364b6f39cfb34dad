/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * User-interactive authentication by password (client-server API,
 * "User-interactive authentication API").
 */
#pragma once

#include "hs-server.h"

G_BEGIN_DECLS

GHashTable *hs_uia_table_new (void);

/* Whether the requester has authenticated for this request. FALSE: answered. */
gboolean hs_uia_passed (HsRequest *request);

G_END_DECLS
