/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The spellings in which the phrase of a room-key file may have been hashed: those of a
 * Security Phrase (unlock/ks-phrase-variants.h), and Latin-1, as matrix-nio writes it.
 */
#pragma once

#include "engine/unlock/ks-phrase-variants.h"

G_BEGIN_DECLS

typedef struct
{
  KsSecret *texts[4 * KS_N_PHRASE_FORMS]; /* owned */
  guint n;
} KsKeyFilePhrases;

/* All that differ from each other, the likelier ones first; at least @phrase as it is, which
 * need not be UTF-8. */
void ks_key_file_phrases_init (KsKeyFilePhrases *self, KsSecret *phrase);
void ks_key_file_phrases_clear (KsKeyFilePhrases *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KsKeyFilePhrases, ks_key_file_phrases_clear)

G_END_DECLS
