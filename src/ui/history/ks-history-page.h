/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page "History": the encrypted rooms of the account, and how much of each this session
 * can read.
 */
#pragma once

#include "engine/account/ks-account.h"
#include "engine/history/ks-room.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_HISTORY_PAGE (ks_history_page_get_type ())
G_DECLARE_FINAL_TYPE (KsHistoryPage, ks_history_page, KS, HISTORY_PAGE, AdwBin)

/* Signal "room-activated" (KsRoom): the person wants to read it. */

/* The account whose rooms they are; NULL: nobody is signed in. The server is asked once the
 * page is on the screen. */
void ks_history_page_set_account (KsHistoryPage *self, KsAccount *account);

/* Keys have arrived: looks again at the rooms that could not be read whole. */
void ks_history_page_look_again (KsHistoryPage *self);

/* Asks the server again. */
void ks_history_page_refresh (KsHistoryPage *self);

G_END_DECLS
