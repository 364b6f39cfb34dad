/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/steps/ks-phrase-words.h"

#include <glib/gi18n.h>

const char *
ks_phrase_words_label (const KsPhraseStrength *strength)
{
  if (strength->empty)
    return "";
  switch (strength->score)
    {
    case 4:
      return _ ("Strong");
    case 3:
      return _ ("Almost There");
    case 2:
      return _ ("Fair");
    default:
      return _ ("Weak");
    }
}

const char *
ks_phrase_words_file_label (const KsPhraseStrength *strength)
{
  return strength->score == KS_PHRASE_STRENGTH_ENOUGH_FOR_FILE ? _ ("Good")
                                                               : ks_phrase_words_label (strength);
}

static const char *
advice_against (KsPhraseWeakness weakness)
{
  switch (weakness)
    {
    case KS_PHRASE_WEAK_NAME:
      return _ ("Leave out your name, your server and what this is for: they are tried first.");
    case KS_PHRASE_WEAK_LOOK_ALIKES:
      return _ ("Replacing letters by look-alikes, such as @ for a, hardly helps. Add another word or two "
                "instead.");
    case KS_PHRASE_WEAK_REPEATED:
      return _ ("Repeated characters and words hardly help. Add another word or two instead.");
    case KS_PHRASE_WEAK_SEQUENCE:
      return _ ("Sequences such as abc or 6543 are tried early. Add another word or two instead.");
    case KS_PHRASE_WEAK_KEYBOARD:
      return _ ("Rows and patterns on the keyboard are tried early. Add another word or two instead.");
    case KS_PHRASE_WEAK_FAMOUS:
      return _ ("Quotations and lyrics are tried early. Choose words that don't belong together.");
    case KS_PHRASE_WEAK_DATE:
      return _ ("Dates and years are tried early. Add another word or two instead.");
    case KS_PHRASE_WEAK_COMMON:
    default:
      return _ ("Add another word or two. Uncommon words are better.");
    }
}

const char *
ks_phrase_words_advice (const KsPhraseStrength *strength)
{
  if (strength->empty)
    return _ (
        "Four or more uncommon words that don't belong together are easy to remember and hard to guess.");
  if (strength->score < KS_PHRASE_STRENGTH_ENOUGH)
    return advice_against (strength->weakness);
  return _ ("As long as nobody else has this sentence: no quotation, no lyrics.");
}

const char *
ks_phrase_words_warning (const KsPhraseStrength *strength)
{
  switch (strength->warning)
    {
    case KS_PHRASE_WARNING_BLANK:
      return _ ("It begins or ends with a blank, which is part of the phrase and easily forgotten.");
    case KS_PHRASE_WARNING_NOT_ASCII:
      return _ ("It has characters that not every keyboard can type, and that some apps may store in another "
                "way. Plain letters are safer.");
    case KS_PHRASE_WARNING_PASSWORD:
      return _ ("This is your account password. Whoever learns it could open your backup too: choose "
                "something else.");
    case KS_PHRASE_WARNING_NONE:
    default:
      return NULL;
    }
}
