/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What personas make of an honest answer of /messages.
 */
#pragma once

#include "hs-server.h"

G_BEGIN_DECLS

/* @honest, or what the request's persona makes of it. */
GBytes *hs_persona_spoil_messages (HsRequest *request, GBytes *honest);

G_END_DECLS
