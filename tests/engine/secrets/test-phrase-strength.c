/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-phrase-strength.h"

#include <string.h>

typedef struct
{
  const char *name;
  const char *phrase;
  guint least; /* score */
  guint most;
} Case;

static const Case phrases[] = {
  { "empty", "", 0, 0 },
  { "one-letter", "a", 0, 0 },
  /* Everybody's. */
  { "password", "password", 0, 0 },
  { "123456", "123456", 0, 0 },
  { "sunshine1", "sunshine1", 0, 1 },
  { "leet", "P@ssw0rd!", 0, 1 },
  { "trustno1", "trustno1", 0, 0 },
  /* Common words, however many of them make a sentence. */
  { "i-love-you", "i love you very much", 0, 2 },
  { "love-with-capitals", "I LOVE You Very MUCH", 0, 2 },
  { "let-me-in", "let me in please", 0, 2 },
  { "football-club", "liverpool football club", 0, 2 },
  { "do-not-forget", "please do not forget my new password", 0, 3 },
  { "three-uncommon", "otter lantern quietly", 3, 3 },
  { "another-language", "ich liebe dich sehr", 0, 3 },
  { "spelt", "p a s s w o r d", 0, 1 },
  { "divided-by-signs", "let-me.in_please", 0, 2 },
  /* Sentences that everybody knows. */
  { "hamlet", "to be or not to be", 0, 2 },
  { "hamlet-with-signs", "To be, or not to be?", 0, 2 },
  { "hamlet-in-one", "ToBeOrNotToBe", 0, 2 },
  { "hamlet-whole", "to be or not to be that is the question", 0, 2 },
  { "lamb", "mary had a little lamb", 0, 2 },
  { "force", "may the force be with you", 0, 2 },
  { "fox", "the quick brown fox jumps", 0, 3 },
  { "week", "monday tuesday wednesday thursday friday", 0, 3 },
  { "whole-fox", "The quick brown fox jumps over the lazy dog.", 0, 2 },
  { "four-words-of-the-cartoon", "correct horse battery staple", 0, 2 },
  { "troubadour-of-the-cartoon", "Tr0ub4dor&3", 0, 2 },
  { "troubadour", "Tr0ub4dour&3", 0, 2 },
  { "known-and-own", "correct horse battery staple otter lantern quietly brass", 4, 4 },
  /* Four or more that are uncommon. */
  { "brass-otter", "brass otter lantern quietly", 4, 4 },
  { "brass-otter-with-signs", "Brass-Otter-Lantern-Quietly", 4, 4 },
  { "pencil-gravity", "walrus pencil gravity marmalade", 4, 4 },
  { "german-words", "messing fischotter laterne leise", 4, 4 },
  { "sentence-of-ones-own", "grandma hid nine pickled walnuts under the harmonium", 4, 4 },
  { "for-a-file", "seven silver sails", 3, 3 },
  { "for-a-file-longer", "seven silver sails over the harbour", 3, 4 },
  { "random-letters", "hufxyz-Vykvi8-kixpom", 4, 4 },
  { "random-twelve", "x7Kq!mW2#rTz", 4, 4 },
  { "keyboard-row", "qwertyuiop", 0, 1 },
  { "keyboard-zigzag", "qwertyuiopasdfghjklzxcvbnm", 0, 3 },
  { "sequence", "abcdefghijklmnopqrstuvwxyz", 0, 1 },
  { "repeated", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0, 1 },
  { "repeated-word", "sunshinesunshinesunshine", 0, 2 },
  { "date", "24.12.1985", 0, 1 },
  /* What somebody who knows the account tries first. */
  { "user-id", "@alice:example.org", 0, 1 },
  { "user-and-app", "alice keepsake", 0, 1 },
  { "local-part-twice", "alicealice", 0, 0 },
  { "local-part-with-digits", "alice alice2 alice3", 0, 0 },
  { "name-in-a-sentence", "my name is alice", 0, 2 },
  { "name-and-cats", "alice likes cats", 0, 2 },
  { "word-four-times", "lantern lantern Lantern lantern2", 0, 1 },
  { "server-and-year", "example.org1985", 0, 2 },
  /* Other scripts: words of them, not bytes. */
  { "russian-password", "пароль", 0, 1 },
  { "russian-word", "колокольчик", 0, 2 },
  { "russian-four-words", "латунная выдра тихонько фонарь", 4, 4 },
  { "russian-keyboard", "йцукенгшщзхъфывапролджэ", 0, 2 },
  { "arabic-word", "مدرسة", 0, 1 },
  { "arabic-five-words", "نحاس ثعلب فانوس بهدوء جبل قمر", 4, 4 },
  { "chinese-word", "密码", 0, 1 },
  { "chinese-three", "我爱你", 0, 1 },
  { "chinese-four-words", "黄铜水獭安静灯笼", 4, 4 },
  { "chinese-repeated", "密码密码密码密码密码", 0, 2 },
  { "chinese-one-repeated", "好好好好好好好好好好好好", 0, 2 },
  { "korean-word", "비밀번호", 0, 2 },
  { "hiragana-sequence", "あぃいぅうぇえぉお", 0, 1 },
  { "one-emoji", "🔑", 0, 0 },
  { "emoji-repeated", "😀😀😀😀😀😀😀😀😀😀", 0, 1 },
  { "family-emoji-is-few", "👨‍👩‍👧", 0, 2 },
  /* Other ways to write the same. */
  { "full-width", "ｐａｓｓｗｏｒｄ", 0, 0 },
  { "diacritics", "pässwörd", 0, 0 },
  { "ligature", "ﬁreﬁre", 0, 1 },
  { "arabic-digits", "١٢٣٤٥٦", 0, 0 },
  { "only-blanks", "                    ", 0, 1 },
  { "invisible", "\xe2\x80\x8b\xe2\x80\x8b\xe2\x80\x8b\xe2\x80\x8b", 0, 0 },
  { "not-utf-8", "\xff\xfe\xff\xfe\xff\xfe", 0, 0 },
};

