/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sentences that everybody knows, and that a guesser therefore tries as a whole.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Cuts every known sentence out of @text (zero-terminated, ASCII), in place, however its
 * words are divided and whatever case they are in. Returns how many there were; what it
 * worked with is wiped. Any thread. */
gsize ks_phrase_famous_cut (char *text);

G_END_DECLS
