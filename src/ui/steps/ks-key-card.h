/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A Security Key to read, select and write down: 12 groups, four to a line, and fewer
 * where there is no room for that. In one line of text, so that it is copied as one. It is
 * never selected by having the focus; while one is on the screen, no label of the app is.
 */
#pragma once

#include "crypto/ks-secret.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define KS_TYPE_KEY_CARD (ks_key_card_get_type ())
G_DECLARE_FINAL_TYPE (KsKeyCard, ks_key_card, KS, KEY_CARD, GtkWidget)

/* Shows @key (32 bytes); NULL: nothing is left of what was shown. */
void ks_key_card_set_key (KsKeyCard *self, const KsSecret *key);

G_END_DECLS
