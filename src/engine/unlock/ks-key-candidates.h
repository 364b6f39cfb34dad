/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A Security Key with one mistake in it: every key that it may have been. The parity
 * leaves about a dozen of nearly three thousand; which of them it is, only what the key
 * opens can tell. Takes the same little memory however many there are.
 */
#pragma once

#include "crypto/ks-recovery-key.h"

G_BEGIN_DECLS

typedef enum
{
  KS_KEY_MISTAKE_NONE,
  KS_KEY_MISTAKE_MISTYPED, /* one character is another than it should be */
  KS_KEY_MISTAKE_SWAPPED,  /* two neighbours have changed places */
} KsKeyMistakeKind;

typedef struct
{
  KsKeyMistakeKind kind;
  unsigned place; /* 0 to 47: of the character, or of the first of the two; else 0 */
} KsKeyMistake;

/* The group that a person finds the mistake in: 1 to 12. */
#define KS_KEY_MISTAKE_GROUP(mistake) \
  ((mistake)->place / (KS_RECOVERY_KEY_CHARACTERS / KS_RECOVERY_KEY_GROUPS) + 1)

typedef struct
{
  char text[KS_RECOVERY_KEY_CHARACTERS]; /* as it was given */
  unsigned at;                           /* the change that is tried next */
} KsKeyCandidates;

/* @text: KS_RECOVERY_KEY_CHARACTERS bytes, one a character; any byte that no key holds
 * may stand for one that is not ASCII. */
void ks_key_candidates_init (KsKeyCandidates *self, const KsSecret *text);

/* The next key, or NULL at the end: swaps first, as there are fewer. @mistake is what was
 * changed for it. */
KsSecret *ks_key_candidates_next (KsKeyCandidates *self, KsKeyMistake *mistake) G_GNUC_WARN_UNUSED_RESULT;

/* Wipes it. */
void ks_key_candidates_clear (KsKeyCandidates *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KsKeyCandidates, ks_key_candidates_clear)

G_END_DECLS
