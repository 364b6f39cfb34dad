/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-phrase-variants.h"

#include <string.h>

typedef struct
{
  const char *text;
  KsPhraseForm form;
  gboolean trimmed;
  gboolean lossy;
} Expected;

static void
assert_variants (const char *phrase, const Expected *expected, guint n)
{
  g_autoptr (KsSecret) secret = ks_secret_new_copy (phrase, strlen (phrase));
  g_auto (KsPhraseVariants) variants = { 0 };

  ks_phrase_variants_init (&variants, secret);
  g_assert_cmpuint (variants.n, ==, n);
  for (guint i = 0; i < n; i++)
    {
      const KsSecret *text = variants.variants[i].text;

      g_assert_cmpmem (ks_secret_bytes (text), ks_secret_size (text), expected[i].text,
                       strlen (expected[i].text));
      g_assert_cmpint (variants.variants[i].form, ==, expected[i].form);
      g_assert_cmpint (variants.variants[i].trimmed, ==, expected[i].trimmed);
      g_assert_cmpint (variants.variants[i].lossy, ==, expected[i].lossy);
    }
}

static void
test_plain_phrase_is_tried_once (void)
{
  const Expected expected[] = { { "correct horse battery staple", KS_PHRASE_AS_GIVEN, FALSE, FALSE } };

  assert_variants ("correct horse battery staple", expected, 1);
}

/* Fault F34: one letter as one character, as two, and as its likeness. */
static void
test_forms_that_look_the_same (void)
{
  const Expected composed[] = { { "caf\u00e9", KS_PHRASE_AS_GIVEN, FALSE, FALSE },
                                { "cafe\u0301", KS_PHRASE_NFD, FALSE, FALSE },
                                { "caf\xe9", KS_PHRASE_LATIN_1, FALSE, FALSE },
                                { "caf?", KS_PHRASE_ASCII, FALSE, TRUE } };
  const Expected decomposed[] = { { "cafe\u0301", KS_PHRASE_AS_GIVEN, FALSE, FALSE },
                                  { "caf\u00e9", KS_PHRASE_NFC, FALSE, FALSE },
                                  { "caf\xe9", KS_PHRASE_LATIN_1, FALSE, FALSE },
                                  { "caf?", KS_PHRASE_ASCII, FALSE, TRUE } };
  const Expected ligature[] = { { "\ufb01n\u00e9", KS_PHRASE_AS_GIVEN, FALSE, FALSE },
                                { "\ufb01ne\u0301", KS_PHRASE_NFD, FALSE, FALSE },
                                { "fin\u00e9", KS_PHRASE_NFKC, FALSE, FALSE },
                                { "?n\xe9", KS_PHRASE_LATIN_1, FALSE, TRUE },
                                { "?n?", KS_PHRASE_ASCII, FALSE, TRUE } };

  assert_variants ("caf\u00e9", composed, G_N_ELEMENTS (composed));
  assert_variants ("cafe\u0301", decomposed, G_N_ELEMENTS (decomposed));
  assert_variants ("\ufb01n\u00e9", ligature, G_N_ELEMENTS (ligature));
}

/* Fault F35. */
static void
test_white_space_around_it (void)
{
  const Expected plain[] = { { " \ta b\n", KS_PHRASE_AS_GIVEN, FALSE, FALSE },
                             { "a b", KS_PHRASE_AS_GIVEN, TRUE, FALSE } };
  /* A blank that is none to NFKC. */
  const Expected wide[] = { { "\u3000\u00e9", KS_PHRASE_AS_GIVEN, FALSE, FALSE },
                            { "\u3000e\u0301", KS_PHRASE_NFD, FALSE, FALSE },
                            { " \u00e9", KS_PHRASE_NFKC, FALSE, FALSE },
                            { "?\xe9", KS_PHRASE_LATIN_1, FALSE, TRUE },
                            { "??", KS_PHRASE_ASCII, FALSE, TRUE },
                            { "\u00e9", KS_PHRASE_AS_GIVEN, TRUE, FALSE },
                            { "e\u0301", KS_PHRASE_NFD, TRUE, FALSE },
                            { "\xe9", KS_PHRASE_LATIN_1, TRUE, FALSE },
                            { "?", KS_PHRASE_ASCII, TRUE, TRUE } };

  assert_variants (" \ta b\n", plain, G_N_ELEMENTS (plain));
  assert_variants ("\u3000\u00e9", wide, G_N_ELEMENTS (wide));
}

/* What Qt's toLatin1() and the like made of a phrase: a "?" for each unit that has no byte. */
static void
test_phrases_that_old_clients_narrowed (void)
{
  const Expected snake[] = { { "\U0001f40d a\u0142", KS_PHRASE_AS_GIVEN, FALSE, FALSE },
                             { "?? a?", KS_PHRASE_LATIN_1, FALSE, TRUE },
                             { "? a?", KS_PHRASE_ASCII, FALSE, TRUE } };

  assert_variants ("\U0001f40d a\u0142", snake, G_N_ELEMENTS (snake));
}

/* Some editors put a mark before the text of a file. */
static void
test_mark_before_it (void)
{
  const Expected marked[] = { { "\ufeffa b", KS_PHRASE_AS_GIVEN, FALSE, FALSE },
                              { "?a b", KS_PHRASE_LATIN_1, FALSE, TRUE },
                              { "a b", KS_PHRASE_AS_GIVEN, TRUE, FALSE } };

  assert_variants ("\ufeffa b", marked, G_N_ELEMENTS (marked));
}

/* Blanks alone can be a phrase as they are; nothing at all is none. */
static void
test_nothing_is_no_phrase (void)
{
  const Expected blanks[] = { { "  ", KS_PHRASE_AS_GIVEN, FALSE, FALSE } };

  assert_variants ("  ", blanks, 1);
  assert_variants ("", NULL, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phrase-variants/plain-phrase-is-tried-once", test_plain_phrase_is_tried_once);
  g_test_add_func ("/phrase-variants/forms-that-look-the-same", test_forms_that_look_the_same);
  g_test_add_func ("/phrase-variants/white-space-around-it", test_white_space_around_it);
  g_test_add_func ("/phrase-variants/phrases-that-old-clients-narrowed",
                   test_phrases_that_old_clients_narrowed);
  g_test_add_func ("/phrase-variants/mark-before-it", test_mark_before_it);
  g_test_add_func ("/phrase-variants/nothing-is-no-phrase", test_nothing_is_no_phrase);
  return g_test_run ();
}
