/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-key-candidates.h"

#include <string.h>

static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

#define N_LETTERS (sizeof alphabet - 1)
#define N_SWAPS (KS_RECOVERY_KEY_CHARACTERS - 1)
#define N_CHANGES (N_SWAPS + KS_RECOVERY_KEY_CHARACTERS * N_LETTERS)

void
ks_key_candidates_init (KsKeyCandidates *self, const KsSecret *text)
{
  g_assert (ks_secret_size (text) == sizeof self->text);
  memcpy (self->text, ks_secret_bytes (text), sizeof self->text);
  self->at = 0;
}

void
ks_key_candidates_clear (KsKeyCandidates *self)
{
  ks_wipe (self, sizeof *self);
}

static void
swap (char *text, unsigned place)
{
  char first = text[place];

  text[place] = text[place + 1];
  text[place + 1] = first;
}

/* Makes the change @at to @text. FALSE: it would change nothing. */
static gboolean
change (char *text, unsigned at, KsKeyMistake *mistake)
{
  char letter;

  if (at < N_SWAPS)
    {
      *mistake = (KsKeyMistake){ KS_KEY_MISTAKE_SWAPPED, at };
      swap (text, at);
      return text[at] != text[at + 1];
    }
  *mistake = (KsKeyMistake){ KS_KEY_MISTAKE_MISTYPED, (at - N_SWAPS) / N_LETTERS };
  letter = alphabet[(at - N_SWAPS) % N_LETTERS];
  if (text[mistake->place] == letter)
    return FALSE;
  text[mistake->place] = letter;
  return TRUE;
}

KsSecret *
ks_key_candidates_next (KsKeyCandidates *self, KsKeyMistake *mistake)
{
  char text[KS_RECOVERY_KEY_CHARACTERS];
  KsSecret *key = NULL;

  while (key == NULL && self->at < N_CHANGES)
    {
      memcpy (text, self->text, sizeof text);
      if (change (text, self->at++, mistake))
        key = ks_recovery_key_parse (text, sizeof text, NULL);
    }
  ks_wipe (text, sizeof text);
  if (key == NULL)
    *mistake = (KsKeyMistake){ KS_KEY_MISTAKE_NONE, 0 };
  return key;
}
