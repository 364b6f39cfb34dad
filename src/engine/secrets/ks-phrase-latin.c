/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-phrase-latin.h"

#include "engine/secrets/ks-phrase-famous.h"

#include <string.h>
#include <zxcvbn.h>

/* libzxcvbn has lists of words and names by how often they are used, and gives log2 of
 * the place in the list. */
#define BITS_UNCOMMON 10.0   /* beyond the first thousand */
#define BITS_COMMON_MOST 7.0 /* the words around it make a common one, or one of three letters, likely */
#define BITS_WHICH_LIST 1.0  /* an uncommon one may come from any of the lists */
#define BITS_FAMOUS 10.0     /* a whole sentence that everybody knows */
/* A word in none of the lists, between others, is one of another language, or a name; as
 * for the letters of other scripts. */
#define BITS_LETTER 2.3
/* "Password!1": rules for what is put behind a word come with every guessing program. */
#define BITS_BEHIND 2.0
#define MOST_BEHIND 4

typedef struct
{
  const char *const *words;                 /* borrowed */
  KsPhraseLatin *seen;                      /* borrowed */
  char before[KS_PHRASE_STRENGTH_READ + 2]; /* the words so far, in lower case, with a blank behind each */
  gsize n_before;
} Sentence;

static KsPhraseWeakness
weakness_of (int match)
{
  switch (match)
    {
    case USER_MATCH:
    case USER_LEET_MATCH:
      return KS_PHRASE_WEAK_NAME;
    case DICT_LEET_MATCH:
      return KS_PHRASE_WEAK_LOOK_ALIKES;
    case REPEATS_MATCH:
      return KS_PHRASE_WEAK_REPEATED;
    case SEQUENCE_MATCH:
      return KS_PHRASE_WEAK_SEQUENCE;
    case SPATIAL_MATCH:
      return KS_PHRASE_WEAK_KEYBOARD;
    case DATE_MATCH:
    case YEAR_MATCH:
      return KS_PHRASE_WEAK_DATE;
    default:
      return KS_PHRASE_WEAK_COMMON;
    }
}

/* The part that somebody would try earliest is the one to speak of. */
static void
note_weakness (KsPhraseLatin *seen, KsPhraseWeakness weakness, double bits_per_character)
{
  if (seen->weak && bits_per_character >= seen->weakest)
    return;
  seen->weak = TRUE;
  seen->weakest = bits_per_character;
  seen->weakness = weakness;
}

static void
note_match (KsPhraseLatin *seen, const ZxcMatch_t *match)
{
  int type = match->Type >= MULTIPLE_MATCH ? REPEATS_MATCH : (int) match->Type;

  if (type != NON_MATCH && type != BRUTE_MATCH && type != LONG_PWD_MATCH && match->Length > 0)
    note_weakness (seen, weakness_of (type), match->Entrpy / match->Length);
}

/* Whether the part stood there before. Of two characters that is chance. */
static bool
is_repeated (const Sentence *sentence, const char *text, const ZxcMatch_t *match)
{
  char part[KS_PHRASE_STRENGTH_READ + 1];
  char earlier[KS_PHRASE_STRENGTH_READ + 1];
  bool repeated;

  if (match->Length < 3)
    return false;
  for (int i = 0; i < match->Length; i++)
    part[i] = g_ascii_tolower (text[match->Begin + i]);
  part[match->Length] = '\0';
  for (int i = 0; i < match->Begin; i++)
    earlier[i] = g_ascii_tolower (text[i]);
  earlier[match->Begin] = '\0';
  repeated = strstr (earlier, part) != NULL || strstr (sentence->before, part) != NULL;
  ks_wipe (part, sizeof part);
  ks_wipe (earlier, sizeof earlier);
  return repeated;
}

/* Whether nothing but a few digits and signs follow in @text. */
static bool
is_behind (const char *text)
{
  gsize n = strlen (text);

  for (gsize i = 0; i < n; i++)
    if (g_ascii_isalpha (text[i]))
      return false;
  return n <= MOST_BEHIND;
}

static double
bits_of_match (const ZxcMatch_t *match)
{
  switch (match->Type % MULTIPLE_MATCH)
    {
    case DICTIONARY_MATCH:
    case DICT_LEET_MATCH:
      return match->Entrpy < BITS_UNCOMMON ? MIN (match->Entrpy, BITS_COMMON_MOST)
                                           : match->Entrpy + BITS_WHICH_LIST;
    case USER_MATCH:
      return 0;
    case USER_LEET_MATCH:
      return MIN (match->Entrpy, BITS_COMMON_MOST);
    default:
      return match->Entrpy;
    }
}

