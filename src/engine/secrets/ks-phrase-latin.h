/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the Latin letters, digits and signs of a Security Phrase cost somebody who guesses
 * words rather than characters. libzxcvbn finds the words and tells how common each is;
 * what they come to as a sentence is reckoned here.
 */
#pragma once

#include "engine/secrets/ks-phrase-strength.h"

G_BEGIN_DECLS

typedef struct
{
  double bits;               /* log2 of the guesses */
  double weakest;            /* bits per character of the part that the advice is about */
  gboolean weak;             /* there is such a part; else the two around this say nothing */
  KsPhraseWeakness weakness; /* of that part */
} KsPhraseLatin;

/* Judges @text: ASCII, zero-terminated, at most KS_PHRASE_STRENGTH_READ characters. It is
 * changed meanwhile, and wiped. @words as in ks_phrase_strength_judge(). Adds to @seen,
 * which may hold what was judged before and is zeroed before the first. Any thread. */
void ks_phrase_latin_judge (char *text, const char *const *words, KsPhraseLatin *seen);

G_END_DECLS
