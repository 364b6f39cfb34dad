/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-phrase-strength.h"

#include "engine/secrets/ks-phrase-latin.h"

#include <string.h>

/* What is known while a phrase is read from its beginning to its end. */
typedef struct
{
  const char *const *words;                /* borrowed */
  char latin[KS_PHRASE_STRENGTH_READ + 1]; /* Latin characters that are not judged yet */
  gsize n_latin;
  gunichar other[KS_PHRASE_STRENGTH_READ]; /* all characters of other scripts so far */
  gsize n_other;
  gsize n_read; /* characters of both kinds */
  double bits;  /* of other scripts */
  KsPhraseLatin of_latin;
} Reading;

/* Bits a character. A list of the most common words of a script, tried two and three at
 * a time, is what the guesser has; these are what such words come to per character, not
 * what the alphabet would allow. */
#define BITS_HAN 6.0      /* as of an alphabet of 64: words of two from a list of 4,096 */
#define BITS_SYLLABLE 4.0 /* Hangul: words of three from a list of 4,096 */
#define BITS_KANA 3.0     /* as of an alphabet of 8 */
#define BITS_LETTER 2.3   /* as of an alphabet of 5: Cyrillic, Arabic, Greek, Thai … */
#define BITS_SIGN 4.0     /* emoji and signs: the 16 that everybody takes */
#define BITS_FOLLOWS 0.5  /* repeated, or next to the one before it in order or on the keyboard */

/* Rows of keyboards that libzxcvbn does not know. */
static const char *const keyboard_rows[] = {
  "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "ضصثقفغعهخحجد",
  "شسيبلاتنمكط",  "ئءؤرلاىةوزظ", "ςερτυθιοπ", "ασδφγηξκλ",
};

static double
bits_of_script (gunichar c)
{
  switch (g_unichar_get_script (c))
    {
    case G_UNICODE_SCRIPT_HAN:
      return BITS_HAN;
    case G_UNICODE_SCRIPT_HANGUL:
      return BITS_SYLLABLE;
    case G_UNICODE_SCRIPT_HIRAGANA:
    case G_UNICODE_SCRIPT_KATAKANA:
      return BITS_KANA;
    case G_UNICODE_SCRIPT_COMMON:
      return BITS_SIGN;
    default:
      return BITS_LETTER;
    }
}

static bool
side_by_side (gunichar a, gunichar b)
{
  if (a == b || a + 1 == b || b + 1 == a)
    return true;
  for (gsize i = 0; i < G_N_ELEMENTS (keyboard_rows); i++)
    {
      const char *at = g_utf8_strchr (keyboard_rows[i], -1, a);
      const char *other = g_utf8_strchr (keyboard_rows[i], -1, b);

      if (at != NULL && other != NULL && (g_utf8_next_char (at) == other || g_utf8_next_char (other) == at))
        return true;
    }
  return false;
}

/* Whether the two characters followed each other before: a part is repeated. */
static bool
seen_before (const Reading *reading, gunichar a, gunichar b)
{
  for (gsize i = 0; i + 2 < reading->n_other; i++)
    if (reading->other[i] == a && reading->other[i + 1] == b)
      return true;
  return false;
}

static void
add_other (Reading *reading, gunichar c)
{
  gunichar before = reading->n_other > 0 ? reading->other[reading->n_other - 1] : 0;

  reading->other[reading->n_other++] = c;
  if (before != 0 && (side_by_side (before, c) || seen_before (reading, before, c)))
    reading->bits += BITS_FOLLOWS;
  else
    reading->bits += bits_of_script (c);
}

static void
judge_latin (Reading *reading)
{
  if (reading->n_latin == 0)
    return;
  reading->latin[reading->n_latin] = '\0';
  ks_phrase_latin_judge (reading->latin, reading->words, &reading->of_latin);
  reading->n_latin = 0;
}

/* As what libzxcvbn knows: letters without their marks ("ä", full-width "Ａ", the ligature
 * "ﬁ"), and digits of any script. Returns how many characters it came to. */