static KsPhraseStrength
judge (const char *phrase)
{
  g_auto (GStrv) words = ks_phrase_strength_words ("@alice:example.org", "https://matrix.example.org");
  KsPhraseStrength strength;

  ks_phrase_strength_judge (phrase, (const char *const *) words, NULL, NULL, &strength);
  return strength;
}

static void
test_score (gconstpointer data)
{
  const Case *c = data;
  KsPhraseStrength strength = judge (c->phrase);

  g_test_message ("%s: %.1f bits, score %u", c->name, strength.bits, strength.score);
  g_assert_cmpuint (strength.score, >=, c->least);
  g_assert_cmpuint (strength.score, <=, c->most);
}

/* More of it is never worse by much, and a long one costs no more than its beginning. */
static void
test_four_kilobytes_take_no_time (void)
{
  g_autoptr (GString) phrase = g_string_new (NULL);
  g_autoptr (GString) alternating = g_string_new (NULL);
  gint64 start = g_get_monotonic_time ();

  while (phrase->len < 4096)
    g_string_append_printf (phrase, "%lx ", phrase->len * 2654435761UL % 65521);
  while (alternating->len < 4096)
    g_string_append (alternating, "xя");
  g_assert_cmpuint (judge (phrase->str).score, ==, 4);
  g_assert_cmpuint (judge (alternating->str).score, >=, 1);
  /* Read whole, libzxcvbn needs minutes for them. */
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
}

static void
test_characters_beyond_the_read_ones_add_nothing (void)
{
  g_autofree char *once = g_strnfill (KS_PHRASE_STRENGTH_READ, 'a');
  g_autofree char *more = g_strconcat (once, "correct horse battery staple", NULL);

  g_assert_cmpfloat (judge (more).bits, ==, judge (once).bits);
}

static void
test_what_is_known_or_repeated_adds_nothing (void)
{
  double bits = judge ("brass otter lantern quietly").bits;

  g_assert_cmpfloat (judge ("brass otter lantern quietly alice").bits, ==, bits);
  g_assert_cmpfloat (judge ("brass otter lantern quietly alice1985").bits, ==, bits);
  g_assert_cmpfloat (judge ("brass otter lantern quietly otter").bits, ==, bits);
  g_assert_cmpfloat (judge ("brass otter lantern quietly Otter").bits, ==, bits);
  g_assert_cmpfloat (judge ("brass otter lantern quietly marmot").bits, >, bits + 5);
}

static bool
is_hunter2 (KsSecret *phrase, gpointer data)
{
  (*(guint *) data)++;
  return ks_secret_size (phrase) == strlen ("brass otter lantern quietly")
         && memcmp (ks_secret_bytes (phrase), "brass otter lantern quietly", ks_secret_size (phrase)) == 0;
}

