/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-phrase-variants.h"

#include <string.h>

typedef struct
{
  const char *text;
  KsPhraseForm form;
  gboolean trimmed;
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
    }
}

static void
test_plain_phrase_is_tried_once (void)
{
  const Expected expected[] = { { "correct horse battery staple", KS_PHRASE_AS_GIVEN, FALSE } };

  assert_variants ("correct horse battery staple", expected, 1);
}

/* Fault F34: one letter as one character, as two, and as its likeness. */
static void
test_forms_that_look_the_same (void)
{
  const Expected composed[] = { { "caf\u00e9", KS_PHRASE_AS_GIVEN, FALSE },
                                { "cafe\u0301", KS_PHRASE_NFD, FALSE } };
  const Expected decomposed[] = { { "cafe\u0301", KS_PHRASE_AS_GIVEN, FALSE },
                                  { "caf\u00e9", KS_PHRASE_NFC, FALSE } };
  const Expected ligature[] = { { "\ufb01n\u00e9", KS_PHRASE_AS_GIVEN, FALSE },
                                { "\ufb01ne\u0301", KS_PHRASE_NFD, FALSE },
                                { "fin\u00e9", KS_PHRASE_NFKC, FALSE } };

  assert_variants ("caf\u00e9", composed, G_N_ELEMENTS (composed));
  assert_variants ("cafe\u0301", decomposed, G_N_ELEMENTS (decomposed));
  assert_variants ("\ufb01n\u00e9", ligature, G_N_ELEMENTS (ligature));
}

/* Fault F35. */
static void
test_white_space_around_it (void)
{
  const Expected plain[] = { { " \ta b\n", KS_PHRASE_AS_GIVEN, FALSE }, { "a b", KS_PHRASE_AS_GIVEN, TRUE } };
  /* A blank that is none to NFKC. */
  const Expected wide[] = { { "\u3000\u00e9", KS_PHRASE_AS_GIVEN, FALSE },
                            { "\u3000e\u0301", KS_PHRASE_NFD, FALSE },
                            { " \u00e9", KS_PHRASE_NFKC, FALSE },
                            { "\u00e9", KS_PHRASE_AS_GIVEN, TRUE },
                            { "e\u0301", KS_PHRASE_NFD, TRUE } };

  assert_variants (" \ta b\n", plain, G_N_ELEMENTS (plain));
  assert_variants ("\u3000\u00e9", wide, G_N_ELEMENTS (wide));
}

/* Blanks alone can be a phrase as they are; nothing at all is none. */
static void
test_nothing_is_no_phrase (void)
{
  const Expected blanks[] = { { "  ", KS_PHRASE_AS_GIVEN, FALSE } };

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
  g_test_add_func ("/phrase-variants/nothing-is-no-phrase", test_nothing_is_no_phrase);
  return g_test_run ();
}
