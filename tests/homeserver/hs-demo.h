/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The accounts of the demo.
 */
#pragma once

#include "hs-demo-history.h"

G_BEGIN_DECLS

/* For --help. */
#define HS_DEMO_ACCOUNTS                                                                      \
  "With --demo there are two accounts:\n"                                                     \
  "  alice, password \"wonderland\": has never set up Secure Backup\n"                        \
  "  bob, password \"builder\": reinstalled; has another session, rooms, and in the backup\n" \
  "    12,000 room keys. Security Key: " HS_DEMO_SECURITY_KEY "\n"

/* Makes those that are not there yet. */
void hs_demo_make (HsServer *server);

G_END_DECLS
