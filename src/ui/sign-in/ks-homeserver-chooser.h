/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The row "Homeserver" of the sign-in page: finds it from what was typed elsewhere,
 * shows its address, and lets the person enter another. Signal "changed" whenever
 * one of the values below is another.
 */
#pragma once

#include "engine/account/ks-sign-in.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_HOMESERVER_CHOOSER (ks_homeserver_chooser_get_type ())
G_DECLARE_FINAL_TYPE (KsHomeserverChooser, ks_homeserver_chooser, KS, HOMESERVER_CHOOSER, AdwBin)

/* @typed is a user ID or a homeserver, perhaps not complete yet: it is looked for once
 * typing rests, or with @now at once, as is what stands in the row's entry. An address that was entered in the row itself
 * stays, whatever is typed elsewhere. */
void ks_homeserver_chooser_set_typed (KsHomeserverChooser *self, const char *typed, gboolean now);

/* Borrowed until the next "changed"; NULL: not found, not yet, or not to be seen because
 * another address is being entered. */
const KsHomeserver *ks_homeserver_chooser_get_homeserver (KsHomeserverChooser *self);

/* Looking for it, or about to. */
gboolean ks_homeserver_chooser_is_looking (KsHomeserverChooser *self);

/* TRUE: the address was entered in the row itself. */
gboolean ks_homeserver_chooser_is_own_address (KsHomeserverChooser *self);

/* Why it was not found, as a sentence. Borrowed; NULL: there is nothing to say. */
const char *ks_homeserver_chooser_get_problem (KsHomeserverChooser *self);

/* Stops looking and forgets everything. */
void ks_homeserver_chooser_reset (KsHomeserverChooser *self);

G_END_DECLS
