/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The spellings in which a Security Phrase may have been hashed: the specification does
 * not say, keyboards and systems differ, and nobody sees the difference.
 */
#pragma once

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

typedef enum
{
  KS_PHRASE_AS_GIVEN,
  KS_PHRASE_NFC,
  KS_PHRASE_NFD,
  KS_PHRASE_NFKC,
  KS_PHRASE_LATIN_1, /* of NFC, with "?" for what has no byte: libQuotient, until 2026 */
  KS_PHRASE_ASCII,   /* with "?" for every other character */
} KsPhraseForm;
#define KS_N_PHRASE_FORMS 6

typedef struct
{
  KsSecret *text; /* owned */
  KsPhraseForm form;
  gboolean trimmed; /* without the white space, or the byte order mark, around it */
  gboolean lossy;   /* characters became "?": many phrases are this one */
} KsPhraseVariant;

typedef struct
{
  KsPhraseVariant variants[2 * KS_N_PHRASE_FORMS];
  unsigned n;
} KsPhraseVariants;

/* All that differ from each other, as given first; none where nothing is left. @phrase is
 * UTF-8; the last two forms are bytes. */
void ks_phrase_variants_init (KsPhraseVariants *self, KsSecret *phrase);
void ks_phrase_variants_clear (KsPhraseVariants *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KsPhraseVariants, ks_phrase_variants_clear)

G_END_DECLS