static gsize
to_latin (gunichar c, char latin[G_UNICHAR_MAX_DECOMPOSITION_LENGTH])
{
  gunichar parts[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
  gsize n = g_unichar_fully_decompose (c, TRUE, parts, G_N_ELEMENTS (parts));
  gsize n_latin = 0;

  for (gsize i = 0; i < n; i++)
    {
      int digit = g_unichar_digit_value (parts[i]);

      if (digit >= 0)
        latin[n_latin++] = (char) ('0' + digit);
      else if (parts[i] >= 0x20 && parts[i] < 0x7f)
        latin[n_latin++] = (char) parts[i];
    }
  ks_wipe (parts, sizeof parts);
  return n_latin;
}

static bool
is_unseen (gunichar c)
{
  return !g_unichar_isdefined (c) || g_unichar_iscntrl (c) || g_unichar_iszerowidth (c)
         || g_unichar_ismark (c);
}

static void
read_character (Reading *reading, gunichar c)
{
  char latin[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
  gsize n = to_latin (c, latin);

  if (n == 0)
    {
      judge_latin (reading);
      if (!is_unseen (c))
        {
          add_other (reading, c);
          reading->n_read++;
        }
      return;
    }
  /* A blank between words of another script is expected there. */
  if (latin[0] == ' ' && reading->n_latin == 0 && reading->n_other > 0)
    return;
  for (gsize i = 0; i < n && reading->n_read < KS_PHRASE_STRENGTH_READ; i++)
    {
      reading->latin[reading->n_latin++] = latin[i];
      reading->n_read++;
    }
  ks_wipe (latin, sizeof latin);
}

static double
bits_of (Reading *reading, const char *phrase)
{
  const char *end = phrase + strlen (phrase);

  while (phrase < end && reading->n_read < KS_PHRASE_STRENGTH_READ)
    {
      gunichar c = g_utf8_get_char_validated (phrase, end - phrase);
      bool valid = c != (gunichar) -1 && c != (gunichar) -2;

      if (valid)
        read_character (reading, c);
      phrase = valid ? g_utf8_next_char (phrase) : phrase + 1;
    }
  judge_latin (reading);
  return reading->bits + reading->of_latin.bits;
}

/* One graphics card of 2024 tries some 3,000 of these phrases in a second: PBKDF2 with
 * 500,000 rounds. Somebody with a hundred of them tries 2^42 in half a year; four words
 * that are uncommon, of which one may be less so, are beyond that. For a room-key file,
 * 2^26: six hours of one card, which stop the one who finds it and no more. */
static guint
score_of (double bits)
{
  return bits < 10 ? 0 : bits < 20 ? 1 : bits < 26 ? 2 : bits < 42 ? 3 : 4;
}

static bool
is_account_password (const char *phrase, KsIsPassword is_password, gpointer data)
{
  g_autoptr (KsSecret) secret = NULL;

  if (is_password == NULL || phrase[0] == '\0')
    return false;
  secret = ks_secret_new_copy (phrase, strlen (phrase));
  return is_password (secret, data);
}

static KsPhraseWarning
warning_of (const char *phrase)
{
  gsize length = strlen (phrase);
  const char *last = length > 0 ? g_utf8_find_prev_char (phrase, phrase + length) : NULL;

  if (last != NULL
      && (g_unichar_isspace (g_utf8_get_char_validated (phrase, -1))
          || g_unichar_isspace (g_utf8_get_char_validated (last, -1))))
    return KS_PHRASE_WARNING_BLANK;
  for (const char *at = phrase; *at != '\0'; at++)
    if ((guchar) *at >= 0x80)
      return KS_PHRASE_WARNING_NOT_ASCII;
  return KS_PHRASE_WARNING_NONE;
}

void
ks_phrase_strength_judge (const char *phrase,
                          const char *const *words,
                          KsIsPassword is_password,
                          gpointer data,
                          KsPhraseStrength *strength)
{
  Reading reading = { .words = words };

  strength->bits = bits_of (&reading, phrase);
  strength->score = score_of (strength->bits);
  strength->warning = warning_of (phrase);
  if (is_account_password (phrase, is_password, data))
    {
      strength->bits = 0;
      strength->score = 0;
      strength->warning = KS_PHRASE_WARNING_PASSWORD;
    }
  strength->empty = reading.n_read == 0;
  strength->weakness = reading.of_latin.weak ? reading.of_latin.weakness : KS_PHRASE_WEAK_COMMON;
  ks_wipe (&reading, sizeof reading);
}

/* libzxcvbn looks for each word as it is. */
static void
add_with_parts (GPtrArray *words, const char *text)
{
  g_auto (GStrv) parts = NULL;

  if (text == NULL)
    return;
  g_ptr_array_add (words, g_ascii_strdown (text, -1));
  parts = g_strsplit_set (text, "@:/._-=+", -1);
  for (gsize i = 0; parts[i] != NULL; i++)
    /* Shorter ones are in every other word. */
    if (strlen (parts[i]) >= 3)
      g_ptr_array_add (words, g_ascii_strdown (parts[i], -1));
}

char **
ks_phrase_strength_words (const char *user_id, const char *homeserver)
{
  static const char *const ours[] = { "keepsake", "matrix",   "element", "backup",
                                      "security", "recovery", "secure",  "phrase" };
  GPtrArray *words = g_ptr_array_new ();

  add_with_parts (words, user_id);
  add_with_parts (words, homeserver);
  for (gsize i = 0; i < G_N_ELEMENTS (ours); i++)
    g_ptr_array_add (words, g_strdup (ours[i]));
  g_ptr_array_add (words, NULL);
  return (char **) g_ptr_array_free (words, FALSE);
}
