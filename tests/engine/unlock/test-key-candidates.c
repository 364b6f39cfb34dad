/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-key-candidates.h"

#include <string.h>

/* Every place twice. */
#define ROUNDS (2 * KS_RECOVERY_KEY_CHARACTERS)

static const char base58[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

static void
format_whole (const KsSecret *key, char characters[KS_RECOVERY_KEY_CHARACTERS])
{
  char text[KS_RECOVERY_KEY_LENGTH + 1];
  gsize n = 0;

  g_assert_true (ks_recovery_key_format (key, text));
  for (const char *at = text; *at != '\0'; at++)
    if (*at != ' ')
      characters[n++] = *at;
  g_assert_cmpuint (n, ==, KS_RECOVERY_KEY_CHARACTERS);
}

/* How many candidates there are; where @key is among them, or a mistake of no kind. */
static guint
count_candidates (const char *characters, const KsSecret *key, KsKeyMistake *found)
{
  g_autoptr (KsSecret) text = ks_secret_new_copy (characters, KS_RECOVERY_KEY_CHARACTERS);
  g_auto (KsKeyCandidates) candidates = { 0 };
  KsKeyMistake mistake;
  KsSecret *candidate;
  guint n = 0;

  *found = (KsKeyMistake){ KS_KEY_MISTAKE_NONE, 0 };
  ks_key_candidates_init (&candidates, text);
  while ((candidate = ks_key_candidates_next (&candidates, &mistake)) != NULL)
    {
      n++;
      g_assert_cmpint (mistake.kind, !=, KS_KEY_MISTAKE_NONE);
      if (ks_secret_equal (candidate, key) && found->kind == KS_KEY_MISTAKE_NONE)
        *found = mistake;
      ks_secret_unref (candidate);
    }
  g_assert_cmpint (mistake.kind, ==, KS_KEY_MISTAKE_NONE);
  return n;
}

/* Any letter at any place of any key, the first two included. */
static void
test_mistyped_character_is_found (void)
{
  guint most = 0;
  guint total = 0;

  for (guint round = 0; round < ROUNDS; round++)
    {
      g_autoptr (KsSecret) key = ks_secret_new_random (KS_RECOVERY_KEY_SIZE);
      char characters[KS_RECOVERY_KEY_CHARACTERS];
      guint place = round % KS_RECOVERY_KEY_CHARACTERS;
      KsKeyMistake mistake;
      char right;
      guint n;

      format_whole (key, characters);
      right = characters[place];
      do
        characters[place] = base58[g_random_int_range (0, 58)];
      while (characters[place] == right);
      n = count_candidates (characters, key, &mistake);
      g_assert_cmpint (mistake.kind, ==, KS_KEY_MISTAKE_MISTYPED);
      g_assert_cmpuint (mistake.place, ==, place);
      g_assert_cmpuint (KS_KEY_MISTAKE_GROUP (&mistake), ==, place / 4 + 1);
      most = MAX (most, n);
      total += n;
    }
  g_test_message ("%.1f candidates on average, %u at most", (double) total / ROUNDS, most);
  g_assert_cmpuint (most, <, 64);
}

static void
test_swapped_neighbours_are_found (void)
{
  for (guint round = 0; round < ROUNDS; round++)
    {
      g_autoptr (KsSecret) key = ks_secret_new_random (KS_RECOVERY_KEY_SIZE);
      char characters[KS_RECOVERY_KEY_CHARACTERS];
      guint place = round % (KS_RECOVERY_KEY_CHARACTERS - 1);
      KsKeyMistake mistake;
      char first;

      format_whole (key, characters);
      first = characters[place];
      if (first == characters[place + 1])
        continue;
      characters[place] = characters[place + 1];
      characters[place + 1] = first;
      count_candidates (characters, key, &mistake);
      g_assert_cmpint (mistake.kind, ==, KS_KEY_MISTAKE_SWAPPED);
      g_assert_cmpuint (mistake.place, ==, place);
    }
}

/* 0, O, I and l, which no key holds, and whatever is not ASCII. */
static void
test_letter_of_no_key_is_found (void)
{
  const char wrong[] = "0OIl?";

  for (guint place = 0; place < KS_RECOVERY_KEY_CHARACTERS; place++)
    {
      g_autoptr (KsSecret) key = ks_secret_new_random (KS_RECOVERY_KEY_SIZE);
      char characters[KS_RECOVERY_KEY_CHARACTERS];
      KsKeyMistake mistake;

      format_whole (key, characters);
      characters[place] = wrong[place % strlen (wrong)];
      count_candidates (characters, key, &mistake);
      g_assert_cmpint (mistake.kind, ==, KS_KEY_MISTAKE_MISTYPED);
      g_assert_cmpuint (mistake.place, ==, place);
    }
}

static void
test_two_mistakes_are_not_found (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_RECOVERY_KEY_SIZE);
  char characters[KS_RECOVERY_KEY_CHARACTERS];
  KsKeyMistake mistake;

  format_whole (key, characters);
  characters[10] = characters[10] == 'A' ? 'B' : 'A';
  characters[30] = characters[30] == 'A' ? 'B' : 'A';
  count_candidates (characters, key, &mistake);
  g_assert_cmpint (mistake.kind, ==, KS_KEY_MISTAKE_NONE);
  characters[10] = 'l';
  characters[30] = '0';
  g_assert_cmpuint (count_candidates (characters, key, &mistake), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key-candidates/mistyped-character-is-found", test_mistyped_character_is_found);
  g_test_add_func ("/key-candidates/swapped-neighbours-are-found", test_swapped_neighbours_are_found);
  g_test_add_func ("/key-candidates/letter-of-no-key-is-found", test_letter_of_no_key_is_found);
  g_test_add_func ("/key-candidates/two-mistakes-are-not-found", test_two_mistakes_are_not_found);
  return g_test_run ();
}