/* @known: whether the whole of @text is one entry of a list. */
static double
bits_of_text (const Sentence *sentence, const char *text, bool *known)
{
  const char **words = (const char **) sentence->words;
  ZxcMatch_t *matches = NULL;
  double bits = 0;
  int word = NON_MATCH; /* what the last word was */

  ZxcvbnMatch (text, words, &matches);
  *known = matches != NULL && matches->Next == NULL && matches->Type != BRUTE_MATCH;
  for (const ZxcMatch_t *match = matches; match != NULL; match = match->Next)
    {
      int type = match->Type % MULTIPLE_MATCH;

      note_match (sentence->seen, match);
      if (word != NON_MATCH && is_behind (text + match->Begin))
        {
          /* "alice1985" is as much the name as "alice". */
          if (word == DICTIONARY_MATCH)
            bits += BITS_BEHIND * match->Length;
        }
      else if (is_repeated (sentence, text, match))
        note_weakness (sentence->seen, KS_PHRASE_WEAK_REPEATED, 0);
      else
        bits += bits_of_match (match);
      if (type == DICTIONARY_MATCH || type == DICT_LEET_MATCH)
        word = DICTIONARY_MATCH;
      else if (type == USER_MATCH || type == USER_LEET_MATCH)
        word = USER_MATCH;
    }
  ZxcvbnFreeInfo (matches);
  return bits;
}

/* "Word" and "WORD" are tried with "word". */
static void
without_capitals (char *word)
{
  gsize n = strlen (word);
  gsize lower = 0;
  gsize upper = 0;

  for (gsize i = 1; i < n; i++)
    {
      lower += g_ascii_islower (word[i]);
      upper += g_ascii_isupper (word[i]);
    }
  if (lower > 0 && upper > 0)
    return;
  for (gsize i = 0; i < n; i++)
    word[i] = g_ascii_tolower (word[i]);
}

static double
bits_of_word (Sentence *sentence, char *word)
{
  gsize n = strlen (word);
  gsize n_letters = 0;
  bool known = false;
  double bits;

  without_capitals (word);
  bits = bits_of_text (sentence, word, &known);
  for (gsize i = 0; i < n; i++)
    {
      n_letters += g_ascii_isalpha (word[i]);
      sentence->before[sentence->n_before++] = g_ascii_tolower (word[i]);
    }
  sentence->before[sentence->n_before++] = ' ';
  sentence->before[sentence->n_before] = '\0';
  if (n_letters < n)
    return bits;
  if (n < 4)
    return MIN (bits, BITS_COMMON_MOST);
  return known ? bits : MIN (bits, BITS_LETTER * n);
}

/* A blank, or a sign that stands for one: "to.be-or not_to be". */
static bool
divides (const char *text, gsize i)
{
  return text[i] == ' '
         || (i > 0 && strchr ("-_.,;:/", text[i]) != NULL && g_ascii_isalpha (text[i - 1])
             && g_ascii_isalpha (text[i + 1]));
}

/* Makes all that divides words zero. Returns the number of words. */
static gsize
divide (char *text, gsize n)
{
  gsize n_words = 0;
  bool in_word = false;

  for (gsize i = 0; i < n; i++)
    {
      if (divides (text, i))
        {
          text[i] = '\0';
          in_word = false;
        }
      else if (!in_word)
        {
          in_word = true;
          n_words++;
        }
    }
  return n_words;
}

static double
bits_of_words (Sentence *sentence, char *text, gsize n)
{
  double bits = 0;

  for (gsize i = 0; i < n; i++)
    if (text[i] != '\0' && (i == 0 || text[i - 1] == '\0'))
      bits += bits_of_word (sentence, text + i);
  return bits;
}

/* The same without what divides the words: "p a s s w o r d". */
static double
bits_of_joined (Sentence *sentence, char *text, gsize n)
{
  gsize n_joined = 0;
  bool known;

  for (gsize i = 0; i < n; i++)
    if (text[i] != '\0')
      text[n_joined++] = text[i];
  text[n_joined] = '\0';
  sentence->before[0] = '\0';
  return n_joined > 0 ? bits_of_text (sentence, text, &known) : 0;
}

void
ks_phrase_latin_judge (char *text, const char *const *words, KsPhraseLatin *seen)
{
  Sentence sentence = { .words = words, .seen = seen };
  gsize size = strlen (text);
  gsize n_famous = ks_phrase_famous_cut (text);
  gsize n = strlen (text);
  double bits = G_MAXDOUBLE;
  double joined;

  if (n_famous > 0)
    note_weakness (seen, KS_PHRASE_WEAK_FAMOUS, -1);
  if (divide (text, n) > 1)
    bits = bits_of_words (&sentence, text, n);
  joined = bits_of_joined (&sentence, text, n);
  seen->bits += MIN (bits, joined) + BITS_FAMOUS * n_famous;
  ks_wipe (text, size);
  ks_wipe (&sentence, sizeof sentence);
}
