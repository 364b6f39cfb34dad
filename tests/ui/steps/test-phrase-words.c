/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/steps/ks-phrase-words.h"

#include <string.h>

static void
test_every_weakness_has_advice_of_its_own (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (int i = KS_PHRASE_WEAK_COMMON; i <= KS_PHRASE_WEAK_DATE; i++)
    {
      KsPhraseStrength strength = { .score = 1, .weakness = (KsPhraseWeakness) i };

      g_assert_true (g_hash_table_add (seen, (gpointer) ks_phrase_words_advice (&strength)));
    }
}

static void
test_warnings (void)
{
  KsPhraseStrength strength = { .score = 4 };

  g_assert_null (ks_phrase_words_warning (&strength));
  strength.warning = KS_PHRASE_WARNING_PASSWORD;
  g_assert_nonnull (strstr (ks_phrase_words_warning (&strength), "account password"));
  strength.warning = KS_PHRASE_WARNING_BLANK;
  g_assert_nonnull (strstr (ks_phrase_words_warning (&strength), "blank"));
  strength.warning = KS_PHRASE_WARNING_NOT_ASCII;
  g_assert_nonnull (strstr (ks_phrase_words_warning (&strength), "keyboard"));
}

static void
test_labels (void)
{
  KsPhraseStrength strength = { .empty = TRUE };

  g_assert_cmpstr (ks_phrase_words_label (&strength), ==, "");
  g_assert_nonnull (strstr (ks_phrase_words_advice (&strength), "Four or more"));
  strength.empty = FALSE;
  g_assert_cmpstr (ks_phrase_words_label (&strength), ==, "Weak");
  strength.score = 4;
  g_assert_cmpstr (ks_phrase_words_label (&strength), ==, "Strong");
  g_assert_nonnull (strstr (ks_phrase_words_advice (&strength), "nobody else has"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phrase-words/advice", test_every_weakness_has_advice_of_its_own);
  g_test_add_func ("/phrase-words/warnings", test_warnings);
  g_test_add_func ("/phrase-words/labels", test_labels);
  return g_test_run ();
}