static void
test_account_password_is_never_enough (void)
{
  KsPhraseStrength strength;
  guint asked = 0;

  ks_phrase_strength_judge ("brass otter lantern quietly", NULL, is_hunter2, &asked, &strength);
  g_assert_cmpuint (asked, ==, 1);
  g_assert_cmpuint (strength.score, ==, 0);
  g_assert_cmpint (strength.warning, ==, KS_PHRASE_WARNING_PASSWORD);

  ks_phrase_strength_judge ("brass otter lantern quietest", NULL, is_hunter2, &asked, &strength);
  g_assert_cmpuint (asked, ==, 2);
  g_assert_cmpuint (strength.score, ==, 4);
  g_assert_cmpint (strength.warning, ==, KS_PHRASE_WARNING_NONE);

  ks_phrase_strength_judge ("", NULL, is_hunter2, &asked, &strength);
  g_assert_cmpuint (asked, ==, 2);
}

/* Faults F34 and F35: while there is still time to choose another. */
static void
test_what_will_be_regretted_is_said (void)
{
  g_assert_cmpint (judge (" correct horse battery staple").warning, ==, KS_PHRASE_WARNING_BLANK);
  g_assert_cmpint (judge ("correct horse battery staple ").warning, ==, KS_PHRASE_WARNING_BLANK);
  g_assert_cmpint (judge ("correct horse\xc2\xa0").warning, ==, KS_PHRASE_WARNING_BLANK);
  g_assert_cmpint (judge ("corrèct horse battery staple").warning, ==, KS_PHRASE_WARNING_NOT_ASCII);
  g_assert_cmpint (judge ("correct horse battery staple").warning, ==, KS_PHRASE_WARNING_NONE);
  g_assert_cmpint (judge ("").warning, ==, KS_PHRASE_WARNING_NONE);
}

static void
test_weakness_is_what_makes_it_weak (void)
{
  g_assert_cmpint (judge ("rtyuijhgfdcvb").weakness, ==, KS_PHRASE_WEAK_KEYBOARD);
  g_assert_cmpint (judge ("alice example").weakness, ==, KS_PHRASE_WEAK_NAME);
  g_assert_cmpint (judge ("24.12.1985").weakness, ==, KS_PHRASE_WEAK_DATE);
  g_assert_cmpint (judge ("aaaaaaaa").weakness, ==, KS_PHRASE_WEAK_REPEATED);
  g_assert_cmpint (judge ("sunshine").weakness, ==, KS_PHRASE_WEAK_COMMON);
  g_assert_cmpint (judge ("to be or not to be").weakness, ==, KS_PHRASE_WEAK_FAMOUS);
  g_assert_cmpint (judge ("otter otter").weakness, ==, KS_PHRASE_WEAK_REPEATED);
  g_assert_true (judge ("").empty);
  g_assert_false (judge ("sunshine").empty);
}

static void
test_words_of_the_account (void)
{
  g_auto (GStrv) words = ks_phrase_strength_words ("@Alice.B:example.org:8448", "https://matrix.example.org");
  g_auto (GStrv) none = ks_phrase_strength_words (NULL, NULL);
  const char *const *all = (const char *const *) words;

  g_assert_true (g_strv_contains (all, "@alice.b:example.org:8448"));
  g_assert_true (g_strv_contains (all, "alice"));
  g_assert_true (g_strv_contains (all, "example"));
  g_assert_true (g_strv_contains (all, "keepsake"));
  g_assert_false (g_strv_contains (all, "b"));
  g_assert_true (g_strv_contains ((const char *const *) none, "matrix"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (ks_secret_init ());
  for (gsize i = 0; i < G_N_ELEMENTS (phrases); i++)
    {
      g_autofree char *path = g_strconcat ("/phrase-strength/score/", phrases[i].name, NULL);

      g_test_add_data_func (path, &phrases[i], test_score);
    }
  g_test_add_func ("/phrase-strength/four-kilobytes", test_four_kilobytes_take_no_time);
  g_test_add_func ("/phrase-strength/beyond-the-read-ones", test_characters_beyond_the_read_ones_add_nothing);
  g_test_add_func ("/phrase-strength/adds-nothing", test_what_is_known_or_repeated_adds_nothing);
  g_test_add_func ("/phrase-strength/account-password", test_account_password_is_never_enough);
  g_test_add_func ("/phrase-strength/regretted", test_what_will_be_regretted_is_said);
  g_test_add_func ("/phrase-strength/advice", test_weakness_is_what_makes_it_weak);
  g_test_add_func ("/phrase-strength/words", test_words_of_the_account);
  return g_test_run ();
}
