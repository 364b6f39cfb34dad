/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words for how strong a Security Phrase is. All static and translated.
 */
#pragma once

#include "engine/secrets/ks-phrase-strength.h"

G_BEGIN_DECLS

const char *ks_phrase_words_label (const KsPhraseStrength *strength); /* "Weak" …; "" for an empty phrase */
const char *ks_phrase_words_file_label (const KsPhraseStrength *strength); /* of a file: "Good" is enough */
const char *
ks_phrase_words_advice (const KsPhraseStrength *strength); /* what would help, or what it withstands */
const char *ks_phrase_words_warning (const KsPhraseStrength *strength); /* NULL: there is none */

G_END_DECLS
